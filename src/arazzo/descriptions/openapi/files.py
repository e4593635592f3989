"""The further files that API descriptions are written in, each fetched and parsed once.

Nothing is read here: how a text is had is injected, and with it the trust policy. A file is asked for on behalf of
the document that may name it, also when it has been parsed for another one already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from arazzo.descriptions.retrieval import Kind, RetrievalError, Retrieve, flaw_of
from arazzo.diagnostics import Diagnostic
from arazzo.errors import DocumentError
from arazzo.source import DEFAULT_LIMITS, Limits, Tree, parse

MOST_FILES: Final = 1_000
"""Files, of all descriptions together, that references may lead into."""
MOST_BYTES: Final = 64 * 1024 * 1024
"""Their size, taken together."""

Trees: TypeAlias = "dict[tuple[str, bytes, Limits], Tree]"
"""Parsed texts by their file, content and limits."""


class FileNotHad(Exception):  # noqa: N818 - told as part of a diagnostic
    """A file cannot be had. ``place`` is how people know it, ``reason`` a clause; ``flaw`` what is wrong inside it."""

    def __init__(
        self, place: str, reason: str, kind: Kind = "failed", flaw: Diagnostic | None = None
    ) -> None:
        super().__init__(f"{place}: {reason}")
        self.place, self.reason, self.kind, self.flaw = place, reason, kind, flaw


class Files:
    """Every file read for a reference, by where it came from. ``reach_of`` gives what a document may name.

    ``parsed`` are texts parsed before, perhaps for other files that share them; they count toward the bounds, too.
    """

    def __init__(
        self,
        reach_of: Callable[[str], Retrieve],
        limits: Limits = DEFAULT_LIMITS,
        *,
        most: int = MOST_FILES,
        most_bytes: int = MOST_BYTES,
        parsed: Trees | None = None,
    ) -> None:
        self._reach_of, self._limits = reach_of, limits
        self._most, self._most_bytes = most, most_bytes
        self._parsed = {} if parsed is None else parsed
        self._trees: dict[str, Tree] = {}
        self._homes: dict[Tree, str] = {}
        self._broken: dict[str, FileNotHad] = {}
        self._count = self._bytes = 0
        self.worked_out: dict[str, object] = {}
        """What others keep that they worked out of these files, by the URI of the document they did it for."""

    def add(self, tree: Tree, uri: str) -> None:
        """Make a tree known that came from ``uri``; it counts toward no bound."""
        self._trees[uri] = tree
        self._homes[tree] = uri

    def home(self, tree: Tree) -> str | None:
        """Where ``tree`` came from, if it is one of these."""
        return self._homes.get(tree)

    def known(self) -> Iterator[Tree]:
        """The trees read so far."""
        return iter(tuple(self._homes))

    def open(self, uri: str, asker: str) -> Tree:
        """The tree of the file at ``uri``, had on behalf of the document at ``asker``. Raises ``FileNotHad``."""
        try:
            retrieved = self._reach_of(asker)(uri)
        except RetrievalError as error:
            raise FileNotHad(error.file, error.reason, error.kind) from None
        if retrieved.uri in self._broken:
            raise self._broken[retrieved.uri].with_traceback(None)
        tree = self._trees.get(retrieved.uri)
        if tree is None:
            try:
                tree = self._parse(retrieved.content, retrieved.file)
            except FileNotHad as error:
                self._broken[retrieved.uri] = error
                raise
            self.add(tree, retrieved.uri)
        return tree

    def _parse(self, content: bytes, file: str) -> Tree:
        if (flaw := flaw_of(content)) is not None:
            raise FileNotHad(file, flaw)
        if self._count >= self._most:
            raise FileNotHad(file, f"references lead into more than {self._most:,} files")
        if self._bytes + len(content) > self._most_bytes:
            raise FileNotHad(
                file, f"the files that references lead into have more than {self._most_bytes:,} bytes"
            )
        self._count += 1
        self._bytes += len(content)
        key = (file, content, self._limits)
        try:
            if key not in self._parsed:
                self._parsed[key] = parse(content, file, limits=self._limits)
            return self._parsed[key]
        except DocumentError as error:
            first = error.diagnostics[0]
            raise FileNotHad(file, f"it cannot be read: {first.message}", flaw=first) from None
