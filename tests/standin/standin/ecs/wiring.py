"""What a task is plugged into outside of ECS: its network interface, target groups, Cloud Map, logs, secrets, roles.

Each function works on moto's models or on `targets.py`. When to call them is the task's business (`tasks.py`).
"""

from typing import Any

from .. import targets
from ..names import publish
from ..network import give_back, take
from ..rules.iam import role_named, role_usable
from .model import Json


class LaunchError(Exception):
    """Why a task can't even be made, in the words of the service's event."""


# --- network interfaces ---


def attach_interface(ecs: Any, network: Json, subnet_id: str, attachment: str) -> Any:
    """Makes the interface of an awsvpc task. It belongs to ECS: it can't be deleted by hand, and goes with its task."""
    ec2 = ecs.ec2
    subnet = next((one for one in subnets(ecs) if one.id == subnet_id), None)
    if not subnet:
        raise LaunchError(f"The subnet ID '{subnet_id}' does not exist")
    groups = network.get("securityGroups") or [_default_group(ec2, subnet.vpc_id)]
    for group in groups:
        if not ec2.get_security_group_from_id(group):
            raise LaunchError(f"The security group '{group}' does not exist")
    try:
        return take(
            ecs.world,
            ecs.region,
            subnet.id,
            groups,
            description=f"arn:aws:ecs:{ecs.region}:{ecs.account}:attachment/{attachment}",
            requester="amazon-ecs",
            public=network.get("assignPublicIp") == "ENABLED",
        )
    except StopIteration as error:  # moto's sign that the subnet is full.
        raise LaunchError(f"There are not enough free addresses in subnet '{subnet.id}'.") from error


def detach_interface(ecs: Any, interface: Any) -> None:
    give_back(ecs.world, ecs.region, interface.id)


def subnets(ecs: Any) -> list[Any]:
    return [subnet for zone in ecs.ec2.subnets.values() for subnet in zone.values()]


def _default_group(ec2: Any, vpc: str) -> str:
    return next(group.id for group in ec2.groups[vpc].values() if group.name == "default")


def has_egress(ecs: Any, subnet_id: str, public_ip: bool) -> bool:
    """Whether what is in a subnet reaches AWS's own addresses: by a NAT gateway that is available, by an internet
    gateway and a public address, or by an interface endpoint in its VPC.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html"""
    ec2 = ecs.ec2
    subnet = next((one for one in subnets(ecs) if one.id == subnet_id), None)
    if not subnet:
        return False
    if any(end.vpc_id == subnet.vpc_id and ".ecr." in end.service_name for end in ec2.vpc_end_points.values()):
        return True
    tables = [table for table in ec2.route_tables.values() if table.vpc_id == subnet.vpc_id]
    table = next((one for one in tables if subnet_id in one._associations.values()), None)
    table = table or next((one for one in tables if one.main_association_id), None)
    for route in table.routes if table else []:
        if route.destination_cidr_block != "0.0.0.0/0":
            continue
        if route.nat_gateway and route.nat_gateway.state == "available":
            return True
        if route.gateway and public_ip:
            return True
    return False


# --- target groups ---


def target_keys(task: Any) -> list[targets.Key]:
    """The targets that a task of a service is, one per load balancer of its revision."""
    keys = []
    for balancer in task.deployment.revision.load_balancers if task.deployment else []:
        arn = balancer.get("targetGroupArn")
        group = arn and targets.group(task.ecs.world, task.ecs.region, arn)
        if not group:
            continue
        port = task.port(balancer["containerName"], balancer["containerPort"])
        place = task.address if group.target_type == "ip" else task.instance and task.instance.machine.id
        if place:
            keys.append((arn, place, port))
    return keys


def respond(world: Any, region: str, place: str) -> Any:
    """Answers health checks for tasks: by address (awsvpc), or by instance and host port."""
    ecs = world.facts("ecs").get(region)
    if not ecs:
        return None
    here = [task for task in ecs.tasks.values() if task.address == place or task.on_machine(place)]
    if not here:
        return None
    return lambda port: any(task.answers(port) for task in here)


targets.RESPONDERS.append(respond)


# --- Cloud Map ---


def join_registries(task: Any) -> None:
    """Registers the task as an instance of the Cloud Map services of its service.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html"""
    ecs = task.ecs
    for registry in task.deployment.revision.registries if task.deployment else []:
        service = _registry(ecs, registry)
        if not service or task.id in {instance.instance_id for instance in service.instances}:
            continue
        attributes = {
            "AVAILABILITY_ZONE": task.zone,
            "AWS_INSTANCE_IPV4": task.host_address,
            "AWS_INIT_HEALTH_STATUS": "HEALTHY",
            "ECS_CLUSTER_NAME": task.cluster.name,
            "ECS_SERVICE_NAME": task.service.name,
            "ECS_TASK_DEFINITION_FAMILY": task.definition.family,
            "REGION": ecs.region,
        }
        if registry.get("containerPort") or registry.get("port"):
            attributes["AWS_INSTANCE_PORT"] = str(registry.get("port") or registry["containerPort"])
        if task.instance:
            attributes["EC2_INSTANCE_ID"] = task.instance.machine.id
        ecs.world.backend("servicediscovery", ecs.region).register_instance(service.id, task.id, task.id, attributes)
        publish(ecs.world, ecs.region, service)


def leave_registries(task: Any) -> None:
    for registry in task.deployment.revision.registries if task.deployment else []:
        service = _registry(task.ecs, registry)
        if service:
            service.instances[:] = [one for one in service.instances if one.instance_id != task.id]
            publish(task.ecs.world, task.ecs.region, service)


def _registry(ecs: Any, registry: Json) -> Any:
    services = ecs.world.backend("servicediscovery", ecs.region).services
    return services.get(registry["registryArn"].rsplit("/", 1)[-1])


# --- logs, secrets, roles ---


def log_stream(task: Any, container: Json) -> tuple[str, str] | None:
    """The group and stream that a container writes to, if it uses awslogs.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html"""
    configuration = container.get("logConfiguration") or {}
    if configuration.get("logDriver") != "awslogs":
        return None
    options = configuration.get("options", {})
    prefix = options.get("awslogs-stream-prefix")
    stream = f"{prefix}/{container['name']}/{task.id}" if prefix else task.id
    return options["awslogs-group"], stream


def missing_log_group(task: Any) -> str | None:
    """The first log group of the task that isn't there and isn't to be made either."""
    groups = task.ecs.world.backend("logs", task.ecs.region).groups
    for container in task.definition.containers:
        where = log_stream(task, container)
        if where and where[0] not in groups:
            if container["logConfiguration"]["options"].get("awslogs-create-group") != "true":
                return where[0]
            task.ecs.world.backend("logs", task.ecs.region).create_log_group(where[0], {})
    return None


def write_log(task: Any, container: Json, lines: list[str]) -> None:
    where = log_stream(task, container)
    logs = task.ecs.world.backend("logs", task.ecs.region)
    if not where or where[0] not in logs.groups:
        return
    logs.ensure_log_stream(*where)
    now = int(task.ecs.world.now() * 1000)
    logs.groups[where[0]].put_log_events(where[1], [{"timestamp": now, "message": line} for line in lines])


def missing_secret(task: Any) -> str | None:
    """The first secret of the task that can't be read."""
    for container in task.definition.containers:
        for secret in container.get("secrets") or []:
            source = secret["valueFrom"]
            if not _secret_exists(task.ecs, source):
                return source
    return None


def _secret_exists(ecs: Any, source: str) -> bool:
    """`source` is a secret's ARN (maybe with `:key:stage:version` after it) or an SSM parameter's name or ARN."""
    if ":secretsmanager:" in source:
        arn = ":".join(source.split(":")[:7])
        secrets = ecs.world.backend("secretsmanager", ecs.region).secrets
        found = [one for one in secrets.values() if one.arn == arn or one.arn.rsplit("-", 1)[0] == arn]
        return any(one.deleted_date is None for one in found)
    name = source.partition(":parameter")[2] or source
    return ecs.world.backend("ssm", ecs.region).get_parameter(name) is not None


def missing_role(ecs: Any, definition: Any) -> str | None:
    """The first role of a task definition that can't be assumed (yet)."""
    for arn in (definition.given.get("executionRoleArn"), definition.given.get("taskRoleArn")):
        if arn and not (role_usable(ecs.world, arn) and _trusts_tasks(ecs.world, arn)):
            return arn
    return None


def _trusts_tasks(world: Any, arn: str) -> bool:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
    return "ecs-tasks.amazonaws.com" in str(role_named(world, arn.rsplit("/", 1)[-1]).assume_role_policy_document)
