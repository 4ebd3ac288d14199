"""Between bytes and values: what a request asks for, what an answer says, and AWS's forms of an error.

The formats come from botocore's service models, so every service that moto has is understood. No rules here.
"""

import json
import re
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as MotoRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.test import EnvironBuilder

# Services are called here as IAM policies call them; botocore calls some otherwise.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
MODEL_NAMES = {
    "elasticloadbalancing": "elbv2",
    "tag": "resourcegroupstaggingapi",
    "servicequotas": "service-quotas",
    "application-autoscaling": "application-autoscaling",
}
# Credential scopes that differ from the IAM prefix.
SCOPES = {"tagging": "tag"}

_SCOPE = re.compile(r"Credential=([^/\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


class Request(MotoRequest):
    """A request that came over the network."""

    from_wsgi_server = True


class Unreadable(Exception):
    """A request that isn't one that AWS would understand."""


class AwsError(Exception):
    """An answer that says no, in the service's own code and words."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.members = members


@dataclass
class Reply:
    """An answer on its way out."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Call:
    """One request, parsed once. `params` has AWS's own names and types; `name` is `service.Action`."""

    service: str
    action: str
    params: dict[str, Any]
    region: str
    access_key: str
    request: Request
    model: Any
    protocol: str
    # What moto gets to read in place of the request's own body, if a rule says so.
    body: bytes | None = None

    @property
    def name(self) -> str:
        return f"{self.service}.{self.action}"

    @property
    def mutating(self) -> bool:
        """Whether the call can change anything, by AWS's convention for the names of reads."""
        reads = ("Describe", "List", "Get", "Filter", "Batch", "Discover", "Lookup", "Search", "Head", "Test", "Query")
        return not self.action.startswith(reads)


def parse_call(request: Request) -> Call:
    """What a signed request asks for."""
    scope = _SCOPE.search(request.headers.get("Authorization", ""))
    if not scope:
        raise Unreadable("the request carries no AWS Signature Version 4 credential")
    access_key, region, scoped = scope.groups()
    service = SCOPES.get(scoped, scoped)
    try:
        service_model = get_service_model(MODEL_NAMES.get(service, service))
        protocol = determine_request_protocol(service_model, request.content_type)
        action, uri_params = _action(request, service_model)
        model = service_model.operation_model(action)
    except Exception as error:
        raise Unreadable(f"{service}: {error!r}") from error
    parser = PROTOCOL_PARSERS[protocol](model)
    params = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": uri_params,
        }
    )
    return Call(service, action, dict(params or {}), region, access_key, request, model, protocol)


def inner_call(call: Call, action: str, params: dict[str, Any]) -> tuple[Call, dict[str, Any]]:
    """Another call to the same service, as the same client would make it; with its WSGI environment."""
    model = call.model.service_model.operation_model(action)
    parts = create_serializer(call.protocol, include_validation=False).serialize_to_request(params, model)
    body = parts["body"]
    body = urlencode(body).encode() if isinstance(body, dict) else body
    headers = {**parts["headers"], "Authorization": call.request.headers["Authorization"]}
    builder = EnvironBuilder(path=parts["url_path"], method=parts["method"], headers=headers, data=body or None)
    environ = builder.get_environ()
    inner = Call(
        call.service, action, params, call.region, call.access_key, Request(environ.copy()), model, call.protocol
    )
    return inner, environ


def _action(request: Request, service_model: Any) -> tuple[str, dict[str, Any]]:
    if "Action" in request.values:
        return request.values["Action"], {}
    if target := request.headers.get("X-Amz-Target"):
        return target.split(".")[-1], {}
    operation, uri_params = get_service_router(service_model.service_name).match(request)
    return operation.name, uri_params


def parse_result(call: Call, reply: Reply) -> dict[str, Any]:
    """A successful answer as values, under AWS's own names."""
    # Members that an answer leaves out come back as empty lists, as every SDK does it.
    parser = create_parser(call.protocol)
    response = {"status_code": reply.status, "headers": reply.headers, "body": reply.body, "context": {}}
    result = parser.parse(response, call.model.output_shape)
    result.pop("ResponseMetadata", None)
    return result


def serialize(call: Call, result: dict[str, Any] | None) -> Reply:
    """Values as a successful answer to the call."""
    serializer = get_serializer_class(call.model.service_model.service_name, call.protocol)(call.model)
    answer = serializer.serialize(result or {})
    headers = {**answer["headers"], "x-amzn-RequestId": str(uuid.uuid4())}
    headers.setdefault("Content-Type", _content_type(call.protocol, call.model.service_model))
    body = answer["body"]
    return Reply(answer["status_code"], headers, body.encode() if isinstance(body, str) else body)


def error_reply(call: Call, error: AwsError) -> Reply:
    """An error in the form of the call's protocol."""
    request_id = str(uuid.uuid4())
    headers = {"x-amzn-RequestId": request_id, "Content-Type": _content_type(call.protocol, call.model.service_model)}
    code, message = escape(error.code), escape(error.message)
    if call.protocol == "ec2":
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>{code}</Code>'
            f"<Message>{message}</Message></Error></Errors><RequestID>{request_id}</RequestID></Response>"
        )
    elif call.protocol in ("query", "rest-xml"):
        kind = "Sender" if error.status < 500 else "Receiver"
        namespace = call.model.service_model.metadata.get("xmlNamespace", "")
        if isinstance(namespace, dict):
            namespace = namespace.get("uri", "")
        body = (
            f'<ErrorResponse xmlns="{namespace}"><Error><Type>{kind}</Type><Code>{code}</Code>'
            f"<Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        headers["x-amzn-ErrorType"] = error.code
        body = json.dumps({"__type": error.code, "message": error.message, **error.members})
    return Reply(error.status, headers, body.encode())


def error_code(reply: Reply) -> str:
    """The error's code that an answer carries, or nothing."""
    if reply.status < 300:
        return ""
    text = reply.body.decode(errors="replace")
    if found := re.search(r"<Code>([^<]*)</Code>", text):
        return found.group(1)
    if found := re.search(r'"__type"\s*:\s*"([^"]*)"', text):
        return found.group(1).split("#")[-1]
    return str(reply.status)


def _content_type(protocol: str, service_model: Any) -> str:
    if protocol == "json":
        return f"application/x-amz-json-{service_model.metadata.get('jsonVersion', '1.1')}"
    return "text/xml;charset=UTF-8"
