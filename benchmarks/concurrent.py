"""Many runs at once over one transport, against the bare client doing the same requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.util import find_spec

import httpx2

import arazzo
from arazzo.http.transport import AsyncTransport
from arazzo.plan.model import Plan

RUNS = 64
STEPS = 20


async def _bare_httpx2(url: str) -> None:
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=RUNS)
    async with httpx2.AsyncClient(limits=limits) as client:

        async def one() -> None:
            target = f"{url}/pages"
            for _ in range(STEPS):
                target = f"{url}/pages?page={(await client.get(target)).json()['next']}"

        await asyncio.gather(*(one() for _ in range(RUNS)))


async def _bare_pyreqwest(url: str) -> None:
    from pyreqwest.client import ClientBuilder

    async with ClientBuilder().build() as client:

        async def one() -> None:
            target = f"{url}/pages"
            for _ in range(STEPS):
                response = await client.get(target).build().send()
                target = f"{url}/pages?page={(await response.json())['next']}"

        await asyncio.gather(*(one() for _ in range(RUNS)))


async def _runs(plan: Plan, transport: AsyncTransport) -> None:
    results = await asyncio.gather(*(arazzo.run_async(plan, transport=transport) for _ in range(RUNS)))
    assert all(result.status == "succeeded" and len(result.steps) == STEPS for result in results)


async def _over_httpx2(plan: Plan) -> None:
    async with arazzo.AsyncHttpTransport() as transport:
        await _runs(plan, transport)


async def _over_pyreqwest(plan: Plan) -> None:
    async with arazzo.AsyncFastTransport() as transport:
        await _runs(plan, transport)


def works(plan: Plan, url: str) -> dict[str, Callable[[], object]]:
    """What is to be measured: each sends ``RUNS * STEPS`` requests, ``RUNS`` at a time."""

    def work(make: Callable[[], Awaitable[None]]) -> Callable[[], object]:
        async def once() -> None:
            await make()

        return lambda: asyncio.run(once())

    found = {
        "httpx2.AsyncClient": work(lambda: _bare_httpx2(url)),
        "arazzo.run_async": work(lambda: _over_httpx2(plan)),
    }
    if find_spec("pyreqwest") is not None:
        found["pyreqwest.Client"] = work(lambda: _bare_pyreqwest(url))
        found["arazzo.run_async, fast"] = work(lambda: _over_pyreqwest(plan))
    return found
