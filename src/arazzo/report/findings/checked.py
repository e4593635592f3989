"""The findings of one document, and what keeps a finding recognisable when lines move."""

from __future__ import annotations

import os
import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct

from arazzo.diagnostics import Diagnostic


class Checked(Struct, frozen=True):
    """One document that was checked: its path or URL as it was named, and what was found."""

    file: str
    findings: tuple[Diagnostic, ...]
    unread: bool = False
    """Whether the document could not be read at all; what was found then counts whatever was asked for."""


def fingerprints(
    findings: Iterable[Diagnostic],
    name: Callable[[str], str] = str,
    said: Callable[[Diagnostic], str] = lambda finding: finding.message,
    file: str = "",
) -> Iterator[tuple[Diagnostic, str]]:
    """Each finding with a text that stays the same while its line, its file and what is wrong stay the same.

    Made of the code, the file's path, the line's text without its indentation and what the finding says; the same
    ones are numbered. ``name`` gives the path of a file as it is to be recognised, ``said`` what a finding says;
    ``file`` is the path of those without a place.
    """
    from hashlib import sha256  # not above: most findings are only shown, and it is slow to import

    seen: Counter[str] = Counter()
    for finding in findings:
        span = finding.span
        where = span.file if span else file
        parts = (
            finding.code,
            name(where) if where else "",
            " ".join(span.excerpt.split()) if span else "",
            said(finding),
        )
        digest = sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
        seen[digest] += 1
        yield finding, digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def shown_from(folder: Path, file: str) -> str:
    """``file`` as a path from ``folder``, with forward slashes, wherever the command was started; a URL as it is."""
    if file == "-" or "://" in file:
        return file
    try:
        return os.path.relpath(file, folder).replace(os.sep, "/")
    except ValueError:  # There is no way from one drive to another.
        return file


def relative_uri(file: str) -> str:
    """A path as a URI reference with forward slashes; a URL as it is."""
    if "://" in file:
        return file
    path = file.replace("\\", "/")
    return quote(posixpath.normpath(path), safe="/~!$&'()*+,;=@.-_")


def counted(checked: Sequence[Checked]) -> Iterator[tuple[str, Diagnostic]]:
    """Every finding with the file it is in: its own, which may be another than the document that led to it."""
    for document in checked:
        for finding in document.findings:
            yield (finding.span.file if finding.span else document.file), finding
