"""Reading runtime expressions: round trips, hints, spans, bounds. The tables are in ``conformance/expressions``."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.expression.nodes import (
    AllInputs,
    BodySource,
    ComponentReference,
    Expression,
    HeaderSource,
    InputReference,
    MessagePart,
    Method,
    OutputReference,
    PathSource,
    PayloadSource,
    QuerySource,
    SelfUri,
    SourceReference,
    StatusCode,
    StepReference,
    Url,
    WorkflowReference,
)
from arazzo.expression.parse import ExpressionSyntaxError, Notes, parse_expression, root_of, scan_expression
from arazzo.expression.scope import Names, WorkflowNames
from arazzo.expression.write import print_expression

T = TypeVar("T")

identifiers = st.text("abcXYZ019._-", min_size=1, max_size=8)
strict_identifiers = st.text("abcXYZ019_-", min_size=1, max_size=8)
tokens = st.text("abcXYZ019!#$%&'*+-.^_`|~", min_size=1, max_size=8)
texts = st.text(st.characters(min_codepoint=0, max_codepoint=0x2FFF, exclude_categories=["Cs"]), max_size=8)
pointer_tokens = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs"]), max_size=6)
pointers = st.none() | st.lists(pointer_tokens, max_size=4).map(tuple)
trails = st.lists(st.integers(0, 10**14) | st.text("abc -'.x0", max_size=5), max_size=4).map(tuple)
tails = st.one_of(
    st.tuples(pointers, st.just(())),
    st.tuples(st.none(), trails),
)


def with_tail(kind: object, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[Expression]:
    return st.tuples(*parts, tails).map(lambda drawn: kind(*drawn[:-1], *drawn[-1]))  # type: ignore[operator]


sources = st.one_of(
    tokens.map(HeaderSource),
    texts.map(QuerySource),
    texts.map(PathSource),
    tails.map(lambda tail: BodySource(*tail)),
    tails.map(lambda tail: PayloadSource(*tail)),
)
expressions: st.SearchStrategy[Expression] = st.one_of(
    st.sampled_from([Url(), Method(), StatusCode(), SelfUri(), AllInputs()]),
    st.builds(MessagePart, st.sampled_from(["request", "response", "message"]), sources),
    with_tail(InputReference, identifiers),
    with_tail(OutputReference, identifiers),
    with_tail(StepReference, strict_identifiers, identifiers),
    with_tail(WorkflowReference, strict_identifiers, st.sampled_from(["inputs", "outputs"]), identifiers),
    st.builds(SourceReference, strict_identifiers, texts.filter(bool)),
    st.builds(
        ComponentReference, st.sampled_from(["parameters", "successActions", "failureActions"]), identifiers
    ),
)


def attempt(read: Callable[[], T]) -> T | ExpressionSyntaxError:
    """What ``read`` gives, or the error it raises; any other exception is a failure of the test."""
    try:
        return read()
    except ExpressionSyntaxError as error:
        return error


@given(expressions)
def test_an_expression_reads_back_from_its_text(expression: Expression) -> None:
    assert parse_expression(print_expression(expression)) == expression


def test_every_class_of_expression_takes_part_in_the_round_trip() -> None:
    drawn = {Url, Method, StatusCode, SelfUri, AllInputs, MessagePart, InputReference, OutputReference}
    drawn |= {StepReference, WorkflowReference, SourceReference, ComponentReference}
    assert drawn == set(get_args(Expression))


NAMES = Names(
    inputs=["a", "a.b", "a b", "items"],
    outputs=["x"],
    steps={"s": ["o", "o.p"], "unknown": None},
    workflows={"w": WorkflowNames(["i"], ["o"])},
    sources=["api"],
)
FRAGMENTS = [
    *(
        "$",
        "$inputs",
        "$inputs.",
        "$steps.",
        "$steps.s.outputs.",
        "$response.",
        "body",
        "header.",
        "#",
        "/",
        "~0",
    ),
    *(
        "~",
        ".",
        "[0]",
        "['",
        "']",
        "[",
        "]",
        "a",
        "a.b",
        "items",
        "s",
        "outputs",
        "{",
        "}",
        " ",
        '"',
        "\\",
        "é",
        "0",
    ),
    *(
        "$statusCode",
        "$workflows.w.",
        "$sourceDescriptions.api.",
        "$components.parameters.",
        "==",
        "&&",
        ")",
        "\n",
    ),
]
anything = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))


@given(anything, st.booleans())
def test_no_text_makes_the_parser_raise_anything_else(text: str, known: bool) -> None:
    result = attempt(lambda: parse_expression(text, NAMES if known else None, Notes()))
    if isinstance(result, ExpressionSyntaxError):
        assert 0 <= result.start <= len(text)
        assert result.start < result.end
        assert result.message
    else:
        assert result.span == (0, len(text))


@given(anything)
def test_no_text_makes_the_scanner_raise_anything_else(text: str) -> None:
    result = attempt(lambda: scan_expression(text, 0, NAMES, Notes()))
    if isinstance(result, ExpressionSyntaxError):
        assert 0 <= result.start <= len(text)
    else:
        expression, end = result
        assert expression.span == (0, end)
        assert 0 < end <= len(text)


@given(expressions)
def test_what_is_scanned_is_what_is_parsed_when_nothing_ends_it(expression: Expression) -> None:
    text = print_expression(expression)
    result = attempt(lambda: scan_expression(text, 0))
    if not isinstance(result, ExpressionSyntaxError) and result[1] == len(text) and "#" not in text:
        assert result[0] == expression


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("$statusCode == 200", " == 200"),
        ("$statusCode==200", "==200"),
        ("$response.body#/a/b)", ")"),
        ("$response.body#/a/b]", "]"),
        ("$response.body#/a,1", ",1"),
        ("$response.body#/a.b != 1", " != 1"),
        ("$response.body#/a&&true", "&&true"),
        ("$response.body#/a||true", "||true"),
        ("$response.body#/a<1", "<1"),
        ("$response.body#/items[0].id>1", ">1"),
        ("$response.body.items[0].id>=1", ">=1"),
        ("$response.header.Content-Type!='x'", "!='x'"),
        ("$response.header.X-A&&true", "&&true"),
        ("$request.query.a b", " b"),
        ("$request.query.a)", ")"),
        ("$inputs.a-b==1", "==1"),
        ("$inputs.a b == 1", " == 1"),
        ("$inputs.items.length > 1", " > 1"),
        ("$sourceDescriptions.api.url == 'x'", " == 'x'"),
        ("$steps.s.outputs.o.p.q == 1", " == 1"),
        ("$inputs)", ")"),
    ],
)
def test_inside_a_condition_an_expression_ends_where_an_operator_begins(text: str, rest: str) -> None:
    _, end = scan_expression(text, 0, NAMES)
    assert text[end:] == rest


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("$input.a", "did you mean `$inputs.a`?"),
        ("$StatusCode", "did you mean `$statusCode`?"),
        ("$sourceDescription.api.url", "did you mean `$sourceDescriptions.api.url`?"),
        ("$step.a.outputs.b", "did you mean `$steps.a.outputs.b`?"),
        ("$workflow.inputs.q", "did you mean `$inputs.q`?"),
        ("$workflow.steps.a.outputs.b", "did you mean `$steps.a.outputs.b`?"),
        ("$workflow.outputs.x", "did you mean `$workflows.WORKFLOW.outputs.x`?"),
        ("$workflow.w.inputs.q", "did you mean `$workflows.w.inputs.q`?"),
        ("$response.statusCode", "write `$statusCode`"),
        ("$response.status", "write `$statusCode`"),
        ("${response.statusCode}", "did you mean `$statusCode`?"),
        ("${inputs.a}", "did you mean `$inputs.a`?"),
        ("$request.method", "write `$method`"),
        ("$response.bdy", "did you mean `$response.body`?"),
        ("$response.Headers.x", "did you mean `$response.header`?"),
        ("$response.header#/x", "`$response.body#/name` or `$response.header.Name`"),
        ("$message.header#/x", "`$message.payload#/name` or `$message.header.Name`"),
        ("$steps.s.output.o", "did you mean `outputs`?"),
        ("$workflows.w.output.o", "did you mean `outputs`?"),
        ("$components.parameter.x", "did you mean `$components.parameters`?"),
        ("$response.body/x", "write `#/`"),
        ("$inputs.items[*]", "for more than one element use a Selector Object with `type: jsonpath`"),
        ("$response.body#/a~b", "write ~0 for ~ and ~1 for /"),
        ("$inputs.x and more", "inside text, put it in braces: {$…}"),
    ],
)
def test_an_error_says_what_would_mend_it(text: str, hint: str) -> None:
    with pytest.raises(ExpressionSyntaxError) as raised:
        parse_expression(text, NAMES)
    assert raised.value.hint == hint


def test_offsets_are_those_of_the_whole_text() -> None:
    text = "id {$inputs.a#/x} end"
    expression = parse_expression(text, NAMES, start=4, end=16)
    assert expression.span == (4, 16)
    with pytest.raises(ExpressionSyntaxError) as raised:
        parse_expression("id {$response.bdy}", NAMES, start=4, end=17)
    assert (raised.value.start, raised.value.end) == (14, 17)


def test_a_note_says_what_was_odd_and_where() -> None:
    notes = Notes()
    parse_expression("$inputs.a.b.c[0]", NAMES, notes)
    [note] = notes.found
    assert "$inputs.a.b.c[0]"[note.start : note.end] == ".c[0]"
    assert "`$inputs.a.b#/c/0`" in note.message


def test_an_attempt_that_fails_leaves_no_note() -> None:
    notes = Notes()
    names = Names(inputs=["a.b"])
    assert parse_expression("$inputs.a.b-c#x", names, notes) == InputReference("a.b-c", ("x",))
    assert [note.code.name for note in notes.found] == ["expression-form"]


def test_where_operators_are_allowed_navigation_is_no_kindness() -> None:
    notes = Notes()
    parse_expression("$response.body.a[0]", NAMES, notes, operators=True)
    assert notes.found == []


def test_roots_are_found_by_whole_words() -> None:
    assert root_of("$inputs.x") == "inputs"
    assert root_of("x $url", 2) == "url"
    assert root_of("$inputsx") is None
    assert root_of("$url-x") is None
    assert root_of("inputs") is None


@pytest.mark.parametrize(
    "text",
    [
        "$inputs." + "a" * 100_000,
        "$inputs." + "a." * 50_000,
        "$inputs.a" + ".b" * 50_000,
        "$inputs.a" + "[0]" * 30_000,
        "$inputs.a" + "['" * 50_000,
        "$response.body#" + "/a" * 50_000,
        "$response.body#" + "/~0~1" * 20_000 + "~",
        "$request.query." + '\\"' * 50_000,
        "$request.query." + "\\" * 99_999,
        "$" * 100_000,
        "$steps." + "s" * 100_000,
        "$steps." + "s.outputs." * 10_000,
        "$response.header." + "!" * 100_000,
        "$sourceDescriptions.api." + "{" * 100_000,
    ],
    ids=lambda text: text[:24],
)
def test_long_texts_take_little_time(text: str) -> None:
    begun = time.perf_counter()
    attempt(lambda: parse_expression(text, NAMES, Notes()))
    attempt(lambda: scan_expression(text, 0, NAMES))
    assert time.perf_counter() - begun < 2
