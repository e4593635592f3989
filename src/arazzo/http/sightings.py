"""What was seen of the file system, kept so that one can tell later whether it still looks the same."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from errno import ELOOP
from pathlib import Path
from typing import Final, TypeAlias

SUFFIXES: Final = (".yml", ".yaml", ".json")
LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a file that is looked at again; what is larger has changed, for nothing larger is read."""

Facts: TypeAlias = dict[str, dict[str, str]]
"""What was found, by path, for each way of looking (``_WAYS``)."""


class Sightings:
    """Everything that was looked at.

    ``lasting`` is False once something was seen that a look at the file system cannot confirm: an answer from the
    network, a file that could not be read, one that changed while it was looked at.
    """

    def __init__(self) -> None:
        self.lasting = True
        self._seen: dict[tuple[str, Path], object] = {}

    def nothing(self, path: Path) -> None:
        self._see("there", path, "")

    def something(self, path: Path) -> None:
        self._see("there", path, "yes")

    def resolved(self, path: Path, real: Path) -> None:
        """``real`` is where ``path`` leads, symbolic links resolved."""
        self._see("leads", path, str(real))

    def content(self, path: Path, content: bytes) -> None:
        self._see("content", path, content)

    def folder(self, path: Path, names: list[str]) -> None:
        self._see("names", path, _digest_of_names(names))

    def passing(self) -> None:
        """Something was seen that may be otherwise the next time, and nobody can tell."""
        self.lasting = False

    def _see(self, way: str, path: Path, found: object) -> None:
        if self._seen.setdefault((way, path), found) != found:
            self.lasting = False

    def facts(self) -> Facts:
        """What was there."""
        facts: Facts = {}
        for (way, path), found in self._seen.items():
            facts.setdefault(way, {})[str(path)] = digest(found) if isinstance(found, bytes) else str(found)
        return facts


def real_path(path: Path) -> Path:
    """Where ``path`` leads, symbolic links resolved. Raises ``OSError`` where they lead in a circle.

    Some versions of Python give up at a circle, and leave a link behind it (``circle/../link``) as it is: what is
    checked and what is read would be two files. What is resolved has nothing left to resolve.
    """
    real = os.path.realpath(path)
    if os.path.realpath(real) != real:
        raise OSError(ELOOP, os.strerror(ELOOP))
    return Path(real)


def names_in(folder: Path) -> list[str]:
    """The names of the YAML and JSON files in ``folder``, sorted. Raises ``OSError``."""
    with os.scandir(folder) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.name.endswith(SUFFIXES) and not entry.name.startswith(".") and _is_file(entry)
        )


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # Of a circle of links, which says nothing about its neighbours.
        return False


def still_so(facts: Mapping[str, Mapping[str, str]], known: dict[tuple[str, str], str | None]) -> bool:
    """Whether everything in ``facts`` is as it was. ``known`` has what was looked up before, and takes what is."""
    for way, found in facts.items():
        look = _WAYS.get(way)
        if look is None:
            return False
        for path, fact in found.items():
            if (way, path) not in known:
                try:
                    known[way, path] = look(path)
                except (OSError, ValueError):
                    known[way, path] = None
            if known[way, path] != fact:
                return False
    return True


def _there(path: str) -> str:
    try:
        os.stat(path)  # noqa: PTH116 - done for every rung
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return "yes"


def _content(path: str) -> str:
    # Not opened before it is looked at: what is a pipe today would never end.
    found = os.stat(path)  # noqa: PTH116 - done for every file
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
        raise OSError("no file that could have been read")
    return digest(Path(path).read_bytes())


def _names(path: str) -> str:
    return _digest_of_names(names_in(Path(path)))


_WAYS: Final[dict[str, Callable[[str], str]]] = {
    "there": _there,
    "leads": os.path.realpath,
    "content": _content,
    "names": _names,
}
"""How one looks at a path; each raises ``OSError`` or ``ValueError`` for what cannot be looked at."""


def _digest_of_names(names: list[str]) -> str:
    return digest("/".join(names).encode("utf-8", "surrogateescape"))


def digest(content: bytes) -> str:
    # Not above: a run needs none of this. hashlib's own source of it, as `random` has its, because hashlib loads much.
    try:
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b

    return blake2b(content, digest_size=32).hexdigest()
