"""Comments in a document that accept a finding: ``# arazzo: ignore CODE`` and ``# arazzo: ignore-file CODE``.

The first accepts findings that begin on its own line or, where it stands alone on its line, on the next line that
is no comment; the second findings in the whole file. Several codes are separated by commas or blanks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct

from arazzo.diagnostics import Diagnostic, suggest
from arazzo.patterns import pattern
from arazzo.rules import codes
from arazzo.source import Tree

_COMMENT: Final = pattern(r"(?:^|(?<=\s))#\s*arazzo:\s*(?P<word>[\w-]+)(?P<codes>[^#\r\n]*)", re.MULTILINE)
_LINE: Final = pattern(r"([^\r\n]*)(?:\r\n?|\n|\Z)")
_NAME: Final = pattern(r"[\w-]+")


class _Ignore(Struct):
    """One code of one comment. ``line`` is the line it is about, None for the whole file."""

    code: str
    line: int | None
    start: int
    end: int
    used: bool = False


def without_ignored(
    findings: Iterable[Diagnostic], tree: Tree, known: Collection[str]
) -> Iterator[Diagnostic]:
    """``findings`` less those that a comment of the document accepts; what is wrong with a comment is found too.

    An error that keeps the document from being read cannot be accepted.
    """
    ignores = list(_ignores(tree)) if _may_ignore(tree.text) and not _is_json(tree) else []
    wrong = [problem for ignore in ignores if (problem := _unknown(ignore, tree, known)) is not None]
    by_line: dict[tuple[str, int | None], list[_Ignore]] = {}
    for ignore in ignores:
        by_line.setdefault((ignore.code, ignore.line), []).append(ignore)
    for finding in findings:
        if not _accepted(finding, by_line, tree.file):
            yield finding
    yield from wrong
    for ignore in ignores:
        if not ignore.used and ignore.code in known:
            message = f"there is no {ignore.code} here to ignore"
            yield codes.UNUSED_IGNORE.at(
                tree.span(ignore.start, ignore.end), message, "take the comment away"
            )


def _may_ignore(text: str) -> bool:
    """Whether ``arazzo:`` stands behind a ``#`` somewhere, which it does in few documents."""
    return any(before.rstrip().endswith("#") for before in text.split("arazzo:")[:-1])


def _accepted(
    finding: Diagnostic, ignores: Mapping[tuple[str, int | None], Sequence[_Ignore]], file: str
) -> bool:
    if finding.span is None or finding.span.file != file:
        return False
    accepted = False
    for line in (None, finding.span.line):
        for ignore in ignores.get((finding.code, line), ()):
            ignore.used = accepted = True
    return accepted


def _ignores(tree: Tree) -> Iterator[_Ignore]:
    for match in _COMMENT.finditer(tree.text):
        word = match["word"]
        if word not in ("ignore", "ignore-file"):
            continue
        line = None if word == "ignore-file" else _line_meant(tree, match.start())
        for name in _NAME.finditer(match["codes"]):
            start = match.start("codes")
            yield _Ignore(name[0], line, start + name.start(), start + name.end())


def _line_meant(tree: Tree, start: int) -> int:
    """The line a comment is about: its own, or the next one with something else on it."""
    begins = max(tree.text.rfind("\n", 0, start), tree.text.rfind("\r", 0, start)) + 1
    line = tree.span(start, start + 1).line
    if tree.text[begins:start].strip():
        return line
    for text in _LINE.finditer(tree.text, begins):
        if text[0].strip() and not text[0].lstrip().startswith("#"):
            return line
        line += 1
    return line


def _unknown(ignore: _Ignore, tree: Tree, known: Collection[str]) -> Diagnostic | None:
    if ignore.code in known:
        return None
    span = tree.span(ignore.start, ignore.end)
    near = suggest(ignore.code, known, "")
    hint = near if near.startswith("did") else "`arazzo explain` lists the codes"
    return codes.UNUSED_IGNORE.at(span, f"there is no code {ignore.code!r}", hint)


def _is_json(tree: Tree) -> bool:
    return tree.text.lstrip()[:1] in ("{", "[")
