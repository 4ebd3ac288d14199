"""Reads that lag: a thing that was just made isn't seen yet, one that was just deleted may still be.

https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html, and the like for IAM
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency). How long
is drawn once for each thing. Writes aren't touched: they see everything.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .wire import AwsError, Call
from .world import World


@dataclass(frozen=True)
class Kind:
    """A kind of thing, by where it is in calls. Paths are members with dots; a list in the way means each item."""

    made: str  # `service.Action:path of the new id in the answer` (`<path` for one in the parameters)
    gone: str  # `service.Action:parameter`
    read: str  # `service.Action:path of the list in the answer`
    key: str  # the id in an item of the list
    asked: str  # the parameter that asks for ids, if there is one
    missing: str  # the error's code for an id that isn't there; nothing: it is just not in the list


def _ec2(name: str, key: str, missing: str, made: str | None = None) -> Kind:
    made = made or f"ec2.Create{name}:{name}.{key}"
    return Kind(made, f"ec2.Delete{name}:{key}", f"ec2.Describe{name}s:{name}s", key, f"{key}s", missing)


def _elb(name: str) -> Kind:
    service, key = "elasticloadbalancing", f"{name}Arn"
    made, read = f"{service}.Create{name}:{name}s.{key}", f"{service}.Describe{name}s:{name}s"
    return Kind(made, f"{service}.Delete{name}:{key}", read, key, f"{key}s", f"{name}NotFound")


KINDS = (
    _ec2("Vpc", "VpcId", "InvalidVpcID.NotFound"),
    _ec2("Subnet", "SubnetId", "InvalidSubnetID.NotFound"),
    _ec2("InternetGateway", "InternetGatewayId", "InvalidInternetGatewayID.NotFound"),
    # A deleted one is shown for an hour anyway, as deleted.
    Kind(
        "ec2.CreateNatGateway:NatGateway.NatGatewayId",
        "",
        "ec2.DescribeNatGateways:NatGateways",
        "NatGatewayId",
        "NatGatewayIds",
        "NatGatewayNotFound",
    ),
    _ec2("RouteTable", "RouteTableId", "InvalidRouteTableID.NotFound"),
    _ec2("SecurityGroup", "GroupId", "InvalidGroup.NotFound", "ec2.CreateSecurityGroup:GroupId"),
    _ec2("Volume", "VolumeId", "InvalidVolume.NotFound", "ec2.CreateVolume:VolumeId"),
    _ec2("Snapshot", "SnapshotId", "InvalidSnapshot.NotFound", "ec2.CreateSnapshot:SnapshotId"),
    _ec2("LaunchTemplate", "LaunchTemplateId", "InvalidLaunchTemplateId.NotFound"),
    _ec2("NetworkInterface", "NetworkInterfaceId", "InvalidNetworkInterfaceID.NotFound"),
    Kind(
        "ec2.AllocateAddress:AllocationId",
        "ec2.ReleaseAddress:AllocationId",
        "ec2.DescribeAddresses:Addresses",
        "AllocationId",
        "AllocationIds",
        "InvalidAllocationID.NotFound",
    ),
    Kind(
        "ec2.RunInstances:Instances.InstanceId",
        "",
        "ec2.DescribeInstances:Reservations.Instances",
        "InstanceId",
        "InstanceIds",
        "InvalidInstanceID.NotFound",
    ),
    _elb("LoadBalancer"),
    _elb("TargetGroup"),
    _elb("Listener"),
    _elb("Rule"),
    Kind(
        "iam.CreateRole:<RoleName",
        "iam.DeleteRole:RoleName",
        "iam.GetRole:Role",
        "RoleName",
        "RoleName",
        "NoSuchEntity",
    ),
    Kind("iam.CreateRole:<RoleName", "iam.DeleteRole:RoleName", "iam.ListRoles:Roles", "RoleName", "", ""),
    Kind(
        "iam.CreateInstanceProfile:<InstanceProfileName",
        "iam.DeleteInstanceProfile:InstanceProfileName",
        "iam.GetInstanceProfile:InstanceProfile",
        "InstanceProfileName",
        "InstanceProfileName",
        "NoSuchEntity",
    ),
    Kind(
        "iam.CreateInstanceProfile:<InstanceProfileName",
        "iam.DeleteInstanceProfile:InstanceProfileName",
        "iam.ListInstanceProfiles:InstanceProfiles",
        "InstanceProfileName",
        "",
        "",
    ),
    Kind("route53.CreateHostedZone:HostedZone.Id", "", "route53.ListHostedZones:HostedZones", "Id", "", ""),
    Kind("route53.CreateHostedZone:HostedZone.Id", "", "route53.ListHostedZonesByName:HostedZones", "Id", "", ""),
    Kind("logs.CreateLogGroup:<logGroupName", "", "logs.DescribeLogGroups:logGroups", "logGroupName", "", ""),
    Kind("secretsmanager.CreateSecret:ARN", "", "secretsmanager.ListSecrets:SecretList", "ARN", "", ""),
    Kind(
        "acm.RequestCertificate:CertificateArn",
        "",
        "acm.ListCertificates:CertificateSummaryList",
        "CertificateArn",
        "",
        "",
    ),
    Kind("servicediscovery.CreateService:Service.Id", "", "servicediscovery.ListServices:Services", "Id", "", ""),
    Kind(
        "autoscaling.CreateAutoScalingGroup:<AutoScalingGroupName",
        "",
        "autoscaling.DescribeAutoScalingGroups:AutoScalingGroups",
        "AutoScalingGroupName",
        "",
        "",
    ),
    Kind(
        "ecs.CreateCapacityProvider:capacityProvider.name",
        "",
        "ecs.DescribeCapacityProviders:capacityProviders",
        "name",
        "",
        "",
    ),
    Kind("ecs.CreateService:service.serviceArn", "", "ecs.DescribeServices:services", "serviceArn", "", ""),
)

# Parameters that ask for things by their names.
NAMES = ("Names", "GroupNames", "LaunchTemplateNames")
Ask = Callable[[Call, str, dict[str, Any]], dict[str, Any] | None]


class Lag:
    """What reads don't know yet, and what they don't know to be gone. `ask` reads something as it really is."""

    def __init__(self, world: World, ask: Ask):
        self._world = world
        self._now = world.now
        self._ask = ask

    @property
    def _unseen(self) -> dict[tuple[str, str], float]:
        """By read and id: until when it isn't seen."""
        return self._world.facts("lag.unseen")

    @property
    def _ghosts(self) -> dict[tuple[str, str], tuple[float, dict[str, Any]]]:
        """By read and id: until when it is still seen, and as what."""
        return self._world.facts("lag.ghosts")

    def before(self, call: Call, lag: float) -> None:
        """Keeps what is about to be deleted as it looks now."""
        for kind in KINDS:
            action, _, parameter = kind.gone.partition(":")
            if action != call.name or not kind.asked or "Describe" not in kind.read or not call.params.get(parameter):
                continue
            read, _, path = kind.read.partition(":")
            identifier = call.params[parameter]
            shown = self._ask(call, read.split(".")[1], {kind.asked: [identifier]})
            for item in _items(shown or {}, path):
                self._ghosts[read, identifier] = (self._now() + lag, item)

    def after(self, call: Call, reply_ok: bool, result: dict[str, Any], lag: float) -> None:
        """Notes what a call made; drops what it didn't delete after all."""
        for kind in KINDS:
            action, _, path = kind.made.partition(":")
            if action == call.name and reply_ok:
                source, path = (call.params, path[1:]) if path.startswith("<") else (result, path)
                for identifier in _values(source, path):
                    key = (kind.read.partition(":")[0], identifier)
                    # Found again by its token or name: it isn't new.
                    self._unseen.setdefault(key, self._now() + lag)
            action, _, parameter = kind.gone.partition(":")
            if action == call.name and not reply_ok:
                self._ghosts.pop((kind.read.partition(":")[0], call.params.get(parameter, "")), None)

    def makes(self, call: Call) -> bool:
        return any(kind.made.partition(":")[0] == call.name for kind in KINDS)

    def concerns(self, call: Call) -> bool:
        """Whether the call's answer has to be looked at."""
        return call.name == "tag.GetResources" or self.makes(call) or bool(self.reads(call))

    def reads(self, call: Call) -> list[Kind]:
        return [kind for kind in KINDS if kind.read.partition(":")[0] == call.name]

    def unseen(self, call: Call) -> None:
        """Refuses a read of an id that isn't seen yet."""
        for kind in self.reads(call):
            asked = call.params.get(kind.asked) if kind.asked else None
            for identifier in [asked] if isinstance(asked, str) else asked or []:
                if self._hidden(call.name, identifier):
                    raise AwsError(
                        kind.missing, f"'{identifier}' does not exist", 404 if call.service == "iam" else 400
                    )

    def ghosts(self, call: Call) -> dict[str, Any] | None:
        """The answer to a read of ids of which one is deleted but still seen: only for reads of a single id."""
        for kind in self.reads(call):
            asked = call.params.get(kind.asked) if kind.asked else None
            if isinstance(asked, list) and len(asked) == 1 and (item := self._ghost(call.name, asked[0])):
                path = kind.read.partition(":")[2]
                return {path: [item]} if "." not in path else None
        return None

    def edit(self, call: Call, result: dict[str, Any]) -> None:
        """Takes out of a read's lists what isn't seen yet, and puts in what is still seen."""
        if call.name == "tag.GetResources":
            self.tagged(result)
        for kind in self.reads(call):
            path = kind.read.partition(":")[2]
            dropped = []
            _filter(result, path.split("."), self._hides(call.name, kind.key, dropped))
            if call.service == "ecs":
                # ECS says so in the answer.
                missing = [{"arn": identifier, "reason": "MISSING"} for identifier in dropped]
                result["failures"] = [*(result.get("failures") or []), *missing]
            if dropped and kind.missing and any(call.params.get(names) for names in NAMES) and not _items(result, path):
                raise AwsError(kind.missing, f"'{dropped[0]}' does not exist")
            if "." in path or (kind.asked and call.params.get(kind.asked)):
                continue
            there = {item.get(kind.key) for item in _items(result, path)}
            for (action, identifier), (until, item) in self._ghosts.items():
                if (
                    action == call.name
                    and identifier not in there
                    and self._now() < until
                    and _matches(item, call.params)
                ):
                    result[path].append(item)

    def tagged(self, result: dict[str, Any]) -> None:
        """The same for the tagging API, which knows things by their ARNs."""
        hidden = {
            identifier.rsplit("/", 1)[-1] for (_, identifier), until in self._unseen.items() if self._now() < until
        }
        seen = [one for one in result["ResourceTagMappingList"] if _last(one["ResourceARN"]) not in hidden]
        result["ResourceTagMappingList"] = seen

    def _hides(self, action: str, key: str, dropped: list[str]) -> Callable[[dict[str, Any]], bool]:
        def hides(item: dict[str, Any]) -> bool:
            hidden = self._hidden(action, item.get(key, ""))
            if hidden:
                dropped.append(item[key])
            return hidden

        return hides

    def _hidden(self, action: str, identifier: str) -> bool:
        return self._now() < self._unseen.get((action, identifier), 0)

    def _ghost(self, action: str, identifier: str) -> dict[str, Any] | None:
        until, item = self._ghosts.get((action, identifier), (0, {}))
        return item if self._now() < until else None


def _last(arn: str) -> str:
    return re.split("[/:]", arn)[-1]


def _values(value: Any, path: str) -> Iterator[Any]:
    for part in path.split("."):
        value = [one.get(part) for one in value] if isinstance(value, list) else value.get(part)
    yield from (one for one in (value if isinstance(value, list) else [value]) if one)


def _items(result: dict[str, Any], path: str) -> list[dict[str, Any]]:
    value: Any = result
    for part in path.split("."):
        value = (
            [item for one in value for item in one.get(part) or []]
            if isinstance(value, list)
            else value.get(part) or []
        )
    return value if isinstance(value, list) else []


def _filter(result: Any, path: list[str], hidden: Callable[[dict[str, Any]], bool]) -> None:
    first, *rest = path
    value = result.get(first)
    if not isinstance(value, list):
        return
    if not rest:
        result[first] = [item for item in value if not hidden(item)]
        return
    for one in value:
        _filter(one, rest, hidden)
    result[first] = [one for one in value if one.get(rest[0])]


def _matches(item: dict[str, Any], params: dict[str, Any]) -> bool:
    """Whether an item would be in the list that was asked for. Filters that aren't understood match nothing."""
    if any(
        value
        for name, value in params.items()
        if name not in ("Filters", "MaxResults", "NextToken", "PageSize", "DryRun")
    ):
        return False
    tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags") or []}
    for wanted in params.get("Filters") or []:
        name, values = wanted["Name"], wanted.get("Values") or []
        member = re.sub(r"(?:^|-)(\w)", lambda found: found.group(1).upper(), name)
        if name.startswith("tag:"):
            good = tags.get(name.removeprefix("tag:")) in values
        elif name == "tag-key":
            good = bool(set(values) & set(tags))
        else:
            good = item.get(member) in values
        if not good:
            return False
    return True
