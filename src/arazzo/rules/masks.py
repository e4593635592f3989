"""Findings without the credentials that their texts would show: what says that there is one must not spread it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Span
from arazzo.patterns import pattern
from arazzo.rules.credentials import names_credential, secret_places

_BEGINNING: Final = 16
_SHORTEST_SAID: Final = 6
"""A shorter text is hidden in the line it stands on only: messages have words like it."""
_UNREAD: Final = frozenset(
    code.name for code in (codes.SYNTAX, codes.DUPLICATE_KEY, codes.TAG, codes.LIMIT, codes.UNREADABLE)
)
"""What is found in a text before anybody knows what its parts mean."""
_BREAK: Final = pattern(r"\r\n|\r|\n")


def without_secrets(findings: Iterable[Diagnostic], secrets: Collection[str]) -> Iterator[Diagnostic]:
    """``findings`` with stars in the place of each of ``secrets``, as many as it has characters.

    What merely looks like a credential in a line that is shown is hidden as well (``without_guessed``).
    """
    findings = without_guessed(findings)
    if not secrets:
        yield from findings
        return
    whole = sorted(secrets, key=len, reverse=True)
    # A message that shows a long value shows its beginning.
    begun = [secret[:_BEGINNING] for secret in whole if len(secret) > _BEGINNING]
    pattern = re.compile(
        "|".join([*map(re.escape, whole), *(rf"{re.escape(text)}[\w.=/+-]*" for text in begun)])
    )
    known: dict[str, str] = {}

    def masked(text: str) -> str:
        # Many findings share a line, which may be long.
        if text not in known:
            known[text] = pattern.sub(lambda match: "*" * len(match[0]), text)
        return known[text]

    for finding in findings:
        yield _changed(finding, masked, lambda span: masked(span.excerpt))


def without_guessed(findings: Iterable[Diagnostic], text: str | None = None) -> Iterator[Diagnostic]:
    """``findings`` with stars in the place of what looks like a credential in the lines that they show.

    This goes by the lines alone, so it holds for a document that could not be read. ``text`` is that document: a
    value may be named as a credential's in another line than its own.
    """
    lines = _BREAK.split(text) if text is not None else []
    known: dict[tuple[str, bool, bool], list[tuple[int, int]]] = {}

    def places(span: Span, unread: bool) -> list[tuple[int, int]]:
        number = span.line - 1
        named = unread and number < len(lines) and names_credential(lines, number)
        key = (span.excerpt, unread, named)
        if key not in known:
            known[key] = list(secret_places(span.excerpt, unread=unread, named=named))
        return known[key]

    for finding in findings:
        unread = finding.code in _UNREAD
        spans = [*([finding.span] if finding.span else []), *(span for _, span in finding.related)]
        found = {span: there for span in spans if (there := places(span, unread))}
        if not found:
            yield finding
            continue
        said = {span.excerpt[start:end] for span, there in found.items() for start, end in there}
        said = {text for text in said if len(text) >= _SHORTEST_SAID}

        def masked(text: str, said: Collection[str] = said) -> str:
            for secret in said:
                text = text.replace(secret, "*" * len(secret))
            return text

        def line(span: Span, found: dict[Span, list[tuple[int, int]]] = found) -> str:
            return starred(span.excerpt, found.get(span, ()))

        yield _changed(finding, masked, line)


def starred(text: str, places: Iterable[tuple[int, int]]) -> str:
    """``text`` with a star for each character of the ``places``, which may overlap."""
    parts, at = [], 0
    for start, end in sorted(places):
        start = max(start, at)
        if start < end:
            parts += [text[at:start], "*" * (end - start)]
            at = end
    return "".join((*parts, text[at:]))


def _changed(finding: Diagnostic, said: Callable[[str], str], line: Callable[[Span], str]) -> Diagnostic:
    """``finding`` with other texts: what it says, and the lines it shows."""

    def place(span: Span) -> Span:
        return replace(span, excerpt=line(span))

    return replace(
        finding,
        message=said(finding.message),
        hint=finding.hint and said(finding.hint),
        span=finding.span and place(finding.span),
        related=tuple((said(text), place(span)) for text, span in finding.related),
    )
