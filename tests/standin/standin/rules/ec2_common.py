"""What all calls to EC2 share: dry runs and pages."""

from urllib.parse import urlencode

from moto.core.utils import get_pagination_model
from werkzeug.datastructures import MultiDict

from ..wire import AwsError, Call
from ..world import World
from . import after, before

# Reads that take either ids or pages. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
IDS_OR_PAGES = {"DescribeInstances": "InstanceIds", "DescribeVolumes": "VolumeIds", "DescribeSnapshots": "SnapshotIds"}


@before("ec2.*")
def dry_run(call: Call, _world: World) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, `DryRunOperation`"""
    if call.params.get("DryRun"):
        raise AwsError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


def _paged(call: Call) -> bool:
    return bool(call.params.get("MaxResults") or call.params.get("NextToken"))


@before("ec2.Describe*")
def page_wanted(call: Call, _world: World) -> None:
    """Asks moto for everything; the page is cut afterwards. moto pages a few reads by itself, most not at all."""
    if not _paged(call):
        return
    ids = IDS_OR_PAGES.get(call.action)
    if ids and call.params.get(ids):
        message = f"The parameter {ids} cannot be used with the parameter MaxResults"
        raise AwsError("InvalidParameterCombination", message)
    form = MultiDict(call.request.form)
    form.poplist("MaxResults")
    form.poplist("NextToken")
    call.body = urlencode(list(form.items(multi=True))).encode()


@after("ec2.Describe*", when=_paged)
def page(call: Call, result: dict, _world: World) -> None:
    """Tokens are opaque to clients; here they say where the page begins."""
    model = get_pagination_model("ec2").get(call.action)
    if model is None:
        return
    key = model["result_key"] if isinstance(model["result_key"], str) else model["result_key"][0]
    everything, token = result.get(key, []), call.params.get("NextToken") or "at-0"
    if not token.removeprefix("at-").isdigit():
        raise AwsError("InvalidNextToken", f"The token '{token}' is not valid.")
    start = int(token.removeprefix("at-"))
    size = int(call.params.get("MaxResults") or 1000)
    result[key] = everything[start : start + size]
    result.pop("NextToken", None)
    if start + size < len(everything):
        result["NextToken"] = f"at-{start + size}"
