"""What was seen of the file system, kept so that one can tell later whether it still looks the same."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

SUFFIXES: Final = (".yml", ".yaml", ".json")
_NOTHING: Final = "nothing"
_SOMETHING: Final = "something"
_RESOLVED: Final = "leads to "
_CONTENT: Final = "file "
_NAMES: Final = "folder "


class Sightings:
    """Everything that was looked at.

    ``lasting`` is False once something was seen that a look at the file system cannot confirm: an answer from the
    network, a file that could not be read.
    """

    def __init__(self) -> None:
        self.lasting = True
        self._found: dict[Path, str] = {}
        self._contents: dict[Path, tuple[Path, bytes]] = {}

    def nothing(self, path: Path) -> None:
        self._found[path] = _NOTHING

    def something(self, path: Path) -> None:
        self._found[path] = _SOMETHING

    def resolved(self, path: Path, real: Path) -> None:
        """Only where ``path`` leads was looked at, symbolic links resolved."""
        self._found.setdefault(path, f"{_RESOLVED}{real}")

    def content(self, path: Path, real: Path, content: bytes) -> None:
        self._contents[path] = real, content

    def folder(self, path: Path, names: list[str]) -> None:
        self._found[path] = _names(names)

    def passing(self) -> None:
        """Something was seen that may be otherwise the next time, and nobody can tell."""
        self.lasting = False

    def facts(self) -> dict[str, str]:
        """What was there, by path."""
        read = {str(path): _content(str(real), content) for path, (real, content) in self._contents.items()}
        return {str(path): fact for path, fact in self._found.items()} | read


def names_in(folder: Path) -> list[str]:
    """The names of the YAML and JSON files in ``folder``, sorted. Raises ``OSError``."""
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.name.endswith(SUFFIXES) and not entry.name.startswith(".") and entry.is_file()
        )


def still_so(facts: Mapping[str, str], known: dict[str, str]) -> bool:
    """Whether everything in ``facts`` is as it was. ``known`` has what was looked up before, and takes what is."""
    for path, fact in facts.items():
        if path not in known or known[path].partition(" ")[0] != fact.partition(" ")[0]:
            known[path] = _look(path, fact)
        if known[path] != fact:
            return False
    return True


def _look(path: str, fact: str) -> str:
    """What is at ``path`` today, said the way of ``fact``."""
    try:
        if fact.startswith(_CONTENT):
            real = os.path.realpath(path)
            return _content(real, Path(real).read_bytes())
        if fact.startswith(_RESOLVED):
            return f"{_RESOLVED}{os.path.realpath(path)}"
        if fact.startswith(_NAMES):
            return _names(names_in(Path(path)))
        return _SOMETHING if os.path.exists(path) else _NOTHING  # noqa: PTH110 - done for every rung
    except (OSError, ValueError):
        return _NOTHING


def _content(real: str, content: bytes) -> str:
    return f"{_CONTENT}{digest(content)} {real}"


def _names(names: list[str]) -> str:
    return f"{_NAMES}{digest('/'.join(names).encode('utf-8', 'surrogateescape'))}"


def digest(content: bytes) -> str:
    from hashlib import sha256  # not above: a run needs none of this, and it is slow to import

    return sha256(content).hexdigest()
