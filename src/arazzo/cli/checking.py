"""Checking many files: which they are, in several processes, with a bar on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from arazzo import codes
from arazzo.cli.importing import import_yaml_parser
from arazzo.cli.options import ValidateOptions, usage
from arazzo.cli.verdicts import Verdicts
from arazzo.diagnostics import Span
from arazzo.errors import DocumentError
from arazzo.http.sightings import Sightings
from arazzo.patterns import pattern
from arazzo.report.findings.checked import Checked, shown_from

if TYPE_CHECKING:
    from arazzo.descriptions.openapi.files import Trees

_SUFFIXES: Final = (".yml", ".yaml", ".json")
_WORTH_A_BAR: Final = 20
_WORTH_PROCESSES: Final = 12
_USER: Final = pattern(r"(?<=://)[^/?#@]*@", among=("@",))
"""The user and password of a URL, which are not repeated."""
_STARS: Final = pattern(r"\*\*+")
_BATCH: Final = 24


class Named(Struct, frozen=True):
    """A file to check. ``by_name`` says that it was named itself, not found in a folder."""

    path: str
    by_name: bool


def files_of(
    paths: Iterable[str], exclude: Sequence[str] = (), folder: Path | None = None
) -> Iterator[Named]:
    """The files that paths, folders, globs and URLs stand for, each once. Raises ``UsageError``.

    ``exclude`` are globs of paths as they are named, or as they are seen from ``folder``.
    """
    seen: set[str] = set()
    for named in _expand(paths):
        names = {named.path, shown_from(folder or Path(), named.path)}
        excluded = not named.by_name and any(matches(name, pattern) for pattern in exclude for name in names)
        place = shown_from(Path(), named.path)
        if place not in seen and not excluded:
            seen.add(place)
            yield named


def _expand(paths: Iterable[str]) -> Iterator[Named]:
    for path in paths:
        if path == "-" or "://" in path:
            yield Named(path, True)
        elif Path(path).is_dir():
            yield from _in_folder(Path(path))
        elif any(c in path for c in "*?[") and not Path(path).exists():
            matches = sorted(_globbed(path))
            if not matches:
                raise usage(f"{path}: no file matches")
            for match in matches:
                yield from _in_folder(match) if match.is_dir() else [Named(str(match), False)]
        else:
            yield Named(path, True)


def _globbed(pattern: str) -> Iterator[Path]:
    """What a shell's pattern stands for. ``**`` goes down no symbolic links: they may lead round in circles.

    Names that begin with a dot are meant by patterns that do.
    """
    anchor = Path(pattern).anchor
    parts = [
        part if part == "**" else _STARS.sub("*", part) for part in Path(pattern).relative_to(anchor).parts
    ]
    if parts[-1:] == ["**"]:
        parts.append("*")  # Before Python 3.13 it means folders alone.
    hidden = any(map(_is_hidden, parts))
    for path in Path(anchor).glob("/".join(parts)):
        link = "**" in parts and path.is_symlink() and path.is_dir()
        if not link and (hidden or not any(map(_is_hidden, path.parts))):
            yield path


def _is_hidden(part: str) -> bool:
    return part.startswith(".") and part != ".."


def _in_folder(folder: Path) -> Iterator[Named]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            yield Named(str(path), False)


def matches(path: str, pattern: str) -> bool:
    """Whether a glob of the settings means ``path``: from its beginning, from any folder on, or a folder it is in."""
    from fnmatch import fnmatch  # here: most commands leave nothing out

    return (
        fnmatch(path, pattern) or fnmatch(path, f"*/{pattern}") or fnmatch(path, f"{pattern.rstrip('/')}/*")
    )


def check_all(
    files: Sequence[Named], args: ValidateOptions, verdicts: Verdicts | None = None
) -> list[Checked]:
    """What is found in each of ``files`` that is an Arazzo document, in their order.

    What ``verdicts`` knows is not looked for again.
    """
    known = {n: verdicts.find(n.path, by_name=n.by_name) for n in files} if verdicts is not None else {}
    unknown = [named for named in files if known.get(named) is None and _is_worth_reading(named)]
    found = dict(zip(unknown, _check_each(unknown, args, verdicts), strict=True))
    each = (known.get(named) or found.get(named) for named in files)
    return [checked for checked in each if checked is not None]


def _check_each(
    files: Sequence[Named], args: ValidateOptions, verdicts: Verdicts | None
) -> Iterator[Checked | None]:
    # Documents of one folder name the same descriptions, which a process then reads once.
    batches = [
        batch[at : at + _BATCH]
        for _, group in groupby(files, key=lambda named: os.path.dirname(named.path))  # noqa: PTH120 - URLs too
        for batch in [list(group)]
        for at in range(0, len(batch), _BATCH)
    ]
    jobs = min(args.jobs or os.cpu_count() or 1, len(batches))
    with ExitStack() as stack:
        advance = stack.enter_context(_Bar(len(files))) if _wants_bar(files) else None
        if jobs > 1 and len(files) >= _WORTH_PROCESSES:
            from concurrent.futures import ProcessPoolExecutor

            pool = stack.enter_context(ProcessPoolExecutor(jobs, initializer=_end_with_parent))
            check = partial(check_batch, args=args, verdicts=verdicts)
            results: Iterable[list[Checked | None]] = pool.map(check, batches)
        else:
            results = (check_batch(batch, args, verdicts) for batch in batches)
        for batch, result in zip(batches, results, strict=True):
            yield from result
            if advance is not None:
                advance.by(len(batch))


def _end_with_parent() -> None:
    """Let this process end when the one that started it does, however that ends."""
    from multiprocessing import parent_process
    from threading import Thread

    parent = parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=wait, daemon=True).start()


def check_batch(
    batch: Sequence[Named], args: ValidateOptions, verdicts: Verdicts | None = None
) -> list[Checked | None]:
    """What is found in each file; None for one that is no Arazzo document and was not named itself."""
    trees: Trees = {}
    found = []
    for named in batch:
        seen = Sightings()
        checked = _check(named, args, trees, seen)
        if checked is not None and verdicts is not None:
            verdicts.keep(named.path, checked, seen, by_name=named.by_name)
        found.append(checked)
    return found


def _check(named: Named, args: ValidateOptions, trees: Trees, seen: Sightings) -> Checked | None:
    # What is known already needs none of this, and should be told at once.
    import_yaml_parser()
    from arazzo.api.linking import check_sharing
    from arazzo.cli.opening import link_keywords, open_document

    shown = _USER.sub("***@", named.path)
    try:
        document = open_document(named.path, args, seen)
        return Checked(shown, check_sharing(document, trees, link_keywords(args), seen))
    except DocumentError as error:
        if not named.by_name and any(d.code == codes.NOT_ARAZZO.name for d in error.diagnostics):
            return None
        # A file that cannot be read at all has no place in itself to point at.
        return Checked(
            shown,
            tuple(
                d if d.span else codes.UNREADABLE.at(Span(shown, 1, 1, 1, 2), d.message, d.hint)
                for d in error.diagnostics
            ),
            unread=True,
        )


def _is_worth_reading(named: Named) -> bool:
    """Whether the text names the field that every Arazzo document has; large descriptions are not parsed for it."""
    path = Path(named.path)
    try:
        # Of a pipe one cannot have a look; what it is will be said.
        return named.by_name or not path.is_file() or b"arazzo" in path.read_bytes()
    except OSError:
        return True


def _wants_bar(files: Sequence[Named]) -> bool:
    return len(files) >= _WORTH_A_BAR and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


class _Bar:
    """A progress bar on standard error, gone when it is done."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = Console(stderr=True)
        columns = (TextColumn("checking"), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("checking", total=total)

    def __enter__(self) -> _Bar:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def by(self, count: int) -> None:
        self._progress.advance(self._task, count)
