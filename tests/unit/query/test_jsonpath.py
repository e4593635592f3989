"""JSONPath: the compliance suite of RFC 9535, what is singular, where nodes are, and the bounds."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.document.model import GOESSNER
from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.query.jsonpath import compile_jsonpath
from arazzo.query.singular import plain_path
from arazzo.values import Value

SUITE = Path(__file__).resolve().parents[3] / "../shared/testdata/jsonpath-rfc9535-cts.json"
CASES: list[Any] = json.loads(SUITE.read_text(encoding="utf-8"))["tests"] if SUITE.exists() else []


@pytest.mark.skipif(not CASES, reason="the compliance suite is not beside this checkout")
def test_the_compliance_suite_of_rfc_9535_passes() -> None:
    wrong: list[str] = []
    for case in CASES:
        try:
            query = compile_jsonpath(case["selector"])
        except QuerySyntaxError:
            if not case.get("invalid_selector"):
                wrong.append(f"refused: {case['name']}")
            continue
        if case.get("invalid_selector"):
            wrong.append(f"accepted: {case['name']}")
            continue
        values = query.values(case["document"])
        paths = ["".join(f"[{part!r}]" for part in path) for path in query.paths(case["document"])]
        expected = case.get("results") or [case["result"]]
        if values not in expected:
            wrong.append(f"values: {case['name']}")
        if query.singular and len(values) > 1:
            wrong.append(f"singular: {case['name']}")
        if any(_at(case["document"], path) != value for path, value in query.nodes(case["document"])):
            wrong.append(f"paths: {case['name']} {paths}")
    assert wrong == []
    assert len(CASES) >= 703


def test_the_library_is_the_major_version_for_this_python() -> None:
    # Version 2 is written in the syntax of Python 3.12; `make test PYTHON=python3.12` plays this file with it.
    major = int(version("jsonpath-rfc9535").partition(".")[0])
    assert major == (2 if sys.version_info >= (3, 12) else 1)


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


@pytest.mark.parametrize(
    ("text", "singular"),
    [
        ("$", True),
        ("$.a", True),
        ("$.a[0]['b'].c", True),
        ("$[-1]", True),
        ("$['a\\'b']", True),
        ('$["a"] ["b"]', True),
        ("$.*", False),
        ("$..a", False),
        ("$[0,1]", False),
        ("$['a','b']", False),
        ("$[0:1]", False),
        ("$[?@.a]", False),
    ],
)
def test_a_singular_query_is_one_of_names_and_indices_only(text: str, singular: bool) -> None:
    assert compile_jsonpath(text).singular is singular


@pytest.mark.parametrize(
    "text",
    [
        "$",
        "$.a",
        "$.a.b",
        "$['a']",
        '$["a b"]',
        "$.a[0]",
        "$.a[-1]",
        "$.a[5]",
        "$.a[-5]",
        "$.nope",
        "$[0]",
        "$ .a",
    ],
)
def test_a_singular_query_answered_here_gives_what_the_library_gives(text: str) -> None:
    document: Value = {"a": [{"b": None}, 2], "a b": 1}
    assert plain_path(text) is not None
    library = pytest.importorskip("jsonpath_rfc9535")
    expected = [(node.location, node.value) for node in library.find(text, document)]
    assert list(compile_jsonpath(text).nodes(document)) == expected


@pytest.mark.parametrize(
    "text", ["$.a[01]", "$.a[-0]", "$.", "$.1a", "$['a", "$.a ", "a", "", "$$", "$.a-b", "$[1.0]"]
)
def test_a_text_near_a_singular_query_is_refused(text: str) -> None:
    assert plain_path(text) is None
    with pytest.raises(QuerySyntaxError):
        compile_jsonpath(text)


def test_a_test_of_the_current_node_is_its_existence_whatever_its_value() -> None:
    document: Value = [0, False, "", None, 1]
    assert compile_jsonpath("$[?@]").values(document) == document
    assert compile_jsonpath("$[?!@]").values(document) == []
    assert compile_jsonpath("$[?(@) && @ == 0]").values(document) == [0]
    assert compile_jsonpath("$[?@ == '@' || !@]").values(["@", 1]) == ["@"]
    assert compile_jsonpath("$[?length(@) == 0]").values(document) == [""]


def test_an_error_says_where_in_the_query_it_is() -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        compile_jsonpath("$.items[?@.a = 1]")
    assert raised.value.message.startswith("not a JSONPath query: ")
    assert 8 <= raised.value.start <= 14


def test_an_unknown_version_is_refused_with_those_there_are() -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        compile_jsonpath("$.a", "rfc1")
    assert raised.value.hint is not None
    assert GOESSNER in raised.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "$[?" + "(" * 4_000 + "@.a" + ")" * 4_000 + "]",
        "$" + "[?@" * 2_000 + "]" * 2_000,
        "$[?" + "!" * 5_000 + "@.a]",
        "$" + ".a" * 6_000,
        "$[" + "0," * 4_000 + "0]",
        "$['" + "a" * 20_000 + "']",
        "$[?@.a == 1e999]",
        "$[?@.a == " + "9" * 5_000 + "]",
        "$[99999999999999999999]",
        "$[?match(@.a, '" + "(" * 3_000 + "')]",
    ],
    ids=lambda text: text[:16],
)
def test_no_query_however_strange_raises_anything_else_or_hangs(text: str) -> None:
    begun = time.perf_counter()
    with suppress(QueryError):
        compile_jsonpath(text).values([{"a": 1}])
    assert time.perf_counter() - begun < 3


@given(st.text("$.@[]()?*'\"ab01:,=!<>&|~\\ ", max_size=24))
def test_no_text_makes_compiling_raise_anything_else(text: str) -> None:
    for language in ("rfc9535", GOESSNER):
        with suppress(QueryError):
            compile_jsonpath(text, language).values({"a": [1, {"b": "x"}]})


def chain(levels: int) -> Value:
    """A value of this many levels, two nodes on each."""
    value: Value = 1
    for _ in range(levels):
        value = {"a": value, "b": 0}
    return value


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("$..*..*..*..*..*", chain(40)),
        ("$[?count($..*) > 0]", [[0] * 100] * 100),
        (
            "$[*,*,*,*,*,*,*,*,*,*][*,*,*,*,*,*,*,*,*,*][*,*,*,*,*,*,*,*,*,*][*,*,*,*,*,*,*,*,*,*]",
            [[[[1] * 20] * 20] * 20],
        ),
        ("$..[?@..[?@..a]]", chain(100)),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_a_query_that_could_take_for_ever_is_refused(text: str, document: Value) -> None:
    begun = time.perf_counter()
    with pytest.raises(QueryError, match="too many nodes"):
        compile_jsonpath(text).values(document)
    assert time.perf_counter() - begun < 8


def test_an_ordinary_query_on_a_large_value_is_not_refused() -> None:
    document: Value = {"items": [{"id": number, "tags": ["a", "b"]} for number in range(20_000)], "want": 7}
    assert compile_jsonpath("$.items[?@.id == $.want].id").values(document) == [7]
    assert len(compile_jsonpath("$..id").values(document)) == 20_000


def test_a_value_deeper_than_the_bound_is_an_error_and_no_crash() -> None:
    deep: Value = 1
    for _ in range(3_000):
        deep = {"a": deep}
    with pytest.raises(QueryError):
        compile_jsonpath("$..k").values(deep)


def test_patterns_take_linear_time() -> None:
    begun = time.perf_counter()
    query = compile_jsonpath("$[?search(@, '(a+)+b$')]")
    assert query.values(["a" * 40 + "c", "aab"]) == ["aab"]
    assert time.perf_counter() - begun < 1


def test_the_earlier_draft_gives_values_and_places() -> None:
    document: Value = {"items": [{"s": "a", "q": 1}, {"s": "b", "q": 2}], "x y": 3}
    query = compile_jsonpath("$.items[?(@.s=='b')].q", GOESSNER)
    assert query.values(document) == [2]
    assert query.paths(document) == [("items", 1, "q")]
    assert compile_jsonpath("$['x y']", GOESSNER).paths(document) == [("x y",)]
    assert compile_jsonpath("$..q", GOESSNER).paths(document) == [("items", 0, "q"), ("items", 1, "q")]


def test_a_script_expression_of_the_earlier_draft_counts_from_the_end() -> None:
    document: Value = {"a": [{"t": 1}, {"t": 2, "a": [3]}], "o": {"length": 1}}
    last = compile_jsonpath("$.a[(@.length-1)].t", GOESSNER)
    assert list(last.nodes(document)) == [(("a", 1, "t"), 2)]
    assert last.singular
    every = compile_jsonpath("$..a[(@.length-1)]", GOESSNER)
    assert every.paths(document) == [("a", 1), ("a", 1, "a", 0)]
    assert not every.singular
    assert compile_jsonpath("$.o[(@.length-1)]", GOESSNER).values(document) == []
    assert compile_jsonpath("$[(@.length-2)]", GOESSNER).values([7, 8]) == [7]
    assert compile_jsonpath("$['[(x)]']", GOESSNER).values({"[(x)]": 1}) == [1]


def test_why_a_script_expression_is_refused_is_said_where_it_stands() -> None:
    with pytest.raises(QuerySyntaxError, match="is not run") as raised:
        compile_jsonpath("$.a[(@.length/2)].b", GOESSNER)
    assert (raised.value.start, raised.value.end) == (3, 17)
    assert "[-1:]" in (raised.value.hint or "")


@given(st.text("$.a[]()@length-12'?*, ", max_size=30))
def test_a_text_with_scripts_is_a_query_or_a_syntax_error(text: str) -> None:
    with suppress(QuerySyntaxError, QueryError):
        query = compile_jsonpath("$.a[(@.length-1)]" + text, GOESSNER)
        for path, value in query.nodes({"a": [[1, 2], {"a": [3]}]}):
            assert _at({"a": [[1, 2], {"a": [3]}]}, path) == value


@pytest.mark.parametrize(
    "text",
    [
        "$.a[?(@.b =~ '(a+)+$')]",
        "$.a.`len`",
        "$.a & $.b",
        "$.a where $.b",
        "$.a | $.b",
        "0",
        "a.b",
        "$.a[(@.length)]",
        "$.a[(@.length+1)]",
        "$.a[(@.length--1)]",
        "$.a[(@.length-1.5)]",
        "$.a[(@.length-1e2)]",
        "$.a[(-1)]",
        "$.a[(@.length-1),0]",
        "$.a[?(@.b[(@.length-1)]==1)]",
        "$.a[(@.length-1)",
        "$.a[(@.length-1)].",
        "$.a[(@.length-1)] | $.b",
        "$.a[(@.length-1)][?(@.x==$.y)]",
        "$..[(@.length-1)]",
        "a[(@.length-1)]",
        "$.a[(__import__('os').getcwd())]",
        "$.a[",
        "$.a.length()",
    ],
)
def test_what_the_earlier_draft_cannot_do_here_is_said(text: str) -> None:
    with pytest.raises(QuerySyntaxError):
        compile_jsonpath(text, GOESSNER)
