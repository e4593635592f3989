"""What the rules about bodies keep silent on, because the description leaves room for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import arazzo
from arazzo.values import Value

ITEM: Value = {
    "type": "object",
    "required": ["id", "etag", "name", "kind"],
    "properties": {
        "id": {"$ref": "#/components/schemas/Id"},
        "etag": {"type": "string"},
        "name": {"type": "string"},
        "kind": {"$ref": "#/components/schemas/Kind"},
    },
}
ITEM_REF: Value = {"$ref": "#/components/schemas/Item"}


def findings(
    folder: Path,
    *,
    method: str = "post",
    content: Value,
    answer: Value,
    payload: Value = None,
    status: int = 200,
) -> list[tuple[str, str]]:
    """The codes and messages of what is found in a step that calls an operation with this body."""
    operation: Value = {
        "operationId": "make",
        "requestBody": {"required": True, "content": {"application/json": content}},
        "responses": {str(status): {"description": "d", "content": {"application/json": {"schema": answer}}}},
    }
    api: Value = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://api.test"}],
        "paths": {"/items": {method: operation}},
        "components": {
            "schemas": {
                "Item": ITEM,
                "Id": {"type": "string", "readOnly": True},
                "Kind": {"type": "string", "default": "item"},
            }
        },
    }
    step: dict[str, Value] = {
        "stepId": "make",
        "operationId": "make",
        "successCriteria": [{"condition": f"$statusCode == {status}"}],
    }
    if payload is not None:
        step["requestBody"] = {"contentType": "application/json", "payload": payload}
    document: Value = {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "api.json", "type": "openapi"}],
        "workflows": [{"workflowId": "w", "steps": [step]}],
    }
    (folder / "api.json").write_text(json.dumps(api), encoding="utf-8")
    path = folder / "w.arazzo.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return [(d.code, d.message) for d in arazzo.check(arazzo.load(path)) if d.severity != "information"]


def test_a_read_only_field_and_one_with_a_default_are_the_providers_also_behind_a_reference(
    tmp_path: Path,
) -> None:
    found = findings(tmp_path, content={"schema": ITEM_REF}, answer={"type": "object"}, payload={"name": "x"})
    assert [code for code, _ in found] == ["field-missing"]
    assert "'etag'" in found[0][1]


def test_what_a_schema_of_request_and_response_requires_of_an_etag_it_requires_of_the_response(
    tmp_path: Path,
) -> None:
    assert findings(tmp_path, content={"schema": ITEM_REF}, answer=ITEM_REF, payload={"name": "x"}) == []
    found = findings(tmp_path, content={"schema": ITEM_REF}, answer=ITEM_REF, payload={"etag": "x"})
    assert [code for code, _ in found] == ["field-missing"]
    assert "'name'" in found[0][1]


@pytest.mark.parametrize(
    ("method", "content", "code"),
    [("delete", {}, None), ("delete", {"schema": ITEM_REF}, "body-missing"), ("post", {}, "body-missing")],
)
def test_the_body_of_a_delete_that_nothing_describes_is_not_asked_for(
    tmp_path: Path, method: str, content: Value, code: str | None
) -> None:
    found = findings(tmp_path, method=method, content=content, answer={"type": "object"})
    assert [c for c, _ in found] == ([code] if code else [])


@pytest.mark.parametrize(("status", "silent"), [(200, False), (400, True), (422, True)])
def test_a_step_that_succeeds_when_it_is_refused_may_send_what_is_wrong(
    tmp_path: Path, status: int, silent: bool
) -> None:
    payloads: tuple[Value, ...] = (None, {"name": 5})
    for payload in payloads:
        found = findings(
            tmp_path, content={"schema": ITEM_REF}, answer={"type": "object"}, payload=payload, status=status
        )
        assert (not found) is silent, found
