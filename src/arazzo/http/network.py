"""Two things no HTTP client does for us, added below it, where it opens its connections.

A deadline for the whole exchange: a client's own timeouts are per read, so a server that sends a byte now and then
would never end. And a guard on addresses: only the address that is really connected to can be judged, not the name.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final, Protocol, TypeAlias, cast

from arazzo.http.failures import AddressRefused, DeadlinePassed, current_line

Guard: TypeAlias = Callable[[str, str], str | None]
"""(host name, IP address) -> why we do not connect there, as a sentence, or None."""

SocketOption: TypeAlias = (
    "tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]"
)


_UNGUARDED: Final = "this version of httpx2 does not let us check the addresses it connects to"


class _Current(threading.local):
    deadline: float | None = None


_current = _Current()


@contextmanager
def until(deadline: float | None) -> Iterator[None]:
    """Within, this thread's connections give up at ``deadline`` (of ``time.monotonic``)."""
    before, _current.deadline = _current.deadline, deadline
    try:
        yield
    finally:
        _current.deadline = before


def time_left(timeout: float | None = None) -> float | None:
    """Seconds until the deadline, or ``timeout`` if that is less. Raises ``DeadlinePassed``."""
    if _current.deadline is None:
        return timeout
    left = _current.deadline - time.monotonic()
    if left <= 0:
        raise DeadlinePassed("the deadline has passed")
    return left if timeout is None else min(left, timeout)


class _Stream(Protocol):
    """``httpcore2.NetworkStream``."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes: ...
    def write(self, buffer: bytes, timeout: float | None = None) -> None: ...
    def close(self) -> None: ...
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Stream: ...
    def get_extra_info(self, info: str) -> object: ...


class _Backend(Protocol):
    """``httpcore2.NetworkBackend``."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> _Stream: ...
    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SocketOption] | None = None
    ) -> _Stream: ...
    def sleep(self, seconds: float) -> None: ...


def called(host: str, port: int) -> None:
    """The exchange under way connects to ``host``, which may be a proxy."""
    current_line().peer = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def said() -> None:
    current_line().first = b""


def heard(received: bytes) -> bytes:
    line = current_line()
    line.first = line.first or received[:16]
    return received


class BoundedStream:
    """A connection that keeps the deadline."""

    def __init__(self, stream: _Stream) -> None:
        self._stream = stream
        self.close = stream.close
        self.get_extra_info = stream.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return heard(self._stream.read(max_bytes, time_left(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        said()
        self._stream.write(buffer, time_left(timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> BoundedStream:
        return BoundedStream(self._stream.start_tls(ssl_context, server_hostname, time_left(timeout)))


class BoundedBackend:
    """Opens connections that keep the deadline, to addresses the guard lets pass."""

    def __init__(self, backend: _Backend, guard: Guard | None) -> None:
        self._backend, self._guard = backend, guard
        self.sleep = backend.sleep

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> BoundedStream:
        called(host, port)
        stream: _Stream | None = None
        addresses = self._allowed(host, port)
        for number, address in enumerate(addresses, 1):
            try:
                stream = self._backend.connect_tcp(
                    address, port, time_left(timeout), local_address, socket_options
                )
                break
            except Exception:
                if number == len(addresses):
                    raise
        assert stream is not None
        return BoundedStream(stream)

    def _allowed(self, host: str, port: int) -> list[str]:
        """What to connect to: the name itself without a guard, else the addresses it stands for that may be used."""
        if self._guard is None:
            return [host]
        import socket

        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return _let_pass(self._guard, host, [str(entry[4][0]) for entry in found])

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SocketOption] | None = None
    ) -> BoundedStream:
        return BoundedStream(self._backend.connect_unix_socket(path, time_left(timeout), socket_options))


def _let_pass(guard: Guard, host: str, addresses: list[str]) -> list[str]:
    """Those of the ``addresses`` that ``guard`` lets pass, each once. Raises ``AddressRefused`` where there is none."""
    refusals = {address: guard(host, address) for address in addresses}
    allowed = [address for address, refusal in refusals.items() if refusal is None]
    if not allowed:
        raise AddressRefused(next(refusal for refusal in refusals.values() if refusal is not None))
    return allowed


class _AsyncStream(Protocol):
    """``httpcore2.AsyncNetworkStream``."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes: ...
    async def write(self, buffer: bytes, timeout: float | None = None) -> None: ...
    async def aclose(self) -> None: ...
    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _AsyncStream: ...
    def get_extra_info(self, info: str) -> object: ...


class _AsyncBackend(Protocol):
    """``httpcore2.AsyncNetworkBackend``."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> _AsyncStream: ...
    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SocketOption] | None = None
    ) -> _AsyncStream: ...
    async def sleep(self, seconds: float) -> None: ...


class NotedStream:
    """A connection of which is noted what failures are told by; asyncio keeps the deadline."""

    def __init__(self, stream: _AsyncStream) -> None:
        self._stream = stream
        self.aclose = stream.aclose
        self.get_extra_info = stream.get_extra_info

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return heard(await self._stream.read(max_bytes, timeout))

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        said()
        await self._stream.write(buffer, timeout)

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NotedStream:
        return NotedStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))


class NotedBackend:
    """Opens connections of which is noted where they lead, to addresses the guard lets pass."""

    def __init__(self, backend: _AsyncBackend, guard: Guard | None = None) -> None:
        self._backend, self._guard = backend, guard
        self.connect_unix_socket = backend.connect_unix_socket
        self.sleep = backend.sleep

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> NotedStream:
        called(host, port)
        addresses = [host] if self._guard is None else await self._allowed(self._guard, host, port)
        for number, address in enumerate(addresses, 1):
            try:
                stream = await self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except Exception:
                if number == len(addresses):
                    raise
            else:
                return NotedStream(stream)
        raise AssertionError("a guard lets one address pass, or raises")

    @staticmethod
    async def _allowed(guard: Guard, host: str, port: int) -> list[str]:
        import asyncio
        import socket

        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return _let_pass(guard, host, [str(entry[4][0]) for entry in found])


def note_connections(client: object, guard: Guard | None = None) -> None:
    """Put ``NotedBackend`` under an ``httpx2.AsyncClient`` of ours, where its attributes are what we know."""
    for transport in (getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()):
        pool = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if backend is not None:
            noted = NotedBackend(cast("_AsyncBackend", backend), guard)
            setattr(pool, "_network_backend", noted)  # noqa: B010
        elif guard is not None and transport is not None:
            raise RuntimeError(_UNGUARDED)


def overfull(answer: object) -> object | None:
    """The HTTP/1.1 connection that ``answer`` came over, where more came than the answer; it is to be closed.

    What is left over would be taken for the answer to the next request. Reached through attributes, as below; a client
    that has others is left to itself.
    """
    part: object = answer
    for name in ("stream", "_stream", "_httpcore_stream", "_stream", "_connection"):
        part = getattr(part, name, None)
    left_over = getattr(getattr(part, "_h11_state", None), "trailing_data", None)
    return part if isinstance(left_over, tuple) and left_over[0] else None


def bound_connections(client: object, guard: Guard | None) -> int:
    """Put ``BoundedBackend`` under an ``httpx2.Client`` of ours; returns how many of its pools it reached.

    httpx2 has no argument for a network backend, so this goes through its attributes. Where they are not what we
    know, a client keeps its own timeouts, per read; a guard that cannot be put in place is an error, not a gap.
    """
    transports = [getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()]
    reached = 0
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if backend is not None:
            setattr(pool, "_network_backend", BoundedBackend(cast("_Backend", backend), guard))  # noqa: B010
            reached += 1
        elif guard is not None and transport is not None:
            raise RuntimeError(_UNGUARDED)
    return reached
