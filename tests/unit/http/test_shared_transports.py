"""Connections kept across runs: one transport for many runs, one after the other and at once."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests.unit.http.auth_servers import Asked, calling, json_response, one_api
from tests.unit.http.conftest import Serve, Server

import arazzo
from arazzo.errors import UsageError
from arazzo.http.pyreqwest_client import Interruptible
from arazzo.http.transport import TransportOptions
from arazzo.plan.model import Plan

FAST = pytest.mark.skipif(find_spec("pyreqwest") is None, reason="pyreqwest is not installed")
SYNC = [arazzo.HttpTransport, pytest.param(arazzo.FastTransport, marks=FAST)]
ASYNC = [arazzo.AsyncHttpTransport, pytest.param(arazzo.AsyncFastTransport, marks=FAST)]
MakeSync = Callable[[], "arazzo.HttpTransport | arazzo.FastTransport"]
MakeAsync = Callable[[], "arazzo.AsyncHttpTransport | arazzo.AsyncFastTransport"]
RUNS = 64


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def answer(connection: socket.socket, raw: bytes) -> None:
    connection.sendall(json_response({"at": Asked.of(raw).target}))


@pytest.fixture
def server(serve: Serve) -> Server:
    return serve(answer)


@pytest.fixture
def plan(server: Server, tmp_path: Path) -> Plan:
    steps = [{"stepId": f"s{number}", "operationId": "apiFirst"} for number in range(3)]
    return arazzo.link(
        calling(
            {"api": one_api(tmp_path, server.url, {}, [])},
            *steps,
            outputs={"at": "$steps.s2.outputs.said#/at"},
        )
    )


def check(results: list[arazzo.RunResult], server: Server) -> None:
    assert [result.outputs for result in results] == [{"at": "/first"}] * RUNS
    assert len(server.requests) == RUNS * 3


@pytest.mark.parametrize("make", SYNC)
def test_runs_one_after_the_other_share_one_connection(make: MakeSync, server: Server, plan: Plan) -> None:
    with make() as transport:
        check([arazzo.run(plan, transport=transport) for _ in range(RUNS)], server)
    assert server.connections == 1


@pytest.mark.parametrize("make", SYNC)
def test_runs_in_threads_share_what_connections_there_are(make: MakeSync, server: Server, plan: Plan) -> None:
    with make() as transport, ThreadPoolExecutor(8) as pool:
        check(list(pool.map(lambda _: arazzo.run(plan, transport=transport), range(RUNS))), server)
    assert server.connections <= 8


@pytest.mark.parametrize("make", ASYNC)
def test_sixty_four_runs_at_once_share_one_transport(make: MakeAsync, server: Server, plan: Plan) -> None:
    async def all_of_them() -> list[arazzo.RunResult]:
        async with make() as transport:
            first = await asyncio.gather(
                *(arazzo.run_async(plan, transport=transport) for _ in range(RUNS // 2))
            )
            return first + await asyncio.gather(
                *(arazzo.run_async(plan, transport=transport) for _ in range(RUNS // 2))
            )

    check(asyncio.run(all_of_them()), server)
    assert server.connections < RUNS * 3 // 4, "the second half finds the connections of the first"


def test_a_run_without_a_transport_of_its_own_has_one_connection(server: Server, plan: Plan) -> None:
    arazzo.run(plan)
    assert (len(server.requests), server.connections) == (3, 1)


def test_a_secure_client_is_made_once_for_all_threads(tls_server: Server) -> None:
    with arazzo.HttpTransport(TransportOptions(insecure=True)) as transport, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: transport._client_for(arazzo.Request("GET", "https://x")), range(32)))
        assert len(transport._clients.made) == 2


# --- the fast one


@FAST
@pytest.mark.parametrize("name", ["insecure", "cacert", "cert", "key", "proxy", "http2"])
def test_the_fast_transport_refuses_what_it_does_not_have(name: str) -> None:
    value: object = (
        True
        if name in ("insecure", "http2")
        else Path("x.pem")
        if name in ("cacert", "cert", "key")
        else "http://proxy.test"
    )
    options = TransportOptions(fast=True, **{name: value})  # type: ignore[arg-type]
    for make in (arazzo.FastTransport, arazzo.AsyncFastTransport):
        with pytest.raises(UsageError, match=f"the fast transport has no --{name}"):
            make(options)


@FAST
def test_the_fast_transport_is_used_where_it_is_asked_for(server: Server, plan: Plan) -> None:
    options = TransportOptions(fast=True)
    assert arazzo.run(plan, transport_options=options).status == "succeeded"
    assert asyncio.run(arazzo.run_async(plan, transport_options=options)).status == "succeeded"
    # hyper writes its own headers last, httpx2 first.
    assert all(not request.split(b"\r\n")[1].startswith(b"Host") for request in server.requests)


@FAST
def test_a_proxy_in_the_environment_is_the_default_transports(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.url)
    with arazzo.FastTransport() as transport:
        transport.send(arazzo.Request("GET", "http://api.invalid/x"))
    assert server.requests[0].startswith(b"GET http://api.invalid/x HTTP/1.1\r\n")


def test_an_extra_that_is_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arazzo.http.httpx2_client.find_spec", lambda name: None)
    for options, extra in ((TransportOptions(http2=True), "http2"), (TransportOptions(fast=True), "fast")):
        make = arazzo.FastTransport if options.fast else arazzo.HttpTransport
        with pytest.raises(UsageError, match=f"--{extra} needs ") as caught:
            make(options)
        assert caught.value.diagnostics[0].hint == f"pip install 'arazzo[{extra}]'"


def test_a_call_that_waits_outside_python_is_interrupted_at_once() -> None:
    """In a process of its own: what is tested is what Ctrl-C does."""
    import subprocess
    import sys

    code = (
        "import os, signal, threading, time\n"
        "from arazzo.http.pyreqwest_client import Interruptible\n"
        "threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "start = time.monotonic()\n"
        "try:\n"
        "    Interruptible()(lambda: threading.Event().wait(20))\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted', time.monotonic() - start < 5)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=15, check=True
    )
    assert done.stdout == "interrupted True\n"


def test_what_a_call_returns_or_raises_comes_back() -> None:
    call = Interruptible()
    assert [call(partial(abs, number)) for number in (-1, -2)] == [1, 2]
    with pytest.raises(ZeroDivisionError):
        call(lambda: 1 // 0)
    names = {call(lambda: threading.current_thread().name) for _ in range(3)}
    assert names == {"arazzo-fast"}
    thread = next(thread for thread in threading.enumerate() if thread.name == "arazzo-fast")
    call.close()
    thread.join(5)
    assert not thread.is_alive()


def test_a_transport_that_is_closed_says_so(server: Server) -> None:
    transport = arazzo.HttpTransport()
    transport.close()
    started = time.monotonic()
    assert isinstance(transport.send(arazzo.Request("GET", server.url)), arazzo.NoResponse)
    assert time.monotonic() - started < 1
