"""Deadlines and address guards below the client."""

from __future__ import annotations

import time

import httpx2
import pytest
from tests.unit.http.conftest import Serve, response

from arazzo.http.failures import DeadlinePassed
from arazzo.http.httpx2_client import HttpTransport
from arazzo.http.network import bound_connections, time_left, until
from arazzo.messages import Failure, NoResponse, Request, Response


def test_the_nearer_of_deadline_and_timeout_counts() -> None:
    assert time_left() is None
    assert time_left(5) == 5
    with until(time.monotonic() + 100):
        assert time_left(5) == 5
        left = time_left()
        assert left is not None
        assert 99 < left <= 100
        with until(time.monotonic() - 1), pytest.raises(DeadlinePassed):
            time_left()
        assert time_left(5) == 5
    assert time_left() is None


def test_the_connections_of_httpx2_are_bounded() -> None:
    """Fails when httpx2 changes where it keeps its network backend: then ``bound_connections`` must follow."""
    with httpx2.Client(proxy="http://127.0.0.1:1") as client:
        assert bound_connections(client, None) == 2


def test_a_guard_that_cannot_be_put_in_place_is_an_error() -> None:
    def guard(_: str, __: str) -> str | None:
        return None

    with httpx2.Client(transport=httpx2.MockTransport(lambda _: httpx2.Response(200))) as client:
        assert bound_connections(client, None) == 0
        with pytest.raises(RuntimeError, match="does not let us check"):
            bound_connections(client, guard)


def test_a_guard_sees_name_and_address_and_may_refuse(serve: Serve) -> None:
    server = serve(response(b"x"))
    seen: list[tuple[str, str]] = []

    def guard(host: str, address: str) -> str | None:
        seen.append((host, address))
        return f"{host} is {address}, and that is not allowed"

    with HttpTransport(guard=guard) as transport:
        reply = transport.send(Request("GET", f"http://localhost:{server.port}/"))
    assert isinstance(reply, NoResponse)
    assert reply.failure is Failure.REFUSED
    assert reply.reason.startswith("localhost is ")
    assert ("localhost", "127.0.0.1") in seen
    assert server.connections == 0


def test_a_name_with_one_allowed_address_is_connected_to(serve: Serve) -> None:
    server = serve(response(b"x"))
    with HttpTransport(guard=lambda _, address: None if address == "127.0.0.1" else "no") as transport:
        reply = transport.send(Request("GET", f"http://localhost:{server.port}/"))
    assert isinstance(reply, Response)
