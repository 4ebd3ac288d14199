"""What all parts share: the clock, what is due, moto's models, and facts about resources that moto has no place for.

Everything here is used under the one lock that the server holds; the lock makes each call's effect atomic.
"""

import heapq
import itertools
import random
import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from moto.backends import get_backend
from moto.core.base_backend import BackendDict
from moto.moto_api._internal import mock_random

from . import haste, rules
from .clock import Clock
from .faults import Faults
from .log import Log
from .tokens import Tokens


class World:
    def __init__(self, clock: Clock, account: str, seed: int):
        self.clock = clock
        self.account = account
        self.seed = seed
        self.lock = threading.RLock()
        self._order = itertools.count()
        self._playing: float | None = None
        self._begin(seed)

    def _begin(self, seed: int) -> None:
        # moto's ids come from here.
        mock_random.seed(seed)
        self.faults = Faults(seed, self.clock)
        self.log = Log(self.clock)
        self.tokens = Tokens()
        # Regions that something was asked of; only they are looked at when time passes.
        self.regions: set[str] = set()
        self._facts: dict[str, dict[str, Any]] = {}
        self._due: list[tuple[float, int, Callable[[], None]]] = []

    def reset(self, seed: int | None = None) -> None:
        """Forgets everything but the time. The dice are those that it began with, unless a seed says otherwise."""
        # moto's own reset makes each model anew before it drops it, which takes most of the time.
        for accounts in BackendDict._instances:
            for models in accounts.values():
                models.clear()
        self._begin(self.seed if seed is None else seed)
        haste.settle()

    def now(self) -> float:
        """The time; while something due is being done, the time at which it was due. So what follows from it comes in
        the right order, however far the clock jumped."""
        return self.clock.now() if self._playing is None else self._playing

    def backend(self, service: str, region: str = "aws") -> Any:
        """moto's model of a service (moto's name of it). Global services (`iam`, `route53`, `sts`) have no region."""
        return get_backend(service)[self.account][region]

    def facts(self, kind: str) -> dict[str, Any]:
        """What is remembered about resources of a kind, by their ids, beside moto's own memory."""
        return self._facts.setdefault(kind, {})

    def schedule(self, at: float, action: Callable[[], None]) -> None:
        """Has something done when the time comes (under the lock)."""
        heapq.heappush(self._due, (at, next(self._order), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.schedule(self.now() + seconds, action)

    def tick(self) -> None:
        """Does all that is due by now."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            self._playing, _, action = heapq.heappop(self._due)
            try:
                action()
            finally:
                self._playing = None
        for rule in rules.TICKING:
            rule(self, now)

    def chance(self, *identity: object) -> random.Random:
        """Dice for one thing: the same for the same seed and identity, whatever else happens meanwhile."""
        key = "\0".join(str(part) for part in (self.seed, *identity))
        return random.Random(sha256(key.encode()).digest())
