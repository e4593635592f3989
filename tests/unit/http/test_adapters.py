"""A caller's own transport: any object that sends, or a client of httpx or httpx2."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable

import httpx
import httpx2
import pytest
from tests.unit.http.conftest import Serve, response

from arazzo.errors import UsageError
from arazzo.http.transport import AsyncTransport, Transport, as_async_transport, as_transport
from arazzo.messages import Failure, NoResponse, Reply, Request, Response


class Scripted:
    """The smallest transport there is."""

    def send(self, request: Request) -> Reply:
        return Response(200, body=request.url.encode())


class AsyncScripted:
    async def send(self, request: Request) -> Reply:
        return Response(200, body=request.url.encode())


def ask(transport: AsyncTransport, request: Request) -> Reply:
    async def once() -> Reply:
        return await transport.send(request)

    return asyncio.run(once())


def test_any_object_that_sends_is_a_transport() -> None:
    own, other = Scripted(), AsyncScripted()
    assert as_transport(own) is own
    assert as_async_transport(other) is other
    assert isinstance(own, Transport)


def test_a_synchronous_transport_serves_an_asynchronous_run() -> None:
    assert ask(as_async_transport(Scripted()), Request("GET", "x:1")) == Response(200, body=b"x:1")


@pytest.mark.parametrize("own", [AsyncScripted(), httpx.AsyncClient(), httpx2.AsyncClient()])
def test_an_asynchronous_one_needs_an_asynchronous_run(own: object) -> None:
    with pytest.raises(UsageError, match="asynchronous"):
        as_transport(own)


@pytest.mark.parametrize("own", [None, "http://x", object(), 5])
def test_what_cannot_send_is_no_transport(own: object) -> None:
    for convert in (as_transport, as_async_transport):
        with pytest.raises(UsageError, match="is no transport"):
            convert(own)


CLIENTS = [pytest.param(httpx.Client, id="httpx"), pytest.param(httpx2.Client, id="httpx2")]
ASYNC_CLIENTS = [pytest.param(httpx.AsyncClient, id="httpx"), pytest.param(httpx2.AsyncClient, id="httpx2")]
REQUEST = Request("PUT", "", (("X-A", "1"),), b"body", timeout=5)


@pytest.mark.parametrize("client", CLIENTS)
def test_a_callers_client_sends_with_what_it_was_configured(
    serve: Serve, client: Callable[..., httpx.Client | httpx2.Client]
) -> None:
    server = serve(response(b"ok", "201 Created", "X-B: 2"))
    with client(headers={"X-Own": "mine"}, auth=("user", "pass"), follow_redirects=True) as own:
        reply = as_transport(own).send(
            Request("PUT", server.url + "/a/../b", (("X-A", "1"),), b"body", timeout=5)
        )
        assert not own.is_closed
    assert isinstance(reply, Response)
    assert (reply.status, reply.body, reply.reason) == (201, b"ok", "Created")
    sent = server.requests[0].lower()
    assert sent.startswith(b"put /a/../b http/1.1\r\n")
    for line in (b"x-own: mine", b"authorization: basic", b"x-a: 1"):
        assert line in sent
    assert sent.endswith(b"\r\n\r\nbody")


@pytest.mark.parametrize("client", ASYNC_CLIENTS)
def test_a_callers_asynchronous_client_too(
    serve: Serve, client: Callable[..., httpx.AsyncClient | httpx2.AsyncClient]
) -> None:
    server = serve(response(b"ok"))

    async def once() -> Reply:
        async with client(headers={"X-Own": "mine"}) as own:
            return await as_async_transport(own).send(Request("GET", server.url, timeout=5))

    reply = asyncio.run(once())
    assert isinstance(reply, Response)
    assert reply.body == b"ok"
    assert b"x-own: mine" in server.requests[0].lower()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_callers_client_does_not_follow_redirects_by_itself(
    serve: Serve, client: Callable[..., httpx.Client | httpx2.Client]
) -> None:
    server = serve(response(b"", "302 Found", "Location: /b"))
    with client(follow_redirects=True) as own:
        reply = as_transport(own).send(Request("GET", server.url, follow_redirects=False))
    assert isinstance(reply, Response)
    assert (reply.status, len(server.requests)) == (302, 1)


@pytest.mark.parametrize("client", CLIENTS)
def test_what_a_callers_client_raises_is_no_response(
    serve: Serve, client: Callable[..., httpx.Client | httpx2.Client]
) -> None:
    import time

    with client() as own:
        transport = as_transport(own)
        refused = transport.send(Request("GET", "http://127.0.0.1:1/"))
        late = transport.send(Request("GET", serve(lambda *_: time.sleep(0.6)).url, timeout=0.2))
        garbled = transport.send(Request("GET", serve(b"nonsense\r\n\r\n").url))
    closed = transport.send(Request("GET", "http://127.0.0.1:1/"))
    assert refused == NoResponse(Failure.CONNECTION, "the connection to 127.0.0.1:1 was refused")
    assert late == NoResponse(Failure.TIMEOUT, "no answer within 0.2 s")
    assert isinstance(garbled, NoResponse)
    assert garbled.failure is Failure.PROTOCOL
    assert isinstance(closed, NoResponse)
    assert "the HTTP client failed: RuntimeError" in closed.reason


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_client_with_a_transport_of_its_own_never_sees_the_network(library: object) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return library.Response(200, json={"url": str(request.url)})  # type: ignore[attr-defined,no-any-return]

    with library.Client(transport=library.MockTransport(answer)) as own:  # type: ignore[attr-defined]
        reply = as_transport(own).send(Request("GET", "https://api.test/x"))
    assert isinstance(reply, Response)
    assert reply.body == b'{"url":"https://api.test/x"}' or b"https://api.test/x" in reply.body


def test_no_client_is_imported_before_a_transport_is_made() -> None:
    code = (
        "import sys, arazzo.http.transport, arazzo.http.retrieve, arazzo.http.redirects;"
        "print([name for name in ('httpx', 'httpx2', 'httpcore2', 'asyncio', 'ssl') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
