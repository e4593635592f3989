"""Failures whose cause is easily mistaken: who is to blame is said as it is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import httpx
import httpx2
import pytest
from tests.unit.http.auth_servers import calling, one_api
from tests.unit.http.conftest import Serve, free_port, response

import arazzo
from arazzo.errors import UsageError
from arazzo.http.failures import no_response
from arazzo.http.httpx2_client import AsyncHttpTransport, HttpTransport
from arazzo.http.transport import TransportOptions
from arazzo.messages import Failure, NoResponse, Reply, Request

Ask = Callable[[TransportOptions, Request], Reply]


def ask_sync(options: TransportOptions, request: Request) -> Reply:
    with HttpTransport(options) as transport:
        return transport.send(request)


def ask_async(options: TransportOptions, request: Request) -> Reply:
    async def once() -> Reply:
        async with AsyncHttpTransport(options) as transport:
            return await transport.send(request)

    return asyncio.run(once())


both = pytest.mark.parametrize("ask", [ask_sync, ask_async])


@both
@pytest.mark.parametrize(
    "answer", [b"<p>hello</p>", b"HTTP/1.1 200 OK\r\nX-A: 1", b"\x15\x03\x01\x00\x02\x02"]
)
def test_an_answer_without_a_head_is_no_closed_connection(serve: Serve, ask: Ask, answer: bytes) -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(answer)
        connection.shutdown(socket.SHUT_RDWR)

    reply = ask(TransportOptions(), Request("GET", serve(behave).url, timeout=5))
    assert isinstance(reply, NoResponse)
    assert reply.failure is Failure.PROTOCOL
    assert reply.reason.startswith("the answer is not HTTP as it should be")


@both
def test_a_second_request_on_a_connection_is_judged_by_itself(serve: Serve, ask: Ask) -> None:
    """What the first answer was says nothing about the second, which never came."""
    count = 0

    def behave(connection: socket.socket, _: bytes) -> None:
        nonlocal count
        count += 1
        if count == 1:
            connection.sendall(response(b"", "302 Found", "Location: /again"))
        else:
            connection.shutdown(socket.SHUT_RDWR)

    reply = ask(TransportOptions(), Request("GET", serve(behave).url, timeout=5))
    assert reply == NoResponse(Failure.CONNECTION, "the server closed the connection before it answered")


@both
def test_a_proxy_that_cannot_be_had_is_the_one_to_blame(ask: Ask) -> None:
    port = free_port()
    request = Request("GET", "http://api.test/x", timeout=10)
    refused = ask(TransportOptions(proxy=f"http://127.0.0.1:{port}"), request)
    assert refused == NoResponse(
        Failure.CONNECTION, f"the connection to the proxy 127.0.0.1:{port} was refused"
    )
    unknown = ask(TransportOptions(proxy="http://no-such-proxy.invalid:3128"), request)
    assert unknown == NoResponse(
        Failure.CONNECTION, "the name of the proxy no-such-proxy.invalid:3128 cannot be resolved"
    )


@pytest.mark.parametrize(
    "proxy", ["http://a b:1", "http://[::1", "http://", "http://x:99999", "http://:3128"]
)
def test_a_proxy_url_that_is_none_is_the_callers_mistake(proxy: str) -> None:
    for make in (HttpTransport, AsyncHttpTransport):
        with pytest.raises(UsageError, match=r"the proxy .* cannot be used"):
            make(TransportOptions(proxy=proxy))


@pytest.mark.parametrize("client", [httpx.AsyncClient, httpx2.AsyncClient, AsyncHttpTransport])
def test_an_asynchronous_transport_of_a_synchronous_run_is_the_callers_mistake(
    tmp_path: Path, client: Callable[[], object]
) -> None:
    document = calling(
        {"api": one_api(tmp_path, "https://api.test", {}, [])}, {"stepId": "a", "operationId": "apiFirst"}
    )
    with pytest.raises(UsageError, match="asynchronous") as caught:
        arazzo.run(document, transport=client())
    assert caught.value.diagnostics[0].hint == "use it with run_async"


def test_what_pyreqwest_says_is_told_as_ours() -> None:
    class PyreqwestError(Exception):
        def __init__(self, *messages: str) -> None:
            super().__init__("error")
            self.details = {"causes": [{"message": message} for message in messages]}

    class NetworkError(PyreqwestError):
        pass

    request = Request("GET", "https://api.test/x")
    for error, failure, words in (
        (PyreqwestError("invalid peer certificate: Expired"), Failure.TLS, "not trusted: Expired"),
        (
            PyreqwestError("Connection reset by peer (os error 104)"),
            Failure.CONNECTION,
            "reset the connection",
        ),
        (
            PyreqwestError("received corrupt message of type X"),
            Failure.TLS,
            "no TLS connection with api.test:443",
        ),
        (NetworkError("no route to host"), Failure.CONNECTION, "the connection to api.test:443 failed"),
        (PyreqwestError(), Failure.PROTOCOL, "the HTTP client failed: PyreqwestError: error"),
    ):
        told = no_response(error, request)
        assert (told.failure, words in told.reason) == (failure, True), told
