"""Names of operations that other tools write, and that mean one operation only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import arazzo
from arazzo.values import Value

API: dict[str, Value] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://shop.test"}],
    "paths": {
        "/orders": {"get": {"operationId": "list", "responses": {}}, "post": {"responses": {}}},
        "/orders/{id}": {"get": {"operationId": "a.b", "responses": {}}},
        "/ping": {"get": {"operationId": "ping", "responses": {}}},
    },
}


def check(folder: Path, step: dict[str, Value], strict: bool = False) -> list[tuple[str, str]]:
    (folder / "api.json").write_text(json.dumps(API))
    sources: list[Value] = [{"name": name, "url": "api.json", "type": "openapi"} for name in ("shop", "a")]
    document: dict[str, Value] = {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": sources[: 1 if step.pop("one", False) else 2],
        "workflows": [{"workflowId": "w", "steps": [{"stepId": "s", **step}]}],
    }
    path = folder / "flow.json"
    path.write_text(json.dumps(document))
    found = arazzo.check(arazzo.load(path), strict=strict)
    notes = ("unused-source", "parameter-missing")
    return [(str(d.severity), d.code) for d in found if d.code not in notes]


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ({"operationId": "shop.ping"}, [("warning", "expression-form")]),
        ({"operationId": "shop.pnig"}, [("error", "unknown-operation")]),
        ({"operationId": "shop.a.b"}, [("warning", "expression-form")]),
        ({"operationId": "a.b", "one": True}, []),
        ({"operationPath": "/ping", "one": True}, [("warning", "operation-path-form")]),
        ({"operationPath": "POST /orders", "one": True}, [("warning", "operation-path-form")]),
        ({"operationPath": "get /orders", "one": True}, [("warning", "operation-path-form")]),
        ({"operationPath": "/orders", "one": True}, [("error", "bad-expression")]),
        ({"operationPath": "DELETE /ping", "one": True}, [("error", "bad-expression")]),
        ({"operationPath": "/ping"}, [("error", "bad-expression")]),
    ],
)
def test_an_operation_is_found_where_one_only_is_meant(
    step: dict[str, Value], found: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert check(tmp_path, dict(step)) == found


@pytest.mark.parametrize("step", [{"operationId": "shop.ping"}, {"operationPath": "/ping", "one": True}])
def test_the_letter_knows_no_such_form(step: dict[str, Value], tmp_path: Path) -> None:
    assert [severity for severity, _ in check(tmp_path, dict(step), strict=True)] == ["error"]


INNER: dict[str, Value] = {
    "arazzo": "1.0.1",
    "info": {"title": "t", "version": "1"},
    "sourceDescriptions": [{"name": "shop", "url": "api.json", "type": "openapi"}],
    "workflows": [
        {"workflowId": name, "steps": [{"stepId": "s", "operationId": "ping"}], "outputs": {"o": "$inputs.x"}}
        for name in ("run", "b.c")
    ],
}


def calling(folder: Path, workflow: dict[str, Value]) -> arazzo.Document:
    """A document with the workflows ``main``, which is ``workflow``, and ``depot.own``, and two Arazzo sources."""
    (folder / "api.json").write_text(json.dumps(API))
    (folder / "inner.json").write_text(json.dumps(INNER))
    calls: Value = [{"stepId": "s", "operationId": "ping"}]
    document: dict[str, Value] = {
        "arazzo": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [
            {"name": "shop", "url": "api.json", "type": "openapi"},
            {"name": "depot", "url": "inner.json", "type": "arazzo"},
            {"name": "depot.a", "url": "inner.json", "type": "arazzo"},
        ],
        "workflows": [
            {"workflowId": "main", "steps": calls, **workflow},
            {"workflowId": "depot.own", "steps": calls},
        ],
    }
    path = folder / "flow.json"
    path.write_text(json.dumps(document))
    return arazzo.load(path)


def _by_step(workflow_id: str) -> dict[str, Value]:
    return {"steps": [{"stepId": "s", "workflowId": workflow_id}]}


def _by_action(kind: str, workflow_id: str) -> dict[str, Value]:
    action: Value = {"name": "a", "type": kind, "workflowId": workflow_id}
    return {"steps": [{"stepId": "s", "operationId": "ping", "onFailure": [action]}]}


@pytest.mark.parametrize(
    "workflow",
    [
        _by_step("depot.run"),
        _by_action("goto", "depot.run"),
        _by_action("retry", "depot.run"),
        {"dependsOn": ["depot.run"]},
    ],
)
def test_a_workflow_with_the_name_of_its_source_before_it_is_that_workflow(
    workflow: dict[str, Value], tmp_path: Path
) -> None:
    document = calling(tmp_path, workflow)
    [finding] = [one for one in arazzo.check(document) if one.code == "expression-form"]
    assert (str(finding.severity), finding.blocks_run) == ("warning", False)
    assert finding.mend is not None
    assert finding.mend.text == "$sourceDescriptions.depot.run"
    linked = arazzo.link(document, "main").workflows
    assert any(key.document.endswith("inner.json") for key in linked)
    strict = arazzo.check(document, strict=True)
    assert [str(one.severity) for one in strict if one.code == "expression-form"] == ["error"]


@pytest.mark.parametrize(
    ("workflow_id", "found"),
    [
        ("depot.own", []),
        ("depot.b.c", ["expression-form"]),
        ("depot.a.run", ["expression-form"]),
        ("depot.nope", ["unknown-workflow"]),
        ("shop.run", ["unknown-workflow"]),
        ("$sourceDescriptions.depot.run", []),
    ],
)
def test_only_what_a_source_has_is_taken_from_it(workflow_id: str, found: list[str], tmp_path: Path) -> None:
    told = ("expression-form", "unknown-workflow")
    findings = arazzo.check(calling(tmp_path, _by_step(workflow_id)))
    assert [one.code for one in findings if one.code in told] == found


def test_a_source_with_a_dot_in_its_name_gets_no_mend_that_would_name_another(tmp_path: Path) -> None:
    findings = arazzo.check(calling(tmp_path, _by_step("depot.a.run")))
    assert [one.mend for one in findings if one.code == "expression-form"] == [None]


def test_of_a_source_that_cannot_be_had_it_is_said_that_it_cannot(tmp_path: Path) -> None:
    calling(tmp_path, _by_step("depot.run"))
    (tmp_path / "inner.json").unlink()
    codes = [one.code for one in arazzo.check(arazzo.load(tmp_path / "flow.json"))]
    assert "missing-source" in codes
    assert "unknown-workflow" not in codes


@pytest.mark.parametrize(
    ("workflow", "hint"),
    [
        ({"dependsOn": ["mian"]}, "flow.json has: depot.own"),
        (_by_step("mian"), "flow.json has: depot.own"),
        (_by_action("goto", "mian"), "did you mean 'main'?"),
    ],
)
def test_a_workflow_is_not_guessed_to_depend_on_itself(
    workflow: dict[str, Value], hint: str, tmp_path: Path
) -> None:
    findings = arazzo.check(calling(tmp_path, workflow))
    [finding] = [one for one in findings if one.code == "unknown-workflow"]
    assert finding.hint is not None
    assert finding.hint.endswith(hint)
