"""ECS: what no other module here answers, tags, account settings, what lives, and how images behave.

All `ecs.*` calls are answered by these modules (`ecs_*.py`); moto's ECS is never asked.
"""

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.ecs.models import EC2ContainerServiceBackend

from ..control import control
from ..ecs.model import Json, invalid
from ..ecs.region import Ecs, images, of
from ..wire import AwsError, Call
from . import BEFORE, before, listing


@before("ecs.*")
def unsupported(call: Call, _world: Any) -> None:
    """Says so when the stand-in doesn't play a part of ECS, in place of moto's answer."""
    if not any(name == call.name for name, _ in BEFORE):
        raise AwsError("UnsupportedFeatureException", f"The stand-in doesn't play {call.action}.")


# --- tags ---


def tagged(ecs: Ecs) -> Iterator[tuple[str, str, Any]]:
    """Everything of ECS that has tags: ARN, type, thing."""
    for cluster in ecs.clusters.values():
        if cluster.status != "INACTIVE":
            yield cluster.arn, "cluster", cluster
            yield from ((one.arn, "container-instance", one) for one in cluster.instances.values())
    yield from ((one.arn, "service", one) for one in ecs.services.values() if one.status != "INACTIVE")
    yield from ((one.arn, "task", one) for one in ecs.tasks.values() if not one.stopped)
    yield from ((one.arn, "capacity-provider", one) for one in ecs.providers.values())
    for revisions in ecs.definitions.values():
        yield from ((one.arn, "task-definition", one) for one in revisions.values())


def find(ecs: Ecs, arn: str) -> Any:
    for known, _, thing in tagged(ecs):
        if known == arn:
            return thing
    raise invalid("The specified resource was not found. Specify a valid ARN and try again.")


def retag(thing: Any, tags: list[Json]) -> None:
    merged = {tag["key"]: tag.get("value", "") for tag in [*thing.tags, *tags]}
    thing.tags[:] = [{"key": key, "value": value} for key, value in merged.items()]


@before("ecs.TagResource")
def tag_resource(call: Call, world: Any) -> Json:
    retag(find(of(world, call.region), call.params["resourceArn"]), call.params["tags"])
    return {}


@before("ecs.UntagResource")
def untag_resource(call: Call, world: Any) -> Json:
    thing = find(of(world, call.region), call.params["resourceArn"])
    thing.tags[:] = [tag for tag in thing.tags if tag["key"] not in call.params["tagKeys"]]
    return {}


@before("ecs.ListTagsForResource")
def list_tags(call: Call, world: Any) -> Json:
    return {"tags": find(of(world, call.region), call.params["resourceArn"]).tags}


@before("tag.*")
def lend_tags(call: Call, world: Any) -> None:
    """Lets moto's tagging API see these resources in place of its own."""
    # moto only asks services that it has met.
    world.backend("ecs", call.region)

    def resources(backend: Any) -> Iterator[TaggedResource]:
        for arn, kind, thing in tagged(of(world, backend.region_name)):
            if thing.tags:
                yield TaggedResource(
                    arn=arn, tags={t["key"]: t["value"] for t in thing.tags}, resource_type=f"ecs:{kind}"
                )

    def tag(backend: Any, arn: str, tags: dict[str, str]) -> None:
        retag(find(of(world, backend.region_name), arn), [{"key": k, "value": v} for k, v in tags.items()])

    EC2ContainerServiceBackend.iter_tagged_resources = resources
    EC2ContainerServiceBackend.tag_resource = tag


# --- account settings ---

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
SETTINGS = {
    "awsvpcTrunking": "disabled",
    "containerInsights": "disabled",
    "containerInstanceLongArnFormat": "enabled",
    "serviceLongArnFormat": "enabled",
    "taskLongArnFormat": "enabled",
    "tagResourceAuthorization": "on",
}


def _setting(ecs: Ecs, name: str) -> Json:
    value = ecs.settings.get(name, SETTINGS[name])
    return {"name": name, "value": value, "principalArn": f"arn:aws:iam::{ecs.account}:root", "type": "user"}


@before("ecs.PutAccountSetting", "ecs.PutAccountSettingDefault")
def put_setting(call: Call, world: Any) -> Json:
    ecs, name = of(world, call.region), call.params["name"]
    if name not in SETTINGS:
        raise invalid(f"unknown setting {name}; should be one of [{','.join(sorted(SETTINGS))}]")
    ecs.settings[name] = call.params["value"]
    return {"setting": _setting(ecs, name)}


@before("ecs.ListAccountSettings")
def list_settings(call: Call, world: Any) -> Json:
    ecs = of(world, call.region)
    names = [name for name in SETTINGS if call.params.get("name") in (None, name)]
    shown = names if call.params.get("effectiveSettings") else [name for name in names if name in ecs.settings]
    return {"settings": [_setting(ecs, name) for name in shown]}


# --- for tests ---


def _shown_tags(thing: Any) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in thing.tags}


@listing
def state(world: Any) -> Iterator[Json]:
    for ecs in world.facts("ecs").values():
        for cluster in ecs.clusters.values():
            gone = cluster.status == "INACTIVE"
            yield _row(ecs, "cluster", cluster, cluster.status, gone, name=cluster.name)
            for one in cluster.instances.values():
                yield _row(ecs, "container-instance", one, one.status, False, cluster=cluster.name, ec2=one.machine.id)
        for one in ecs.services.values():
            details = {
                "name": one.name,
                "cluster": one.cluster.name,
                "desired": one.desired,
                "rollouts": len(one.history),
            }
            if one.deployments:
                details |= {"task_definition": one.primary.revision.definition.arn, "rollout": one.primary.rollout}
            yield _row(ecs, "service", one, one.status, one.status == "INACTIVE", **details)
        for one in ecs.tasks.values():
            details = {"group": one.order.group, "cluster": one.cluster.name, "task_definition": one.definition.arn}
            yield _row(
                ecs, "task", one, one.last, one.stopped, **details, address=one.address, reason=one.stopped_reason
            )
        for one in ecs.providers.values():
            yield _row(ecs, "capacity-provider", one, one.status, one.status == "INACTIVE", name=one.name)
        for revisions in ecs.definitions.values():
            for one in revisions.values():
                yield _row(ecs, "task-definition", one, one.status, one.status != "ACTIVE", family=one.family)


def _row(ecs: Ecs, kind: str, thing: Any, status: str, gone: bool, **details: Any) -> Json:
    row = {
        "service": "ecs",
        "type": kind,
        "id": thing.arn,
        "region": ecs.region,
        "state": status,
        "tags": _shown_tags(thing),
    }
    return {**row, **details, **({"gone": True} if gone else {})}


@control("POST images")
def _images(world: Any, body: Json, _query: dict) -> None:
    """`{"pattern": "web:2-*", "behaviour": {"exit": 1}}`, a list of such under `rules`, or `{"reset": true}`."""
    table = images(world)
    if body.get("reset"):
        table.forget()
    for rule in body.get("rules", [body] if "pattern" in body else []):
        table.behave(rule["pattern"], rule.get("behaviour", {}))
