"""Patterns that are compiled when they are first used find what ``re`` finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.patterns import pattern
from arazzo.plan.inputs import looks_like_credential, may_name_credential
from arazzo.rules.credentials import KEY

TEXT = st.text("abAB-$ {}é", max_size=8)


@given(TEXT)
def test_a_pattern_finds_what_re_finds(text: str) -> None:
    ours, theirs = pattern("a(b)|B"), re.compile("a(b)|B")
    assert [m.span() for m in ours.finditer(text)] == [m.span() for m in theirs.finditer(text)]
    assert bool(ours.fullmatch(text)) == bool(theirs.fullmatch(text))


@given(st.lists(TEXT, max_size=4))
def test_a_pattern_that_goes_by_pieces_finds_what_re_finds(texts: list[str]) -> None:
    ours, theirs = pattern("ab|{.}", re.IGNORECASE, among=("ab", "{")), re.compile("ab|{.}", re.IGNORECASE)
    for text in texts:
        assert [m.span() for m in ours.finditer(text)] == [m.span() for m in theirs.finditer(text)]
        assert bool(ours.search(text)) == bool(theirs.search(text))
        assert bool(ours.fullmatch(text)) == bool(theirs.fullmatch(text))
        assert ours.findall(text) == theirs.findall(text)
        assert ours.sub("x", text) == theirs.sub("x", text)
        assert ours.sub(lambda m: m[0] + "!", text) == theirs.sub(lambda m: m[0] + "!", text)


def test_nothing_is_compiled_for_texts_without_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def compile_(text: str, flags: int) -> re.Pattern[str]:
        asked.append(text)
        return re.compile(text, flags)

    monkeypatch.setattr("arazzo.patterns._COMPILE", compile_)
    found = pattern("ghp_[a-z]+", among=("ghp_",))
    assert found.search("weight") is None
    assert list(found.finditer("weight")) == []
    assert asked == []
    assert found.search("ghp_abc") is not None
    assert asked == ["ghp_[a-z]+"]


@pytest.mark.parametrize(
    "key",
    [
        "sk_live_" + "a" * 16,
        "rk_live_" + "a" * 16,
        *(f"gh{kind}_" + "a" * 30 for kind in "pousr"),
        "github_pat_" + "a" * 40,
        "AKIA" + "A" * 16,
        *(f"xox{kind}-" + "a" * 20 for kind in "abprs"),
        "AIza" + "a" * 35,
        "eyJ" + "a" * 16 + ".eyJ" + "a" * 16 + "." + "a" * 16,
    ],
)
def test_every_kind_of_key_is_looked_for(key: str) -> None:
    assert KEY.search(f"key: {key}") is not None


@pytest.mark.parametrize(
    "name",
    [
        *("password", "Passwd", "passphrase", "passcode", "clientSecret", "credentials", "Authorization"),
        *("authorisation", "bearer", "Cookie", "signature", "apiKey", "api-key", "access_key", "master key"),
        *("accessToken", "JWT", "pin", "pwd", "X-Sig", "otp", "totp", "paſſword"),
    ],
)
def test_every_kind_of_credential_is_recognised_by_its_name(name: str) -> None:
    assert looks_like_credential(name)
    assert may_name_credential(f"- {{name: {name}, value: 1}}")


@given(st.text(max_size=30))
def test_a_text_that_may_name_no_credential_names_none(text: str) -> None:
    if looks_like_credential(text) or looks_like_credential(text, "header"):
        assert may_name_credential(text)
