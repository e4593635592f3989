"""The options of ``arazzo run`` on how requests are sent, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec import field
from msgspec.structs import replace

from arazzo.cli.opening import fetching_options
from arazzo.cli.options import WorkflowOptions, usage
from arazzo.http.transport import TransportOptions

_KEY: Final = "--idempotency-key"


class SendingOptions(WorkflowOptions, kw_only=True):
    """The options on how requests are sent."""

    header: list[str] = field(default_factory=list)
    cert: str | None = None
    key: str | None = None
    cookie_jar: str | None = None
    no_cookies: bool = False
    idempotency_key: bool | str = False
    http2: bool = False
    fast: bool = False
    no_follow: bool = False


def add_sending(parser: argparse.ArgumentParser) -> None:
    """The options of the transport, named as curl names them where curl has them."""
    group = parser.add_argument_group("requests")
    group.add_argument(
        "-H", "--header", action="append", metavar="'NAME: VALUE'", help="added to every request"
    )
    group.add_argument("--cert", metavar="FILE", help="client certificate")
    group.add_argument("--key", metavar="FILE", help="client certificate's key")
    group.add_argument(
        "--cookie-jar",
        metavar="FILE",
        help="cookies from and to this file, as curl's -b and -c",
    )
    group.add_argument("--no-cookies", action="store_true", help="send back no cookies that responses set")
    group.add_argument(
        _KEY,
        nargs="?",
        type=_key,
        metavar="HEADER",
        help="send POST and PATCH with a key that is the same for every retry; write --idempotency-key=HEADER",
    )
    group.add_argument("--http2", action="store_true", help="speak HTTP/2 where the server does")
    group.add_argument("--fast", action="store_true", help="send with pyreqwest (see the documentation)")
    group.add_argument("--no-follow", action="store_true", help="give a redirect to the step as its response")


def unambiguous(arguments: Iterable[str]) -> list[str]:
    """``arguments`` with an option that may stand alone written so that it does not take the next one as its value."""
    return [f"{_KEY}=" if text == _KEY else text for text in arguments]


def _key(text: str) -> bool | str:
    return text or True


def headers(args: SendingOptions) -> dict[str, str]:
    """What ``--header`` adds. Raises ``UsageError``."""
    return dict(_header(text) for text in args.header)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        # What is wrong may be a credential and is not repeated.
        raise usage("--header: a name, ':' and a value are wanted", "write -H 'NAME: VALUE'")
    return name.strip(), value.strip()


def cookies(args: SendingOptions) -> bool | Path:
    """The ``cookies`` argument of ``arazzo.run``. Raises ``UsageError``."""
    if args.no_cookies and args.cookie_jar is not None:
        raise usage("--no-cookies and --cookie-jar: one of them, not both")
    return Path(args.cookie_jar) if args.cookie_jar is not None else not args.no_cookies


def transport_options(args: SendingOptions) -> TransportOptions:
    """How the transport is to behave."""
    return replace(
        fetching_options(args),
        cert=Path(args.cert) if args.cert is not None else None,
        key=Path(args.key) if args.key is not None else None,
        http2=args.http2,
        fast=args.fast,
    )
