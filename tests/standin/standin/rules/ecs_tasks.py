"""ECS tasks: run, stopped, described, entered. Their lives are `ecs/tasks.py`'s."""

from typing import Any

from ..ecs.checks import check_task_settings
from ..ecs.model import Json, client, invalid, paged, present
from ..ecs.region import Ecs, of
from ..ecs.rollout import NoRoom, choose_capacity, launch, task_tags
from ..ecs.task_wire import wire
from ..ecs.tasks import Order, Task
from ..ecs.wiring import LaunchError, missing_role
from ..wire import AwsError, Call
from . import before

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
STARTED_AT_ONCE = 10
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
DESCRIBED_AT_ONCE = 100


@before("ecs.RunTask")
def run(call: Call, world: Any) -> Json:
    ecs, params = of(world, call.region), call.params
    cluster = ecs.cluster(params.get("cluster"))
    token = params.get("clientToken")
    if token and (cluster.name, token) in ecs.tokens:
        return _again(ecs, (cluster.name, token), params)
    definition = ecs.usable_definition(params["taskDefinition"])
    check_task_settings(ecs, cluster, definition, params)
    count = params.get("count") or 1
    if count > STARTED_AT_ONCE:
        raise invalid("Count must be between 1 and 10.")
    role = missing_role(ecs, definition)
    if role:
        raise client(
            f"ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the role "
            "being passed has the proper trust relationship and permissions and that your IAM user has permissions to "
            "pass this role."
        )
    tasks: list[Task] = []
    failures: list[Json] = []
    for _ in range(count):
        launch_type, provider = choose_capacity(ecs, cluster, params, tasks)
        if launch_type == "EC2" and not provider and not cluster.instances:
            raise invalid("No Container Instances were found in your cluster.")
        tags = task_tags(params, [], definition, cluster.name, None) + list(params.get("tags") or [])
        order = Order(
            cluster=cluster,
            definition=definition,
            launch_type=launch_type,
            group=params.get("group") or f"family:{definition.family}",
            started_by=params.get("startedBy") or "",
            provider=provider,
            network=params.get("networkConfiguration"),
            tags=tags,
            overrides=params.get("overrides") or {},
            execute=params.get("enableExecuteCommand") or False,
        )
        try:
            tasks.append(launch(ecs, order))
        except NoRoom as error:
            failures.append({"arn": cluster.arn, "reason": _failure(str(error))})
        except LaunchError as error:
            raise invalid(str(error)) from error
    if token:
        ecs.tokens[(cluster.name, token)] = (dict(params), tasks)
    return {"tasks": [wire(task, tags=True) for task in tasks], "failures": failures}


def _again(ecs: Ecs, key: tuple[str, str], params: Json) -> Json:
    """The same token: the same tasks, or a conflict if it asks for something else.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html"""
    asked, tasks = ecs.tokens[key]
    if asked != dict(params):
        raise AwsError(
            "ConflictException",
            "The RunTask request could not be processed due to conflicts. The provided clientToken is already in use "
            "with a different RunTask request.",
            resourceIds=[task.arn for task in tasks],
        )
    return {"tasks": [wire(task, tags=True) for task in tasks], "failures": []}


def _failure(why: str) -> str:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html"""
    for words, reason in (
        ("CPU", "RESOURCE:CPU"),
        ("memory", "RESOURCE:MEMORY"),
        ("port", "RESOURCE:PORTS"),
        ("ENI", "RESOURCE:ENI"),
    ):
        if words in why:
            return reason
    return "ATTRIBUTE"


def _task(ecs: Ecs, call: Call) -> Task:
    found = ecs.find_task(ecs.cluster(call.params.get("cluster")), call.params["task"])
    if not found:
        raise invalid("The referenced task was not found.")
    return found


@before("ecs.StopTask")
def stop(call: Call, world: Any) -> Json:
    task = _task(of(world, call.region), call)
    task.stop(call.params.get("reason") or "Task stopped by user", "UserInitiated")
    return {"task": wire(task, tags=True)}


@before("ecs.DescribeTasks")
def describe(call: Call, world: Any) -> Json:
    ecs = of(world, call.region)
    cluster = ecs.cluster(call.params.get("cluster"))
    if not call.params.get("tasks"):
        raise invalid("Tasks cannot be empty.")
    if len(call.params["tasks"]) > DESCRIBED_AT_ONCE:
        raise invalid("Too many tasks: at most 100 can be described at once.")
    tags = "TAGS" in (call.params.get("include") or [])
    found, failures = [], []
    for name in call.params["tasks"]:
        task = ecs.find_task(cluster, name)
        if task:
            found.append(wire(task, tags))
        else:
            arn = ecs.arn("task", cluster.name, name.rsplit("/", 1)[-1])
            failures.append({"arn": arn, "reason": "MISSING"})
    return {"tasks": found, "failures": failures}


@before("ecs.ListTasks")
def list_tasks(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html"""
    ecs, params = of(world, call.region), call.params
    cluster = ecs.cluster(params.get("cluster"))
    if params.get("serviceName"):
        ecs.service(cluster, params["serviceName"])
    instance = (params.get("containerInstance") or "").rsplit("/", 1)[-1]
    desired = params.get("desiredStatus") or "RUNNING"
    arns = []
    for task in ecs.tasks_in(cluster):
        tests = (
            task.desired == desired,
            not params.get("family") or task.definition.family == params["family"],
            not params.get("serviceName") or task.order.group == f"service:{params['serviceName'].rsplit('/', 1)[-1]}",
            not params.get("startedBy") or task.order.started_by == params["startedBy"],
            not instance or (task.instance and task.instance.id == instance),
            params.get("launchType") in (None, task.order.launch_type),
        )
        if all(tests):
            arns.append(task.arn)
    arns, token = paged(arns, params, 100)
    return present({"taskArns": arns, "nextToken": token})


@before("ecs.ExecuteCommand")
def execute(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ExecuteCommand.html"""
    ecs = of(world, call.region)
    task = _task(ecs, call)
    if not task.order.execute or task.last != "RUNNING":
        raise invalid(
            "The execute command failed because execute command was not enabled when the task was run or the execute "
            "command agent isn't running. Wait and try again or run a new task with execute command enabled and try "
            "again."
        )
    name = call.params.get("container") or task.containers[0].given["name"]
    container = next((one for one in task.containers if one.given["name"] == name), None)
    if not container:
        raise invalid(f"The container {name} was not found in the task.")
    session = f"ecs-execute-command-{ecs.hex()[:17]}"
    url = f"wss://ssmmessages.{ecs.region}.amazonaws.com/v1/data-channel/{session}?role=publish_subscribe"
    return {
        "clusterArn": task.cluster.arn,
        "containerArn": container.arn,
        "containerName": name,
        "interactive": call.params["interactive"],
        "session": {"sessionId": session, "streamUrl": url, "tokenValue": ecs.hex()},
        "taskArn": task.arn,
    }
