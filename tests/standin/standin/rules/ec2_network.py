"""EC2's network: what keeps what from going, and what takes its time."""

from typing import Any

from ..network import give_back, groups_of, interfaces
from ..wire import AwsError, Call
from ..world import World
from . import after, before

# Error codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
# A NAT gateway takes one to two minutes to come, less to go; a deleted one is shown for about an hour.
# https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
NAT_COMES = (60.0, 110.0)
NAT_GOES = (30.0, 60.0)
NAT_SHOWN = 3600.0


def ec2_of(call: Call, world: World) -> Any:
    return world.backend("ec2", call.region)


def depends(kind: str, identifier: str) -> AwsError:
    return AwsError("DependencyViolation", f"The {kind} '{identifier}' has dependencies and cannot be deleted.")


@before("ec2.DeleteSubnet")
def delete_subnet(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html"""
    ec2, subnet = ec2_of(call, world), call.params["SubnetId"]
    ec2.get_subnet(subnet)
    if any(interface.subnet.id == subnet for interface in interfaces(ec2)):
        raise depends("subnet", subnet)
    # The subnet's association with a route table goes with it; moto leaves it behind.
    for table in ec2.route_tables.values():
        for association in [key for key, target in table._associations.items() if target == subnet]:
            del table._associations[association]


@before("ec2.DeleteSecurityGroup")
def delete_security_group(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html"""
    ec2, group = ec2_of(call, world), call.params.get("GroupId")
    found = ec2.get_security_group_from_id(group) if group else None
    if found is None:
        return
    if found.is_default:
        raise AwsError("CannotDelete", f'the specified group: "{group}" name: "default" cannot be deleted by a user')
    used = any(group in groups_of(interface) for interface in interfaces(ec2))
    if used or group in _referred(ec2, group):
        raise AwsError("DependencyViolation", f"resource {group} has a dependent object")


def _referred(ec2: Any, besides: str) -> set[str]:
    """Groups that rules of other groups name."""
    found = set()
    for groups in ec2.groups.values():
        for group in groups.values():
            if group.id != besides:
                found |= _refers_to(group)
    return found


@before("ec2.DeleteInternetGateway")
def delete_internet_gateway(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInternetGateway.html"""
    gateway = ec2_of(call, world).get_internet_gateway(call.params["InternetGatewayId"])
    if gateway.vpc:
        raise depends("internetGateway", gateway.id)


@before("ec2.AttachInternetGateway")
def attach_internet_gateway(call: Call, world: World) -> None:
    ec2, vpc = ec2_of(call, world), call.params["VpcId"]
    ec2.get_vpc(vpc)
    for gateway in ec2.internet_gateways.values():
        if gateway.vpc and gateway.vpc.id == vpc and gateway.id != call.params["InternetGatewayId"]:
            message = f"Network {vpc} already has an internet gateway attached"
            raise AwsError("InvalidParameterValue", message)
        if gateway.id == call.params["InternetGatewayId"] and gateway.vpc:
            message = f"resource {gateway.id} is already attached to network {gateway.vpc.id}"
            raise AwsError("Resource.AlreadyAssociated", message)


@before("ec2.DetachInternetGateway")
def detach_internet_gateway(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html"""
    ec2, vpc = ec2_of(call, world), call.params["VpcId"]
    if any(interface.subnet.vpc_id == vpc and interface.public_ip for interface in interfaces(ec2)):
        message = f"Network {vpc} has some mapped public address(es). Please unmap those public address(es) before"
        raise AwsError("DependencyViolation", f"{message} detaching the gateway.")


@before("ec2.DeleteRouteTable")
def delete_route_table(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html"""
    table = ec2_of(call, world).get_route_table(call.params["RouteTableId"])
    if table._associations or table.main_association_id:
        raise depends("routeTable", table.id)


@before("ec2.AssociateRouteTable")
def associate_route_table(call: Call, world: World) -> None:
    ec2, subnet, wanted = ec2_of(call, world), call.params.get("SubnetId"), call.params["RouteTableId"]
    ec2.get_route_table(wanted)
    if subnet:
        ec2.get_subnet(subnet)
    for table in ec2.route_tables.values():
        if subnet in table._associations.values() and table.id != wanted:
            message = f"the specified association for route table {wanted} conflicts with an existing association"
            raise AwsError("Resource.AlreadyAssociated", message)


@before("ec2.CreateRoute")
def create_route(call: Call, world: World) -> None:
    """A gateway has to be attached to the table's own network."""
    ec2, params = ec2_of(call, world), call.params
    table = ec2.get_route_table(params["RouteTableId"])
    gateway = params.get("GatewayId", "")
    if gateway.startswith("igw-"):
        vpc = ec2.get_internet_gateway(gateway).vpc
        if vpc is None or vpc.id != table.vpc_id:
            message = f"route table {table.id} and network gateway {gateway} belong to different networks"
            raise AwsError("InvalidParameterValue", message)
    if nat := params.get("NatGatewayId"):
        found = ec2.nat_gateways.get(nat)
        if found is None or found.state in ("deleting", "deleted", "failed"):
            raise AwsError("InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat}' does not exist")


@after("ec2.DescribeRouteTables")
def blackholes(call: Call, result: dict, world: World) -> None:
    """A route whose target is gone stays, and leads nowhere.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html, `State`"""
    ec2 = ec2_of(call, world)
    nats = {nat.id for nat in ec2.nat_gateways.values() if nat.state in ("pending", "available")}
    gateways = {gateway.id for gateway in ec2.internet_gateways.values() if gateway.vpc}
    for table in result.get("RouteTables", []):
        for route in table["Routes"]:
            gateway, nat = route.get("GatewayId", ""), route.get("NatGatewayId")
            if (gateway.startswith("igw-") and gateway not in gateways) or (nat and nat not in nats):
                route["State"] = "blackhole"


@before("ec2.DeleteVpc")
def delete_vpc(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html"""
    ec2, vpc = ec2_of(call, world), call.params["VpcId"]
    if vpc not in ec2.vpcs:
        return
    gone = ("deleted", "failed")
    in_the_way = (
        any(subnet.vpc_id == vpc for zone in ec2.subnets.values() for subnet in zone.values())
        or any(gateway.vpc and gateway.vpc.id == vpc for gateway in ec2.internet_gateways.values())
        or any(gateway.vpc_id == vpc for gateway in ec2.egress_only_internet_gateways.values())
        or any(nat.vpc_id == vpc and nat.state not in gone for nat in ec2.nat_gateways.values())
        or any(table.vpc_id == vpc and not table.main_association_id for table in ec2.route_tables.values())
        or any(not group.is_default for group in ec2.groups.get(vpc, {}).values())
        or any(interface.subnet.vpc_id == vpc for interface in interfaces(ec2))
        or any(end.vpc_id == vpc and end.state != "deleted" for end in ec2.vpc_end_points.values())
    )
    if in_the_way or _referred_from_elsewhere(ec2, vpc):
        raise depends("vpc", vpc)


def _referred_from_elsewhere(ec2: Any, vpc: str) -> bool:
    ours = set(ec2.groups.get(vpc, {}))
    others = [group for key, groups in ec2.groups.items() if key != vpc for group in groups.values()]
    return any(_refers_to(group) & ours for group in others)


def _refers_to(group: Any) -> set[str]:
    rules = [*group.ingress_rules, *group.egress_rules]
    return {rule.source_group["GroupId"] for rule in rules if rule.source_group}


@before("ec2.ReleaseAddress")
def release_address(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html"""
    for address in ec2_of(call, world).addresses:
        if address.allocation_id == call.params.get("AllocationId") and address.association_id:
            raise AwsError("InvalidIPAddress.InUse", f"The address {address.public_ip} is in use.")


@before("ec2.DisassociateAddress")
def disassociate_address(call: Call, world: World) -> None:
    """A NAT gateway's address is AWS's to disassociate."""
    ec2 = ec2_of(call, world)
    nats = {nat._eni.id for nat in ec2.nat_gateways.values() if nat.state != "deleted"}
    for address in ec2.addresses:
        if address.association_id == call.params.get("AssociationId") and address.eni and address.eni.id in nats:
            message = "You do not have permission to access the specified resource."
            raise AwsError("AuthFailure", message, 400)


@before("ec2.DeleteNetworkInterface")
def delete_network_interface(call: Call, world: World) -> None:
    interface = ec2_of(call, world).enis.get(call.params["NetworkInterfaceId"])
    if interface is not None and interface.status == "in-use":
        message = f"Network interface '{interface.id}' is currently in use."
        raise AwsError("InvalidParameterValue", message)


@before("ec2.CreateNatGateway")
def before_nat(call: Call, world: World) -> None:
    ec2, params = ec2_of(call, world), call.params
    ec2.get_subnet(params["SubnetId"])
    if params.get("ConnectivityType", "public") == "public":
        if not params.get("AllocationId"):
            raise AwsError("MissingParameter", "The request must contain the parameter AllocationId")
        if ec2.address_by_allocation([params["AllocationId"]])[0].association_id:
            message = f"resource {params['AllocationId']} is already associated with another resource"
            raise AwsError("Resource.AlreadyAssociated", message)


@after("ec2.CreateNatGateway")
def after_nat(call: Call, result: dict, world: World) -> None:
    nat = ec2_of(call, world).nat_gateways[result["NatGateway"]["NatGatewayId"]]
    nat.state = result["NatGateway"]["State"] = "pending"
    nat._eni.status, nat._eni.requester_managed = "in-use", True
    nat._eni.interface_type, nat._eni.description = "nat_gateway", f"Interface for NAT Gateway {nat.id}"
    nat._eni.requester_id = "amazon-aws"
    delay = _dice(call, world, "nat comes", nat).uniform(*NAT_COMES)
    world.after(delay, lambda: _nat_comes(world, call.region, nat))


def _dice(call: Call, world: World, what: str, nat: Any) -> Any:
    """A gateway's dice. Its place is the same in each world with this seed, its id isn't."""
    return world.chance(what, ec2_of(call, world).get_subnet(nat.subnet_id).cidr_block)


def _nat_comes(world: World, region: str, nat: Any) -> None:
    """Available, unless the network has no gateway: then it fails, and gives its address back."""
    if nat.state != "pending":
        return
    ec2 = world.backend("ec2", region)
    gateways = [gateway for gateway in ec2.internet_gateways.values() if gateway.vpc]
    if nat.connectivity_type != "private" and nat.vpc_id not in {gateway.vpc.id for gateway in gateways}:
        nat.state = "failed"
        reason = ("Gateway.NotAttached", f"Network {nat.vpc_id} has no Internet gateway attached")
        world.facts("ec2.nat failure")[nat.id] = reason
        _nat_lets_go(world, region, nat)
        return
    nat.state = "available"


@before("ec2.DeleteNatGateway")
def delete_nat(call: Call, world: World) -> dict:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html: the address is disassociated
    when it is done, not released."""
    nat = ec2_of(call, world).nat_gateways.get(call.params["NatGatewayId"])
    if nat is None or nat.state == "deleted":
        message = f"The NatGateway {call.params['NatGatewayId']} was not found"
        raise AwsError("NatGatewayNotFound", message)
    if nat.state != "deleting":
        nat.state = "deleting"
        delay = _dice(call, world, "nat goes", nat).uniform(*NAT_GOES)
        world.after(delay, lambda: _nat_goes(world, call.region, nat))
    return {"NatGatewayId": nat.id}


def _nat_goes(world: World, region: str, nat: Any) -> None:
    nat.state = "deleted"
    world.facts("ec2.nat deleted")[nat.id] = world.now()
    _nat_lets_go(world, region, nat)
    world.after(NAT_SHOWN, lambda: world.backend("ec2", region).nat_gateways.pop(nat.id, None))


def _nat_lets_go(world: World, region: str, nat: Any) -> None:
    for address in world.backend("ec2", region).addresses:
        if address.eni is nat._eni:
            address.eni = address.association_id = None
    give_back(world, region, nat._eni.id)


@before("ec2.DescribeNatGateways")
def unknown_nat(call: Call, world: World) -> None:
    """moto answers with nothing for an unknown id."""
    known = ec2_of(call, world).nat_gateways
    for nat in call.params.get("NatGatewayIds") or []:
        if nat not in known:
            raise AwsError("NatGatewayNotFound", f"The NatGateway {nat} was not found")


@after("ec2.DescribeNatGateways")
def nats_by_tags(call: Call, result: dict, _world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html: moto knows no `tag:` filters."""
    for wanted in call.params.get("Filters") or call.params.get("Filter") or []:
        if wanted["Name"].startswith("tag:"):
            key, values = wanted["Name"].removeprefix("tag:"), wanted.get("Values") or []
            nats = result.get("NatGateways", [])
            result["NatGateways"] = [
                nat for nat in nats if any(tag["Key"] == key and tag["Value"] in values for tag in nat.get("Tags") or [])
            ]


@after("ec2.DescribeSecurityGroupRules")
def described_rules(call: Call, result: dict, world: World) -> None:
    """moto keeps the description of a rule for a group, and doesn't show it."""
    groups = [group for groups in ec2_of(call, world).groups.values() for group in groups.values()]
    rules = {rule.id: rule for group in groups for rule in [*group.ingress_rules, *group.egress_rules]}
    for shown in result.get("SecurityGroupRules", []):
        rule = rules.get(shown["SecurityGroupRuleId"])
        if rule is not None and rule.source_group and not shown.get("Description"):
            shown["Description"] = rule.source_group.get("Description")


@after("ec2.DescribeNatGateways")
def nat_reasons(_call: Call, result: dict, world: World) -> None:
    for nat in result.get("NatGateways", []):
        if reason := world.facts("ec2.nat failure").get(nat["NatGatewayId"]):
            nat["FailureCode"], nat["FailureMessage"] = reason
