"""The stand-in's own interface for tests: `/_standin/..`, JSON in, JSON out.

What lives is told from the models of the services themselves, never from what a client said it did.
"""

import json
import traceback
from collections.abc import Callable
from typing import Any

from . import rules
from .world import World

# Other modules put their paths here: "POST images" -> f(world, body, query) -> JSON value.
PATHS: dict[str, Callable[[World, dict[str, Any], dict[str, str]], Any]] = {}


def control(path: str) -> Callable:
    """Registers `f(world, body, query) -> value` under `METHOD path`. A `ValueError` is answered as 400."""

    def register(handler: Callable) -> Callable:
        PATHS[path] = handler
        return handler

    return register


def answer(world: World, method: str, path: str, body: bytes, query: dict[str, str]) -> tuple[int, Any]:
    """Answers one request: status and JSON value. Runs under the lock."""
    handler = PATHS.get(f"{method} {path}")
    if handler is None:
        return 404, {"error": f"no `{method} {path}` here", "there_is": sorted(PATHS)}
    try:
        value = handler(world, json.loads(body) if body else {}, query)
    except (ValueError, KeyError, TypeError) as error:
        return 400, {"error": str(error) or repr(error), "where": traceback.format_exc(limit=-2)}
    except Exception as error:  # The stand-in's own fault: it has to be seen.
        return 500, {"error": repr(error), "where": traceback.format_exc(limit=-4)}
    return 200, {} if value is None else value


@control("GET state")
def _state(world: World, _body: dict, query: dict) -> list[dict[str, Any]]:
    """All that lives. `?builtin=1` adds what comes by itself: the default VPC, each VPC's main route table and such."""
    wanted = [one for one in rules.everything(world) if query.get("builtin") or not one.get("builtin")]
    return sorted(wanted, key=lambda one: (one["service"], one["type"], one["id"]))


@control("GET calls")
def _calls(world: World, _body: dict, query: dict) -> Any:
    return world.log.summary() if query.get("summary") else world.log.entries()


@control("POST reset-calls")
def _reset_calls(world: World, _body: dict, _query: dict) -> None:
    world.log.reset()


@control("POST advance")
def _advance(world: World, body: dict, _query: dict) -> dict[str, float]:
    """Moves the clock in small steps, so that what waits for one another happens in its order."""
    left = float(body["seconds"])
    if left < 0:
        raise ValueError("time only goes forward")
    while left > 0:
        step = min(left, STEP)
        world.clock.advance(step)
        world.tick()
        left -= step
    return {"now": world.now()}


# How far the clock moves at once, in seconds.
STEP = 5.0


@control("POST reset")
def _reset(world: World, body: dict, _query: dict) -> None:
    """Begins a new world: no resources, no faults, no calls. Time goes on. `seed` is that of its dice."""
    world.reset(body.get("seed"))


@control("GET now")
def _now(world: World, _body: dict, _query: dict) -> dict[str, float]:
    return {"now": world.now()}


@control("POST faults")
def _faults(world: World, body: dict, _query: dict) -> None:
    world.faults.set(body)
