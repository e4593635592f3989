"""A parsed text as a tree of plain values in which every node knows its place."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from msgspec import Struct, field

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Span
from arazzo.errors import DocumentError
from arazzo.records import Record
from arazzo.source.offsets import Offsets, Path
from arazzo.source.tokens import first_line_end, locate, scalar_end
from arazzo.values import Value


class Limits(Struct, frozen=True):
    """Bounds on one document; each is named in the error that enforces it."""

    size: int = 32 * 1024 * 1024
    """Characters of text."""
    nodes: int = 2_000_000
    """Values, counted after alias expansion."""
    depth: int = 200
    """Nested containers, counted after alias expansion."""


DEFAULT_LIMITS: Final = Limits()
MOST_DUPLICATES: Final = 1_000
"""Duplicate keys that are listed."""


class Tree(Struct, eq=False, dict=True):
    """A parsed text: its plain value, and the offset of everything in it.

    ``file`` is how people know the text (a path as given, a URL); ``diagnostics`` are findings that did not
    keep it from being read.
    """

    file: str
    text: str
    root: Value
    offsets: Offsets | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    _line_starts: list[int] = field(default_factory=list)
    _lines: dict[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Tree({self.file!r}, {len(self.text):,} characters)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("file", self.file)]

    @property
    def node(self) -> Node:
        """The root as a node."""
        return Node(self, self.root, ())

    def places(self) -> Offsets:
        """Where each key and value begins; for JSON this is when the text is scanned for them."""
        if self.offsets is None:
            from arazzo.source.json_offsets import scan_json  # here: YAML brings its offsets along

            self.offsets, _ = scan_json(self.text, self.root)
        return self.offsets

    def span(self, start: int, end: int) -> Span:
        """The span of ``text[start:end]``, at least one character wide."""
        if not self._line_starts:
            self._line_starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", self.text))]
        end = max(end, start + 1)
        line = bisect_right(self._line_starts, start)
        last = bisect_right(self._line_starts, end - 1)
        return Span(
            self.file,
            line,
            start - self._line_starts[line - 1] + 1,
            last,
            end - self._line_starts[last - 1] + 1,
            self._line(line),
        )

    def _line(self, number: int) -> str:
        """The text of a line; kept, so that many findings on one very long line share it."""
        if number not in self._lines:
            begins = self._line_starts[number - 1]
            stops = self._line_starts[number] if number < len(self._line_starts) else len(self.text)
            self._lines[number] = self.text[begins:stops].rstrip("\r\n")
        return self._lines[number]


class Node(Record, frozen=True):
    """A value and its place in a tree. ``path`` is the keys and indices that lead to it from the root."""

    aside = ("tree",)

    tree: Tree
    value: Value
    path: Path

    def get(self, key: str) -> Node | None:
        """The member ``key`` of a mapping, or None where there is none."""
        if isinstance(self.value, dict) and key in self.value:
            return Node(self.tree, self.value[key], (*self.path, key))
        return None

    def items(self) -> Iterator[tuple[str, Node]]:
        """The members of a mapping; nothing for any other value."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, Node(self.tree, value, (*self.path, key))

    def elements(self) -> Iterator[Node]:
        """The elements of a sequence; nothing for any other value."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Node(self.tree, value, (*self.path, index))

    @property
    def pointer(self) -> str:
        """The JSON Pointer (RFC 6901) of this node."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.path)

    @property
    def written(self) -> str:
        """The text of a scalar as the author wrote it: ``1.10`` where the value is ``1.1``."""
        return self.tree.text[slice(*self._stretch())]

    def span(self) -> Span:
        """Where the value stands: a scalar's text; of a container, what stands on its first line."""
        return self.tree.span(*self._stretch())

    def key_span(self) -> Span:
        """Where the key stands that leads to this node; the value's place if it is no mapping's member."""
        place = self.tree.places().place(self.tree.root, self.path)
        if place.key is None:
            return self.span()
        return self.tree.span(place.key, scalar_end(self.tree.text, place.key, flow=place.flow, key=True))

    def text_span(self, start: int, end: int) -> Span:
        """The span of ``value[start:end]`` of a string, in whatever style it is written."""
        if not isinstance(self.value, str):
            return self.span()
        at = self.tree.places().place(self.tree.root, self.path).at
        found = locate(self.tree.text, at, self.value, start, max(end, start + 1))
        return self.tree.span(*found) if found else self.span()

    def _stretch(self) -> tuple[int, int]:
        """The offsets that ``span`` shows."""
        text, places = self.tree.text, self.tree.places()
        place = places.place(self.tree.root, self.path)
        if isinstance(self.value, (dict, list)):
            return place.at, first_line_end(text, place.at, places.flow.get(id(self.value)))
        return place.at, scalar_end(text, place.at, flow=place.flow, key=False)


def over_limit(tree: Tree, message: str, name: str, start: int = 0) -> DocumentError:
    """The error for text over a limit, found at ``start``; ``name`` is that of the flag that sets the limit."""
    span = tree.span(start, start + 1) if tree.text else Span(tree.file, 1, 1, 1, 2)
    return DocumentError([codes.LIMIT.at(span, message, f"a higher limit is set with --limit-{name}")])
