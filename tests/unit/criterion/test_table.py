"""Criterion Objects as a whole: what is reported where, what is listed, and that judging never raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arazzo.criterion.table import Comparison, CompiledCriterion, Verdict, comparisons, compile_criterion
from arazzo.diagnostics import Findings
from arazzo.document.model import Criterion, ExpressionType
from arazzo.expression.scope import Names, ResponseView, Scope
from arazzo.source import Node, from_value, parse
from arazzo.values import File, Value

NAMES = Names(inputs=["x"], steps={"s": ["o"]})
GOESSNER = "draft-goessner-dispatch-jsonpath-00"


def criterion(
    condition: str, type: str | None = None, context: str | None = None, version: str | None = None
) -> Criterion:
    written: dict[str, Value] = {"condition": condition}
    if context is not None:
        written["context"] = context
    node = from_value(written).node
    kind = ExpressionType(node, type, version) if type and version else type
    return Criterion(node, condition, context, kind)


def compiled(*args: str | None, strict: bool = False) -> tuple[CompiledCriterion, Findings]:
    findings = Findings(strict=strict)
    return compile_criterion(criterion(*args), NAMES, findings), findings  # type: ignore[arg-type]


def test_a_compiled_criterion_keeps_what_was_written() -> None:
    made, _ = compiled("$.a", "jsonpath", "$response.body")
    assert (made.condition, made.type, made.context) == ("$.a", "jsonpath", "$response.body")
    made, _ = compiled("$statusCode == 200")
    assert (made.condition, made.type, made.context) == ("$statusCode == 200", "simple", None)
    made, _ = compiled("$.a", "jsonpath", "$response.body", GOESSNER)
    assert made.type == "jsonpath"


def read(text: str) -> tuple[Criterion, Node]:
    node = parse(text, "f.yml").node
    assert isinstance(node.value, dict)
    value = {key: str(member) for key, member in node.value.items()}
    return Criterion(node, value["condition"], value.get("context"), value.get("type")), node


@pytest.mark.parametrize(
    ("text", "code", "line", "shown"),
    [
        ("condition: $statusCode = 200\n", "bad-condition", 1, "="),
        ("condition: '$response.bdy == 1'\n", "bad-condition", 1, "bdy"),
        ("context: $response.bdy#/x\ntype: regex\ncondition: x\n", "bad-expression", 1, "bdy"),
        ("context: $response.body\ntype: jsonpath\ncondition: $.a[\n", "bad-condition", 3, ""),
        ("context: $response.body\ntype: regex\ncondition: '{$response.bdy}'\n", "bad-expression", 3, "bdy"),
        ("context: $response.body\ntype: jsonpath\ncondition: $.a == x\n", "bad-condition", 3, "x"),
        ("context: $response.body\ntype: xpath\ncondition: count(\n", "bad-condition", 3, ""),
    ],
)
def test_what_is_wrong_is_shown_at_its_place(text: str, code: str, line: int, shown: str) -> None:
    findings = Findings()
    made, _ = read(text)
    verdict = compile_criterion(made, NAMES, findings).judge(Scope(response=ResponseView(200, (), {})))
    assert verdict.met is False
    assert verdict.error
    first = findings.errors[0]
    assert first.code == code
    assert first.span is not None
    assert first.span.line == line
    if shown:
        assert text.splitlines()[line - 1][first.span.column - 1 : first.span.end_column - 1] == shown


def test_expressions_are_listed_with_their_places_context_first() -> None:
    condition = "$.b[?@.c == '{$inputs.x}' && @.d == {$statusCode}]"
    text = f"context: $steps.s.outputs.o#/a\ntype: jsonpath\ncondition: {condition}\n"
    made, node = read(text)
    lines = text.splitlines()
    listed = list(compile_criterion(made, NAMES, Findings()).expressions())
    assert [lines[s.line - 1][s.column - 1 : s.end_column - 1] for _, s in listed if s] == [
        "$steps.s.outputs.o#/a",
        "$inputs.x",
        "$statusCode",
    ]
    assert node.value is not None


def test_the_expressions_of_a_logical_condition_are_listed() -> None:
    made, _ = compiled("$.a > $inputs.x || $statusCode == 200", "jsonpath", "$response.body")
    assert len(list(made.expressions())) == 3


@pytest.mark.parametrize("type", ["regex", "jsonpath", "xpath"])
@pytest.mark.parametrize("body", [None, "absent"])
def test_a_context_without_a_value_fails_before_anything_else(type: str, body: str | None) -> None:
    made, _ = compiled("{$inputs.nope}", type, "$response.body" if body is None else "$inputs.absent")
    assert made.judge(Scope(response=ResponseView(200, (), None))) == Verdict(False)


def test_a_typed_condition_without_a_context_is_never_met_and_says_so() -> None:
    made, _ = compiled("x", "regex")
    verdict = made.judge(Scope(response=ResponseView(200)))
    assert verdict.met is False
    assert verdict.error is not None
    assert "context" in verdict.error


def test_a_type_or_version_that_does_not_exist_is_never_met() -> None:
    for made, _ in (compiled("x", "css", "$statusCode"), compiled("$.x", "jsonpath", "$response.body", "v9")):
        verdict = made.judge(Scope(response=ResponseView(200, (), {"x": 1})))
        assert (verdict.met, verdict.error is not None) == (False, True)


def test_a_filter_judged_on_an_object_says_so_in_its_verdict() -> None:
    made, findings = compiled("$[?count(@.pets) > 0]", "jsonpath", "$response.body")
    assert len(findings) == 0
    verdict = made.judge(Scope(response=ResponseView(200, (), {"pets": [1]})))
    assert verdict.met is True
    assert verdict.note is not None
    assert verdict.note.code == "filter-on-object"
    strictly, findings = compiled("$[?count(@.pets) > 0]", "jsonpath", "$response.body", strict=True)
    assert len(findings) == 0
    assert strictly.judge(Scope(response=ResponseView(200, (), {"pets": [1]}))) == Verdict(False)


def test_an_empty_context_of_a_simple_condition_is_none() -> None:
    made, findings = compiled("$statusCode == 200", None, "")
    assert len(findings) == 0
    assert made.judge(Scope(response=ResponseView(200))).met is True


def test_values_filled_in_change_from_one_judgement_to_the_next() -> None:
    made, _ = compiled("$[?@ == '{$inputs.x}']", "jsonpath", "$response.body")
    response = ResponseView(200, (), ["a", "b"])
    met = [made.judge(Scope(inputs={"x": x}, response=response)).met for x in ("a", "c", "b", "a")]
    assert met == [True, False, True, True]
    for number in range(100):
        assert made.judge(Scope(inputs={"x": number}, response=response)).met is False


@settings(max_examples=300)
@given(
    st.text("$.[]?@='\"{}inputsx &|!<>()0a/*\\^+", max_size=20),
    st.sampled_from([None, "simple", "regex", "jsonpath", "css"]),
    st.sampled_from([None, "$response.body", "$statusCode", "$bad", "$inputs.x", ""]),
    st.sampled_from([None, {"a": [1]}, "text", b"\xff", File("f", b"x"), [{}], 5]),
)
def test_judging_never_raises(condition: str, type: str | None, context: str | None, body: Value) -> None:
    made, _ = compiled(condition, type, context)
    verdict = made.judge(Scope(inputs={"x": body}, response=ResponseView(200, (), body)))
    assert isinstance(verdict.met, bool)
    assert not (verdict.met and verdict.error)
    assert list(made.expressions()) is not None
    assert isinstance(comparisons(made), tuple)


BODY = "$response.body"


@pytest.mark.parametrize(
    ("condition", "type", "context", "expected"),
    [
        ("$statusCode == 200", None, None, [Comparison("status", (), "==", 200)]),
        ("200 < $statusCode", None, None, [Comparison("status", (), ">", 200)]),
        ("$response.header.X-A != 'b'", None, None, [Comparison("header", ("X-A",), "!=", "b")]),
        (
            "$response.body#/a/0/b == 'x' || $response.body.c[1] >= 2",
            None,
            None,
            [Comparison("body", ("a", 0, "b"), "==", "x"), Comparison("body", ("c", 1), ">=", 2)],
        ),
        ("!($response.body.a == null)", None, None, [Comparison("body", ("a",), "==", None)]),
        ("$response.body.l.length > 0", None, None, [Comparison("body", ("l",), ">", 0, length=True)]),
        ("$response.body == 'ok'", None, None, [Comparison("body", (), "==", "ok")]),
        ("$response.body.a == $inputs.x", None, None, []),
        ("$inputs.x == 1 && $request.body.a == 1 && $steps.s.outputs.o == 1", None, None, []),
        (
            "$.s == 'a' || $.t != \"b\"",
            "jsonpath",
            BODY,
            [Comparison("body", ("s",), "==", "a"), Comparison("body", ("t",), "!=", "b")],
        ),
        ("$.s == 'a'", "jsonpath", "$response.body#/in/0", [Comparison("body", ("in", 0, "s"), "==", "a")]),
        ("$.l.length == 0", "jsonpath", BODY, [Comparison("body", ("l",), "==", 0, length=True)]),
        ("$ >= 200", "jsonpath", "$statusCode", []),
        ("$ > 5 && true", "jsonpath", "$response.body.n", [Comparison("body", ("n",), ">", 5)]),
        ("$.a[?@.b == 'x']", "jsonpath", BODY, [Comparison("body", ("a", 0, "b"), "==", "x")]),
        ("$.a[?(@.b > 1.5)]", "jsonpath", BODY, [Comparison("body", ("a", 0, "b"), ">", 1.5)]),
        ("$[?@.ok == true]", "jsonpath", BODY, [Comparison("body", (0, "ok"), "==", True)]),
        ("$.a[?@ == 3]", "jsonpath", BODY, [Comparison("body", ("a", 0), "==", 3)]),
        ("$.a[?@.b == 1 && @.c == 2]", "jsonpath", BODY, []),
        ("$.a[?@.b == 1]", "jsonpath", "$inputs.x", []),
        ("$.a", "jsonpath", BODY, []),
        ("^200$", "regex", "$statusCode", []),
    ],
)
def test_comparisons_with_constants_are_listed(
    condition: str, type: str | None, context: str | None, expected: list[Comparison]
) -> None:
    found = comparisons(compiled(condition, type, context)[0])
    if condition == "$ >= 200":
        assert found == (Comparison("status", (), ">=", 200),)
    else:
        assert list(found) == expected


def test_a_thousand_judgements_are_quick() -> None:
    import time

    made = [
        compiled("$statusCode == 200")[0],
        compiled("$.status == 'a' || $.status == 'b'", "jsonpath", BODY)[0],
        compiled("$.items[?@.id == {$inputs.x}]", "jsonpath", BODY)[0],
        compiled("^2\\d\\d$", "regex", "$statusCode")[0],
    ]
    scope = Scope(
        inputs={"x": 2}, response=ResponseView(200, (), {"status": "b", "items": [{"id": 1}, {"id": 2}]})
    )
    begun = time.perf_counter()
    for _ in range(1_000):
        assert all(one.judge(scope).met for one in made)
    assert time.perf_counter() - begun < 2
