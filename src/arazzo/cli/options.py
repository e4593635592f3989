"""Options that several commands share, and what they mean."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NoReturn, TextIO

from arazzo import codes
from arazzo.api.arguments import is_server
from arazzo.api.linking import LinkKeywords, load
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.document.model import Document
from arazzo.errors import ArazzoError, UsageError
from arazzo.http.options import TransportOptions
from arazzo.report.text import render, summary
from arazzo.source import DEFAULT_LIMITS, Limits

_LIMITS = {
    "size": "characters of one document",
    "nodes": "values of one document, aliases expanded",
    "depth": "nested values of one document",
}


class Parser(argparse.ArgumentParser):
    """argparse, with messages in the form of every other message of this command."""

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
        "--no-cache", action="store_true", help="keep no copy of what is fetched over the network"
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
    for name in ("size", "nodes", "depth"):
        default = getattr(DEFAULT_LIMITS, name)
        group.add_argument(f"--limit-{name}", type=int, default=default, metavar="N", help=_LIMITS[name])
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


def limits(args: argparse.Namespace) -> Limits:
    """The bounds on each document read."""
    return Limits(args.limit_size, args.limit_nodes, args.limit_depth)


def open_document(file: str, args: argparse.Namespace) -> Document:
    """The Arazzo document that ``FILE`` names: a path, a URL, or ``-``. Raises ``DocumentError``."""
    if file == "-":
        # The line break tells a text from a path, also when the text has one line only.
        return load(sys.stdin.read() + "\n", limits=limits(args))
    return load(
        file if "://" in file else Path(file),
        limits=limits(args),
        allow_http=args.allow_http,
        cache=not args.no_cache,
        transport_options=fetching_options(args),
    )


def fetching_options(args: argparse.Namespace) -> TransportOptions:
    """Whom to trust and which way to take, for documents as for requests."""
    cacert = Path(args.cacert) if args.cacert is not None else None
    return TransportOptions(insecure=args.insecure, cacert=cacert, proxy=args.proxy)


def link_keywords(args: argparse.Namespace) -> LinkKeywords:
    """The keywords of ``arazzo.link`` that the options stand for. Raises ``UsageError``."""
    keywords = LinkKeywords(
        sources=dict(pair("--source", text) for text in args.source),
        strict=args.strict,
        offline=args.offline,
        allow_paths=args.allow_path,
        allow_http=args.allow_http,
        allow_private=args.allow_private,
        cache=not args.no_cache,
        transport_options=fetching_options(args),
        limits=limits(args),
    )
    if "server" in args:
        keywords["servers"] = dict(_server(text) for text in args.server)
        variables: dict[str, dict[str, str]] = {}
        for text in args.server_var:
            name, value = pair("--server-var", text)
            source, _, variable = name.rpartition(".")
            variables.setdefault(source, {})[variable] = value
        keywords["server_variables"] = variables
    return keywords


def pair(flag: str, text: str) -> tuple[str, str]:
    """``NAME=VALUE`` as its two parts."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise usage(f"{flag} {text}: a name, '=' and a value are wanted", f"write {flag} NAME=VALUE")
    return name, value


def _server(text: str) -> tuple[str, str]:
    """``[NAME=]URL``; a URL may hold ``=`` itself, a source's name no ``/`` or ``:``."""
    name, equals, url = text.partition("=")
    if equals and "/" not in name and ":" not in name:
        where, target = name, url
    else:
        where, target = "", text
    if not is_server(target):
        shown = text.rpartition("@")[2]  # A user and a password are not repeated.
        raise usage(f"--server {shown}: a server is an absolute http or https URL")
    return where, target


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
    """Show diagnostics on standard error."""
    color = wants_color(sys.stderr)
    for diagnostic in diagnostics:
        if not errors_only or diagnostic.severity is Severity.ERROR:
            sys.stderr.write(render(diagnostic, color=color) + "\n")


def tell_error(error: ArazzoError) -> int:
    """Show what kept a command from running; returns its exit code."""
    shown = [d for d in error.diagnostics if d.severity is Severity.ERROR or d.blocks_run] or list(
        error.diagnostics
    )
    tell(shown)
    sys.stderr.write(f"nothing was sent: {summary(shown)}\n")
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
