"""The DNS records of Cloud Map's instances: what is registered is in the namespace's hosted zone.

https://docs.aws.amazon.com/cloud-map/latest/dg/services-route53.html: one multivalue record for each instance.
"""

from typing import Any

from .world import World

# https://docs.aws.amazon.com/cloud-map/latest/api/API_DnsRecord.html: what a record's value is made of.
ADDRESSES = {"A": "AWS_INSTANCE_IPV4", "AAAA": "AWS_INSTANCE_IPV6", "CNAME": "AWS_INSTANCE_CNAME"}


def publish(world: World, region: str, service: Any) -> None:
    """Makes the records of a Cloud Map service (moto's) those of its instances."""
    backend = world.backend("servicediscovery", region)
    space = backend.namespaces.get(service.namespace_id)
    zone = space and world.backend("route53").zones.get((space.dns_properties or {}).get("HostedZoneId"))
    if not zone:
        return
    name = f"{service.name}.{space.name}."
    zone.rrsets[:] = [record for record in zone.rrsets if not record.set_identifier or not _of(record.name, name)]
    for wanted in (service.dns_config or {}).get("DnsRecords", []):
        for instance in service.instances:
            value = _value(wanted["Type"], instance, name)
            if value:
                about = {"Name": name, "Type": wanted["Type"], "TTL": wanted["TTL"], "ResourceRecords": [value]}
                zone.add_rrset({**about, "SetIdentifier": instance.instance_id, "MultiValueAnswer": True})
            if wanted["Type"] == "SRV" and instance.attributes.get(ADDRESSES["A"]):
                own = {"Name": f"{instance.instance_id}.{name}", "Type": "A", "TTL": wanted["TTL"]}
                address = instance.attributes[ADDRESSES["A"]]
                zone.add_rrset({**own, "ResourceRecords": [address], "SetIdentifier": instance.instance_id})


def _of(record: str, name: str) -> bool:
    return record.rstrip(".") == name.rstrip(".") or record.rstrip(".").endswith("." + name.rstrip("."))


def _value(kind: str, instance: Any, name: str) -> str | None:
    if kind == "SRV":
        port = instance.attributes.get("AWS_INSTANCE_PORT")
        return port and f"1 1 {port} {instance.instance_id}.{name}"
    return instance.attributes.get(ADDRESSES.get(kind, ""))
