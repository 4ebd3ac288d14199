"""EC2's instances, volumes and launch templates."""

from typing import Any

from ..compute import find, started, terminate
from ..wire import AwsError, Call
from ..world import World
from . import after, before

# A volume is `creating` for a few seconds, and attaching or detaching takes as long.
VOLUME_COMES = 4.0
# A snapshot of a small volume.
SNAPSHOT_TAKES = 60.0


def ec2_of(call: Call, world: World) -> Any:
    return world.backend("ec2", call.region)


@before("ec2.RunInstances")
def profile_usable(call: Call, world: World) -> None:
    """A profile that IAM made a moment ago isn't known to EC2 yet.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/iam-roles-for-amazon-ec2.html"""
    profile = call.params.get("IamInstanceProfile") or {}
    require_profile(world, profile)


def require_profile(world: World, profile: dict[str, str]) -> None:
    """Refuses an instance profile that isn't there, or not yet for EC2."""
    name = profile.get("Name") or profile.get("Arn", "").rsplit("/", 1)[-1]
    if not name:
        return
    iam = world.backend("iam")
    known = {one.name for one in iam.instance_profiles.values()}
    if name not in known or world.now() < world.facts("iam.usable").get(f"profile/{name}", 0):
        message = f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
        raise AwsError("InvalidParameterValue", message)


@after("ec2.RunInstances")
def run_instances(call: Call, result: dict, world: World) -> None:
    for one in result.get("Instances", []):
        instance = find(ec2_of(call, world), one["InstanceId"])
        one["ImageId"] = instance.image_id = resolve_image(world, call.region, instance.image_id or "")
        started(world, instance)
        one["State"] = {"Code": 0, "Name": "pending"}


@before("ec2.TerminateInstances")
def terminate_instances(call: Call, world: World) -> dict:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html: all or none, and again."""
    ec2, changes = ec2_of(call, world), []
    found = [(identifier, find(ec2, identifier)) for identifier in call.params["InstanceIds"]]
    if missing := [identifier for identifier, instance in found if instance is None]:
        message = f"The instance ID{'s' if len(missing) > 1 else ''} '{', '.join(missing)}' does not exist"
        raise AwsError("InvalidInstanceID.NotFound", message)
    for _, instance in found:
        if instance.disable_api_termination in (True, "true"):
            message = f"The instance '{instance.id}' may not be terminated. Modify its 'disableApiTermination' instance"
            raise AwsError("OperationNotPermitted", f"{message} attribute and try again.")
    for _, instance in found:
        previous = {"Name": instance._state.name, "Code": instance._state.code}
        terminate(world, call.region, instance)
        current = {"Name": instance._state.name, "Code": instance._state.code}
        changes.append({"InstanceId": instance.id, "PreviousState": previous, "CurrentState": current})
    return {"TerminatingInstances": changes}


@after("ec2.CreateVolume")
def create_volume(_call: Call, result: dict, world: World) -> None:
    world.facts("ec2.volume usable")[result["VolumeId"]] = world.now() + VOLUME_COMES
    result["State"] = "creating"


@after("ec2.DescribeVolumes")
def describe_volumes(_call: Call, result: dict, world: World) -> None:
    for volume in result.get("Volumes", []):
        if world.now() < world.facts("ec2.volume usable").get(volume["VolumeId"], 0):
            volume["State"] = "creating"


def attachable(world: World, ec2: Any, volume_id: str, instance: Any) -> Any:
    """The volume, if it can be attached to the instance. `AwsError` otherwise.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html"""
    volume = ec2.volumes.get(volume_id)
    if volume is None:
        raise AwsError("InvalidVolume.NotFound", f"The volume '{volume_id}' does not exist.")
    if world.now() < world.facts("ec2.volume usable").get(volume_id, 0):
        raise AwsError("IncorrectState", f"vol {volume_id} is in the 'creating' state")
    if volume.attachment:
        raise AwsError("VolumeInUse", f"{volume_id} is already attached to an instance")
    if volume.zone.name != instance._placement.zone:
        message = f"The volume '{volume_id}' is not in the same availability zone as instance '{instance.id}'"
        raise AwsError("InvalidVolume.ZoneMismatch", message)
    return volume


@before("ec2.AttachVolume")
def attach_volume(call: Call, world: World) -> None:
    ec2 = ec2_of(call, world)
    instance = find(ec2, call.params["InstanceId"])
    if instance is None:
        message = f"The instance ID '{call.params['InstanceId']}' does not exist"
        raise AwsError("InvalidInstanceID.NotFound", message)
    if instance._state.name not in ("running", "stopped"):
        raise AwsError("IncorrectState", f"Instance '{instance.id}' is not 'running'.")
    attachable(world, ec2, call.params["VolumeId"], instance)


@before("ec2.DetachVolume")
def detach_volume(call: Call, world: World) -> None:
    volume = ec2_of(call, world).volumes.get(call.params["VolumeId"])
    if volume is not None and not volume.attachment:
        raise AwsError("IncorrectState", f"Volume '{volume.id}' is in the 'available' state.")


@before("ec2.DeleteVolume")
def delete_volume(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html: only in the `available` state."""
    volume = ec2_of(call, world).volumes.get(call.params["VolumeId"])
    if volume is not None and volume.attachment:
        message = f"Volume {volume.id} is currently attached to {volume.attachment.instance.id}"
        raise AwsError("VolumeInUse", message)


@after("ec2.CreateSnapshot")
def create_snapshot(_call: Call, result: dict, world: World) -> None:
    world.facts("ec2.snapshot done")[result["SnapshotId"]] = world.now() + SNAPSHOT_TAKES
    result["State"], result["Progress"] = "pending", ""


@after("ec2.DescribeSnapshots")
def describe_snapshots(_call: Call, result: dict, world: World) -> None:
    for snapshot in result.get("Snapshots", []):
        done = world.facts("ec2.snapshot done").get(snapshot["SnapshotId"], 0)
        if world.now() < done:
            snapshot["State"] = "pending"
            snapshot["Progress"] = f"{int(100 * (1 - (done - world.now()) / SNAPSHOT_TAKES))}%"


@before("ec2.CreateLaunchTemplate", "ec2.CreateLaunchTemplateVersion")
def launch_template(call: Call, _world: World) -> None:
    """`ImageId` is an AMI or a Systems Manager parameter, which is resolved when an instance is launched.
    https://docs.aws.amazon.com/autoscaling/ec2/userguide/using-systems-manager-parameters.html"""
    image = (call.params.get("LaunchTemplateData") or {}).get("ImageId", "")
    if image and not image.startswith(("ami-", "resolve:ssm:")):
        raise AwsError("InvalidAMIID.Malformed", f'Invalid id: "{image}" (expecting "ami-...")')


@before("ec2.DescribeLaunchTemplates", "ec2.DeleteLaunchTemplate")
def known_template(call: Call, world: World) -> None:
    """moto answers a read of unknown ids with nothing.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"""
    ec2, params = ec2_of(call, world), call.params
    names = {template.name for template in ec2.launch_templates.values()}
    ids = params.get("LaunchTemplateIds") or [params.get("LaunchTemplateId")]
    asked = params.get("LaunchTemplateNames") or [params.get("LaunchTemplateName")]
    if missing := [one for one in ids if one and one not in ec2.launch_templates]:
        message = f"The specified launch template, with template ID {missing[0]}, does not exist."
        raise AwsError("InvalidLaunchTemplateId.NotFound", message)
    if missing := [one for one in asked if one and one not in names]:
        message = "At least one of the launch templates specified in the request does not exist."
        raise AwsError("InvalidLaunchTemplateName.NotFoundException", message)


def resolve_image(world: World, region: str, image: str) -> str:
    """The AMI that a launch template's `ImageId` means now."""
    if not image.startswith("resolve:ssm:"):
        return image
    name = image.removeprefix("resolve:ssm:")
    parameter = world.backend("ssm", region).get_parameter(name)
    if parameter is None:
        raise AwsError("InvalidParameterValue", f"The systems manager parameter {name} could not be resolved")
    return parameter.value
