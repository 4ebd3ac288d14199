"""Why a task's containers can't start, in AWS's own words.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
"""

from typing import Any

from . import wiring


def why_not(task: Any) -> str | None:
    """Why the containers can't start, if so.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"""
    fargate = task.fargate
    role = wiring.missing_role(task.ecs, task.definition)
    if role:
        return (
            f"ECS was unable to assume the role '{role}' that was provided for this task. Please verify that the role "
            "being passed has the proper trust relationship and permissions and that your IAM user has permissions to "
            "pass this role."
        )
    if fargate and not wiring.has_egress(task.ecs, task.subnet, bool(task.interface.public_ip)):
        return (
            "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth "
            "from Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network "
            f'configuration. RequestError: send request failed caused by: Post "https://api.ecr.{task.ecs.region}'
            '.amazonaws.com/": dial tcp: i/o timeout'
        )
    secret = wiring.missing_secret(task)
    if secret:
        return (
            "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval "
            "failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch "
            f"secret {secret} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the "
            "specified secret."
        )
    for container in task.containers:
        missing = task.ecs.images.missing(container.image)
        if missing:
            container.reason = missing
            return missing if fargate else "Task failed to start"
    group = wiring.missing_log_group(task)
    if group and fargate:
        return (
            "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: "
            "failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not "
            "exist. : exit status 1"
        )
    if group:
        task.containers[0].reason = (
            "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to "
            "create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist."
        )
        return "Task failed to start"
    return None
