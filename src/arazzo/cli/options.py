"""What the options of the commands are when none is given, and how their values are read and told of."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from msgspec import Struct

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.errors import ArazzoError, UsageError
from arazzo.report.text import render, summary


class LinkingOptions(Struct, kw_only=True):
    """The options on how a document's sources are found and read, as they are when none is given."""

    source: list[str] = []
    strict: bool = False
    offline: bool = False
    no_cache: bool = False
    allow_path: list[str] = []
    allow_http: bool = False
    allow_private: bool = False
    limit_size: int | None = None
    limit_nodes: int | None = None
    limit_depth: int | None = None
    insecure: bool = False
    cacert: str | None = None
    proxy: str | None = None


class WorkflowOptions(LinkingOptions, kw_only=True):
    """Which workflow of which document, and where its requests go."""

    file: str = ""
    workflow: str | None = None
    server: list[str] = []
    server_var: list[str] = []


class ValidateOptions(LinkingOptions, kw_only=True):
    """The options of ``arazzo validate``."""

    paths: list[str] = []
    format: str = "text"
    report: list[str] = []
    fail_on: str | None = None
    fix: bool = False
    notes: bool = False
    jobs: int | None = None
    select: list[str] = []
    ignore: list[str] = []
    baseline: str | None = None
    update_baseline: bool = False
    no_config: bool = False


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
