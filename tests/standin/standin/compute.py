"""The life of an EC2 instance: it takes time to start and to go, and what it holds is held until it is gone.

Used by the rules for EC2 and by Auto Scaling, which starts and ends instances of its own.
"""

from typing import Any

from .world import World

# From the call to `running`: typically 10 to 30 seconds for Linux on EBS.
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html names the states, not the time.
START = 20.0
# From the call to `terminated`.
STOP = 40.0
# How long a terminated instance is still shown: "usually within an hour".
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/terminating-instances.html
SHOWN = 3600.0
STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


def set_state(instance: Any, name: str) -> None:
    instance._state.name = name
    instance._state.code = STATES[name]


def started(world: World, instance: Any) -> None:
    """An instance that moto just made begins its life: `pending`, then `running`."""
    set_state(instance, "pending")

    def run() -> None:
        if instance._state.name == "pending":
            set_state(instance, "running")

    world.after(START, run)


def terminate(world: World, region: str, instance: Any) -> None:
    """Ends an instance: `shutting-down`, then `terminated`; then its volumes and interfaces go, later its record."""
    if instance._state.name in ("shutting-down", "terminated"):
        return
    set_state(instance, "shutting-down")
    world.after(STOP, lambda: _terminated(world, region, instance))


def _terminated(world: World, region: str, instance: Any) -> None:
    ec2 = world.backend("ec2", region)
    # moto leaves volumes attached that outlive the instance, and interfaces that don't.
    for device, mapping in list(instance.block_device_mapping.items()):
        if not mapping.delete_on_termination:
            ec2.detach_volume(mapping.volume_id, instance.id, device)
    interfaces = list(instance.nics.values())
    instance.terminate()
    for interface in interfaces:
        ec2.enis.pop(interface.id, None)
    for address in ec2.addresses:
        if address.instance is instance or address.eni in interfaces:
            address.instance = address.eni = address.association_id = None
    world.after(SHOWN, lambda: _forgotten(ec2, instance))


def _forgotten(ec2: Any, instance: Any) -> None:
    for key, reservation in list(ec2.reservations.items()):
        if instance in reservation.instances:
            reservation.instances.remove(instance)
            if not reservation.instances:
                del ec2.reservations[key]


def instances(ec2: Any) -> list[Any]:
    return [instance for reservation in list(ec2.reservations.values()) for instance in reservation.instances]


def find(ec2: Any, instance_id: str) -> Any | None:
    return next((instance for instance in instances(ec2) if instance.id == instance_id), None)
