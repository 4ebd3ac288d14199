"""What an instance does once it runs: its user data, and joining an ECS cluster as a container instance.

Of a script only this is understood: `ECS_CLUSTER=..` and what else the agent reads from `/etc/ecs/ecs.config`, and one
volume that it attaches (`attach-volume --volume-id vol-..`, or `VOLUME_ID=vol-..`), in a loop or not.
"""

import base64
import json
import re
from fnmatch import fnmatchcase
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES

from . import compute
from .ecs.model import Cluster, ContainerInstance
from .ecs.region import Ecs, of
from .ecs.wiring import has_egress
from .ecs.wording import machine_gone
from .rules.ec2_compute import attachable
from .wire import AwsError
from .world import World

# Seconds from `running` until the agent has registered.
BOOT = 20.0
# A volume is tried again by scripts that loop.
TRY_AGAIN, TRIES = 10.0, 60
# Seconds until a machine's end is noticed.
NOTICED = 30.0
# Of a machine's memory the agent registers what the kernel leaves: about 95 %.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html
MEMORY_LEFT = 0.95
# What the agent needs the machine's role to allow.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
REGISTER, ATTACH = "ecs:RegisterContainerInstance", "ec2:AttachVolume"
MANAGED_POLICY = "service-role/AmazonEC2ContainerServiceforEC2Role"
_MANAGED_ALLOWS = ("ecs:*", "ecr:Get*", "ecr:Batch*", "logs:CreateLogStream", "logs:PutLogEvents")

_SETTING = re.compile(r"""\b(ECS_[A-Z_]+)=('[^'\n]*'|"[^"\n]*"|\{[^}\n]*\}|[^\s'";|&>]+)""")
_VARIABLE = re.compile(r"^([A-Z_]+)=([^\s$]+)$", re.MULTILINE)
_VOLUME = re.compile(r"(?:--volume-id[= ]+|VOLUME_ID=)[\"']?(vol-[0-9a-f]+)")
_LOOP = re.compile(r"\b(until|while|for)\b")


def watch(world: World) -> None:
    """Boots what has come to run, and notices what has gone. Called at every tick."""
    booted = world.facts("nodes.booted")
    for region in world.regions:
        for machine in compute.instances(world.backend("ec2", region)):
            if machine._state.name == "running" and machine.id not in booted:
                booted[machine.id] = True
                world.after(BOOT, lambda one=machine, where=region: _boot(world, where, one, 0))
    for ecs in world.facts("ecs").values():
        for cluster in ecs.clusters.values():
            for instance in list(cluster.instances.values()):
                if instance.connected and instance.machine._state.name != "running":
                    instance.connected = False
                    # Only an agent that is connected signs its machine off when that is terminated.
                    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister_container_instance.html
                    if instance.machine._state.name not in ("stopping", "stopped"):
                        world.after(NOTICED, lambda e=ecs, one=instance: _gone(e, one))


def trouble(world: World) -> dict[str, str]:
    """Why machines didn't come up, by their ids."""
    return world.facts("nodes.trouble")


def _boot(world: World, region: str, machine: Any, tries: int) -> None:
    if machine._state.name != "running":
        return
    script = _text(machine.user_data)
    settings = _settings(script)
    volume = _VOLUME.search(script)
    try:
        if volume:
            _attach(world, region, machine, volume.group(1))
    except AwsError as error:
        trouble(world)[machine.id] = error.message
        if _LOOP.search(script) and tries < TRIES:
            world.after(TRY_AGAIN, lambda: _boot(world, region, machine, tries + 1))
        return
    if "ECS_CLUSTER" not in settings:
        return
    why = _unfit(world, region, machine, settings["ECS_CLUSTER"])
    if why:
        # The agent keeps trying.
        trouble(world)[machine.id] = why
        world.after(TRY_AGAIN, lambda: _boot(world, region, machine, tries))
        return
    trouble(world).pop(machine.id, None)
    _join(of(world, region), machine, settings)


def _settings(script: str) -> dict[str, str]:
    """What the agent is told. A value may be a variable that an earlier line sets."""
    variables = dict(_VARIABLE.findall(script))
    settings = {key: value.strip().strip("\"'") for key, value in _SETTING.findall(script)}
    return {
        key: variables.get(value[1:].strip("{}"), value) if value[:1] == "$" else value
        for key, value in settings.items()
    }


def _text(user_data: Any) -> str:
    if not user_data:
        return ""
    raw = str(user_data)
    try:
        return base64.b64decode(raw, validate=True).decode(errors="replace")
    except ValueError:
        return raw


def _attach(world: World, region: str, machine: Any, volume_id: str) -> None:
    ec2 = world.backend("ec2", region)
    volume = ec2.volumes.get(volume_id)
    if volume and volume.attachment and volume.attachment.instance is machine:
        return
    if not allowed(world, machine, ATTACH):
        raise AwsError("UnauthorizedOperation", f"You are not authorized to perform this operation: {ATTACH}")
    attachable(world, ec2, volume_id, machine)
    ec2.attach_volume(volume_id, machine.id, "/dev/sdf", False)


def _unfit(world: World, region: str, machine: Any, cluster: str) -> str:
    found = of(world, region).clusters.get(cluster)
    if not found or found.status != "ACTIVE":
        return f"ClientException: Cluster not found: {cluster}"
    if not allowed(world, machine, REGISTER):
        return f"AccessDeniedException: the instance's role doesn't allow {REGISTER}"
    if not has_egress(of(world, region), machine.subnet_id, bool(machine.public_ip)):
        return "no route to ECS: neither a NAT gateway that is available, nor an internet gateway and a public address"
    return ""


def allowed(world: World, machine: Any, action: str) -> bool:
    """Whether a policy of the machine's role allows an action (on whatever resource)."""
    ec2 = world.backend("ec2", machine.region_name)
    associations = [one for one in ec2.iam_instance_profile_associations.values() if one.instance.id == machine.id]
    for role in [role for one in associations for role in one.iam_instance_profile.roles]:
        documents = [*role.policies.values()]
        for arn, policy in role.managed_policies.items():
            if arn.endswith(MANAGED_POLICY):
                documents.append({"Statement": [{"Effect": "Allow", "Action": list(_MANAGED_ALLOWS)}]})
            else:
                documents.append(policy.document)
        if any(_allows(document, action) for document in documents):
            return True
    return False


def _allows(document: Any, action: str) -> bool:
    statements = (json.loads(document) if isinstance(document, str) else document or {}).get("Statement", [])
    for one in statements if isinstance(statements, list) else [statements]:
        named = one.get("Action", [])
        named = named if isinstance(named, list) else [named]
        if one.get("Effect") == "Allow" and any(fnmatchcase(action.lower(), pattern.lower()) for pattern in named):
            return True
    return False


def _join(ecs: Ecs, machine: Any, settings: dict[str, str]) -> None:
    """Registers the machine with its cluster."""
    cluster = ecs.clusters[settings["ECS_CLUSTER"]]
    if any(one.machine is machine for one in cluster.instances.values()):
        return
    kind = INSTANCE_TYPES[machine.instance_type]
    memory = int(kind["MemoryInfo"]["SizeInMiB"] * MEMORY_LEFT) - int(settings.get("ECS_RESERVED_MEMORY") or 0)
    number = ecs.hex()
    instance = ContainerInstance(
        id=number,
        arn=ecs.arn("container-instance", cluster.name, number),
        cluster=cluster,
        machine=machine,
        cpu=kind["VCpuInfo"]["DefaultVCpus"] * 1024,
        memory=memory,
        # One is the machine's own.
        interfaces=kind["NetworkInfo"]["MaximumNetworkInterfaces"] - 1,
        attributes=_attributes(ecs, machine, settings),
        registered_at=ecs.world.now(),
        provider=_provider(ecs, cluster, machine),
    )
    cluster.instances[number] = instance
    ecs.place_waiting()
    for service in ecs.services.values():
        if service.cluster is cluster and service.status == "ACTIVE":
            ecs.scheduler.wake(service)


def _attributes(ecs: Ecs, machine: Any, settings: dict[str, str]) -> dict[str, str]:
    try:
        own = json.loads(settings.get("ECS_INSTANCE_ATTRIBUTES") or "{}")
    except ValueError:
        own = {}
    return {
        "ecs.ami-id": machine.image_id,
        "ecs.availability-zone": machine.placement.zone,
        "ecs.instance-type": machine.instance_type,
        "ecs.os-type": "linux",
        "ecs.os-family": "LINUX",
        "ecs.cpu-architecture": machine.architecture,
        "ecs.vpc-id": machine.vpc_id,
        "ecs.subnet-id": machine.subnet_id,
        **own,
    }


def _provider(ecs: Ecs, cluster: Cluster, machine: Any) -> str | None:
    group = next((tag["value"] for tag in machine.get_tags() if tag["key"] == "aws:autoscaling:groupName"), None)
    for provider in ecs.providers.values():
        if provider.name in cluster.providers and provider.group_name == group:
            return provider.name
    return None


def _gone(ecs: Ecs, instance: ContainerInstance) -> None:
    """The machine's tasks are lost and replaced; the instance is deregistered.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister_container_instance.html"""
    for task in ecs.tasks_on(instance):
        task.lose(machine_gone(instance.machine.id))
    if instance.machine._state.name in ("shutting-down", "terminated"):
        instance.cluster.instances.pop(instance.id, None)
