"""Faults on demand: what goes wrong with which call, decided by seeded dice.

A die is keyed by what the call is and how often it came, so calls that run side by side don't change each other's luck.
"""

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any

from .buckets import Buckets
from .clock import Clock
from .wire import AwsError, Call

# Parts of parameters that differ from run to run though the call is the same: ids, tokens, UUIDs.
_RANDOM = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<![0-9a-z])[0-9a-f]{8,}|Z[0-9A-Z]{12,}")

# Those that come by chance.
RATES = ("throttle", "lost_reply", "timeout_before", "error_5xx")


@dataclass
class Settings:
    """Rates are 0..1 per call; latencies are real milliseconds, `[least, most]`; lags are seconds of this world."""

    throttle: float = 0.0
    lost_reply: float = 0.0
    timeout_before: float = 0.0
    error_5xx: float = 0.0
    read_lag: list[float] = field(default_factory=lambda: [0, 0])
    latency: dict[str, list[float]] = field(default_factory=dict)
    only: list[str] = field(default_factory=lambda: ["*"])
    once: list[dict[str, Any]] = field(default_factory=list)
    expire_credentials_after: int | None = None
    deny: list[str] = field(default_factory=list)
    quota: dict[str, int] = field(default_factory=dict)
    buckets: bool = False


class Faults:
    def __init__(self, seed: int, clock: Clock):
        self.settings = Settings()
        self.seed = seed
        self._buckets = Buckets(clock)
        self._seen: Counter[str] = Counter()
        self._calls = 0
        self._once: Counter[int] = Counter()

    def set(self, wanted: dict[str, Any]) -> None:
        """Replaces all settings; what isn't named is off. Counts begin anew."""
        unknown = set(wanted) - {known.name for known in fields(Settings)}
        if unknown:
            raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
        self.settings = Settings(**wanted)
        self._seen.clear()
        self._once.clear()
        self._calls = 0

    def draw(self, call: Call) -> str:
        """Which fault befalls a call: its name in the settings, or "" for none."""
        self._calls += 1
        expires = self.settings.expire_credentials_after
        if expires is not None and self._calls > expires:
            return "expired_credentials"
        if any(fnmatchcase(call.name, pattern.replace(":", ".")) for pattern in self.settings.deny):
            return "deny"
        for index, once in enumerate(self.settings.once):
            if fnmatchcase(call.name, once["action"]):
                self._once[index] += 1
                if self._once[index] == once.get("n", 1):
                    return once["fault"]
        if self.settings.buckets and not self._buckets.take(call):
            return "throttle"
        rates = [(fault, getattr(self.settings, fault)) for fault in RATES]
        if not any(rate for _, rate in rates):
            return ""
        if not any(fnmatchcase(call.name, pattern) for pattern in self.settings.only):
            return ""
        identity = _identity(call)
        self._seen[identity] += 1
        dice = _dice(self.seed, identity, self._seen[identity])
        for fault, rate in rates:
            if dice.random() < rate:
                return fault
        return ""

    def latency(self, call: Call) -> float:
        """How long the call takes beside its work, in real seconds."""
        table = self.settings.latency
        if not table:
            return 0.0
        least, most = table.get(call.name) or table.get(f"{call.service}.*") or table.get("default") or (0, 0)
        return _dice(self.seed, "latency", _identity(call)).uniform(least, most) / 1000

    def lag(self, call: Call) -> float:
        """How long reads don't know of what a call changes, in seconds. The same whenever it is asked."""
        least, most = self.settings.read_lag
        return _dice(self.seed, "lag", _identity(call)).uniform(least, most) if most else 0.0


def _identity(call: Call) -> str:
    return call.name + _RANDOM.sub("*", json.dumps(call.params, sort_keys=True, default=str))


def _dice(*identity: object) -> random.Random:
    return random.Random(sha256(repr(identity).encode()).digest())


def as_error(fault: str, call: Call, account: str) -> AwsError:
    """A fault that is an answer, in the form that the call's service gives it."""
    if fault == "throttle":
        return throttled(call)
    if fault == "error_5xx":
        return _broken(call)
    if fault == "expired_credentials":
        return _expired(call)
    if fault == "deny":
        return _denied(call, account)
    raise ValueError(f"unknown fault {fault!r}")


# https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
# https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
THROTTLED = {"tag": "ThrottledException", "servicequotas": "TooManyRequestsException"}


def throttled(call: Call) -> AwsError:
    # https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
    if call.protocol == "ec2":
        return AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)
    # https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html: a change came before
    # the last one to the same zone was processed.
    if call.name == "route53.ChangeResourceRecordSets":
        message = "The request was rejected because Route 53 was still processing a prior request."
        return AwsError("PriorRequestNotComplete", message, 400)
    # https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html; Route 53, Elastic Load Balancing and Auto
    # Scaling share the form.
    if call.protocol in ("query", "rest-xml"):
        return AwsError("Throttling", "Rate exceeded", 400)
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html, and two that have words of their own.
    return AwsError(THROTTLED.get(call.service, "ThrottlingException"), "Rate exceeded", 400)


def _broken(call: Call) -> AwsError:
    if call.protocol == "ec2":
        return AwsError("InternalError", "An internal error has occurred", 500)
    if call.protocol in ("query", "rest-xml"):
        return AwsError("ServiceUnavailable", "Service is unable to handle request.", 503)
    # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
    if call.service == "ecs":
        return AwsError("ServerException", "Service Unavailable. Please try again later.", 500)
    return AwsError("InternalFailure", "The request processing has failed because of an unknown error.", 500)


def _expired(call: Call) -> AwsError:
    # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html: RequestExpired
    if call.protocol == "ec2":
        return AwsError("RequestExpired", "Request has expired.", 400)
    message = "The security token included in the request is expired"
    if call.protocol in ("query", "rest-xml"):
        return AwsError("ExpiredToken", message, 403)
    return AwsError("ExpiredTokenException", message, 400)


def _denied(call: Call, account: str) -> AwsError:
    who = f"arn:aws:iam::{account}:user/tester"
    message = f"User: {who} is not authorized to perform: {call.service}:{call.action} because no identity-based policy"
    message += f" allows the {call.service}:{call.action} action"
    if call.protocol == "ec2":
        words = f"You are not authorized to perform this operation. {message}"
        return AwsError("UnauthorizedOperation", words, 403)
    if call.protocol in ("query", "rest-xml"):
        return AwsError("AccessDenied", message, 403)
    return AwsError("AccessDeniedException", message, 400)
