"""What the library raises. Every error carries diagnostics; a workflow that fails is a result, not an error.

::

    ArazzoError
    ├── DocumentError   the document, or a source it names, cannot be read or linked
    ├── InputError      the workflow's inputs are missing or wrong, or a credential is missing
    └── UsageError      the caller asked for something that does not exist or does not fit together
"""

from __future__ import annotations

from collections.abc import Iterable

from arazzo.diagnostics import Diagnostic, Severity


class ArazzoError(Exception):
    """Base of everything raised on purpose; ``diagnostics`` says what is wrong, where, and what would mend it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(d) for d in self.diagnostics if d.severity is Severity.ERROR))


class DocumentError(ArazzoError):
    """The document cannot be run: it is broken, or names something that cannot be found."""


class InputError(ArazzoError):
    """The inputs do not fit the workflow's schema, or a credential is missing; all is listed, nothing was sent."""


class UsageError(ArazzoError):
    """The call itself is wrong: an unknown workflow, a bad option, arguments that contradict each other."""
