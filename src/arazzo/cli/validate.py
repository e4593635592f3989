"""``arazzo validate``: find mistakes before anything is sent."""

from __future__ import annotations

import argparse
import glob
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from arazzo import codes
from arazzo.api import linking
from arazzo.cli.options import (
    Parser,
    add_linking,
    link_keywords,
    open_document,
    tell_error,
    usage,
    wants_color,
)
from arazzo.diagnostics import Diagnostic, Severity, Span
from arazzo.errors import ArazzoError, DocumentError
from arazzo.report.plain import plain_diagnostic
from arazzo.report.text import render, summary

_SUFFIXES = (".yml", ".yaml", ".json")


def validate_command(arguments: list[str]) -> int:
    args = _parser().parse_args(arguments)
    try:
        files = list(_files(args.paths))
        checked = [result for file in files if (result := _check(file, args)) is not None]
    except ArazzoError as error:
        return tell_error(error)
    found = [diagnostic for result in checked for diagnostic in result]
    if args.format == "json":
        sys.stdout.write(
            json.dumps([plain_diagnostic(d) for d in found], ensure_ascii=False, indent=2) + "\n"
        )
    else:
        color = wants_color(sys.stdout)
        for diagnostic in found:
            sys.stdout.write(render(diagnostic, color=color) + "\n")
        count = "1 document" if len(checked) == 1 else f"{len(checked)} documents"
        sys.stderr.write(f"{count}: {summary(found)}\n")
    worst = (Severity.ERROR,) if args.fail_on == "error" else (Severity.ERROR, Severity.WARNING)
    return 2 if any(diagnostic.severity in worst for diagnostic in found) else 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="arazzo validate",
        description="Find mistakes in Arazzo documents before anything is sent.",
        epilog="Exit codes: 0 nothing found that counts, 2 something found.",
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="files, folders, globs or URLs; - for standard input"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="how findings are printed")
    parser.add_argument(
        "--fail-on", choices=("error", "warning"), default="error", help="what makes the exit code 2"
    )
    add_linking(parser)
    return parser


def _files(paths: list[str]) -> Iterator[tuple[str, bool]]:
    """Each file with whether it was named itself; what a folder holds besides Arazzo documents is passed over."""
    for path in paths:
        if path == "-" or "://" in path:
            yield path, True
        elif Path(path).is_dir():
            yield from _in_folder(Path(path))
        elif any(c in path for c in "*?[") and not Path(path).exists():
            matches = sorted(glob.glob(path, recursive=True))  # noqa: PTH207 - the pattern is the user's, as a shell's
            if not matches:
                raise usage(f"{path}: no file matches")
            for match in matches:
                yield from _in_folder(Path(match)) if Path(match).is_dir() else [(match, False)]
        else:
            yield path, True


def _in_folder(folder: Path) -> Iterator[tuple[str, bool]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in _SUFFIXES and path.is_file():
            yield str(path), False


def _check(file: tuple[str, bool], args: argparse.Namespace) -> tuple[Diagnostic, ...] | None:
    """The findings of one file; None for one that is no Arazzo document and was not named itself."""
    path, named = file
    try:
        return linking.check(open_document(path, args), **link_keywords(args))
    except DocumentError as error:
        if not named and any(d.code == codes.NOT_ARAZZO.name for d in error.diagnostics):
            return None
        # A file that cannot be read at all has no place in itself to point at.
        return tuple(
            d if d.span else codes.UNREADABLE.at(Span(path, 1, 1, 1, 2), d.message, d.hint)
            for d in error.diagnostics
        )
