"""What every part of one document's reading shares: its feature set, and the findings so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from arazzo import codes
from arazzo.diagnostics import Code, Diagnostic, Findings, Severity, Span
from arazzo.errors import DocumentError

MOST_FINDINGS: Final = 1_000
"""More are not listed, so that a document made to be wrong everywhere costs no more than its reading."""

_LONGEST: Final = 400
"""Characters of a message or hint."""


class Reading(Struct):
    """The reading of one document; ``minor`` is the second number of its version, which decides the fields."""

    minor: int
    findings: Findings
    blocked: bool = False
    """Whether a finding keeps the document from being run."""

    @property
    def full(self) -> bool:
        """Whether no more findings are listed, except a first one that keeps the document from being run."""
        return len(self.findings) >= MOST_FINDINGS

    def report(
        self,
        code: Code,
        of: str,
        span: Span,
        message: str,
        hint: str | None = None,
        related: Iterable[tuple[str, Span]] = (),
    ) -> None:
        """Add a finding about the object that the specification calls ``of``, whose chapter it then cites.

        Raises ``DocumentError`` when there are too many to list and the document cannot be run anyway.
        """
        blocks = code.severity is Severity.ERROR and not code.runnable
        if self.full:
            self.leave_out()
            if self.blocked:
                raise DocumentError(in_text_order(self.findings))
            if not blocks:
                return
        self.blocked = self.blocked or blocks
        clause = code.clause if code is codes.LATER_FIELD else of.lower().replace(" ", "-")
        self.findings.add(
            replace(code, clause=clause).at(span, shortened(message), hint and shortened(hint), related)
        )

    def leave_out(self) -> None:
        """Say that a finding is not listed."""
        message = f"more than {MOST_FINDINGS:,} findings; not all are listed"
        # The first finding knows the file; there is no place for those that are not listed.
        file = next((found.span.file for found in self.findings if found.span is not None), "")
        self.findings.add(codes.MORE_FINDINGS.at(Span(file, 1, 1, 1, 2), message))


def shortened(text: str) -> str:
    """``text`` at a length that can be shown: names in a document may be as long as the document."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def in_text_order(findings: Findings) -> tuple[Diagnostic, ...]:
    """The findings sorted by where they stand; those without a place come first."""
    return tuple(sorted(findings, key=lambda d: (d.span.line, d.span.column) if d.span else (0, 0)))
