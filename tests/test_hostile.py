"""What a hostile document, provider or caller may try, and what comes of it instead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import arazzo
from arazzo import NoResponse, Request, Response
from arazzo.engine.events import Event
from arazzo.report.console import Console, Style, summary
from arazzo.report.plain import plain_event, to_json_text
from arazzo.values import Value
from conformance.scenario import ScriptedProvider, served

ROOT = Path(__file__).resolve().parents[1]
SECRET = "s3cr3t-Va1ue!"
EVIL = "\x1b[31mEVIL\x1b]0;pwn\x07\u202e\x9b2J"

Answer = Callable[[Request], Response | NoResponse]


class Canned:
    """Answers every request in the same way."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def send(self, request: Request) -> Response | NoResponse:
        return self._answer(request)


def said(value: object, status: int = 200, *headers: tuple[str, str]) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return lambda _: Response(status, (("Content-Type", "application/json"), *headers), body)


def step(step_id: str = "s", operation: str = "getA", **more: Value) -> dict[str, Value]:
    return {"stepId": step_id, "operationId": operation, **more}


def parameter(name: str, where: str, value: str) -> dict[str, Value]:
    return {"name": name, "in": where, "value": value}


def api(**more: Value) -> dict[str, Value]:
    fine: dict[str, Value] = {"200": {"description": "fine"}}
    body: dict[str, Value] = {"content": {"application/json": {}, "application/x-www-form-urlencoded": {}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "http://api.test"}],
        "paths": {
            "/a": {
                "get": {"operationId": "getA", "responses": fine},
                "post": {"operationId": "postA", "requestBody": body, "responses": fine},
            }
        },
        **more,
    }


def write(folder: Path, workflows: list[Value], description: Mapping[str, Value] | None = None) -> Path:
    document: dict[str, Value] = {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "./api.json", "type": "openapi"}],
        "workflows": workflows,
    }
    (folder / "api.json").write_text(json.dumps(description or api()))
    path = folder / "hostile.arazzo.json"
    path.write_text(json.dumps(document))
    return path


def one(*steps: Value, **more: Value) -> list[Value]:
    return [{"workflowId": "w", "steps": list(steps), **more}]


def run(
    folder: Path,
    workflows: list[Value],
    answer: Answer,
    inputs: Mapping[str, Value] | None = None,
    *,
    description: Mapping[str, Value] | None = None,
    **keywords: object,
) -> tuple[arazzo.RunResult, str]:
    """The result, and everything that anybody is shown of the run but its outputs."""
    events: list[Event] = []
    document = arazzo.load(write(folder, workflows, description))
    keywords.setdefault("transport", Canned(answer))
    result = arazzo.run(document, "w", inputs, observers=[events.append], **keywords)  # type: ignore[arg-type]
    lines: list[str] = []
    console = Console(lines.append, Style(), verbose=True)
    for event in events:
        console(event)
    lines += summary(result, Style())
    logged = [to_json_text(plain_event(event)) for event in events]
    kept = [repr(result.steps), repr(result.error), repr(result.warnings), repr(result.inputs), repr(events)]
    return result, "\n".join([*lines, *logged, *kept])


def command(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ARAZZO_")}
    return subprocess.run(
        [sys.executable, "-m", "arazzo", *arguments],
        capture_output=True,
        timeout=60,
        env=environment,
        check=False,
    )


# --- secrets

KEYED: dict[str, Value] = {"type": "object", "properties": {"apiKey": {"type": "string"}}}


def named(name: str, schema: Value) -> dict[str, Value]:
    return {"type": "object", "properties": {name: schema}}


@pytest.mark.parametrize(
    ("declared", "inputs", "value"),
    [
        (named("adminPassword", {"type": "string"}), {"adminPassword": SECRET}, "$inputs.adminPassword"),
        (named("accountKey", {"type": "string"}), {"accountKey": SECRET}, "$inputs.accountKey"),
        (named("config", {"type": "object"}), {"config": {"password": SECRET}}, "$inputs.config#/password"),
        (
            named("config", {"properties": {"x": {"type": "string", "format": "password"}}}),
            {"config": {"x": SECRET}},
            "$inputs.config#/x",
        ),
        (
            {"type": "object", "oneOf": [{"properties": {"x": {"format": "password"}}}]},
            {"x": SECRET},
            "$inputs.x",
        ),
        ({"type": "object"}, {"apiKey": SECRET}, "$inputs.apiKey"),
        (named("apiKey", {}), {"apiKey": SECRET.encode()}, "$inputs.apiKey"),
        (named("apiKey", {}), {"apiKey": arazzo.File("key", SECRET.encode() + b"\n")}, "$inputs.apiKey"),
        (named("apiKeys", {}), {"apiKeys": {"token": [SECRET]}}, "x"),
    ],
)
def test_an_input_that_is_a_credential_is_shown_nowhere(
    tmp_path: Path, declared: Value, inputs: dict[str, Value], value: str
) -> None:
    sent = step(parameters=[parameter("q", "query", value)])
    _, shown = run(tmp_path, one(sent, inputs=declared), said({"echo": SECRET}), inputs)
    assert SECRET not in shown


def test_what_travels_in_a_parameter_of_a_security_scheme_is_shown_nowhere(tmp_path: Path) -> None:
    scheme: Value = {"securitySchemes": {"k": {"type": "apiKey", "in": "query", "name": "key"}}}
    described = api(components=scheme, security=[{"k": []}])
    sent = step(parameters=[parameter("key", "query", "$inputs.mine")])
    inputs = named("mine", {"type": "string"})
    _, shown = run(
        tmp_path, one(sent, inputs=inputs), said({"echo": SECRET}), {"mine": SECRET}, description=described
    )
    assert SECRET not in shown


@pytest.mark.parametrize(
    "sent",
    [
        step(parameters=[parameter("api_key", "query", SECRET)]),
        step(
            operation="postA",
            requestBody={
                "contentType": "application/x-www-form-urlencoded",
                "payload": {"user": "u", "password": SECRET},
            },
        ),
        step(
            operation="postA",
            requestBody={"contentType": "application/json", "payload": {"password": SECRET}},
        ),
    ],
    ids=["query", "form", "json"],
)
def test_a_credential_of_the_document_is_not_shown_where_the_provider_repeats_it(
    tmp_path: Path, sent: dict[str, Value]
) -> None:
    _, shown = run(tmp_path, one(sent), said({"echo": SECRET}))
    assert SECRET not in shown


def test_the_user_and_password_of_a_server_are_shown_nowhere(tmp_path: Path) -> None:
    _, shown = run(
        tmp_path, one(step()), said({"echo": SECRET}), servers={"api": f"http://someone:{SECRET}@api.test"}
    )
    assert SECRET not in shown
    assert "someone:" not in shown


def test_a_token_in_a_location_is_shown_nowhere(tmp_path: Path) -> None:
    location = f"https://elsewhere.test/cb?access_token={SECRET}#id_token=other-{SECRET}"
    _, shown = run(tmp_path, one(step()), said({}, 302, ("Location", location)), follow_redirects=False)
    assert SECRET not in shown


def test_a_token_in_the_url_of_an_endless_redirect_is_shown_nowhere(tmp_path: Path) -> None:
    rules: list[Mapping[str, Value]] = [
        {"match": {}, "replies": [{"status": 302, "headers": {"Location": f"/a?token={SECRET}"}}]}
    ]
    with served(ScriptedProvider(rules)) as url:
        result, shown = run(tmp_path, one(step()), said({}), servers={"api": url}, transport=None)
    assert result.error is not None
    assert "more than 10 redirects" in result.error.message
    assert SECRET not in shown


@pytest.mark.parametrize(
    ("answer", "needle"),
    [
        (
            lambda _: Response(401, (("Content-Type", "text/plain"),), b"x" * 293 + SECRET.encode()),
            SECRET[:6],
        ),
        (said({"error": "no", "token": "abc12"}, 401), "abc12"),
        (
            lambda _: Response(401, (("Content-Type", "application/json"),), b"{" + SECRET.encode() * 9),
            SECRET[:6],
        ),
    ],
    ids=["cut off", "short", "not json"],
)
def test_what_is_quoted_of_an_error_holds_no_secret_and_no_beginning_of_one(
    tmp_path: Path, answer: Answer, needle: str
) -> None:
    result, _ = run(tmp_path, one(step(), inputs=KEYED), answer, {"apiKey": SECRET})
    assert result.error is not None
    assert needle not in result.error.message


def test_a_secret_is_hidden_in_the_escapes_of_html_too(tmp_path: Path) -> None:
    page = b"no such key: a&amp;b&lt;c&gt;dddd"
    _, shown = run(
        tmp_path,
        one(step(), inputs=KEYED),
        lambda _: Response(400, (("Content-Type", "text/html"),), page),
        {"apiKey": "a&b<c>dddd"},
    )
    assert "a&amp;b" not in shown


@pytest.mark.parametrize(
    ("declared", "inputs"),
    [
        ({**KEYED, "maxProperties": 0}, {"apiKey": SECRET}),
        ({**KEYED, "anyOf": [{"required": ["y"]}, {"required": ["z"]}]}, {"apiKey": SECRET}),
        (named("config", {"maxProperties": 0}), {"config": {"password": SECRET}}),
        (named("config", {"properties": {"password": {"type": "integer"}}}), {"config": {"password": SECRET}}),
        (
            named("config", {"properties": {"x": {"type": "integer", "format": "password"}}}),
            {"config": {"x": SECRET}},
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_wrong_inputs_shows_no_secret(
    tmp_path: Path, declared: dict[str, Value], inputs: dict[str, Value]
) -> None:
    with pytest.raises(arazzo.InputError) as caught:
        run(tmp_path, one(step(), inputs=declared), said({}), inputs)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value.diagnostics)


def test_reports_show_no_secret_in_outputs_which_only_standard_output_has(tmp_path: Path) -> None:
    login = step(operation="postA", outputs={"t": "$response.body#/access_token"})
    path = write(tmp_path, one(login, outputs={"t": "$steps.s.outputs.t"}))
    rules: list[Mapping[str, Value]] = [{"match": {}, "replies": [{"json": {"access_token": SECRET}}]}]
    with served(ScriptedProvider(rules)) as url:
        ran = command(
            "run", str(path), "--server", url, "-v",
            "--report", f"json={tmp_path / 'result'}", "--report", f"events={tmp_path / 'events'}",
        )  # fmt: skip
    assert json.loads(ran.stdout) == {"t": SECRET}
    assert SECRET not in ran.stderr.decode()
    assert json.loads((tmp_path / "result").read_text())["outputs"] == {"t": "***"}
    assert SECRET not in (tmp_path / "events").read_text()


@pytest.mark.parametrize(
    "wrong",
    [
        ["-H", f"Authorization Bearer {SECRET}"],
        ["--proxy", f"nonsense://user:{SECRET}@host"],
        ["--server", f"ftp://user:{SECRET}@host"],
    ],
)
def test_a_wrong_command_line_is_not_repeated_with_its_credentials(tmp_path: Path, wrong: list[str]) -> None:
    ran = command("run", str(write(tmp_path, one(step()))), *wrong)
    assert ran.returncode == 2
    assert SECRET not in ran.stderr.decode()


# --- terminals


def controls(shown: str) -> set[str]:
    return {char for char in shown if char in "\x1b\x07\x9b\u202e"}


def test_nothing_a_document_or_a_provider_says_reaches_a_terminal_as_a_command(tmp_path: Path) -> None:
    evil = step(
        EVIL,
        description=EVIL,
        successCriteria=[{"condition": f'$statusCode == "{EVIL}"'}],
        onFailure=[{"name": EVIL, "type": "retry", "retryLimit": 1}],
    )
    workflows: list[Value] = [{"workflowId": "w", "summary": EVIL, "description": EVIL, "steps": [evil]}]

    def answer(_: Request) -> Response:
        headers = (("Content-Type", "text/plain"), ("X-Evil", EVIL))
        return Response(500, headers, EVIL.encode(), EVIL)

    _, shown = run(tmp_path, workflows, answer, max_steps=2)
    assert controls(shown) == set()
    path = str(write(tmp_path, workflows))
    for arguments in (["show", path], ["show", path, "--graph", "mermaid"], ["validate", path]):
        ran = command(*arguments)
        assert ran.returncode == 0
        assert controls((ran.stdout + ran.stderr).decode()) == set(), arguments


def test_outputs_on_standard_output_are_json_whatever_the_provider_sends(tmp_path: Path) -> None:
    path = write(tmp_path, one(step(outputs={"v": "$response.body#/v"}), outputs={"v": "$steps.s.outputs.v"}))
    for text in ("\ud800 half", EVIL):
        rules: list[Mapping[str, Value]] = [{"match": {}, "replies": [{"json": {"v": text}}]}]
        with served(ScriptedProvider(rules)) as url:
            ran = command(
                "run", str(path), "--server", url, "--report", f"events={tmp_path / 'events'}", "-v"
            )
        assert json.loads(ran.stdout) == {"v": text}
        assert controls((ran.stdout + ran.stderr).decode()) == set()
        for line in (tmp_path / "events").read_text().splitlines():
            assert json.loads(line)["event"]


# --- what would crash


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"v": 1e999}', "too large"),
        (b'{"v": NaN}', "NaN is not a JSON number"),
        (b'{"v": ' + b"[" * 300 + b"]" * 300 + b"}", "nested too deeply"),
        (b'{"v": ' + b'{"a":' * 100_000, "nested too deeply"),
    ],
)
def test_json_that_cannot_be_held_fails_the_step(tmp_path: Path, body: bytes, why: str) -> None:
    result, _ = run(tmp_path, one(step(outputs={"v": "$response.body#/v"})), said(body))
    assert result.status == "failed"
    assert result.error is not None
    assert why in result.error.message


def test_a_token_that_is_not_unicode_is_hidden_like_any_other(tmp_path: Path) -> None:
    result, shown = run(tmp_path, one(step()), said(b'{"token": "\\ud800abcdefghijk"}'))
    assert result.status == "succeeded"
    assert "abcdefghijk" not in shown


@pytest.mark.parametrize(
    "workflows",
    [
        [{"workflowId": "w", "steps": [{"stepId": "c", "workflowId": "w"}]}],
        [
            {"workflowId": "w", "steps": [{"stepId": "c", "workflowId": "v"}]},
            {"workflowId": "v", "steps": [{"stepId": "c", "workflowId": "w"}]},
        ],
        one(step(onFailure=[{"name": "r", "type": "retry", "workflowId": "w", "retryLimit": 5}])),
    ],
    ids=["itself", "each other", "retry"],
)
def test_workflows_that_call_each_other_without_end_are_stopped_with_a_sentence(
    tmp_path: Path, workflows: list[Value]
) -> None:
    result, _ = run(tmp_path, workflows, said({}, 500))
    assert result.status == "failed"
    assert result.error is not None
    assert "workflows call workflows more than 50 deep" in result.error.message
    assert len(result.steps) > 50


def test_a_schema_that_refers_to_itself_over_and_over_is_read_in_no_time(tmp_path: Path) -> None:
    again: Value = {"$ref": "#/workflows/0/inputs"}
    choice: Value = {"anyOf": [{"$ref": "#/workflows/0/inputs/properties/a"}] * 3}
    began = time.monotonic()
    result, _ = run(
        tmp_path,
        one(step(), inputs={"type": "object", "allOf": [again] * 3, "properties": {"a": choice}}),
        said({}),
        {"a": "x"},
    )
    assert result.status == "succeeded"
    assert time.monotonic() - began < 10


def test_a_timeout_that_no_clock_can_hold_is_no_bound(tmp_path: Path) -> None:
    path = write(tmp_path, one(step(timeout=10**400)))
    text = path.read_text().replace("1.0.1", "1.1.0")
    document = arazzo.load(json.loads(text))
    rules: list[Mapping[str, Value]] = [{"match": {}, "replies": [{"json": {}}]}]
    with served(ScriptedProvider(rules)) as url:
        result = arazzo.run(
            document, sources={"api": str(tmp_path / "api.json")}, servers={"api": url}, step_timeout=None
        )
    assert result.status == "succeeded"


def test_polling_by_going_back_to_the_workflow_waits_like_any_other(tmp_path: Path) -> None:
    again = step(onSuccess=[{"name": "again", "type": "goto", "workflowId": "w"}])
    result, _ = run(tmp_path, one(again), said({}), max_steps=3, poll_interval=0.01)
    assert [attempt.waited > 0 for attempt in result.steps] == [False, True, True]


# --- arguments

LOOP: list[Value] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), 10**5000, {1, 2}, (1, 2), {1: 2}, LOOP, object(), (x for x in "ab")],
    ids=lambda value: type(value).__name__,
)
def test_an_input_that_is_no_json_value_is_refused_before_anything_is_sent(
    tmp_path: Path, value: object
) -> None:
    with pytest.raises(arazzo.InputError, match="'x' cannot be used"):
        run(tmp_path, one(step()), lambda _: pytest.fail("sent"), {"x": value})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("keywords", "why"),
    [
        ({"max_step": 5}, "did you mean 'max_steps'"),
        ({"max_steps": "10"}, "max_steps"),
        ({"max_steps": None}, "max_steps"),
        ({"timeout": float("nan")}, "timeout"),
        ({"max_wait": float("inf")}, "max_wait"),
        ({"poll_interval": None}, "poll_interval"),
        ({"servers": "http://api.test"}, "servers takes a mapping"),
        ({"servers": {"api": "http://["}}, "no absolute http or https URL"),
        ({"headers": {"X-A": "b\r\nX-C: d"}}, "line break"),
        ({"headers": {"a b": "c"}}, "no name"),
        ({"secrets": "apiKey"}, "secrets takes a list"),
        ({"strict": "no"}, "strict is True or False"),
        ({"simulate": "no"}, "simulate"),
        ({"observers": print}, "observers takes a list"),
        ({"transport": 5}, "transport takes"),
        ({"transport_options": 5}, "transport_options takes"),
        ({"limits": 5}, "limits takes"),
        ({"transport": Canned(lambda _: None)}, "gave None"),  # type: ignore[arg-type, return-value]
        ({"transport": Canned(lambda _: Response(200, (), "text"))}, "no bytes"),  # type: ignore[arg-type]
    ],
)
def test_an_argument_that_makes_no_sense_is_refused_and_never_passed_over(
    tmp_path: Path, keywords: dict[str, object], why: str
) -> None:
    with pytest.raises(arazzo.UsageError) as caught:
        arazzo.run(arazzo.load(write(tmp_path, one(step()))), **{"transport": Canned(said({})), **keywords})  # type: ignore[arg-type]
    assert why in str(caught.value)


def test_what_a_plan_has_decided_cannot_be_asked_for_otherwise(tmp_path: Path) -> None:
    plan = arazzo.link(arazzo.load(write(tmp_path, one(step()))))
    with pytest.raises(arazzo.UsageError, match="linked already"):
        arazzo.run(plan, servers={"api": "http://elsewhere.test"}, transport=Canned(said({})))
    with pytest.raises(arazzo.UsageError, match="another workflow"):
        arazzo.run(plan, "v", transport=Canned(said({})))


# --- the command line


def test_what_cannot_be_written_makes_the_exit_code_1_and_the_outputs_are_printed_all_the_same(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, one(step(outputs={"v": "$response.body#/v"}), outputs={"v": "$steps.s.outputs.v"}))
    rules: list[Mapping[str, Value]] = [{"match": {}, "replies": [{"json": {"v": "x"}}]}]
    wrong = [["--save", "v=/nonexistent/x"]]
    if Path("/dev/full").exists():
        wrong += [["--report", "events=/dev/full"], ["--report", "json=/dev/full"]]
    with served(ScriptedProvider(rules)) as url:
        for arguments in wrong:
            ran = command("run", str(path), "--server", url, *arguments)
            assert ran.returncode == 1, arguments
            assert b"Traceback" not in ran.stderr
            assert json.loads(ran.stdout) == {"v": "x"}


def test_standard_output_carries_one_thing_only(tmp_path: Path) -> None:
    path = write(tmp_path, one(step(outputs={"v": "$response.body#/v"}), outputs={"v": "$steps.s.outputs.v"}))
    rules: list[Mapping[str, Value]] = [{"match": {}, "replies": [{"json": {"v": "just this"}}]}]
    with served(ScriptedProvider(rules)) as url:
        assert command("run", str(path), "--server", url, "--save", "v=-").stdout == b"just this"
        for arguments in (["--report", "json=-"], ["--report", "events=-"], ["--save", "v=-", "--json"]):
            ran = command("run", str(path), "--server", url, *arguments)
            assert (ran.returncode, ran.stdout) == (2, b"")


@pytest.mark.parametrize("value", ["x:=NaN", "x:=" + "[" * 100_000, "x:=1e999"])
def test_an_input_on_the_command_line_that_is_no_json_is_refused(tmp_path: Path, value: str) -> None:
    ran = command("run", str(write(tmp_path, one(step()))), "-i", value)
    assert ran.returncode == 2
    assert b"Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("said", [["run", "DOCUMENT", "--simulate"], ["--help"], ["--version"]])
def test_a_standard_output_that_takes_nothing_is_told_in_a_sentence(said: list[str], tmp_path: Path) -> None:
    document = str(write(tmp_path, one(step())))
    arguments = [sys.executable, "-m", "arazzo", *(document if word == "DOCUMENT" else word for word in said)]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(arguments, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert ran.returncode == 1
    assert b"could not be written" in ran.stderr
    assert b"Traceback" not in ran.stderr
