"""A task as the API shows it."""

from typing import Any

from .model import Json, present, when


def wire(task: Any, tags: bool = False) -> Json:
    order = task.order
    return present(
        {
            "attachments": _attachments(task),
            "availabilityZone": task.zone,
            "capacityProviderName": order.provider,
            "clusterArn": task.cluster.arn,
            "connectivity": "CONNECTED" if task.started_at and not task.stopped else None,
            "connectivityAt": when(task.started_at),
            "containerInstanceArn": task.instance and task.instance.arn,
            "containers": [_container(task, container) for container in task.containers],
            "cpu": str(task.definition.cpu),
            "memory": str(task.definition.memory),
            "createdAt": when(task.created_at),
            "desiredStatus": task.desired,
            "enableExecuteCommand": order.execute,
            "executionStoppedAt": when(task.execution_stopped_at),
            "group": order.group,
            "healthStatus": task.health,
            "lastStatus": task.last,
            "launchType": order.launch_type if not order.provider or order.provider.startswith("FARGATE") else "EC2",
            "overrides": {"containerOverrides": [], "inferenceAcceleratorOverrides": [], **order.overrides},
            "platformVersion": "1.4.0" if task.fargate else None,
            "platformFamily": "Linux" if task.fargate else None,
            "pullStartedAt": when(task.pull_started_at),
            "pullStoppedAt": when(task.pull_stopped_at),
            "startedAt": when(task.started_at),
            "startedBy": order.started_by or None,
            "stopCode": task.stop_code,
            "stoppedAt": when(task.stopped_at),
            "stoppedReason": task.stopped_reason,
            "stoppingAt": when(task.stopping_at),
            "tags": task.tags if tags else [],
            "taskArn": task.arn,
            "taskDefinitionArn": task.definition.arn,
            "version": task.version,
        }
    )


def _attachments(task: Any) -> list[Json]:
    if not task.interface:
        return []
    details = {
        "subnetId": task.subnet,
        "networkInterfaceId": task.interface.id,
        "macAddress": task.interface.mac_address,
        "privateDnsName": f"ip-{task.address.replace('.', '-')}.{task.ecs.region}.compute.internal",
        "privateIPv4Address": task.address,
    }
    attaching = task.last == "PROVISIONING"
    status = "DELETED" if task.stopped else "ATTACHING" if attaching else "ATTACHED"
    values = [{"name": name, "value": value} for name, value in details.items()]
    return [{"id": task.attachment, "type": "ElasticNetworkInterface", "status": status, "details": values}]


def _container(task: Any, container: Any) -> Json:
    place = {"attachmentId": task.attachment, "privateIpv4Address": task.address}
    bindings = [
        {"bindIP": "0.0.0.0", "containerPort": inner, "hostPort": outer, "protocol": "tcp"}
        for inner, outer in container.ports.items()
    ]
    given = container.given
    return present(
        {
            "containerArn": container.arn,
            "taskArn": task.arn,
            "name": given["name"],
            "image": container.image,
            "imageDigest": container.digest,
            "runtimeId": container.runtime if task.started_at else None,
            "lastStatus": container.last,
            "exitCode": container.exit,
            "reason": container.reason,
            "networkBindings": bindings if task.started_at else [],
            "networkInterfaces": [place] if task.interface else [],
            "healthStatus": container.health,
            "cpu": str(given.get("cpu", 0)),
            "memory": str(given["memory"]) if given.get("memory") else None,
            "memoryReservation": str(given["memoryReservation"]) if given.get("memoryReservation") else None,
            "managedAgents": _agents(task),
        }
    )


def _agents(task: Any) -> list[Json] | None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html"""
    if not task.order.execute:
        return None
    status = "RUNNING" if task.last == "RUNNING" else "STOPPED" if task.stopped else "PENDING"
    return [present({"name": "ExecuteCommandAgent", "lastStatus": status, "lastStartedAt": when(task.started_at)})]
