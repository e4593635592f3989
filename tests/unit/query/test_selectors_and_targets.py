"""Selector Objects, replacement targets, and what is substituted inside queries."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.diagnostics import Findings, Severity
from arazzo.document.model import ExpressionType
from arazzo.expression.scope import Names, ResponseView, Scope
from arazzo.expression.template import Selected, compile_value, expressions, render
from arazzo.query.embedding import Language, read_query
from arazzo.query.errors import QueryError
from arazzo.query.jsonpath import compile_jsonpath
from arazzo.query.replacement import check_target, replace
from arazzo.query.selector import compile_selector
from arazzo.query.xpath import compile_xpath
from arazzo.source import from_value, parse
from arazzo.values import UNDEFINED, Maybe, Value

NAMES = Names(inputs=["x", "y"])


def select(selector: Value, context: Value = None, **inputs: Value) -> tuple[Maybe, Findings]:
    findings = Findings()
    node = from_value(selector).node
    template = compile_value(node, NAMES, findings, selectors=compile_selector)
    return render(template, Scope(inputs=inputs, response=ResponseView(200, (), context))), findings


def test_a_selector_lists_its_context_and_its_embedded_expressions() -> None:
    text = "context: $response.body\nselector: $.a[?@.b == '{$inputs.x}'].{$inputs.y}\ntype: jsonpath\n"
    template = compile_value(parse(text, "f.yml").node, NAMES, Findings(), selectors=compile_selector)
    assert isinstance(template, Selected)
    shown = [(span.line, span.column, span.end_column) for _, span in expressions(template) if span]
    assert shown == [(1, 10, 24), (2, 25, 34), (2, 39, 48)]


@pytest.mark.parametrize(
    ("selector", "codes"),
    [
        ({"context": "$response.body", "selector": "$.a", "type": "css"}, ["wrong-value"]),
        ({"context": "$response.bdy", "selector": "$.a", "type": "jsonpath"}, ["bad-expression"]),
        ({"context": "$response.body", "selector": "$.[", "type": "jsonpath"}, ["bad-selector"]),
        ({"context": "$response.body", "selector": "a/b", "type": "jsonpointer"}, ["bad-selector"]),
        ({"context": "$response.body", "selector": "/a[", "type": "xpath"}, ["bad-selector"]),
        (
            {"context": "$response.body", "selector": "$[?@ == '{$inputs.x}'", "type": "jsonpath"},
            ["bad-selector"],
        ),
        ({"context": "$response.body", "selector": 5, "type": "jsonpath"}, ["wrong-type"]),
        ({"context": "$response.body.a", "selector": "$.b", "type": "jsonpath"}, []),
        ({"context": "$inputs", "selector": "$.x", "type": "jsonpath"}, ["expression-form"]),
    ],
)
def test_what_is_wrong_with_a_selector_is_reported(selector: Value, codes: list[str]) -> None:
    value, findings = select(selector, {"a": {"b": 1}}, x="i")
    assert [finding.code for finding in findings] == codes
    if findings.errors:
        assert value in (UNDEFINED, None)


def test_a_bad_selector_is_shown_at_its_place() -> None:
    text = "context: $response.body\nselector: /a~b\ntype: jsonpointer\n"
    findings = Findings()
    compile_value(parse(text, "f.yml").node, NAMES, findings, selectors=compile_selector)
    [finding] = findings
    assert finding.severity is Severity.ERROR
    assert finding.span is not None
    assert (finding.span.line, finding.span.column) == (2, 13)


@given(st.text(max_size=12), st.sampled_from(["'", '"']))
def test_no_value_can_end_the_string_it_stands_in(value: str, quote: str) -> None:
    query = filled(f"$[?@ == {quote}{{$inputs.x}}{quote}]", "jsonpath", value)
    assert compile_jsonpath(query).values([value, value + "x", ""]) == ([value] if value else ["", ""])


xml_texts = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    max_size=8,
)


@given(xml_texts, st.sampled_from(["'", '"']), st.sampled_from(["xpath", "xpath-10"]))
def test_no_value_can_end_its_string_in_xpath(value: str, quote: str, language: Language) -> None:
    query = filled(f"string({quote}a{{$inputs.x}}b{quote})", language, value)
    version = "xpath-10" if language == "xpath-10" else "xpath-31"
    assert compile_xpath(query, version).values("<a/>") == [f"a{value}b"]


@given(st.text(max_size=12))
def test_an_unbraced_text_becomes_a_string_of_the_query(value: str) -> None:
    query = filled("$[?@ == $inputs.x]", "jsonpath", value)
    assert compile_jsonpath(query).values([value, value + "x"]) == [value]


def filled(text: str, language: Language, value: Value) -> str:
    query = read_query(from_value(text).node, NAMES, Findings(), language)
    return query.fill(Scope(inputs={"x": value}))


@pytest.mark.parametrize(
    ("text", "language", "value", "expected"),
    [
        ("{$inputs.x}", "plain", "a.b", "a.b"),
        ("'{$inputs.x}'", "plain", "it's", "'it's'"),
        ("$.{$inputs.x}", "jsonpath", "a", "$.a"),
        ("$[?@ == {$inputs.x}]", "jsonpath", 5, "$[?@ == 5]"),
        ("$[?@ == $inputs.x]", "jsonpath", 1.0, "$[?@ == 1]"),
        ("$[?@ == $inputs.x]", "jsonpath", True, "$[?@ == true]"),
        ("$[?@ == $inputs.x]", "jsonpath", None, "$[?@ == null]"),
        ("/a[b = $inputs.x]", "xpath", True, "/a[b = true()]"),
        ("/a[b = $inputs.x]", "xpath", "it's", "/a[b = 'it''s']"),
        ("/a[b = $inputs.x]", "xpath-10", "it's", '/a[b = "it\'s"]'),
        ("$[?@ == '\\'{$inputs.x}']", "jsonpath", "b", "$[?@ == '\\'b']"),
        ("$['$inputs.x']", "jsonpath", "k", "$['k']"),
        ("$['$x']", "jsonpath", "k", "$['$x']"),
        ("$['{x}']", "jsonpath", "k", "$['{x}']"),
    ],
)
def test_values_are_written_for_where_they_stand(
    text: str, language: Language, value: Value, expected: str
) -> None:
    assert filled(text, language, value) == expected


@pytest.mark.parametrize("text", ["$[?@ == $inputs.x]", "$[?@ == '{$inputs.y}']"])
def test_what_cannot_be_written_is_an_error(text: str) -> None:
    with pytest.raises(QueryError):
        filled(text, "jsonpath", {"a": 1})


PAYLOAD: Value = {"items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}], "o": {}}


@pytest.mark.parametrize(
    ("kind", "target", "expected"),
    [
        (None, "/items/0/n", {"items": [{"sku": "A", "n": 9}, {"sku": "B", "n": 2}], "o": {}}),
        ("jsonpointer", "/o/x", {"items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}], "o": {"x": 9}}),
        (
            "jsonpath",
            "$.items[?(@.sku=='B')].n",
            {"items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 9}], "o": {}},
        ),
        ("jsonpath", "$.items[*].n", {"items": [{"sku": "A", "n": 9}, {"sku": "B", "n": 9}], "o": {}}),
        ("jsonpath", "$.o.new", {"items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}], "o": {"new": 9}}),
        ("jsonpath", "$.items[2]", {"items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}, 9], "o": {}}),
        ("jsonpath", "$", 9),
        (None, "$.o", {"items": [{"sku": "A", "n": 1}, {"sku": "B", "n": 2}], "o": 9}),
    ],
)
def test_a_replacement_changes_a_copy(kind: str | None, target: str, expected: Value) -> None:
    before = json.dumps(PAYLOAD)
    assert replace(PAYLOAD, kind, target, 9) == expected
    assert json.dumps(PAYLOAD) == before


def test_a_replacement_of_places_inside_each_other_replaces_all() -> None:
    assert replace({"a": {"a": {"a": 1}}}, "jsonpath", "$..a", 0) == {"a": 0}


def test_the_earlier_draft_names_targets_too() -> None:
    kind = ExpressionType(from_value({}).node, "jsonpath", "draft-goessner-dispatch-jsonpath-00")
    changed = replace(PAYLOAD, kind, "$.items[?(@.sku=='A')].n", 9)
    assert isinstance(changed, dict)
    assert changed["items"] == [{"sku": "A", "n": 9}, {"sku": "B", "n": 2}]


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("jsonpath", "$.nope[*]"),
        ("jsonpath", "$.items[?@.sku=='C'].n"),
        ("jsonpath", "$.nope.x"),
        ("jsonpath", "$.items[9]"),
        ("jsonpath", "$.items[-9]"),
        ("jsonpath", "$["),
        ("jsonpointer", "items"),
        ("xpath", "/a"),
        ("css", "a"),
    ],
)
def test_a_target_that_names_no_place_is_an_error(kind: str, target: str) -> None:
    with pytest.raises(QueryError):
        replace(PAYLOAD, kind, target, 9)


XML = '<?xml version="1.0" encoding="UTF-8"?>\n<e:E xmlns:e="urn:e"><Id q="1">5</Id><!-- kept --><L>a</L><L>b</L></e:E>'


@pytest.mark.parametrize("version", ["xpath-31", "xpath-30", "xpath-20", "xpath-10"])
@pytest.mark.parametrize(
    ("target", "old", "new"),
    [
        ("/e:E/Id", '<Id q="1">5</Id>', '<Id q="1">N&lt;</Id>'),
        ("/e:E/Id/@q", 'q="1"', 'q="N&lt;"'),
        ("//*[local-name()='L']", "<L>a</L><L>b</L>", "<L>N&lt;</L><L>N&lt;</L>"),
        ("//L[2]/text()", "<L>b</L>", "<L>N&lt;</L>"),
        ("/e:E/New", "<L>b</L>", "<L>b</L><New>N&lt;</New>"),
        ("/e:E/e:New", "<L>b</L>", "<L>b</L><e:New>N&lt;</e:New>"),
        ("/e:E/Id/@new", '<Id q="1">', '<Id q="1" new="N&lt;">'),
    ],
)
def test_a_replacement_in_xml(version: str, target: str, old: str, new: str) -> None:
    kind = ExpressionType(from_value({}).node, "xpath", version)
    assert replace(XML, kind, target, "N<") == XML.replace(old, new)


def test_without_a_type_a_target_in_xml_is_xpath() -> None:
    assert replace("<a><b>1</b></a>", None, "/a/b", 2, xml=True) == "<a><b>2</b></a>"


@pytest.mark.parametrize("target", ["/a/z/y", "//z", "count(/a)", "/a[", "/a/q:b"])
def test_a_target_that_names_no_place_in_xml_is_an_error(target: str) -> None:
    with pytest.raises(QueryError):
        replace("<a><b>1</b></a>", "xpath", target, "x")


def test_a_value_that_xml_cannot_hold_is_an_error() -> None:
    with pytest.raises(QueryError, match="cannot stand in XML"):
        replace("<a/>", "xpath", "/a", "\x00")


@pytest.mark.parametrize(
    ("kind", "target", "codes"),
    [
        (None, "/a", []),
        (None, "a", ["bad-selector"]),
        (None, "$.a", ["target-form"]),
        ("jsonpath", "$.a", []),
        ("jsonpath", "$.a[", ["bad-selector"]),
        ("xpath", "/a[", ["bad-selector"]),
    ],
)
def test_targets_are_checked_when_a_document_is_linked(
    kind: str | None, target: str, codes: list[str]
) -> None:
    findings = Findings()
    check_target(from_value(target).node, kind, findings)
    assert [finding.code for finding in findings] == codes
