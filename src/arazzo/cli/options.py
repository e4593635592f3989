"""Options that several commands share, and what they mean."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn, TextIO

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.errors import ArazzoError, UsageError
from arazzo.report.text import render, summary

_LIMITS = {
    "size": "characters of one document",
    "nodes": "values of one document, aliases expanded",
    "depth": "nested values of one document",
}


class _Help(argparse.HelpFormatter):
    """As wide as the terminal, which argparse finds out by importing every kind of archive that Python knows."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    if (said := os.environ.get("COLUMNS", "")).isdecimal() and int(said) > 0:
        return int(said)
    try:
        return os.get_terminal_size().columns or 80
    except OSError:
        return 80


class Parser(argparse.ArgumentParser):
    """argparse, with messages in the form of every other message of this command."""

    def __init__(self, prog: str, description: str, epilog: str | None = None) -> None:
        super().__init__(prog, description=description, epilog=epilog, formatter_class=_Help)

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"{self.prog}: {message}\n{self.prog} --help lists the options\n")
        raise SystemExit(2)


def add_linking(parser: argparse.ArgumentParser) -> None:
    """The options on how a document's sources are found and read."""
    group = parser.add_argument_group("finding sources")
    group.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="NAME=PATH_OR_URL",
        help="where a source description really is",
    )
    group.add_argument("--strict", action="store_true", help="the letter of the specification: no kindness")
    group.add_argument("--offline", action="store_true", help="fetch no source over the network")
    group.add_argument(
        "--no-cache",
        action="store_true",
        help="use nothing kept by earlier commands, and keep nothing",
    )
    group.add_argument(
        "--allow-path",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder that documents may name files in",
    )
    group.add_argument(
        "--allow-http", action="store_true", help="fetch sources and access tokens over plain http, too"
    )
    for name, what in _LIMITS.items():
        group.add_argument(f"--limit-{name}", type=int, metavar="N", help=what)
    group.add_argument(
        "--allow-private", action="store_true", help="let remote documents name private addresses"
    )
    network = parser.add_argument_group("network")
    network.add_argument("--insecure", action="store_true", help="do not verify certificates")
    network.add_argument("--cacert", metavar="FILE", help="certificates to trust")
    network.add_argument("--proxy", metavar="URL", help="fetch and send through this proxy")


def add_servers(parser: argparse.ArgumentParser) -> None:
    """The options on where requests go."""
    group = parser.add_argument_group("servers")
    group.add_argument(
        "--server", action="append", default=[], metavar="[NAME=]URL", help="send a source's requests there"
    )
    group.add_argument(
        "--server-var",
        action="append",
        default=[],
        metavar="[NAME.]VAR=VALUE",
        help="a variable of a server's URL",
    )


def pair(flag: str, text: str) -> tuple[str, str]:
    """``NAME=VALUE`` as its two parts."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise usage(f"{flag} {text}: a name, '=' and a value are wanted", f"write {flag} NAME=VALUE")
    return name, value


def usage(message: str, hint: str | None = None) -> UsageError:
    """The error for a wrong command line."""
    return UsageError([codes.BAD_USAGE.at(None, message, hint)])


def wants_color(stream: TextIO) -> bool:
    """Whether ``stream`` takes colour: a terminal, unless ``NO_COLOR`` or a dumb one says no."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def tell(diagnostics: Iterable[Diagnostic], *, errors_only: bool = False) -> None:
    """Show diagnostics on standard error, and no credential that stands in the lines they show."""
    # Imported here: most commands have nothing to tell.
    from arazzo.rules.masks import without_guessed

    color = wants_color(sys.stderr)
    for diagnostic in without_guessed(diagnostics):
        if not errors_only or diagnostic.severity is Severity.ERROR:
            sys.stderr.write(render(diagnostic, color=color) + "\n")


def tell_error(error: ArazzoError, *, sends: bool = False) -> int:
    """Show what kept a command from running; returns its exit code. ``sends``: it would have sent requests."""
    shown = [d for d in error.diagnostics if d.severity is Severity.ERROR or d.blocks_run] or list(
        error.diagnostics
    )
    tell(shown)
    sys.stderr.write(f"{'nothing was sent: ' if sends else ''}{summary(shown)}\n")
    if all(diagnostic.kindness for diagnostic in shown):
        sys.stderr.write("without --strict these are warnings\n")
    return 2


def read_text(path: str, what: str) -> str:
    """The text of a file a flag names; ``-`` is standard input."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise usage(f"{what} {path}: {reason}") from None
