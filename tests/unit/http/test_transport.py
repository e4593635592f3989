"""The transports over real sockets: what goes out to the byte, what comes back, and what is no response."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.unit.http.conftest import CERTIFICATE, Serve, Server, free_port, response

from arazzo.errors import UsageError
from arazzo.http.httpx2_client import AsyncHttpTransport, HttpTransport
from arazzo.http.pyreqwest_client import AsyncFastTransport, FastTransport
from arazzo.http.transport import TransportOptions
from arazzo.messages import Failure, NoResponse, Reply, Request, Response, header
from arazzo.version import __version__

Send = Callable[[Request], Reply]
Sender = Callable[[TransportOptions], Send]


KINDS = ["sync", "async"]
if find_spec("pyreqwest") is not None:
    KINDS += ["fast", "fast-async"]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def sender(kind: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    """Every transport, as a function from options to a function that sends."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        # Where the environment names these, the fast transport leaves everything to the default one.
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    opened: list[HttpTransport | FastTransport] = []

    def synchronous(options: TransportOptions) -> Send:
        opened.append(_fast(options) if kind == "fast" else HttpTransport(options))
        return opened[-1].send

    def asynchronous(options: TransportOptions) -> Send:
        async def once(wanted: Request) -> Reply:
            made = AsyncFastTransport(options) if kind == "fast-async" else AsyncHttpTransport(options)
            async with made as transport:
                return await transport.send(wanted)

        if kind == "fast-async":
            _skip_unless_fast(options)
        return lambda wanted: asyncio.run(once(wanted))

    yield asynchronous if kind.endswith("async") else synchronous
    for transport in opened:
        transport.close()


def _fast(options: TransportOptions) -> FastTransport:
    _skip_unless_fast(options)
    return FastTransport(options)


def _skip_unless_fast(options: TransportOptions) -> None:
    if options != TransportOptions(max_body=options.max_body):
        pytest.skip("certificates and proxies are the default transport's; the fast one refuses them")


@pytest.fixture
def send(sender: Sender) -> Send:
    return sender(TransportOptions())


def failed(reply: Reply, failure: Failure, words: str) -> None:
    assert isinstance(reply, NoResponse)
    assert (reply.failure, words in reply.reason) == (failure, True), reply
    assert not reply.reason.endswith(".")


def test_a_request_goes_out_as_it_was_composed(serve: Serve, send: Send, kind: str) -> None:
    server = serve(response(b"ok"))
    request = Request(
        "POST",
        server.url + "/a%20b?x=1",
        (("X-A", "1"), ("x-a", "2"), ("X-U", "ü ")),
        b"body",
    )
    assert isinstance(send(request), Response)
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /a%20b?x=1 HTTP/1.1"
    assert body == b"body"
    # The fast one writes names in a case of its own, which no server may read anything into (RFC 9110 §5.1).
    second = b"X-A: 2" if kind.startswith("fast") else b"x-a: 2"
    assert [line for line in lines if line.lower().startswith(b"x-a:")] == [b"X-A: 1", second]
    assert "X-U: ü".encode() in lines
    assert f"User-Agent: arazzo/{__version__}".encode() in lines
    assert b"Content-Length: 4" in lines


@pytest.mark.parametrize(
    "target",
    [
        "/a/../b",
        "/./a//b/",
        "/it's?q='x'",
        "/%7e%2F%zz",
        "/a?b=c?d&e=[1]|2",
        "/x?a=%20+b",
        "/{y}?z={w}",
        "/a;b=1,2:@!$&()*+",
        "/?",
    ],
)
def test_the_url_is_sent_byte_for_byte(serve: Serve, send: Send, target: str) -> None:
    server = serve(response())
    assert isinstance(send(Request("GET", server.url + target)), Response)
    assert server.requests[0].split(b"\r\n")[0] == f"GET {target} HTTP/1.1".encode()


@pytest.mark.parametrize(("tail", "target"), [("", "/"), ("?a=1", "/?a=1"), ("/a#part", "/a")])
def test_a_url_without_a_path_asks_for_the_root_and_a_fragment_stays_here(
    serve: Serve, send: Send, tail: str, target: str
) -> None:
    server = serve(response())
    send(Request("GET", server.url + tail))
    assert server.requests[0].split(b"\r\n")[0] == f"GET {target} HTTP/1.1".encode()


def test_a_header_of_the_request_stands_in_place_of_a_default(serve: Serve, send: Send) -> None:
    server = serve(response())
    send(Request("GET", server.url, (("user-agent", "mine"), ("Accept", "text/csv"), ("Host", "other.test"))))
    lines = server.requests[0].lower().split(b"\r\n")
    assert sorted(line for line in lines if line.startswith((b"user-agent", b"accept:", b"host"))) == [
        b"accept: text/csv",
        b"host: other.test",
        b"user-agent: mine",
    ]


def test_a_response_comes_back_whole(serve: Serve, send: Send, kind: str) -> None:
    server = serve(response(b"no", "404 Not  Here", "X-Two: a", "X-Two: b"))
    reply = send(Request("GET", server.url))
    assert isinstance(reply, Response)
    assert (reply.status, reply.body) == (404, b"no")
    assert header(reply.headers, "x-two") == "a, b"
    if kind.startswith("fast"):
        assert (reply.reason, reply.headers[1]) == ("", ("x-two", "a")), "what docs/transport.md says is lost"
    else:
        assert (reply.reason, reply.headers[1]) == ("Not  Here", ("X-Two", "a"))


def test_a_header_may_hold_any_text(serve: Serve, send: Send, kind: str) -> None:
    reply = send(Request("GET", serve(response(b"no", "200 OK", "X-Text: gr\xfc\xdfe")).url))
    if kind.startswith("fast"):
        failed(reply, Failure.PROTOCOL, "a header is no ASCII text, which the fast transport cannot read")
    else:
        assert isinstance(reply, Response)
        assert header(reply.headers, "X-Text") == "grüße"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (CHUNKED, b"abcde"),
        (response(gzip.compress(b"hello"), "200 OK", "Content-Encoding: gzip"), b"hello"),
        (response(zlib.compress(b"hello"), "200 OK", "Content-Encoding: deflate"), b"hello"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + response(b"x"), b"x"),
        (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", b"x"),
    ],
    ids=["chunked", "gzip", "deflate", "no content", "after continue", "no reason"],
)
def test_a_body_is_read_however_it_is_framed(serve: Serve, send: Send, answer: bytes, body: bytes) -> None:
    reply = send(Request("GET", serve(answer).url))
    assert isinstance(reply, Response)
    assert reply.body == body


def test_a_body_may_end_with_the_connection(serve: Serve, send: Send) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nuntil the end")
        connection.shutdown(socket.SHUT_RDWR)

    reply = send(Request("GET", serve(answer).url))
    assert isinstance(reply, Response)
    assert reply.body == b"until the end"


def test_a_head_request_has_no_body_whatever_length_is_announced(serve: Serve, sender: Sender) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\nContent-Encoding: gzip\r\n\r\n"
    reply = sender(TransportOptions(max_body=10))(Request("HEAD", serve(answer).url))
    assert isinstance(reply, Response)
    assert (reply.body, header(reply.headers, "content-length")) == (b"", "999999")


def test_no_cookie_is_kept_from_one_request_to_the_next(serve: Serve) -> None:
    server = serve(response(b"", "200 OK", "Set-Cookie: session=1; Path=/"))
    with HttpTransport() as transport:
        transport.send(Request("GET", server.url))
        transport.send(Request("GET", server.url))
    assert len(server.requests) == 2
    assert b"cookie" not in server.requests[1].lower()


def test_connections_are_reused(serve: Serve) -> None:
    server = serve(response(b"x"))
    with HttpTransport() as transport:
        for _ in range(3):
            transport.send(Request("GET", server.url))
    assert (len(server.requests), server.connections) == (3, 1)


def test_a_refused_connection(send: Send) -> None:
    port = free_port()
    reply = send(Request("GET", f"http://127.0.0.1:{port}/"))
    failed(reply, Failure.CONNECTION, f"the connection to 127.0.0.1:{port} was refused")


def test_a_host_that_does_not_exist(send: Send) -> None:
    reply = send(Request("GET", "http://no-such-host.invalid/", timeout=10))
    failed(reply, Failure.CONNECTION, "the host name no-such-host.invalid cannot be resolved")


def test_a_connection_closed_before_the_answer(serve: Serve, send: Send) -> None:
    server = serve(lambda connection, _: connection.shutdown(socket.SHUT_RDWR))
    failed(send(Request("GET", server.url)), Failure.CONNECTION, "closed the connection before it answered")


def reset(connection: socket.socket) -> None:
    linger = (1).to_bytes(4, "little") + (0).to_bytes(4, "little")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    connection.close()


def test_a_connection_reset_before_the_answer(serve: Serve, send: Send) -> None:
    reply = send(Request("GET", serve(lambda connection, _: reset(connection)).url))
    failed(reply, Failure.CONNECTION, "the server ")


def test_a_connection_reset_within_the_body(serve: Serve, send: Send) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart")
        time.sleep(0.05)
        reset(connection)

    failed(send(Request("GET", serve(answer).url)), Failure.CONNECTION, "the server ")


def test_a_body_cut_short(serve: Serve, send: Send) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart")
        connection.shutdown(socket.SHUT_RDWR)

    reply = send(Request("GET", serve(answer).url))
    failed(reply, Failure.CONNECTION, "closed the connection before the whole response had come")


@pytest.mark.parametrize(
    "answer",
    [b"SSH-2.0-OpenSSH_9\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"],
)
def test_an_answer_that_is_not_http(serve: Serve, send: Send, answer: bytes) -> None:
    failed(send(Request("GET", serve(answer).url)), Failure.PROTOCOL, "not HTTP")


def test_a_body_that_is_not_encoded_as_it_says(serve: Serve, send: Send) -> None:
    answer = response(b"plain", "200 OK", "Content-Encoding: gzip")
    failed(send(Request("GET", serve(answer).url)), Failure.PROTOCOL, "not encoded as it says")


def slow(connection: socket.socket, _: bytes) -> None:
    time.sleep(1.5)


def drip_head(connection: socket.socket, _: bytes) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def drip_body(connection: socket.socket, _: bytes) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _number in range(100):
        connection.sendall(b"x")
        time.sleep(0.1)


@pytest.mark.parametrize("behaviour", [slow, drip_head, drip_body])
def test_the_timeout_bounds_the_whole_exchange(
    serve: Serve, send: Send, behaviour: Callable[[socket.socket, bytes], None]
) -> None:
    started = time.monotonic()
    reply = send(Request("GET", serve(behaviour).url, timeout=0.4))
    failed(reply, Failure.TIMEOUT, "no answer within 0.4 s")
    assert time.monotonic() - started < 1.2


def test_a_connection_that_timed_out_is_not_used_again(serve: Serve) -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        if b"/slow" in request:
            time.sleep(0.5)
        connection.sendall(response(request.split()[1]))

    server = serve(answer)
    with HttpTransport() as transport:
        assert isinstance(transport.send(Request("GET", server.url + "/slow", timeout=0.2)), NoResponse)
        reply = transport.send(Request("GET", server.url + "/fast", timeout=5))
    assert isinstance(reply, Response)
    assert reply.body == b"/fast"


def test_a_body_that_is_announced_too_large(serve: Serve, sender: Sender) -> None:
    reply = sender(TransportOptions(max_body=1000))(Request("GET", serve(response(b"x" * 1001)).url))
    failed(reply, Failure.TOO_LARGE, "the body of the response is larger than 1,000 bytes")


def test_a_body_without_end_is_cut_off(serve: Serve, sender: Sender) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    reply = sender(TransportOptions(max_body=1_000_000))(Request("GET", serve(answer).url, timeout=20))
    failed(reply, Failure.TOO_LARGE, "larger than 1,000,000 bytes")


def test_a_small_body_that_grows_when_decompressed_is_cut_off(serve: Serve, sender: Sender) -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)
    server = serve(response(bomb, "200 OK", "Content-Encoding: gzip"))
    failed(
        sender(TransportOptions(max_body=100_000))(Request("GET", server.url)), Failure.TOO_LARGE, "larger"
    )


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (Request("GET", "ftp://127.0.0.1/x"), "cannot be sent"),
        (Request("GET", "http://127.0.0.1:99999999/x"), "cannot be sent"),
        (Request("GET", "http://127.0.0.1:1/x", (("X-A", "a\r\nb: c"),)), "cannot be sent"),
        (Request("GET", "http://127.0.0.1:1/x", (("X Ä", "a"),)), "cannot be sent"),
        (Request("GET", "no url at all"), "cannot be sent"),
    ],
)
def test_a_request_that_is_none_is_refused(serve: Serve, send: Send, request_: Request, words: str) -> None:
    server = serve(response())
    if ":1/" in request_.url:
        request_ = Request("GET", server.url, request_.headers)
    failed(send(request_), Failure.REFUSED, words)
    assert server.requests == []


def test_an_unknown_certificate_is_not_trusted(tls_server: Server, send: Send, kind: str) -> None:
    reply = send(Request("GET", tls_server.url))
    why = "" if kind.startswith("fast") else "self-signed"
    failed(reply, Failure.TLS, f"the certificate of 127.0.0.1:{tls_server.port} is not trusted: {why}")
    assert tls_server.requests == []


@pytest.mark.parametrize("options", [TransportOptions(insecure=True), TransportOptions(cacert=CERTIFICATE)])
def test_a_certificate_can_be_trusted_or_not_asked_for(
    tls_server: Server, sender: Sender, options: TransportOptions
) -> None:
    reply = sender(options)(Request("GET", tls_server.url, timeout=10))
    assert isinstance(reply, Response)
    assert reply.body == b"secure"


def test_a_server_without_tls_says_so(send: Send) -> None:
    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, args=(listener,), daemon=True).start()
        port = listener.getsockname()[1]
        reply = send(Request("GET", f"https://127.0.0.1:{port}/", timeout=10))
    failed(reply, Failure.TLS, f"no TLS connection with 127.0.0.1:{port}: ")


@pytest.mark.parametrize("behaviour", ["silent", "dripping"])
def test_a_tls_handshake_that_hangs_is_given_up(send: Send, behaviour: str) -> None:
    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection, contextlib.suppress(OSError):
            while behaviour == "dripping":
                connection.sendall(b"\x16")
                time.sleep(0.05)
                if connection.recv(65536) == b"":
                    return
            time.sleep(1)

    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer, args=(listener,), daemon=True).start()
        reply = send(Request("GET", f"https://127.0.0.1:{listener.getsockname()[1]}/", timeout=0.3))
    assert isinstance(reply, NoResponse)
    assert reply.failure in (Failure.TIMEOUT, Failure.TLS)
    assert time.monotonic() - started < 1


def test_a_proxy_is_asked_with_the_whole_url(serve: Serve, sender: Sender) -> None:
    proxy = serve(response(b"by proxy"))
    reply = sender(TransportOptions(proxy=proxy.url))(Request("GET", "http://api.invalid/a/../b?x='1'"))
    assert isinstance(reply, Response)
    assert reply.body == b"by proxy"
    assert proxy.requests[0].split(b"\r\n")[0] == b"GET http://api.invalid/a/../b?x='1' HTTP/1.1"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (TransportOptions(cacert=Path("/no/such.pem")), "/no/such.pem"),
        (TransportOptions(cert=Path("/no/such.pem")), "/no/such.pem"),
        (TransportOptions(proxy="gopher://x"), "the proxy 'gopher://x' cannot be used"),
    ],
)
def test_options_that_cannot_be_used_are_the_callers_mistake(options: TransportOptions, words: str) -> None:
    for kind in (HttpTransport, AsyncHttpTransport):
        with pytest.raises(UsageError, match=words):
            kind(options)


def test_a_client_certificate_is_shown(serve: Serve, tls_server: Server) -> None:
    with HttpTransport(TransportOptions(insecure=True, cert=CERTIFICATE)) as transport:
        assert isinstance(transport.send(Request("GET", tls_server.url)), Response)
