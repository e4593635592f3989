"""XPath: its bounds and refusals. What it selects is in ``conformance/criteria/xpath.yml``."""

from __future__ import annotations

import builtins
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arazzo.document import model
from arazzo.query import xpath as module
from arazzo.query.errors import MissingExtraError, QueryError, QuerySyntaxError
from arazzo.query.xpath import compile_xpath
from arazzo.values import File, Value

pytest.importorskip("lxml")
pytest.importorskip("elementpath")

VERSIONS = model.VERSIONS["xpath"]
LATER = [version for version in VERSIONS if version != "xpath-10"]


def test_the_default_version_is_3_1() -> None:
    assert VERSIONS[0] == "xpath-31"
    assert compile_xpath("'a' => upper-case()").values("<r/>") == ["A"]


@pytest.mark.parametrize("version", VERSIONS)
def test_items_become_json_values(version: str) -> None:
    def values(expression: str) -> list[Value]:
        return compile_xpath(expression, version).values('<r a="1">x<b>2</b>y<!-- no -->z</r>')

    assert values("/r") == ["x2yz"]
    assert values("/r/@a") == ["1"]
    assert values("/r/b/text()") == ["2"]
    assert values("number(/r/b)") == [2]
    assert type(values("number(/r/b)")[0]) is int
    assert values("/r/b div 4") == [0.5]
    assert values("/r/b = 2") == [True]
    assert values("string(/r/nope)") == [""]
    assert values("number('x')") == ["NaN"]
    assert values("/r/nope") == []


@pytest.mark.parametrize("version", VERSIONS)
def test_bytes_and_files_are_read_in_the_encoding_they_declare(version: str) -> None:
    raw = '<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>'.encode("iso-8859-1")
    assert compile_xpath("/a", version).values(raw) == ["é"]
    assert compile_xpath("/a", version).values(File("a.xml", raw)) == ["é"]
    assert compile_xpath("/a", version).values(raw.decode("iso-8859-1")) == ["é"]


@pytest.mark.parametrize("context", [None, 5, True, [1], {"a": 1}])
def test_json_is_no_context_for_xpath(context: Value) -> None:
    with pytest.raises(QueryError, match="XPath applies to XML text"):
        compile_xpath("/a").holds(context)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://example.test/a.dtd"><a/>',
        '<?xml version="1.0"?><!-- c --><?p i?>\n<!DOCTYPE a [<!ENTITY b "x">]><a>&b;</a>',
        "<!DOCTYPE html><html/>",
    ],
)
def test_a_document_type_declaration_is_refused(text: str) -> None:
    for version in VERSIONS:
        with pytest.raises(QueryError, match="document type declaration"):
            compile_xpath("/a", version).values(text)


def test_an_entity_that_nobody_declares_is_no_xml() -> None:
    with pytest.raises(QueryError, match="no well-formed XML"):
        compile_xpath("/a").values("<a>&x;</a>")


@pytest.mark.parametrize("version", LATER)
@pytest.mark.parametrize(
    "expression",
    [
        "doc('file:///etc/passwd')",
        "collection('file:///etc')",
        "unparsed-text('file:///etc/passwd')",
        "environment-variable('HOME')",
        "fn:doc('x')",
        "/a[doc('x')]",
        "replace('a', 'b', 'c')",
        "tokenize(/a, '(a+)+')",
        "count(1 to 1000000000)",
        "1 to count(//a) + 5",
        "for $a in //a, $b in //a, $c in //a, $d in //a, $e in //a return 1",
    ],
)
def test_what_reaches_outside_or_cannot_be_bounded_is_refused_before_it_runs(
    version: str, expression: str
) -> None:
    begun = time.perf_counter()
    with pytest.raises(QuerySyntaxError):
        compile_xpath(expression, version)
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    "expression", ["json-doc('x')", "transform(map{})", "parse-xml('<a/>')", "function($x) {$x}(1)"]
)
def test_what_only_3_1_knows_is_refused_too(expression: str) -> None:
    with pytest.raises(QuerySyntaxError):
        compile_xpath(expression)


@pytest.mark.parametrize(
    ("version", "expression"),
    [
        ("xpath-10", "//a[//b[//a]]"),
        ("xpath-10", "count(//*[count(//*) > 0])"),
        ("xpath-10", "//a[following::b[preceding::a]]"),
        ("xpath-31", "//a[//b = 1][//a[//b]]"),
        ("xpath-31", "//a = //b"),
    ],
)
def test_an_expression_that_visits_too_much_gives_up(version: str, expression: str) -> None:
    text = "<r>" + "<a>1</a><b>2</b>" * 4_000 + "</r>"
    begun = time.perf_counter()
    with pytest.raises(QueryError, match=r"too many nodes|more than"):
        compile_xpath(expression, version).holds(text)
    assert time.perf_counter() - begun < 15


def test_a_pattern_in_matches_takes_linear_time() -> None:
    begun = time.perf_counter()
    assert compile_xpath("matches(/a, '^(a+)+$')").holds(f"<a>{'a' * 5_000}!</a>") is False
    assert time.perf_counter() - begun < 2


def test_regular_expressions_of_exslt_are_not_available() -> None:
    text = '<a xmlns:re="http://exslt.org/regular-expressions">x</a>'
    with pytest.raises(QueryError):
        compile_xpath("re:test(/a, '(a+)+$')", "xpath-10").holds(text)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "expression",
    ["(" * 1_500 + "1" + ")" * 1_500, "/a" * 1_900, "-" * 3_000 + "1", "a[" * 1_000, "x" * 4_001],
)
def test_long_and_deep_expressions_raise_nothing_else(version: str, expression: str) -> None:
    begun = time.perf_counter()
    with suppress(QueryError):
        compile_xpath(expression, version).holds("<a/>")
    assert time.perf_counter() - begun < 5


@settings(max_examples=60, deadline=None)
@given(st.text("/@*[]()'\"a1=<>|+-.:$, ", max_size=16), st.sampled_from(VERSIONS))
def test_no_text_raises_anything_else(text: str, version: str) -> None:
    with suppress(QueryError):
        compile_xpath(text, version).values("<a b='1'><c>x</c></a>")


def test_without_the_extra_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def refuse(name: str, *args: Any, **options: Any) -> Any:
        if name.split(".")[0] in ("lxml", "elementpath"):
            raise ImportError(name)
        return original(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    module.compile_xpath.cache_clear()
    with pytest.raises(MissingExtraError, match=r"pip install 'arazzo\[xml\]'"):
        compile_xpath("/a")
    module.compile_xpath.cache_clear()
