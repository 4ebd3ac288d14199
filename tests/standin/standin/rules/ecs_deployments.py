"""ECS service deployments and service revisions: the record of what was rolled out, and stopping it."""

from typing import Any

from ..ecs.model import Deployment, Json, Revision, Service, paged, present, when
from ..ecs.region import Ecs, of
from ..wire import AwsError, Call
from . import before


def _all(ecs: Ecs) -> list[tuple[Service, Deployment]]:
    return [(service, one) for service in ecs.services.values() for one in service.history]


def _find(ecs: Ecs, arn: str) -> tuple[Service, Deployment] | None:
    return next((found for found in _all(ecs) if found[1].arn == arn), None)


def _brief(service: Service, one: Deployment) -> Json:
    return present(
        {
            "serviceDeploymentArn": one.arn,
            "serviceArn": service.arn,
            "clusterArn": service.cluster.arn,
            "createdAt": when(one.created_at),
            "startedAt": when(one.created_at),
            "finishedAt": when(one.finished_at),
            "targetServiceRevisionArn": one.revision.arn,
            "status": one.state,
            "statusReason": one.state_reason,
        }
    )


def _whole(ecs: Ecs, service: Service, one: Deployment) -> Json:
    brief = _brief(service, one)
    target = brief.pop("targetServiceRevisionArn")
    failed = one.rollout == "FAILED"
    status = "TRIGGERED" if failed else "MONITORING" if one.finished_at is None else "MONITORING_COMPLETE"
    return present(
        {
            **brief,
            "stoppedAt": when(one.stopped_at),
            "updatedAt": when(one.updated_at),
            "sourceServiceRevisions": [_summary(ecs, revision.arn, service) for revision in one.sources],
            "targetServiceRevision": _summary(ecs, target, service),
            "deploymentConfiguration": service.configuration,
            "rollback": one.rollback,
            "deploymentCircuitBreaker": {
                "status": status if service.breaker.get("enable") else "DISABLED",
                "failureCount": one.failed,
                "threshold": one.threshold(),
            },
        }
    )


def _summary(ecs: Ecs, arn: str, service: Service) -> Json:
    tasks = [task for task in ecs.tasks_of(service) if task.deployment.revision.arn == arn and not task.stopped]
    return {
        "arn": arn,
        "requestedTaskCount": sum(task.wanted for task in tasks),
        "runningTaskCount": sum(task.last == "RUNNING" for task in tasks),
        "pendingTaskCount": sum(task.last in ("PROVISIONING", "PENDING") for task in tasks),
    }


@before("ecs.ListServiceDeployments")
def list_deployments(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListServiceDeployments.html"""
    ecs, params = of(world, call.region), call.params
    service = ecs.service(ecs.cluster(params.get("cluster")), params["service"])
    states = params.get("status") or []
    found = [_brief(service, one) for one in service.history if not states or one.state in states]
    found, token = paged(found, params, 100)
    return present({"serviceDeployments": found, "nextToken": token})


@before("ecs.DescribeServiceDeployments")
def describe_deployments(call: Call, world: Any) -> Json:
    ecs = of(world, call.region)
    found, failures = [], []
    for arn in call.params["serviceDeploymentArns"]:
        one = _find(ecs, arn)
        if one:
            found.append(_whole(ecs, *one))
        else:
            failures.append({"arn": arn, "reason": "MISSING"})
    return {"serviceDeployments": found, "failures": failures}


@before("ecs.StopServiceDeployment")
def stop(call: Call, world: Any) -> Json:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopServiceDeployment.html"""
    ecs, arn = of(world, call.region), call.params["serviceDeploymentArn"]
    found = _find(ecs, arn)
    if not found:
        raise AwsError("ServiceDeploymentNotFoundException", "Service deployment not found.")
    service, one = found
    if one.state not in ("PENDING", "IN_PROGRESS") or service.status != "ACTIVE" or one is not service.primary:
        raise AwsError("ConflictException", f"The service deployment is {one.state} and can't be stopped.")
    if (call.params.get("stopType") or "ROLLBACK") == "ABORT":
        one.state, one.state_reason = "STOPPED", "Service deployment was stopped by user."
        one.stopped_at = one.finished_at = world.now()
        one.rollout, one.reason = "FAILED", "ECS deployment stopped by user."
        return {"serviceDeploymentArn": arn}
    if not service.completed:
        raise AwsError("ConflictException", "There is no service revision that the service could be rolled back to.")
    one.rollout, one.reason = "FAILED", "ECS deployment stopped by user: rolling back."
    reason = "Service deployment rolled back because of a request by user."
    rollout = f"ECS deployment stopped by user: rolling back to deploymentId {service.completed_id}."
    ecs.scheduler.roll_back(service, one, rollout, reason)
    return {"serviceDeploymentArn": arn}


@before("ecs.DescribeServiceRevisions")
def describe_revisions(call: Call, world: Any) -> Json:
    ecs = of(world, call.region)
    known = {one.revision.arn: (service, one.revision) for service, one in _all(ecs)}
    found, failures = [], []
    for arn in call.params["serviceRevisionArns"]:
        if arn in known:
            found.append(_revision(ecs, *known[arn]))
        else:
            failures.append({"arn": arn, "reason": "MISSING"})
    return {"serviceRevisions": found, "failures": failures}


def _revision(ecs: Ecs, service: Service, revision: Revision) -> Json:
    """Digests are there once a task of the revision has pulled its images."""
    pulled = [task for task in ecs.tasks_of(service) if task.deployment.revision is revision and task.started_at]
    containers = pulled[0].containers if pulled else []
    images = [{"containerName": c.given["name"], "image": c.image, "imageDigest": c.digest} for c in containers]
    return present(
        {
            **revision.settings,
            "serviceRevisionArn": revision.arn,
            "serviceArn": service.arn,
            "clusterArn": service.cluster.arn,
            "taskDefinition": revision.definition.arn,
            "containerImages": images,
            "createdAt": when(revision.created_at),
        }
    )
