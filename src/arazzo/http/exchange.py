"""Exchanges that take several requests, and their two drivers: send what it yields, tell it what came back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TypeAlias

from arazzo.messages import Reply, Request

Exchange: TypeAlias = Generator[Request, Reply, Reply]
"""Yields requests, is sent replies, returns the last reply."""


def exchange(flow: Exchange, send: Callable[[Request], Reply]) -> Reply:
    """Run ``flow`` to its end; returns the reply that it returned."""
    try:
        wanted = next(flow)
        while True:
            wanted = flow.send(send(wanted))
    except StopIteration as end:
        reply: Reply = end.value
        return reply
    finally:
        flow.close()


async def exchange_async(flow: Exchange, send: Callable[[Request], Awaitable[Reply]]) -> Reply:
    """``exchange`` for asyncio."""
    try:
        wanted = next(flow)
        while True:
            wanted = flow.send(await send(wanted))
    except StopIteration as end:
        reply: Reply = end.value
        return reply
    finally:
        flow.close()
