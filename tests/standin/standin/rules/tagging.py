"""The Resource Groups Tagging API: what carries which tags, over all services. moto leaves many kinds out.

Kinds that the API doesn't know aren't told (Auto Scaling groups, IAM roles); what is global is told in us-east-1 only.
https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from typing import Any

from ..wire import AwsError, Call
from ..world import World
from . import before, everything

# Kinds that ARNs call otherwise.
EC2_KINDS = {"address": "elastic-ip", "nat-gateway": "natgateway"}
GLOBAL = {"iam", "route53"}
PAGE = 50


def arn_of(row: dict[str, Any], account: str) -> str | None:
    """The ARN of a row of the state, if the API knows its kind."""
    service, kind, name = row["service"], row["type"], row["id"]
    if service == "ec2":
        return f"arn:aws:ec2:{row['region']}:{account}:{EC2_KINDS.get(kind, kind)}/{name}"
    if (service, kind) == ("route53", "hostedzone"):
        return f"arn:aws:route53:::hostedzone/{name}"
    if (service, kind) == ("logs", "log-group"):
        return f"arn:aws:logs:{row['region']}:{account}:log-group:{name}"
    if (service, kind) == ("ssm", "parameter"):
        return f"arn:aws:ssm:{row['region']}:{account}:parameter/{name.removeprefix('/')}"
    if (service, kind) == ("iam", "role") or service == "autoscaling":
        return None
    arn = row.get("arn") or name
    return arn if arn.startswith("arn:") else None


@before("tag.GetResources")
def get_resources(call: Call, world: World) -> dict:
    """https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html"""
    found = []
    for row in everything(world):
        arn = arn_of(row, world.account)
        if arn and row["tags"] and not row.get("gone") and _asked(call, row, arn):
            tags = [{"Key": key, "Value": value} for key, value in sorted(row["tags"].items())]
            found.append({"ResourceARN": arn, "Tags": tags})
    found.sort(key=lambda one: one["ResourceARN"])
    token = call.params.get("PaginationToken") or "at-0"
    if not token.removeprefix("at-").isdigit():
        raise AwsError("PaginationTokenExpiredException", "The pagination token is not valid")
    start = int(token.removeprefix("at-"))
    end = start + int(call.params.get("ResourcesPerPage") or PAGE)
    return {"ResourceTagMappingList": found[start:end], "PaginationToken": f"at-{end}" if end < len(found) else ""}


def _asked(call: Call, row: dict[str, Any], arn: str) -> bool:
    region = arn.split(":")[3] or "us-east-1"
    if row["service"] in GLOBAL:
        region = "us-east-1"
    kinds = call.params.get("ResourceTypeFilters") or []
    known = {arn.split(":")[2], ":".join((arn.split(":")[2], arn.split(":", 5)[5].split("/")[0].split(":")[0]))}
    if region != call.region or (kinds and not known & set(kinds)):
        return False
    if arns := call.params.get("ResourceARNList"):
        return arn in arns
    for wanted in call.params.get("TagFilters") or []:
        value = row["tags"].get(wanted["Key"])
        if value is None or (wanted.get("Values") and value not in wanted["Values"]):
            return False
    return True
