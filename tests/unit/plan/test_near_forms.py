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
