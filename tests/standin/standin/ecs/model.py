"""The nouns of ECS, and how the API shows them. Plain data: what moves them on is in the modules beside this one."""

import datetime
import math
from dataclasses import dataclass, field
from typing import Any

from ..wire import AwsError

Json = dict[str, Any]

# Deployments, events and stopped tasks are kept this long or this many.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages.html
EVENTS_KEPT = 100

# Where a service's numbers are left out.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
DEFAULT_MAXIMUM_PERCENT = 200
DEFAULT_MINIMUM_HEALTHY_PERCENT = 100

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
CIRCUIT_BREAKER_LEAST = 3
CIRCUIT_BREAKER_MOST = 200


def when(epoch: float | None) -> datetime.datetime | None:
    """A moment as the serializer takes it."""
    return None if epoch is None else datetime.datetime.fromtimestamp(epoch, datetime.UTC).replace(tzinfo=None)


def present(members: Json) -> Json:
    """Without what isn't there."""
    return {key: value for key, value in members.items() if value is not None}


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def client(message: str) -> AwsError:
    return AwsError("ClientException", message)


def paged(items: list[Any], params: Json, most: int) -> tuple[list[Any], str | None]:
    """One page of a list, and the token of the next. `most` is what the API gives at once."""
    start = int(params.get("nextToken") or 0)
    end = start + min(params.get("maxResults") or most, most)
    return items[start:end], str(end) if end < len(items) else None


@dataclass
class TaskDefinition:
    arn: str
    family: str
    revision: int
    given: Json
    registered_at: float
    tags: list[Json] = field(default_factory=list)
    status: str = "ACTIVE"
    deregistered_at: float | None = None
    delete_requested_at: float | None = None

    @property
    def containers(self) -> list[Json]:
        return self.given["containerDefinitions"]

    @property
    def network_mode(self) -> str:
        return self.given.get("networkMode") or "bridge"

    @property
    def awsvpc(self) -> bool:
        return self.network_mode == "awsvpc"

    @property
    def cpu(self) -> int:
        """CPU units that a task reserves on an instance."""
        return int(self.given.get("cpu") or sum(c.get("cpu", 0) for c in self.containers))

    @property
    def memory(self) -> int:
        """MiB that a task reserves on an instance."""
        if self.given.get("memory"):
            return int(self.given["memory"])
        return sum(c.get("memoryReservation") or c.get("memory", 0) for c in self.containers)

    @property
    def host_ports(self) -> set[int]:
        """The ports that a task takes for itself on its instance."""
        if self.awsvpc:
            return set()
        mappings = [m for c in self.containers for m in c.get("portMappings", [])]
        host = self.network_mode == "host"
        return {port for m in mappings if (port := m.get("hostPort") or (m["containerPort"] if host else 0))}

    def container(self, name: str) -> Json | None:
        return next((c for c in self.containers if c["name"] == name), None)

    def wire(self) -> Json:
        needs = self.given.get("requiresCompatibilities") or []
        return present(
            {
                **self.given,
                "networkMode": self.given.get("networkMode"),
                "taskDefinitionArn": self.arn,
                "revision": self.revision,
                "status": self.status,
                "compatibilities": ["EC2", "FARGATE"] if self.awsvpc and self.given.get("cpu") else needs or ["EC2"],
                "volumes": self.given.get("volumes") or [],
                "placementConstraints": self.given.get("placementConstraints") or [],
                "registeredAt": when(self.registered_at),
                "deregisteredAt": when(self.deregistered_at),
                "deleteRequestedAt": when(self.delete_requested_at),
            }
        )


@dataclass
class CapacityProvider:
    arn: str
    name: str
    group: Json  # autoScalingGroupProvider
    created_at: float
    tags: list[Json] = field(default_factory=list)
    status: str = "PROVISIONING"
    update_status: str = "CREATE_IN_PROGRESS"
    update_reason: str | None = None
    # When nothing was left to do on part of its instances; for scaling in.
    idle_since: float | None = None

    @property
    def group_name(self) -> str:
        return self.group["autoScalingGroupArn"].split("autoScalingGroupName/")[-1]

    @property
    def managed(self) -> bool:
        return self.group.get("managedScaling", {}).get("status") == "ENABLED"

    @property
    def protects(self) -> bool:
        return self.group.get("managedTerminationProtection") == "ENABLED"

    @property
    def drains(self) -> bool:
        return self.group.get("managedDraining", "ENABLED") == "ENABLED"

    def wire(self, tags: bool = False) -> Json:
        return present(
            {
                "capacityProviderArn": self.arn,
                "name": self.name,
                "status": self.status,
                "autoScalingGroupProvider": self.group,
                "updateStatus": self.update_status,
                "updateStatusReason": self.update_reason,
                "type": "EC2_AUTOSCALING",
                "tags": self.tags if tags else [],
            }
        )


@dataclass
class Cluster:
    arn: str
    name: str
    created_at: float
    settings: list[Json]
    tags: list[Json] = field(default_factory=list)
    configuration: Json | None = None
    connect: Json | None = None  # serviceConnectDefaults
    providers: list[str] = field(default_factory=list)
    strategy: list[Json] = field(default_factory=list)
    attachments_status: str | None = None
    status: str = "ACTIVE"
    gone_at: float | None = None
    instances: dict[str, "ContainerInstance"] = field(default_factory=dict)


@dataclass
class ContainerInstance:
    """A machine that joined a cluster."""

    id: str
    arn: str
    cluster: Cluster
    machine: Any  # moto's instance
    cpu: int
    memory: int
    interfaces: int  # network interfaces that tasks may have
    attributes: dict[str, str]
    registered_at: float
    provider: str | None = None
    status: str = "ACTIVE"
    connected: bool = True
    tags: list[Json] = field(default_factory=list)

    @property
    def zone(self) -> str:
        return self.attributes["ecs.availability-zone"]


@dataclass
class Revision:
    """What a service's tasks are made from (a service revision)."""

    arn: str
    definition: TaskDefinition
    created_at: float
    # launchType, capacityProviderStrategy, platformVersion, networkConfiguration, loadBalancers, serviceRegistries,
    # volumeConfigurations: as asked for.
    settings: Json

    @property
    def load_balancers(self) -> list[Json]:
        return self.settings.get("loadBalancers") or []

    @property
    def registries(self) -> list[Json]:
        return self.settings.get("serviceRegistries") or []

    @property
    def network(self) -> Json | None:
        return self.settings.get("networkConfiguration")


@dataclass
class Deployment:
    """One attempt to bring a service to a revision."""

    id: str
    arn: str  # of the service deployment
    revision: Revision
    created_at: float
    desired: int
    status: str = "PRIMARY"
    rollout: str = "IN_PROGRESS"
    reason: str = ""
    failed: int = 0
    updated_at: float = 0.0
    # Whether a task of it ever ran in health; then failures no longer count.
    proven: bool = False
    # Failures in a row, and when the next start is allowed: the scheduler's throttle.
    streak: int = 0
    not_before: float = 0.0
    impaired: bool = False
    # The service deployment's own record.
    state: str = "PENDING"
    state_reason: str | None = None
    finished_at: float | None = None
    stopped_at: float | None = None
    sources: list[Revision] = field(default_factory=list)
    rollback: Json | None = None
    # The deployment that this one undoes.
    undoes: "Deployment | None" = None

    def threshold(self) -> int:
        return min(max(CIRCUIT_BREAKER_LEAST, math.ceil(0.5 * self.desired)), CIRCUIT_BREAKER_MOST)


@dataclass
class Service:
    arn: str
    name: str
    cluster: Cluster
    desired: int
    created_at: float
    # What isn't part of a revision: deploymentConfiguration, healthCheckGracePeriodSeconds, placementConstraints,
    # placementStrategy, enableECSManagedTags, propagateTags, enableExecuteCommand, role, availabilityZoneRebalancing ..
    settings: Json
    created_by: str
    tags: list[Json] = field(default_factory=list)
    status: str = "ACTIVE"
    gone_at: float | None = None
    deployments: list[Deployment] = field(default_factory=list)  # the primary first
    history: list[Deployment] = field(default_factory=list)  # every one, newest first
    events: list[Json] = field(default_factory=list)
    steady: bool = False
    completed: Revision | None = None
    completed_id: str = ""
    asked: Json = field(default_factory=dict)  # what it was created with, for idempotency
    # When the scheduler looks next, if that is arranged.
    wakes_at: float | None = None
    # When it last told that it can't go on.
    told_at: float = 0.0

    @property
    def primary(self) -> Deployment:
        return self.deployments[0]

    @property
    def configuration(self) -> Json:
        return self.settings["deploymentConfiguration"]

    @property
    def most(self) -> int:
        """Tasks that may be there at once."""
        percent = self.configuration.get("maximumPercent", DEFAULT_MAXIMUM_PERCENT)
        return math.floor(self.desired * percent / 100)

    @property
    def least(self) -> int:
        """Tasks that have to be healthy during a deployment."""
        percent = self.configuration.get("minimumHealthyPercent", DEFAULT_MINIMUM_HEALTHY_PERCENT)
        return math.ceil(self.desired * percent / 100)

    @property
    def breaker(self) -> Json:
        return self.configuration.get("deploymentCircuitBreaker") or {"enable": False, "rollback": False}
