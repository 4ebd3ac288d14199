"""EC2 Auto Scaling groups: they keep their number of instances, spread over their subnets, launched from their
template.

The API in front of it is `rules/autoscaling.py`; what an instance does once it runs is `nodes.py`.
"""

from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import ServiceException

from . import compute
from .rules.ec2_compute import require_profile, resolve_image
from .wire import AwsError
from .world import World

Json = dict[str, Any]

# Seconds from a change to the group's reaction, and between its looks at its instances' health.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html names no times.
REACTION, NOTICED = 5.0, 30.0
# After a launch that failed.
RETRY = 60.0
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-scaling-cooldowns.html
DEFAULT_COOLDOWN = 300
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html
GRACE_PERIOD = 0
# A lifecycle hook of ECS's managed draining waits at most two days.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html
DRAINS_AT_MOST = 48 * 3600.0
ACTIVITIES_KEPT = 100
ALIVE = ("pending", "running")


@dataclass
class Member:
    """An instance of a group."""

    machine: Any
    template: Json
    protected: bool
    launched_at: float
    state: str = "Pending"
    health: str = "Healthy"
    noticed: bool = False

    def wire(self) -> Json:
        return {
            "InstanceId": self.machine.id,
            "InstanceType": self.machine.instance_type,
            "AvailabilityZone": self.machine.placement.zone,
            "LifecycleState": self.state,
            "HealthStatus": self.health,
            "LaunchTemplate": self.template,
            "ProtectedFromScaleIn": self.protected,
        }


@dataclass
class Group:
    world: World
    region: str
    name: str
    arn: str
    created_at: float
    template: Json  # LaunchTemplateId, LaunchTemplateName, Version
    subnets: list[str]
    least: int
    most: int
    desired: int
    protect_new: bool = False
    tags: list[Json] = field(default_factory=list)
    settings: Json = field(default_factory=dict)  # what is only kept and shown
    status: str | None = None
    members: dict[str, Member] = field(default_factory=dict)
    activities: list[Json] = field(default_factory=list)
    suspended: set[str] = field(default_factory=set)
    retry_at: float = 0.0
    waking: bool = False

    # --- looking after its instances ---

    def wake(self, seconds: float = REACTION) -> None:
        if self.waking:
            return
        self.waking = True

        def look() -> None:
            self.waking = False
            self.look()

        self.world.after(seconds, look)

    def look(self) -> None:
        """Launches what is missing, ends what is too much."""
        there = [one for one in self.members.values() if one.state in ("Pending", "InService")]
        if self.status:
            self._delete(there)
            return
        missing = self.desired - len(there)
        if missing > 0 and "Launch" not in self.suspended:
            wait = self.retry_at - self.world.now()
            if wait > 0:
                self.wake(wait)
                return
            for _ in range(missing):
                if not self._launch():
                    break
        elif missing < 0 and "Terminate" not in self.suspended:
            for member in self._victims(there)[:-missing]:
                self.end(
                    member,
                    "an instance was taken out of service in response to a difference between desired and actual "
                    "capacity",
                )

    def watch(self) -> None:
        """Follows what its instances do by themselves, or what others do to them. Called at every tick."""
        for member in list(self.members.values()):
            state = member.machine._state.name
            if member.state == "Pending" and state == "running":
                member.state = "InService"
                self._finish(member, "Successful")
            if state == "terminated" and member.noticed:
                self.members.pop(member.machine.id, None)
                self.wake()
            elif state not in ALIVE and not member.noticed:
                member.noticed = True
                self.world.after(NOTICED, lambda one=member: self._unhealthy(one))

    def _unhealthy(self, member: Member) -> None:
        """An instance that somebody else ended or stopped is replaced."""
        if member.state in ("Pending", "InService") and self.members.get(member.machine.id) is member:
            member.health = "Unhealthy"
            self.end(
                member,
                "an instance was taken out of service in response to an EC2 health check indicating it has been "
                "terminated or stopped",
            )

    def _launch(self) -> bool:
        """Starts one instance, in the subnet that has the fewest. False if that failed."""
        counts = [member.machine.subnet_id for member in self.members.values()]
        subnet = min(self.subnets, key=lambda one: (counts.count(one), self.subnets.index(one)))
        cause = (
            "an instance was started in response to a difference between desired and actual capacity, increasing the "
            f"capacity from {len(self.members)} to {len(self.members) + 1}."
        )
        try:
            machine, template = launch(self, subnet)
        except (AwsError, ServiceException) as error:
            message = error.message
            self._record(
                "Launching a new EC2 instance.  Status Reason: " + message,
                cause,
                "Failed",
                f"{message} Launching EC2 instance failed.",
            )
            self.retry_at = self.world.now() + RETRY
            self.wake(RETRY)
            return False
        member = Member(machine, template, self.protect_new, self.world.now())
        self.members[machine.id] = member
        self._record(f"Launching a new EC2 instance: {machine.id}", cause, "InProgress", instance=machine.id)
        return True

    def _victims(self, there: list[Member]) -> list[Member]:
        """Whom a scale-in takes, in order: of the zone with the most instances, the oldest; never a protected one.
        https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html"""
        zones = [member.machine.placement.zone for member in there]
        free = [member for member in there if not member.protected]
        return sorted(free, key=lambda one: (-zones.count(one.machine.placement.zone), one.launched_at, one.machine.id))

    def end(self, member: Member, cause: str) -> None:
        """Takes an instance out: its tasks are drained first if ECS manages that."""
        if member.state.startswith("Terminating"):
            return
        self._record(f"Terminating EC2 instance: {member.machine.id}", cause, "InProgress", instance=member.machine.id)
        drainer = self._drainer(member)
        if not drainer:
            self._terminate(member)
            return
        member.state = "Terminating:Wait"
        drainer.status = "DRAINING"
        self._await_drained(member, drainer, self.world.now() + DRAINS_AT_MOST)

    def _drainer(self, member: Member) -> Any:
        """The container instance that has to be drained first, if there is one."""
        ecs = self.world.facts("ecs").get(self.region)
        providers = [one for one in ecs.providers.values() if one.group_name == self.name] if ecs else []
        if self.status or member.machine._state.name not in ALIVE or not any(one.drains for one in providers):
            return None
        joined = [i for cluster in ecs.clusters.values() for i in cluster.instances.values()]
        return next((one for one in joined if one.machine is member.machine), None)

    def _await_drained(self, member: Member, instance: Any, deadline: float) -> None:
        ecs = self.world.facts("ecs")[self.region]
        for service in {id(task.service): task.service for task in ecs.tasks_on(instance) if task.service}.values():
            ecs.scheduler.wake(service)
        if ecs.tasks_on(instance) and self.world.now() < deadline and not self.status:
            self.world.after(REACTION, lambda: self._await_drained(member, instance, deadline))
        else:
            self._terminate(member)

    def _terminate(self, member: Member) -> None:
        member.state, member.noticed = "Terminating", True
        compute.terminate(self.world, self.region, member.machine)
        self._finish(member, "Successful")
        self.wake()

    def _delete(self, there: list[Member]) -> None:
        """A group that is being deleted goes when its last instance has."""
        for member in there:
            self._terminate(member)
        for member in list(self.members.values()):
            if member.state == "Terminating:Wait":
                self._terminate(member)
        if self.members:
            self.wake()
        else:
            groups(self.world, self.region).pop(self.name, None)

    # --- activities ---

    def _record(self, text: str, cause: str, status: str, message: str = "", instance: str = "") -> Json:
        now = self.world.now()
        activity = {
            "ActivityId": f"{len(self.activities):08d}-{self.name}",
            "AutoScalingGroupName": self.name,
            "AutoScalingGroupARN": self.arn,
            "Description": text,
            "Cause": f"At {stamp(now)} {cause}",
            "StartTime": now,
            "EndTime": now if status in ("Failed", "Successful") else None,
            "StatusCode": status,
            "StatusMessage": message or None,
            "Progress": 100 if status in ("Failed", "Successful") else 50,
            "instance": instance,
        }
        self.activities.insert(0, activity)
        del self.activities[ACTIVITIES_KEPT:]
        return activity

    def _finish(self, member: Member, status: str) -> None:
        for activity in self.activities:
            if activity["instance"] == member.machine.id and activity["StatusCode"] == "InProgress":
                activity.update(StatusCode=status, Progress=100, EndTime=self.world.now())


def stamp(epoch: float) -> str:
    from .ecs.model import when

    return when(epoch).strftime("%Y-%m-%dT%H:%M:%SZ")


def groups(world: World, region: str) -> dict[str, Group]:
    """The groups of a region, by name."""
    return world.facts("autoscaling").setdefault(region, {})


def version_of(world: World, region: str, template: Json) -> Any:
    """moto's version of a launch template that a group names."""
    ec2 = world.backend("ec2", region)
    found = ec2.launch_templates.get(template.get("LaunchTemplateId", ""))
    if not found:
        name = template.get("LaunchTemplateName")
        found = next((one for one in ec2.launch_templates.values() if one.name == name), None)
    if not found:
        what = (
            f"ID {template['LaunchTemplateId']}"
            if template.get("LaunchTemplateId")
            else f"name {template.get('LaunchTemplateName')}"
        )
        raise AwsError(
            "ValidationError",
            f"You must use a valid fully-formed launch template. The specified launch template, with template {what}, "
            "does not exist.",
        )
    return found.get_version(template.get("Version") or "$Default")


def launch(group: Group, subnet: str) -> tuple[Any, Json]:
    """Starts an instance from the group's template: its image, type, profile, groups, disks, user data and tags, and
    the group's tags that are to be propagated."""
    world, region = group.world, group.region
    ec2 = world.backend("ec2", region)
    version = version_of(world, region, group.template)
    data = version.data
    profile = data.get("IamInstanceProfile") or {}
    require_profile(world, profile)
    tags: dict[str, dict[str, str]] = {}
    for one in data.get("TagSpecifications") or []:
        tags.setdefault(one["ResourceType"], {}).update(
            {tag["Key"]: tag["Value"] for tag in one.get("Tags") or one.get("Tag") or []}
        )
    own = {tag["Key"]: tag["Value"] for tag in group.tags if tag["PropagateAtLaunch"]}
    tags["instance"] = {**tags.get("instance", {}), **own, "aws:autoscaling:groupName": group.name}
    faces = data.get("NetworkInterfaces") or []
    settings: Json = {
        "instance_type": data["InstanceType"],
        "is_instance_type_default": False,
        "region_name": region,
        "subnet_id": subnet,
        "security_group_ids": list(data.get("SecurityGroupIds") or (faces[0].get("Groups") if faces else []) or []),
        "associate_public_ip": faces[0].get("AssociatePublicIpAddress") if faces else None,
        "key_name": data.get("KeyName"),
        "tags": tags,
        "launch_template": {"LaunchTemplateId": version.template.id, "Version": str(version.number)},
        "metadata_options": data.get("MetadataOptions") or {},
    }
    if data.get("BlockDeviceMappings"):
        settings["block_device_mappings"] = [one for one in data["BlockDeviceMappings"] if one.get("Ebs")]
    image = resolve_image(world, region, data["ImageId"])
    machine = ec2.run_instances(image, 1, data.get("UserData"), [], **settings).instances[0]
    for face in machine.nics.values():
        face.add_tags(tags.get("network-interface", {}))
    if profile:
        ec2.associate_iam_instance_profile(
            instance_id=machine.id,
            iam_instance_profile_name=profile.get("Name"),
            iam_instance_profile_arn=profile.get("Arn"),
        )
    compute.started(world, machine)
    shown = {
        "LaunchTemplateId": version.template.id,
        "LaunchTemplateName": version.template.name,
        "Version": str(version.number),
    }
    return machine, shown
