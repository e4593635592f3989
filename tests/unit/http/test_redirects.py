"""Redirects: the method, the body and the credentials they take along, and where they must not lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.http.conftest import Serve, response

from arazzo.http.httpx2_client import HttpTransport
from arazzo.http.redirects import MOST_REDIRECTS, follow
from arazzo.messages import Failure, Headers, NoResponse, Reply, Request, Response

HEADERS: Headers = (
    ("Accept", "application/json"),
    ("Authorization", "Bearer t"),
    ("X-Api-Key", "k"),
    ("Cookie", "a=1"),
    ("Content-Type", "text/plain"),
    ("Host", "api.test"),
)


def to(location: str | None, status: int = 302) -> Response:
    return Response(status, (("Location", location),) if location is not None else ())


def second(request: Request, reply: Response) -> Request | Reply:
    """The request that ``reply`` leads to, or what ends it."""
    flow = follow(request)
    assert next(flow) is request
    try:
        return flow.send(reply)
    except StopIteration as end:
        final: Reply = end.value
        return final


@pytest.mark.parametrize(
    ("method", "status", "further"),
    [
        ("POST", 301, "GET"),
        ("POST", 302, "GET"),
        ("POST", 303, "GET"),
        ("POST", 307, "POST"),
        ("POST", 308, "POST"),
        ("PUT", 301, "PUT"),
        ("PATCH", 302, "PATCH"),
        ("DELETE", 303, "GET"),
        ("HEAD", 303, "HEAD"),
        ("GET", 302, "GET"),
    ],
)
def test_a_redirect_changes_the_method_as_its_status_says(method: str, status: int, further: str) -> None:
    body = b"x" if method in ("POST", "PUT", "PATCH") else None
    found = second(Request(method, "https://api.test/a", HEADERS, body), to("/b", status))
    assert isinstance(found, Request)
    assert (found.method, found.url) == (further, "https://api.test/b")
    assert found.body == (body if further == method else None)
    assert ("Content-Type" in dict(found.headers)) == (further == method)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://api.test/b"),
        ("b?x=1", "https://api.test/v1/b?x=1"),
        ("?x=1", "https://api.test/v1/a?x=1"),
        ("https://api.test/b#part", "https://api.test/b"),
        ("//api.test/b", "https://api.test/b"),
        ("/ü b", "https://api.test/%C3%BC%20b"),
        ("/a%20b", "https://api.test/a%20b"),
        ("HTTPS://API.TEST:443/b", "https://API.TEST:443/b"),
    ],
)
def test_within_its_origin_a_redirect_keeps_everything(location: str, target: str) -> None:
    found = second(Request("GET", "https://api.test/v1/a", HEADERS), to(location))
    assert isinstance(found, Request)
    assert found.url.lower() == target.lower()
    assert found.headers == HEADERS


@pytest.mark.parametrize(
    "location",
    ["https://other.test/b", "https://api.test:8443/b", "https://sub.api.test/b", "//other.test/b"],
)
def test_credentials_stay_with_their_origin(location: str) -> None:
    found = second(Request("POST", "https://api.test/a", HEADERS, b"x"), to(location, 307))
    assert isinstance(found, Request)
    assert found.headers == (("Accept", "application/json"), ("Content-Type", "text/plain"))
    assert found.body == b"x"


@pytest.mark.parametrize(("headers", "body"), [(HEADERS, None), ((), b"secret")])
def test_what_was_sent_over_tls_is_not_sent_again_without_it(headers: Headers, body: bytes | None) -> None:
    found = second(Request("PUT", "https://api.test/a", headers, body), to("http://api.test/b", 307))
    assert isinstance(found, NoResponse)
    assert found.failure is Failure.REFUSED
    assert "would travel unencrypted" in found.reason


def test_a_public_request_may_be_led_away_from_tls() -> None:
    found = second(Request("GET", "https://api.test/a", (("Accept", "*/*"),)), to("http://api.test/b"))
    assert isinstance(found, Request)
    assert found.url == "http://api.test/b"


@pytest.mark.parametrize("location", ["ftp://api.test/b", "file://host/etc/passwd"])
def test_a_redirect_out_of_http_is_refused(location: str) -> None:
    found = second(Request("GET", "https://api.test/a"), to(location))
    assert isinstance(found, NoResponse)
    assert (found.failure, "which is not HTTP" in found.reason) == (Failure.REFUSED, True)


@pytest.mark.parametrize("location", [None, "", "http://[", "file:///etc/passwd", "javascript:alert(1)"])
def test_a_redirect_without_a_usable_location_is_the_response(location: str | None) -> None:
    reply = to(location)
    assert second(Request("GET", "https://api.test/a"), reply) is reply


@pytest.mark.parametrize("status", [200, 300, 304, 305, 399, 404])
def test_other_statuses_are_no_redirects(status: int) -> None:
    reply = to("/b", status)
    assert second(Request("GET", "https://api.test/a"), reply) is reply


def test_redirects_are_left_alone_where_the_request_says_so() -> None:
    reply = to("/b")
    assert second(Request("GET", "https://api.test/a", follow_redirects=False), reply) is reply


def test_a_request_without_a_response_ends_it() -> None:
    nothing = NoResponse(Failure.TIMEOUT, "no answer")
    flow = follow(Request("GET", "https://api.test/a"))
    next(flow)
    with pytest.raises(StopIteration) as end:
        flow.send(nothing)
    assert end.value.value is nothing


def test_redirects_in_a_circle_come_to_an_end() -> None:
    flow = follow(Request("GET", "https://api.test/a"))
    next(flow)
    sent = 1
    with pytest.raises(StopIteration) as end:
        while True:
            flow.send(to("/a"))
            sent += 1
    assert sent == MOST_REDIRECTS + 1
    assert isinstance(end.value.value, NoResponse)
    assert end.value.value.reason == "there were more than 10 redirects, the last to https://api.test/a"


@given(st.text(max_size=40), st.sampled_from([301, 302, 303, 307, 308]))
def test_no_location_however_odd_makes_it_fail(location: str, status: int) -> None:
    found = second(Request("POST", "https://api.test/a", HEADERS, b"x"), to(location, status))
    assert isinstance(found, (Request, Response, NoResponse))


def test_a_transport_follows_across_servers(serve: Serve) -> None:
    target = serve(response(b"there"))
    first = serve(response(b"", "302 Found", f"Location: {target.url}/next", "Set-Cookie: s=1"))
    with HttpTransport() as transport:
        reply = transport.send(Request("POST", first.url + "/start", HEADERS[:-1], b"x"))
    assert isinstance(reply, Response)
    assert reply.body == b"there"
    assert target.requests[0].startswith(b"GET /next HTTP/1.1\r\n")
    seen = target.requests[0].lower()
    assert b"accept: application/json" in seen
    for secret in (b"authorization", b"x-api-key", b"cookie", b"content-type"):
        assert secret not in seen
    assert f"host: 127.0.0.1:{target.port}".encode() in seen


def test_the_timeout_counts_for_all_redirects_together(serve: Serve) -> None:
    import time

    def answer(connection: object, _: bytes) -> None:
        time.sleep(0.15)
        connection.sendall(response(b"", "302 Found", "Location: /again"))  # type: ignore[attr-defined]

    started = time.monotonic()
    with HttpTransport() as transport:
        reply = transport.send(Request("GET", serve(answer).url, timeout=0.4))
    assert isinstance(reply, NoResponse)
    assert reply.failure is Failure.TIMEOUT
    assert time.monotonic() - started < 0.8


def test_a_header_that_is_known_to_carry_a_credential_stays_with_its_origin() -> None:
    named = Request(
        "GET",
        "https://api.test/a",
        (("X-Foo", "k"), ("X-Bar", "b")),
        credential_headers=frozenset(("x-foo",)),
    )
    for target, kept in (("https://api.test/b", ("X-Foo", "X-Bar")), ("https://other.test/b", ("X-Bar",))):
        found = second(named, to(target))
        assert isinstance(found, Request)
        assert tuple(name for name, _ in found.headers) == kept
        assert found.credential_headers == {"x-foo"}
    refused = second(named, to("http://api.test/b"))
    assert isinstance(refused, NoResponse), "nothing that was sent over TLS is sent again without it"
