"""How a command line is read: argparse, in the manners of this command, and the options that several commands share.

Imported for a command line with options only: argparse takes as long as reading and checking a small document.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

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
        "--server", action="append", metavar="[NAME=]URL", help="send a source's requests there"
    )
    group.add_argument(
        "--server-var",
        action="append",
        metavar="[NAME.]VAR=VALUE",
        help="a variable of a server's URL",
    )
