"""What a hostile value, server or description tries on the wire: other requests, other places, a look at a secret."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from tests.unit.http.auth_servers import FIRST, SECOND, Asked, answering, calling, json_response, one_api
from tests.unit.http.conftest import Serve, Server, response

import arazzo
from arazzo.cli.main import main
from arazzo.descriptions.openapi.forms import FormError
from arazzo.descriptions.openapi.multipart import Part, write_parts
from arazzo.descriptions.openapi.servers import DotSegment, request_target
from arazzo.document.model import Document
from arazzo.engine.results import RunResult
from arazzo.http.cookie_file import read_cookie_file
from arazzo.messages import Reply, Request, Response
from arazzo.values import Value

SECRET = "s3cr3t-t0ken-value"
BEARER: Mapping[str, Value] = {"k": {"type": "http", "scheme": "bearer"}}
OK = json_response({"ok": True})

Run: TypeAlias = "Callable[..., RunResult]"


@pytest.fixture(params=["run", "run_async"])
def run(request: pytest.FixtureRequest) -> Run:
    if request.param == "run":
        return arazzo.run
    return lambda document, **keywords: asyncio.run(arazzo.run_async(document, **keywords))


def _api(folder: Path, server: Server, *parameters: Value) -> str:
    return one_api(folder, server.url, {}, [], parameters=list(parameters))


def _passing(name: str, in_: str, value: Value) -> Mapping[str, Value]:
    return {**FIRST, "parameters": [{"name": name, "in": in_, "value": value}]}


def _failure(result: RunResult) -> str:
    assert result.status == "failed"
    assert result.error is not None
    return result.error.message


# Values


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("/a/{id}", ".."),
        ("/a/{id}/b", "."),
        ("/a/{id}", "x/../../b"),
        ("/a/{id}", "%2e%2E"),
        ("/a/.{id}", "."),
    ],
)
def test_no_value_leads_a_path_elsewhere(template: str, value: str) -> None:
    with pytest.raises(DotSegment):
        request_target("https://a.test/v1", template, {"id": value}, [])


@pytest.mark.parametrize(
    ("template", "value"),
    [("/a/{id}", "..."), ("/a/{id}.json", ".."), ("/a/../{id}", "b"), ("/a/{id}", "..%2Fb")],
)
def test_dots_that_are_no_way_elsewhere_are_sent(template: str, value: str) -> None:
    assert request_target("https://a.test", template, {"id": value}, []).endswith(
        template.replace("{id}", value)
    )


def test_a_step_whose_value_would_lead_elsewhere_fails_before_anything_is_sent(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve(OK)
    path = Path(_api(tmp_path, server))
    path.write_text(path.read_text().replace("/first", "/first/{id}"))
    result = run(calling({"api": str(path)}, _passing("id", "path", "..")))
    assert "'.' and '..' are no names in a URL" in _failure(result)
    assert not server.requests


@pytest.mark.parametrize("text", ["a\x0bb", "a\x7fb", "a\r\nX-Evil: 1", "\0"])
def test_no_header_carries_a_control_character_and_no_message_repeats_it(
    serve: Serve, tmp_path: Path, run: Run, text: str
) -> None:
    server = serve(OK)
    path = _api(tmp_path, server, {"name": "X-Pass", "in": "header", "schema": {"type": "string"}})
    document = calling(
        {"api": path},
        _passing("X-Pass", "header", "$inputs.v"),
        inputs={"type": "object", "properties": {"v": {"type": "string", "format": "password"}}},
    )
    result = run(document, inputs={"v": f"{SECRET}{text}"})
    assert "line break" in _failure(result)
    assert SECRET not in repr((result.error, result.steps))
    with pytest.raises(arazzo.UsageError, match="control character"):
        run(document, inputs={"v": "x"}, headers={"X": f"a{text}"})
    assert not server.requests


def test_a_credential_with_a_control_character_is_refused(serve: Serve, tmp_path: Path, run: Run) -> None:
    path = one_api(tmp_path, serve(OK).url, BEARER, [{"k": []}])
    with pytest.raises(arazzo.UsageError, match="control character") as refused:
        run(calling({"api": path}, FIRST), auth={"k": f"{SECRET}\x0b1"})
    assert SECRET not in str(refused.value)


def test_what_the_client_quotes_of_a_request_is_not_shown(serve: Serve, tmp_path: Path, run: Run) -> None:
    """It quotes as Python does, and a secret in that form would not be known."""
    document = calling(
        {"api": _api(tmp_path, serve(OK))},
        {**SECOND, "requestBody": {"contentType": f"text/plain; a={SECRET}\x0b", "payload": "x"}},
    )
    assert SECRET not in _failure(run(document))


@pytest.mark.parametrize("answer", [f"HTTP/1.1 {SECRET}\r\n\r\n", f"HTTP/1.1 200 OK\r\n{SECRET}\r\n\r\n"])
def test_nor_of_an_answer(serve: Serve, tmp_path: Path, run: Run, answer: str) -> None:
    document = calling({"api": _api(tmp_path, serve(answer.encode()))}, FIRST)
    said = _failure(run(document))
    assert "not HTTP as it should be" in said
    assert SECRET not in said


def test_a_step_does_not_say_how_its_request_is_framed(serve: Serve, tmp_path: Path, run: Run) -> None:
    server = serve(OK)
    document = calling(
        {"api": _api(tmp_path, server)},
        {
            **SECOND,
            "parameters": [{"name": "Transfer-Encoding", "in": "header", "value": "chunked"}],
            "requestBody": {"payload": {"a": 1}},
        },
    )
    assert "framed" in _failure(run(document))
    assert not server.requests


def test_a_boundary_that_stands_in_a_part_is_refused() -> None:
    part = Part((("Content-Disposition", "form-data; name=a"),), b"1\r\n--b\r\n\r\nevil\r\n--b--")
    with pytest.raises(FormError, match="boundary 'b' stands in the content"):
        write_parts([part], "b")
    assert write_parts([part], "c").count(b"--c") == 2


@pytest.mark.parametrize(
    ("content_type", "value", "query"),
    [
        ("application/x-www-form-urlencoded", {"a": "b c", "l": [1, 2]}, "a=b%20c&l=1&l=2"),
        ("application/json", {"a": [1, None]}, "%7B%22a%22%3A%5B1%2Cnull%5D%7D"),
        ("application/json", [1], "%5B1%5D"),
        ("text/plain", "?a=b&c=%20", "a=b&c=%20"),
        ("text/plain", 'a b"é#\r\nX: y', "a%20b%22%C3%A9%23%0D%0AX:%20y"),
    ],
)
def test_a_query_string_is_in_its_media_type_and_holds_only_what_a_url_can(
    serve: Serve, tmp_path: Path, run: Run, content_type: str, value: Value, query: str
) -> None:
    server = serve(OK)
    spec: Value = {"name": "q", "in": "querystring", "content": {content_type: {"schema": {}}}}
    path = Path(_api(tmp_path, server, spec))
    path.write_text(path.read_text().replace('"3.1.0"', '"3.2.0"'))
    assert run(calling({"api": str(path)}, _passing("q", "querystring", value))).status == "succeeded"
    assert Asked.of(server.requests[0]).target == f"/first?{query}"


# Redirects


def _elsewhere(serve: Serve) -> tuple[Server, Server]:
    """A server that redirects to another origin, and that one."""
    thief = serve(OK)
    return serve(response(b"", "307 Temporary Redirect", f"Location: {thief.url}/steal")), thief


def test_no_header_that_holds_a_secret_or_was_given_for_the_run_follows_to_another_origin(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    server, thief = _elsewhere(serve)
    path = _api(tmp_path, server, {"name": "X-Session", "in": "header", "schema": {"type": "string"}})
    document = calling(
        {"api": path},
        _passing("X-Session", "header", "$inputs.session"),
        inputs={"type": "object", "properties": {"session": {"type": "string"}}},
    )
    headers = {"X-Tenant": "t-1", "Accept-Language": "eo"}
    result = run(document, inputs={"session": SECRET}, secrets=["session"], headers=headers)
    assert result.status == "succeeded"
    first, last = Asked.of(server.requests[0]).headers, Asked.of(thief.requests[0]).headers
    assert (first["x-session"], first["x-tenant"]) == (SECRET, "t-1")
    assert "x-session" not in last
    assert "x-tenant" not in last
    assert last["accept-language"] == "eo"


def test_no_body_that_holds_a_credential_follows_to_another_origin(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    server, thief = _elsewhere(serve)
    path = _api(tmp_path, server)

    def posting(payload: Value) -> Document:
        return calling({"api": path}, {**SECOND, "requestBody": {"payload": payload}})

    said = _failure(run(posting({"user": "u", "password": SECRET})))
    assert "another origin, and the body holds a credential" in said
    assert not thief.requests
    assert run(posting({"user": "u"})).status == "succeeded"
    assert Asked.of(thief.requests[0]).body == b'{"user":"u"}'


# Credentials


def test_two_sources_of_one_name_never_share_what_a_source_of_secrets_gives(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    """A workflow of another document may call its own source by the name that one of ours has."""
    mine, theirs = serve(OK), serve(OK)
    other = tmp_path / "other"
    other.mkdir()
    one_api(other, theirs.url, BEARER, [{"k": []}])
    calling({"api": str(other / "api.json")}, FIRST)
    path = one_api(tmp_path, mine.url, BEARER, [{"k": []}])
    whole = {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [
            {"name": "api", "url": Path(path).as_uri(), "type": "openapi"},
            {"name": "other", "url": (other / "w.arazzo.json").as_uri(), "type": "arazzo"},
        ],
        "workflows": [
            {
                "workflowId": "w",
                "steps": [
                    {"stepId": "a", "operationId": "$sourceDescriptions.api.apiFirst"},
                    {"stepId": "b", "workflowId": "$sourceDescriptions.other.w"},
                ],
            }
        ],
    }
    (tmp_path / "w.arazzo.json").write_text(json.dumps(whole))
    document = arazzo.load(tmp_path / "w.arazzo.json")
    for auth in (lambda source, scheme: SECRET, {"k": SECRET}, {"api.k": SECRET}):
        with pytest.raises(arazzo.UsageError) as refused:
            run(document, auth=auth)
        (problem,) = refused.value.diagnostics
        assert "would be sent to different places" in problem.message
        assert problem.hint is not None
        assert "rename the source description" in problem.hint
        assert "other/api.json" in problem.hint
    assert not mine.requests + theirs.requests


class _Network:
    """Stands for the network: an OpenID provider whose tokens are had from this machine, and an API."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def send(self, request: Request) -> Reply:
        self.asked.append(request.url)
        if request.url == "https://id.test/meta":
            names = json.dumps({"token_endpoint": "https://127.0.0.1:9/token"}).encode()
            return Response(200, (("Content-Type", "application/json"),), names)
        return Response(200, (("Content-Type", "application/json"),), b'{"access_token": "token-12345"}')


def test_metadata_from_the_network_sends_no_secret_to_this_machine(tmp_path: Path, run: Run) -> None:
    scheme: Value = {"type": "openIdConnect", "openIdConnectUrl": "https://id.test/meta"}
    path = one_api(tmp_path, "https://api.test", {"k": scheme}, [{"k": []}])
    network = _Network()
    result = run(calling({"api": path}, FIRST), auth={"k": f"id:{SECRET}"}, transport=network)
    assert "allow it with --allow-private" in _failure(result)
    assert network.asked == ["https://id.test/meta"]
    allowed = run(
        calling({"api": path}, FIRST), auth={"k": f"id:{SECRET}"}, transport=network, allow_private=True
    )
    assert allowed.status == "succeeded"
    assert "https://127.0.0.1:9/token" in network.asked


def test_a_description_from_the_network_sends_no_secret_to_this_machine(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    flows: Value = {"clientCredentials": {"tokenUrl": "http://127.0.0.2:9/token", "scopes": {}}}
    holder: list[bytes] = []
    server = serve(answering(lambda asked: response(holder[0]) if asked.target == "/api.json" else OK))
    path = one_api(tmp_path, server.url, {"k": {"type": "oauth2", "flows": flows}}, [{"k": []}])
    holder.append(Path(path).read_bytes())
    document = calling({"api": path}, FIRST)
    result = run(document, auth={"k": f"id:{SECRET}"}, sources={"api": f"{server.url}/api.json"})
    assert "names http://127.0.0.2:9/token, which only this machine reaches" in _failure(result)


# Answers


@pytest.mark.parametrize("fast", [False, True])
@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, br", "compress"])
def test_a_body_in_a_compression_nobody_asked_for_is_no_text(
    serve: Serve, tmp_path: Path, run: Run, coding: str, fast: bool
) -> None:
    if fast:
        pytest.importorskip("pyreqwest")
    options = arazzo.TransportOptions(fast=fast)
    server = serve(answering(lambda _: response(b"\x0b\x03\x80", "200 OK", f"Content-Encoding: {coding}")))
    said = _failure(run(calling({"api": _api(tmp_path, server)}, FIRST), transport_options=options))
    assert "compress" in said or "not encoded as it says" in said


def test_an_empty_body_is_in_any_coding(serve: Serve, tmp_path: Path, run: Run) -> None:
    server = serve(response(b"", "200 OK", "Content-Encoding: br"))
    assert run(calling({"api": _api(tmp_path, server)}, FIRST)).status == "succeeded"


def test_json_nested_without_end_fails_its_step_and_nothing_else(
    serve: Serve, tmp_path: Path, run: Run
) -> None:
    for depth in (250, 700, 950, 100_000):
        body = b'{"token": "abcdefghijk", "a": ' + b"[" * depth + b"]" * depth + b"}"
        server = serve(response(body, "200 OK", "Content-Type: application/json"))
        assert "nested too deeply" in _failure(run(calling({"api": _api(tmp_path, server)}, FIRST)))


def test_a_response_of_many_tokens_takes_no_time(serve: Serve, tmp_path: Path, run: Run) -> None:
    body: Value = [{"token": f"token-{number}"} for number in range(20_000)]
    server = serve(json_response(body))
    result = run(calling({"api": _api(tmp_path, server)}, FIRST), step_timeout=10)
    assert result.status == "succeeded"
    assert "token-19999" not in repr(result.steps[0].response)


def test_a_secret_in_a_reason_phrase_is_shown_nowhere(
    serve: Serve, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    server = serve(response(b"", f"401 {SECRET} is no token"))
    path = one_api(tmp_path, server.url, BEARER, [{"k": []}])
    calling({"api": path}, FIRST)
    events = tmp_path / "events"
    command = ["run", str(tmp_path / "w.arazzo.json"), "--auth", f"k={SECRET}", "-v"]
    assert main([*command, "--report", f"events={events}"]) == 1
    told = capfd.readouterr()
    assert "401 *** is no token" in told.err
    assert SECRET not in told.err + told.out + events.read_text()


# Documents and files


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{SECRET}@127.0.0.1:9/w.yml",
        f"https://127.0.0.1:9/w.yml?token={SECRET}",
        f"http://user:{SECRET}@example.test/w.yml",
    ],
)
@pytest.mark.parametrize("command", ["run", "show"])
def test_a_password_in_the_url_of_a_document_is_not_repeated(
    url: str, command: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([command, url]) == 2
    told = capfd.readouterr()
    assert "***" in told.err
    assert SECRET not in told.err + told.out


def test_nor_in_what_is_said_of_a_document_that_could_be_had(serve: Serve) -> None:
    server = serve(response(b"[]"))
    with pytest.raises(arazzo.DocumentError) as refused:
        arazzo.load(server.url.replace("://", f"://user:{SECRET}@") + f"/w.yml?token={SECRET}")
    assert SECRET not in str(refused.value)
    assert SECRET not in repr([d.span for d in refused.value.diagnostics])


@pytest.mark.parametrize("moment", ["--5", "-", "٣", "1e5", ""])
def test_a_cookie_that_ends_at_no_time_is_told_and_not_raised(tmp_path: Path, moment: str) -> None:
    jar = tmp_path / "jar"
    jar.write_text(f"127.0.0.1\tFALSE\t/\tFALSE\t{moment}\ta\tb\n")
    with pytest.raises(arazzo.UsageError, match="line 1 is no cookie"):
        read_cookie_file(jar)
