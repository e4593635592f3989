"""What checking a document found before, for as long as everything it was made of stays as it was.

A verdict is kept with the content of every file that was read for it, with every place where nothing was found, with
the options that matter, and with the state of this program and of the packages it runs on. It is taken only while all
of that is the same. A check that asked the network is made anew each time.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from arazzo.cli.options import ValidateOptions
from arazzo.http.kept_files import default_folder, write_private
from arazzo.http.sightings import Facts, Sightings, digest, still_so
from arazzo.report.findings.checked import Checked

MOST_VERDICTS: Final = 5_000
LARGEST_VERDICT: Final = 1024 * 1024
_WITHOUT_EFFECT: Final = frozenset(
    (
        "baseline",
        "fail_on",
        "fix",
        "format",
        "ignore",
        "jobs",
        "no_cache",
        "no_config",
        "notes",
        "paths",
        "report",
        "select",
        "update_baseline",
    )
)
"""Options that do not change what is found, only what is made of it."""


class Verdict(Struct, frozen=True):
    """What was found in one document, and the ``facts`` it depends on (``Sightings``)."""

    facts: Facts
    checked: Checked


class Verdicts:
    """The verdicts in ``folder`` for one set of options. What cannot be read or written is passed over.

    A file that was named itself has another verdict than one that was found in a folder, where it may be anything.
    """

    def __init__(self, folder: Path, args: ValidateOptions) -> None:
        self.folder = folder
        with_effect = {name: value for name, value in asdict(args).items() if name not in _WITHOUT_EFFECT}
        home = [os.environ.get(name) for name in ("HOME", "USERPROFILE")]
        self._setting = repr((with_effect, str(Path.cwd()), home, *_program()))
        self._known: dict[tuple[str, str], str | None] = {}
        self._has_room = False

    def __getstate__(self) -> dict[str, object]:
        """For other processes, which keep verdicts and look for none."""
        return vars(self) | {"_known": {}}

    def find(self, path: str, *, by_name: bool) -> Checked | None:
        """What was found in the document at ``path``, if it would be found again."""
        file = self._file(path, by_name=by_name)
        try:
            found = file.stat()
            if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_VERDICT:
                return None
            verdict = msgspec.json.decode(file.read_bytes(), type=Verdict)
        except (OSError, ValueError, RecursionError):
            return None
        return verdict.checked if still_so(verdict.facts, self._known) else None

    def keep(self, path: str, checked: Checked, seen: Sightings, *, by_name: bool) -> None:
        """Keep what was found in the document at ``path``, if one can tell whether it is still so."""
        if not seen.lasting:
            return
        # A full disk or a folder of somebody else's costs a check the next time, not this one.
        with contextlib.suppress(OSError, ValueError):
            text = msgspec.json.encode(Verdict(seen.facts(), checked))
            if len(text) <= LARGEST_VERDICT:
                self._make_room()
                write_private(self._file(path, by_name=by_name), text)

    def _file(self, path: str, *, by_name: bool) -> Path:
        named = "\0".join((path, "named" if by_name else "found", self._setting))
        return self.folder / f"{digest(named.encode('utf-8', 'surrogateescape'))[:40]}.json"

    def _make_room(self) -> None:
        """Once a process: drop the verdicts that were made longest ago, so that there is room for many more."""
        if self._has_room:
            return
        self._has_room = True
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # Another process may have dropped it.
                    kept.append((entry.stat().st_mtime, entry.path))
        for _, path in sorted(kept, reverse=True)[MOST_VERDICTS:]:
            with contextlib.suppress(OSError):
                Path(path).unlink()


def known_verdicts(args: ValidateOptions) -> Verdicts | None:
    """The verdicts of earlier commands; None where none are to be kept."""
    folder = None if args.no_cache else default_folder()
    if folder is None or not _is_ours(folder / "verdicts"):
        return None
    try:
        return Verdicts(folder / "verdicts", args)
    except OSError:  # This program is no folder of files, or the working folder is gone.
        return None


def _is_ours(folder: Path) -> bool:
    """Whether nobody else can have written what is in ``folder``: a verdict is believed, and ``--fix`` acts on it."""
    try:
        found = folder.stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    if not hasattr(os, "geteuid"):
        return True
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _program() -> Iterator[object]:
    """What tells this program from an earlier or later one: its own files, and the packages it could find."""
    yield sys.version
    for place in sys.path:
        yield place
        with contextlib.suppress(OSError):  # What is named in PYTHONPATH need not be there, nor be a folder.
            names = os.listdir(place or ".")  # noqa: PTH208 - start-up counts
            # Their times may all be the same: in an image that is built to be reproducible, for one.
            yield sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))
            if place.endswith(("site-packages", "dist-packages")):
                yield Path(place).stat().st_mtime_ns
    folders = [str(Path(__file__).parents[1])]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if not entry.is_dir():
                    found = entry.stat()
                    yield entry.name, found.st_mtime_ns, found.st_size
                elif entry.name != "__pycache__":
                    folders.append(entry.path)
