"""The transport of one run: the caller's own, which stays open, or ours, which is closed at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from arazzo.http.transport import (
    AsyncTransport,
    Transport,
    TransportOptions,
    as_async_transport,
    as_transport,
)


@contextmanager
def open_transport(own: object | None, options: TransportOptions) -> Iterator[Transport]:
    """``own`` as a transport, or a new one with ``options``. Raises ``UsageError`` for what is none."""
    if own is not None:
        yield as_transport(own)
        return
    if options.fast:
        from arazzo.http.pyreqwest_client import FastTransport

        with FastTransport(options) as fast:
            yield fast
        return
    from arazzo.http.httpx2_client import HttpTransport

    with HttpTransport(options) as transport:
        yield transport


@asynccontextmanager
async def open_async_transport(
    own: object | None, options: TransportOptions
) -> AsyncIterator[AsyncTransport]:
    """``open_transport`` for asyncio."""
    if own is not None:
        yield as_async_transport(own)
        return
    if options.fast:
        from arazzo.http.pyreqwest_client import AsyncFastTransport

        async with AsyncFastTransport(options) as fast:
            yield fast
        return
    from arazzo.http.httpx2_client import AsyncHttpTransport

    async with AsyncHttpTransport(options) as transport:
        yield transport
