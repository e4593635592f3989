"""Regular expressions: what matches, and that nothing takes for ever."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.query.iregexp import to_re2
from arazzo.query.regex import MAX_PATTERN, compile_regex, iregexp


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("b", "abc", True),
        ("^b", "abc", False),
        (r"^2\d{2}$", "204", True),
        (r"^2\d{2}$", "2044", False),
        ("(?i)ABC", "xabcx", True),
        (r"\bcat\b", "a cat!", True),
        ("a$", "a\n", False),
        (r"a\z", "a", True),
        (r"a\Z", "a", True),
        ("(?=a)a", "a", True),
        ("(?!a)a", "a", False),
        ("(?<=a)b", "ab", True),
        (r"(a)\1", "aa", True),
        (r"(?=x)\\z", r"x\z", False),
        ("a++b", "aab", True),
        ("x{1,2000}", "xx", True),
        ("é", "é", True),
        ("", "", True),
    ],
)
def test_a_pattern_is_searched_for(pattern: str, text: str, found: bool) -> None:
    assert compile_regex(pattern).search(text) is found


@pytest.mark.parametrize("pattern", ["[", "(", ")", "*a", "\\", "(?P<x", "(?<n>", "[z-a]", r"\2(a)"])
def test_a_text_that_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(QuerySyntaxError) as raised:
        compile_regex(pattern)
    assert 0 <= raised.value.start <= len(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "((a{1000}){1000}){1000}",
        "(?=.)" + "(" * 5 + "x{1,100}" + "){1,100}" * 5,
        "(" * 50_000 + ")" * 50_000,
        "(?=a)" + "(?:" * 3_000 + "a" + ")" * 3_000,
        "a" * (MAX_PATTERN + 1),
        "(?=a)" + "a{1000}" * 30,
    ],
    ids=lambda pattern: pattern[:24],
)
def test_a_pattern_that_grows_too_large_is_refused(pattern: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(QuerySyntaxError):
        compile_regex(pattern)
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_patterns_in_re2_take_linear_time(pattern: str) -> None:
    begun = time.perf_counter()
    compile_regex(pattern).search("a" * 50_000 + "!")
    assert time.perf_counter() - begun < 2


def test_a_pattern_outside_re2_gives_up_after_a_while() -> None:
    with pytest.raises(QueryError, match="took longer than 1 s"):
        compile_regex("(.*)(.*)(.*)(.*)(.*)(?=x)[^b]$").search("ab" * 2_000)


def test_text_that_cannot_be_encoded_is_matched_all_the_same() -> None:
    assert compile_regex("a").search("\ud800a") is True
    assert compile_regex("b").search("\ud800a") is False


@settings(max_examples=400)
@given(st.text("ab1-^$.[](){}|*+?\\,nrtpPLu09d ", max_size=9))
def test_the_grammar_of_i_regexp_is_that_of_its_checker(pattern: str) -> None:
    checker = pytest.importorskip("iregexp_check")
    if "{" not in pattern:
        assert (to_re2(pattern) is not None) == checker.check(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "whole", "found"),
    [
        ("a.c", "abc", True, True),
        ("a.c", "a\nc", True, False),
        ("b", "abc", True, False),
        ("b", "abc", False, True),
        ("a|b", "xb", True, False),
        ("a|b", "b", True, True),
        ("[^a]", "b", True, True),
        (r"\p{Lu}x", "Éx", True, True),
        (r"\P{L}", "1", True, True),
        (r"a\.b", "axb", True, False),
        (r"\n", "\n", True, True),
        ("[-a]", "-", True, True),
        ("[a-]", "-", True, True),
        ("a{2,3}", "aaa", True, True),
        ("a{2,3}", "aaaa", True, False),
        ("(ab)*", "abab", True, True),
        (r"\d", "1", True, False),
        ("a*?", "", True, False),
        ("(?:a)", "a", True, False),
        ("a{3,2}", "aaa", True, False),
        ("[", "[", True, False),
        ("a{5000}", "a" * 5000, True, True),
    ],
)
def test_i_regexps_match_as_rfc_9485_says(pattern: str, text: str, whole: bool, found: bool) -> None:
    assert iregexp(pattern, text, whole=whole) is found
