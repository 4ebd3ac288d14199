"""All of ECS in one region: what there is, and how it is found by the names that the API takes."""

import uuid
from typing import Any

from ..wire import AwsError
from . import wiring
from .images import Images
from .model import (
    CapacityProvider,
    Cluster,
    ContainerInstance,
    Deployment,
    Json,
    Service,
    TaskDefinition,
    client,
    invalid,
)
from .placement import instances_with_room
from .rollout import Scheduler
from .tasks import Task

FARGATE_PROVIDERS = ("FARGATE", "FARGATE_SPOT")


class Ecs:
    def __init__(self, world: Any, region: str):
        self.world = world
        self.region = region
        self.account = world.account
        self.dice = world.chance("ecs", region)
        self.images: Images = images(world)
        self.scheduler = Scheduler(self)
        self.clusters: dict[str, Cluster] = {}
        self.definitions: dict[str, dict[int, TaskDefinition]] = {}
        self.providers: dict[str, CapacityProvider] = {}
        self.services: dict[tuple[str, str], Service] = {}
        self.tasks: dict[str, Task] = {}
        self.settings: dict[str, str] = {}
        # Client tokens: (cluster, token) -> (parameters, what came of it).
        self.tokens: dict[tuple[str, str], tuple[Json, Any]] = {}

    @property
    def ec2(self) -> Any:
        return self.world.backend("ec2", self.region)

    # --- names ---

    def hex(self) -> str:
        """An id as tasks and container instances have them."""
        return f"{self.dice.getrandbits(128):032x}"

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def number(self) -> str:
        """An id as deployments have them."""
        return str(self.dice.randrange(10**18, 9 * 10**18))

    def arn(self, *path: str) -> str:
        return f"arn:aws:ecs:{self.region}:{self.account}:{'/'.join(path)}"

    # --- finding ---

    def cluster(self, name: str | None) -> Cluster:
        found = self.clusters.get((name or "default").rsplit("/", 1)[-1])
        if not found or found.status == "INACTIVE":
            raise AwsError("ClusterNotFoundException", "Cluster not found.")
        return found

    def find_service(self, cluster: Cluster, name: str) -> Service | None:
        return self.services.get((cluster.name, name.rsplit("/", 1)[-1]))

    def service(self, cluster: Cluster, name: str) -> Service:
        found = self.find_service(cluster, name)
        if not found:
            raise AwsError("ServiceNotFoundException", "Service not found.")
        return found

    def active_service(self, cluster: Cluster, name: str) -> Service:
        found = self.service(cluster, name)
        if found.status != "ACTIVE":
            raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
        return found

    def find_definition(self, name: str) -> TaskDefinition | None:
        """By ARN, `family:revision`, or `family` (then the latest active one)."""
        family, _, revision = name.rsplit("/", 1)[-1].partition(":")
        revisions = self.definitions.get(family, {})
        if revision:
            return revisions.get(int(revision)) if revision.isdigit() else None
        active = [one for one in revisions.values() if one.status == "ACTIVE"]
        return max(active, key=lambda one: one.revision, default=None)

    def usable_definition(self, name: str) -> TaskDefinition:
        """A task definition that something new may be started from."""
        found = self.find_definition(name)
        if not found or found.status == "DELETE_IN_PROGRESS":
            raise client("TaskDefinition not found.")
        if found.status != "ACTIVE":
            raise client("TaskDefinition is inactive")
        return found

    def find_provider(self, name: str) -> CapacityProvider | None:
        return self.providers.get(name.rsplit("/", 1)[-1])

    def check_strategy(self, cluster: Cluster, strategy: list[Json]) -> None:
        """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"""
        for item in strategy:
            name = item["capacityProvider"].rsplit("/", 1)[-1]
            provider = self.find_provider(name)
            if name not in FARGATE_PROVIDERS and (not provider or provider.status == "INACTIVE"):
                raise invalid(
                    "The specified capacity provider was not found. Specify a valid name or ARN and try again."
                )
            if provider and provider.status != "ACTIVE":
                raise invalid("The specified capacity provider is not in an ACTIVE state. Wait for it and try again.")
            if name not in cluster.providers:
                raise invalid(
                    "The specified capacity provider strategy cannot contain a capacity provider that is not "
                    "associated with the cluster. Associate the capacity provider with the cluster and try again."
                )

    def find_task(self, cluster: Cluster, name: str) -> Task | None:
        found = self.tasks.get(name.rsplit("/", 1)[-1])
        return found if found and found.cluster is cluster else None

    def tasks_of(self, service: Service) -> list[Task]:
        return [task for task in self.tasks.values() if task.service is service]

    def tasks_on(self, instance: ContainerInstance | None) -> list[Task]:
        return [task for task in self.tasks.values() if instance and task.instance is instance and not task.stopped]

    def tasks_in(self, cluster: Cluster) -> list[Task]:
        return [task for task in self.tasks.values() if task.cluster is cluster]

    def running_of(self, deployment: Deployment) -> list[Task]:
        return [task for task in self.tasks.values() if task.deployment is deployment and not task.stopped]

    # --- placing ---

    def choose_subnet(self, task: Task, ids: list[str]) -> str:
        """One of the subnets: in the zone of the task's machine, or where its service has the fewest tasks."""
        known = {subnet.id: subnet for subnet in wiring.subnets(self)}
        if task.instance:
            here = [one for one in ids if one in known and known[one].availability_zone == task.instance.zone]
            ids = here or ids
        mates = [one.subnet for one in self.tasks.values() if one.order.group == task.order.group and not one.stopped]
        return min(ids, key=lambda one: (mates.count(one), ids.index(one)))

    def place_waiting(self) -> None:
        """Gives tasks that wait for capacity their machines, the oldest first."""
        for task in [one for one in self.tasks.values() if one.wanted and not one.placed]:
            if task.last != "PROVISIONING":
                continue
            found, _ = instances_with_room(self, task.order)
            if found:
                try:
                    task.place(found[0])
                except wiring.LaunchError as error:
                    task.fail(str(error))


def images(world: Any) -> Images:
    """How images behave; the same in all regions."""
    table = world.facts("images")
    if "table" not in table:
        table["table"] = Images(world)
    return table["table"]


def of(world: Any, region: str) -> Ecs:
    """ECS in a region."""
    regions = world.facts("ecs")
    if region not in regions:
        regions[region] = Ecs(world, region)
    return regions[region]
