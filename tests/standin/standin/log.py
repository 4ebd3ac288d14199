"""The record of every call that was made, for tests to count."""

from collections import Counter
from typing import Any

from .clock import Clock
from .wire import Call


class Log:
    def __init__(self, clock: Clock):
        self._clock = clock
        self._entries: list[dict[str, Any]] = []

    def add(self, call: Call, code: str, fault: str) -> None:
        """`code` is the error's code, if it was one; `fault` what was injected, if anything was."""
        self._entries.append(
            {
                "n": len(self._entries) + 1,
                "at": self._clock.now(),
                "service": call.service,
                "action": call.action,
                "code": code or None,
                "fault": fault or None,
                "mutating": call.mutating,
                "key": call.access_key,
            }
        )

    def entries(self) -> list[dict[str, Any]]:
        return list(self._entries)

    def summary(self) -> dict[str, int]:
        """How often each action was called."""
        return dict(sorted(Counter(f"{e['service']}.{e['action']}" for e in self._entries).items()))

    def reset(self) -> None:
        self._entries.clear()
