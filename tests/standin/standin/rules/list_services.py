"""What lives in the other services, for `GET /_standin/state`. ECS and Auto Scaling tell for themselves."""

from collections.abc import Iterator
from typing import Any

from ..world import World
from . import listing

Row = dict[str, Any]


def row(service: str, type_: str, identifier: str, tags: Any, state: str = "active", **details: Any) -> Row:
    return {"service": service, "type": type_, "id": identifier, "state": state, "tags": plain(tags), **details}


def plain(tags: Any) -> dict[str, str]:
    """Tags in any of the forms that moto keeps them."""
    if isinstance(tags, dict):
        return {key: value["Value"] if isinstance(value, dict) else value for key, value in tags.items()}
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in tags or []}


@listing
def balancers(world: World) -> Iterator[Row]:
    service = "elasticloadbalancing"
    for region in sorted(world.regions):
        elb = world.backend("elbv2", region)
        tags = elb.tagging_service.get_tag_dict_for_resource
        for one in elb.load_balancers.values():
            about = {"name": one.name, "vpc": one.vpc_id, "dns": one.dns_name, "region": region}
            yield row(service, "loadbalancer", one.arn, tags(one.arn), one.state, **about)
            for listener in one.listeners.values():
                rules = [rule for rule in listener.rules.values() if not getattr(rule, "is_default", False)]
                yield row(
                    service, "listener", listener.arn, tags(listener.arn), balancer=one.arn, port=int(listener.port)
                )
                for rule in rules:
                    about = {"listener": listener.arn, "priority": str(rule.priority)}
                    about["builtin"] = rule.priority == "default"
                    yield row(service, "listener-rule", rule.arn, tags(rule.arn), **about)
        for group in elb.target_groups.values():
            about = {"name": group.name, "vpc": group.vpc_id, "region": region}
            about["targets"] = [_target(world, key) for key in world.facts("targets") if key[0] == group.arn]
            yield row(service, "targetgroup", group.arn, tags(group.arn), **about)


def _target(world: World, key: Any) -> dict[str, Any]:
    return {"id": key[1], "port": key[2], "state": world.facts("targets")[key].state}


@listing
def names(world: World) -> Iterator[Row]:
    route53 = world.backend("route53")
    for zone in route53.zones.values():
        tags = route53.resource_tags.get(zone.resource_id, {})
        # Cloud Map's zones come and go with their namespaces.
        managed = zone.resource_id in world.facts("cloudmap.zones")
        about = {"name": zone.name, "private": zone.private_zone, "builtin": managed}
        yield row("route53", "hostedzone", zone.resource_id, tags, **about)
        for record in zone.rrsets:
            own = record.type in ("NS", "SOA") and record.name.rstrip(".") == zone.name.rstrip(".")
            about = {"zone": zone.resource_id, "name": record.name, "record": record.type, "builtin": own or managed}
            about["alias"] = (record.alias_target or {}).get("DNSName")
            about["values"] = list(record.records or [])
            yield row("route53", "record", f"{zone.resource_id}/{record.name}/{record.type}", {}, **about)
    for region in sorted(world.regions):
        cloudmap = world.backend("servicediscovery", region)
        for space in cloudmap.namespaces.values():
            tags = cloudmap.tagger.get_tag_dict_for_resource(space.arn)
            yield row("servicediscovery", "namespace", space.id, tags, name=space.name, arn=space.arn, region=region)
        for service in cloudmap.services.values():
            tags = cloudmap.tagger.get_tag_dict_for_resource(service.arn)
            about = {"name": service.name, "namespace": service.namespace_id, "arn": service.arn, "region": region}
            about["instances"] = len(service.instances)
            yield row("servicediscovery", "service", service.id, tags, **about)
        for certificate in world.backend("acm", region)._certificates.values():
            about = {"domain": certificate.common_name, "region": region}
            tags = {tag: value for tag, value in certificate.tags.items()}
            yield row("acm", "certificate", certificate.arn, tags, certificate.status, **about)


@listing
def identities(world: World) -> Iterator[Row]:
    iam = world.backend("iam")
    for role in iam.roles.values():
        about = {"arn": role.arn, "builtin": role.arn.split(":role/")[-1].startswith("aws-service-role/")}
        about["policies"] = [*role.policies, *role.managed_policies]
        yield row("iam", "role", role.name, role.tags, **about)
    for profile in iam.instance_profiles.values():
        roles = [role.name for role in profile.roles]
        yield row("iam", "instance-profile", profile.name, profile.tags, arn=profile.arn, roles=roles)
    for policy in iam.managed_policies.values():
        if f":{world.account}:" in policy.arn:
            yield row("iam", "policy", policy.arn, policy.tags)


@listing
def stores(world: World) -> Iterator[Row]:
    for region in sorted(world.regions):
        for group in world.backend("logs", region).groups.values():
            tags = world.backend("logs", region).tagger.get_tag_dict_for_resource(group.arn)
            about = {"retention": group.retention_in_days, "streams": len(group.streams), "region": region}
            yield row("logs", "log-group", group.name, tags, **about)
        for secret in world.backend("secretsmanager", region).secrets.values():
            gone = secret.deleted_date is not None
            state = "scheduled for deletion" if gone else "active"
            yield row(
                "secretsmanager", "secret", secret.name, secret.tags, state, arn=secret.arn, gone=gone, region=region
            )
        ssm = world.backend("ssm", region)
        for name in list(ssm._parameters):
            if not name.startswith("/aws/"):
                both = ssm._resource_tags["Parameter"]
                tags = both.get(name) or both.get(name.removeprefix("/")) or both.get(f"/{name}") or {}
                yield row("ssm", "parameter", name, tags, region=region)
        ecr = world.backend("ecr", region)
        for repository in ecr.repositories.values():
            tags = ecr.tagger.get_tag_dict_for_resource(repository.arn)
            images = len(repository.images)
            yield row("ecr", "repository", repository.name, tags, arn=repository.arn, images=images, region=region)
