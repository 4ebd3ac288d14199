"""The table of rules, and how a rule gets into it. The rules themselves are in the modules of this package.

A rule is one small function with a decorator:

- `@before("ec2.DeleteSubnet")` sees a call before its effect. It raises `AwsError` to refuse, returns a dict to answer
  in moto's place, or returns nothing to let it pass.
- `@after("ec2.CreateNatGateway")` sees a successful answer as a dict and changes it in place, or returns another.
- `@ticking` is called with the time whenever there may be something to do: before each call, and every 50 ms.
- `@listing` tells what lives, for `GET /_standin/state`.

Names are `service.Action` with the service as IAM calls it; both decorators take several, and `*` as a pattern.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

BEFORE: list[tuple[str, Callable]] = []
AFTER: list[tuple[str, Callable, Callable | None]] = []
TICKING: list[Callable] = []
LISTING: list[Callable] = []


def before(*names: str) -> Callable:
    """Registers `f(call, world) -> dict | None`."""

    def register(rule: Callable) -> Callable:
        BEFORE.extend((name, rule) for name in names)
        return rule

    return register


def after(*names: str, when: Callable | None = None) -> Callable:
    """Registers `f(call, result, world) -> dict | None`, for calls that `when(call)` holds of."""

    def register(rule: Callable) -> Callable:
        AFTER.extend((name, rule, when) for name in names)
        return rule

    return register


def ticking(rule: Callable) -> Callable:
    """Registers `f(world, now)`."""
    TICKING.append(rule)
    return rule


def listing(rule: Callable) -> Callable:
    """Registers `f(world) -> iterable of {service, type, id, state, tags, ..}`."""
    LISTING.append(rule)
    return rule


@cache
def rules_before(name: str) -> list[Callable]:
    return [rule for pattern, rule in BEFORE if fnmatchcase(name, pattern)]


@cache
def _rules_after(name: str) -> list[tuple[Callable, Callable | None]]:
    return [(rule, when) for pattern, rule, when in AFTER if fnmatchcase(name, pattern)]


def rules_after(call: Any) -> list[Callable]:
    return [rule for rule, when in _rules_after(call.name) if when is None or when(call)]


def everything(world: Any) -> Iterator[dict[str, Any]]:
    for rule in LISTING:
        yield from rule(world)


def load() -> None:
    """Imports every module of this package, in the order of their names, so that their rules are in the table."""
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        importlib.import_module(f"{__name__}.{module}")
