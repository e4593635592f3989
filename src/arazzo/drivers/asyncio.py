"""The asyncio driver: ``drivers.sync`` with two awaits in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from arazzo.drivers.clock import Clock
from arazzo.engine.effects import Flow, Now, Send, Wait
from arazzo.engine.events import Event
from arazzo.messages import Reply

T = TypeVar("T")


async def drive_async(
    flow: Flow[T], answer: Callable[[Send], Awaitable[Reply]], clock: Clock, observe: Callable[[Event], None]
) -> T:
    """Run ``flow`` to its end, calling ``observe`` with its events as they happen; returns what it returned."""
    reply: object = None
    try:
        while True:
            try:
                wanted = flow.send(reply)
            except StopIteration as stop:
                value: T = stop.value
                return value
            reply = None
            match wanted:
                case Send():
                    reply = await answer(wanted)
                case Wait(seconds):
                    await clock.sleep_async(seconds)
                case Now():
                    reply = clock.now()
                case _:
                    observe(wanted)
    finally:
        flow.close()
