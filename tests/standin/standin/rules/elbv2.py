"""Elastic Load Balancing: the same call again is the same thing, balancers take minutes, their interfaces linger.

Targets and their health are in `elbv2_targets.py`.
"""

from typing import Any

from moto.elbv2.models import FakeLoadBalancer

from ..network import give_back, take
from ..wire import AwsError, Call
from ..world import World
from . import after, before

# From the call to `active`: 2m15s to 3m07s in public logs of deployments.
BALANCER_COMES = (135.0, 187.0)
# How long a deleted balancer's interfaces stay in their subnets. AWS names no time: "it can take a few minutes".
# https://repost.aws/knowledge-center/elb-security-group-load-balancer, "delete requester-managed network interfaces"
INTERFACES_LINGER = (30.0, 180.0)

# moto makes a balancer active when it is looked at.
FakeLoadBalancer.activate = lambda self: None

# Zones that alias records name, by region.
# https://docs.aws.amazon.com/general/latest/gr/elb.html, "Application Load Balancers"
HOSTED_ZONES = {
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-west-2": "Z1H1FL5HABSF5",
}


def elb(call: Call, world: World) -> Any:
    return world.backend("elbv2", call.region)


def _settings(params: dict[str, Any]) -> dict[str, Any]:
    """What makes two calls the same: everything they say, whatever the order."""
    return {name: sorted(map(str, value)) if isinstance(value, list) else value for name, value in params.items()}


def _by_name(things: dict[str, Any], name: str) -> Any | None:
    return next((thing for thing in things.values() if thing.name == name), None)


@before("elasticloadbalancing.CreateLoadBalancer")
def create_balancer(call: Call, world: World) -> dict | None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html: "This operation
    is idempotent .. If you attempt to create multiple load balancers with the same settings, each call succeeds.\""""
    name = call.params["Name"]
    if len(name) > 32:
        raise AwsError("ValidationError", f"The load balancer name '{name}' cannot be longer than '32' characters")
    if old := _by_name(elb(call, world).load_balancers, name):
        if world.facts("elb.settings").get(old.arn) == _settings(call.params):
            return {"LoadBalancers": [describe(old, world)]}
        message = f"A load balancer with the same name '{name}' exists, but with different settings"
        raise AwsError("DuplicateLoadBalancerName", message)
    _check_place(call, world)
    return None


def _check_place(call: Call, world: World) -> None:
    ec2, params = world.backend("ec2", call.region), call.params
    subnets = params.get("Subnets") or [mapping["SubnetId"] for mapping in params.get("SubnetMappings") or []]
    found = [subnet for zone in ec2.subnets.values() for subnet in zone.values() if subnet.id in subnets]
    if missing := set(subnets) - {subnet.id for subnet in found}:
        raise AwsError("SubnetNotFound", f"The subnet ID '{sorted(missing)[0]}' does not exist")
    if params.get("Type", "application") == "application" and len({subnet.availability_zone for subnet in found}) < 2:
        message = "At least two subnets in two different Availability Zones must be specified"
        raise AwsError("ValidationError", message)
    vpcs = {subnet.vpc_id for subnet in found}
    if len(vpcs) > 1:
        raise AwsError("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
    vpc = vpcs.pop()
    attached = {gateway.vpc.id for gateway in ec2.internet_gateways.values() if gateway.vpc}
    if params.get("Scheme", "internet-facing") == "internet-facing" and vpc not in attached:
        raise AwsError("InvalidSubnet", f"VPC {vpc} has no internet gateway")
    for group in params.get("SecurityGroups") or []:
        known = ec2.get_security_group_from_id(group)
        if known is None:
            raise AwsError("InvalidSecurityGroup", f"The security group '{group}' does not exist")
        if known.vpc_id != vpc:
            message = f"One or more security groups are invalid: {group} belongs to another VPC"
            raise AwsError("InvalidConfigurationRequest", message)


@after("elasticloadbalancing.CreateLoadBalancer")
def balancer_created(call: Call, result: dict, world: World) -> dict | None:
    balancer = elb(call, world).load_balancers[result["LoadBalancers"][0]["LoadBalancerArn"]]
    if balancer.arn in world.facts("elb.settings"):
        return None
    world.facts("elb.settings")[balancer.arn] = _settings(call.params)
    balancer.scheme = balancer.scheme or "internet-facing"
    balancer.ip_address_type = balancer.ip_address_type or "ipv4"
    if not balancer.security_groups:
        default = world.backend("ec2", call.region).get_default_security_group(balancer.vpc_id)
        balancer.security_groups = [default.id]
    unique = balancer.arn.rsplit("/", 1)[-1]
    balancer.dns_name = f"{balancer.name}-{int(unique, 16) % 10**9:09d}.{call.region}.elb.amazonaws.com"
    balancer.canonical_hosted_zone_id = HOSTED_ZONES.get(call.region, balancer.canonical_hosted_zone_id)
    what = balancer.arn.split(":loadbalancer/")[-1]
    public = balancer.scheme == "internet-facing"
    about = {"description": f"ELB {what}", "requester": "amazon-elb", "public": public}
    groups = list(balancer.security_groups)
    faces = [take(world, call.region, subnet.id, groups, **about).id for subnet in balancer.subnets]
    world.facts("elb.interfaces")[balancer.arn] = faces

    def comes() -> None:
        if balancer.state == "provisioning":
            balancer.state = "active"

    world.after(world.chance("balancer", balancer.name).uniform(*BALANCER_COMES), comes)
    return {"LoadBalancers": [describe(balancer, world)]}


def describe(balancer: Any, _world: World) -> dict[str, Any]:
    zones = [
        {"ZoneName": one.availability_zone, "SubnetId": one.id, "LoadBalancerAddresses": []} for one in balancer.subnets
    ]
    return {
        "LoadBalancerArn": balancer.arn,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneId": balancer.canonical_hosted_zone_id,
        "CreatedTime": balancer.created_time,
        "LoadBalancerName": balancer.name,
        "Scheme": balancer.scheme,
        "VpcId": balancer.vpc_id,
        "State": {"Code": balancer.state},
        "Type": balancer.type,
        "AvailabilityZones": zones,
        "SecurityGroups": balancer.security_groups,
        "IpAddressType": balancer.ip_address_type,
    }


@after("elasticloadbalancing.SetSecurityGroups")
def groups_changed(call: Call, _result: dict, world: World) -> None:
    """The balancer's interfaces carry its groups."""
    ec2 = world.backend("ec2", call.region)
    for face in world.facts("elb.interfaces").get(call.params["LoadBalancerArn"], []):
        ec2.enis[face]._group_set = [ec2.get_security_group_from_id(group) for group in call.params["SecurityGroups"]]


@before("elasticloadbalancing.DeleteLoadBalancer")
def delete_balancer(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html: gone at once,
    and with it its listeners; a second call succeeds."""
    balancer = elb(call, world).load_balancers.get(call.params["LoadBalancerArn"])
    if balancer is None:
        return
    if balancer.attrs.get("deletion_protection.enabled") == "true":
        message = f"Load balancer '{balancer.arn}' cannot be deleted because deletion protection is enabled"
        raise AwsError("OperationNotPermitted", message)
    for group in elb(call, world).target_groups.values():
        if balancer.arn in group.load_balancer_arns:
            group.load_balancer_arns.remove(balancer.arn)
    world.facts("elb.settings").pop(balancer.arn, None)
    for place, face in enumerate(world.facts("elb.interfaces").pop(balancer.arn, [])):
        delay = world.chance("lingers", balancer.name, place).uniform(*INTERFACES_LINGER)
        world.after(delay, lambda face=face: give_back(world, call.region, face))


@before("elasticloadbalancing.CreateTargetGroup")
def create_group(call: Call, world: World) -> dict | None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html: idempotent, as
    balancers are."""
    name = call.params["Name"]
    vpc = call.params.get("VpcId")
    if vpc and vpc not in world.backend("ec2", call.region).vpcs:
        raise AwsError("ValidationError", f"The VPC ID '{vpc}' is not found")
    old = _by_name(elb(call, world).target_groups, name)
    if old is None:
        return None
    if world.facts("elb.settings").get(old.arn) == _settings(call.params):
        return world.facts("elb.answers")[old.arn]
    message = f"A target group with the same name '{name}' exists, but with different settings"
    raise AwsError("DuplicateTargetGroupName", message)


@before("elasticloadbalancing.CreateListener")
def create_listener(call: Call, world: World) -> dict | None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html: idempotent too."""
    backend, params = elb(call, world), call.params
    balancer = backend.load_balancers.get(params["LoadBalancerArn"])
    if balancer is None:
        message = f"Load balancer '{params['LoadBalancerArn']}' not found"
        raise AwsError("LoadBalancerNotFound", message)
    for listener in balancer.listeners.values():
        if str(listener.port) == str(params.get("Port")):
            if world.facts("elb.settings").get(listener.arn) == _settings(params):
                return world.facts("elb.answers")[listener.arn]
            message = "A listener already exists on this port for this load balancer"
            raise AwsError("DuplicateListener", f"{message} '{balancer.arn}'")
    _usable_certificates(call, world)
    _one_balancer_each(call, world, balancer.arn, params.get("DefaultActions") or [])
    return None


@before("elasticloadbalancing.ModifyListener")
def modify_listener(call: Call, world: World) -> None:
    _usable_certificates(call, world)


def _usable_certificates(call: Call, world: World) -> None:
    """A certificate has to be there and issued: `UnsupportedCertificate`.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateListener.html"""
    known = world.backend("acm", call.region)._certificates
    for wanted in call.params.get("Certificates") or []:
        arn = wanted["CertificateArn"]
        if ":server-certificate/" in arn:
            continue
        if arn not in known:
            raise AwsError("CertificateNotFound", f"Certificate '{arn}' not found")
        if known[arn].status != "ISSUED":
            message = f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a"
            raise AwsError("UnsupportedCertificate", f"{message} supported key size.")


def groups_in(actions: list[dict[str, Any]]) -> set[str]:
    """The target groups that actions forward to."""
    found = {action.get("TargetGroupArn") for action in actions}
    for action in actions:
        found |= {
            group.get("TargetGroupArn") for group in (action.get("ForwardConfig") or {}).get("TargetGroups") or []
        }
    return found - {None}


def _one_balancer_each(call: Call, world: World, balancer: str, actions: list[dict[str, Any]]) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"""
    for arn in groups_in(actions):
        group = elb(call, world).target_groups.get(arn)
        if group is None:
            raise AwsError("TargetGroupNotFound", f"One or more target groups not found: {arn}")
        if set(group.load_balancer_arns) - {balancer}:
            message = "The following target groups cannot be associated with more than one load balancer:"
            raise AwsError("TargetGroupAssociationLimit", f"{message} {arn}")


@before("elasticloadbalancing.CreateRule")
def create_rule(call: Call, world: World) -> None:
    for balancer in elb(call, world).load_balancers.values():
        if call.params["ListenerArn"] in balancer.listeners:
            _one_balancer_each(call, world, balancer.arn, call.params.get("Actions") or [])


@after("elasticloadbalancing.CreateRule")
def rule_created(call: Call, _result: dict, world: World) -> None:
    """Groups know their balancer, whoever forwards to them."""
    for balancer in elb(call, world).load_balancers.values():
        if call.params["ListenerArn"] in balancer.listeners:
            for arn in groups_in(call.params.get("Actions") or []):
                group = elb(call, world).target_groups[arn]
                if balancer.arn not in group.load_balancer_arns:
                    group.load_balancer_arns.append(balancer.arn)


@after("elasticloadbalancing.CreateTargetGroup", "elasticloadbalancing.CreateListener")
def remember(call: Call, result: dict, world: World) -> None:
    made = (result.get("TargetGroups") or result.get("Listeners"))[0]
    arn = made.get("ListenerArn") or made["TargetGroupArn"]
    world.facts("elb.settings")[arn] = _settings(call.params)
    world.facts("elb.answers")[arn] = result


@before("elasticloadbalancing.DeleteTargetGroup")
def delete_group(call: Call, world: World) -> dict | None:
    """The reference names one error only, `ResourceInUse`: deleting what isn't there succeeds.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html"""
    known = call.params["TargetGroupArn"] in elb(call, world).target_groups
    return None if known else {}


@before("elasticloadbalancing.DeleteRule")
def delete_rule(call: Call, world: World) -> None:
    balancers = elb(call, world).load_balancers.values()
    arns = {rule.arn for one in balancers for listener in one.listeners.values() for rule in listener.rules.values()}
    if call.params["RuleArn"] not in arns:
        raise AwsError("RuleNotFound", "One or more rules not found")
