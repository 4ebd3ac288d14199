"""Route 53: batches that change all or nothing, changes that take a minute, zones that are made once."""

from collections import Counter
from typing import Any

from moto.route53.models import RecordSet

from ..wire import AwsError, Call
from ..world import World
from . import after, before

# "Route 53 propagates your changes .. within 60 seconds".
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
PROPAGATION = 60.0


def bare(zone: str) -> str:
    return zone.rsplit("/", 1)[-1]


def zone_of(world: World, zone_id: str) -> Any:
    zone = world.backend("route53").zones.get(bare(zone_id))
    if zone is None:
        raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {bare(zone_id)}", 404)
    return zone


def whole(name: str) -> str:
    """A name as it is stored: lower case, with the dot of the root."""
    return name.lower().rstrip(".") + "."


def change(call: Call, world: World) -> dict[str, Any]:
    """What a write answers with. The change is `PENDING` for a while."""
    changes = world.facts("route53.changes")
    identifier = f"C{len(changes) + 1:09d}{world.chance('change', len(changes)).randrange(36**5):X}"
    changes[identifier] = world.now()
    comment = (call.params.get("ChangeBatch") or {}).get("Comment")
    return _change_info(world, identifier) | ({"Comment": comment} if comment else {})


def _change_info(world: World, identifier: str) -> dict[str, Any]:
    at = world.facts("route53.changes")[identifier]
    status = "INSYNC" if world.now() >= at + PROPAGATION else "PENDING"
    return {"Id": f"/change/{identifier}", "Status": status, "SubmittedAt": at}


@before("route53.GetChange")
def get_change(call: Call, world: World) -> dict:
    identifier = bare(call.params["Id"])
    if identifier not in world.facts("route53.changes"):
        raise AwsError("NoSuchChange", f"Could not find resource with ID: {identifier}", 404)
    return {"ChangeInfo": _change_info(world, identifier)}


@before("route53.CreateHostedZone")
def create_zone(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html: a caller reference works once,
    even if the zone has gone since."""
    reference = call.params["CallerReference"]
    if reference in world.facts("route53.references"):
        message = f"A hosted zone has already been created with the specified caller reference: {reference}"
        raise AwsError("HostedZoneAlreadyExists", message, 409)


@after("route53.CreateHostedZone")
def zone_created(call: Call, result: dict, world: World) -> None:
    world.facts("route53.references")[call.params["CallerReference"]] = result["HostedZone"]["Id"]
    result["ChangeInfo"] = change(call, world)


@after("route53.DeleteHostedZone", "route53.AssociateVPCWithHostedZone", "route53.DisassociateVPCFromHostedZone")
def zone_changed(call: Call, result: dict, world: World) -> None:
    result["ChangeInfo"] = change(call, world)


@before("route53.DeleteHostedZone", "route53.ChangeResourceRecordSets")
def not_managed(call: Call, world: World) -> None:
    """A zone that Cloud Map made is Cloud Map's.
    https://docs.aws.amazon.com/cloud-map/latest/dg/cloud-map-namespaces.html"""
    zone = bare(call.params.get("Id") or call.params["HostedZoneId"])
    if zone in world.facts("cloudmap.zones"):
        message = f"The resource {zone} can only be managed through AWS Cloud Map"
        raise AwsError("AccessDenied", message, 403)


@before("route53.ChangeResourceRecordSets")
def change_records(call: Call, world: World) -> dict:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html: all or nothing."""
    zone = zone_of(world, call.params["HostedZoneId"])
    records, errors = list(zone.rrsets), []
    for one in call.params["ChangeBatch"]["Changes"]:
        if error := _apply(records, zone, one["Action"], one["ResourceRecordSet"], world):
            errors.append(error)
    errors += _conflicts(records, zone)
    if errors:
        raise AwsError("InvalidChangeBatch", f"[{', '.join(errors)}]")
    zone.rrsets = records
    return {"ChangeInfo": change(call, world)}


def _key(record: Any) -> tuple[str, str, str | None]:
    return whole(record.name), record.type, record.set_identifier


def _apply(records: list[Any], zone: Any, action: str, wanted: dict[str, Any], world: World) -> str | None:
    """Makes one change in the list. Gives what is wrong with it, in AWS's words."""
    record = _record(wanted)
    if record.name != whole(zone.name) and not record.name.endswith("." + whole(zone.name)):
        return f"RRSet with DNS name {record.name} is not permitted in zone {whole(zone.name)}"
    if not record.alias_target and not (record.records and record.ttl is not None):
        expected = "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]]"
        return f"Invalid request: {expected} in Change with [Name={record.name}, Type={record.type}]"
    what = f"resource record set [name='{record.name}', type='{record.type}'"
    what += f", set identifier='{record.set_identifier}']" if record.set_identifier else "]"
    there = next((one for one in records if _key(one) == _key(record)), None)
    if action == "CREATE" and there:
        return f"Tried to create {what} but it already exists"
    if action == "DELETE" and not there:
        return f"Tried to delete {what} but it was not found"
    if action == "DELETE" and _values(there) != _values(record):
        return f"Tried to delete {what} but the values provided do not match the current values"
    if action != "DELETE" and record.alias_target and (error := _alias(record, world)):
        return error
    if there:
        records.remove(there)
    if action != "DELETE":
        records.append(record)
    return None


def _record(wanted: dict[str, Any]) -> Any:
    plain = dict(wanted, Name=whole(wanted["Name"]))
    plain["ResourceRecords"] = [value["Value"] for value in wanted.get("ResourceRecords") or []]
    return RecordSet(plain)


def _values(record: Any) -> tuple:
    alias = record.alias_target or {}
    target = (
        alias.get("HostedZoneId"),
        whole(alias.get("DNSName") or ""),
        str(alias.get("EvaluateTargetHealth")).lower(),
    )
    weight = record.weight if record.weight is None else int(record.weight)
    ttl = record.ttl if record.ttl is None else int(record.ttl)
    return target if alias else None, sorted(record.records or []), ttl, weight


def _alias(record: Any, world: World) -> str | None:
    """An alias has to name a zone and a name in it that exist. Balancers are known here; other targets are believed."""
    target = record.alias_target
    name = whole(target["DNSName"]).removeprefix("dualstack.")
    if not name.endswith(".elb.amazonaws.com."):
        return None
    balancers = [one for region in world.regions for one in world.backend("elbv2", region).load_balancers.values()]
    for balancer in balancers:
        if whole(balancer.dns_name) == name and balancer.canonical_hosted_zone_id == target["HostedZoneId"]:
            return None
    what = f"Tried to create an alias that targets {target['DNSName']}, type {record.type}"
    return f"{what} in zone {target['HostedZoneId']}, but the alias target name does not lie within the target zone"


def _conflicts(records: list[Any], zone: Any) -> list[str]:
    """A CNAME is alone under its name, and not at the top of its zone (RFC 1034, 3.6.2)."""
    names = Counter(record.name for record in records if not record.set_identifier)
    errors = []
    for record in records:
        if record.type == "CNAME" and (names[record.name] > 1 or record.name == whole(zone.name)):
            what = f"RRSet of type CNAME with DNS name {record.name} is not permitted"
            errors.append(
                f"{what} as it conflicts with other records with the same DNS name in zone {whole(zone.name)}"
            )
    return errors
