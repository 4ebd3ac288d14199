"""What Auto Scaling shows: groups, instances, activities, tags; and what lives of it."""

from collections.abc import Iterator
from typing import Any

from ..asg import DEFAULT_COOLDOWN, GRACE_PERIOD, Group, Json, groups, version_of
from ..ecs.model import present, when
from ..wire import AwsError, Call
from . import before, listing
from .autoscaling import activity, find, refuse

# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeAutoScalingGroups.html
PAGE = 50
SERVICE_ROLE = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"


def _paged(items: list[Any], params: Json) -> tuple[list[Any], str | None]:
    start = int(params.get("NextToken") or 0)
    end = start + min(params.get("MaxRecords") or PAGE, 100)
    return items[start:end], str(end) if end < len(items) else None


def wire(group: Group) -> Json:
    zones = {
        s.id: s.availability_zone for z in group.world.backend("ec2", group.region).subnets.values() for s in z.values()
    }
    defaults = {"DefaultCooldown": DEFAULT_COOLDOWN, "HealthCheckType": "EC2", "HealthCheckGracePeriod": GRACE_PERIOD}
    defaults |= {"TerminationPolicies": ["Default"], "TargetGroupARNs": [], "LoadBalancerNames": []}
    template = version_of_or_none(group)
    return present(
        {
            **defaults,
            **group.settings,
            "AutoScalingGroupName": group.name,
            "AutoScalingGroupARN": group.arn,
            "LaunchTemplate": {**group.template, **(template or {})},
            "MinSize": group.least,
            "MaxSize": group.most,
            "DesiredCapacity": group.desired,
            "AvailabilityZones": sorted({zones[one] for one in group.subnets if one in zones}),
            "Instances": [member.wire() for member in group.members.values()],
            "CreatedTime": when(group.created_at),
            "SuspendedProcesses": [
                {"ProcessName": name, "SuspensionReason": "User suspended"} for name in sorted(group.suspended)
            ],
            "VPCZoneIdentifier": ",".join(group.subnets),
            "EnabledMetrics": [],
            "Status": group.status,
            "Tags": group.tags,
            "NewInstancesProtectedFromScaleIn": group.protect_new,
            "ServiceLinkedRoleARN": f"arn:aws:iam::{group.world.account}:role/{SERVICE_ROLE}",
        }
    )


def version_of_or_none(group: Group) -> Json | None:
    """The template's id and name; nothing once it is deleted (groups outlive their templates)."""
    try:
        found = version_of(group.world, group.region, group.template).template
    except AwsError:
        return None
    return {"LaunchTemplateId": found.id, "LaunchTemplateName": found.name}


@before("autoscaling.DescribeAutoScalingGroups")
def describe(call: Call, world: Any) -> Json:
    params = call.params
    found = [group for name, group in sorted(groups(world, call.region).items())]
    if params.get("AutoScalingGroupNames"):
        found = [group for group in found if group.name in params["AutoScalingGroupNames"]]
    for wanted in params.get("Filters") or []:
        found = [group for group in found if _passes(group, wanted)]
    shown, token = _paged(found, params)
    return present({"AutoScalingGroups": [wire(group) for group in shown], "NextToken": token})


def _passes(group: Group, wanted: Json) -> bool:
    name, values = wanted["Name"], wanted["Values"]
    if name == "tag-key":
        return any(tag["Key"] in values for tag in group.tags)
    if name == "tag-value":
        return any(tag["Value"] in values for tag in group.tags)
    if name.startswith("tag:"):
        return any(tag["Key"] == name[4:] and tag["Value"] in values for tag in group.tags)
    raise refuse(f"Filter type {name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>")


@before("autoscaling.DescribeAutoScalingInstances")
def describe_instances(call: Call, world: Any) -> Json:
    wanted, found = call.params.get("InstanceIds"), []
    for group in groups(world, call.region).values():
        for name, member in group.members.items():
            if not wanted or name in wanted:
                found.append(
                    {**member.wire(), "HealthStatus": member.health.upper(), "AutoScalingGroupName": group.name}
                )
    shown, token = _paged(found, call.params)
    return present({"AutoScalingInstances": shown, "NextToken": token})


@before("autoscaling.DescribeScalingActivities")
def describe_activities(call: Call, world: Any) -> Json:
    name = call.params.get("AutoScalingGroupName")
    found = [
        one for group in groups(world, call.region).values() if name in (None, group.name) for one in group.activities
    ]
    found.sort(key=lambda one: -one["StartTime"])
    shown, token = _paged(found, call.params)
    return present({"Activities": [activity(one) for one in shown], "NextToken": token})


@before("autoscaling.DescribeLifecycleHooks")
def describe_hooks(call: Call, world: Any) -> Json:
    find(call, world)
    return {"LifecycleHooks": []}


@before("autoscaling.DescribePolicies", "autoscaling.DescribeScheduledActions")
def describe_nothing(call: Call, _world: Any) -> Json:
    return {"ScalingPolicies": []} if call.action == "DescribePolicies" else {"ScheduledUpdateGroupActions": []}


@listing
def state(world: Any) -> Iterator[Json]:
    for region in sorted(world.facts("autoscaling")):
        for group in groups(world, region).values():
            tags = {tag["Key"]: tag["Value"] for tag in group.tags}
            row = {
                "service": "autoscaling",
                "type": "group",
                "id": group.name,
                "arn": group.arn,
                "region": region,
                "tags": tags,
            }
            row |= {"state": group.status or "active", "min": group.least, "max": group.most, "desired": group.desired}
            yield {**row, "instances": sorted(group.members)}


@before("autoscaling.DescribeTags")
def describe_tags(call: Call, world: Any) -> Json:
    fields = {
        "auto-scaling-group": "ResourceId",
        "key": "Key",
        "value": "Value",
        "propagate-at-launch": "PropagateAtLaunch",
    }
    tags = [one for group in groups(world, call.region).values() for one in group.tags]
    for wanted in call.params.get("Filters") or []:
        tags = [
            one for one in tags if str(one[fields[wanted["Name"]]]).lower() in [v.lower() for v in wanted["Values"]]
        ]
    shown, token = _paged(tags, call.params)
    return present({"Tags": shown, "NextToken": token})
