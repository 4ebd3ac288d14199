"""ECS task definitions: registered (each time a new revision: there is no token), deregistered, deleted."""

import re
from typing import Any

from ..ecs.model import Json, TaskDefinition, client, paged, present
from ..ecs.region import of
from ..wire import AwsError, Call
from . import before

_FAMILY = re.compile(r"^[A-Za-z0-9_-]{1,255}$")

# CPU units -> MiB that Fargate offers with them.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
FARGATE_SIZES = {
    256: [512, 1024, 2048],
    512: range(1024, 4097, 1024),
    1024: range(2048, 8193, 1024),
    2048: range(4096, 16385, 1024),
    4096: range(8192, 30721, 1024),
    8192: range(16384, 61441, 4096),
    16384: range(32768, 122881, 8192),
}
# What each container has when the request doesn't say.
_DEFAULTS = {"cpu": 0, "essential": True}
_EMPTY = ("portMappings", "environment", "mountPoints", "volumesFrom", "systemControls")
# Seconds until a deleted revision that nothing uses is really gone.
DELETING = 300.0
_KEPT = {
    "family", "taskRoleArn", "executionRoleArn", "networkMode", "volumes", "placementConstraints",
    "requiresCompatibilities",
    "cpu", "memory", "pidMode", "ipcMode", "proxyConfiguration", "inferenceAccelerators", "ephemeralStorage",
    "runtimePlatform", "enableFaultInjection",
}  # fmt: skip


def _parse(text: str) -> str:
    """Numbers may carry units: `.5 vCPU`, `1 GB`."""
    found = re.match(r"^\s*([\d.]+)\s*(vCPU|GB)?\s*$", text, re.IGNORECASE)
    if not found:
        raise client(f"Invalid 'cpu' or 'memory' setting for task: {text}")
    number, unit = float(found.group(1)), (found.group(2) or "").lower()
    return str(int(number * 1024 if unit else number))


@before("ecs.RegisterTaskDefinition")
def register(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html"""
    ecs, params = of(world, call.region), call.params
    family = params["family"]
    if not _FAMILY.match(family):
        raise client("Family contains invalid characters.")
    given = {key: value for key, value in params.items() if key in _KEPT}
    given.update({size: _parse(params[size]) for size in ("cpu", "memory") if params.get(size)})
    empty = {key: [] for key in _EMPTY}
    given["containerDefinitions"] = [{**_DEFAULTS, **empty, **one} for one in params["containerDefinitions"]]
    _check_containers(given)
    if "FARGATE" in (given.get("requiresCompatibilities") or []):
        _check_fargate(given)
    revisions = ecs.definitions.setdefault(family, {})
    # A number is never used twice, even when its revision is deleted.
    numbers = world.facts("task-definition-revisions")
    revision = numbers[(call.region, family)] = numbers.get((call.region, family), 0) + 1
    arn = ecs.arn("task-definition", f"{family}:{revision}")
    definition = TaskDefinition(arn, family, revision, given, world.now(), list(params.get("tags") or []))
    revisions[revision] = definition
    return {"taskDefinition": definition.wire(), "tags": definition.tags}


def _check_containers(given: Json) -> None:
    names = [container.get("name") for container in given["containerDefinitions"]]
    if not names:
        raise client("Container list cannot be empty.")
    volumes = {volume["name"] for volume in given.get("volumes") or []}
    for container in given["containerDefinitions"]:
        name = container.get("name")
        if not name:
            raise client("Container.name should not be null or empty.")
        if not container.get("image"):
            raise client("Container.image should not be null or empty.")
        if not (given.get("memory") or container.get("memory") or container.get("memoryReservation")):
            raise client(
                f"Invalid setting for container '{name}'. At least one of 'memory' or 'memoryReservation' must be "
                "specified."
            )
        for mapping in container["portMappings"]:
            mapping.setdefault("protocol", "tcp")
            mode, port = given.get("networkMode"), mapping["containerPort"]
            if mode in ("awsvpc", "host") and mapping.setdefault("hostPort", port) != port:
                raise client(
                    f"When networkMode={mode}, the host ports and container ports in port mappings must match."
                )
        for mount in container["mountPoints"]:
            if mount.get("sourceVolume") not in volumes:
                raise client(f"Unknown volume '{mount.get('sourceVolume')}'.")
        _check_logs(container)
    if len(set(names)) != len(names):
        raise client("Container names must be unique.")
    if not any(container["essential"] for container in given["containerDefinitions"]):
        raise client("A task definition must have at least one essential container.")


def _check_logs(container: Json) -> None:
    configuration = container.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return
    lacking = [o for o in ("awslogs-group", "awslogs-region") if not (configuration.get("options") or {}).get(o)]
    if lacking:
        raise client(f"Log driver awslogs requires options: {', '.join(lacking)}")


def _check_fargate(given: Json) -> None:
    if given.get("networkMode") != "awsvpc":
        raise client("Fargate only supports network mode 'awsvpc'.")
    if not given.get("cpu") or not given.get("memory"):
        raise client("Fargate requires that 'cpu' and 'memory' be defined at the task level.")
    if int(given["memory"]) not in FARGATE_SIZES.get(int(given["cpu"]), []):
        raise client("No Fargate configuration exists for given values.")
    if given.get("placementConstraints"):
        raise client("Placement constraints are not supported with FARGATE launch type.")
    if any("host" in volume and (volume["host"] or {}).get("sourcePath") for volume in given.get("volumes") or []):
        raise client("Fargate does not support volume with 'sourcePath'.")
    if given.get("executionRoleArn"):
        return
    for container in given["containerDefinitions"]:
        if ".dkr.ecr." in container["image"]:
            raise client("Fargate requires task definition to have execution role ARN to support ECR images.")
        if (container.get("logConfiguration") or {}).get("logDriver") == "awslogs":
            raise client("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
        if container.get("secrets"):
            raise client("Fargate requires task definition to have execution role ARN to support secrets.")


def _find(call: Call, world: Any, name: str) -> TaskDefinition:
    found = of(world, call.region).find_definition(name)
    if not found:
        raise client("Unable to describe task definition.")
    return found


@before("ecs.DescribeTaskDefinition")
def describe(call: Call, world: Any) -> Json:
    found = _find(call, world, call.params["taskDefinition"])
    tags = found.tags if "TAGS" in (call.params.get("include") or []) else []
    return {"taskDefinition": found.wire(), "tags": tags}


@before("ecs.DeregisterTaskDefinition")
def deregister(call: Call, world: Any) -> Json:
    name = call.params["taskDefinition"]
    if ":" not in name.rsplit("/", 1)[-1]:
        raise client("Revision is missing.")
    found = _find(call, world, name)
    if found.status == "ACTIVE":
        found.status, found.deregistered_at = "INACTIVE", world.now()
    return {"taskDefinition": found.wire()}


@before("ecs.DeleteTaskDefinitions")
def delete(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteTaskDefinitions.html"""
    ecs = of(world, call.region)
    if len(call.params["taskDefinitions"]) > 10:
        raise AwsError("InvalidParameterException", "Size of TaskDefinition references list cannot exceed 10")
    deleted, failures = [], []
    for name in call.params["taskDefinitions"]:
        found = ecs.find_definition(name)
        if not found or found.status == "ACTIVE":
            what = (
                "is still in ACTIVE status. Please deregister the target"
                if found
                else "does not exist. Specify a valid one"
            )
            failures.append({"arn": name, "reason": f"The specified task definition {what} and try again."})
            continue
        found.status, found.delete_requested_at = "DELETE_IN_PROGRESS", world.now()
        _forget_unused(ecs, found)
        deleted.append(found.wire())
    return {"taskDefinitions": deleted, "failures": failures}


def _forget_unused(ecs: Any, definition: TaskDefinition) -> None:
    """A deleted revision stays while tasks or services use it."""

    def forget() -> None:
        by_task = any(task.definition is definition and not task.stopped for task in ecs.tasks.values())
        by_service = any(d.revision.definition is definition for one in ecs.services.values() for d in one.deployments)
        if by_task or by_service:
            _forget_unused(ecs, definition)
        else:
            ecs.definitions[definition.family].pop(definition.revision, None)

    ecs.world.after(DELETING, forget)


@before("ecs.ListTaskDefinitions")
def list_definitions(call: Call, world: Any) -> Json:
    ecs, params = of(world, call.region), call.params
    status, prefix = params.get("status") or "ACTIVE", params.get("familyPrefix")
    # `familyPrefix` is the whole name of a family, despite its own name.
    families = sorted(family for family in ecs.definitions if prefix in (None, family))
    arns = [one.arn for f in families for _, one in sorted(ecs.definitions[f].items()) if one.status == status]
    if params.get("sort") == "DESC":
        arns.reverse()
    arns, token = paged(arns, params, 100)
    return present({"taskDefinitionArns": arns, "nextToken": token})


@before("ecs.ListTaskDefinitionFamilies")
def list_families(call: Call, world: Any) -> Json:
    ecs, params = of(world, call.region), call.params
    wanted = params.get("status")
    names = []
    for family in sorted(ecs.definitions):
        states = {one.status for one in ecs.definitions[family].values()}
        if family.startswith(params.get("familyPrefix") or "") and (
            wanted in (None, "ALL") or ("ACTIVE" in states) == (wanted == "ACTIVE")
        ):
            names.append(family)
    names, token = paged(names, params, 100)
    return present({"families": names, "nextToken": token})
