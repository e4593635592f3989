"""What can go wrong with a query: it cannot be read, or it cannot be applied to what it is given."""

from __future__ import annotations


class QueryError(Exception):
    """A query cannot be evaluated on this value; the text is a sentence for people, without a final full stop."""


class QuerySyntaxError(QueryError):
    """A text is no query of its language: ``message`` says why, ``text[start:end]`` is where, ``hint`` a remedy."""

    def __init__(self, message: str, start: int = 0, end: int = 0, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)
        self.hint = hint


class MissingExtraError(QueryError):
    """A query needs a package that is not installed; the text names the command that installs it."""
