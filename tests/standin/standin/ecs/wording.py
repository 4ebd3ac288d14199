"""The sentences of ECS's service events and stop reasons, word for word as AWS says them (people and tools search for
them).

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
"""

_MORE = "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."


def _tasks(ids: list[str]) -> str:
    return " ".join(f"(task {one})" for one in ids)


def started(service: str, ids: list[str]) -> str:
    return f"(service {service}) has started {len(ids)} tasks: {_tasks(ids)}."


def stopped(service: str, ids: list[str]) -> str:
    return f"(service {service}) has stopped {len(ids)} running tasks: {_tasks(ids)}."


def registered(service: str, group: str) -> str:
    return f"(service {service}) registered 1 targets in (target-group {group})"


def deregistered(service: str, group: str) -> str:
    return f"(service {service}) deregistered 1 targets in (target-group {group})"


def draining(service: str, count: int) -> str:
    return f"(service {service}) has begun draining connections on {count} tasks."


def steady(service: str) -> str:
    return f"(service {service}) has reached a steady state."


def unable_to_place(service: str, why: str) -> str:
    what = "was unable to place a task because no container instance met all of its requirements."
    return f"(service {service}) {what} {why} {_MORE}"


def blocked(service: str) -> str:
    return (
        f"(service {service}) was unable to stop or start tasks during a deployment because of the service deployment "
        "configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
    )


def failed_to_launch(service: str, why: str) -> str:
    return f"(service {service}) failed to launch a task with (error {why})."


def impaired(service: str) -> str:
    return f"(service {service}) is unable to consistently start tasks successfully. {_MORE}"


def target_unhealthy(service: str, port: int, group: str, why: str) -> str:
    return f"(service {service}) (port {port}) is unhealthy in (target-group {group}) due to (reason {why})"


def failed_container_check(service: str, task: str) -> str:
    return f"(service {service}) (task {task}) failed container health checks."


def completed(service: str, deployment: str) -> str:
    return f"(service {service}) (deployment {deployment}) deployment completed."


def failed(service: str, deployment: str) -> str:
    return f"(service {service}) (deployment {deployment}) deployment failed: tasks failed to start."


def rolling_back(service: str, deployment: str) -> str:
    return f"(service {service}) rolling back to (deployment {deployment})."


# `rolloutStateReason`.
def in_progress(deployment: str) -> str:
    return f"ECS deployment {deployment} in progress."


def done(deployment: str) -> str:
    return f"ECS deployment {deployment} completed."


BREAKER = "ECS deployment circuit breaker: tasks failed to start."


def breaker_rolls_back(deployment: str) -> str:
    return f"ECS deployment circuit breaker: rolling back to deploymentId {deployment}."


# `stoppedReason`.
def scaled(deployment: str) -> str:
    return f"Scaling activity initiated by (deployment {deployment})"


def failed_target(group: str) -> str:
    return f"Task failed ELB health checks in (target-group {group})"


FAILED_CONTAINER = "Task failed container health checks"


def machine_gone(instance: str) -> str:
    return f"Host EC2 (instance {instance}) terminated."
