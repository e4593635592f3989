"""A file of findings that are accepted as they are today (``--baseline``); what is new is still reported."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from msgspec.structs import replace

from arazzo.cli.options import usage
from arazzo.cli.settings import shown_from
from arazzo.diagnostics import Diagnostic
from arazzo.patterns import pattern
from arazzo.report.findings.checked import Checked, fingerprints, relative_uri

_VERSION = 1
_WORD: Final = pattern(r"\S+")
_BEFORE: Final = pattern(r"[\"'`(]*(?:[\w.-]+=)?")
"""What stands before a path in a word: ``(``, ``--source``'s ``NAME=``."""
_PLACE: Final = pattern(r"(\n  )(?:(?!: )[^\n])*[/\\](?=[^\n/\\]*?: )")
"""The folders of a place that a message lists, one a line, each with a reason."""
_SUFFIX: Final = pattern(r"\.(?:ya?ml|json)\b", re.IGNORECASE)


class _Seen:
    """Findings as they are seen from the ``folder`` of the baseline, wherever the command was started."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.realpath(folder))

    def fingerprints(self, document: Checked) -> Iterator[tuple[Diagnostic, str]]:
        return fingerprints(document.findings, self.name, self._said, document.file)

    def name(self, file: str) -> str:
        """A file's path from the folder. Links to folders are followed, a link to a file is a file of its own."""
        if file.startswith("file:"):
            file = url2pathname(urlsplit(file).path)
        if file.startswith("<") or "://" in file or file == "-":
            return file
        folder, own = os.path.split(file)
        return shown_from(self.folder, os.path.join(os.path.realpath(folder), own))  # noqa: PTH118 - texts

    def _said(self, finding: Diagnostic) -> str:
        """The message with each path in it cut down to what does not depend on where the command was started."""
        text = finding.message
        places = [finding.span] if finding.span is not None else []
        files = {span.file for span in (*places, *(span for _, span in finding.related))}
        for file in files:
            text = text.replace(file, Path(self.name(file)).name)
        text = self._from_here(text)
        folders = {self._from_here(str(folder)) for file in files for folder in Path(file).parents}
        for folder in sorted(folders, key=len, reverse=True):
            if " " in folder:  # What has none is cut down word by word.
                text = text.replace(folder + os.sep, "")
        text = _PLACE.sub(r"\1", text)
        return _WORD.sub(lambda word: _without_folders(word[0]), text)

    def _from_here(self, text: str) -> str:
        for above, short in self._above:
            text = above.sub(short, text)
        return text

    @cached_property
    def _above(self) -> list[tuple[re.Pattern[str], str]]:
        """The folder and those it is in, with the way there, the longest first."""
        above = [self.folder, *self.folder.parents][:-2]  # `/home` may as well be a path of an API.
        return [
            (re.compile(rf"(?<![^\s\"'(=]){re.escape(str(path))}(?![\w.-])"), "/".join((".", *[".."] * up)))
            for up, path in enumerate(above)
        ]


def _without_folders(word: str) -> str:
    """A word of a message, with a path to a document in it cut down to the document's name."""
    before = _BEFORE.match(word)
    start = before.end() if before else 0
    suffix = _SUFFIX.search(word, start)
    if suffix is None:
        return word
    last = max(word.rfind(slash, start, suffix.start()) for slash in "/\\")
    return word if last < 0 else word[:start] + word[last + 1 :]


def write_baseline(path: Path, checked: Sequence[Checked]) -> int:
    """Accept everything in ``checked``; returns how much it is. The file is meant to be committed and read.

    Files are named as they are seen from its folder, so that it holds wherever the command is started.
    """
    seen = _Seen(path.parent)
    entries: list[object] = [
        _entry(seen, document, finding, digest)
        for document in checked
        for finding, digest in seen.fingerprints(document)
    ]
    _write(path, entries)
    return len(entries)


def _entry(seen: _Seen, document: Checked, finding: Diagnostic, digest: str) -> dict[str, str]:
    return {
        "code": finding.code,
        "file": relative_uri(seen.name(finding.span.file if finding.span else document.file)),
        "fingerprint": digest,
        "message": finding.message,
    }


def _write(path: Path, entries: Sequence[object]) -> None:
    text = json.dumps({"version": _VERSION, "findings": entries}, ensure_ascii=False, indent=1)
    try:
        path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise usage(f"--baseline {path}: {error.strerror or error}") from None


def follow(path: Path, before: Sequence[Checked], after: Sequence[Checked]) -> None:
    """Accept ``after`` a mend what ``path`` accepted ``before`` it: the texts of lines have changed, not their places.

    What the mend took away is taken out. Raises ``UsageError``.
    """
    accepted = read_baseline(path)
    seen = _Seen(path.parent)
    known = {
        (document.file, _place_of(finding)): digest
        for document in before
        for finding, digest in seen.fingerprints(document)
        if digest in accepted
    }
    still: set[str] = set()
    moved: list[object] = []
    for document in after:
        for finding, digest in seen.fingerprints(document):
            if digest in accepted:
                still.add(digest)
            elif (document.file, _place_of(finding)) in known:
                moved.append(_entry(seen, document, finding, digest))
    gone = set(known.values()) - still
    entries = json.loads(path.read_text(encoding="utf-8"))["findings"]
    _write(path, [*(entry for entry in entries if entry["fingerprint"] not in gone), *moved])


def _place_of(finding: Diagnostic) -> tuple[str, str, int | None]:
    return finding.code, finding.message, finding.span.line if finding.span is not None else None


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints that ``path`` accepts. Raises ``UsageError``."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != _VERSION:
            raise usage(f"--baseline {path}: its version is {content['version']}, not {_VERSION}")
        return frozenset(str(entry["fingerprint"]) for entry in content["findings"])
    except OSError as error:
        raise usage(f"--baseline {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError):
        raise usage(f"--baseline {path}: no baseline of arazzo", "write one with --update-baseline") from None


def without_accepted(
    checked: Sequence[Checked], accepted: frozenset[str], folder: Path
) -> tuple[list[Checked], int]:
    """``checked`` less what the baseline in ``folder`` accepts, and how much that was."""
    seen = _Seen(folder)
    left: list[Checked] = []
    count = 0
    for document in checked:
        new = tuple(finding for finding, digest in seen.fingerprints(document) if digest not in accepted)
        count += len(document.findings) - len(new)
        left.append(replace(document, findings=new))
    return left, count
