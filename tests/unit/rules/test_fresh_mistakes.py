"""Mistakes as new users make them, each beside a right document that looks like it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import arazzo
from arazzo.values import Value

_PET: Value = {
    "type": "object",
    "properties": {
        "id": {"type": "integer"},
        "kind": {"type": "string", "enum": ["cat", "dog"]},
        "pair": {
            "type": "array",
            "prefixItems": [{"type": "string"}, {"type": "object", "properties": {"n": {"type": "integer"}}}],
            "items": False,
        },
        "open": {"type": "array", "prefixItems": [{"type": "string"}]},
    },
}
_NEW: Value = {
    "type": "object",
    "required": ["name", "kind"],
    "properties": {
        "name": {"type": "string", "maxLength": 5},
        "kind": {"type": "string", "enum": ["cat", "dog"]},
        "weight": {"type": "number"},
        "owner": {"type": "object", "required": ["email"], "properties": {"email": {"type": "string"}}},
    },
}


def _json(schema: Value) -> Value:
    return {"description": "d", "content": {"application/json": {"schema": schema}}}


API: Value = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "servers": [{"url": "https://api.test"}],
    "paths": {
        "/pet": {
            "get": {"operationId": "pet", "responses": {"200": _json(_PET)}},
            "post": {
                "operationId": "add",
                "requestBody": {"content": {"application/json": {"schema": _NEW}}},
                "responses": {"201": _json(_PET)},
            },
        },
        "/pets": {
            "get": {
                "operationId": "pets",
                "parameters": [
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 1, "maximum": 50},
                    },
                    {"name": "sort", "in": "query", "schema": {"type": "string"}},
                ],
                "responses": {"200": _json({"type": "array", "items": _PET})},
            }
        },
    },
}


def found(tmp_path: Path, step: Value, *, inputs: Value = None, more: Value = None) -> list[tuple[str, str]]:
    """The warnings and errors of a document with ``step`` and perhaps more workflows: codes and messages."""
    (tmp_path / "api.json").write_text(json.dumps(API), encoding="utf-8")
    assert isinstance(step, dict)
    workflow: dict[str, Value] = {"workflowId": "w", "steps": [{"stepId": "s", **step}]}
    if inputs is not None:
        workflow["inputs"] = {"type": "object", "properties": inputs}
    document: Value = {
        "arazzo": "1.1.0",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": "api.json", "type": "openapi"}],
        "workflows": [workflow, *(more if isinstance(more, list) else [])],
    }
    path = tmp_path / "doc.arazzo.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return [
        (finding.code, finding.message)
        for finding in arazzo.check(arazzo.load(str(path)))
        if str(finding.severity) != "information"
    ]


def codes(tmp_path: Path, step: Value, *, inputs: Value = None, more: Value = None) -> list[str]:
    return sorted(code for code, _ in found(tmp_path, step, inputs=inputs, more=more))


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("/pair/1/n", []),
        ("/pair/1/m", ["undocumented-field"]),
        ("/pair/0/x", ["impossible-field"]),
        ("/pair/2", ["impossible-field"]),
        ("/open/4/x", []),
    ],
)
def test_each_element_of_a_tuple_has_its_own_schema(
    tmp_path: Path, pointer: str, expected: list[str]
) -> None:
    step: Value = {"operationId": "pet", "outputs": {"o": f"$response.body#{pointer}"}}
    assert codes(tmp_path, step) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("$[?@.kind == 'cat']", []),
        ("$[?@.kind == 'cow']", ["never-met"]),
        ("$[?@.kind == 'cat' || @.kind == 'dog']", []),
        ("$[?@.kin == 'cat']", ["undocumented-field"]),
        ("$[?!@.kin]", []),
        ("$[*].id", []),
        ("$[*].idd", ["undocumented-field"]),
        ("$[0:2].idd", ["undocumented-field"]),
        ("$..idd", []),
        ("$[?@.pair[?@ == 'x']].kin", ["undocumented-field"]),
        ("count($[?@.kin == 'x']) == 0", ["logical-jsonpath"]),
        ("count($[?@.kin == 'x']) > 0", ["logical-jsonpath", "undocumented-field"]),
        ("$[?@.name == ']' || @['kind'] == \"cow\"].id", ["never-met", "undocumented-field"]),
    ],
)
def test_a_query_of_several_nodes_is_followed(tmp_path: Path, condition: str, expected: list[str]) -> None:
    criterion: Value = {"context": "$response.body", "type": "jsonpath", "condition": condition}
    assert codes(tmp_path, {"operationId": "pets", "successCriteria": [criterion]}) == expected


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("$[*].id", []),
        ("$[*].idd", ["undocumented-field"]),
        ("$[?@.kin == 'cat'].id", ["undocumented-field"]),
    ],
)
def test_a_selector_of_several_nodes_is_followed(tmp_path: Path, selector: str, expected: list[str]) -> None:
    output: Value = {"context": "$response.body", "selector": selector, "type": "jsonpath"}
    assert codes(tmp_path, {"operationId": "pets", "outputs": {"o": output}}) == expected


@pytest.mark.parametrize(
    ("payload", "replacements", "expected"),
    [
        ({"name": "a", "kind": "cat"}, [], []),
        ({"name": "a"}, [("/kind", "cat")], []),
        ({"name": "a"}, [("$.kind", "cat")], []),
        ({"name": "a"}, [("/name", "b")], ["field-missing"]),
        ({"name": "a", "kind": "cat"}, [("/kind", "cow")], ["wrong-argument"]),
        ({"name": "a", "kind": "cat"}, [("/colour", "red")], ["field-undeclared"]),
        ({"name": "a", "kind": "cat"}, [("/owner/email", "e")], ["target-missing"]),
        ({"name": "a", "kind": "cat", "owner": {}}, [("/owner/email", "e")], []),
        ({"name": "a", "kind": "cat"}, [("/owner", {})], ["field-missing"]),
        ({"name": "a", "kind": "cat"}, [("/weight", "$inputs.flag")], ["type-mismatch"]),
        ("$inputs.any", [("/kind", "cow")], ["wrong-argument"]),
        ({"name": "abcdef", "kind": "cat"}, [], ["wrong-argument"]),
    ],
)
def test_a_body_is_looked_at_with_its_replacements_made(
    tmp_path: Path, payload: Value, replacements: list[tuple[str, Value]], expected: list[str]
) -> None:
    listed: list[Value] = [
        {"target": t, "value": v, **({"targetSelectorType": "jsonpath"} if t[0] == "$" else {})}
        for t, v in replacements
    ]
    body: Value = {"contentType": "application/json", "payload": payload, "replacements": listed or None}
    if not listed and isinstance(body, dict):
        del body["replacements"]
    step: Value = {"operationId": "add", "requestBody": body}
    assert codes(tmp_path, step, inputs={"flag": {"type": "boolean"}, "any": {}}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"name": "{$inputs.n}", "kind": "cat", "weight": {$inputs.w}}', []),
        ('{"name": "{$inputs.n}"}', ["field-missing"]),
        ('{"name": "{$inputs.n}", "kind": "cat", "colour": 1}', ["field-undeclared"]),
        ('{"name": {$inputs.w}, "kind": "cat"}', ["type-mismatch"]),
        ('{"name": "{$inputs.n}", "kind": "cat", "weight": "{$inputs.w}"}', ["type-mismatch"]),
        ("no json {$inputs.n}", []),
    ],
)
def test_a_json_text_with_expressions_in_it_is_read(tmp_path: Path, text: str, expected: list[str]) -> None:
    step: Value = {"operationId": "add", "requestBody": {"contentType": "application/json", "payload": text}}
    assert codes(tmp_path, step, inputs={"n": {"type": "string"}, "w": {"type": "number"}}) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(50, []), (51, ["wrong-argument"]), (0, ["wrong-argument"]), ("51", ["wrong-argument"])],
)
def test_a_constant_beyond_its_bounds_is_found(tmp_path: Path, value: Value, expected: list[str]) -> None:
    step: Value = {"operationId": "pets", "parameters": [{"name": "limit", "in": "query", "value": value}]}
    assert codes(tmp_path, step) == expected


@pytest.mark.parametrize(("words", "expected"), [(["many", "few"], ["type-mismatch"]), (["many", "5"], [])])
def test_texts_none_of_which_is_a_number_are_no_number(
    tmp_path: Path, words: Value, expected: list[str]
) -> None:
    step: Value = {
        "operationId": "pets",
        "parameters": [{"name": "limit", "in": "query", "value": "$inputs.n"}],
    }
    assert codes(tmp_path, step, inputs={"n": {"type": "string", "enum": words}}) == expected


def _criteria(*conditions: str) -> Value:
    return [{"condition": condition} for condition in conditions]


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["$statusCode >= 200 && $statusCode < 300"], []),
        (["$statusCode >= 300 && $statusCode < 200"], ["never-met"]),
        (["$statusCode > 600"], ["never-met"]),
        (["$statusCode >= 200", "$statusCode < 200"], ["never-met"]),
        (["$statusCode != 500"], []),
    ],
)
def test_criteria_that_no_status_meets_are_found(
    tmp_path: Path, conditions: list[str], expected: list[str]
) -> None:
    assert codes(tmp_path, {"operationId": "pet", "successCriteria": _criteria(*conditions)}) == expected


def _action(name: str, *conditions: str, type: str = "end") -> Value:
    return {"name": name, "type": type, **({"criteria": _criteria(*conditions)} if conditions else {})}


@pytest.mark.parametrize(
    ("own", "field", "condition", "expected"),
    [
        ([], "onSuccess", "$statusCode == 500", ["never-met"]),
        ([], "onSuccess", "$statusCode == 200", []),
        (["$statusCode < 600"], "onSuccess", "$statusCode == 500", []),
        ([], "onFailure", "$statusCode == 200", ["never-met"]),
        (["$response.body#/kind == 'cat'"], "onFailure", "$statusCode == 200", []),
        (["$statusCode == 200"], "onFailure", "$statusCode == 200", ["never-met"]),
        (["$statusCode == 200"], "onFailure", "$statusCode == 500", []),
        ([], "onFailure", "$statusCode == null", []),
    ],
)
def test_an_action_waits_for_a_status_that_its_step_can_have_there(
    tmp_path: Path, own: list[str], field: str, condition: str, expected: list[str]
) -> None:
    step: dict[str, Value] = {"operationId": "pet", field: [_action("a", condition)]}
    if own:
        step["successCriteria"] = _criteria(*own)
    assert codes(tmp_path, step) == expected


@pytest.mark.parametrize(
    ("field", "first", "second", "expected"),
    [
        ("onFailure", ["$statusCode >= 400"], ["$statusCode == 503"], ["shadowed-action"]),
        ("onFailure", ["$statusCode == 503"], ["$statusCode >= 400"], []),
        ("onFailure", ["$statusCode >= 400"], [], []),
        ("onFailure", ["$statusCode == 503"], ["$statusCode == 503"], ["shadowed-action"]),
        (
            "onFailure",
            ["$response.body#/kind == 'cat'"],
            ["$response.body#/kind == 'cat'", "$statusCode == 503"],
            ["shadowed-action"],
        ),
        (
            "onFailure",
            ["$response.body#/kind == 'cat'", "$statusCode == 503"],
            ["$response.body#/kind == 'cat'"],
            [],
        ),
        ("onSuccess", ["$statusCode < 300"], [], ["shadowed-action"]),
        ("onSuccess", ["$statusCode == 200"], [], []),
    ],
)
def test_an_action_whose_cases_an_earlier_one_takes_is_never_chosen(
    tmp_path: Path, field: str, first: list[str], second: list[str], expected: list[str]
) -> None:
    listed: Value = [_action("a", *first), _action("b", *second)]
    assert codes(tmp_path, {"operationId": "pet", field: listed}) == expected


def test_a_retry_leaves_the_same_case_to_the_next_action(tmp_path: Path) -> None:
    condition = "$statusCode == 503"
    listed: Value = [_action("a", condition, type="retry"), _action("b", condition)]
    assert codes(tmp_path, {"operationId": "pet", "onFailure": listed}) == []


@pytest.mark.parametrize(
    ("seconds", "is_found"),
    [
        (1000, True),
        (2500, True),
        (9000, True),
        (18_000, True),
        (30_000, True),
        (999, False),
        (1200, False),
        (1800, False),
        (3600, False),
        (7200, False),
        (86_400, False),
        (432_000, False),
    ],
)
def test_thousands_of_seconds_look_like_milliseconds(tmp_path: Path, seconds: int, is_found: bool) -> None:
    retry: Value = {"name": "r", "type": "retry", "retryAfter": seconds, "retryLimit": 2}
    expected = ["milliseconds"] if is_found else []
    assert codes(tmp_path, {"operationId": "pet", "onFailure": [retry]}) == expected


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("${inputs.a}", "near-expression"),
        ("Bearer ${inputs.a}", "near-expression"),
        ("{{inputs.a}}", "near-expression"),
        ("{{$inputs.a}}", "near-expression"),
        ("inputs.a", "near-expression"),
        ("$inputs['a']", "near-expression"),
        ("$statuscode", "near-expression"),
        ("$Body.\n", None),
        ("$url.{inputs.a}", "bad-expression"),
        ("$9.99 {inputs.a}", "near-expression"),
        ("steps.s.outputs.x", "near-expression"),
        ("${inputs.nothing}", None),
        ("{{name}}", None),
        ("inputs.nothing", None),
        ("$type", None),
        ("see inputs.a", None),
        ("$statusCode", "absent-message"),
    ],
)
def test_an_expression_in_another_languages_form_is_found(
    tmp_path: Path, text: str, hint: str | None
) -> None:
    step: Value = {"operationId": "pets", "parameters": [{"name": "sort", "in": "query", "value": text}]}
    assert codes(tmp_path, step, inputs={"a": {"type": "string"}}) == ([hint] if hint else [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"password": "k3ufn28fh2Xq"}, True),
        ({"password": "$inputs.a"}, False),
        ({"password": "your-password-1"}, False),
        ({"nextPageToken": "a8f7d6e5c4b3"}, False),
        ({"hook": "https://me:k3ufn28fh2@hooks.test/x"}, True),
        ({"hook": "https://user:password@hooks.test/x"}, False),
    ],
)
def test_a_credential_is_found_wherever_it_stands(tmp_path: Path, body: Value, expected: bool) -> None:
    step: Value = {"operationId": "add", "requestBody": {"contentType": "application/json", "payload": body}}
    assert ("secret-in-document" in codes(tmp_path, step, inputs={"a": {}})) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string", "default": "k3ufn28fh2Xq"}, ["secret-in-document"]),
        ({"type": "string", "default": "example-key-1"}, []),
        ({"type": "string", "pattern": "k3ufn28fh2Xq"}, []),
    ],
)
def test_the_default_of_a_secret_input_is_a_credential(
    tmp_path: Path, schema: Value, expected: list[str]
) -> None:
    step: Value = {
        "operationId": "pets",
        "parameters": [{"name": "sort", "in": "query", "value": "$inputs.apiKey"}],
    }
    assert codes(tmp_path, step, inputs={"apiKey": schema}) == expected


@pytest.mark.parametrize(
    ("login", "expected"),
    [("d3Jvbmc6Y3JlZHM=", []), ("bWFyeTpqdW41MTBEODcyNQ==", ["secret-in-document"])],
)
def test_a_login_that_says_it_is_an_example_is_no_credential(
    tmp_path: Path, login: str, expected: list[str]
) -> None:
    parameter: Value = {"name": "Authorization", "in": "header", "value": f"Basic {login}"}
    assert codes(tmp_path, {"operationId": "pets", "parameters": [parameter]}) == expected


@pytest.mark.parametrize(("name", "expected"), [("pet", []), ("pte", ["unknown-output"]), ("own", [])])
def test_an_output_that_the_called_workflow_does_not_declare_is_found(
    tmp_path: Path, name: str, expected: list[str]
) -> None:
    called: Value = {
        "workflowId": "sub",
        "steps": [{"stepId": "t", "operationId": "pet", "outputs": {"pet": "$response.body"}}],
        "outputs": {"pet": "$steps.t.outputs.pet"},
    }
    outputs: Value = {"own": "$outputs.pet", "o": f"$outputs.{name}"}
    assert codes(tmp_path, {"workflowId": "sub", "outputs": outputs}, more=[called]) == expected


def test_a_step_that_goes_back_to_itself_whenever_it_fails_is_noted(tmp_path: Path) -> None:
    (tmp_path / "api.json").write_text(json.dumps(API), encoding="utf-8")
    text = (
        "arazzo: 1.0.1\ninfo: {title: t, version: 1.0.0}\n"
        "sourceDescriptions: [{name: api, url: api.json, type: openapi}]\n"
        "workflows:\n- workflowId: w\n  steps:\n  - stepId: s\n    operationId: pet\n"
        "    onFailure: [{name: again, type: goto, stepId: s}]\n"
    )
    path = tmp_path / "doc.arazzo.yaml"
    path.write_text(text, encoding="utf-8")
    assert "unbounded-loop" in [finding.code for finding in arazzo.check(arazzo.load(str(path)))]


def test_a_condition_with_a_context_and_no_type_is_told_what_it_lacks(tmp_path: Path) -> None:
    criterion: Value = {"context": "$statusCode", "condition": "^20"}
    step: Value = {"operationId": "pet", "successCriteria": [criterion]}
    assert codes(tmp_path, step) == ["bad-condition"]
    path = str(tmp_path / "doc.arazzo.json")
    hints = [finding.hint for finding in arazzo.check(arazzo.load(path)) if finding.code == "bad-condition"]
    assert hints == ["a condition with a context says `type: regex`, `jsonpath` or `xpath`"]


def test_a_dot_in_a_pointer_is_hinted_at_as_a_slash(tmp_path: Path) -> None:
    step: Value = {"operationId": "pet", "outputs": {"a": "$response.body#/pair.1"}}
    assert codes(tmp_path, step) == ["undocumented-field"]
    (hint,) = [
        finding.hint
        for finding in arazzo.check(arazzo.load(str(tmp_path / "doc.arazzo.json")))
        if finding.code == "undocumented-field"
    ]
    assert hint == "a pointer leads further with slashes: pair/1"


def test_an_operator_alone_is_told_what_is_compared(tmp_path: Path) -> None:
    criterion: Value = {"context": "$statusCode", "condition": "==", "value": 200}
    step: Value = {"operationId": "pet", "successCriteria": [criterion]}
    assert codes(tmp_path, step) == ["bad-condition", "unknown-field"]
    told = {
        finding.code: (finding.message, finding.hint)
        for finding in arazzo.check(arazzo.load(str(tmp_path / "doc.arazzo.json")))
    }
    assert told["bad-condition"] == (
        "`==` cannot stand where a value belongs",
        "write the whole comparison: $statusCode == …",
    )
    assert told["unknown-field"][1] == "a `condition` is a whole comparison, such as `$statusCode == 200`"


def test_of_a_parameter_whose_place_is_none_nothing_more_is_said(tmp_path: Path) -> None:
    parameter: Value = {"name": "strange", "in": "body", "value": 1}
    assert codes(tmp_path, {"operationId": "pet", "parameters": [parameter]}) == ["wrong-value"]
    there: Value = {"name": "strange", "in": "query", "value": 1}
    assert codes(tmp_path, {"operationId": "pet", "parameters": [there]}) == ["parameter-undeclared"]


@pytest.mark.parametrize(
    ("place", "hint"),
    [
        ({"operationId": None, "workflowId": "$sourceDescriptions.api.W"}, "workflowId: w"),
        ({"operationId": None, "workflowId": "$sourceDescriptions.api.order"}, "call its operations"),
        ({"onSuccess": [{"name": "a", "type": "goto", "workflowId": "$sourceDescriptions.api.order"}]}, None),
    ],
)
def test_a_workflow_of_an_api_description_is_hinted_at_what_is_meant(
    tmp_path: Path, place: dict[str, Value], hint: str | None
) -> None:
    step: Value = {key: value for key, value in {"operationId": "pet", **place}.items() if value is not None}
    assert "source-type" in codes(tmp_path, step)
    document = arazzo.load(str(tmp_path / "doc.arazzo.json"))
    (found_hint,) = [finding.hint for finding in arazzo.check(document) if finding.code == "source-type"]
    assert found_hint is None if hint is None else found_hint is not None and hint in found_hint


@pytest.mark.parametrize(
    ("condition", "found"), [(True, ["scalar-text"]), (200, ["constant-condition", "scalar-text"])]
)
def test_a_condition_that_is_no_text_is_read_as_its_text(
    tmp_path: Path, condition: Value, found: list[str]
) -> None:
    step: Value = {"operationId": "pet", "successCriteria": [{"condition": condition}]}
    assert sorted(codes(tmp_path, step)) == found


@pytest.mark.parametrize(
    ("condition", "constant"),
    [
        ("true", None),
        ("false", None),
        ("200", "`200` is a constant"),
        ("'ok'", "`'ok'` is a constant"),
        ("$statusCode == 200 || 201", "`201` is a constant"),
        ("$statusCode == 200 && true", "`true` is a constant"),
        ("!($statusCode == 200 || 'it''s')", "`'it''s'` is a constant"),
        ("200 == 200", "`200 == 200` compares two constants"),
        ("null != 'a'", "`null != 'a'` compares two constants"),
        ("$statusCode", "`$statusCode` alone is true"),
        ("$url && $statusCode == 200", "`$url` alone is true"),
        ("$statusCode == 200", None),
        ("$response.body#/id", None),
        ("$inputs.a", None),
    ],
)
def test_a_condition_that_says_nothing_is_found(tmp_path: Path, condition: str, constant: str | None) -> None:
    step: Value = {"operationId": "pet", "successCriteria": [{"condition": condition}]}
    told = [
        message
        for code, message in found(
            tmp_path, step, inputs={"type": "object", "properties": {"a": {"type": "string"}}}
        )
        if code == "constant-condition"
    ]
    assert len(told) == (constant is not None)
    assert constant is None or told[0].startswith(constant)


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("{$inputs.a", "{$inputs.a}"),
        ("x { $inputs.a } y", "x {$inputs.a} y"),
        ("x $inputs.a }", "x {$inputs.a} }"),
        ("${inputs.a}/x", "{$inputs.a}/x"),
        ("{{$inputs.a}}", "$inputs.a"),
    ],
)
def test_a_half_written_brace_is_mended_once(tmp_path: Path, text: str, mended: str) -> None:
    step: Value = {"operationId": "pets", "parameters": [{"name": "sort", "in": "query", "value": text}]}
    codes(tmp_path, step, inputs={"a": {"type": "string"}})
    path = str(tmp_path / "doc.arazzo.json")
    mends = [finding.mend for finding in arazzo.check(arazzo.load(path)) if finding.mend is not None]
    assert [text[: mend.start] + mend.text + text[mend.end :] for mend in mends] == [mended]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("^20", []), ("/^20/", ["never-met"]), ("^20(", ["bad-condition"]), ("^6", ["never-met"])],
)
def test_a_pattern_that_no_status_has_is_found(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    criterion: Value = {"context": "$statusCode", "type": "regex", "condition": pattern}
    assert codes(tmp_path, {"operationId": "pet", "successCriteria": [criterion]}) == expected


def test_a_source_is_not_called_unused_while_a_step_cannot_be_read(tmp_path: Path) -> None:
    codes(tmp_path, {"operationId": "pet", "workflowId": "w"})
    path = str(tmp_path / "doc.arazzo.json")
    assert [finding.code for finding in arazzo.check(arazzo.load(path))] == ["exclusive-fields"]


def test_a_number_too_large_for_a_float_is_out_of_bounds_like_any_other(tmp_path: Path) -> None:
    step: Value = {"operationId": "pets", "parameters": [{"name": "limit", "in": "query", "value": 10**400}]}
    assert codes(tmp_path, step) == ["wrong-argument"]
