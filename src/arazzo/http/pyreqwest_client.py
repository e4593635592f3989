"""Transports over ``pyreqwest`` (extra ``[fast]``), for those who ask for them (``docs/decisions/0008-transports.md``).

What this client cannot send as it was composed goes out through the default transport: a URL that its parser would
rewrite, everything while the environment names a proxy, https while it names certificates, and what is for public
addresses only. What it cannot give back as
it came, a header that is no ASCII, is no response, and says so.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
import zlib
from collections.abc import Callable
from datetime import timedelta
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.request import getproxies

from arazzo import codes
from arazzo.errors import UsageError
from arazzo.http.exchange import exchange, exchange_async
from arazzo.http.failures import DeadlinePassed, Unreadable, Unsendable, no_response, too_large
from arazzo.http.httpx2_client import USER_AGENT, AsyncHttpTransport, HttpTransport, check_installed
from arazzo.http.options import TransportOptions
from arazzo.http.redirects import follow
from arazzo.http.wire import check_decoded, check_port, target_of
from arazzo.messages import Headers, Reply, Request, Response, header

if TYPE_CHECKING:
    from pyreqwest.client import ClientBuilder, SyncClientBuilder
    from pyreqwest.request import BaseRequestBuilder
    from pyreqwest.response import BaseResponse

_FAST: Final = TransportOptions(fast=True)
_SLACK: Final = 0.05
_ENVIRONMENT: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_CODINGS: Final = ("gzip", "deflate")
B = TypeVar("B", "ClientBuilder", "SyncClientBuilder")
R = TypeVar("R", bound="BaseRequestBuilder")
T = TypeVar("T")


class FastTransport:
    """``HttpTransport`` over ``pyreqwest``; one may serve many runs and threads. Close it, or use it in ``with``.

    Raises ``UsageError`` where ``pyreqwest`` is not installed, or for options that it does not have: certificates
    and proxies are the default transport's.
    """

    def __init__(self, options: TransportOptions = _FAST) -> None:
        _check(options)
        from pyreqwest.client import SyncClientBuilder

        self._client = _configured(SyncClientBuilder()).build()
        self._other = HttpTransport(_for_default(options))
        self._max_body = options.max_body
        self._left = _left_to_default()
        self._call = Interruptible()

    def send(self, request: Request) -> Reply:
        """Send ``request``, following redirects as it says."""
        deadline = None if request.timeout is None else time.monotonic() + request.timeout
        return exchange(follow(request), lambda wanted: self._exchange(wanted, deadline))

    def _exchange(self, request: Request, deadline: float | None) -> Reply:
        try:
            if request.public_only or _is_left(request.url, self._left) or _is_rewritten(request.url):
                return self._other.send(_hop(request, deadline))
            return self._call(lambda: self._sent(request, deadline))
        except Exception as error:  # noqa: BLE001 - whatever a client raises, the run goes on
            return no_response(error, request)

    def _sent(self, request: Request, deadline: float | None) -> Reply:
        message = _with_contents(self._client.request(request.method, request.url), request, deadline)
        with message.build_streamed() as answer:
            body = _Body(answer, self._max_body, bodiless=request.method == "HEAD")
            reader = answer.body_reader
            while not body.too_large and (chunk := reader.read_chunk()) is not None:
                body.add(chunk)
            return too_large(self._max_body) if body.too_large else body.response()

    def close(self) -> None:
        """Close the connections; the transport cannot be used afterwards."""
        self._call.close()
        self._client.close()
        self._other.close()

    def __enter__(self) -> FastTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncFastTransport:
    """``FastTransport`` for asyncio; to be used within one event loop."""

    def __init__(self, options: TransportOptions = _FAST) -> None:
        _check(options)
        from pyreqwest.client import ClientBuilder

        self._client = _configured(ClientBuilder()).build()
        self._other = AsyncHttpTransport(_for_default(options))
        self._max_body = options.max_body
        self._left = _left_to_default()

    async def send(self, request: Request) -> Reply:
        """Send ``request``, following redirects as it says."""
        deadline = None if request.timeout is None else time.monotonic() + request.timeout
        return await exchange_async(follow(request), lambda wanted: self._exchange(wanted, deadline))

    async def _exchange(self, request: Request, deadline: float | None) -> Reply:
        try:
            if request.public_only or _is_left(request.url, self._left) or _is_rewritten(request.url):
                return await self._other.send(_hop(request, deadline))
            left = None if deadline is None else max(deadline - time.monotonic(), 0.0) + _SLACK
            async with asyncio.timeout(left):
                return await self._sent(request, deadline)
        except Exception as error:  # noqa: BLE001 - as above
            return no_response(error, request)

    async def _sent(self, request: Request, deadline: float | None) -> Reply:
        message = _with_contents(self._client.request(request.method, request.url), request, deadline)
        async with message.build_streamed() as answer:
            body = _Body(answer, self._max_body, bodiless=request.method == "HEAD")
            reader = answer.body_reader
            while not body.too_large and (chunk := await reader.read_chunk()) is not None:
                body.add(chunk)
            return too_large(self._max_body) if body.too_large else body.response()

    async def close(self) -> None:
        """Close the connections; the transport cannot be used afterwards."""
        await self._client.close()
        await self._other.close()

    async def __aenter__(self) -> AsyncFastTransport:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class Interruptible:
    """Calls a function that waits outside Python so that Ctrl-C is heard: in the main thread, by way of another.

    pyreqwest waits where no signal reaches it. A call that was interrupted is left behind in its thread, which does
    not keep the process alive.
    """

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] | None = None

    def __call__(self, function: Callable[[], T]) -> T:
        if threading.current_thread() is not threading.main_thread():
            return function()
        work, self._work = self._work or self._worker(), None
        done: SimpleQueue[T | Exception] = SimpleQueue()

        def task() -> None:
            try:
                done.put(function())
            except Exception as error:  # noqa: BLE001 - raised again below
                done.put(error)

        work.put(task)
        result = done.get()
        # Kept only after a call that came back: an interrupted thread is still busy.
        self._work = work
        if isinstance(result, Exception):
            raise result
        return result

    def close(self) -> None:
        """Let the other thread go."""
        if self._work is not None:
            self._work.put(None)
            self._work = None

    @staticmethod
    def _worker() -> SimpleQueue[Callable[[], None] | None]:
        work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

        def serve() -> None:
            while (task := work.get()) is not None:
                task()

        threading.Thread(target=serve, name="arazzo-fast", daemon=True).start()
        return work


class _Body:
    """A body as it comes in, decompressed; ``too_large`` as soon as it is more than may be."""

    def __init__(self, answer: BaseResponse, most: int, *, bodiless: bool) -> None:
        self._status = answer.status
        self._headers = _headers(answer)
        self._most, self._chunks, self._size = most, [b""][:0], 0
        coding = (header(self._headers, "content-encoding") or "").strip().lower()
        self._coding = coding if coding in _CODINGS and not bodiless else ""
        self._decoder: zlib._Decompress | None = None
        length = header(self._headers, "content-length") or ""
        self.too_large = not bodiless and length.isdecimal() and int(length[:20]) > most

    def add(self, received: object) -> None:
        chunk = bytes(memoryview(received))  # type: ignore[arg-type]
        if self._coding and chunk:
            chunk = self._decoded(chunk)
        self._size += len(chunk)
        self.too_large = self._size > self._most
        self._chunks.append(chunk)

    def _decoded(self, chunk: bytes) -> bytes:
        """At most one byte more than may be, however small ``chunk`` is."""
        if self._decoder is None:
            raw = self._coding == "deflate" and (
                chunk[0] & 0x0F != 8 or (len(chunk) > 1 and (chunk[0] << 8 | chunk[1]) % 31)
            )
            self._decoder = zlib.decompressobj(31 if self._coding == "gzip" else -15 if raw else 15)
        return self._decoder.decompress(chunk, max(self._most - self._size, 0) + 1)

    def response(self) -> Response:
        if self._decoder is not None and not self._decoder.eof:
            raise zlib.error("the compressed data end too early")
        if self._size and not self._coding:
            check_decoded(self._headers, ())
        return Response(self._status, self._headers, b"".join(self._chunks))


def _check(options: TransportOptions) -> None:
    check_installed(_FAST)
    given = [
        name
        for name in ("insecure", "cacert", "cert", "key", "proxy", "http2")
        if getattr(options, name) not in (None, False)
    ]
    if given:
        flags = " or ".join(f"--{name}" for name in given)
        message = f"the fast transport has no {flags}"
        raise UsageError([codes.BAD_USAGE.at(None, message, "leave --fast away")])


def _for_default(options: TransportOptions) -> TransportOptions:
    return TransportOptions(max_body=options.max_body)


def _left_to_default() -> tuple[str, ...]:
    """The schemes that are the default transport's: the environment names proxies or certificates, which it reads."""
    if {"http", "https", "all"} & set(getproxies()):
        return ("http:", "https:")
    return ("https:",) if any(os.environ.get(name) for name in _ENVIRONMENT) else ()


def _is_left(url: str, schemes: tuple[str, ...]) -> bool:
    return url[:6].lower().startswith(schemes)


def _configured(builder: B) -> B:
    """A client that does nothing by itself: no redirects, no cookies, no decompression, no proxy."""
    return (
        builder.follow_redirects(False)
        .referer(False)
        .default_cookie_store(False)
        .gzip(False)
        .brotli(False)
        .zstd(False)
        .deflate(False)
        .no_proxy()
        .user_agent(USER_AGENT)
    )


def _with_contents(message: R, request: Request, deadline: float | None) -> R:
    for name, value in request.headers:
        try:
            message = message.header(name, value.strip(" \t"))
        except ValueError as error:
            raise Unsendable(str(error)) from None
    if header(request.headers, "accept-encoding") is None:
        message = message.header("Accept-Encoding", ", ".join(_CODINGS))
    if request.body is not None:
        message = message.body_bytes(request.body)
    if deadline is not None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise DeadlinePassed("no time is left")
        message = message.timeout(timedelta(seconds=left))
    return message


def _headers(answer: BaseResponse) -> Headers:
    try:
        return tuple(answer.headers.items())
    except ValueError:
        raise Unreadable("a header is no ASCII text, which the fast transport cannot read") from None


def _is_rewritten(url: str) -> bool:
    """Whether the client's URL class would send another path or query than ``url`` has."""
    from pyreqwest.http import Url

    check_port(url)
    try:
        parsed = Url(url)
    except ValueError:
        return True  # The default transport says what is wrong with it.
    if parsed.scheme not in ("http", "https") or parsed.username or parsed.password:
        return True
    query = parsed.query_string
    return (parsed.path + ("" if query is None else f"?{query}")).encode() != target_of(url)


def _hop(request: Request, deadline: float | None) -> Request:
    from msgspec.structs import replace

    left = None if deadline is None else max(deadline - time.monotonic(), 0.001)
    if left is not None and request.timeout is not None and request.timeout - left < _SLACK:
        left = request.timeout  # A message names it, and nobody asked for 1.99996 s.
    return replace(request, timeout=left, follow_redirects=False)
