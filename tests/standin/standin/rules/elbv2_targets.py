"""RegisterTargets, DeregisterTargets and DescribeTargetHealth: the API in front of `targets.py`."""

from typing import Any

from .. import targets
from ..wire import AwsError, Call
from . import before

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTargetHealth.html
_NOT_REGISTERED = {
    "State": "unused",
    "Reason": "Target.NotRegistered",
    "Description": "Target is not registered to the target group",
}


def _group(call: Call, world: Any) -> Any:
    found = targets.group(world, call.region, call.params["TargetGroupArn"])
    if not found:
        arn = call.params["TargetGroupArn"]
        raise AwsError("TargetGroupNotFound", f"Target groups '{arn}' not found")
    return found


def _key(group: Any, target: dict[str, Any]) -> targets.Key:
    return (group.arn, target["Id"], int(target.get("Port") or group.port))


@before("elasticloadbalancing.RegisterTargets")
def register(call: Call, world: Any) -> dict[str, Any]:
    group = _group(call, world)
    for target in call.params["Targets"]:
        if group.target_type == "instance" and not _running(call, world, target["Id"]):
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RegisterTargets.html
            raise AwsError(
                "InvalidTarget",
                f"The following targets are not in a running state and cannot be registered: '{target['Id']}'",
            )
        targets.register(world, call.region, _key(group, target))
    return {}


def _running(call: Call, world: Any, instance: str) -> bool:
    machine = world.backend("ec2", call.region).get_instance_by_id(instance)
    return bool(machine) and machine.state == "running"


@before("elasticloadbalancing.DeregisterTargets")
def deregister(call: Call, world: Any) -> dict[str, Any]:
    group = _group(call, world)
    for target in call.params["Targets"]:
        keys = [_key(group, target)]
        if not target.get("Port"):
            keys = [key for key in targets.table(world) if key[:2] == (group.arn, target["Id"])]
        for key in keys:
            targets.deregister(world, key)
    return {}


@before("elasticloadbalancing.DescribeTargetHealth")
def describe(call: Call, world: Any) -> dict[str, Any]:
    group = _group(call, world)
    known = {key: one for key, one in targets.table(world).items() if key[0] == group.arn}
    asked = [_key(group, target) for target in call.params.get("Targets") or []] or sorted(known)
    found = []
    for key in asked:
        target = known.get(key)
        health = _NOT_REGISTERED
        if target:
            health = {"State": target.state, "Reason": target.reason, "Description": target.text}
            health = {name: value for name, value in health.items() if value}
        found.append({"Target": {"Id": key[1], "Port": key[2]}, "HealthCheckPort": str(key[2]), "TargetHealth": health})
    return {"TargetHealthDescriptions": found}
