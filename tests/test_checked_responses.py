"""``--check-responses`` and ``check_responses=``: what a violation does to a step, a run and everything told of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import arazzo
from arazzo.cli.main import main
from arazzo.engine.events import Event, ResponseChecked
from arazzo.report.console import Console, Style
from arazzo.report.plain import plain_event, plain_result
from arazzo.values import Value
from conformance.scenario import ScriptedProvider, served

SECRET = "s3cr3t-Va1ue!"
THING: Value = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}, "token": {"enum": ["a"]}},
}
API: Value = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "http://api.test"}],
    "paths": {
        "/thing": {
            "get": {
                "operationId": "getThing",
                "responses": {
                    "200": {"description": "", "content": {"application/json": {"schema": THING}}},
                    "404": {"description": ""},
                },
            }
        }
    },
}
GOOD: dict[str, Value] = {"json": {"id": 1, "name": "n", "more": True}}
BAD: dict[str, Value] = {"json": {"id": SECRET, "token": SECRET}}


def write(folder: Path, **step: Value) -> Path:
    document: dict[str, Value] = {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "api.json", "type": "openapi"}],
        "workflows": [{"workflowId": "w", "steps": [{"stepId": "s", "operationId": "getThing", **step}]}],
    }
    (folder / "api.json").write_text(json.dumps(API, indent=1))
    path = folder / "w.arazzo.json"
    path.write_text(json.dumps(document))
    return path


def run(
    folder: Path, *replies: Mapping[str, Value], mode: str | None = "fail", **step: Value
) -> tuple[arazzo.RunResult, list[Event]]:
    provider = ScriptedProvider([{"replies": [dict(reply) for reply in replies]}])
    events: list[Event] = []
    result = arazzo.run(
        arazzo.load(write(folder, **step)),
        transport=provider,
        observers=[events.append],
        check_responses=mode,  # type: ignore[arg-type]
    )
    return result, events


def test_a_violation_fails_its_step_and_the_reason_says_where(tmp_path: Path) -> None:
    result, _ = run(tmp_path, BAD)
    assert result.status == "failed"
    assert result.error is not None
    assert (
        "not as the API describes it: $response.body has no 'name', which is required" in result.error.message
    )
    assert "api.json:" in result.error.message
    assert result.error.message.endswith("; there are 2 more violations")
    assert [(v.kind, v.pointer) for v in result.steps[0].violations] == [
        ("body", "/body"),
        ("body", "/body/id"),
        ("body", "/body/token"),
    ]
    line = (tmp_path / "api.json").read_text().splitlines()[result.steps[0].violations[1].line - 1]
    assert '"type": "integer"' in line


def test_a_response_as_described_is_told_to_be_one(tmp_path: Path) -> None:
    result, events = run(tmp_path, GOOD)
    assert result.status == "succeeded"
    assert [e.violations for e in events if isinstance(e, ResponseChecked)] == [()]
    assert result.steps[0].violations == ()


def test_nothing_is_checked_unless_it_is_asked_for(tmp_path: Path) -> None:
    result, events = run(tmp_path, BAD, mode=None)
    assert result.status == "succeeded"
    assert not any(isinstance(event, ResponseChecked) for event in events)


def test_as_warnings_violations_are_told_once_for_each_place(tmp_path: Path) -> None:
    again: Value = [
        {"name": "again", "type": "retry", "retryLimit": 2, "criteria": [{"condition": "$statusCode == 200"}]}
    ]
    failing: Value = [{"condition": "$response.body#/id == 1"}]
    result, _ = run(tmp_path, BAD, BAD, GOOD, mode="warn", onFailure=again, successCriteria=failing)
    assert result.status == "succeeded"
    assert [warning.code for warning in result.warnings] == ["response-body"] * 3
    assert all(warning.span is not None for warning in result.warnings)
    assert [len(step.violations) for step in result.steps] == [3, 3, 0]


def test_a_failure_action_sees_the_violation(tmp_path: Path) -> None:
    retry: Value = [{"name": "again", "type": "retry", "retryLimit": 1}]
    result, _ = run(tmp_path, BAD, GOOD, onFailure=retry)
    assert [step.status for step in result.steps] == ["failed", "succeeded"]
    assert result.status == "succeeded"


def test_criteria_are_judged_first_and_their_failure_is_the_reason(tmp_path: Path) -> None:
    result, _ = run(
        tmp_path, {"status": 500, "json": {}}, successCriteria=[{"condition": "$statusCode == 200"}]
    )
    assert result.error is not None
    assert "`$statusCode == 200` does not hold" in result.error.message
    assert [violation.kind for violation in result.steps[0].violations] == ["status"]


def test_a_body_that_is_no_json_is_that_and_nothing_more(tmp_path: Path) -> None:
    result, _ = run(tmp_path, {"body": "{oops", "headers": {"Content-Type": "application/json"}})
    assert result.error is not None
    assert "is not" in result.error.message
    assert result.steps[0].violations == ()


@pytest.mark.parametrize("mode", ["warn", "fail"])
def test_no_value_of_a_response_is_shown(tmp_path: Path, mode: str) -> None:
    result, events = run(tmp_path, BAD, mode=mode)
    checked = [event for event in events if isinstance(event, ResponseChecked)]
    told = json.dumps([plain_event(event) for event in checked], default=str)
    assert SECRET not in told + repr(result.error) + repr(result.warnings) + repr(result.steps[0].violations)


def test_a_secret_that_is_a_name_is_hidden(tmp_path: Path) -> None:
    described = json.loads(json.dumps(API))
    schema = described["paths"]["/thing"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema["additionalProperties"] = {"type": "integer"}
    path = write(tmp_path)
    (tmp_path / "api.json").write_text(json.dumps(described))
    body: Value = {"id": 1, "name": "n", "token": "a", SECRET: "x", "password": SECRET}
    provider = ScriptedProvider([{"replies": [{"json": body}]}])
    result = arazzo.run(arazzo.load(path), transport=provider, check_responses="fail")
    assert "/body/***" in {violation.pointer for violation in result.steps[0].violations}
    assert SECRET not in repr(result.steps[0].violations) + repr(result.error)


def test_the_console_lists_what_the_reason_does_not_say(tmp_path: Path) -> None:
    _, events = run(tmp_path, BAD)
    lines: list[str] = []
    console = Console(lines.append, Style())
    for event in events:
        console(event)
    text = "\n".join(lines)
    assert text.count("$response.body has no 'name'") == 1
    assert "      $response.body#/id is a string, and must be an integer (" in text


def test_the_plain_result_and_the_event_name_pointer_and_place(tmp_path: Path) -> None:
    result, events = run(tmp_path, BAD)
    steps = plain_result(result)["steps"]
    assert isinstance(steps, list)
    assert isinstance(steps[0], dict)
    violations = steps[0]["violations"]
    assert isinstance(violations, list)
    assert isinstance(violations[1], dict)
    assert set(violations[1]) == {"kind", "pointer", "message", "file", "line", "column"}
    event = next(event for event in events if isinstance(event, ResponseChecked))
    assert plain_event(event)["violations"] == violations


def test_a_plan_can_be_run_with_and_without_the_check(tmp_path: Path) -> None:
    plan = arazzo.link(arazzo.load(write(tmp_path)))
    for mode, status in (("fail", "failed"), (None, "succeeded"), ("warn", "succeeded")):
        provider = ScriptedProvider([{"replies": [BAD]}])
        result = arazzo.run(plan, transport=provider, check_responses=mode)  # type: ignore[arg-type]
        assert result.status == status
    assert len(plan.checked_schemas) == 1


def test_another_mode_is_refused(tmp_path: Path) -> None:
    with pytest.raises(arazzo.UsageError, match="check_responses"):
        run(tmp_path, GOOD, mode="loudly")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--check-responses", "FILE"], 1, "error: step 's' failed"),
        (["FILE", "--check-responses"], 1, "error: step 's' failed"),
        (["--check-responses=fail", "FILE"], 1, "error: step 's' failed"),
        (["--check-responses=warn", "FILE"], 0, "warning response-body"),
        (["--check-responses", "warn", "FILE", "w"], 0, "warning response-body"),
        (["FILE"], 0, "succeeded"),
        (["--check-responses=no", "FILE"], 2, "invalid choice"),
    ],
)
def test_the_flag_over_a_socket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, told: str
) -> None:
    path = str(write(tmp_path))
    with served(ScriptedProvider([{"replies": [BAD]}])) as url:
        given = ["run", *(path if text == "FILE" else text for text in arguments), "--server", url]
        try:
            exit_code = main(given)
        except SystemExit as exit_:
            exit_code = exit_.code  # type: ignore[assignment]
    assert exit_code == code
    assert told in capsys.readouterr().err
