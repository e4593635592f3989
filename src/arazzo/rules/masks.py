"""Findings without the credentials that their texts would show: what says that there is one must not spread it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from arazzo.diagnostics import Diagnostic, Span

_BEGINNING: Final = 16


def without_secrets(findings: Iterable[Diagnostic], secrets: Collection[str]) -> Iterator[Diagnostic]:
    """``findings`` with stars in the place of each of ``secrets``, as many as it has characters."""
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

    def place(span: Span) -> Span:
        return replace(span, excerpt=masked(span.excerpt))

    for finding in findings:
        yield replace(
            finding,
            message=masked(finding.message),
            hint=finding.hint and masked(finding.hint),
            span=finding.span and place(finding.span),
            related=tuple((masked(text), place(span)) for text, span in finding.related),
        )
