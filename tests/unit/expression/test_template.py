"""Templates: what is found in a value, where, and what becomes of it. Tables in ``conformance/expressions``."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.diagnostics import Findings, Severity
from arazzo.expression.nodes import InputReference, MessagePart, StepReference
from arazzo.expression.scope import Names, ResponseView, Scope
from arazzo.expression.template import (
    ExpressionValue,
    ListOf,
    Literal,
    MappingOf,
    Template,
    Text,
    compile_value,
    escape_json,
    expressions,
    render,
)
from arazzo.source import from_value, parse
from arazzo.values import UNDEFINED, Value

NAMES = Names(inputs=["a", "key", "user"], steps={"s": ["o"], "called": None})


def compiled(value: Value, names: Names = NAMES) -> tuple[Template, Findings]:
    findings = Findings()
    return compile_value(from_value(value).node, names, findings), findings


def test_what_holds_no_expression_is_one_constant_and_is_not_copied() -> None:
    node = from_value({"a": [1, {"b": "$type"}], "$inputs.a": None}).node
    findings = Findings()
    template = compile_value(node, NAMES, findings)
    assert isinstance(template, Literal)
    assert template.value is node.value
    assert len(findings) == 0
    assert render(template, Scope()) is node.value


def test_constant_parts_of_a_value_stay_one_constant() -> None:
    template, _ = compiled({"fixed": [1, [2, [3]]], "free": "$inputs.a"})
    assert isinstance(template, MappingOf)
    assert template.members[0] == ("fixed", Literal([1, [2, [3]]]))
    template, _ = compiled([{"fixed": 1}, "$inputs.a"])
    assert isinstance(template, ListOf)
    assert template.items[0] == Literal({"fixed": 1})


def test_expressions_are_listed_in_order_with_their_places() -> None:
    text = "first: $inputs.a\nsecond:\n  - 'x {$steps.s.outputs.o} y {$inputs.key}'\n  - 1\nthird: $response.body#/x\n"
    tree = parse(text, "f.yml")
    template = compile_value(tree.node, NAMES, Findings())
    listed = list(expressions(template))
    assert [type(expression) for expression, _ in listed] == [
        InputReference,
        StepReference,
        InputReference,
        MessagePart,
    ]
    lines = text.splitlines()
    shown = [lines[s.line - 1][s.column - 1 : s.end_column - 1] for _, s in listed if s is not None]
    assert shown == ["$inputs.a", "$steps.s.outputs.o", "$inputs.key", "$response.body#/x"]


def test_a_malformed_expression_is_reported_at_its_place_with_a_hint() -> None:
    tree = parse("value: 'id {$response.bdy#/x} end'\n", "f.yml")
    node = tree.node.get("value")
    assert node is not None
    findings = Findings()
    compile_value(node, NAMES, findings)
    [error] = findings
    assert (error.code, error.severity) == ("bad-expression", Severity.ERROR)
    assert error.span is not None
    assert (error.span.line, error.span.column, error.span.end_column) == (1, 23, 26)
    assert error.hint == "did you mean `$response.body`?"


@pytest.mark.parametrize(
    ("value", "root"),
    [
        ("$input.a", "inputs.a"),
        ("$step.s.outputs.o", "steps.s.outputs.o"),
        ("{$output.x}", "outputs.x"),
        ("id {$respones.body}", "response.body"),
        ("$Inputs.a", "inputs.a"),
    ],
)
def test_a_root_that_is_misspelt_is_an_error_with_a_suggestion(value: str, root: str) -> None:
    template, findings = compiled(value)
    assert template == Literal(value)
    [finding] = findings
    assert (finding.code, finding.hint) == ("bad-expression", f"did you mean `${root}`?")


@pytest.mark.parametrize(
    "value", ["use $inputs.nope here", "use $steps.s.outputs.nope here", "x$inputs.nope"]
)
def test_a_text_that_names_what_is_not_declared_is_kept_with_a_warning(value: str) -> None:
    template, findings = compiled(value)
    assert template == Literal(value)
    [finding] = findings
    assert (finding.code, finding.severity) == ("near-expression", Severity.WARNING)


@pytest.mark.parametrize(
    "value", ["$5.00", "$type", "$.items", "$faker.name({ min: 1 })", "$", "a $ b", "$$.x"]
)
def test_a_text_that_is_no_expression_is_kept_silently(value: str) -> None:
    template, findings = compiled(value)
    assert template == Literal(value)
    assert list(findings) == []


def test_an_expression_without_braces_is_a_warning_and_strictly_an_error() -> None:
    for strict, severity in ((False, Severity.WARNING), (True, Severity.ERROR)):
        findings = Findings(strict=strict)
        compile_value(from_value("Bearer $inputs.key").node, NAMES, findings)
        [finding] = findings
        assert (finding.code, finding.severity, finding.hint) == (
            "unbraced-expression",
            severity,
            "write `{$inputs.key}`",
        )


def test_a_step_whose_outputs_cannot_be_known_is_read_in_braces_only() -> None:
    assert compiled("{$steps.called.outputs.x}!")[0] != Literal("{$steps.called.outputs.x}!")
    assert compiled("see $steps.called.outputs.x!")[0] == Literal("see $steps.called.outputs.x!")


def test_a_bad_brace_does_not_hide_behind_a_dollar_sign() -> None:
    _, findings = compiled("$5 for {$response.bdy}")
    assert [finding.code for finding in findings] == ["bad-expression"]


@given(st.text(max_size=20), st.text(max_size=20))
def test_what_is_substituted_in_a_json_text_keeps_it_json(first: str, second: str) -> None:
    template, _ = compiled('{"a": "{$inputs.a}", "b\\"": "x{$inputs.key}y", "c": {$inputs.user}}')
    scope = Scope(inputs={"a": first, "key": second, "user": {"n": first}})
    text = render(template, scope, escape=escape_json)
    assert isinstance(text, str)
    assert json.loads(text) == {"a": first, 'b"': f"x{second}y", "c": {"n": first}}


def test_without_escape_what_is_substituted_is_substituted_as_it_is() -> None:
    template, _ = compiled('{"a": "{$inputs.a}"}')
    assert render(template, Scope(inputs={"a": 'x"y'})) == '{"a": "x"y"}'


@given(st.text("$inputs.{}a key\"'\\#/[0]", max_size=60))
def test_no_text_makes_compiling_or_rendering_raise(text: str) -> None:
    template, _ = compiled(text)
    scope = Scope(inputs={"a": 1, "key": None, "user": {"x": "y"}}, response=ResponseView(200, (), "body"))
    rendered = render(template, scope)
    if isinstance(template, Literal):
        assert rendered == text
    if isinstance(template, Text):
        assert rendered is UNDEFINED or isinstance(rendered, str)


def test_a_value_may_be_as_deep_as_a_document() -> None:
    value: Value = "$inputs.a"
    for level in range(195):
        value = [value] if level % 2 else {"k": value}
    template, _ = compiled(value)
    rendered = render(template, Scope(inputs={"a": "leaf"}))
    assert json.dumps(rendered).count("leaf") == 1
    assert [expression for expression, _ in expressions(template)] == [InputReference("a")]


def test_a_value_too_deep_to_be_written_has_no_text() -> None:
    deep: Value = 1
    for _ in range(100_000):  # What Python writes is deeper with every version.
        deep = [deep]
    template, _ = compiled("x {$inputs.a}")
    assert render(template, Scope(inputs={"a": deep})) is UNDEFINED


@pytest.mark.parametrize(
    "text",
    [
        "{$inputs.a}" * 9_000,
        "$inputs.a " * 10_000,
        "{$" * 50_000,
        "$inputs." * 12_000,
        "{$inputs.zz",
        '"' * 100_000,
    ],
    ids=lambda text: f"{text[:12]}…",
)
def test_long_texts_are_compiled_and_rendered_in_little_time(text: str) -> None:
    begun = time.perf_counter()
    template, _ = compiled(text)
    render(template, Scope(inputs={"a": 1}))
    assert time.perf_counter() - begun < 5


def test_a_whole_expression_keeps_its_node_for_its_place() -> None:
    template, _ = compiled("$inputs.a")
    assert template == ExpressionValue(InputReference("a"))
