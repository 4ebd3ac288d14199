"""Auto Scaling's API. moto's Auto Scaling is never asked: groups are `asg.py`'s, which behave."""

from typing import Any

from ..asg import Group, Json, Member, groups, version_of
from ..ecs.model import present, when
from ..wire import AwsError, Call
from . import BEFORE, before, ticking
from .ec2_compute import require_profile

_KEPT = (
    "DefaultCooldown", "HealthCheckType", "HealthCheckGracePeriod", "TerminationPolicies", "TargetGroupARNs",
    "LoadBalancerNames", "PlacementGroup", "CapacityRebalance", "MaxInstanceLifetime", "DefaultInstanceWarmup",
)  # fmt: skip


def refuse(message: str) -> AwsError:
    return AwsError("ValidationError", message)


@before("autoscaling.*")
def unsupported(call: Call, _world: Any) -> None:
    """Says so when the stand-in doesn't play a part, in place of moto's answer."""
    if not any(name == call.name for name, _ in BEFORE):
        raise AwsError("UnsupportedOperation", f"The stand-in doesn't play {call.action}.")


@ticking
def watch(world: Any, _now: float) -> None:
    for region in list(world.facts("autoscaling")):
        for group in list(groups(world, region).values()):
            group.watch()


def find(call: Call, world: Any) -> Group:
    name = call.params["AutoScalingGroupName"]
    found = groups(world, call.region).get(name)
    if not found:
        raise refuse(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return found


def _check(call: Call, world: Any, template: Json, subnets: list[str]) -> None:
    """Auto Scaling tries the launch before it takes a template.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-launch-template.html"""
    if not template.get("LaunchTemplateId") and not template.get("LaunchTemplateName"):
        raise refuse("Valid requests must contain either launchTemplateId or LaunchTemplateName")
    data = version_of(world, call.region, template).data
    try:
        require_profile(world, data.get("IamInstanceProfile") or {})
    except AwsError as error:
        raise refuse(f"You must use a valid fully-formed launch template. {error.message}") from error
    ec2 = world.backend("ec2", call.region)
    for one in data.get("SecurityGroupIds") or []:
        if not ec2.get_security_group_from_id(one):
            raise refuse(
                f"You must use a valid fully-formed launch template. The security group '{one}' does not exist"
            )
    known = {subnet.id for zone in ec2.subnets.values() for subnet in zone.values()}
    for one in subnets:
        if one not in known:
            raise refuse(f"The subnet ID '{one}' does not exist")
    if not subnets:
        raise refuse("At least one Availability Zone or VPC Subnet is required.")


def _check_sizes(least: int, most: int, desired: int) -> None:
    if least > most:
        raise refuse(f"Max bound, {most}, must be greater than or equal to min bound, {least}")
    if not least <= desired <= most:
        raise refuse(f"Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}")


def _subnets(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]


@before("autoscaling.CreateAutoScalingGroup")
def create(call: Call, world: Any) -> Json:
    params, name = call.params, call.params["AutoScalingGroupName"]
    if name in groups(world, call.region):
        message = f"AutoScalingGroup by this name already exists - A group with the name {name} already exists"
        raise AwsError("AlreadyExists", message)
    template, subnets = params.get("LaunchTemplate") or {}, _subnets(params.get("VPCZoneIdentifier"))
    _check(call, world, template, subnets)
    least, most = params["MinSize"], params["MaxSize"]
    desired = least if params.get("DesiredCapacity") is None else params["DesiredCapacity"]
    _check_sizes(least, most, desired)
    made = f"{world.chance('autoscaling', name, world.now()).getrandbits(64):016x}"
    arn = f"arn:aws:autoscaling:{call.region}:{world.account}:autoScalingGroup:{made}:autoScalingGroupName/{name}"
    group = Group(world, call.region, name, arn, world.now(), dict(template), subnets, least, most, desired)
    group.protect_new = params.get("NewInstancesProtectedFromScaleIn") or False
    group.settings = {key: params[key] for key in _KEPT if params.get(key) is not None}
    _retag(group, params.get("Tags") or [])
    groups(world, call.region)[name] = group
    group.wake()
    return {}


@before("autoscaling.UpdateAutoScalingGroup")
def update(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html: a new bound that the
    desired capacity is beyond moves it."""
    group, params = find(call, world), call.params
    if group.status:
        raise refuse(f"AutoScalingGroup {group.name} is pending delete")
    template = params.get("LaunchTemplate") or group.template
    subnets = _subnets(params.get("VPCZoneIdentifier")) or group.subnets
    if params.get("LaunchTemplate") or params.get("VPCZoneIdentifier"):
        _check(call, world, template, subnets)
    least = group.least if params.get("MinSize") is None else params["MinSize"]
    most = group.most if params.get("MaxSize") is None else params["MaxSize"]
    desired = params.get("DesiredCapacity")
    if desired is None:
        desired = min(max(group.desired, least), most) if least <= most else group.desired
    _check_sizes(least, most, desired)
    group.template, group.subnets = dict(template), subnets
    group.least, group.most, group.desired = least, most, desired
    if params.get("NewInstancesProtectedFromScaleIn") is not None:
        group.protect_new = params["NewInstancesProtectedFromScaleIn"]
    group.settings.update({key: params[key] for key in _KEPT if params.get(key) is not None})
    group.wake()
    return {}


@before("autoscaling.SetDesiredCapacity")
def set_desired(call: Call, world: Any) -> Json:
    group, wanted = find(call, world), call.params["DesiredCapacity"]
    if wanted > group.most:
        raise refuse(f"New SetDesiredCapacity value {wanted} is above max value {group.most} for the AutoScalingGroup.")
    if wanted < group.least:
        raise refuse(
            f"New SetDesiredCapacity value {wanted} is below min value {group.least} for the AutoScalingGroup."
        )
    group.desired = wanted
    group.wake()
    return {}


@before("autoscaling.DeleteAutoScalingGroup")
def delete(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html"""
    group = find(call, world)
    if group.status:
        raise AwsError(
            "ScalingActivityInProgress",
            "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
        )
    if not call.params.get("ForceDelete") and (group.members or group.desired > 0):
        raise AwsError(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) "
            "still in the group.",
        )
    group.status, group.desired, group.least = "Delete in progress", 0, 0
    group.look()
    return {}


# --- instances ---


def activity(one: Json) -> Json:
    shown = {key: value for key, value in one.items() if key != "instance"}
    return present({**shown, "StartTime": when(one["StartTime"]), "EndTime": when(one["EndTime"]), "Details": "{}"})


def _member(call: Call, world: Any, instance: str) -> tuple[Group, Member]:
    for group in groups(world, call.region).values():
        if instance in group.members:
            return group, group.members[instance]
    raise refuse(f"Instance Id not found - No managed instance found for instance ID: {instance}")


@before("autoscaling.TerminateInstanceInAutoScalingGroup")
def terminate(call: Call, world: Any) -> Json:
    group, member = _member(call, world, call.params["InstanceId"])
    if call.params["ShouldDecrementDesiredCapacity"]:
        if group.desired - 1 < group.least:
            raise refuse(
                f"Currently, desiredSize equals minSize ({group.least}). Terminating instance without replacement will "
                "violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower "
                "group's min size."
            )
        group.desired -= 1
    group.end(member, "instance was taken out of service in response to a user request.")
    return {"Activity": activity(group.activities[0])}


@before("autoscaling.SetInstanceProtection")
def protect(call: Call, world: Any) -> Json:
    group = find(call, world)
    for one in call.params["InstanceIds"]:
        if one not in group.members:
            raise refuse(f"The instance {one} is not part of Auto Scaling group {group.name}.")
    for one in call.params["InstanceIds"]:
        group.members[one].protected = call.params["ProtectedFromScaleIn"]
    return {}


@before("autoscaling.SetInstanceHealth")
def set_health(call: Call, world: Any) -> Json:
    group, member = _member(call, world, call.params["InstanceId"])
    if call.params["HealthStatus"] == "Unhealthy":
        member.health = "Unhealthy"
        group.end(member, "an instance was taken out of service in response to a user health-check.")
    return {}


@before("autoscaling.SuspendProcesses", "autoscaling.ResumeProcesses")
def suspend(call: Call, world: Any) -> Json:
    group = find(call, world)
    every = {
        "Launch",
        "Terminate",
        "HealthCheck",
        "ReplaceUnhealthy",
        "AZRebalance",
        "AlarmNotification",
        "ScheduledActions",
        "AddToLoadBalancer",
        "InstanceRefresh",
    }
    named = set(call.params.get("ScalingProcesses") or every)
    group.suspended = group.suspended | named if call.action == "SuspendProcesses" else group.suspended - named
    group.wake()
    return {}


# --- tags ---


def _retag(group: Group, tags: list[Json]) -> None:
    for tag in tags:
        group.tags[:] = [one for one in group.tags if one["Key"] != tag["Key"]]
        made = {
            "ResourceId": group.name,
            "ResourceType": "auto-scaling-group",
            "Key": tag["Key"],
            "Value": tag.get("Value") or "",
        }
        group.tags.append({**made, "PropagateAtLaunch": tag.get("PropagateAtLaunch") or False})


def _tagged(call: Call, world: Any, tag: Json) -> Group:
    found = groups(world, call.region).get(tag["ResourceId"])
    if not found:
        raise refuse(f"AutoScalingGroup name not found - AutoScalingGroup {tag['ResourceId']} not found")
    return found


@before("autoscaling.CreateOrUpdateTags")
def tag(call: Call, world: Any) -> Json:
    for one in call.params["Tags"]:
        _retag(_tagged(call, world, one), [one])
    return {}


@before("autoscaling.DeleteTags")
def untag(call: Call, world: Any) -> Json:
    for one in call.params["Tags"]:
        group = _tagged(call, world, one)
        group.tags[:] = [kept for kept in group.tags if kept["Key"] != one["Key"]]
    return {}
