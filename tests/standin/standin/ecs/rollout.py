"""The service scheduler: keeps the wanted number of tasks, rolls deployments within their percentages, gives up on
those that fail (circuit breaker) and rolls back.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
It looks at a service whenever something about it changed (`wake`), and decides from what there is: it keeps no plan.
"""

from collections.abc import Iterable
from typing import Any

from . import wiring, wording
from .model import EVENTS_KEPT, Deployment, Revision, Service, when
from .placement import instances_with_room
from .tasks import SETTLED, Order, Task

# Seconds from a change to the scheduler's reaction.
REACTION = 2.0
# After failures in a row starts are throttled, each time for longer.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
BACKOFF, BACKOFF_MOST = 10.0, 900.0
# Failures in a row until the service tells that it can't start tasks.
IMPAIRED_AFTER = 3
# Seconds until placement is tried again, and until its failure is told (and counted) again.
PLACE_AGAIN, TELL_AGAIN = 15.0, 60.0
# Inactive services can be seen for a while.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html
KEPT = 3600.0

_FAILURES = ("TaskFailedToStart", "EssentialContainerExited")
_UNWELL = (wording.FAILED_CONTAINER, wording.failed_target("")[:-1])


class Scheduler:
    def __init__(self, ecs: Any):
        self.ecs = ecs

    # --- what happens ---

    def wake(self, service: Service, seconds: float = REACTION) -> None:
        """Has the scheduler look at a service soon; one look for all that happens until then."""
        at = self.ecs.world.now() + seconds
        if service.wakes_at is not None and service.wakes_at <= at:
            return
        service.wakes_at = at

        def look() -> None:
            if service.wakes_at == at:
                service.wakes_at = None
                self.look(service)

        self.ecs.world.schedule(at, look)

    def changed(self, task: Task) -> None:
        if task.service:
            self.wake(task.service)

    def registered(self, task: Task) -> None:
        for target in task.targets:
            self.tell(task.service, wording.registered(task.service.name, target.key[0]))

    def deregistered(self, task: Task) -> None:
        for target in task.targets:
            self.tell(task.service, wording.deregistered(task.service.name, target.key[0]))
        self.tell(task.service, wording.draining(task.service.name, 1))

    def target_changed(self, task: Task, target: Any) -> None:
        self.wake(task.service)
        if target.state != "unhealthy" or not task.wanted:
            return
        grace = task.service.settings.get("healthCheckGracePeriodSeconds") or 0
        left = task.started_at + grace - self.ecs.world.now()
        if left > 0:
            self.ecs.world.after(left, lambda: self.target_changed(task, target))
            return
        group, port = target.key[0], target.key[2]
        self.tell(task.service, wording.target_unhealthy(task.service.name, port, group, target.text))
        task.stop(wording.failed_target(group), "ServiceSchedulerInitiated")

    def unwell(self, task: Task) -> None:
        """A container's own health check failed for good."""
        if task.service and task.wanted:
            self.tell(task.service, wording.failed_container_check(task.service.name, task.id))
            task.stop(wording.FAILED_CONTAINER, "ServiceSchedulerInitiated")

    def ended(self, task: Task) -> None:
        self.ecs.place_waiting()
        deployment, service = task.deployment, task.service
        if not service or not deployment:
            return
        self.wake(service)
        if task.stop_code in _FAILURES or (task.stopped_reason or "").startswith(_UNWELL):
            self._count_failure(service, deployment)

    def tell(self, service: Service, message: str) -> None:
        event = {"id": self.ecs.uuid(), "createdAt": when(self.ecs.world.now()), "message": message}
        service.events.insert(0, event)
        del service.events[EVENTS_KEPT:]

    # --- failures ---

    def _count_failure(self, service: Service, deployment: Deployment) -> None:
        deployment.streak += 1
        wait = min(BACKOFF * 2 ** (deployment.streak - 1), BACKOFF_MOST) if deployment.streak > 1 else 0.0
        deployment.not_before = self.ecs.world.now() + wait
        if deployment.streak == IMPAIRED_AFTER:
            self.tell(service, wording.impaired(service.name))
        if deployment.proven or deployment.rollout != "IN_PROGRESS" or deployment is not service.primary:
            return
        deployment.failed += 1
        deployment.updated_at = self.ecs.world.now()
        if service.breaker.get("enable") and deployment.failed >= deployment.threshold():
            self._trip(service, deployment)

    def _trip(self, service: Service, deployment: Deployment) -> None:
        """The circuit breaker: the deployment has failed."""
        deployment.rollout, deployment.reason = "FAILED", wording.BREAKER
        self.tell(service, wording.failed(service.name, deployment.id))
        if deployment.undoes:
            deployment.undoes.state, deployment.undoes.finished_at = "ROLLBACK_FAILED", self.ecs.world.now()
        if service.breaker.get("rollback") and service.completed and not deployment.undoes:
            reason = "Service deployment rolled back because the circuit breaker threshold was exceeded."
            self.roll_back(service, deployment, wording.breaker_rolls_back(service.completed_id), reason)
        else:
            deployment.state, deployment.state_reason = "STOPPED", "The circuit breaker threshold was exceeded."
            deployment.stopped_at = deployment.finished_at = self.ecs.world.now()

    def roll_back(self, service: Service, failed: Deployment, rollout_reason: str, reason: str) -> None:
        """Begins a deployment of the revision that completed last. Its tasks that still run stay."""
        target = service.completed
        self.tell(service, wording.rolling_back(service.name, service.completed_id))
        failed.state, failed.state_reason = "ROLLBACK_IN_PROGRESS", reason
        failed.rollback = {"reason": reason, "startedAt": when(self.ecs.world.now()), "serviceRevisionArn": target.arn}
        again = self.deploy(service, target, rollout_reason)
        again.undoes = failed
        service.history.remove(again)
        for task in self.ecs.tasks_of(service):
            if task.wanted and task.deployment is not failed and task.deployment.revision is target:
                task.deployment = again

    # --- deployments ---

    def deploy(self, service: Service, revision: Revision, reason: str = "") -> Deployment:
        """Makes a new primary deployment. What was primary is on its way out."""
        now = self.ecs.world.now()
        number = self.ecs.number()
        arn = self.ecs.arn("service-deployment", service.cluster.name, service.name, number)
        deployment = Deployment(f"ecs-svc/{number}", arn, revision, now, service.desired, updated_at=now)
        deployment.reason = reason or wording.in_progress(deployment.id)
        deployment.sources = [one.revision for one in service.deployments]
        for old in service.deployments:
            old.status, old.updated_at = "ACTIVE", now
            if old.state in ("PENDING", "IN_PROGRESS"):
                old.state, old.state_reason = "STOPPED", "The service deployment was replaced by a newer one."
                old.stopped_at = old.finished_at = now
        service.deployments.insert(0, deployment)
        service.history.insert(0, deployment)
        service.steady = False
        self.wake(service)
        return deployment

    def _complete(self, service: Service) -> None:
        now, deployment = self.ecs.world.now(), service.primary
        deployment.rollout, deployment.reason, deployment.updated_at = "COMPLETED", wording.done(deployment.id), now
        record = deployment.undoes or deployment
        record.state = "ROLLBACK_SUCCESSFUL" if deployment.undoes else "SUCCESSFUL"
        record.finished_at = now
        service.completed, service.completed_id = deployment.revision, deployment.id
        self.tell(service, wording.completed(service.name, deployment.id))

    # --- the look ---

    def look(self, service: Service) -> None:
        """Compares what is with what is wanted, and does the next thing."""
        if service.status == "INACTIVE":
            return
        if service.status == "DRAINING":
            self._drain(service)
            return
        primary = service.primary
        if primary.state == "PENDING":
            primary.state = "IN_PROGRESS"
        tasks = [task for task in self.ecs.tasks_of(service) if not task.stopped]
        mine = [task for task in tasks if task.wanted and task.deployment is primary and not _leaving(task)]
        others = [task for task in tasks if task.wanted and task not in mine]
        if any(task.ready for task in mine):
            primary.proven, primary.failed, primary.streak, primary.not_before = True, 0, 0, 0.0
        self._stop(service, _surplus(mine, primary.desired))
        # What failed neither starts tasks nor takes any from those that serve.
        if primary.rollout != "FAILED":
            self._stop(service, self._replaceable(service, others))
            self._start(service, primary.desired - sum(task.wanted for task in mine))
        self._settle(service)

    def _replaceable(self, service: Service, others: list[Task]) -> list[Task]:
        """Which tasks of older deployments (or of machines that drain) may go now: all that aren't healthy, and so many
        of the healthy ones as leave the minimum."""
        ready = [task for task in self.ecs.tasks_of(service) if task.wanted and task.ready]
        spare = max(0, len(ready) - service.least)
        healthy = [task for task in others if task.ready]
        return [task for task in others if not task.ready] + healthy[:spare]

    def _start(self, service: Service, missing: int) -> None:
        """Starts what is missing, as far as the maximum allows. A task counts until its containers have stopped."""
        primary, now = service.primary, self.ecs.world.now()
        there = [task for task in self.ecs.tasks_of(service) if not task.stopped and task.execution_stopped_at is None]
        count = min(missing, service.most - len(there))
        if count <= 0:
            if missing > 0 and all(task.ready for task in there) and now - service.told_at >= TELL_AGAIN:
                service.told_at = now
                self.tell(service, wording.blocked(service.name))
            return
        if now < primary.not_before:
            self.wake(service, primary.not_before - now)
            return
        started = []
        for _ in range(count):
            task = self._launch(service)
            if not task:
                break
            started.append(task.id)
        if started:
            self.tell(service, wording.started(service.name, started))

    def _launch(self, service: Service) -> Task | None:
        order = order_of(self.ecs, service)
        try:
            return launch(self.ecs, order)
        except NoRoom as error:
            self._unplaced(service, wording.unable_to_place(service.name, str(error)))
        except wiring.LaunchError as error:
            self._unplaced(service, wording.failed_to_launch(service.name, str(error)))
        return None

    def _unplaced(self, service: Service, message: str) -> None:
        now = self.ecs.world.now()
        if now - service.told_at >= TELL_AGAIN:
            service.told_at = now
            self.tell(service, message)
            self._count_failure(service, service.primary)
        self.wake(service, PLACE_AGAIN)

    def _stop(self, service: Service, tasks: list[Task]) -> None:
        for task in tasks:
            task.stop(wording.scaled(service.primary.id), "ServiceSchedulerInitiated")
        if tasks:
            self.tell(service, wording.stopped(service.name, [task.id for task in tasks]))

    def _settle(self, service: Service) -> None:
        """Sees whether all is as wanted: then the deployment is complete and the service steady."""
        tasks = [task for task in self.ecs.tasks_of(service) if not task.stopped]
        primary = service.primary
        alive = {id(task.deployment) for task in tasks}
        service.deployments = [one for one in service.deployments if one is primary or id(one) in alive]
        wanted = [task for task in tasks if task.wanted]
        leaving = [task for task in tasks if not task.wanted and task.execution_stopped_at is None]
        as_wanted = len(wanted) == primary.desired and all(task.ready and task.deployment is primary for task in wanted)
        if not as_wanted or leaving or primary.rollout == "FAILED":
            service.steady = False
            if any(task.last == "RUNNING" and not task.ready for task in wanted):
                self.wake(service, SETTLED)
            return
        if primary.rollout == "IN_PROGRESS":
            self._complete(service)
        if not service.steady:
            service.steady = True
            self.tell(service, wording.steady(service.name))

    def _drain(self, service: Service) -> None:
        """A deleted service lets its tasks go, and is inactive when all are at least stopping.
        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html"""
        tasks = [task for task in self.ecs.tasks_of(service) if not task.stopped]
        self._stop(service, [task for task in tasks if task.wanted])
        if all(task.last in ("STOPPING", "DEPROVISIONING", "STOPPED") for task in tasks):
            now = self.ecs.world.now()
            service.status, service.gone_at = "INACTIVE", now
            record = service.primary.undoes or service.primary
            if record.finished_at is None:
                record.state, record.state_reason = "STOPPED", "The service was deleted."
                record.stopped_at = record.finished_at = now
            service.deployments = []
            self.ecs.world.after(KEPT, lambda: self._forget(service))

    def _forget(self, service: Service) -> None:
        key = (service.cluster.name, service.name)
        if self.ecs.services.get(key) is service:
            del self.ecs.services[key]


class NoRoom(Exception):
    """No machine can take the task; why."""


def _leaving(task: Task) -> bool:
    return task.instance is not None and task.instance.status == "DRAINING"


def _surplus(tasks: list[Task], desired: int) -> list[Task]:
    """What is too much: the unhealthy first, then the newest."""
    ranked = sorted(tasks, key=lambda task: (task.ready, -task.created_at))
    return ranked[: max(0, len(tasks) - desired)]


def order_of(ecs: Any, service: Service) -> Order:
    """What the service's next task is."""
    revision = service.primary.revision
    launch_type, provider = choose_capacity(ecs, service.cluster, revision.settings, ecs.tasks_of(service))
    return Order(
        cluster=service.cluster,
        definition=revision.definition,
        launch_type=launch_type,
        provider=provider,
        group=f"service:{service.name}",
        started_by=service.primary.id,
        network=revision.network,
        tags=task_tags(service.settings, service.tags, revision.definition, service.cluster.name, service.name),
        execute=service.settings.get("enableExecuteCommand", False),
        service=service,
        deployment=service.primary,
    )


def choose_capacity(ecs: Any, cluster: Any, settings: dict, mates: Iterable[Task]) -> tuple[str, str | None]:
    """Launch type and capacity provider of the next task. A strategy first fills bases, then follows weights.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"""
    strategy = settings.get("capacityProviderStrategy")
    if not strategy and not settings.get("launchType"):
        strategy = cluster.strategy
    if not strategy:
        return settings.get("launchType") or "EC2", None
    used = [task.order.provider for task in mates if not task.stopped and task.wanted]

    def load(item: dict) -> float:
        count, base, weight = used.count(_name(item)), item.get("base") or 0, item.get("weight") or 0
        if count < base:
            return -1.0
        return (count - base + 1) / weight if weight else float("inf")

    name = _name(min(strategy, key=load))
    return ("FARGATE" if name in ("FARGATE", "FARGATE_SPOT") else "EC2"), name


def _name(item: dict) -> str:
    return item["capacityProvider"].rsplit("/", 1)[-1]


def launch(ecs: Any, order: Order) -> Task:
    """Makes a task and starts it. A task whose capacity provider can grow waits for a machine.

    Raises `NoRoom`, or `LaunchError` if its network can't be made."""
    instance = None
    if order.launch_type != "FARGATE":
        found, why = instances_with_room(ecs, order)
        provider = order.provider and ecs.find_provider(order.provider)
        if not found and not (provider and provider.managed):
            raise NoRoom(why)
        instance = found[0] if found else None
    task = Task(ecs, order, instance)
    task.begin()
    ecs.tasks[task.id] = task
    return task


def task_tags(settings: dict, tags: list, definition: Any, cluster: str, service: str | None) -> list[dict]:
    """What a task is tagged with: by its service or task definition if propagated, and by ECS if that is on.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html"""
    source = settings.get("propagateTags")
    own = list(tags if source == "SERVICE" else definition.tags if source == "TASK_DEFINITION" else [])
    if settings.get("enableECSManagedTags"):
        own.append({"key": "aws:ecs:clusterName", "value": cluster})
        if service:
            own.append({"key": "aws:ecs:serviceName", "value": service})
    return own
