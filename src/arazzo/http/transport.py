"""What carries a request and brings its reply: two small protocols, and how a caller's own object becomes one."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from arazzo import codes
from arazzo.errors import UsageError
from arazzo.http.options import TransportOptions
from arazzo.messages import Reply, Request

__all__ = ["AsyncTransport", "Transport", "TransportOptions", "as_async_transport", "as_transport"]


@runtime_checkable
class Transport(Protocol):
    """Sends a request and waits for its reply.

    What fails on the wire is a ``NoResponse``, never an exception. ``Request.timeout`` bounds the whole exchange,
    ``Request.follow_redirects`` says whether a redirect is followed or given back as it came.
    """

    def send(self, request: Request) -> Reply: ...


@runtime_checkable
class AsyncTransport(Protocol):
    """``Transport`` for asyncio."""

    async def send(self, request: Request) -> Reply: ...


def as_transport(own: object) -> Transport:
    """``own`` as a transport: one already, or an ``httpx`` or ``httpx2`` client that the caller configured.

    The client stays the caller's: it is not closed. Raises ``UsageError`` for anything else.
    """
    if _is_async(own):
        raise _unfit(own, "is asynchronous", "use it with run_async")
    if hasattr(own, "build_request") and hasattr(own, "send"):
        from arazzo.http.httpx2_client import ClientTransport

        return ClientTransport(own)
    if isinstance(own, Transport):
        return own
    raise _unfit(own, "is no transport: it has no method send(request)")


def as_async_transport(own: object) -> AsyncTransport:
    """``own`` as an asynchronous transport; a synchronous one is called in a thread."""
    if hasattr(own, "build_request") and hasattr(own, "send") and _is_async(own):
        from arazzo.http.httpx2_client import AsyncClientTransport

        return AsyncClientTransport(own)
    if _is_async(own) and isinstance(own, AsyncTransport):
        return own
    return _Threaded(as_transport(own))


class _Threaded:
    """A synchronous transport whose every request has a thread."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def send(self, request: Request) -> Reply:
        import asyncio

        return await asyncio.to_thread(self._transport.send, request)


def _unfit(own: object, why: str, hint: str | None = None) -> UsageError:
    return UsageError([codes.BAD_USAGE.at(None, f"transport: {type(own).__name__} {why}", hint)])


def _is_async(own: object) -> bool:
    from inspect import (
        iscoroutinefunction,
    )  # not above: a caller's own object is rare, and the import is slow

    return iscoroutinefunction(getattr(own, "send", None))
