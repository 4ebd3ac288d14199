"""Network interfaces that services own in their customers' subnets: load balancers, tasks, gateways.

They are what keeps a subnet, a security group or a gateway from going: the rules ask moto's interfaces, so whoever puts
something into a subnet takes an interface here and gives it back when AWS would.
"""

from collections.abc import Iterator
from typing import Any

from .wire import AwsError
from .world import World


def take(world: World, region: str, subnet: str, groups: list[str], **about: Any) -> Any:
    """A service's interface in a subnet. `about`: `description`, `requester` (who owns it), `public` (has a public
    address), `kind` (its interface type), `tags`."""
    ec2 = world.backend("ec2", region)
    for group in groups:
        # moto would make an unknown group on the spot.
        if ec2.get_security_group_from_id(group) is None:
            raise AwsError("InvalidGroup.NotFound", f"The security group '{group}' does not exist")
    where = ec2.get_subnet(subnet)
    address = where.get_available_subnet_ip(instance=None)
    interface = ec2.create_network_interface(
        where,
        address,
        group_ids=groups,
        description=about.get("description", ""),
        tags=about.get("tags"),
        public_ip_auto_assign=about.get("public", False),
    )
    interface.status = "in-use"
    interface.requester_managed = True
    interface.requester_id = about.get("requester", "amazon-aws")
    interface.interface_type = about.get("kind", "interface")
    world.facts("ec2.requester")[interface.id] = interface.requester_id
    return interface


def give_back(world: World, region: str, interface_id: str) -> None:
    """The service is done with its interface; a second time is fine."""
    ec2 = world.backend("ec2", region)
    interface = ec2.enis.pop(interface_id, None)
    if interface is not None:
        interface.subnet.del_subnet_ip(interface.private_ip_address)
    world.facts("ec2.requester").pop(interface_id, None)


def interfaces(ec2: Any) -> Iterator[Any]:
    """Every interface of a region, instances' own among them."""
    yield from list(ec2.enis.values())


def groups_of(interface: Any) -> set[str]:
    return {group.id for group in interface.group_set}
