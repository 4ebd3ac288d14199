"""Cloud Map: namespaces and instances come and go by operations that take their time; what is used stays."""

from typing import Any

from moto.servicediscovery.models import Namespace, Operation

from ..names import publish
from ..wire import AwsError, Call
from ..world import World
from . import after, before
from .route53 import whole

# A private namespace makes a hosted zone, which takes about as long as a Route 53 change; an instance takes seconds.
# https://docs.aws.amazon.com/cloud-map/latest/api/API_GetOperation.html names the states, not the times.
NAMESPACE_TAKES = 45.0
INSTANCE_TAKES = 5.0


def cloudmap(call: Call, world: World) -> Any:
    return world.backend("servicediscovery", call.region)


def operation(
    world: World, backend: Any, kind: str, target: dict[str, str], takes: float, trouble: str | None = None
) -> str:
    """Begins an operation; after a while it succeeds, or fails of some trouble."""
    made = Operation(kind, target)
    made.status = "PENDING"
    backend.operations[made.id] = made

    def done() -> None:
        made.status, made.updated = "FAIL" if trouble else "SUCCESS", world.now()
        if trouble:
            world.facts("cloudmap.trouble")[made.id] = trouble

    world.after(takes, done)
    return made.id


@before("servicediscovery.CreatePrivateDnsNamespace")
def create_private(call: Call, world: World) -> dict:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_CreatePrivateDnsNamespace.html. Done here as a whole: moto
    allows one namespace for a VPC, and gives its zone another name."""
    params, backend = call.params, cloudmap(call, world)
    if params["Vpc"] not in world.backend("ec2", call.region).vpcs:
        raise AwsError("InvalidInput", f"VPC {params['Vpc']} does not exist in {call.region}")
    for other in backend.namespaces.values():
        if other.vpc == params["Vpc"] and other.name == params["Name"]:
            message = f"Namespace with name {params['Name']} and VPC {params['Vpc']} already exists"
            raise AwsError("NamespaceAlreadyExists", message, NamespaceId=other.id)
    route53 = world.backend("route53")
    # "You can't create a private namespace with a VPC that already has a hosted zone of that name": only the operation
    # tells. https://docs.aws.amazon.com/cloud-map/latest/api/API_Operation.html (CANNOT_CREATE_HOSTED_ZONE)
    if _zone_there(route53, params):
        trouble = f"The VPC {params['Vpc']} has already been associated with the hosted zone {params['Name']}"
        return {"OperationId": operation(world, backend, "CREATE_NAMESPACE", {}, NAMESPACE_TAKES, trouble)}
    reference = f"{call.region}:{params['Vpc']}:{params['Name']}:{len(world.facts('cloudmap.zones'))}"
    zone = route53.create_hosted_zone(
        whole(params["Name"]), True, reference, vpcid=params["Vpc"], vpcregion=call.region
    )
    world.facts("cloudmap.zones")[zone.resource_id] = params["Name"]
    space = Namespace(
        world.account,
        call.region,
        params["Name"],
        "DNS_PRIVATE",
        params.get("CreatorRequestId"),
        params.get("Description"),
        {"HostedZoneId": zone.resource_id, "SOA": {"TTL": 15}},
        {"HttpName": params["Name"]},
        params["Vpc"],
    )
    backend.namespaces[space.id] = space
    backend.tagger.tag_resource(space.arn, params.get("Tags") or [])
    return {"OperationId": _born(call, world, space.id)}


def _zone_there(route53: Any, params: dict[str, Any]) -> bool:
    zones = [zone for zone in route53.zones.values() if zone.name == whole(params["Name"])]
    return any(vpc["vpc_id"] == params["Vpc"] for zone in zones for vpc in zone.vpcs)


@after("servicediscovery.GetOperation")
def get_operation(call: Call, result: dict, world: World) -> None:
    trouble = world.facts("cloudmap.trouble").get(result["Operation"]["Id"])
    if trouble:
        result["Operation"] |= {"ErrorCode": "CANNOT_CREATE_HOSTED_ZONE", "ErrorMessage": trouble}


def _born(call: Call, world: World, space: str) -> str:
    world.facts("cloudmap.ready")[space] = world.now() + NAMESPACE_TAKES
    return operation(world, cloudmap(call, world), "CREATE_NAMESPACE", {"NAMESPACE": space}, NAMESPACE_TAKES)


@before("servicediscovery.CreateHttpNamespace", "servicediscovery.CreatePublicDnsNamespace")
def name_free(call: Call, world: World) -> None:
    for other in cloudmap(call, world).namespaces.values():
        if other.name == call.params["Name"] and other.type != "DNS_PRIVATE":
            message = f"Namespace with name {other.name} already exists"
            raise AwsError("NamespaceAlreadyExists", message, NamespaceId=other.id)


@after("servicediscovery.CreateHttpNamespace", "servicediscovery.CreatePublicDnsNamespace")
def created(call: Call, result: dict, world: World) -> dict:
    space = cloudmap(call, world).operations.pop(result["OperationId"]).targets["NAMESPACE"]
    return {"OperationId": _born(call, world, space)}


def ready(call: Call, world: World, space: str) -> None:
    """A namespace isn't there before its operation has succeeded."""
    if space in cloudmap(call, world).namespaces and world.now() >= world.facts("cloudmap.ready").get(space, 0):
        return
    raise AwsError("NamespaceNotFound", f"The namespace {space} does not exist")


@before("servicediscovery.GetNamespace", "servicediscovery.DeleteNamespace")
def there(call: Call, world: World) -> None:
    ready(call, world, call.params["Id"].rsplit("/", 1)[-1])


@before("servicediscovery.DeleteNamespace")
def delete_namespace(call: Call, world: World) -> dict:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteNamespace.html"""
    backend, space = cloudmap(call, world), call.params["Id"].rsplit("/", 1)[-1]
    if any(service.namespace_id == space for service in backend.services.values()):
        raise AwsError("ResourceInUse", f"Namespace {space} has services associated")
    zone = (backend.namespaces.pop(space).dns_properties or {}).get("HostedZoneId")
    world.backend("route53").zones.pop(zone, None)
    world.facts("cloudmap.zones").pop(zone, None)
    return {"OperationId": operation(world, backend, "DELETE_NAMESPACE", {"NAMESPACE": space}, NAMESPACE_TAKES)}


@after("servicediscovery.ListNamespaces")
def list_namespaces(call: Call, result: dict, world: World) -> None:
    """moto leaves filters aside."""
    spaces = [one for one in result["Namespaces"] if world.now() >= world.facts("cloudmap.ready").get(one["Id"], 0)]
    for wanted in call.params.get("Filters") or []:
        field = {"TYPE": "Type", "NAME": "Name"}.get(wanted["Name"])
        spaces = [one for one in spaces if field is None or one[field] in wanted["Values"]]
    result["Namespaces"] = spaces


@after("servicediscovery.ListServices")
def list_services(call: Call, result: dict, world: World) -> None:
    of = {service.id: service.namespace_id for service in cloudmap(call, world).services.values()}
    for wanted in call.params.get("Filters") or []:
        if wanted["Name"] == "NAMESPACE_ID":
            values = [value.rsplit("/", 1)[-1] for value in wanted["Values"]]
            result["Services"] = [one for one in result["Services"] if of[one["Id"]] in values]


@before("servicediscovery.CreateService")
def create_service(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html"""
    params = call.params
    space = params.get("NamespaceId") or (params.get("DnsConfig") or {}).get("NamespaceId", "")
    space = space.rsplit("/", 1)[-1]
    ready(call, world, space)
    for other in cloudmap(call, world).services.values():
        if (other.namespace_id, other.name) == (space, params["Name"]):
            message = f"Service {params['Name']} already exists in the namespace {space}"
            raise AwsError("ServiceAlreadyExists", message, ServiceId=other.id)


@before("servicediscovery.DeleteService")
def delete_service(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_DeleteService.html"""
    service = cloudmap(call, world).services.get(call.params["Id"].rsplit("/", 1)[-1])
    if service is None:
        raise AwsError("ServiceNotFound", f"The service {call.params['Id']} does not exist")
    if service.instances:
        raise AwsError("ResourceInUse", f"Service {service.id} has registered instances")


@after("servicediscovery.RegisterInstance", "servicediscovery.DeregisterInstance")
def instance_moves(call: Call, result: dict, world: World) -> dict:
    backend = cloudmap(call, world)
    old = backend.operations.pop(result["OperationId"])
    publish(world, call.region, backend.services[call.params["ServiceId"].rsplit("/", 1)[-1]])
    return {"OperationId": operation(world, backend, old.operation_type, old.targets, INSTANCE_TAKES)}
