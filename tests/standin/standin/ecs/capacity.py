"""Managed scaling: capacity providers keep their groups as large as their tasks need.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html: the number of instances that are
needed (M) to the number that is there, against the target capacity; out at once, in after a quarter of an hour.
"""

import math
from typing import Any

from ..asg import Group, groups
from .model import CapacityProvider, ContainerInstance
from .placement import lack
from .region import Ecs

# Seconds between looks: the metric `CapacityProviderReservation` is published every minute.
EVERY = 60.0
# The alarm for scaling in needs fifteen minutes in a row.
IDLE = 900.0


def begin(ecs: Ecs, provider: CapacityProvider) -> None:
    """Looks after a provider for as long as it exists."""

    def look() -> None:
        if ecs.providers.get(provider.name) is not provider or provider.status in ("DEPROVISIONING", "INACTIVE"):
            return
        scale(ecs, provider)
        ecs.world.after(EVERY, look)

    ecs.world.after(EVERY, look)


def scale(ecs: Ecs, provider: CapacityProvider) -> None:
    group = groups(ecs.world, ecs.region).get(provider.group_name)
    if not group or group.status or not provider.managed:
        return
    if not any(provider.name in cluster.providers for cluster in ecs.clusters.values()):
        return
    busy, idle = _instances(ecs, provider)
    needed = len(busy) + _needed_for_waiting(ecs, provider, group, idle)
    target = provider.group["managedScaling"]["targetCapacity"]
    wanted = min(max(math.ceil(needed * 100 / target), group.least), group.most)
    now = ecs.world.now()
    if wanted >= group.desired:
        provider.idle_since = None
        if wanted > group.desired:
            group.desired = wanted
            group.wake()
    elif provider.idle_since is None:
        provider.idle_since = now
    elif now - provider.idle_since >= IDLE:
        provider.idle_since = None
        _shrink(group, idle, group.desired - wanted)


def _instances(ecs: Ecs, provider: CapacityProvider) -> tuple[list[ContainerInstance], list[ContainerInstance]]:
    """The provider's instances that have tasks, and those that have none."""
    joined = [
        one for cluster in ecs.clusters.values() for one in cluster.instances.values() if one.provider == provider.name
    ]
    active = [one for one in joined if one.status == "ACTIVE" and one.connected]
    return [one for one in active if ecs.tasks_on(one)], [one for one in active if not ecs.tasks_on(one)]


def _needed_for_waiting(ecs: Ecs, provider: CapacityProvider, group: Group, idle: list[ContainerInstance]) -> int:
    """How many instances of the group's type the waiting tasks fill."""
    waiting = [t for t in ecs.tasks.values() if t.wanted and not t.placed and t.order.provider == provider.name]
    if not waiting:
        return 0
    size = _size(ecs, group)
    bins: list[list[int]] = []
    for task in waiting:
        need = [task.definition.cpu, task.definition.memory, int(task.definition.awsvpc)]
        home = next((one for one in bins if all(a + b <= c for a, b, c in zip(one, need, size, strict=True))), None)
        if home is None:
            bins.append(need)
        else:
            home[:] = [a + b for a, b in zip(home, need, strict=True)]
    # Idle instances that can't take any of them (another zone, a missing attribute) don't count.
    useless = [one for one in idle if all(lack(ecs, task.order, one) for task in waiting)]
    return len(bins) + len(useless)


def _size(ecs: Ecs, group: Group) -> list[int]:
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    from ..asg import version_of
    from ..nodes import MEMORY_LEFT

    kind = INSTANCE_TYPES[version_of(ecs.world, ecs.region, group.template).data["InstanceType"]]
    memory = int(kind["MemoryInfo"]["SizeInMiB"] * MEMORY_LEFT)
    return [kind["VCpuInfo"]["DefaultVCpus"] * 1024, memory, kind["NetworkInfo"]["MaximumNetworkInterfaces"] - 1]


def _shrink(group: Group, idle: list[Any], count: int) -> None:
    """Takes idle instances out; those with tasks are never touched by managed scaling."""
    for instance in idle[:count]:
        member = group.members.get(instance.machine.id)
        if member and group.desired > group.least:
            group.desired -= 1
            group.end(member, "an instance was taken out of service in response to managed scaling")
