"""What lives in EC2, for `GET /_standin/state`."""

from collections.abc import Iterator
from typing import Any

from ..compute import instances
from ..world import World
from . import listing

Row = dict[str, Any]


def row(type_: str, thing: Any, state: str = "available", **details: Any) -> Row:
    tags = {tag["key"]: tag["value"] for tag in thing.get_tags()}
    return {"service": "ec2", "type": type_, "id": thing.id, "state": state, "tags": tags, **details}


@listing
def ec2(world: World) -> Iterator[Row]:
    for region in sorted(world.regions):
        backend = world.backend("ec2", region)
        for part in (_network, _gateways, _groups, _compute):
            yield from ({**one, "region": region} for one in part(backend))


def _builtin(backend: Any, vpc: str | None) -> bool:
    """The VPC that every account has."""
    return bool(vpc in backend.vpcs and backend.vpcs[vpc].is_default)


def _network(backend: Any) -> Iterator[Row]:
    for vpc in backend.vpcs.values():
        yield row("vpc", vpc, cidr=vpc.cidr_block, builtin=vpc.is_default)
    for zone in backend.subnets.values():
        for subnet in zone.values():
            builtin = _builtin(backend, subnet.vpc_id)
            zone_name = subnet.availability_zone
            yield row("subnet", subnet, vpc=subnet.vpc_id, cidr=subnet.cidr_block, zone=zone_name, builtin=builtin)
    for table in backend.route_tables.values():
        routes = {route.destination_cidr_block: _target(route) for route in table.routes}
        subnets = sorted(table._associations.values())
        builtin = bool(table.main_association_id) or _builtin(backend, table.vpc_id)
        yield row("route-table", table, vpc=table.vpc_id, routes=routes, subnets=subnets, builtin=builtin)
    for face in backend.enis.values():
        about = {"vpc": face.subnet.vpc_id, "subnet": face.subnet.id, "description": face.description}
        about["groups"] = sorted(group.id for group in face.group_set)
        # Of a service, or of an instance: it comes and goes with that.
        about["managed"] = bool(face.requester_managed or face.instance)
        yield row("network-interface", face, face.status, address=face.private_ip_address, **about)


def _target(route: Any) -> str | None:
    return route.gateway_id or route.nat_gateway_id or route.egress_only_internet_gateway_id


def _gateways(backend: Any) -> Iterator[Row]:
    for gateway in backend.internet_gateways.values():
        vpc = gateway.vpc.id if gateway.vpc else None
        state = "attached" if vpc else "detached"
        yield row("internet-gateway", gateway, state, vpc=vpc, builtin=_builtin(backend, vpc))
    for nat in backend.nat_gateways.values():
        gone = nat.state in ("deleted", "failed")
        yield row("nat-gateway", nat, nat.state, vpc=nat.vpc_id, subnet=nat.subnet_id, gone=gone)
    for address in backend.addresses:
        state = "associated" if address.association_id else "free"
        yield row("address", address, state, address=address.public_ip)
    for end in backend.vpc_end_points.values():
        yield row("vpc-endpoint", end, end.state, vpc=end.vpc_id, gone=end.state == "deleted")


def _groups(backend: Any) -> Iterator[Row]:
    for vpc, groups in backend.groups.items():
        for group in groups.values():
            about = {"vpc": vpc, "name": group.name, "builtin": group.is_default}
            yield row(
                "security-group", group, ingress=_rules(group.ingress_rules), egress=_rules(group.egress_rules), **about
            )


def _rules(rules: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "protocol": rule.ip_protocol,
            "from": rule.from_port,
            "to": rule.to_port,
            "source": (rule.source_group or {}).get("GroupId") or rule.cidr_ipv4 or rule.cidr_ipv6,
        }
        for rule in rules
    ]


def _compute(backend: Any) -> Iterator[Row]:
    for instance in instances(backend):
        about = {"subnet": instance.subnet_id, "zone": instance._placement.zone, "kind": instance.instance_type}
        about["gone"] = instance._state.name == "terminated"
        yield row("instance", instance, instance._state.name, **about)
    for volume in backend.volumes.values():
        attachment = volume.attachment
        about = {"zone": volume.zone.name, "size": volume.size}
        about["instance"] = attachment.instance.id if attachment else None
        # An instance's own disk goes with it.
        mapping = attachment and attachment.instance.block_device_mapping.get(attachment.device)
        about["managed"] = bool(mapping and mapping.delete_on_termination)
        yield row("volume", volume, volume.status, **about)
    for snapshot in backend.snapshots.values():
        # moto has some of its own for its public images.
        if snapshot.owner_id == backend.account_id and not str(snapshot.from_ami or "").startswith("ami-"):
            yield row("snapshot", snapshot, snapshot.status, volume=snapshot.volume.id)
    for template in backend.launch_templates.values():
        yield row("launch-template", template, name=template.name, versions=len(template.versions))
    for pair in backend.key_pairs.values():
        yield row("key-pair", pair, name=pair.name)
