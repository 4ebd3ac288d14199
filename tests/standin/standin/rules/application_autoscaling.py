"""Application Auto Scaling: which ECS services it may scale. moto asks its own ECS, which has no services here."""

from typing import Any

from ..ecs.region import of
from ..wire import AwsError, Call
from . import before


@before("application-autoscaling.RegisterScalableTarget")
def register(call: Call, world: Any) -> None:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""
    if call.params.get("ServiceNamespace") != "ecs":
        return
    ecs, resource = of(world, call.region), call.params["ResourceId"]
    _, cluster, service = resource.split("/")
    if (found := ecs.find_service(ecs.cluster(cluster), service)) is None or found.status != "ACTIVE":
        raise AwsError("ValidationException", f"ECS service doesn't exist: {resource}")
    world.backend("applicationautoscaling", call.region)._ecs_service_exists_for_target = lambda _resource: True
