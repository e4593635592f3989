"""Documents as the command line names them, and what its options mean to ``arazzo.link``."""

from __future__ import annotations

import sys
from pathlib import Path

from arazzo.api.keywords import LinkKeywords
from arazzo.api.linking import load_seeing
from arazzo.cli.options import LinkingOptions, WorkflowOptions, pair, usage
from arazzo.document.model import Document
from arazzo.http.options import TransportOptions
from arazzo.http.sightings import Sightings
from arazzo.source import DEFAULT_LIMITS, Limits


def limits(args: LinkingOptions) -> Limits:
    """The bounds on each document read."""
    default = DEFAULT_LIMITS
    return Limits(
        default.size if args.limit_size is None else args.limit_size,
        default.nodes if args.limit_nodes is None else args.limit_nodes,
        default.depth if args.limit_depth is None else args.limit_depth,
    )


def open_document(file: str, args: LinkingOptions, seen: Sightings | None = None) -> Document:
    """The Arazzo document that ``FILE`` names: a path, a URL, or ``-``. Raises ``DocumentError``.

    ``seen`` takes down what was read.
    """
    place: str | Path = file if "://" in file else Path(file)
    if file == "-":
        # The line break tells a text from a path, also when the text has one line only.
        place = sys.stdin.read() + "\n"
        if seen is not None:
            seen.passing()
    return load_seeing(place, seen, limits(args), args.allow_http, not args.no_cache, fetching_options(args))


def fetching_options(args: LinkingOptions) -> TransportOptions:
    """Whom to trust and which way to take, for documents as for requests."""
    cacert = Path(args.cacert) if args.cacert is not None else None
    return TransportOptions(insecure=args.insecure, cacert=cacert, proxy=args.proxy)


def link_keywords(args: LinkingOptions) -> LinkKeywords:
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
    if isinstance(args, WorkflowOptions):
        keywords["servers"] = dict(_server(text) for text in args.server)
        variables: dict[str, dict[str, str]] = {}
        for text in args.server_var:
            name, value = pair("--server-var", text)
            source, _, variable = name.rpartition(".")
            variables.setdefault(source, {})[variable] = value
        keywords["server_variables"] = variables
    return keywords


def _server(text: str) -> tuple[str, str]:
    """``[NAME=]URL``; a URL may hold ``=`` itself, a source's name no ``/`` or ``:``."""
    name, equals, url = text.partition("=")
    if equals and "/" not in name and ":" not in name:
        where, target = name, url
    else:
        where, target = "", text
    from arazzo.api.arguments import is_server

    if not is_server(target):
        shown = text.rpartition("@")[2]  # A user and a password are not repeated.
        raise usage(f"--server {shown}: a server is an absolute http or https URL")
    return where, target
