"""One task: from PROVISIONING to STOPPED, with its containers, in the order and about the time that AWS takes.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
It doesn't know why it was started or should stop: that is the scheduler's (`rollout.py`) or the API's.
"""

from dataclasses import dataclass, field
from typing import Any

from .. import targets
from . import wiring
from .images import Behaviour
from .model import Cluster, ContainerInstance, Deployment, Json, Service, TaskDefinition
from .task_problems import why_not

# Seconds that steps take, as seen on AWS with small images.
ATTACH = {"FARGATE": 10.0, "EC2": 4.0}  # network interface
PULL = {"FARGATE": 12.0, "EC2": 6.0}  # image
EXIT = 1.0  # a container that obeys SIGTERM
DETACH = 5.0  # network interface
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html (stopTimeout)
STOP_TIMEOUT = 30
KILLED, TERMINATED = 137, 0
# A stopped task can be described for an hour.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
KEPT = 3600.0
# Without any health check a task counts as well once it ran for so long.
SETTLED = 10.0
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
HEALTH_INTERVAL, HEALTH_RETRIES = 30, 3
# The range that dynamic host ports come from.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PortMapping.html
FIRST_DYNAMIC_PORT, DYNAMIC_PORTS = 32768, 28232


@dataclass
class Order:
    """What is to be run, and how."""

    cluster: Cluster
    definition: TaskDefinition
    launch_type: str
    group: str
    started_by: str = ""
    provider: str | None = None
    network: Json | None = None
    platform: str | None = None
    tags: list[Json] = field(default_factory=list)
    overrides: Json = field(default_factory=dict)
    execute: bool = False
    service: Service | None = None
    deployment: Deployment | None = None


@dataclass
class Container:
    arn: str
    given: Json
    image: str
    runtime: str
    last: str = "PENDING"
    exit: int | None = None
    reason: str | None = None
    health: str = "UNKNOWN"
    digest: str | None = None
    behaviour: Behaviour = field(default_factory=Behaviour)
    ports: dict[int, int] = field(default_factory=dict)  # container's -> host's

    @property
    def essential(self) -> bool:
        return self.given.get("essential", True)

    @property
    def checked(self) -> bool:
        check = self.given.get("healthCheck")
        return bool(check) and check["command"][0] != "NONE"


class Task:
    def __init__(self, ecs: Any, order: Order, instance: ContainerInstance | None):
        self.ecs = ecs
        self.id = ecs.hex()
        self.arn = ecs.arn("task", order.cluster.name, self.id)
        self.order = order
        self.cluster, self.definition = order.cluster, order.definition
        self.service, self.deployment = order.service, order.deployment
        self.instance = instance
        self.interface: Any = None
        self.attachment = ecs.uuid()
        self.subnet = ""
        self.containers = [self._container(one) for one in order.definition.containers]
        self.last, self.desired = "PROVISIONING", "RUNNING"
        self.created_at = ecs.world.now()
        self.pull_started_at = self.pull_stopped_at = self.started_at = None
        self.stopping_at = self.execution_stopped_at = self.stopped_at = None
        self.stop_code: str | None = None
        self.stopped_reason: str | None = None
        self.tags = list(order.tags)
        self.version = 1
        self.targets: list[targets.Target] = []

    def _container(self, given: Json) -> Container:
        arn = self.ecs.arn("container", self.cluster.name, self.id, self.ecs.uuid())
        return Container(arn, given, given["image"], f"{self.id}-{self.ecs.dice.getrandbits(32):010d}")

    # --- where it is ---

    @property
    def fargate(self) -> bool:
        return self.order.launch_type == "FARGATE"

    @property
    def placed(self) -> bool:
        return self.fargate or self.instance is not None

    @property
    def address(self) -> str | None:
        return self.interface and self.interface.private_ip_address

    @property
    def host_address(self) -> str | None:
        return self.address or (self.instance and self.instance.machine.private_ip)

    @property
    def zone(self) -> str | None:
        if self.instance:
            return self.instance.zone
        return self.interface and self.interface.subnet.availability_zone

    def on_machine(self, machine: str) -> bool:
        return self.instance is not None and self.instance.machine.id == machine and not self.definition.awsvpc

    def port(self, container: str, port: int) -> int:
        """The port at which a container's port is reached from outside."""
        if self.definition.awsvpc:
            return port
        return next(c for c in self.containers if c.given["name"] == container).ports.get(port, port)

    # --- how it is ---

    @property
    def stopped(self) -> bool:
        return self.last == "STOPPED"

    @property
    def wanted(self) -> bool:
        return self.desired == "RUNNING"

    @property
    def health(self) -> str:
        checked = [c.health for c in self.containers if c.essential and c.checked]
        if not checked:
            return "UNKNOWN"
        return "UNHEALTHY" if "UNHEALTHY" in checked else "HEALTHY" if set(checked) == {"HEALTHY"} else "UNKNOWN"

    @property
    def ready(self) -> bool:
        """Whether it counts as healthy for its service: runs, and passes every check that it has."""
        if self.last != "RUNNING" or not self.wanted:
            return False
        checked = any(c.essential and c.checked for c in self.containers)
        if checked and self.health != "HEALTHY" or any(target.state != "healthy" for target in self.targets):
            return False
        return checked or bool(self.targets) or self.ecs.world.now() - self.started_at >= SETTLED

    def answers(self, port: int) -> bool:
        """Whether a health check over the network succeeds."""
        if self.last not in ("RUNNING", "DEACTIVATING"):
            return False
        age = self.ecs.world.now() - self.started_at
        for container in self.containers:
            mapped = {m["containerPort"] for m in container.given.get("portMappings", [])}
            if port in mapped or port in container.ports.values():
                well = container.last == "RUNNING" and not container.behaviour.unhealthy
                return well and age >= container.behaviour.healthy_after
        return False

    # --- its way up ---

    def begin(self) -> None:
        """Starts, if there is a place already; otherwise it waits for `place`."""
        if self.placed:
            self._provision()

    def place(self, instance: ContainerInstance) -> None:
        self.instance = instance
        self._provision()

    def _provision(self) -> None:
        if not self.definition.awsvpc:
            self._take_ports()
            self._pend()
            return
        self._network()
        self._later(ATTACH[self.order.launch_type], self._pend, "PROVISIONING")

    def _network(self) -> None:
        network = (self.order.network or {}).get("awsvpcConfiguration", {})
        self.subnet = self.ecs.choose_subnet(self, network["subnets"])
        self.interface = wiring.attach_interface(self.ecs, network, self.subnet, self.attachment)

    def _take_ports(self) -> None:
        taken = {
            port for task in self.ecs.tasks_on(self.instance) for c in task.containers for port in c.ports.values()
        }
        dynamic = (FIRST_DYNAMIC_PORT + n for n in range(DYNAMIC_PORTS))
        for container in self.containers:
            for mapping in container.given.get("portMappings", []):
                fixed = mapping.get("hostPort") or (
                    mapping["containerPort"] if self.definition.network_mode == "host" else 0
                )
                container.ports[mapping["containerPort"]] = fixed or next(p for p in dynamic if p not in taken)

    def _pend(self) -> None:
        self._become("PENDING")
        self.pull_started_at = self.ecs.world.now()
        for container in self.containers:
            container.behaviour = self.ecs.images.behaviour(container.image)
        slow = [c.behaviour.pull for c in self.containers if c.behaviour.pull is not None]
        self._later(max(slow, default=PULL[self.order.launch_type]), self._start, "PENDING")

    def _start(self) -> None:
        problem = why_not(self)
        if problem:
            self.fail(problem)
            return
        now = self.ecs.world.now()
        self.pull_stopped_at = self.started_at = now
        for container in self.containers:
            container.last = "RUNNING"
            container.digest = self.ecs.images.digest(container.image)
            self._live(container)
        self._become("RUNNING")
        self._join()
        if not self.targets:
            self.ecs.world.after(SETTLED, self._tell)

    def _live(self, container: Container) -> None:
        """What a container does from its start on."""
        behaviour = container.behaviour
        lines = behaviour.log or [f"{container.given['name']}: starting", f"{container.given['name']}: ready"]
        wiring.write_log(self, container.given, lines)
        if behaviour.exit is not None:
            self.ecs.world.after(behaviour.after, lambda: self._exited(container))
        if container.checked:
            check = container.given["healthCheck"]
            interval = check.get("interval") or HEALTH_INTERVAL
            if behaviour.unhealthy:
                retries = check.get("retries") or HEALTH_RETRIES
                self.ecs.world.after(
                    (check.get("startPeriod") or 0) + interval * retries, lambda: self._felt(container, "UNHEALTHY")
                )
            else:
                checks = max(1, -(-int(behaviour.healthy_after) // interval))
                self.ecs.world.after(interval * checks, lambda: self._felt(container, "HEALTHY"))

    def _join(self) -> None:
        wiring.join_registries(self)
        for key in wiring.target_keys(self):
            target = targets.register(self.ecs.world, self.ecs.region, key)
            target.watchers.append(lambda target: self.ecs.scheduler.target_changed(self, target))
            self.targets.append(target)
        if self.targets:
            self.ecs.scheduler.registered(self)

    # --- its way down ---

    def _felt(self, container: Container, health: str) -> None:
        if container.last == "RUNNING" and self.last == "RUNNING":
            container.health = health
            self._tell()
            if self.health == "UNHEALTHY":
                self.ecs.scheduler.unwell(self)

    def _exited(self, container: Container) -> None:
        if container.last != "RUNNING":
            return
        container.last, container.exit, container.reason = (
            "STOPPED",
            container.behaviour.exit,
            container.behaviour.reason,
        )
        if container.essential and self.wanted:
            self._want_stop("Essential container in task exited", "EssentialContainerExited")
            self._leave()
            self._terminate()

    def fail(self, reason: str) -> None:
        """It could not be started."""
        self._want_stop(reason, "TaskFailedToStart")
        for container in self.containers:
            container.last = "STOPPED"
        self._deprovision()

    def stop(self, reason: str, code: str) -> None:
        """Asks the task to go: first from its target groups, which drain, then SIGTERM, then its interface."""
        if not self.wanted:
            return
        before = self.last
        self._want_stop(reason, code)
        if before == "RUNNING":
            self._become("DEACTIVATING")
            self._later(self._leave(), self._terminate, "DEACTIVATING")
        else:
            for container in self.containers:
                container.last = "STOPPED"
            self._deprovision()

    def lose(self, reason: str, code: str | None = None) -> None:
        """Its machine is gone, and it with it."""
        if self.stopped:
            return
        if self.wanted:
            self._want_stop(reason, code)
        self._leave()
        for container in self.containers:
            container.last = "STOPPED"
        self._end()

    def _want_stop(self, reason: str, code: str | None) -> None:
        self.desired, self.stopped_reason, self.stop_code = "STOPPED", reason, code
        self.stopping_at = self.ecs.world.now()

    def _leave(self) -> float:
        """Leaves target groups and Cloud Map. Gives the seconds until its last target is drained."""
        wiring.leave_registries(self)
        drains = [targets.deregister(self.ecs.world, target.key) for target in self.targets]
        if self.targets:
            self.ecs.scheduler.deregistered(self)
        return max(drains, default=0.0)

    def _terminate(self) -> None:
        """Sends SIGTERM, and SIGKILL when the time is up."""
        self._become("STOPPING")
        alive = [c for c in self.containers if c.last == "RUNNING"]
        stubborn = [c for c in alive if c.behaviour.ignore_sigterm]
        wait = max(
            (float(c.given.get("stopTimeout") or STOP_TIMEOUT) for c in stubborn), default=EXIT if alive else 0.0
        )
        self._later(wait, self._ended, "STOPPING")

    def _ended(self) -> None:
        for container in self.containers:
            if container.last == "RUNNING":
                container.exit = KILLED if container.behaviour.ignore_sigterm else TERMINATED
                wiring.write_log(self, container.given, [f"{container.given['name']}: stopped with {container.exit}"])
            container.last = "STOPPED"
        self._deprovision()

    def _deprovision(self) -> None:
        self.execution_stopped_at = self.ecs.world.now()
        if not self.interface:
            self._end()
            return
        self._become("DEPROVISIONING")
        self._later(DETACH, self._end, "DEPROVISIONING")

    def _end(self) -> None:
        if self.interface:
            wiring.detach_interface(self.ecs, self.interface)
        self.stopped_at = self.ecs.world.now()
        self.execution_stopped_at = self.execution_stopped_at or self.stopped_at
        self._become("STOPPED")
        self.ecs.scheduler.ended(self)
        self.ecs.world.after(KEPT, lambda: self.ecs.tasks.pop(self.id, None))

    # --- helpers ---

    def _become(self, status: str) -> None:
        self.last = status
        self.version += 1
        self._tell()

    def _tell(self) -> None:
        self.ecs.scheduler.changed(self)

    def _later(self, seconds: float, step: Any, status: str) -> None:
        """Goes on later, unless something else happened to the task meanwhile."""
        version = self.version

        def go_on() -> None:
            if self.last == status and self.version == version:
                step()

        self.ecs.world.after(seconds, go_on)
