"""HTTP/2 over TLS, where the server offers it and it was asked for."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterator

import pytest
from tests.unit.http.conftest import CERTIFICATE, Server, response

import arazzo
from arazzo.http.transport import TransportOptions
from arazzo.messages import Reply, Request, Response, header

connection_of_h2 = pytest.importorskip("h2.connection")
events = pytest.importorskip("h2.events")


def serve_h2(connection: socket.socket, first: bytes, seen: list[dict[str, str]]) -> None:
    from h2.config import H2Configuration

    h2 = connection_of_h2.H2Connection(H2Configuration(client_side=False))
    h2.initiate_connection()
    connection.sendall(h2.data_to_send())
    received = first
    while received:
        for event in h2.receive_data(received):
            if isinstance(event, events.RequestReceived):
                seen.append({name.decode(): value.decode() for name, value in event.headers})
                h2.send_headers(event.stream_id, [(":status", "200"), ("x-two", "a"), ("x-two", "b")])
                h2.send_data(event.stream_id, b"over two", end_stream=True)
        connection.sendall(h2.data_to_send())
        received = connection.recv(65536)


class H2Server(Server):
    """Speaks what was agreed on: HTTP/2, or HTTP/1.1."""

    def __init__(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        context.set_alpn_protocols(["h2", "http/1.1"])
        self.seen: list[dict[str, str]] = []
        super().__init__(lambda connection, _: connection.sendall(response(b"over one")), context)

    def _serve(self, connection: socket.socket) -> None:
        assert self._tls is not None
        try:
            secure = self._tls.wrap_socket(connection, server_side=True)
            if secure.selected_alpn_protocol() == "h2":
                serve_h2(secure, secure.recv(65536), self.seen)
            else:
                while request := secure.recv(65536):
                    self.requests.append(request)
                    secure.sendall(response(b"over one"))
            secure.close()
        except OSError:
            return


@pytest.fixture
def server() -> Iterator[H2Server]:
    started = H2Server()
    yield started
    started.close()


def ask(options: TransportOptions, request: Request, kind: str) -> Reply:
    if kind == "sync":
        with arazzo.HttpTransport(options) as transport:
            transport.send(request)
            return transport.send(request)

    async def once() -> Reply:
        async with arazzo.AsyncHttpTransport(options) as transport:
            both = await asyncio.gather(transport.send(request), transport.send(request))
            return both[1]

    return asyncio.run(once())


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_http2_is_spoken_where_it_was_asked_for(server: H2Server, kind: str) -> None:
    request = Request("POST", server.url + "/a/../b?x='1'", (("X-A", "1"),), b"body", timeout=10)
    reply = ask(TransportOptions(http2=True, insecure=True), request, kind)
    assert isinstance(reply, Response)
    assert (reply.status, reply.body, header(reply.headers, "X-Two")) == (200, b"over two", "a, b")
    assert len(server.seen) == 2
    assert server.seen[0][":path"] == "/a/../b?x='1'"
    assert server.seen[0]["x-a"] == "1"
    assert server.seen[0]["user-agent"].startswith("arazzo/")


def test_http_1_is_spoken_otherwise(server: H2Server) -> None:
    request = Request("GET", server.url, timeout=10)
    reply = ask(TransportOptions(insecure=True), request, "sync")
    assert isinstance(reply, Response)
    assert (reply.body, server.seen) == (b"over one", [])
