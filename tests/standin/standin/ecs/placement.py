"""Which machine of a cluster a task fits on, and if none: why, in the words of ECS's events.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
Constraints understand the part of the cluster query language that names attributes: `==`, `!=`, `=~`, `in [..]`,
`exists`, joined by `and`, `&&`.
"""

import re
from typing import Any

from . import wiring
from .model import ContainerInstance, Json

_TERM = re.compile(r"^(!?)(exists\()?(?:attribute:)?([\w.:-]+)\)?\s*(==|!=|=~|in|not_in|!exists|exists)?\s*(.*)$")


def instances_with_room(ecs: Any, order: Any) -> tuple[list[ContainerInstance], str]:
    """The machines that can take the task, the best first; and if there is none, the reason for it."""
    joined = [one for one in order.cluster.instances.values() if one.status == "ACTIVE" and one.connected]
    if order.provider:
        joined = [one for one in joined if one.provider == order.provider]
    if not joined:
        return [], "Reason: No Container Instances were found in your cluster."
    fits, closest = [], ""
    for instance in joined:
        problem = lack(ecs, order, instance)
        if problem:
            closest = closest or f"The closest matching (container-instance {instance.id}) {problem}"
        else:
            fits.append(instance)
    return sorted(fits, key=lambda one: _crowd(ecs, order, one)), closest


def _crowd(ecs: Any, order: Any, instance: ContainerInstance) -> tuple[int, int, str]:
    """Spreads by zone, then packs: what ECS does where no strategy is given is a spread over zones."""
    mates = [
        task for task in ecs.tasks.values() if task.order.group == order.group and not task.stopped and task.instance
    ]
    zone = sum(task.zone == instance.zone for task in mates)
    return zone, sum(task.instance is instance for task in mates), instance.id


def lack(ecs: Any, order: Any, instance: ContainerInstance) -> str:
    """Why a task doesn't fit on a machine; empty if it does.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html"""
    definition, here = order.definition, ecs.tasks_on(instance)
    if not all(meets(rule, instance, order, here) for rule in _constraints(order)):
        return "is missing an attribute required by your task."
    if definition.awsvpc and not _subnet_near(ecs, order, instance):
        return "is missing an attribute required by your task."
    if sum(task.definition.cpu for task in here) + definition.cpu > instance.cpu:
        return "has insufficient CPU units available."
    if sum(task.definition.memory for task in here) + definition.memory > instance.memory:
        return "has insufficient memory available."
    if definition.host_ports & {port for task in here for port in task.definition.host_ports}:
        return "is already using a port required by your task."
    if definition.awsvpc and sum(task.definition.awsvpc for task in here) >= instance.interfaces:
        return 'encountered error "RESOURCE:ENI".'
    return ""


def _subnet_near(ecs: Any, order: Any, instance: ContainerInstance) -> bool:
    """Whether one of the task's subnets is in the machine's zone."""
    wanted = (order.network or {}).get("awsvpcConfiguration", {}).get("subnets", [])
    return any(one.id in wanted and one.availability_zone == instance.zone for one in wiring.subnets(ecs))


def _constraints(order: Any) -> list[Json]:
    of_service = order.service.settings.get("placementConstraints") if order.service else None
    return (order.definition.given.get("placementConstraints") or []) + (of_service or [])


def meets(rule: Json, instance: ContainerInstance, order: Any, here: list[Any]) -> bool:
    if rule["type"] == "distinctInstance":
        return not any(task.order.group == order.group for task in here)
    terms = re.split(r"\s+and\s+|\s*&&\s*", rule.get("expression", ""))
    return all(
        _holds(term.strip().strip("()") if "exists" not in term else term.strip(), instance) for term in terms if term
    )


def _holds(term: str, instance: ContainerInstance) -> bool:
    found = _TERM.match(term)
    if not found:
        return False
    negated, exists, name, operator, value = found.groups()
    have = instance.machine.id if name == "ec2InstanceId" else instance.attributes.get(name)
    value = value.strip().strip("'\"")
    if exists or operator == "exists":
        result = have is not None
    elif operator == "!exists":
        result = have is None
    elif operator in ("in", "not_in"):
        among = have in [one.strip().strip("'\"") for one in value.strip("[]").split(",")]
        result = among == (operator == "in")
    elif operator == "=~":
        result = have is not None and re.fullmatch(value, have) is not None
    else:
        result = (have == value) == (operator == "==")
    return result != bool(negated)
