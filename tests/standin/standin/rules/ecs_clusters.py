"""ECS clusters and capacity providers."""

from typing import Any

from ..asg import groups
from ..ecs import capacity
from ..ecs.model import CapacityProvider, Cluster, Json, client, invalid, paged, present
from ..ecs.region import FARGATE_PROVIDERS, Ecs, of
from ..wire import AwsError, Call
from . import before

# Seconds until what happens behind the scenes is done.
CREATING, DELETING, ATTACHING = 5.0, 10.0, 15.0
# An inactive cluster can be described for a while.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html
KEPT = 3600.0
MANAGED_TAG = "AmazonECSManaged"


# --- clusters ---


def wire(ecs: Ecs, cluster: Cluster, include: list[str]) -> Json:
    tasks = ecs.tasks_in(cluster)
    services = [one for one in ecs.services.values() if one.cluster is cluster and one.status == "ACTIVE"]
    return present(
        {
            "clusterArn": cluster.arn,
            "clusterName": cluster.name,
            "status": cluster.status,
            "configuration": cluster.configuration if "CONFIGURATIONS" in include else None,
            "registeredContainerInstancesCount": len(cluster.instances),
            "runningTasksCount": sum(task.last == "RUNNING" for task in tasks),
            "pendingTasksCount": sum(task.last in ("PROVISIONING", "PENDING") for task in tasks),
            "activeServicesCount": len(services),
            "statistics": [],
            "tags": cluster.tags if "TAGS" in include else [],
            "settings": cluster.settings if "SETTINGS" in include else [],
            "capacityProviders": cluster.providers,
            "defaultCapacityProviderStrategy": cluster.strategy,
            "attachments": _attachments(ecs, cluster) if "ATTACHMENTS" in include else [],
            "attachmentsStatus": cluster.attachments_status if "ATTACHMENTS" in include else None,
            "serviceConnectDefaults": cluster.connect,
        }
    )


def _attachments(ecs: Ecs, cluster: Cluster) -> list[Json]:
    """The scaling plans that managed scaling makes, one per provider."""
    managed = [name for name in cluster.providers if (found := ecs.find_provider(name)) and found.managed]
    done = cluster.attachments_status == "UPDATE_COMPLETE"
    return [
        {
            "id": f"{cluster.name}-{name}",
            "type": "as_policy",
            "status": "CREATED" if done else "CREATING",
            "details": [
                {"name": "capacityProviderName", "value": name},
                {"name": "scalingPolicyName", "value": f"ECSManaged-{name}"},
            ],
        }
        for name in managed
    ]


_EVERYTHING = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"]


@before("ecs.CreateCluster")
def create(call: Call, world: Any) -> Json:
    """An active cluster of that name is given back as it is.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html"""
    ecs, params = of(world, call.region), call.params
    name = params.get("clusterName") or "default"
    existing = ecs.clusters.get(name)
    if existing and existing.status != "INACTIVE":
        return {"cluster": wire(ecs, existing, _EVERYTHING)}
    cluster = Cluster(ecs.arn("cluster", name), name, world.now(), _settings(params))
    cluster.tags = list(params.get("tags") or [])
    cluster.configuration = params.get("configuration")
    cluster.connect = params.get("serviceConnectDefaults")
    _check_providers(ecs, params.get("capacityProviders") or [])
    cluster.providers = [one.rsplit("/", 1)[-1] for one in params.get("capacityProviders") or []]
    ecs.check_strategy(cluster, params.get("defaultCapacityProviderStrategy") or [])
    cluster.strategy = params.get("defaultCapacityProviderStrategy") or []
    ecs.clusters[name] = cluster
    if cluster.providers:
        _attach(ecs, cluster)
    return {"cluster": wire(ecs, cluster, _EVERYTHING)}


def _settings(params: Json) -> list[Json]:
    given = {one["name"]: one["value"] for one in params.get("settings") or []}
    return [{"name": name, "value": value} for name, value in {"containerInsights": "disabled", **given}.items()]


def _check_providers(ecs: Ecs, names: list[str]) -> None:
    for name in names:
        provider = ecs.find_provider(name)
        if name.rsplit("/", 1)[-1] in FARGATE_PROVIDERS:
            continue
        if not provider or provider.status == "INACTIVE":
            raise invalid("The specified capacity provider was not found. Specify a valid name or ARN and try again.")
        if provider.status != "ACTIVE":
            raise invalid(
                f"The capacity provider {provider.name} is not in an ACTIVE state. Wait for it and try again."
            )


def _attach(ecs: Ecs, cluster: Cluster) -> None:
    """Scaling plans are made for a while; until then the providers of the cluster can't be changed again. A group gets
    a tag when its provider is associated.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html"""
    cluster.attachments_status = "UPDATE_IN_PROGRESS"
    for name in cluster.providers:
        provider = ecs.find_provider(name)
        group = provider and groups(ecs.world, ecs.region).get(provider.group_name)
        if group and MANAGED_TAG not in {tag["Key"] for tag in group.tags}:
            tag = {"ResourceId": group.name, "ResourceType": "auto-scaling-group", "Key": MANAGED_TAG, "Value": ""}
            group.tags.append({**tag, "PropagateAtLaunch": True})
        for instance in cluster.instances.values():
            if group and instance.machine.id in group.members:
                instance.provider = name

    def done() -> None:
        cluster.attachments_status = "UPDATE_COMPLETE"

    ecs.world.after(ATTACHING, done)


@before("ecs.UpdateCluster", "ecs.UpdateClusterSettings")
def update(call: Call, world: Any) -> Json:
    ecs, params = of(world, call.region), call.params
    cluster = ecs.cluster(params.get("cluster"))
    if params.get("settings"):
        changed = {one["name"]: one["value"] for one in [*cluster.settings, *params["settings"]]}
        cluster.settings = [{"name": name, "value": value} for name, value in changed.items()]
    cluster.configuration = params.get("configuration") or cluster.configuration
    cluster.connect = params.get("serviceConnectDefaults") or cluster.connect
    return {"cluster": wire(ecs, cluster, _EVERYTHING)}


@before("ecs.ListClusters")
def list_clusters(call: Call, world: Any) -> Json:
    living = [one.arn for one in of(world, call.region).clusters.values() if one.status == "ACTIVE"]
    arns, token = paged(living, call.params, 100)
    return present({"clusterArns": arns, "nextToken": token})


@before("ecs.DescribeClusters")
def describe(call: Call, world: Any) -> Json:
    ecs, include = of(world, call.region), call.params.get("include") or []
    found, failures = [], []
    for name in call.params.get("clusters") or ["default"]:
        short = name.rsplit("/", 1)[-1]
        if short in ecs.clusters:
            found.append(wire(ecs, ecs.clusters[short], include))
        else:
            failures.append({"arn": ecs.arn("cluster", short), "reason": "MISSING"})
    return {"clusters": found, "failures": failures}


@before("ecs.DeleteCluster")
def delete(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html"""
    ecs = of(world, call.region)
    cluster = ecs.cluster(call.params["cluster"])
    if any(one.cluster is cluster and one.status != "INACTIVE" for one in ecs.services.values()):
        raise AwsError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    if any(not task.stopped for task in ecs.tasks_in(cluster)):
        raise AwsError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
    if cluster.instances:
        raise AwsError(
            "ClusterContainsContainerInstancesException",
            "The Cluster cannot be deleted while Container Instances are active or draining.",
        )
    if cluster.attachments_status == "UPDATE_IN_PROGRESS":
        raise AwsError("UpdateInProgressException", "The specified cluster is in a busy state. Wait and try again.")
    cluster.status, cluster.gone_at = "INACTIVE", world.now()
    cluster.providers, cluster.strategy = [], []

    def forget() -> None:
        if ecs.clusters.get(cluster.name) is cluster:
            del ecs.clusters[cluster.name]

    world.after(KEPT, forget)
    return {"cluster": wire(ecs, cluster, _EVERYTHING)}


# --- capacity providers ---


@before("ecs.PutClusterCapacityProviders")
def put_providers(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html"""
    ecs, params = of(world, call.region), call.params
    cluster = ecs.cluster(params["cluster"])
    if cluster.attachments_status == "UPDATE_IN_PROGRESS":
        raise AwsError(
            "UpdateInProgressException",
            "The specified cluster is in a busy state. Cluster attachments must be in UPDATE_COMPLETE or "
            "UPDATE_FAILED state before they can be updated. Wait and try again.",
        )
    names = [one.rsplit("/", 1)[-1] for one in params["capacityProviders"]]
    _check_providers(ecs, names)
    for name in set(cluster.providers) - set(names):
        if _used(ecs, cluster, name):
            raise AwsError("ResourceInUseException", "The specified capacity provider is in use and cannot be removed.")
    before_ = cluster.providers
    cluster.providers = names
    try:
        ecs.check_strategy(cluster, params["defaultCapacityProviderStrategy"])
    except AwsError:
        cluster.providers = before_
        raise
    cluster.strategy = params["defaultCapacityProviderStrategy"]
    _attach(ecs, cluster)
    return {"cluster": wire(ecs, cluster, _EVERYTHING)}


def _used(ecs: Ecs, cluster: Cluster, name: str) -> bool:
    """Whether a service that isn't inactive, or a task, uses the provider in this cluster."""
    for service in ecs.services.values():
        if service.cluster is cluster and service.status != "INACTIVE":
            strategy = service.deployments and service.primary.revision.settings.get("capacityProviderStrategy")
            if any(item["capacityProvider"].rsplit("/", 1)[-1] == name for item in strategy or []):
                return True
    return any(task.order.provider == name and not task.stopped for task in ecs.tasks_in(cluster))


@before("ecs.CreateCapacityProvider")
def create_provider(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html"""
    ecs, params = of(world, call.region), call.params
    name, group = params["name"], params.get("autoScalingGroupProvider")
    if not group:
        raise AwsError("UnsupportedFeatureException", "The stand-in only plays Auto Scaling group providers.")
    if name.lower().startswith(("aws", "ecs", "fargate")):
        raise client("The specified capacity provider name is reserved: it can't begin with aws, ecs or fargate.")
    living = [one for one in ecs.providers.values() if one.status != "INACTIVE"]
    if name in {one.name for one in living}:
        raise client(
            "The specified capacity provider already exists. To change the configuration of an existing capacity "
            "provider, update the capacity provider."
        )
    if group["autoScalingGroupArn"] in {one.group["autoScalingGroupArn"] for one in living}:
        raise client(
            "The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a "
            "unique Auto Scaling group ARN and try again."
        )
    provider = CapacityProvider(ecs.arn("capacity-provider", name), name, _complete(group), world.now())
    provider.tags = list(params.get("tags") or [])
    _check_group(world, call.region, provider)
    ecs.providers[name] = provider

    def ready() -> None:
        provider.status, provider.update_status = "ACTIVE", "CREATE_COMPLETE"
        capacity.begin(ecs, provider)

    world.after(CREATING, ready)
    return {"capacityProvider": provider.wire(tags=True)}


def _complete(group: Json) -> Json:
    scaling = {
        "status": "DISABLED",
        "targetCapacity": 100,
        "minimumScalingStepSize": 1,
        "maximumScalingStepSize": 10000,
    }
    scaling = {**scaling, "instanceWarmupPeriod": 300, **(group.get("managedScaling") or {})}
    base = {"managedTerminationProtection": "DISABLED", "managedDraining": "ENABLED"}
    return {**base, **group, "managedScaling": scaling}


def _check_group(world: Any, region: str, provider: CapacityProvider) -> None:
    group = groups(world, region).get(provider.group_name)
    if not group or group.arn != provider.group["autoScalingGroupArn"]:
        raise client(
            "The specified Auto Scaling group does not exist. Specify a valid Auto Scaling group ARN and try again."
        )
    if provider.protects and not (provider.managed and group.protect_new):
        raise client(
            "The managed termination protection setting for the capacity provider is invalid. To enable managed "
            "termination protection for a capacity provider, the Auto Scaling group must have instance protection "
            "from scale in enabled."
        )


def _provider(ecs: Ecs, name: str) -> CapacityProvider:
    found = ecs.find_provider(name)
    if not found or found.status == "INACTIVE":
        raise client("The specified capacity provider does not exist. Specify a valid name or ARN and try again.")
    return found


@before("ecs.UpdateCapacityProvider")
def update_provider(call: Call, world: Any) -> Json:
    provider = _provider(of(world, call.region), call.params["name"])
    if provider.status != "ACTIVE" or provider.update_status.endswith("IN_PROGRESS"):
        raise AwsError(
            "UpdateInProgressException", "The specified capacity provider is being changed. Wait and try again."
        )
    given = call.params["autoScalingGroupProvider"]
    scaling = {**provider.group["managedScaling"], **(given.get("managedScaling") or {})}
    provider.group = {**provider.group, **given, "managedScaling": scaling}
    provider.update_status = "UPDATE_IN_PROGRESS"

    def done() -> None:
        provider.update_status = "UPDATE_COMPLETE"

    world.after(CREATING, done)
    return {"capacityProvider": provider.wire()}


@before("ecs.DescribeCapacityProviders")
def describe_providers(call: Call, world: Any) -> Json:
    ecs, names = of(world, call.region), call.params.get("capacityProviders")
    tags = "TAGS" in (call.params.get("include") or [])
    builtin = {name: _builtin(ecs, name) for name in FARGATE_PROVIDERS}
    known = {**builtin, **{name: one.wire(tags) for name, one in ecs.providers.items()}}
    short = [name.rsplit("/", 1)[-1] for name in names] if names else list(known)
    failures = [{"arn": ecs.arn("capacity-provider", name), "reason": "MISSING"} for name in short if name not in known]
    found, token = paged([known[name] for name in short if name in known], call.params, 10)
    return present({"capacityProviders": found, "failures": failures, "nextToken": token})


def _builtin(ecs: Ecs, name: str) -> Json:
    return {
        "capacityProviderArn": ecs.arn("capacity-provider", name),
        "name": name,
        "status": "ACTIVE",
        "tags": [],
        "type": name,
    }


@before("ecs.DeleteCapacityProvider")
def delete_provider(call: Call, world: Any) -> Json:
    """Of one that a cluster has, the deletion fails afterwards: the call succeeds, `updateStatus` says DELETE_FAILED
    and why. Seen in https://github.com/hashicorp/terraform-provider-aws/pull/48156"""
    ecs = of(world, call.region)
    provider = _provider(ecs, call.params["capacityProvider"])
    clusters = [one.name for one in ecs.clusters.values() if provider.name in one.providers]
    if clusters:
        provider.update_status = "DELETE_FAILED"
        provider.update_reason = (
            f"The capacity provider cannot be deleted because it is associated with cluster: {clusters[0]}. Remove the "
            "capacity provider from the cluster and try again."
        )
        return {"capacityProvider": provider.wire()}
    provider.status, provider.update_status, provider.update_reason = "DEPROVISIONING", "DELETE_IN_PROGRESS", None

    def gone() -> None:
        provider.status, provider.update_status = "INACTIVE", "DELETE_COMPLETE"
        world.after(
            KEPT,
            lambda: ecs.providers.pop(provider.name, None) if ecs.providers.get(provider.name) is provider else None,
        )

    world.after(DELETING, gone)
    return {"capacityProvider": provider.wire()}
