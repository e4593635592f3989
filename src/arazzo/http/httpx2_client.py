"""Transports over ``httpx2``, and over a client of ``httpx`` or ``httpx2`` that the caller configured.

Requests go out as the engine composed them: the URL byte for byte, no cookies kept from one to the next, no
redirect followed behind our back. Everything a client can raise becomes a ``NoResponse``.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, Generic, TypedDict, TypeVar, cast
from urllib.parse import urlsplit

from arazzo import codes
from arazzo.errors import UsageError
from arazzo.http.exchange import exchange, exchange_async
from arazzo.http.failures import DeadlinePassed, new_line, no_response, too_large
from arazzo.http.network import Guard, bound_connections, note_connections, overfull, until
from arazzo.http.options import DEFAULT_MAX_BODY, TransportOptions
from arazzo.http.redirects import follow
from arazzo.http.wire import Answer, AsyncClient, Client, announced_length, to_message, to_response
from arazzo.messages import Reply, Request
from arazzo.version import __version__

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    import httpx2

USER_AGENT: Final = f"arazzo/{__version__}"
_DEFAULTS: Final = TransportOptions()
_MOST_IDLE: Final = 128
"""Connections kept for the next request."""
_SLACK: Final = 0.05
"""Seconds after the deadline at which an asynchronous exchange is cut off from outside."""


class ClientTransport:
    """A transport over a synchronous client, which stays its owner's to close.

    ``Request.timeout`` holds for the body to the chunk; while waiting for the head of a response the client's own
    timeouts count, which are per read.
    """

    def __init__(self, client: object, *, max_body: int = DEFAULT_MAX_BODY) -> None:
        self._client = cast("Client", client)
        self._max_body = max_body

    def send(self, request: Request) -> Reply:
        """Send ``request``, following redirects as it says."""
        deadline = None if request.timeout is None else time.monotonic() + request.timeout
        with until(deadline):
            return exchange(follow(request), lambda wanted: self._exchange(wanted, deadline))

    def _exchange(self, request: Request, deadline: float | None) -> Reply:
        new_line()
        try:
            client = self._client_for(request)
            message = to_message(client, request, deadline)
            answer = client.send(message, stream=True, follow_redirects=False)
            try:
                return self._read(client, answer, deadline, bodiless=request.method == "HEAD")
            finally:
                answer.close()
                if (connection := overfull(answer)) is not None:
                    cast("Client", connection).close()
        except Exception as error:  # noqa: BLE001 - whatever a client raises, the run goes on
            return no_response(error, request)

    def _client_for(self, _request: Request) -> Client:
        return self._client

    def _read(self, client: Client, answer: Answer, deadline: float | None, *, bodiless: bool) -> Reply:
        if not bodiless and announced_length(answer) > self._max_body:
            return too_large(self._max_body)
        chunks: list[bytes] = []
        size = 0
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > self._max_body:
                return too_large(self._max_body)
            if deadline is not None and time.monotonic() > deadline:
                raise DeadlinePassed("the body took too long")
            chunks.append(chunk)
        return to_response(client, answer, b"".join(chunks))


class AsyncClientTransport:
    """A transport over an asynchronous client, which stays its owner's to close."""

    def __init__(self, client: object, *, max_body: int = DEFAULT_MAX_BODY) -> None:
        self._client = cast("AsyncClient", client)
        self._max_body = max_body

    async def send(self, request: Request) -> Reply:
        """Send ``request``, following redirects as it says."""
        deadline = None if request.timeout is None else time.monotonic() + request.timeout
        return await exchange_async(follow(request), lambda wanted: self._exchange(wanted, deadline))

    async def _exchange(self, request: Request, deadline: float | None) -> Reply:
        import asyncio

        new_line()
        try:
            # The client is told the deadline too and closes what it gives up; a cancelled one leaves a connection open
            # where it was in the middle of a TLS handshake. So it goes first.
            left = None if deadline is None else max(deadline - time.monotonic(), 0.0) + _SLACK
            async with asyncio.timeout(left):
                client = self._client_for(request)
                message = to_message(client, request, deadline)
                answer = await client.send(message, stream=True, follow_redirects=False)
                try:
                    return await self._read(client, answer, bodiless=request.method == "HEAD")
                finally:
                    await answer.aclose()
                    if (connection := overfull(answer)) is not None:
                        await cast("AsyncClient", connection).aclose()
        except Exception as error:  # noqa: BLE001 - as above
            return no_response(error, request)

    def _client_for(self, _request: Request) -> AsyncClient:
        return self._client

    async def _read(self, client: AsyncClient, answer: Answer, *, bodiless: bool) -> Reply:
        if not bodiless and announced_length(answer) > self._max_body:
            return too_large(self._max_body)
        chunks: list[bytes] = []
        size = 0
        async for chunk in answer.aiter_bytes():
            size += len(chunk)
            if size > self._max_body:
                return too_large(self._max_body)
            chunks.append(chunk)
        return to_response(client, answer, b"".join(chunks))


class HttpTransport(ClientTransport):
    """The default transport: ``httpx2`` clients of our own, whose connections are kept and reused.

    One may serve many runs, one after the other and in several threads at once. ``guard`` may refuse addresses. Close
    it, or use it as a context manager. Raises ``UsageError`` for options that cannot be used.
    """

    def __init__(self, options: TransportOptions = _DEFAULTS, *, guard: Guard | None = None) -> None:
        import httpx2

        def make(context: ssl.SSLContext, guard: Guard | None) -> Client:
            client = httpx2.Client(verify=context, **_settings(options))
            bound_connections(client, guard)
            return cast("Client", client)

        with _usable(options):
            self._clients = _Clients(make, options, guard)
            super().__init__(self._clients.plain, max_body=options.max_body)

    def _client_for(self, request: Request) -> Client:
        return self._clients.for_request(request)

    def close(self) -> None:
        """Close the connections; the transport cannot be used afterwards."""
        for client in self._clients.made:
            client.close()

    def __enter__(self) -> HttpTransport:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncHttpTransport(AsyncClientTransport):
    """``HttpTransport`` for asyncio; to be used within one event loop, by as many runs at once as there are."""

    def __init__(self, options: TransportOptions = _DEFAULTS) -> None:
        import httpx2

        def make(context: ssl.SSLContext, guard: Guard | None) -> AsyncClient:
            client = httpx2.AsyncClient(verify=context, **_settings(options))
            note_connections(client, guard)
            return cast("AsyncClient", client)

        with _usable(options):
            self._clients = _Clients(make, options)
            super().__init__(self._clients.plain, max_body=options.max_body)

    def _client_for(self, request: Request) -> AsyncClient:
        return self._clients.for_request(request)

    async def close(self) -> None:
        """Close the connections; the transport cannot be used afterwards."""
        for client in self._clients.made:
            await client.aclose()

    async def __aenter__(self) -> AsyncHttpTransport:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


C = TypeVar("C")


class _Clients(Generic[C]):
    """A client for ``http`` and one for ``https``, made when first needed: reading the certificates takes 40 ms.

    Requests that are for public addresses only have clients of their own, whose connections none of the others opened.
    """

    def __init__(
        self,
        make: Callable[[ssl.SSLContext, Guard | None], C],
        options: TransportOptions,
        guard: Guard | None = None,
    ) -> None:
        self._make, self._options, self._guard = make, options, guard
        self._secure: C | None = None
        self._public: _Clients[C] | None = None
        self._making = threading.Lock()
        # A context that trusts nobody: should this client ever be used for TLS, it fails.
        self.plain = make(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), guard)
        self._made = [self.plain]
        if options.cacert is not None or options.cert is not None:
            self.for_url("https:")

    @property
    def made(self) -> list[C]:
        return [*self._made, *(self._public.made if self._public is not None else ())]

    def for_request(self, request: Request) -> C:
        if not request.public_only or self._guard is not None:
            return self.for_url(request.url)
        if self._public is None:
            with self._making:
                if self._public is None:
                    from arazzo.http.guards import public_only

                    guard = public_only(self._options.proxy)
                    self._public = _Clients(self._make, self._options, guard)
        return self._public.for_url(request.url)

    def for_url(self, url: str) -> C:
        if url[:6].lower() != "https:":
            return self.plain
        if self._secure is None:
            # Several threads may share a transport.
            with self._making:
                if self._secure is None:
                    self._secure = self._make(_ssl_context(self._options), self._guard)
                    self._made.append(self._secure)
        return self._secure


class _Settings(TypedDict):
    proxy: str | None
    headers: dict[str, str]
    cookies: CookieJar
    timeout: None
    http2: bool
    limits: httpx2.Limits


def _settings(options: TransportOptions) -> _Settings:
    import httpx2

    return _Settings(
        proxy=options.proxy,
        headers={"User-Agent": USER_AGENT},
        cookies=_no_cookies(),
        timeout=None,
        http2=options.http2,
        # How many runs share a transport is their owner's affair; each may keep its connection.
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=_MOST_IDLE),
    )


def _no_cookies() -> CookieJar:
    """A jar that keeps nothing: what a response sets, only the workflow carries on."""
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    return CookieJar(DefaultCookiePolicy(allowed_domains=()))


def _ssl_context(options: TransportOptions) -> ssl.SSLContext:
    import httpx2

    if options.insecure:
        context = httpx2.create_ssl_context(verify=False)
    elif options.cacert is not None:
        context = ssl.create_default_context(cafile=str(options.cacert))
    else:
        context = httpx2.create_ssl_context()
    if options.cert is not None:
        context.load_cert_chain(options.cert, options.key)
    return context


def check_installed(options: TransportOptions) -> None:
    """Raise ``UsageError`` for an option whose extra is not installed."""
    for wanted, module, extra in ((options.http2, "h2", "http2"), (options.fast, "pyreqwest", "fast")):
        if wanted and find_spec(module) is None:
            message = f"--{extra} needs {module}, which is not installed"
            raise UsageError([codes.BAD_USAGE.at(None, message, f"pip install 'arazzo[{extra}]'")])


@contextmanager
def _usable(options: TransportOptions) -> Iterator[None]:
    """Turns what a client says about options it cannot use into ``UsageError``."""
    check_installed(options)
    if options.proxy is not None and not _is_proxy(options.proxy):
        raise _bad_proxy(options.proxy, "it is no URL of a proxy")
    try:
        yield
    except OSError as error:
        names = [str(path) for path in (options.cacert, options.cert, options.key) if path is not None]
        message = f"{', '.join(names)}: {error.strerror or error}" if names else str(error)
        raise UsageError(
            [codes.BAD_USAGE.at(None, message, "--cacert, --cert and --key take PEM files")]
        ) from None
    except (ValueError, ImportError) as error:
        raise _bad_proxy(options.proxy or "", str(error)) from None


def _is_proxy(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and not any(letter.isspace() for letter in url)


def _bad_proxy(url: str, why: str) -> UsageError:
    # It may hold a password, and the client's own message may repeat it.
    shown = url.rpartition("@")[2]
    message = f"the proxy {shown!r} cannot be used: {why if shown == url else 'it is no URL'}"
    return UsageError([codes.BAD_USAGE.at(None, message, "write it as http://host:port")])
