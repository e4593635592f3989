"""What comes from the public leads no request inwards: neither a redirect nor a name."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.http.auth_servers import FIRST, Asked, answering, calling, document, json_response, one_api
from tests.unit.http.conftest import Serve, response

import arazzo
from arazzo.descriptions.uris import is_private, names_private
from arazzo.engine.results import RunResult
from arazzo.http import retrieve
from arazzo.http.redirects import follow
from arazzo.messages import Failure, NoResponse, Reply, Request, Response
from arazzo.values import Value

KINDS = ["sync", "async", *(["fast", "fast-async"] if find_spec("pyreqwest") else [])]
Run: TypeAlias = "Callable[..., RunResult]"
PUBLIC = "93.184.216.34"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(params=KINDS)
def run(request: pytest.FixtureRequest) -> Run:
    options = arazzo.TransportOptions(fast=request.param.startswith("fast"))
    request.node.fast = options.fast
    if request.param.endswith("async"):
        return lambda plan, **keywords: asyncio.run(
            arazzo.run_async(plan, **{"transport_options": options, **keywords})
        )
    return lambda plan, **keywords: arazzo.run(plan, **{"transport_options": options, **keywords})


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What names stand for, in place of what a name server says."""
    known: dict[str, str] = {}
    before = socket.getaddrinfo

    def look_up(host: object, *arguments: object, **keywords: object) -> object:
        name = host.decode() if isinstance(host, bytes) else host
        return before(known.get(str(name), name), *arguments, **keywords)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    seen = set(retrieve._PRIVATE)
    yield known
    retrieve._PRIVATE.intersection_update(seen)


# Hosts


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "::1", "fe80::1", "fe80::1%25eth0", "fd00::1",
     "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "::127.0.0.1", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "localhost", "LOCALHOST", "localhost.", "a.localhost", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001",
     "0177.0.0.1", "127.0.0.1.", "%31%32%37.0.0.1", "１２７.0.0.1", "127。0。0。1", "loc%61lhost", "0"],
)  # fmt: skip
def test_a_host_that_is_private_says_so_however_it_is_written(host: str) -> None:
    assert names_private(host)


@pytest.mark.parametrize(
    "host",
    ["93.184.216.34", "2606:2800:220:1::1", "api.test", "localhost.example", "127.0.0.1.example", "1.example",
     "64:ff9b::5db8:d822", "::ffff:93.184.216.34", "1572395042", "0x5d.0xb8.0xd8.0x22", "256.1.1.1", "09.1",
     "1.2.3.4.5", "notlocalhost", "0x", "", "a.0x7f", "99999999999999999999"],
)  # fmt: skip
def test_a_public_host_and_a_name_do_not(host: str) -> None:
    assert names_private(host) == (host == "0x")


@given(st.text(alphabet="0123456789abcdefxX.%:", max_size=24))
def test_what_the_resolver_takes_for_an_address_is_taken_for_the_same(host: str) -> None:
    found = names_private(host)
    try:
        packed = socket.inet_aton(host) if host.isascii() and not host[-1:].isspace() else None
    except OSError:
        packed = None
    if packed is not None:
        assert found == is_private(socket.inet_ntoa(packed))


# Redirects


def _led(origin: str, location: str, **more: bool) -> Request | Reply:
    flow = follow(Request("GET", origin, **more))  # type: ignore[arg-type]
    next(flow)
    try:
        return flow.send(Response(302, (("Location", location),)))
    except StopIteration as end:
        reply: Reply = end.value
        return reply


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1:8080/", "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/",
     "http://localhost/", "http://127.1/", "http://2130706433/", "//127.0.0.1/", "http://a@127.0.0.1/",
     "http://１２７.0.0.1/", "https://LOCALHOST./"],
)  # fmt: skip
@pytest.mark.parametrize("origin", ["http://api.test/", f"http://{PUBLIC}/"])
def test_a_public_server_leads_no_request_inwards(origin: str, target: str) -> None:
    refused = _led(origin, target)
    assert isinstance(refused, NoResponse)
    assert refused.failure is Failure.REFUSED
    assert refused.reason.startswith(f"{origin} redirects to http")
    assert refused.reason.endswith(
        ", which only this machine or its network reaches; allow it with --allow-private"
    )
    assert isinstance(_led(origin, target, allow_private=True), Request)


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/"),
        ("http://10.0.0.1/", "http://127.0.0.1/"),
        ("http://localhost/", "http://[::1]/"),
        ("http://localhost/", "https://api.test/"),
        ("https://api.test/", "https://other.test/"),
        ("https://api.test/", f"https://{PUBLIC}/"),
    ],
)
def test_every_other_way_is_open(origin: str, target: str) -> None:
    assert isinstance(_led(origin, target), Request)


def test_a_request_may_be_led_back_to_where_it_was_meant_to_go() -> None:
    """A login at another place comes back; but only to where it set out from."""
    for last, fine in (("http://localhost:8080/back", True), ("http://127.0.0.1:8080/", False)):
        flow = follow(Request("GET", "http://localhost:8080/"))
        next(flow)
        flow.send(Response(302, (("Location", "https://login.test/"),)))
        if fine:
            assert flow.send(Response(302, (("Location", last),))).url == last
            continue
        with pytest.raises(StopIteration):
            flow.send(Response(302, (("Location", last),)))


@pytest.mark.parametrize("cookies", [True, False])
def test_no_transport_follows_a_public_server_inwards(
    serve: Serve,
    tmp_path: Path,
    run: Run,
    names: dict[str, str],
    cookies: bool,
    request: pytest.FixtureRequest,
) -> None:
    names["api.test"] = "127.0.0.1"
    inside = serve(json_response({"secret": "of this machine"}))
    public = serve(response(b"", "302 Found", f"Location: {inside.url}/"))
    origin = f"http://api.test:{public.port}"
    document = calling({"api": one_api(tmp_path, origin, {}, [])}, FIRST)
    if request.node.fast:
        # Its own client asks no name server of ours.
        document = calling({"api": one_api(tmp_path, public.url, {}, [])}, FIRST)
        assert run(document, cookies=cookies).status == "succeeded", "private to private"
        return
    result = run(document, cookies=cookies)
    assert result.status == "failed"
    assert result.error is not None
    assert "allow it with --allow-private" in result.error.message
    assert not inside.requests
    assert run(document, cookies=cookies, allow_private=True).status == "succeeded"
    assert len(inside.requests) == 1


# Names


def _description(server: str, folder: Path) -> bytes:
    return Path(one_api(folder, server, {}, [])).read_bytes()


@pytest.mark.parametrize("whole", [True, False])
def test_a_name_that_what_came_from_the_public_gives_leads_no_request_inwards(
    serve: Serve,
    tmp_path: Path,
    run: Run,
    names: dict[str, str],
    whole: bool,
    request: pytest.FixtureRequest,
) -> None:
    """``whole``: the Arazzo document came over the network, too."""
    names.update({"docs.test": "127.0.0.1", "inside.test": "127.0.0.1"})
    inside = serve(json_response({"secret": "of this machine"}))
    files: dict[str, bytes] = {}
    docs = serve(answering(lambda asked: response(files[asked.target])))
    files["/api.json"] = _description(f"http://inside.test:{inside.port}", tmp_path)
    flow = document({"api": str(tmp_path / "api.json")}, FIRST)
    flow["sourceDescriptions"] = [{"name": "api", "url": f"http://docs.test:{docs.port}/api.json"}]
    files["/w.json"] = json.dumps(flow).encode()
    place = f"http://docs.test:{docs.port}/w.json"
    loaded = arazzo.load(place, allow_http=True, cache=False) if whole else arazzo.load(dict(flow))
    plan = arazzo.link(loaded, allow_http=True, cache=False)
    # This machine stands for the public here; that it is none would be known.
    retrieve._PRIVATE.discard("docs.test")
    refused = run(plan)
    assert refused.status == "failed"
    assert refused.error is not None
    assert "inside.test is the private address 127.0.0.1" in refused.error.message
    assert "--server [NAME=]URL" in refused.error.message
    assert not inside.requests
    if request.node.fast:
        return  # Its own client asks no name server of ours.
    assert run(plan, allow_private=True).status == "succeeded"
    retrieve._PRIVATE.add("docs.test")
    named = arazzo.link(
        loaded, allow_http=True, cache=False, servers={"api": f"http://inside.test:{inside.port}"}
    )
    retrieve._PRIVATE.discard("docs.test")
    assert run(named).status == "succeeded", "--server is the caller's own word"
    retrieve._PRIVATE.add("docs.test")
    assert run(plan).status == "succeeded", "what came from inside may lead inside"


def test_one_transport_keeps_such_requests_from_the_connections_of_others(
    serve: Serve, names: dict[str, str]
) -> None:
    names["inside.test"] = "127.0.0.1"
    inside = serve(json_response({"ok": True}))
    request = Request("GET", f"http://inside.test:{inside.port}/")
    guarded = Request("GET", request.url, public_only=True)
    with arazzo.HttpTransport() as transport:
        assert isinstance(transport.send(request), Response)
        refused = transport.send(guarded)
        assert isinstance(refused, NoResponse)
        assert refused.failure is Failure.REFUSED
        assert isinstance(transport.send(request), Response)
    assert len(inside.requests) == 2


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_name_of_several_addresses_leads_to_the_public_ones(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, asynchronous: bool
) -> None:
    from arazzo.http import guards

    server = serve(json_response({"ok": True}))
    before = socket.getaddrinfo

    def look_up(host: object, port: int, *arguments: object, **keywords: object) -> object:
        hosts = ["10.0.0.1", "127.0.0.2", "127.0.0.1"] if host == "both.test" else [host]
        return [entry for one in hosts for entry in before(one, port, *arguments, **keywords)]  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    # 127.0.0.0/8 stands for the public; nobody listens at the first of its two addresses.
    monkeypatch.setattr(guards, "is_private", lambda address: address.startswith("10."))
    request = Request("GET", f"http://both.test:{server.port}/", timeout=5, public_only=True)
    if asynchronous:

        async def send() -> Reply:
            async with arazzo.AsyncHttpTransport() as transport:
                return await transport.send(request)

        reply = asyncio.run(send())
    else:
        with arazzo.HttpTransport() as transport:
            reply = transport.send(request)
    assert isinstance(reply, Response)


def test_the_proxy_in_use_may_be_at_a_private_address(serve: Serve) -> None:
    proxy = serve(json_response({"by": "proxy"}))
    with arazzo.HttpTransport(arazzo.TransportOptions(proxy=proxy.url)) as transport:
        reply = transport.send(Request("GET", "http://api.test/", public_only=True))
    assert isinstance(reply, Response)
    assert Asked.of(proxy.requests[0]).target == "http://api.test/"


def test_the_token_of_a_guarded_request_is_not_asked_for_inside(
    serve: Serve, tmp_path: Path, names: dict[str, str]
) -> None:
    names.update({"docs.test": "127.0.0.1", "inside.test": "127.0.0.1"})
    inside = serve(json_response({"access_token": "token-12345"}))
    flows: Value = {
        "clientCredentials": {"tokenUrl": f"http://inside.test:{inside.port}/token", "scopes": {}}
    }
    path = one_api(tmp_path, "http://api.test", {"k": {"type": "oauth2", "flows": flows}}, [{"k": []}])
    docs = serve(response(Path(path).read_bytes()))
    sources = {"api": f"http://docs.test:{docs.port}/api.json"}
    plan = arazzo.link(calling({"api": path}, FIRST), sources=sources, allow_http=True, cache=False)
    retrieve._PRIVATE.discard("docs.test")
    result = arazzo.run(plan, auth={"k": "id:secret-secret"}, allow_http=True)
    assert result.error is not None
    assert "inside.test is the private address" in result.error.message
    assert not inside.requests
