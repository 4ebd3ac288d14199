"""What ECS refuses of services and tasks before it takes them, in its own words.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
"""

from .. import targets
from .model import DEFAULT_MAXIMUM_PERCENT, DEFAULT_MINIMUM_HEALTHY_PERCENT, Cluster, Json, TaskDefinition, invalid
from .region import Ecs
from .wiring import subnets


def check_service(ecs: Ecs, cluster: Cluster, definition: TaskDefinition, params: Json) -> None:
    """All that a service's settings have to fulfil; the new ones of an update with the old ones under them."""
    check_task_settings(ecs, cluster, definition, params)
    _check_balancers(ecs, definition, params.get("loadBalancers") or [])
    _check_registries(ecs, definition, params.get("serviceRegistries") or [])
    _check_configuration(params.get("deploymentConfiguration") or {})


def check_task_settings(ecs: Ecs, cluster: Cluster, definition: TaskDefinition, params: Json) -> None:
    """What services and single tasks have in common: launch type, strategy, network."""
    if params.get("launchType") and params.get("capacityProviderStrategy"):
        raise invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )
    ecs.check_strategy(cluster, params.get("capacityProviderStrategy") or [])
    strategy = params.get("capacityProviderStrategy") or ([] if params.get("launchType") else cluster.strategy)
    fargate = params.get("launchType") == "FARGATE" or any(
        one["capacityProvider"].startswith("FARGATE") for one in strategy
    )
    if fargate and "FARGATE" not in definition.wire()["compatibilities"]:
        raise invalid("Task definition does not support launch_type FARGATE.")
    network = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if definition.awsvpc and not network:
        raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if not definition.awsvpc and network:
        raise invalid("Network Configuration is not valid for the given networkMode of this task definition.")
    if network:
        _check_network(ecs, network, fargate)


def _check_network(ecs: Ecs, network: Json, fargate: bool) -> None:
    known = {subnet.id: subnet for subnet in subnets(ecs)}
    if not network.get("subnets"):
        raise invalid("subnets can not be empty.")
    for one in network["subnets"]:
        if one not in known:
            raise invalid(
                f"Error retrieving subnet information for [{one}]: The subnet ID '{one}' does not exist (ErrorCode: "
                "InvalidSubnetID.NotFound)"
            )
    vpcs = {known[one].vpc_id for one in network["subnets"]}
    if len(vpcs) > 1:
        raise invalid("Subnets must be in the same VPC.")
    for one in network.get("securityGroups") or []:
        group = ecs.ec2.get_security_group_from_id(one)
        if not group:
            raise invalid(
                f"Error retrieving security group information for [{one}]: The security group '{one}' does not exist "
                "(ErrorCode: InvalidGroup.NotFound)"
            )
        if group.vpc_id not in vpcs:
            raise invalid("Security groups and subnets must belong to the same VPC.")
    if network.get("assignPublicIp") == "ENABLED" and not fargate:
        raise invalid("Assign public IP is not supported for this launch type.")


def _check_balancers(ecs: Ecs, definition: TaskDefinition, balancers: list[Json]) -> None:
    for one in balancers:
        _check_container(definition, one.get("containerName"), one.get("containerPort"))
        arn = one.get("targetGroupArn")
        group = targets.group(ecs.world, ecs.region, arn)
        if not group:
            raise invalid(f"The target group {arn} does not exist.")
        if definition.awsvpc and group.target_type != "ip":
            raise invalid(
                f"The provided target group {arn} has target type {group.target_type}, which is incompatible with the "
                "awsvpc network mode specified in the task definition."
            )
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
        if not targets.users(ecs.world, ecs.region, arn):
            raise invalid(f"The target group with targetGroupArn {arn} does not have an associated load balancer.")


def _check_container(definition: TaskDefinition, name: str | None, port: int | None) -> None:
    container = definition.container(name or "")
    if not container:
        raise invalid(f"The container {name} does not exist in the task definition.")
    if port is not None and port not in {m["containerPort"] for m in container["portMappings"]}:
        raise invalid(f"The container {name} did not have a container port {port} defined.")


def _check_registries(ecs: Ecs, definition: TaskDefinition, registries: list[Json]) -> None:
    known = {one.arn: one for one in ecs.world.backend("servicediscovery", ecs.region).services.values()}
    for one in registries:
        service = known.get(one["registryArn"])
        if not service:
            raise invalid(f"The service registry {one['registryArn']} does not exist.")
        kinds = {record["Type"] for record in (service.dns_config or {}).get("DnsRecords", [])}
        if kinds == {"A"} and not definition.awsvpc:
            raise invalid(
                "When specifying 'host' or 'bridge' for networkMode, values for 'containerName' and 'containerPort' "
                "must be specified from the task definition."
            )
        if one.get("containerName"):
            _check_container(definition, one["containerName"], one.get("containerPort"))


def _check_configuration(configuration: Json) -> None:
    least = configuration.get("minimumHealthyPercent", DEFAULT_MINIMUM_HEALTHY_PERCENT)
    most = configuration.get("maximumPercent", DEFAULT_MAXIMUM_PERCENT)
    if least > most:
        raise invalid("The minimumHealthyPercent cannot be greater than the maximumPercent.")
    if most <= 100 and least >= 100:
        raise invalid("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.")
