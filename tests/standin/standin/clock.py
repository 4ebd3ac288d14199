"""The time that everything here lives in: real time, times a scale, plus what tests advanced it by.

It deliberately doesn't run anything: who wants something done later tells the world (`world.py`).
"""

import datetime
import threading
import time


class Clock:
    """Seconds since 1970 as this world counts them. Safe to use from any thread."""

    def __init__(self, scale: float = 1.0, start: float | None = None):
        self._scale = scale
        self._origin = time.monotonic()
        self._start = time.time() if start is None else start
        self._advanced = 0.0
        self._lock = threading.Lock()

    def now(self) -> float:
        with self._lock:
            return self._start + (time.monotonic() - self._origin) * self._scale + self._advanced

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._advanced += seconds

    def utcnow(self) -> datetime.datetime:
        """The time as moto keeps it: in UTC, without a zone."""
        return datetime.datetime.fromtimestamp(self.now(), datetime.timezone.utc).replace(tzinfo=None)

    def install(self) -> None:
        """Makes moto read this clock. Has to happen before any of moto's services is imported: they take the function
        by name."""
        import moto.core.utils

        moto.core.utils.utcnow = self.utcnow
