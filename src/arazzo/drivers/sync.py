"""The synchronous driver: answers a flow's effects one after the other and hands on its events."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar

from arazzo.drivers.clock import Clock
from arazzo.engine.effects import Flow, Now, Send, Wait
from arazzo.engine.events import Event
from arazzo.messages import Reply

T = TypeVar("T")


def drive(flow: Flow[T], answer: Callable[[Send], Reply], clock: Clock) -> Generator[Event, None, T]:
    """Run ``flow`` to its end, yielding its events as they happen; what it returned is this generator's value."""
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
                    reply = answer(wanted)
                case Wait(seconds):
                    clock.sleep(seconds)
                case Now():
                    reply = clock.now()
                case _:
                    yield wanted
    finally:
        flow.close()
