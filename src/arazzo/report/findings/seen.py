"""Findings as they are seen from a folder that is always the same, wherever the command was started."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from arazzo.diagnostics import Diagnostic
from arazzo.patterns import pattern
from arazzo.report.findings.checked import Checked, fingerprints, shown_from

_WORD: Final = pattern(r"\S+")
_BEFORE: Final = pattern(r"[\"'`(]*(?:[\w.-]+=)?")
"""What stands before a path in a word: ``(``, ``--source``'s ``NAME=``."""
_PLACE: Final = pattern(r"(\n  )(?:(?!: )[^\n])*[/\\](?=[^\n/\\]*?: )")
"""The folders of a place that a message lists, one a line, each with a reason."""
_SUFFIX: Final = pattern(r"\.(?:ya?ml|json)\b", re.IGNORECASE)


class SeenFrom:
    """Findings as they are seen from ``folder``, wherever the command was started."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(os.path.realpath(folder))

    def fingerprints(self, document: Checked) -> Iterator[tuple[Diagnostic, str]]:
        return fingerprints(document.findings, self.name, self.said, document.file)

    def name(self, file: str) -> str:
        """A file's path from the folder. Links to folders are followed, a link to a file is a file of its own."""
        if file.startswith("file:"):
            file = url2pathname(urlsplit(file).path)
        if file.startswith("<") or "://" in file or file == "-":
            return file
        folder, own = os.path.split(file)
        return shown_from(self.folder, os.path.join(os.path.realpath(folder), own))  # noqa: PTH118 - texts

    def inside(self, file: str) -> str:
        """``name`` of a file in the folder; one outside it, or a URL, as it was named."""
        name = self.name(file)
        return file if name.startswith("../") or Path(name).is_absolute() else name

    def said(self, finding: Diagnostic) -> str:
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


def seen_from_repository() -> SeenFrom:
    """As seen from the folder of the repository that the command was started in; without one, from there."""
    here = Path.cwd()
    return SeenFrom(next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here))
