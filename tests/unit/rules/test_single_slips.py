"""Single slips as people and language models make them, each beside a right document that looks like it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import arazzo
from arazzo.values import Value


def _json(schema: Value) -> Value:
    return {"description": "d", "content": {"application/json": {"schema": schema}}}


_PET: Value = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}},
}
_FRIENDLY: Value = {
    "type": "object",
    "properties": {"friends": {"type": "array", "items": _PET}, "id": {"type": "string"}},
    "example": {"friends": [{"id": "a"}]},
}
_ID: Value = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_HEADERS: Value = {"X-Next-Page": {"schema": {"type": "string"}}, "X-Part-1": {"schema": {"type": "string"}}}
API: Value = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "pets",
                "parameters": [{"name": "sort", "in": "query", "schema": {"type": "string"}}],
                "responses": {"200": {"description": "d", "headers": _HEADERS}},
            },
            "post": {
                "operationId": "add",
                "requestBody": {
                    "content": {
                        "application/json": {"schema": _PET},
                        "text/*": {"schema": {"type": "string"}},
                    }
                },
                "responses": {"201": _json(_PET), "204": {"description": "d"}},
            },
        },
        "/pets/{id}": {
            "get": {"operationId": "pet", "parameters": [_ID], "responses": {"200": _json(_FRIENDLY)}},
            "delete": {
                "operationId": "remove",
                "parameters": [_ID],
                "responses": {"204": {"description": "d"}, "404": _json(_PET)},
            },
            "put": {
                "operationId": "bare",
                "parameters": [_ID],
                "requestBody": {"content": {}},
                "responses": {"200": {"description": "d"}},
            },
        },
    },
}
_INPUTS: Value = {"type": "object", "properties": {"id": {"type": "string"}, "page": {"type": "integer"}}}


def _written(tmp_path: Path, workflow: dict[str, Value], source: Value = None) -> Path:
    (tmp_path / "api.json").write_text(json.dumps(API), encoding="utf-8")
    document: Value = {
        "arazzo": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [source or {"name": "api", "url": "api.json", "type": "openapi"}],
        "workflows": [{"workflowId": "w", "inputs": _INPUTS, **workflow}],
    }
    path = tmp_path / "doc.arazzo.json"
    path.write_text(json.dumps(document, indent=1), encoding="utf-8")
    return path


def found(path: Path) -> list[tuple[str, str | None]]:
    """The warnings and errors of a document: codes, and the texts that they point at."""
    findings = arazzo.check(arazzo.load(str(path)))
    return [
        (d.code, d.span.excerpt[d.span.column - 1 : d.span.end_column - 1] if d.span else None)
        for d in findings
        if str(d.severity) != "information"
    ]


def codes(tmp_path: Path, *steps: dict[str, Value], **workflow: Value) -> list[str]:
    listed: list[Value] = [{"stepId": f"s{number}", **step} for number, step in enumerate(steps)]
    return sorted(code for code, _ in found(_written(tmp_path, {"steps": listed, **workflow})))


def _pet(value: Value = "$inputs.id", **more: Value) -> dict[str, Value]:
    return {"operationId": "pet", "parameters": [{"name": "id", "in": "path", "value": value}], **more}


# --- messages that are not there


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("$response.body#/id", ["absent-message"]),
        ("$request.header.X", ["absent-message"]),
        ("x-{$statusCode}", ["absent-message"]),
        ("$url", ["absent-message"]),
        ("$steps.s0.outputs.id", []),
        ("$self", []),
    ],
)
def test_a_step_sends_nothing_of_its_own_response(tmp_path: Path, value: str, expected: list[str]) -> None:
    first = _pet(outputs={"id": "$response.body#/id"})
    assert codes(tmp_path, first, _pet(value)) == expected


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({"operationId": "add", "outputs": {"o": "$request.body#/id"}}, ["absent-message"]),
        (
            {
                "operationId": "add",
                "requestBody": {"contentType": "application/json", "payload": {"tags": ["a"]}},
                "outputs": {"o": "$request.body#/id"},
            },
            ["impossible-field"],
        ),
        (
            {
                "operationId": "add",
                "requestBody": {"contentType": "application/json", "payload": {"id": "a"}},
                "outputs": {"o": "$request.body#/id"},
            },
            [],
        ),
        ({"operationId": "add", "outputs": {"o": "$request.header.Date"}}, []),
    ],
)
def test_a_request_without_a_body_has_no_parts(
    tmp_path: Path, step: dict[str, Value], expected: list[str]
) -> None:
    assert codes(tmp_path, step) == expected


_ENDS: Value = [{"name": "n", "type": "end", "criteria": [{"condition": "$response.body#/id == 'a'"}]}]
_REMOVE: dict[str, Value] = {
    "operationId": "remove",
    "parameters": [{"name": "id", "in": "path", "value": "$inputs.id"}],
}


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ({**_REMOVE, "outputs": {"o": "$response.body#/id"}}, ["absent-message"]),
        ({**_REMOVE, "successCriteria": [{"condition": "$response.body#/id == 'a'"}]}, []),
        ({**_REMOVE, "successCriteria": [{"condition": "$statusCode == 204"}]}, []),
        (
            {
                **_REMOVE,
                "successCriteria": [{"condition": "$statusCode == 204 && $response.body#/id == null"}],
            },
            [],
        ),
        ({**_REMOVE, "onFailure": _ENDS}, []),
        ({"operationId": "add", "outputs": {"o": "$response.body#/id"}}, []),
        ({"operationId": "pets", "outputs": {"o": "$response.body#/id"}}, []),
    ],
)
def test_a_204_has_no_body(tmp_path: Path, step: dict[str, Value], expected: list[str]) -> None:
    assert codes(tmp_path, step) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("X-Next-Page", []),
        ("x-next-page", []),
        ("X-Nxet-Page", ["undocumented-field"]),
        ("X-Next-Pages", ["undocumented-field"]),
        ("XNextPage", ["undocumented-field"]),
        ("X-Last-Page", []),
        ("X-Part-2", []),
        ("Date", []),
    ],
)
def test_a_header_near_a_documented_one_is_a_slip(tmp_path: Path, header: str, expected: list[str]) -> None:
    step: dict[str, Value] = {"operationId": "pets", "outputs": {"o": f"$response.header.{header}"}}
    assert codes(tmp_path, step) == expected


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ({"id": "$outputs.id"}, ["unknown-output"]),
        ({"id": "$steps.s0.outputs.id"}, []),
        ({"id": "$steps.s0.outputs.id", "again": "$outputs.id"}, []),
        ({"again": "$outputs.id", "id": "$steps.s0.outputs.id"}, ["unknown-output"]),
    ],
)
def test_the_outputs_of_a_workflow_do_not_see_those_of_its_steps_by_name(
    tmp_path: Path, outputs: Value, expected: list[str]
) -> None:
    assert codes(tmp_path, _pet(outputs={"id": "$response.body#/id"}), outputs=outputs) == expected


# --- texts that were meant as expressions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id", ["near-expression"]),
        ("string", ["near-expression"]),
        ("response.body#/id", ["near-expression"]),
        ("$.id", ["near-expression"]),
        ("//Pet/Id", ["near-expression"]),
        ("$inputs.id", []),
        ("pet-{$inputs.id}", []),
        ("$repsonse.body#/id", ["bad-expression"]),
        ("$statuscode", ["near-expression"]),
        (5, ["wrong-type"]),
    ],
)
def test_an_output_is_no_constant_text(tmp_path: Path, text: Value, expected: list[str]) -> None:
    assert codes(tmp_path, _pet(outputs={"o": text})) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("id", "write `$response.body#/id`"),
        ("$.friends[0]", "write `$response.body#/friends/0`"),
        ("response.body#/id", "write `$response.body#/id`"),
        ("nothing", "an output is an expression, such as `$response.body#/id`, or a Selector Object"),
    ],
)
def test_what_a_constant_output_was_meant_as_is_said(tmp_path: Path, text: str, hint: str) -> None:
    path = _written(tmp_path, {"steps": [{"stepId": "s", **_pet(outputs={"o": text})}]})
    (finding,) = [d for d in arazzo.check(arazzo.load(str(path))) if d.code == "near-expression"]
    assert finding.hint == hint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ id }}", ["near-expression"]),
        ("{{$id}}", ["near-expression"]),
        ("{id}", ["near-expression"]),
        ("${id}", ["near-expression"]),
        ("<id>", ["near-expression"]),
        ("$id", ["near-expression"]),
        ("$env.id", ["near-expression"]),
        ("$workflow.inputs.id", ["bad-expression"]),
        ("see $input.id", ["near-expression"]),
        ("$steps[0].outputs.id", ["near-expression"]),
        ("$steps['s0'].outputs.id", ["near-expression"]),
        ("{other}", []),
        ("<other>", []),
        ("$other", []),
        ("$env.other", []),
        ("see {id}", []),
        ("see $input.other", []),
        ("$steps[7].outputs.id", []),
        ("id", []),
    ],
)
def test_the_name_of_an_input_in_another_languages_marks_is_a_slip(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    first = _pet(outputs={"id": "$response.body#/id"})
    second: dict[str, Value] = {
        "operationId": "pets",
        "parameters": [{"name": "sort", "in": "query", "value": text}],
    }
    assert codes(tmp_path, first, second) == expected


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/items/*/id", ["undocumented-field"]),
        ("/items[0]/id", ["undocumented-field"]),
        ("/items/0/id", []),
        ("/a*b/id", []),
    ],
)
def test_a_pointer_has_no_wildcards(tmp_path: Path, pointer: str, expected: list[str]) -> None:
    step: dict[str, Value] = {"operationId": "pets", "outputs": {"o": f"$response.body#{pointer}"}}
    assert codes(tmp_path, step) == expected


def test_no_example_has_what_a_wildcard_asks_for(tmp_path: Path) -> None:
    step = _pet(outputs={"o": "$response.body#/friends/*/id"})
    assert codes(tmp_path, step) == ["impossible-field"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$response.body #/id", ["near-expression"]),
        ("$response.body#/id", []),
        ("$response.body # /id", []),
        ("$response.body # see #/id", []),
        ("'$response.body' #/id", []),
    ],
)
def test_a_pointer_that_is_a_comment_is_found(tmp_path: Path, text: str, expected: list[str]) -> None:
    path = _written(tmp_path, {"steps": []}).rename(tmp_path / "doc.arazzo.yaml")
    lines = [
        "arazzo: 1.1.0",
        "info: {title: t, version: '1'}",
        "sourceDescriptions: [{name: api, url: api.json, type: openapi}]",
        "workflows:",
        "  - workflowId: w",
        "    inputs: {type: object, properties: {id: {type: string}}}",
        "    steps:",
        "      - stepId: s",
        "        operationId: pet",
        "        parameters: [{name: id, in: path, value: $inputs.id}]",
        "        outputs:",
        f"          o: {text}",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [code for code, _ in found(path)] == expected


# --- what is sent


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("application/json", []),
        ("application/json; charset=utf-8", []),
        ("APPLICATION/JSON", []),
        ("text/plain", []),
        ("application/xml", ["content-type-undeclared"]),
        ("json", ["content-type-undeclared"]),
    ],
)
def test_a_content_type_that_the_operation_does_not_list_is_found(
    tmp_path: Path, content_type: str, expected: list[str]
) -> None:
    body: Value = {"contentType": content_type, "payload": "a" if "text" in content_type else {"id": "a"}}
    assert codes(tmp_path, {"operationId": "add", "requestBody": body}) == expected


def test_an_operation_that_lists_no_content_type_takes_any(tmp_path: Path) -> None:
    body: Value = {"contentType": "application/xml", "payload": "<a/>"}
    assert codes(tmp_path, {**_pet(), "operationId": "bare", "requestBody": body}) == []


def test_a_step_that_means_to_be_refused_sends_what_it_likes(tmp_path: Path) -> None:
    body: Value = {"contentType": "application/xml", "payload": "<a/>"}
    criteria: Value = [{"condition": "$statusCode >= 400"}]
    step: dict[str, Value] = {"operationId": "add", "requestBody": body, "successCriteria": criteria}
    assert "content-type-undeclared" not in codes(tmp_path, step)


def test_null_is_no_value_for_a_required_parameter(tmp_path: Path) -> None:
    assert codes(tmp_path, _pet(None)) == ["parameter-missing"]
    optional: Value = [{"name": "sort", "in": "query", "value": None}]
    assert "parameter-missing" not in codes(tmp_path, {"operationId": "pets", "parameters": optional})


def test_a_field_in_a_query_of_a_database_is_no_slip(tmp_path: Path) -> None:
    group: Value = {"$group": {"_id": "$id"}}
    body: Value = {"contentType": "text/plain", "payload": group}
    assert "near-expression" not in codes(tmp_path, {"operationId": "add", "requestBody": body})
    body = {"contentType": "text/plain", "payload": {"group": {"_id": "$id"}}}
    assert "near-expression" in codes(tmp_path, {"operationId": "add", "requestBody": body})


# --- conditions


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$statusCode != 200 || $statusCode != 201", ["constant-condition"]),
        ("$response.body#/id != 'a' || 'b' != $response.body#/id", ["constant-condition"]),
        ("$statusCode == 200 && ($statusCode != 1 || $statusCode != 2)", ["constant-condition"]),
        ("$statusCode != 400 && $statusCode != 404", []),
        ("$statusCode != 400 || $response.body#/id != 'a'", []),
        ("$statusCode != 400 || $statusCode != '400'", []),
    ],
)
def test_a_value_always_differs_from_one_of_two(tmp_path: Path, condition: str, expected: list[str]) -> None:
    assert codes(tmp_path, _pet(successCriteria=[{"condition": condition}])) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/^done$/", ["never-met"]),
        ("/done$/", ["never-met"]),
        ("/done|failed/i", ["never-met"]),
        ("/pets/", []),
        ("/pets/i", []),
        ("^/pets/", []),
        (r"/cost\$/", []),
    ],
)
def test_slashes_belong_to_a_pattern(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    criterion: Value = {"context": "$response.body#/id", "type": "regex", "condition": pattern}
    assert codes(tmp_path, _pet(successCriteria=[criterion])) == expected


# --- inputs


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"properties": {"id": {"type": "string"}}, "required": ["di"]}, [("unknown-input", '"di"')]),
        ({"properties": {"id": {"type": "string"}}, "required": ["id"]}, []),
        (
            {
                "properties": {"id": {"type": "string"}},
                "required": ["x"],
                "allOf": [{"properties": {"x": {}}}],
            },
            [],
        ),
        (
            {"properties": {"id": {"type": "string"}}, "required": ["x"], "additionalProperties": True},
            [],
        ),
        ({"properties": {"id": {"type": "string", "default": 5}}}, [("wrong-argument", "5")]),
        ({"properties": {"id": {"enum": ["a", "b"], "default": "c"}}}, [("wrong-argument", '"c"')]),
        ({"properties": {"id": {"type": "string", "default": "a"}}}, []),
        ({"properties": {"id": {"type": ["string", "null"], "default": None}}}, []),
        ({"properties": {"id": {"typ": "string"}}}, [("unknown-field", '"typ"')]),
        ({"properties": {"id": {"type": "string", "descripton": "d"}}}, [("unknown-field", '"descripton"')]),
        ({"properties": {"id": {"type": "string", "example": "a", "x-typ": "b"}}}, []),
        ({"properties": {"id": {"type": "string", "secret": True, "note": "n", "comment": "c"}}}, []),
        ({"properties": {"id": {"type": "strng"}}}, [("bad-schema", '"type"')]),
        ({"properties": {"id": {"type": "string", "required": True}}}, [("bad-schema", '"required"')]),
        ({"properties": {"id": "string"}}, [("bad-schema", '"id"')]),
    ],
)
def test_what_is_wrong_with_the_inputs_is_told_where_it_stands(
    tmp_path: Path, inputs: dict[str, Value], expected: list[tuple[str, str]]
) -> None:
    workflow: dict[str, Value] = {
        "inputs": {"type": "object", **inputs},
        "steps": [{"stepId": "s", **_pet()}],
    }
    assert found(_written(tmp_path, workflow)) == expected


def test_inputs_beside_type_are_declared_nowhere(tmp_path: Path) -> None:
    inputs: Value = {"type": "object", "id": {"type": "string"}}
    workflow: dict[str, Value] = {"inputs": inputs, "steps": [{"stepId": "s", **_pet()}]}
    assert found(_written(tmp_path, workflow)) == [
        ("unknown-field", '"id"'),
        ("unknown-input", "$inputs.id"),
    ]


# --- control


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([], ["endless-loop"]),
        (_ENDS, []),
    ],
)
def test_a_workflow_that_always_calls_itself_never_ends(
    tmp_path: Path, actions: Value, expected: list[str]
) -> None:
    first = _pet(onSuccess=actions) if actions else _pet()
    assert codes(tmp_path, first, {"workflowId": "w"}) == expected


# --- sources


def test_a_source_of_another_type_than_it_says_is_found_where_steps_name_no_source(tmp_path: Path) -> None:
    source: Value = {"name": "api", "url": "api.json", "type": "arazzo"}
    path = _written(tmp_path, {"steps": [{"stepId": "s", **_pet()}]}, source)
    assert found(path) == [("source-type", '"arazzo"')]


def test_an_operation_cannot_come_from_an_arazzo_source(tmp_path: Path) -> None:
    other = _written(tmp_path, {"steps": [{"stepId": "s", **_pet()}]}).rename(tmp_path / "other.arazzo.json")
    source: Value = {"name": "flows", "url": other.name, "type": "arazzo"}
    path = _written(tmp_path, {"steps": [{"stepId": "s", **_pet()}]}, source)
    assert found(path) == [("source-type", '"pet"')]
