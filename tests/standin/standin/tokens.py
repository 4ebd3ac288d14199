"""Client tokens: the same token with the same parameters is the same call, and gets the same answer.

https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html. Services whose tokens mean something of their
own (ECS, ACM, Route 53's caller references) have it in their own rules.
"""

from typing import Any

from .wire import AwsError, Call, Reply

PARAMETERS = {"ec2": "ClientToken", "servicediscovery": "CreatorRequestId"}


class Tokens:
    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], tuple[dict[str, Any], Reply]] = {}

    def answer(self, call: Call) -> Reply | None:
        """The answer that the token got before. `AwsError` if it came with other parameters."""
        key = _key(call)
        if key is None or key not in self._seen:
            return None
        params, reply = self._seen[key]
        if params == call.params:
            return reply
        if call.service == "servicediscovery":
            message = f"Another operation with the same CreatorRequestId {key[2]} was already made"
            raise AwsError("DuplicateRequest", message)
        message = "Arguments on this idempotent request are inconsistent with arguments used in previous request(s)."
        raise AwsError("IdempotentParameterMismatch", message)

    def keep(self, call: Call, reply: Reply) -> None:
        """Remembers a success."""
        key = _key(call)
        if key is not None and reply.status < 300:
            self._seen.setdefault(key, (call.params, reply))


def _key(call: Call) -> tuple[str, str, str] | None:
    token = call.params.get(PARAMETERS.get(call.service, ""))
    return (call.name, call.region, token) if token and call.mutating else None
