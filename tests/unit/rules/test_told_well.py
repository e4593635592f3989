"""Mistakes that were found before and told beside the point: what is said of them, and what would mend them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import arazzo
from arazzo.rules.credentials import looks_secret
from arazzo.values import Value

_OPEN: Value = {"type": "object", "properties": {"id": {"type": "string"}}}
_NESTED: Value = {
    "type": "object",
    "required": ["list", "maybe", "inner", "secret"],
    "properties": {
        "list": {"type": "array", "items": {"type": "string"}},
        "maybe": {"type": ["string", "null"]},
        "free": {"type": "string"},
        "any": {},
        "secret": {"type": "string", "writeOnly": True},
        "inner": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
        "loose": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
    },
}


def _answers(**content: Value) -> Value:
    types = {"json": "application/json", "xml": "application/xml", "text": "text/plain"}
    return {
        "200": {"description": "d", "content": {types[name]: {"schema": s} for name, s in content.items()}}
    }


_PATHS: dict[str, Value] = {
    "json": _answers(json=_OPEN),
    "nested": _answers(json=_NESTED),
    "quoted": _answers(json={"type": "string"}),
    "unsaid": _answers(json={}),
    "xml": _answers(xml=_OPEN),
    "text": _answers(text={"type": "string"}),
    "both": _answers(json=_OPEN, xml=_OPEN),
    "empty": {"200": {"description": "d"}},
}
API: Value = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        f"/{name}": {"get": {"operationId": name, "responses": answers}} for name, answers in _PATHS.items()
    },
}
_INPUTS: Value = {"a": {"type": "integer"}, "list": {"type": "array"}, "lengths": {"type": "object"}}


def diagnostics(folder: Path, step: dict[str, Value], **workflow: Value) -> list[arazzo.Diagnostic]:
    (folder / "api.json").write_text(json.dumps(API), encoding="utf-8")
    document: Value = {
        "arazzo": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "api.json", "type": "openapi"}],
        "workflows": [
            {
                "workflowId": "w",
                "inputs": {"type": "object", "properties": _INPUTS},
                "steps": [{"stepId": "s", "operationId": "json", **step}],
                **workflow,
            }
        ],
    }
    path = folder / "doc.arazzo.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    found = arazzo.check(arazzo.load(str(path)))
    return [one for one in found if str(one.severity) != "information"]


def _criteria(*conditions: str) -> Value:
    return [{"condition": condition} for condition in conditions]


# --- criteria that exclude each other


@pytest.mark.parametrize("own", [[], ["$statusCode == 200"]])
@pytest.mark.parametrize("field", ["onSuccess", "onFailure"])
def test_criteria_that_exclude_each_other_are_told_as_such(
    tmp_path: Path, field: str, own: list[str]
) -> None:
    action: Value = {
        "name": "a",
        "type": "end",
        "criteria": _criteria("$statusCode == 408", "$statusCode == 504"),
    }
    step: dict[str, Value] = {field: [action]}
    if own:
        step["successCriteria"] = _criteria(*own)
    found = [one for one in diagnostics(tmp_path, step) if "together" in one.message]
    [finding] = found
    assert finding.code == "never-met"
    assert "`$statusCode == 408`" in finding.message
    assert finding.hint is not None
    assert finding.hint.endswith("$statusCode == 408 || $statusCode == 504")


@pytest.mark.parametrize(
    ("conditions", "together"),
    [
        (["$statusCode == 408", "$response.body#/id == 'x'"], False),
        (["$statusCode >= 400", "$statusCode < 500"], False),
        (["$statusCode == 200", "$statusCode == 700"], False),
        (["$statusCode != 404", "$statusCode >= 404", "$statusCode <= 404"], True),
    ],
)
def test_criteria_that_hold_together_are_not_said_to_exclude_each_other(
    tmp_path: Path, conditions: list[str], together: bool
) -> None:
    action: Value = {"name": "a", "type": "end", "criteria": _criteria(*conditions)}
    found = diagnostics(tmp_path, {"onFailure": [action]})
    assert any("together" in one.message for one in found) is together


# --- comparisons and calculations in place of an expression


@pytest.mark.parametrize(
    "text",
    [
        "$response.body#/id == 'x'",
        "$response.body.items.length > 0",
        "$statusCode == 200",
        "$inputs.a == 1",
        "$inputs.a==1",
        "$inputs.a && $inputs.list",
        "$inputs.a || 'none'",
        "$inputs.a ? 'x' : 'y'",
        "$inputs.a + 1",
        "$inputs.a * $inputs.a",
        "$response.body#/id - 1",
        "$inputs.nope >= 2",
    ],
)
def test_an_output_is_one_expression_and_no_comparison(tmp_path: Path, text: str) -> None:
    found = [one for one in diagnostics(tmp_path, {"outputs": {"x": text}}) if one.code != "unknown-input"]
    assert [one.code for one in found] == ["bad-expression"]
    assert "an output holds one expression" in found[0].message
    assert found[0].hint is not None
    assert "{$" not in found[0].hint


@pytest.mark.parametrize(
    "text",
    [
        "$response.body#/a-b",
        "$response.body#/x~1y",
        "$response.body#/price in $",
        "$response.body#/a/b",
        "$inputs.a",
        "$response.header.a|b",
    ],
)
def test_signs_that_belong_to_a_name_are_no_operators(tmp_path: Path, text: str) -> None:
    found = diagnostics(tmp_path, {"outputs": {"x": text}})
    assert "bad-expression" not in [one.code for one in found]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$inputs.a == 1", "bad-expression"),
        ("$steps.s.outputs.x#/y > 1", "bad-expression"),
        ("$inputs.a - $inputs.a", "unbraced-expression"),
        ("$inputs.a > $inputs.a", "unbraced-expression"),
        ("$inputs.a==x", "unbraced-expression"),
        ("$inputs.a || 'none'", "bad-expression"),
        ("$inputs.a && make", "unbraced-expression"),
        ("$inputs.a\n== A heading", "unbraced-expression"),
    ],
)
def test_a_value_may_be_a_text_that_looks_like_a_calculation(tmp_path: Path, text: str, code: str) -> None:
    parameter: Value = {"name": "q", "in": "query", "value": text}
    step: dict[str, Value] = {"parameters": [parameter], "outputs": {"x": "$response.body"}}
    found = {one.code for one in diagnostics(tmp_path, step)}
    assert found & {"bad-expression", "unbraced-expression"} == {code}


@pytest.mark.parametrize(
    "text", ["$response.body.list.length", "$inputs.list.length", "$response.body.length"]
)
def test_length_is_told_as_a_member_and_not_mended_to_a_pointer(tmp_path: Path, text: str) -> None:
    found = [
        one
        for one in diagnostics(tmp_path, {"operationId": "nested", "outputs": {"x": text}})
        if one.code == "expression-navigation"
    ]
    [finding] = found
    assert "only conditions know how long" in finding.message
    assert "#/" not in finding.message
    assert finding.mend is None


def test_a_member_whose_name_ends_in_length_is_mended_like_any_other(tmp_path: Path) -> None:
    found = diagnostics(tmp_path, {"outputs": {"x": "$inputs.lengths.maxlength"}})
    assert [one.mend.text for one in found if one.mend is not None] == ["$inputs.lengths#/maxlength"]


# --- words in the wrong place


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("sourceDescription", "api", "write `operationId: $sourceDescriptions.api.json`"),
        ("source", "$sourceDescriptions.api", "write `operationId: $sourceDescriptions.api.json`"),
        ("source", 1, "write `operationId: $sourceDescriptions.NAME.json`"),
        ("descripton", "x", "did you mean `description`?"),
    ],
)
def test_a_field_for_the_source_of_a_step_is_told_where_it_goes(
    tmp_path: Path, field: str, value: Value, hint: str
) -> None:
    [finding] = diagnostics(tmp_path, {field: value})
    assert (finding.code, finding.hint) == ("unknown-field", hint)


@pytest.mark.parametrize(
    ("output", "hint"),
    [
        ({"value": "$response.body#/id"}, "write `x: $response.body#/id`"),
        ({"value": {"a": 1}}, "write what stands at `value` at the output itself: `x: $…`"),
        ({"value": "$response.body", "b": "$url"}, "write an output for each of its fields, such as `value`"),
    ],
)
def test_an_output_in_a_mapping_is_told_to_stand_alone(tmp_path: Path, output: Value, hint: str) -> None:
    [finding] = diagnostics(tmp_path, {"outputs": {"x": output}})
    assert (finding.code, finding.hint) == ("wrong-type", hint)


@pytest.mark.parametrize(
    ("payload", "hint"),
    [({"a": {"b": 1}}, "write `/a/b`"), ({"a.b": 1}, "write `/a.b`"), ("text", "write `/a/b`")],
)
def test_dots_in_a_target_are_hinted_at_as_slashes_unless_they_belong_to_the_name(
    tmp_path: Path, payload: Value, hint: str
) -> None:
    body: Value = {"payload": payload, "replacements": [{"target": "a.b", "value": 2}]}
    found = [one for one in diagnostics(tmp_path, {"requestBody": body}) if one.code == "bad-selector"]
    assert [one.hint for one in found] == [hint]


# --- conditions that no response meets


@pytest.mark.parametrize(
    ("operation", "context", "type", "condition", "found"),
    [
        ("json", "$response.body", "xpath", "//id", True),
        ("nested", "$response.body#/list", "xpath", "//id", True),
        ("nested", "$response.body#/free", "xpath", "//id", False),
        ("quoted", "$response.body", "xpath", "//id", False),
        ("unsaid", "$response.body", "xpath", "//id", False),
        ("both", "$response.body", "xpath", "//id", False),
        ("xml", "$response.body", "xpath", "//id", False),
        ("empty", "$response.body", "xpath", "//id", False),
        ("xml", "$response.body", "jsonpath", "$.id", True),
        ("text", "$response.body", "jsonpath", "$.id", True),
        ("text", "$response.body", "jsonpath", "$", False),
        ("both", "$response.body", "jsonpath", "$.id", False),
        ("json", "$response.body", "jsonpath", "$.id", False),
        ("text", "$response.body", "regex", "x", False),
    ],
)
def test_a_condition_in_the_language_of_another_format_is_never_met(
    tmp_path: Path, operation: str, context: str, type: str, condition: str, found: bool
) -> None:
    criterion: Value = {"context": context, "type": type, "condition": condition}
    told = diagnostics(tmp_path, {"operationId": operation, "successCriteria": [criterion]})
    assert ("never-met" in [one.code for one in told]) is found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("$response.body#/list == null", True),
        ("null == $response.body.list", True),
        ("$response.body#/inner/id == null && $statusCode == 200", True),
        ("$response.body#/list == null || $statusCode == 200", False),
        ("!($response.body#/list == null)", False),
        ("$response.body#/list != null", False),
        ("$response.body#/list/0 == null", False),
        ("$response.body#/maybe == null", False),
        ("$response.body#/free == null", False),
        ("$response.body#/secret == null", False),
        ("$response.body#/loose/id == null", False),
        ("$response.body == null", False),
    ],
)
def test_what_is_always_there_is_never_null(tmp_path: Path, condition: str, found: bool) -> None:
    action: Value = {"name": "a", "type": "end", "criteria": _criteria(condition)}
    told = diagnostics(tmp_path, {"operationId": "nested", "onSuccess": [action]})
    assert ("never-met" in [one.code for one in told]) is found
    refused = diagnostics(tmp_path, {"operationId": "nested", "onFailure": [action]})
    assert "never-met" not in [one.code for one in refused if "null" in one.message]


# --- credentials


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("p13-hover-3", False),
        ("order-42-paid", False),
        ("123e4567-e89b-12d3-a456-426614174000", False),
        ("00000000-0000-0000-0000-000000000000", False),
        ("550E8400-E29B-41D4-A716-446655440000", False),
        ("7d9f2c1e-44b8-4a6e-9d17-0c5b6a8e2f31", True),
        ("a1b2c3d4-e5f6", True),
        ("hunter22-x9", True),
        ("secretPassword123", False),
    ],
)
def test_a_label_and_a_sample_of_the_manuals_are_no_credentials(text: str, found: bool) -> None:
    assert looks_secret(text) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("secretPassword123", True),
        ("securePassword123!", True),
        ("yourPassword123", False),
        ("testPassword123", False),
        ("password123", False),
        ("secretPassword", False),
    ],
)
def test_a_password_that_somebody_has_chosen_is_one_where_it_is_sent(text: str, found: bool) -> None:
    assert looks_secret(text, sent=True) is found
