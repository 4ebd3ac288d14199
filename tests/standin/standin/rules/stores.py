"""Secrets Manager and CloudWatch Logs, where moto is kinder than they are."""

from ..wire import AwsError, Call
from ..world import World
from . import before

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html, `retentionInDays`
RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


@before("logs.PutRetentionPolicy")
def retention(call: Call, _world: World) -> None:
    days = call.params["retentionInDays"]
    if days not in RETENTION:
        allowed = ", ".join(map(str, RETENTION))
        message = (
            f"1 validation error detected: Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member"
        )
        raise AwsError("InvalidParameterException", f"{message} must satisfy enum value set: [{allowed}]")


@before("secretsmanager.CreateSecret")
def name_free(call: Call, world: World) -> None:
    """A deleted secret keeps its name until its recovery window is over.
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html"""
    for secret in world.backend("secretsmanager", call.region).secrets.values():
        if secret.name == call.params["Name"] and secret.deleted_date is not None:
            message = "You can't create this secret because a secret with this name is already scheduled for deletion."
            raise AwsError("InvalidRequestException", message)
