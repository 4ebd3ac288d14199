"""Certificate Manager: a certificate is issued once its validation records can be seen."""

from hashlib import sha256
from typing import Any

from moto.acm.models import CertBundle

from ..wire import AwsError, Call
from ..world import World
from . import after, before, ticking
from .route53 import whole

# The records to make are known "a few seconds" after the request.
# https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
OPTIONS_COME = 5.0
# From seeing the last record to `ISSUED`; AWS says up to 30 minutes, usual is a minute or two.
# https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html
VALIDATION = 60.0

# moto issues a certificate when it was waited for.
CertBundle.check = lambda self: None


def _token(world: World, domain: str, part: str) -> str:
    """The same for the same account and domain, whichever certificate asks."""
    return "_" + sha256(f"{world.account} {domain.removeprefix('*.')} {part}".encode()).hexdigest()[:32]


def validation_record(world: World, domain: str) -> dict[str, str]:
    name = f"{_token(world, domain, 'name')}.{domain.removeprefix('*.')}."
    return {"Name": name, "Type": "CNAME", "Value": f"{_token(world, domain, 'value')}.acm-validations.aws."}


def _domains(certificate: Any) -> list[str]:
    return list(dict.fromkeys([certificate.common_name, *certificate.sans]))


@after("acm.RequestCertificate")
def requested(call: Call, result: dict, world: World) -> None:
    arn = result["CertificateArn"]
    if arn not in world.facts("acm.pending") and arn not in world.facts("acm.issued"):
        world.facts("acm.pending")[arn] = (call.region, world.now())


@ticking
def validate(world: World, now: float) -> None:
    pending = world.facts("acm.pending")
    for arn, (region, _) in list(pending.items()):
        certificate = world.backend("acm", region)._certificates.get(arn)
        if certificate is None:
            del pending[arn]
        elif all(_seen(world, domain, now) for domain in _domains(certificate)):
            certificate.status = "ISSUED"
            world.facts("acm.issued")[arn] = now
            del pending[arn]


def _seen(world: World, domain: str, now: float) -> bool:
    """Whether the domain's record has been in a public zone for long enough."""
    record, since = validation_record(world, domain), world.facts("acm.seen since")
    for zone in world.backend("route53").zones.values():
        for there in [] if zone.private_zone else zone.rrsets:
            named = (whole(there.name), there.type) == (whole(record["Name"]), "CNAME")
            if named and [whole(value) for value in there.records] == [whole(record["Value"])]:
                return now >= since.setdefault(record["Name"], now) + VALIDATION
    since.pop(record["Name"], None)
    return False


@after("acm.DescribeCertificate")
def describe(call: Call, result: dict, world: World) -> None:
    shown = result["Certificate"]
    arn = shown["CertificateArn"]
    certificate = world.backend("acm", call.region)._certificates[arn]
    shown["InUseBy"] = users(world, call.region, arn)
    if certificate.type != "AMAZON_ISSUED":
        return
    shown.pop("IssuedAt", None)
    if arn in world.facts("acm.issued"):
        shown["IssuedAt"] = world.facts("acm.issued")[arn]
    _, since = world.facts("acm.pending").get(arn, (None, 0))
    known = world.now() >= since + OPTIONS_COME
    status = "SUCCESS" if certificate.status == "ISSUED" else "PENDING_VALIDATION"
    shown["DomainValidationOptions"] = [
        {"DomainName": domain, "ValidationStatus": status, "ValidationMethod": "DNS"}
        | ({"ResourceRecord": validation_record(world, domain)} if known else {})
        for domain in _domains(certificate)
    ]


def users(world: World, region: str, arn: str) -> list[str]:
    """The load balancers with a listener that serves the certificate."""
    balancers = world.backend("elbv2", region).load_balancers.values()
    return [
        one.arn for one in balancers if any(arn in (listener.certificates or []) for listener in one.listeners.values())
    ]


@before("acm.DeleteCertificate")
def delete(call: Call, world: World) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html"""
    arn = call.params["CertificateArn"]
    if users(world, call.region, arn):
        raise AwsError("ResourceInUseException", f"Certificate {arn} in account {world.account} is in use.")
