"""Credentials against real servers: tokens that end, digests, client certificates, redirects, proxies."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

import pytest
from tests.unit.http.auth_servers import (
    FIRST,
    SECOND,
    Asked,
    Issuer,
    answering,
    calling,
    document,
    json_response,
    one_api,
)
from tests.unit.http.conftest import CERTIFICATE, Serve, Server, free_port, read_request, response

import arazzo
from arazzo.document.model import Document
from arazzo.engine.events import ReplyReceived
from arazzo.engine.results import RunResult
from arazzo.report.events import EventLog
from arazzo.values import Value

CLIENT = "client:s3cr3t-s3cr3t"


class Run(Protocol):
    def __call__(self, description: Document, **keywords: Any) -> RunResult: ...


@pytest.fixture(params=["sync", "async"])
def run(request: pytest.FixtureRequest) -> Run:
    def synchronous(description: Document, **keywords: Any) -> RunResult:
        return arazzo.run(description, **keywords)

    def asynchronous(description: Document, **keywords: Any) -> RunResult:
        return asyncio.run(arazzo.run_async(description, **keywords))

    return synchronous if request.param == "sync" else asynchronous


def oauth(**flows: Value) -> Value:
    return {"type": "oauth2", "flows": flows}


def started(serve: Serve, issuer: Issuer) -> Server:
    server = serve(answering(issuer))
    issuer.url = server.url
    return server


def without_response(run: Run, description: Document, **keywords: Any) -> arazzo.NoResponse:
    """What the only step got in place of a response."""
    replies: list[object] = []

    def note(event: arazzo.Event) -> None:
        if isinstance(event, ReplyReceived):
            replies.append(event.reply)

    result = run(description, observers=[note], **keywords)
    assert result.status == "failed"
    (reply,) = replies
    assert isinstance(reply, arazzo.NoResponse)
    return reply


def asked(server: Server) -> list[Asked]:
    return [Asked.of(raw) for raw in server.requests]


# --- values that are sent as they are


@pytest.mark.parametrize(
    ("scheme", "value", "where", "sent"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Foo"}, "k 1", "x-foo", "k 1"),
        ({"type": "apiKey", "in": "header", "name": "Authorization"}, "Token k", "authorization", "Token k"),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, "c1", "cookie", "sid=c1"),
        ({"type": "http", "scheme": "Bearer"}, "t.o.k", "authorization", "Bearer t.o.k"),
        ({"type": "http", "scheme": "bearer"}, "Bearer t.o.k", "authorization", "Bearer t.o.k"),
        ({"type": "http", "scheme": "basic"}, "user:pä:ss", "authorization", "Basic dXNlcjpww6Q6c3M="),
        ({"type": "http", "scheme": "basic"}, "key:", "authorization", "Basic a2V5Og=="),
        ({"type": "http", "scheme": "negotiate"}, "abc", "authorization", "negotiate abc"),
        ({"type": "oauth2", "flows": {}}, "access", "authorization", "Bearer access"),
        ({"type": "openIdConnect", "openIdConnectUrl": "/x"}, "access", "authorization", "Bearer access"),
    ],
)
def test_a_credential_goes_where_its_scheme_says(
    scheme: Value, value: str, where: str, sent: str, serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve(response(b"ok"))
    path = one_api(tmp_path, server.url, {"mine": scheme}, [{"mine": []}])
    result = run(calling({"api": path}, FIRST), auth={"mine": value})
    assert result.status == "succeeded", result.error
    assert asked(server)[0].headers[where] == sent


@pytest.mark.parametrize(("target", "sent"), [("", "?app+key=a%26b%20c"), ("?x=1", "?x=1&app+key=a%26b%20c")])
def test_a_key_in_the_query_is_encoded_and_added(
    target: str, sent: str, serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve(response(b"ok"))
    scheme: Value = {"type": "apiKey", "in": "query", "name": "app+key"}
    path = one_api(tmp_path, server.url, {"mine": scheme}, [{"mine": []}])
    query: list[Value] = [{"name": "x", "in": "query", "value": 1}] if target else []
    result = run(calling({"api": path}, {**FIRST, "parameters": query}), auth={"mine": "a&b c"})
    assert result.status == "succeeded", result.error
    assert asked(server)[0].target == "/first" + sent.replace("app+key", "app%2Bkey")


def test_all_schemes_of_an_alternative_are_sent_together(serve: Serve, tmp_path: Path, run: Run) -> None:
    server = serve(response(b"ok"))
    schemes: dict[str, Value] = {
        "app": {"type": "apiKey", "in": "header", "name": "X-App"},
        "sid": {"type": "apiKey", "in": "cookie", "name": "sid"},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
    path = one_api(tmp_path, server.url, schemes, [{"bearer": []}, {"app": [], "sid": []}])
    cookie: list[Value] = [{"name": "theme", "in": "cookie", "value": "dark"}]
    result = run(calling({"api": path}, {**FIRST, "parameters": cookie}), auth={"app": "A", "api.sid": "S"})
    assert result.status == "succeeded", result.error
    headers = asked(server)[0].headers
    assert (headers["x-app"], headers["cookie"]) == ("A", "theme=dark; sid=S")
    assert "authorization" not in headers


def test_a_credential_that_is_said_to_be_left_out_keeps_no_other_from_being_sent(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve(response(b"ok"))
    schemes: dict[str, Value] = {
        name: {"type": "apiKey", "in": "header", "name": f"X-{name}"} for name in ("a", "b", "c")
    }
    path = one_api(tmp_path, server.url, schemes, [{"a": [], "b": []}, {"c": []}])
    for auth in ({"a": "1", "b": ""}, {"a": "", "b": "", "c": "3"}, {"a": "", "b": ""}):
        assert run(calling({"api": path}, FIRST), auth=auth).status == "succeeded"
    sent = [[name for name in ("x-a", "x-b", "x-c") if name in a.headers] for a in asked(server)]
    assert sent == [["x-a"], ["x-c"], []]


def test_an_explicit_parameter_wins_over_a_scheme(serve: Serve, tmp_path: Path, run: Run) -> None:
    server = serve(response(b"ok"))
    path = one_api(tmp_path, server.url, {"b": {"type": "http", "scheme": "bearer"}}, [{"b": []}])
    own: list[Value] = [{"name": "authorization", "in": "header", "value": "Bearer own"}]
    result = run(calling({"api": path}, {**FIRST, "parameters": own}, SECOND), auth={"b": "given"})
    assert result.status == "succeeded", result.error
    assert [a.headers["authorization"] for a in asked(server)] == ["Bearer own", "Bearer given"]


def test_a_required_parameter_is_left_to_its_scheme(serve: Serve, tmp_path: Path, run: Run) -> None:
    server = serve(response(b"ok"))
    schemes: dict[str, Value] = {"key": {"type": "apiKey", "in": "header", "name": "X-Foo"}}
    declared: list[Value] = [
        {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
        for name in ("x-foo", "token")
    ]
    path = one_api(tmp_path, server.url, schemes, [{"key": []}], parameters=declared)
    result = run(calling({"api": path}, FIRST), auth={"key": "K"})
    assert result.status == "succeeded", result.error
    assert "token" not in asked(server)[0].headers
    assert [w.code for w in result.warnings] == ["parameter-by-scheme"]
    result = run(calling({"api": path}, FIRST), auth={"key": "K"}, strict=True)
    assert result.error is not None
    assert "needs the header parameter 'token', and nothing passes it" in result.error.message


# --- OAuth 2 and OpenID Connect


@pytest.mark.parametrize("kind", ["oauth2", "openIdConnect"])
def test_a_token_is_had_once_and_used_for_every_step(
    kind: str, serve: Serve, tmp_path: Path, run: Run
) -> None:
    issuer = Issuer(3600)
    server = started(serve, issuer)
    discovered: Value = {"type": kind, "openIdConnectUrl": "/.well-known/openid-configuration"}
    described = oauth(clientCredentials={"tokenUrl": "/token", "scopes": {}})
    scheme = described if kind == "oauth2" else discovered
    path = one_api(tmp_path, server.url + "/v1", {"mine": scheme}, [{"mine": ["read", "write"]}])
    result = run(calling({"api": path}, FIRST, SECOND), auth={"mine": CLIENT})
    assert result.status == "succeeded", result.error
    assert issuer.grants == [{"grant_type": "client_credentials", "scope": "read write"}]
    paths = [a.target for a in issuer.seen if "well-known" not in a.target]
    assert paths == ["/token", "/v1/first", "/v1/second"]


def test_a_relative_token_url_is_found_in_the_folder_of_the_server(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    issuer = Issuer()
    server = serve(
        answering(
            lambda a: issuer(Asked(a.method, a.target.replace("/v1/token", "/token"), a.headers, a.body))
        )
    )
    scheme = oauth(clientCredentials={"tokenUrl": "token", "scopes": {}})
    path = one_api(tmp_path, server.url + "/v1/", {"mine": scheme}, [{"mine": []}])
    result = run(calling({"api": path}, FIRST), auth={"mine": CLIENT})
    assert result.status == "succeeded", result.error
    assert asked(server)[0].target == "/v1/token"


def test_a_token_whose_time_is_over_is_refreshed_before_it_is_used(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    issuer = Issuer(0.1, rotate=True)
    server = started(serve, issuer)
    scheme = oauth(password={"tokenUrl": "/token", "refreshUrl": "/token", "scopes": {}})
    path = one_api(tmp_path, server.url, {"mine": scheme}, [{"mine": []}])

    def pause(event: arazzo.Event) -> None:
        if event.kind == "step-finished":
            time.sleep(0.12)

    result = run(calling({"api": path}, FIRST, SECOND), auth={"mine": "ada:l0v3l4c3!"}, observers=[pause])
    assert result.status == "succeeded", result.error
    assert issuer.grants == [
        {"grant_type": "password", "username": "ada", "password": "l0v3l4c3!"},
        {"grant_type": "refresh_token", "refresh_token": "refresh-token-1"},
    ]
    assert all(a.status == 200 for a in (s.response for s in result.steps) if isinstance(a, arazzo.Response))


def test_a_401_renews_the_token_once_and_sends_the_request_again(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    issuer = Issuer(3600, uses=1)
    server = started(serve, issuer)
    scheme = oauth(clientCredentials={"tokenUrl": "/token", "scopes": {}})
    path = one_api(tmp_path, server.url, {"mine": scheme}, [{"mine": []}])
    result = run(calling({"api": path}, FIRST, SECOND), auth={"mine": CLIENT})
    assert result.status == "succeeded", result.error
    assert [a.target for a in issuer.seen] == ["/token", "/first", "/second", "/token", "/second"]
    issuer.uses = 0
    issuer.seen.clear()
    result = run(calling({"api": path}, FIRST), auth={"mine": CLIENT})
    assert result.status == "failed"
    assert [a.target for a in issuer.seen] == ["/token", "/first", "/token", "/first"]
    assert len(result.steps) == 1


def test_a_client_the_endpoint_does_not_take_by_header_is_named_in_the_body(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    issuer = Issuer(3600, uses=1)
    issuer.in_body_only = True
    server = started(serve, issuer)
    scheme = oauth(clientCredentials={"tokenUrl": "/token", "scopes": {}})
    path = one_api(tmp_path, server.url, {"mine": scheme}, [{"mine": []}])
    result = run(calling({"api": path}, FIRST, SECOND), auth={"mine": CLIENT})
    assert result.status == "succeeded", result.error
    assert ["client_id" in grant for grant in issuer.grants] == [False, True, True]


def test_a_refresh_token_is_a_credential_too(serve: Serve, tmp_path: Path, run: Run) -> None:
    issuer = Issuer(3600)
    issuer.refresh = "long-lived-refresh"
    server = started(serve, issuer)
    flow: Value = {"authorizationUrl": "/a", "tokenUrl": "/token", "scopes": {}}
    path = one_api(tmp_path, server.url, {"mine": oauth(authorizationCode=flow)}, [{"mine": []}])
    value = "grant_type=refresh_token&refresh_token=long-lived-refresh&client_id=client&client_secret=s3cr3t-s3cr3t"
    result = run(calling({"api": path}, FIRST), auth={"mine": value + "&audience=x"})
    assert result.status == "succeeded", result.error
    expected = {"grant_type": "refresh_token", "refresh_token": "long-lived-refresh", "audience": "x"}
    assert issuer.grants == [expected]
    assert issuer.seen[0].basic == CLIENT


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (json_response({"error": "invalid_scope", "error_description": "no"}, "400 Bad Request"),
         r"answered 400 \(invalid_scope: no\)"),
        (response(b"<html>", "500 Oops"), r"answered 500 \(Oops\)"),
        (json_response({"access_token": 1}), "answered 200 without an access_token"),
        (json_response({"access_token": "a\nb"}), "answered 200 without an access_token"),
        (json_response({"access_token": "a", "token_type": "DPoP"}), "of the type 'DPoP', not Bearer"),
        (response(b"", "302 Found", "Location: http://127.0.0.1:9/"), "answered 302"),
    ],
)  # fmt: skip
def test_what_the_token_endpoint_says_fails_the_step_in_a_sentence(
    answer: bytes, sentence: str, serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve(answer)
    scheme = oauth(clientCredentials={"tokenUrl": "/token", "scopes": {}})
    path = one_api(tmp_path, server.url, {"mine": scheme}, [{"mine": []}])
    reply = without_response(run, calling({"api": path}, FIRST), auth={"mine": CLIENT})
    assert reply.failure is arazzo.Failure.REFUSED
    assert re.search(
        f"no access token for 'mine': the token endpoint {server.url}/token .*{sentence}", reply.reason
    )
    assert len(server.requests) == 1


def test_no_secret_goes_to_a_token_endpoint_in_the_clear(serve: Serve, tmp_path: Path, run: Run) -> None:
    server = serve(response(b"ok"))
    flow: Value = {"tokenUrl": "http://tokens.test/token", "scopes": {}}
    path = one_api(tmp_path, server.url, {"mine": oauth(clientCredentials=flow)}, [{"mine": []}])
    reply = without_response(run, calling({"api": path}, FIRST), auth={"mine": CLIENT})
    assert "is not encrypted; allow it with --allow-http" in reply.reason
    assert not server.requests


def test_a_token_endpoint_that_does_not_answer_is_bounded_by_the_step(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve(lambda connection, _: time.sleep(2))
    scheme = oauth(clientCredentials={"tokenUrl": "/token", "scopes": {}})
    path = one_api(tmp_path, server.url, {"mine": scheme}, [{"mine": []}])
    began = time.monotonic()
    reply = without_response(run, calling({"api": path}, FIRST), auth={"mine": CLIENT}, step_timeout=0.3)
    assert time.monotonic() - began < 1.5
    assert reply.failure is arazzo.Failure.TIMEOUT


# --- digest


class DigestApi:
    """Answers requests whose digest is right; a nonce is good for ``uses`` of them."""

    def __init__(self, algorithm: str, uses: int = 100) -> None:
        self.algorithm, self.uses = algorithm, uses
        self.nonces: dict[str, int] = {}
        self.statuses: list[int] = []

    def __call__(self, asked: Asked) -> bytes:
        given = dict(re.findall(r'(\w+)="?([^",]*)', asked.headers.get("authorization", "")))
        nonce = given.get("nonce", "")
        if given.get("response") == self._expected(asked, given):
            count = self.nonces.get(nonce, 0) + 1
            if int(given["nc"], 16) == count <= self.uses:
                self.nonces[nonce] = count
                self.statuses.append(200)
                return json_response({"echo": given["response"]})
        right = given.get("response") == self._expected(asked, given)
        stale = f", stale={str(right).lower()}"
        fresh = f"nonce-{len(self.nonces)}"
        self.nonces[fresh] = 0
        self.statuses.append(401)
        challenge = f'Digest realm="a \\"realm\\"", qop="auth,auth-int", nonce="{fresh}", opaque="op"'
        return response(
            b"", "401 Unauthorized", 'WWW-Authenticate: Basic realm="x"',
            f"WWW-Authenticate: {challenge}, algorithm={self.algorithm}{stale}",
        )  # fmt: skip

    def _expected(self, asked: Asked, given: dict[str, str]) -> str:
        def hashed(text: str) -> str:
            name = "md5" if self.algorithm.startswith("MD5") else "sha256"
            return hashlib.new(name, text.encode()).hexdigest()

        secret = hashed('ada:a "realm":l0v3l4c3!')
        if self.algorithm.endswith("-sess"):
            secret = hashed(f"{secret}:{given.get('nonce')}:{given.get('cnonce')}")
        middle = ":".join(given.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
        return hashed(f"{secret}:{middle}:{hashed(f'{asked.method}:{asked.target}')}")


@pytest.mark.parametrize("algorithm", ["MD5", "MD5-sess", "SHA-256", "SHA-256-sess"])
def test_a_digest_answers_the_challenge_and_is_used_again(
    algorithm: str, serve: Serve, tmp_path: Path, run: Run
) -> None:
    api = DigestApi(algorithm)
    server = serve(answering(api))
    path = one_api(tmp_path, server.url, {"d": {"type": "http", "scheme": "digest"}}, [{"d": []}])
    query: list[Value] = [{"name": "q", "in": "query", "value": "a b"}]
    steps = calling({"api": path}, {**FIRST, "parameters": query}, SECOND)
    result = run(steps, auth={"d": "ada:l0v3l4c3!"})
    assert result.status == "succeeded", result.error
    assert api.statuses == [401, 200, 200]
    assert "***" in str(result.steps[0].response), "a proof that is echoed is hidden"


def test_a_stale_nonce_is_replaced_and_a_wrong_password_is_told_once(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    api = DigestApi("SHA-256", uses=1)
    server = serve(answering(api))
    path = one_api(tmp_path, server.url, {"d": {"type": "http", "scheme": "digest"}}, [{"d": []}])
    steps = calling({"api": path}, FIRST, SECOND)
    assert run(steps, auth={"d": "ada:l0v3l4c3!"}).status == "succeeded"
    assert api.statuses == [401, 200, 401, 200]
    api.statuses.clear()
    result = run(steps, auth={"d": "ada:wrong"})
    reply = result.steps[0].response
    assert isinstance(reply, arazzo.Response)
    assert reply.status == 401
    assert api.statuses == [401, 401]


# --- client certificates


@pytest.fixture
def mutual() -> Iterator[Server]:
    """A server that demands the one certificate it knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    context.load_verify_locations(CERTIFICATE)
    context.verify_mode = ssl.CERT_REQUIRED
    server = Server(lambda connection, _: connection.sendall(response(b"known")), context)
    yield server
    server.close()


def test_mutual_tls_is_satisfied_by_a_client_certificate(mutual: Server, tmp_path: Path, run: Run) -> None:
    url = f"https://localhost:{mutual.port}"
    path = one_api(tmp_path, url, {"m": {"type": "mutualTLS"}}, [{"m": []}])
    known = arazzo.TransportOptions(cacert=CERTIFICATE, cert=CERTIFICATE)
    result = run(calling({"api": path}, FIRST), transport_options=known)
    assert result.status == "succeeded", result.error
    with pytest.raises(arazzo.InputError) as caught:
        run(calling({"api": path}, FIRST), transport_options=arazzo.TransportOptions(cacert=CERTIFICATE))
    assert "--cert FILE --key FILE" in str(caught.value.diagnostics[0].hint)
    # Said to be left out, the server refuses the connection: it does demand one.
    options = arazzo.TransportOptions(cacert=CERTIFICATE)
    reply = without_response(run, calling({"api": path}, FIRST), transport_options=options, auth={"m": ""})
    # Its alert may be overtaken by the end of the connection.
    assert reply.failure in (arazzo.Failure.TLS, arazzo.Failure.CONNECTION)


# --- where a credential must not follow


@pytest.mark.parametrize(
    ("scheme", "name"),
    [
        ({"type": "apiKey", "in": "header", "name": "X-Foo"}, "x-foo"),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, "cookie"),
        ({"type": "apiKey", "in": "query", "name": "foo"}, "?foo"),
        ({"type": "http", "scheme": "bearer"}, "authorization"),
        ({"type": "http", "scheme": "digest"}, "authorization"),
    ],
)
@pytest.mark.parametrize("explicit", [False, True], ids=["by scheme", "by the step"])
def test_no_credential_follows_a_redirect_to_another_origin(
    explicit: bool, scheme: dict[str, Value], name: str, serve: Serve, tmp_path: Path, run: Run
) -> None:
    other = serve(response(b"elsewhere"))
    api = DigestApi("MD5")

    def answer(asked: Asked) -> bytes:
        if scheme.get("scheme") == "digest" and not explicit and api(asked).startswith(b"HTTP/1.1 401"):
            return api(asked)
        return response(b"", "302 Found", f"Location: {other.url}/landed")

    server = serve(answering(answer))
    path = one_api(tmp_path, server.url, {"mine": scheme}, [{"mine": []}])
    parameter: Value = {
        "name": scheme.get("name", "Authorization"), "in": scheme.get("in", "header"), "value": "ada:l0v3l4c3!",
    }  # fmt: skip
    step: dict[str, Value] = {**FIRST, "parameters": [parameter] if explicit else []}
    result = run(calling({"api": path}, step), auth={"mine": "ada:l0v3l4c3!"})
    assert result.status == "succeeded", result.error
    sent, landed = asked(server)[-1], asked(other)[0]
    assert name.strip("?") in (sent.target if name.startswith("?") else sent.headers)
    assert landed.target == "/landed"
    assert name not in landed.headers
    assert b"l0v3l4c3" not in other.requests[0]


def test_a_name_that_two_apis_have_is_refused_unless_it_says_whose_it_is(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    one, two = serve(response(b"1")), serve(response(b"2"))
    schemes: dict[str, Value] = {"b": {"type": "http", "scheme": "bearer"}}
    sources = {
        name: one_api(tmp_path, server.url, schemes, [{"b": []}], name=name)
        for name, server in (("api", one), ("other", two))
    }
    steps = calling(
        sources,
        {**FIRST, "operationId": "$sourceDescriptions.api.apiFirst"},
        {**SECOND, "operationId": "$sourceDescriptions.other.otherFirst"},
    )
    with pytest.raises(
        arazzo.UsageError, match="to different places, by the sources 'api' and 'other'"
    ) as caught:
        run(steps, auth={"b": "secret-for-one"})
    assert caught.value.diagnostics[0].hint == "say whose it is: --auth api.b=… and --auth other.b=…"
    assert "secret-for-one" not in str(caught.value)
    result = run(steps, auth={"api.b": "mine", "other.b": "yours"})
    assert result.status == "succeeded", result.error
    assert asked(one)[0].headers["authorization"] == "Bearer mine"
    assert asked(two)[0].headers["authorization"] == "Bearer yours"
    # The same server for both, and one name will do.
    result = run(steps, auth={"b": "ours"}, servers={"": one.url})
    assert result.status == "succeeded", result.error


def test_a_name_is_one_api_s_where_the_document_itself_passes_the_other_s(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    one, two = serve(response(b"1")), serve(response(b"2"))
    schemes: dict[str, Value] = {"b": {"type": "http", "scheme": "bearer"}}
    sources = {
        name: one_api(tmp_path, server.url, schemes, [{"b": []}], name=name)
        for name, server in (("api", one), ("other", two))
    }
    own: list[Value] = [{"name": "Authorization", "in": "header", "value": "{$inputs.own}"}]
    steps = calling(
        sources,
        {**FIRST, "operationId": "$sourceDescriptions.api.apiFirst"},
        {**SECOND, "operationId": "$sourceDescriptions.other.otherFirst", "parameters": own},
        inputs={"type": "object", "properties": {"own": {"type": "string"}}},
    )
    assert run(steps, auth={"b": "for-one"}, inputs={"own": "theirs"}).status == "succeeded"
    assert run(steps, auth={"b": "for-one"}).status == "succeeded"
    assert run(steps, auth={"api.b": "for-one", "other.b": "for-two"}).status == "succeeded"
    assert [a.headers["authorization"] for a in asked(one)] == ["Bearer for-one"] * 3
    assert [a.headers.get("authorization") for a in asked(two)] == ["theirs", None, "Bearer for-two"]


# --- a proxy


class Proxy:
    """A forward proxy with a tunnel for https; keeps the heads of what it was asked."""

    def __init__(self) -> None:
        self.heads: list[Asked] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        asked = Asked.of(read_request(connection))
        self.heads.append(asked)
        host, _, port = asked.target.partition(":")
        there = socket.create_connection((host, int(port)))
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        threading.Thread(target=self._pump, args=(there, connection), daemon=True).start()
        self._pump(connection, there)

    @staticmethod
    def _pump(here: socket.socket, there: socket.socket) -> None:
        try:
            while more := here.recv(65536):
                there.sendall(more)
        except OSError:
            pass
        there.close()

    def close(self) -> None:
        self._listener.close()


def test_the_proxy_gets_its_own_credential_and_not_the_api_s(
    tls_server: Server, tmp_path: Path, run: Run
) -> None:
    proxy = Proxy()
    url = f"https://localhost:{tls_server.port}"
    path = one_api(tmp_path, url, {"b": {"type": "http", "scheme": "bearer"}}, [{"b": []}])
    options = arazzo.TransportOptions(
        cacert=CERTIFICATE, proxy=f"http://me:pr0xy-pass@127.0.0.1:{proxy.port}"
    )
    result = run(calling({"api": path}, FIRST), auth={"b": "for-the-api"}, transport_options=options)
    proxy.close()
    assert result.status == "succeeded", result.error
    (tunnel,) = proxy.heads
    assert tunnel.method == "CONNECT"
    assert "proxy-authorization" in tunnel.headers
    assert "authorization" not in tunnel.headers
    (sent,) = asked(tls_server)
    assert sent.headers["authorization"] == "Bearer for-the-api"
    assert "proxy-authorization" not in sent.headers


# --- what is shown


def test_nothing_of_a_credential_is_in_any_event(serve: Serve, tmp_path: Path) -> None:
    issuer = Issuer(3600, rotate=True)
    server = started(serve, issuer)
    scheme = oauth(clientCredentials={"tokenUrl": "/token", "scopes": {}})
    schemes: dict[str, Value] = {"mine": scheme, "k": {"type": "apiKey", "in": "query", "name": "zz"}}
    path = one_api(tmp_path, server.url, schemes, [{"mine": [], "k": []}])
    log = tmp_path / "events"
    with log.open("w") as stream:
        under_way = arazzo.stream(
            calling(
                {"api": path}, FIRST, {**SECOND, "successCriteria": [{"condition": "$statusCode == 500"}]}
            ),
            auth={"mine": CLIENT, "k": "query-key-query-key"},
            observers=[EventLog(stream)],
        )
        shown = "".join(map(repr, under_way)) + repr(under_way.shown) + log.read_text()
    assert under_way.result.steps[0].outputs["said"] != "", "the server did answer"
    for secret in ("s3cr3t", "access-token-1", "refresh-token-1", "query-key"):
        assert secret not in shown
    assert "***" in shown


def test_expressions_do_not_see_what_a_scheme_adds(serve: Serve, tmp_path: Path, run: Run) -> None:
    server = serve(response(b"ok"))
    path = one_api(tmp_path, server.url, {"b": {"type": "http", "scheme": "bearer"}}, [{"b": []}])
    step: dict[str, Value] = {**FIRST, "outputs": {"sent": "$request.header.Authorization", "url": "$url"}}
    result = run(calling({"api": path}, step), auth={"b": "not-to-be-seen"})
    assert server.requests[0].count(b"not-to-be-seen") == 1
    assert "not-to-be-seen" not in repr(result)


# --- a caller's own transport, and own source of secrets


def test_an_own_transport_gets_authorised_requests_and_may_do_without(tmp_path: Path) -> None:
    seen: list[arazzo.Request] = []

    class Own:
        def send(self, request: arazzo.Request) -> arazzo.Response:
            seen.append(request)
            return arazzo.Response(200)

    path = one_api(
        tmp_path, "https://api.test", {"k": {"type": "apiKey", "in": "header", "name": "X-Foo"}}, [{"k": []}]
    )
    result = arazzo.run(calling({"api": path}, FIRST), transport=Own(), auth={"k": "K"})
    assert ("X-Foo", "K") in seen[0].headers
    assert seen[0].credential_headers == {"x-foo"}
    assert not result.warnings
    result = arazzo.run(calling({"api": path}, FIRST), transport=Own())
    assert result.status == "succeeded"
    assert [w.code for w in result.warnings] == ["credential-not-given"]


def test_an_own_source_of_secrets_is_asked_once_and_only_for_what_is_needed(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve(response(b"ok"))
    schemes: dict[str, Value] = {
        "b": {"type": "http", "scheme": "bearer"},
        "k": {"type": "apiKey", "in": "header", "name": "X-Foo"},
    }
    path = one_api(tmp_path, server.url, schemes, [{"b": []}, {"k": []}])
    wanted: list[tuple[str, str]] = []

    def source(name: str, scheme: Any) -> str | None:
        wanted.append((name, scheme.name))
        return "tok"

    result = run(calling({"api": path}, FIRST, SECOND), auth=source)
    assert result.status == "succeeded", result.error
    assert wanted == [("api", "b")]
    with pytest.raises(arazzo.UsageError, match="gave a int for 'b'"):
        run(calling({"api": path}, FIRST), auth=cast("Callable[..., str]", lambda *_: 7))


def test_a_simulated_run_needs_no_credential(tmp_path: Path, run: Run) -> None:
    path = one_api(tmp_path, "https://api.test", {"b": {"type": "http", "scheme": "bearer"}}, [{"b": []}])
    result = run(calling({"api": path}, FIRST), simulate=True)
    assert result.status == "succeeded"
    assert not result.warnings


# --- the command line


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "arazzo", *arguments],
        capture_output=True, text=True, timeout=60, env={"NO_COLOR": "1", "PATH": "", **variables}, check=False,
    )  # fmt: skip


def test_flags_win_over_the_file_and_the_file_over_the_environment(serve: Serve, tmp_path: Path) -> None:
    server = serve(response(b"ok"))
    schemes: dict[str, Value] = {
        name: {"type": "apiKey", "in": "header", "name": f"X-{name}"} for name in ("a", "b-1", "c", "d")
    }
    path = one_api(tmp_path, server.url, schemes, [{name: [] for name in schemes}])
    workflow, env, file = tmp_path / "w.json", tmp_path / "env", tmp_path / "d"
    workflow.write_text(json.dumps(document({"api": path}, FIRST)))
    env.write_text("ARAZZO_AUTH_A=file\nARAZZO_AUTH_B_1=file\n")
    file.write_text("from a file\n")
    ran = command(
        "run", str(workflow), "--env-file", str(env), "--auth", "a=flag", "--auth", f"api.d=@{file}", "-v",
        ARAZZO_AUTH_A="environment", ARAZZO_AUTH_B_1="environment", ARAZZO_AUTH_API_C="environment",
        ARAZZO_AUTH_ELSE="unused",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    headers = asked(server)[0].headers
    assert [headers[f"x-{name}"] for name in schemes] == ["flag", "file", "environment", "from a file"]
    assert "from a file" not in ran.stderr + ran.stdout
    env.write_text("ARAZZO_AUTH_A=file\nARAZZO_AUTH_B_1=''\n")
    ran = command("run", str(workflow), "--env-file", str(env), "--auth", "c=1", "--auth", "d=1")
    assert (ran.returncode, "credential: 'b-1'" in ran.stderr) == (2, True)


def test_a_run_that_lacks_a_credential_says_so_before_the_first_request(serve: Serve, tmp_path: Path) -> None:
    server = serve(response(b"ok"))
    schemes: dict[str, Value] = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Foo"},
        "oauth": oauth(clientCredentials={"tokenUrl": "/token", "scopes": {}}),
    }
    path = one_api(tmp_path, server.url, schemes, [{"key": []}, {"oauth": ["read"]}])
    workflow = tmp_path / "w.json"
    inputs: Value = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    workflow.write_text(json.dumps(document({"api": path}, FIRST, SECOND, inputs=inputs), indent=1))
    ran = command("run", str(workflow))
    assert ran.returncode == 2
    assert not server.requests
    assert (
        "error credential-missing step 'first' calls apiFirst, which needs a credential: "
        "'key' (API key in the header X-Foo) or 'oauth' (OAuth 2 token (client credentials) in the header "
        "Authorization); the same holds for 'second'" in ran.stderr
    )
    assert "--auth key=KEY (or ARAZZO_AUTH_KEY), or --auth 'oauth=ID:SECRET|TOKEN'" in ran.stderr
    assert "input-missing" in ran.stderr, "all problems are told at once"
    assert command("run", str(workflow), "-i", "n=1", "--auth", "key=").returncode == 0
    assert "x-foo" not in asked(server)[0].headers
    ran = command("run", str(workflow), "-i", "n=1", "--auth", "kee=very-secret-value")
    assert ran.returncode == 2
    assert "did you mean 'key'?" in ran.stderr
    assert "very-secret" not in ran.stderr
    ran = command("run", str(workflow), "-i", "n=1", "--auth", "very-secret-value")
    assert (ran.returncode, "very-secret" in ran.stderr) == (2, False)


def test_an_operation_that_can_do_without_a_credential_is_called_with_a_warning(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve(response(b"ok"))
    path = one_api(tmp_path, server.url, {"b": {"type": "http", "scheme": "bearer"}}, [{}, {"b": []}])
    result = run(calling({"api": path}, FIRST))
    assert result.status == "succeeded"
    assert [w.code for w in result.warnings] == ["credential-not-given"]
    result = run(calling({"api": path}, FIRST), auth={"b": "given"})
    assert not result.warnings
    assert asked(server)[-1].headers["authorization"] == "Bearer given"


def test_show_lists_what_is_needed_and_how_to_give_it(tmp_path: Path) -> None:
    schemes: dict[str, Value] = {
        "key": {"type": "apiKey", "in": "query", "name": "k"},
        "login": {"type": "http", "scheme": "basic"},
        "cert": {"type": "mutualTLS"},
    }
    path = one_api(tmp_path, "https://api.test", schemes, [{"key": [], "cert": []}, {"login": []}, {}])
    workflow = tmp_path / "w.json"
    workflow.write_text(json.dumps(document({"api": path}, FIRST)))
    ran = command("show", str(workflow))
    assert ran.stdout.partition("credentials\n")[2].partition("\n\n")[0].splitlines() == [
        "  api  takes key and cert, or login, or nothing  (step first)",
        "  'key' (API key in the query parameter k)",
        "    --auth key=KEY (or ARAZZO_AUTH_KEY)",
        "  'cert' (client certificate)",
        "    --cert FILE --key FILE",
        "  'login' (user and password (basic) in the header Authorization)",
        "    --auth login=USER:PASSWORD (or ARAZZO_AUTH_LOGIN)",
    ]
    assert ran.stdout.endswith(f"  arazzo run {workflow}\n"), "the operation can do without"
    one_api(tmp_path, "https://api.test", schemes, [{"key": [], "cert": []}, {"login": []}])
    ran = command("show", str(workflow))
    assert ran.stdout.endswith(f"  arazzo run {workflow} --auth key=KEY --cert FILE --key FILE\n")


def test_a_port_nobody_listens_on_is_told_of_as_the_token_endpoint(tmp_path: Path, run: Run) -> None:
    flow: Value = {"tokenUrl": f"http://127.0.0.1:{free_port()}/token", "scopes": {}}
    path = one_api(tmp_path, "https://api.test", {"mine": oauth(clientCredentials=flow)}, [{"mine": []}])
    reply = without_response(run, calling({"api": path}, FIRST), auth={"mine": CLIENT})
    assert reply.failure is arazzo.Failure.CONNECTION
    assert "no access token for 'mine': the token endpoint" in reply.reason
