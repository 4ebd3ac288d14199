"""ECS container instances. What makes them join and go is `nodes.py`."""

from typing import Any

from .. import nodes
from ..ecs.model import ContainerInstance, Json, client, invalid, paged, present, when
from ..ecs.region import Ecs, of
from ..ecs.wording import machine_gone
from ..wire import Call
from . import before, listing, ticking

# Ports that are taken on every instance.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
RESERVED_PORTS = ["22", "2375", "2376", "51678", "51679"]


@ticking
def watch(world: Any, _now: float) -> None:
    nodes.watch(world)


def wire(ecs: Ecs, one: ContainerInstance, tags: bool) -> Json:
    here = ecs.tasks_on(one)
    used = (sum(task.definition.cpu for task in here), sum(task.definition.memory for task in here))
    ports = sorted({str(port) for task in here for container in task.containers for port in container.ports.values()})
    return present(
        {
            "containerInstanceArn": one.arn,
            "ec2InstanceId": one.machine.id,
            "capacityProviderName": one.provider,
            "version": len(here) + 1,
            "versionInfo": {
                "agentVersion": "1.98.0",
                "agentHash": "00000000",
                "dockerVersion": "DockerVersion: 25.0.8",
            },
            "remainingResources": _resources(one.cpu - used[0], one.memory - used[1], [*RESERVED_PORTS, *ports]),
            "registeredResources": _resources(one.cpu, one.memory, RESERVED_PORTS),
            "status": one.status,
            "agentConnected": one.connected,
            "runningTasksCount": sum(task.last in ("RUNNING", "DEACTIVATING") for task in here),
            "pendingTasksCount": sum(task.last in ("PROVISIONING", "PENDING") for task in here),
            "attributes": [{"name": name, "value": value} for name, value in one.attributes.items()],
            "registeredAt": when(one.registered_at),
            "attachments": [],
            "tags": one.tags if tags else [],
        }
    )


def _resources(cpu: int, memory: int, ports: list[str]) -> list[Json]:
    zero = {"doubleValue": 0.0, "longValue": 0, "integerValue": 0}
    return [
        {"name": "CPU", "type": "INTEGER", **zero, "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", **zero, "integerValue": memory},
        {"name": "PORTS", "type": "STRINGSET", **zero, "stringSetValue": ports},
        {"name": "PORTS_UDP", "type": "STRINGSET", **zero, "stringSetValue": []},
    ]


@before("ecs.ListContainerInstances")
def list_instances(call: Call, world: Any) -> Json:
    ecs, params = of(world, call.region), call.params
    cluster, status = ecs.cluster(params.get("cluster")), params.get("status")
    arns = [one.arn for one in cluster.instances.values() if status in (None, one.status)]
    arns, token = paged(arns, params, 100)
    return present({"containerInstanceArns": arns, "nextToken": token})


@before("ecs.DescribeContainerInstances")
def describe(call: Call, world: Any) -> Json:
    ecs = of(world, call.region)
    cluster = ecs.cluster(call.params.get("cluster"))
    tags = "TAGS" in (call.params.get("include") or [])
    if not call.params["containerInstances"]:
        raise invalid("Container instances cannot be empty.")
    found, failures = [], []
    for name in call.params["containerInstances"]:
        one = cluster.instances.get(name.rsplit("/", 1)[-1])
        if one:
            found.append(wire(ecs, one, tags))
        else:
            failures.append({"arn": name, "reason": "MISSING"})
    return {"containerInstances": found, "failures": failures}


@before("ecs.UpdateContainerInstancesState")
def update_state(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html"""
    ecs = of(world, call.region)
    cluster = ecs.cluster(call.params.get("cluster"))
    if call.params["status"] not in ("ACTIVE", "DRAINING"):
        raise invalid("Container instances can be set to ACTIVE or DRAINING.")
    found, failures = [], []
    for name in call.params["containerInstances"]:
        one = cluster.instances.get(name.rsplit("/", 1)[-1])
        if not one:
            failures.append({"arn": name, "reason": "MISSING"})
            continue
        one.status = call.params["status"]
        for task in ecs.tasks_on(one):
            ecs.scheduler.changed(task)
        found.append(wire(ecs, one, tags=False))
    return {"containerInstances": found, "failures": failures}


@before("ecs.DeregisterContainerInstance")
def deregister(call: Call, world: Any) -> Json:
    ecs = of(world, call.region)
    cluster = ecs.cluster(call.params.get("cluster"))
    one = cluster.instances.get(call.params["containerInstance"].rsplit("/", 1)[-1])
    if not one:
        raise client("The referenced container instance was not found.")
    if ecs.tasks_on(one) and not call.params.get("force"):
        raise invalid("Found running tasks on the instance.")
    for task in ecs.tasks_on(one):
        task.lose(machine_gone(one.machine.id))
    del cluster.instances[one.id]
    return {"containerInstance": {**wire(ecs, one, tags=False), "status": "INACTIVE"}}


@before("ecs.PutAttributes", "ecs.DeleteAttributes")
def attributes(call: Call, world: Any) -> Json:
    cluster = of(world, call.region).cluster(call.params.get("cluster"))
    for attribute in call.params["attributes"]:
        one = cluster.instances.get(attribute["targetId"].rsplit("/", 1)[-1])
        if not one:
            raise client("The referenced container instance was not found.")
        if call.action == "PutAttributes":
            one.attributes[attribute["name"]] = attribute.get("value", "")
        else:
            one.attributes.pop(attribute["name"], None)
    return {"attributes": call.params["attributes"]}


@before("ecs.ListAttributes")
def list_attributes(call: Call, world: Any) -> Json:
    cluster, found = of(world, call.region).cluster(call.params.get("cluster")), []
    for one in cluster.instances.values():
        for name, value in one.attributes.items():
            if call.params.get("attributeName") in (None, name) and call.params.get("attributeValue") in (None, value):
                found.append({"name": name, "value": value, "targetType": "container-instance", "targetId": one.arn})
    return {"attributes": found}


@listing
def troubles(world: Any) -> Any:
    """Machines that don't come up, with why. They aren't resources of their own, so they count as built in."""
    for machine, why in nodes.trouble(world).items():
        yield {"service": "ec2", "type": "boot-trouble", "id": machine, "state": why, "tags": {}, "builtin": True}
