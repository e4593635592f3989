"""What the rules say of documents that are nearly wrong, and nearly right."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

import arazzo
from arazzo.values import Value

API: Value = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        "/job": {
            "get": {
                "operationId": "job",
                "parameters": [
                    {
                        "name": "filter",
                        "in": "query",
                        "style": "deepObject",
                        "schema": {"type": "object", "properties": {"size": {"type": "integer"}}},
                    }
                ],
                "responses": {
                    "200": {
                        "description": "d",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {"state": {"type": "string", "enum": ["done", "failed"]}},
                                }
                            }
                        },
                    },
                    "404": {"description": "d"},
                },
            },
            "post": {
                "operationId": "form",
                "requestBody": {
                    "content": {
                        "application/x-www-form-urlencoded": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "age": {"type": "integer"},
                                    "size": {"type": "number"},
                                    "vip": {"type": "boolean"},
                                },
                            }
                        }
                    }
                },
                "responses": {"200": {"description": "d"}},
            },
            "put": {
                "operationId": "nested",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Nest"}}}
                },
                "responses": {"200": {"description": "d"}},
            },
        }
    },
    "components": {
        "schemas": {
            "Nest": {
                "oneOf": [
                    {
                        "type": "object",
                        "required": [f"k{number}"],
                        "properties": {
                            "a": {"$ref": "#/components/schemas/Nest"},
                            f"k{number}": {"type": "string"},
                        },
                    }
                    for number in range(6)
                ]
            }
        }
    },
}
FORMS: Value = {
    "swagger": "2.0",
    "info": {"title": "t", "version": "1"},
    "host": "api.test",
    "schemes": ["https"],
    "paths": {
        "/form": {
            "post": {
                "operationId": "form",
                "consumes": ["application/x-www-form-urlencoded"],
                "parameters": [
                    {"name": "a", "in": "formData", "required": True, "type": "string"},
                    {"name": "b", "in": "formData", "type": "integer"},
                ],
                "responses": {"200": {"description": "d"}},
            }
        }
    },
}
HUSHED = ("unhandled-status", "unused-output")


def found(folder: Path, step: dict[str, Value], api: Value = API) -> list[str]:
    """The codes of what is found in a workflow of one step."""
    (folder / "api.json").write_text(json.dumps(api), encoding="utf-8")
    document: Value = {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "api.json", "type": "openapi"}],
        "workflows": [{"workflowId": "w", "steps": [{"stepId": "s", **step}]}],
    }
    path = folder / "w.arazzo.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return [d.code for d in arazzo.check(arazzo.load(str(path))) if d.code not in HUSHED]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$statusCode == 200 || $statusCode == 201", []),
        ("$statusCode == 201 || $response.body#/state == 'done'", []),
        ("!($statusCode == 201)", []),
        ("$statusCode != 201", []),
        ("$statusCode == 201", ["undeclared-status"]),
        ("201 == $statusCode", ["undeclared-status"]),
        ("$statusCode == 201 || $statusCode == 202", ["undeclared-status"]),
        ("$statusCode == 201 && $response.body#/state == 'done'", ["undeclared-status"]),
        ("$statusCode == 422", ["undeclared-status"]),
        ("$statusCode == 304", ["undeclared-status"]),
        # What a gateway may answer with need not be documented.
        ("$statusCode == 429", []),
        ("$statusCode == 503 || $statusCode == 201", []),
        ("$statusCode == 500", []),
        ("$statusCode == 401", []),
        ("$statusCode == 200 && $response.body#/state == 'done'", []),
        ("$statusCode == 200 && $response.body#/state == 'ready'", ["never-met"]),
        ("$response.body#/state == 'ready' || $response.body#/state == 'failed'", ["never-met"]),
        ("$statusCode == 200 && !($response.body#/state == 'ready')", []),
        ("$statusCode == 200 && $response.body#/state != 'ready'", []),
    ],
)
def test_each_comparison_of_a_condition_is_judged(
    condition: str, expected: list[str], tmp_path: Path
) -> None:
    assert found(tmp_path, {"operationId": "job", "successCriteria": [{"condition": condition}]}) == expected


@pytest.mark.parametrize(("status", "expected"), [(429, []), (503, []), (409, ["undeclared-status"])])
def test_a_retry_when_a_gateway_refuses_needs_no_documented_status(
    status: int, expected: list[str], tmp_path: Path
) -> None:
    retry: Value = {
        "name": "again",
        "type": "retry",
        "retryAfter": 1,
        "retryLimit": 3,
        "criteria": [{"condition": f"$statusCode == {status}"}],
    }
    assert found(tmp_path, {"operationId": "job", "onFailure": [retry]}) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"age": "3", "size": "1.5e3", "vip": "true"}, []),
        ({"age": "-3", "size": "2", "vip": True}, []),
        ({"age": "3.5"}, ["wrong-argument"]),
        ({"age": "old"}, ["wrong-argument"]),
        ({"size": "1."}, ["wrong-argument"]),
        ({"vip": "yes"}, ["wrong-argument"]),
        ({"vip": "1"}, ["wrong-argument"]),
    ],
)
def test_a_text_in_a_form_is_what_it_reads_as(payload: Value, expected: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, {"operationId": "form", "requestBody": {"payload": payload}}) == expected


@pytest.mark.parametrize(("size", "expected"), [("3", []), (3, []), ("big", ["wrong-argument"])])
def test_a_text_in_a_parameter_is_what_it_reads_as(size: Value, expected: list[str], tmp_path: Path) -> None:
    step: dict[str, Value] = {
        "operationId": "job",
        "parameters": [{"name": "filter", "in": "query", "value": {"size": size}}],
    }
    assert found(tmp_path, step) == expected


@pytest.mark.parametrize(("payload", "expected"), [({"b": 3}, ["field-missing"]), ({"a": "x"}, [])])
def test_a_form_of_openapi_2_requires_its_fields(payload: Value, expected: list[str], tmp_path: Path) -> None:
    assert found(tmp_path, {"operationId": "form", "requestBody": {"payload": payload}}, FORMS) == expected


def test_alternatives_inside_alternatives_are_given_up_in_time(tmp_path: Path) -> None:
    payload: Value = 1
    for _ in range(20):
        payload = {"a": payload, "k5": "x"}
    assert found(tmp_path, {"operationId": "nested", "requestBody": {"payload": payload}}) == []


SECRET = "sk_live_" + "51HqABCDEFGHabcdef0123456789abcdef0123456789"


def diagnostics_of_a_secret(folder: Path, name: str, value: str) -> Sequence[arazzo.Diagnostic]:
    (folder / "api.json").write_text(json.dumps(API), encoding="utf-8")
    path = folder / "w.arazzo.yaml"
    path.write_text(
        f"""\
arazzo: 1.0.1
info: {{title: t, version: 1.0.0}}
sourceDescriptions: [{{name: api, url: api.json, type: openapi}}]
workflows:
  - workflowId: w
    steps:
      - stepId: s
        operationId: form
        parameters: [{{name: {name}, in: header, value: {value}, odd: 1}}]
        requestBody: {{payload: {{age: {value}}}}}
""",
        encoding="utf-8",
    )
    return arazzo.check(arazzo.load(str(path)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Any", SECRET), ("Authorization", "9f8e2c7a41d05b36"), ("X-Api-Key", "q8f7e6d5c4b3a291!")],
)
def test_no_finding_shows_a_credential_that_is_found(name: str, value: str, tmp_path: Path) -> None:
    found = diagnostics_of_a_secret(tmp_path, name, value)
    assert {"secret-in-document", "unknown-field", "wrong-argument"} <= {d.code for d in found}
    shown = [
        text
        for d in found
        for text in (
            d.message,
            d.hint or "",
            d.span.excerpt if d.span else "",
            *(s.excerpt for _, s in d.related),
        )
    ]
    assert not any(value[:12] in text for text in shown)
    assert any("*" * len(value) in text for text in shown)


DEPENDING = """\
arazzo: 1.0.1
info: {title: t, version: 1.0.0}
sourceDescriptions: [{name: api, url: api.json, type: openapi}]
workflows:
  - workflowId: first
    inputs: {type: object, required: [wanted], properties: {wanted: {type: object}}}
    steps:
      - stepId: s
        operationId: job
        parameters: [{name: filter, in: query, value: $inputs.wanted}]
  - workflowId: second
    dependsOn: [first]
    inputs: {type: object, properties: {other: {type: string}}}
    steps: [{stepId: s, operationId: form, requestBody: {payload: {size: $inputs.other}}}]
"""


def test_an_input_that_only_the_workflow_before_declares_is_no_finding_because_it_can_be_given(
    tmp_path: Path,
) -> None:
    api = json.loads(json.dumps(API))
    api["paths"]["/job"]["get"]["parameters"][0]["required"] = True
    (tmp_path / "api.json").write_text(json.dumps(api), encoding="utf-8")
    (tmp_path / "w.arazzo.yaml").write_text(DEPENDING, encoding="utf-8")
    description = arazzo.load(str(tmp_path / "w.arazzo.yaml"))
    assert {d.code for d in arazzo.check(description)} <= {*HUSHED}
    given = arazzo.run(description, "first", {"wanted": {"size": 1}}, simulate=0)
    assert given.status == "succeeded"
    failed = arazzo.run(description, "second", {}, simulate=0)
    assert failed.status == "failed"
    passed_on = arazzo.run(description, "second", {"wanted": {"size": 1}}, simulate=0)
    assert passed_on.status == "succeeded"
    assert [w.code for w in passed_on.warnings if w.code == "input-unknown"] == ["input-unknown"]
