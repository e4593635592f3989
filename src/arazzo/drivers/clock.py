"""Two clocks: the machine's, and one whose time passes only when a run waits."""

from __future__ import annotations

import time
from typing import Final, Protocol

_LONGEST: Final = 1e8
"""Seconds, three years: an operating system's clock overflows with not much more."""


class Clock(Protocol):
    """Tells the time, in seconds since the epoch, and lets it pass."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    async def sleep_async(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clock, carried on by its monotonic one, so that a change of the time of day moves no deadline."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        return self._offset + time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, _LONGEST))

    async def sleep_async(self, seconds: float) -> None:
        # Imported late, here and below: a synchronous run should not pay for asyncio.
        import asyncio

        await asyncio.sleep(min(seconds, _LONGEST))


class VirtualClock:
    """A clock for simulated and scripted runs: a wait takes no time and moves the clock by as much."""

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds

    async def sleep_async(self, seconds: float) -> None:
        import asyncio

        self._now += seconds
        await asyncio.sleep(0)
