"""Servers that lie, drip, flood or never end: a clear failed step, bounded memory, and nothing hangs."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.unit.http.auth_servers import calling, one_api
from tests.unit.http.conftest import Serve, response

import arazzo
from arazzo.http.transport import TransportOptions

MIB = 1024 * 1024
MOST = 2 * MIB
JSON = "Content-Type: application/json"
KINDS = ["sync", "async", *(["fast", "fast-async"] if find_spec("pyreqwest") else [])]
Behaviour = Callable[[socket.socket, bytes], None]


@pytest.fixture(params=KINDS)
def outcome(
    request: pytest.FixtureRequest, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., arazzo.RunResult]:
    """Runs one step against a server that behaves so."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)

    def run(answer: bytes | Behaviour, timeout: float = 30, **step: object) -> arazzo.RunResult:
        api = one_api(tmp_path, serve(answer).url, {}, [])
        document = calling(
            {"api": api},
            {"stepId": "s", "operationId": "apiFirst", **step},  # type: ignore[dict-item]
            outputs={"said": "$steps.s.outputs.said"},
        )
        options = TransportOptions(max_body=MOST, fast=request.param.startswith("fast"))
        if request.param.endswith("async"):
            return asyncio.run(arazzo.run_async(document, transport_options=options, step_timeout=timeout))
        return arazzo.run(document, transport_options=options, step_timeout=timeout)

    return run


Outcome = Callable[..., arazzo.RunResult]


def flood(head: bytes, chunk: bytes, times: int) -> Behaviour:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        with contextlib.suppress(OSError):
            for _number in range(times):
                connection.sendall(chunk)
            connection.shutdown(socket.SHUT_RDWR)

    return answer


def failed_with(result: arazzo.RunResult, words: str) -> None:
    assert result.status == "failed"
    assert result.error is not None
    assert words in result.error.message, result.error.message
    assert [step.status for step in result.steps] == ["failed"]


PIECE = b"x" * 65536
CHUNK = b"10000\r\n" + PIECE + b"\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        flood(HEAD + b"Content-Length: 1073741824\r\n\r\n", PIECE, 16384),
        flood(HEAD + b"Content-Length: 99999999999999999999999999\r\n\r\n", PIECE, 16384),
        flood(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK, 16384),
        flood(HEAD + b"\r\n", PIECE, 1_000_000_000),
        flood(
            HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
            (lambda bomb: b"%x\r\n%b\r\n" % (len(bomb), bomb))(gzip.compress(b"\0" * 200 * MIB)),
            1,
        ),
        flood(HEAD + b"Content-Encoding: deflate\r\n\r\n", zlib.compress(b" " * 200 * MIB), 1),
    ],
    ids=["announced", "absurd", "chunked", "endless", "gzip", "deflate"],
)
def test_a_body_without_measure_is_cut_off_and_never_held(outcome: Outcome, answer: Behaviour) -> None:
    started = time.monotonic()
    tracemalloc.start()
    try:
        result = outcome(answer)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    if "not HTTP" not in str(result.error):  # The absurd length: h11 and hyper refuse it as none.
        failed_with(result, f"there was no response: the body of the response is larger than {MOST:,} bytes")
    assert peak < 24 * MIB, f"{peak / MIB:.0f} MiB"
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("part", ["head", "body", "header"])
def test_a_drip_ends_at_the_steps_timeout(outcome: Outcome, part: str) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        start = {
            "head": b"",
            "header": b"HTTP/1.1 200 OK\r\nX-A: ",
            "body": HEAD + b"Content-Length: 900\r\n\r\n",
        }
        connection.sendall(start[part])
        for byte in b"HTTP/1.1 200 OK" * 60:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    started = time.monotonic()
    failed_with(outcome(answer, timeout=0.4), "no answer within 0.4 s")
    assert time.monotonic() - started < 3


def test_a_length_that_is_too_long_is_a_body_cut_short(outcome: Outcome) -> None:
    def answer(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n{}")
        connection.shutdown(socket.SHUT_RDWR)

    failed_with(outcome(answer), "closed the connection before the whole response had come")


def test_a_length_that_is_too_short_ends_the_body_there(outcome: Outcome) -> None:
    result = outcome(HEAD + b"Content-Length: 8\r\n\r\n" + b'{"a": 1}{"b": 2}')
    assert (result.status, result.outputs) == ("succeeded", {"said": {"a": 1}})


@pytest.mark.parametrize("length", [b"-5", b"five", b"5, 6", b"5\r\nContent-Length: 6"])
def test_a_length_that_is_none_is_told(outcome: Outcome, length: bytes) -> None:
    failed_with(outcome(HEAD + b"Content-Length: " + length + b"\r\n\r\nhello"), "not HTTP as it should be")


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
    ],
)
def test_chunks_that_are_none_are_told(outcome: Outcome, answer: bytes) -> None:
    failed_with(outcome(answer), "there was no response: ")


def test_a_content_type_that_lies_is_told_with_what_came(outcome: Outcome) -> None:
    failed_with(outcome(response(b"<html>no</html>", "200 OK", JSON)), "<html>no</html>")
    result = outcome(response(b'{"a": 1}', "200 OK", "Content-Type: image/png"))
    assert result.outputs["said"] == b'{"a": 1}'


@pytest.mark.parametrize("charset", ["no-such-charset", "utf-16", "rot13", "zip", "\x01", "utf-8; charset=x"])
def test_a_charset_that_is_none_ends_nothing_but_the_step(outcome: Outcome, charset: str) -> None:
    for media_type, body in (("text/plain", b"gr\xfc\xdfe"), ("application/json", b'{"a": "\xfc"}')):
        result = outcome(response(body, "200 OK", f"Content-Type: {media_type}; charset={charset}"))
        assert result.status in ("succeeded", "failed")
        assert result.error is None or result.error.message


def test_informational_responses_are_passed_over(outcome: Outcome) -> None:
    hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    assert outcome(hints + response(b"[1]", "200 OK", JSON)).outputs == {"said": [1]}


def test_informational_responses_without_end_end_at_the_timeout(outcome: Outcome) -> None:
    started = time.monotonic()
    result = outcome(
        flood(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 50, 10_000_000), timeout=1
    )
    assert result.status == "failed"
    assert time.monotonic() - started < 6


@pytest.mark.parametrize(
    "lines",
    [
        [f"X-{n}: {'a' * 1000}" for n in range(5000)],
        [f"X: {'a' * 8 * MIB}"],
        [f"X-{n}: 1" for n in range(500)],
    ],
)
def test_headers_without_measure_are_told_or_taken_but_never_hang(outcome: Outcome, lines: list[str]) -> None:
    started = time.monotonic()
    result = outcome(response(b"[]", "200 OK", JSON, *lines))
    if result.status == "failed":
        assert result.error is not None
        assert "there was no response" in result.error.message
    else:
        assert result.outputs == {"said": []}
    assert time.monotonic() - started < 10


def test_a_204_has_no_body_whatever_follows(outcome: Outcome) -> None:
    result = outcome(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello")
    assert result.status == "succeeded"
    assert result.outputs == {"said": None}


def test_what_follows_a_response_is_not_the_answer_to_the_next_request(serve: Serve, tmp_path: Path) -> None:
    """Bytes after a response must not be taken for the next one: a connection that has some is given up.

    Fails when httpx2 changes where it keeps its connections: then ``network.overfull`` must follow.
    """
    extra = response(b'"smuggled"', "200 OK", JSON)
    server = serve(lambda connection, raw: connection.sendall(response(b'"real"', "200 OK", JSON) + extra))
    api = one_api(tmp_path, server.url, {}, [])
    steps = [{"stepId": f"s{n}", "operationId": "apiFirst"} for n in range(3)]
    document = calling(
        {"api": api},
        *steps,
        outputs={f"s{n}": f"$steps.s{n}.outputs.said" for n in range(3)},
    )
    for result in (arazzo.run(document), asyncio.run(arazzo.run_async(document))):
        assert result.outputs == {"s0": "real", "s1": "real", "s2": "real"}
    assert server.connections == 6
