"""IAM: what is used isn't deleted, and what is new isn't usable for some seconds."""

import json
from typing import Any

from ..wire import AwsError, Call
from ..world import World
from . import after, before

# IAM "achieves high availability by replicating data"; changes take seconds to be seen by other services.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
USABLE_AFTER = 8.0


def iam(world: World) -> Any:
    return world.backend("iam")


def role_named(world: World, name: str) -> Any | None:
    return next((role for role in iam(world).roles.values() if role.name == name), None)


def role_usable(world: World, arn_or_name: str) -> bool:
    """Whether a service can assume a role yet."""
    name = arn_or_name.rsplit("/", 1)[-1]
    return role_named(world, name) is not None and world.now() >= world.facts("iam.usable").get(f"role/{name}", 0)


@before("iam.CreateRole")
def trust(call: Call, _world: World) -> None:
    document = call.params["AssumeRolePolicyDocument"]
    try:
        json.loads(document)
    except ValueError as error:
        raise AwsError("MalformedPolicyDocument", f"This policy contains invalid Json: {error}") from error


@after("iam.CreateRole")
def role_made(call: Call, _result: dict, world: World) -> None:
    world.facts("iam.usable")[f"role/{call.params['RoleName']}"] = world.now() + USABLE_AFTER


@after("iam.CreateInstanceProfile", "iam.AddRoleToInstanceProfile")
def profile_made(call: Call, _result: dict, world: World) -> None:
    world.facts("iam.usable")[f"profile/{call.params['InstanceProfileName']}"] = world.now() + USABLE_AFTER


@before("iam.DeleteRole")
def delete_role(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html"""
    role = role_named(world, call.params["RoleName"])
    if role is None:
        return
    reason = None
    if any(role.name in [one.name for one in profile.roles] for profile in iam(world).instance_profiles.values()):
        reason = "must remove roles from instance profile first."
    elif role.managed_policies:
        reason = "must detach all policies first."
    elif role.policies:
        reason = "must delete policies first."
    if reason:
        raise AwsError("DeleteConflict", f"Cannot delete entity, {reason}", 409)


@before("iam.DeleteInstanceProfile")
def delete_profile(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteInstanceProfile.html"""
    for profile in iam(world).instance_profiles.values():
        if profile.name == call.params["InstanceProfileName"] and profile.roles:
            raise AwsError(
                "DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", 409
            )


@before("iam.AddRoleToInstanceProfile")
def one_role(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html: one role, and no more."""
    for profile in iam(world).instance_profiles.values():
        if profile.name == call.params["InstanceProfileName"] and profile.roles:
            message = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
            raise AwsError("LimitExceeded", message, 409)


@before("iam.DeletePolicy")
def delete_policy(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html"""
    policy = iam(world).managed_policies.get(call.params["PolicyArn"])
    if policy is None:
        return
    if any(policy.arn in role.managed_policies for role in iam(world).roles.values()):
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    if len(policy.versions) > 1:
        message = (
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions."
        )
        raise AwsError("DeleteConflict", f"{message} The default version is deleted with the policy.", 409)
