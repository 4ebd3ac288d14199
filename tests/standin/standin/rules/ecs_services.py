"""ECS services: created, updated, described, deleted. What they do then is `ecs/rollout.py`'s."""

import re
from typing import Any

from ..ecs.checks import check_service
from ..ecs.model import (
    DEFAULT_MAXIMUM_PERCENT,
    DEFAULT_MINIMUM_HEALTHY_PERCENT,
    Cluster,
    Deployment,
    Json,
    Revision,
    Service,
    TaskDefinition,
    invalid,
    paged,
    present,
    when,
)
from ..ecs.region import Ecs, of
from ..wire import AwsError, Call
from . import before

_NAME = re.compile(r"^[A-Za-z0-9_-]{1,255}$")
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeServices.html
DESCRIBED_AT_ONCE = 10

# What a revision is made of. UpdateService's reference says which of them begin a new deployment: all but the capacity
# provider strategy, which takes effect with the next one.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
REVISION = (
    "launchType", "capacityProviderStrategy", "platformVersion", "networkConfiguration", "loadBalancers",
    "serviceRegistries", "volumeConfigurations", "serviceConnectConfiguration",
)  # fmt: skip
_SETTINGS = (
    "deploymentConfiguration", "healthCheckGracePeriodSeconds", "placementConstraints", "placementStrategy",
    "enableECSManagedTags", "propagateTags", "enableExecuteCommand", "availabilityZoneRebalancing",
    "deploymentController",
)  # fmt: skip


# --- as the API shows it ---


def wire(ecs: Ecs, service: Service, tags: bool = False) -> Json:
    tasks = [task for task in ecs.tasks_of(service) if not task.stopped]
    primary = service.deployments[0] if service.deployments else None
    revision = primary.revision if primary else service.completed or service.history[0].revision
    shown = {
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": service.cluster.arn,
        "status": service.status,
        "desiredCount": service.desired,
        "runningCount": _running(tasks),
        "pendingCount": _pending(tasks),
        "taskDefinition": revision.definition.arn,
        "deployments": [_deployment(ecs, one) for one in service.deployments],
        "events": service.events,
        "createdAt": when(service.created_at),
        "createdBy": service.created_by,
        "schedulingStrategy": "REPLICA",
        "tags": service.tags if tags else [],
        "roleArn": f"arn:aws:iam::{ecs.account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS",
        **service.settings,
        **_capacity(revision),
        "networkConfiguration": revision.network,
        "loadBalancers": revision.load_balancers,
        "serviceRegistries": revision.registries,
    }
    if primary:
        shown["currentServiceDeployment"] = (primary.undoes or primary).arn
        shown["currentServiceRevisions"] = [
            {
                "arn": one.revision.arn,
                "requestedTaskCount": _requested(ecs, one),
                "runningTaskCount": _running(ecs.running_of(one)),
                "pendingTaskCount": _pending(ecs.running_of(one)),
            }
            for one in service.deployments
        ]
    return present(shown)


def _running(tasks: list[Any]) -> int:
    return sum(task.last in ("RUNNING", "DEACTIVATING") for task in tasks)


def _pending(tasks: list[Any]) -> int:
    return sum(task.last in ("PROVISIONING", "PENDING") and task.wanted for task in tasks)


def _requested(ecs: Ecs, deployment: Deployment) -> int:
    if deployment.status == "PRIMARY":
        return deployment.desired
    return sum(task.wanted for task in ecs.running_of(deployment))


def _capacity(revision: Revision) -> Json:
    settings = revision.settings
    fargate = "FARGATE" in str(settings.get("launchType") or settings.get("capacityProviderStrategy") or "")
    return {
        "launchType": settings.get("launchType"),
        "capacityProviderStrategy": settings.get("capacityProviderStrategy"),
        "platformVersion": (settings.get("platformVersion") or "LATEST") if fargate else None,
        "platformFamily": "Linux" if fargate else None,
    }


def _deployment(ecs: Ecs, one: Deployment) -> Json:
    tasks = ecs.running_of(one)
    return present(
        {
            "id": one.id,
            "status": one.status,
            "taskDefinition": one.revision.definition.arn,
            "desiredCount": _requested(ecs, one),
            "pendingCount": _pending(tasks),
            "runningCount": _running(tasks),
            "failedTasks": one.failed,
            "createdAt": when(one.created_at),
            "updatedAt": when(one.updated_at),
            **_capacity(one.revision),
            "networkConfiguration": one.revision.network,
            "rolloutState": one.rollout,
            "rolloutStateReason": one.reason,
            "volumeConfigurations": one.revision.settings.get("volumeConfigurations"),
        }
    )


def _revision(ecs: Ecs, service: str, definition: TaskDefinition, settings: Json) -> Revision:
    arn = ecs.arn("service-revision", service, ecs.number())
    return Revision(arn, definition, ecs.world.now(), settings)


# --- create ---


@before("ecs.CreateService")
def create(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""
    ecs, params = of(world, call.region), call.params
    cluster = ecs.cluster(params.get("cluster"))
    existing = ecs.find_service(cluster, params["serviceName"])
    if existing and existing.status != "INACTIVE":
        return {"service": wire(ecs, _same(existing, params), tags=True)}
    service = _new(ecs, cluster, params, f"arn:aws:iam::{ecs.account}:root")
    ecs.services[(cluster.name, service.name)] = service
    return {"service": wire(ecs, service, tags=True)}


def _same(existing: Service, params: Json) -> Service:
    """The service that the same request made before; any other request of its name is refused."""
    if existing.status == "DRAINING":
        raise invalid("Unable to Start a service that is still Draining.")
    if not params.get("clientToken") or existing.asked != dict(params):
        raise invalid("Creation of service was not idempotent.")
    return existing


def _new(ecs: Ecs, cluster: Cluster, params: Json, creator: str) -> Service:
    name = params["serviceName"]
    if not _NAME.match(name):
        raise invalid("Invalid service name. Up to 255 letters, numbers, underscores, and hyphens are allowed.")
    if len(params.get("clientToken") or "") > 36:
        raise invalid("clientToken is too long: at most 36 characters.")
    if (params.get("schedulingStrategy") or "REPLICA") != "REPLICA" or (params.get("deploymentController") or {}).get(
        "type", "ECS"
    ) != "ECS":
        raise AwsError(
            "UnsupportedFeatureException", "The stand-in plays REPLICA services with the ECS controller only."
        )
    if not params.get("taskDefinition"):
        raise invalid("TaskDefinition cannot be blank.")
    if params.get("desiredCount") is None:
        raise invalid("Missing required field: desiredCount.")
    definition = ecs.usable_definition(params["taskDefinition"])
    settings = {key: params[key] for key in REVISION if params.get(key) is not None}
    if not settings.get("launchType") and not settings.get("capacityProviderStrategy"):
        settings |= {"capacityProviderStrategy": cluster.strategy} if cluster.strategy else {"launchType": "EC2"}
    check_service(
        ecs, cluster, definition, {**settings, "deploymentConfiguration": params.get("deploymentConfiguration") or {}}
    )
    if params.get("healthCheckGracePeriodSeconds") is not None and not params.get("loadBalancers"):
        raise invalid("Health check grace period is only valid for services configured to use load balancers")
    service = Service(
        arn=ecs.arn("service", cluster.name, name),
        name=name,
        cluster=cluster,
        desired=params["desiredCount"],
        created_at=ecs.world.now(),
        settings=_own_settings(params),
        created_by=creator,
        tags=list(params.get("tags") or []),
        asked=dict(params),
    )
    ecs.scheduler.deploy(service, _revision(ecs, f"{cluster.name}/{name}", definition, settings))
    return service


def _own_settings(params: Json) -> Json:
    settings = {key: params[key] for key in _SETTINGS if params.get(key) is not None}
    base = {
        "maximumPercent": DEFAULT_MAXIMUM_PERCENT,
        "minimumHealthyPercent": DEFAULT_MINIMUM_HEALTHY_PERCENT,
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
        "strategy": "ROLLING",
        "bakeTimeInMinutes": 0,
    }
    settings["deploymentConfiguration"] = {**base, **settings.get("deploymentConfiguration", {})}
    if params.get("loadBalancers"):
        settings.setdefault("healthCheckGracePeriodSeconds", 0)
    defaults = {
        "placementConstraints": [],
        "placementStrategy": [],
        "enableECSManagedTags": False,
        "propagateTags": "NONE",
    }
    defaults |= {
        "enableExecuteCommand": False,
        "deploymentController": {"type": "ECS"},
        "availabilityZoneRebalancing": "DISABLED",
    }
    return {**defaults, **settings}


# --- update ---


@before("ecs.UpdateService")
def update(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"""
    ecs, params = of(world, call.region), call.params
    cluster = ecs.cluster(params.get("cluster"))
    service = ecs.active_service(cluster, params["service"])
    current = service.primary.revision
    definition = current.definition
    if params.get("taskDefinition"):
        named = ecs.find_definition(params["taskDefinition"])
        definition = (
            current.definition if named is current.definition else ecs.usable_definition(params["taskDefinition"])
        )
    settings = {**current.settings, **{key: params[key] for key in REVISION if params.get(key) is not None}}
    if params.get("capacityProviderStrategy"):
        if current.settings.get("launchType") and not params.get("forceNewDeployment"):
            raise invalid(
                "Changing from a launch type to a capacity provider strategy needs a new deployment: set "
                "forceNewDeployment."
            )
        settings.pop("launchType", None)
    configuration = {**service.configuration, **(params.get("deploymentConfiguration") or {})}
    check_service(ecs, cluster, definition, {**settings, "deploymentConfiguration": configuration})
    for key in _SETTINGS:
        if params.get(key) is not None:
            service.settings[key] = params[key]
    service.settings["deploymentConfiguration"] = configuration
    if params.get("desiredCount") is not None:
        service.desired = service.primary.desired = params["desiredCount"]
        service.primary.updated_at = world.now()
    kept = {key: value for key, value in settings.items() if key not in ("capacityProviderStrategy", "launchType")}
    before_ = {
        key: value for key, value in current.settings.items() if key not in ("capacityProviderStrategy", "launchType")
    }
    if params.get("forceNewDeployment") or definition is not current.definition or kept != before_:
        ecs.scheduler.deploy(service, _revision(ecs, f"{cluster.name}/{service.name}", definition, settings))
    else:
        current.settings = settings
    ecs.scheduler.wake(service)
    return {"service": wire(ecs, service, tags=True)}


# --- look and delete ---


@before("ecs.DescribeServices")
def describe(call: Call, world: Any) -> Json:
    ecs = of(world, call.region)
    cluster = ecs.cluster(call.params.get("cluster"))
    if len(call.params["services"]) > DESCRIBED_AT_ONCE:
        raise invalid("Too many services: at most 10 can be described at once.")
    found, failures = [], []
    for name in call.params["services"]:
        service = ecs.find_service(cluster, name)
        if service:
            found.append(wire(ecs, service, "TAGS" in (call.params.get("include") or [])))
        else:
            arn = ecs.arn("service", cluster.name, name.rsplit("/", 1)[-1])
            failures.append({"arn": arn, "reason": "MISSING"})
    return {"services": found, "failures": failures}


@before("ecs.ListServices")
def list_services(call: Call, world: Any) -> Json:
    """Only active ones: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html"""
    ecs, params = of(world, call.region), call.params
    cluster = ecs.cluster(params.get("cluster"))
    arns = []
    for one in ecs.services.values():
        if one.cluster is not cluster or one.status != "ACTIVE":
            continue
        if params.get("launchType") in (None, one.primary.revision.settings.get("launchType")):
            arns.append(one.arn)
    arns, token = paged(arns, {"maxResults": 10, **params}, 100)
    return present({"serviceArns": arns, "nextToken": token})


@before("ecs.DeleteService")
def delete(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html"""
    ecs = of(world, call.region)
    service = ecs.service(ecs.cluster(call.params.get("cluster")), call.params["service"])
    if service.status != "ACTIVE":
        raise AwsError("ServiceNotFoundException", "Service not found.")
    if service.desired > 0 and not call.params.get("force"):
        raise invalid("The service cannot be stopped while it is scaled above 0.")
    service.desired = service.primary.desired = 0
    service.status = "DRAINING"
    ecs.scheduler.wake(service)
    return {"service": wire(ecs, service, tags=True)}
