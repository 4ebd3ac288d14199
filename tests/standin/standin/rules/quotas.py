"""Quotas: how many of a thing an account may have, what Service Quotas tells about it, and the refusal past it.

Defaults are AWS's own; `quota` in the faults sets others by the short names here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..wire import AwsError, Call
from ..world import World
from . import before


@dataclass(frozen=True)
class Quota:
    """One quota: how Service Quotas names it, what counts, what is refused and how."""

    name: str
    service: str
    code: str
    title: str
    default: float
    action: str
    error: str
    count: Callable[[Any], int]
    backend: str = "ec2"


def _subnets(ec2: Any) -> int:
    """Per VPC: the fullest counts."""
    vpcs = [subnet.vpc_id for zone in ec2.subnets.values() for subnet in zone.values()]
    return max((vpcs.count(vpc) for vpc in set(vpcs)), default=0)


def _nats(ec2: Any) -> int:
    """Per zone: the fullest counts."""
    zones = [ec2.get_subnet(nat.subnet_id).availability_zone for nat in ec2.nat_gateways.values() if _lives(nat)]
    return max((zones.count(zone) for zone in set(zones)), default=0)


def _lives(nat: Any) -> bool:
    return nat.state in ("pending", "available")


# https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
QUOTAS = (
    Quota(
        "vpcs",
        "vpc",
        "L-F678F1CE",
        "VPCs per Region",
        5,
        "ec2.CreateVpc",
        "VpcLimitExceeded",
        lambda ec2: len(ec2.vpcs),
    ),
    Quota("subnets", "vpc", "L-407747CB", "Subnets per VPC", 200, "ec2.CreateSubnet", "SubnetLimitExceeded", _subnets),
    Quota(
        "internet_gateways",
        "vpc",
        "L-A4707A72",
        "Internet gateways per Region",
        5,
        "ec2.CreateInternetGateway",
        "InternetGatewayLimitExceeded",
        lambda ec2: len(ec2.internet_gateways),
    ),
    Quota(
        "nat_gateways",
        "vpc",
        "L-FE5A380F",
        "NAT gateways per Availability Zone",
        5,
        "ec2.CreateNatGateway",
        "NatGatewayLimitExceeded",
        _nats,
    ),
    Quota(
        "security_groups",
        "vpc",
        "L-E79EC296",
        "VPC security groups per Region",
        2500,
        "ec2.CreateSecurityGroup",
        "SecurityGroupLimitExceeded",
        lambda ec2: sum(len(groups) for groups in ec2.groups.values()),
    ),
    Quota(
        "addresses",
        "ec2",
        "L-0263D0A3",
        "EC2-VPC Elastic IPs",
        5,
        "ec2.AllocateAddress",
        "AddressLimitExceeded",
        lambda ec2: len(ec2.addresses),
    ),
    Quota(
        "load_balancers",
        "elasticloadbalancing",
        "L-53DA6B97",
        "Application Load Balancers per Region",
        50,
        "elasticloadbalancing.CreateLoadBalancer",
        "TooManyLoadBalancers",
        lambda elb: len(elb.load_balancers),
        "elbv2",
    ),
    Quota(
        "target_groups",
        "elasticloadbalancing",
        "L-B22855CB",
        "Target Groups per Region",
        3000,
        "elasticloadbalancing.CreateTargetGroup",
        "TooManyTargetGroups",
        lambda elb: len(elb.target_groups),
        "elbv2",
    ),
)
# Quotas that are told but that nothing here counts.
TOLD = {
    # https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
    ("ec2", "L-1216C47A"): ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 32),
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
    ("fargate", "L-3032A538"): ("Fargate On-Demand vCPU resource count", 16),
}


@before(*sorted({quota.action for quota in QUOTAS}))
def room_left(call: Call, world: World) -> None:
    for quota in QUOTAS:
        if quota.action == call.name and not _again(call, world):
            most = world.faults.settings.quota.get(quota.name, quota.default)
            if quota.count(world.backend(quota.backend, call.region)) >= most:
                raise AwsError(
                    quota.error, f"The maximum number of {quota.title} has been reached. The limit is {most:g}"
                )


def _again(call: Call, world: World) -> bool:
    """A balancer or group that is there already doesn't need room."""
    if call.service != "elasticloadbalancing":
        return False
    backend = world.backend("elbv2", call.region)
    things = [*backend.load_balancers.values(), *backend.target_groups.values()]
    return any(thing.name == call.params["Name"] for thing in things)


@before("servicequotas.GetServiceQuota", "servicequotas.GetAWSDefaultServiceQuota")
def tell(call: Call, world: World) -> dict:
    """https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html"""
    service, code = call.params["ServiceCode"], call.params["QuotaCode"]
    for quota in QUOTAS:
        if (quota.service, quota.code) == (service, code):
            value = world.faults.settings.quota.get(quota.name, quota.default)
            value = quota.default if call.action == "GetAWSDefaultServiceQuota" else value
            return {"Quota": _quota(call, world, quota.title, value)}
    if (service, code) not in TOLD:
        raise AwsError("NoSuchResourceException", f"The quota {code} of {service} does not exist")
    title, value = TOLD[service, code]
    return {"Quota": _quota(call, world, title, world.faults.settings.quota.get(code, value))}


def _quota(call: Call, world: World, title: str, value: float) -> dict:
    service, code = call.params["ServiceCode"], call.params["QuotaCode"]
    return {
        "ServiceCode": service,
        "QuotaCode": code,
        "QuotaArn": f"arn:aws:servicequotas:{call.region}:{world.account}:{service}/{code}",
        "QuotaName": title,
        "Value": float(value),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
