"""Whether a call's arguments are such as can be used: an unknown or nonsensical one is never passed over."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from arazzo import codes
from arazzo.diagnostics import nearest
from arazzo.errors import UsageError
from arazzo.http.options import TransportOptions
from arazzo.messages import NoResponse, Reply, Response
from arazzo.patterns import pattern
from arazzo.source import DEFAULT_LIMITS, Limits

_HEADER_NAME: Final = pattern(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_SWITCHES: Final = ("strict", "offline", "allow_http", "allow_private", "follow_redirects", "cache")
_LISTS: Final = ("allow_paths", "secrets", "observers")
_TIMES: Final = ("timeout", "step_timeout", "poll_interval", "max_wait")
_OPTIONAL: Final = ("timeout", "step_timeout")
_NO_OPTIONS: Final = TransportOptions()


def check_keywords(keywords: Mapping[str, object], known: Iterable[str]) -> None:
    """Raise ``UsageError`` with everything that is wrong with ``keywords``, of which the ``known`` ones exist."""
    names = list(known)
    wrong = [
        *_unknown(keywords, names),
        *_of_wrong_type(keywords),
        *_wrong_servers(keywords.get("servers", {})),
        *_wrong_headers(keywords.get("headers", {})),
        *_wrong_bounds(keywords),
        *_wrong_checks(keywords.get("check_responses")),
        *_wrong_sending(keywords),
    ]
    if wrong:
        raise UsageError(codes.BAD_USAGE.at(None, message) for message in wrong)


def _unknown(keywords: Mapping[str, object], known: list[str]) -> Iterator[str]:
    for name in keywords:
        if name not in known:
            near = nearest(name, known)
            meant = f"did you mean {near!r}?" if near else f"there are: {', '.join(known)}"
            yield f"there is no argument {name!r}; {meant}"


def _is_auth(auth: object) -> bool:
    if isinstance(auth, Mapping):
        return all(isinstance(text, str) for pair in auth.items() for text in pair)
    if auth is None or callable(auth):
        return True
    from arazzo.http.auth.credentials import Given  # here: what has no credentials starts without it

    return isinstance(auth, Given)


def _of_wrong_type(keywords: Mapping[str, object]) -> Iterator[str]:
    for name in _SWITCHES:
        if not isinstance(keywords.get(name, False), bool):
            yield f"{name} is True or False, not {keywords[name]!r}"
    if not isinstance(keywords.get("simulate", False), int):
        yield f"simulate is True, False or a seed, not {keywords['simulate']!r}"
    for name in _LISTS:
        given = keywords.get(name, ())
        if isinstance(given, (str, bytes, Path)) or not isinstance(given, Iterable):
            yield f"{name} takes a list, not {_kind(given)}"
    for name in ("sources", "servers", "headers"):
        given = keywords.get(name, {})
        if not isinstance(given, Mapping) or not all(
            isinstance(t, str) for pair in given.items() for t in pair
        ):
            yield f"{name} takes a mapping of texts to texts"
    if not _is_auth(keywords.get("auth")):
        yield "auth takes a mapping of names to texts, or a function of a source's name and a security scheme"
    if not isinstance(keywords.get("transport_options", _NO_OPTIONS), TransportOptions):
        yield "transport_options takes arazzo.TransportOptions"
    if not isinstance(keywords.get("limits", DEFAULT_LIMITS), Limits):
        yield "limits takes the Limits of arazzo.source"
    if keywords.get("transport") is not None and not hasattr(keywords["transport"], "send"):
        yield "transport takes an object with a method send(request), or an httpx or httpx2 client"
    variables = keywords.get("server_variables", {})
    if not isinstance(variables, Mapping) or not all(isinstance(v, Mapping) for v in variables.values()):
        yield "server_variables takes a mapping of source names to mappings"


def _wrong_servers(servers: object) -> Iterator[str]:
    for name, url in servers.items() if isinstance(servers, Mapping) else ():
        if isinstance(url, str) and not is_server(url):
            yield f"the server for {name or 'every source'!r} is no absolute http or https URL"


def is_server(url: str) -> bool:
    """Whether ``url`` is an absolute http or https URL that a connection can be made to."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and bool(host) and not re.search(r"[\s\x00-\x1f\x7f]", url)


def _wrong_headers(headers: object) -> Iterator[str]:
    """The value of a header may be a secret, and is not shown."""
    for name, value in headers.items() if isinstance(headers, Mapping) else ():
        if isinstance(name, str) and not _HEADER_NAME.fullmatch(name):
            yield f"{name!r} is no name that a header can have"
        if isinstance(value, str) and re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value):
            yield f"the value of the header {name!r} holds a line break or control character, which no header can carry"


def _wrong_sending(keywords: Mapping[str, object]) -> Iterator[str]:
    cookies = keywords.get("cookies", True)
    if not isinstance(cookies, (bool, str, Path)) or cookies == "":
        yield f"cookies is True, False or the path of a file, not {cookies!r}"
    key = keywords.get("idempotency_key", False)
    if not isinstance(key, (bool, str)):
        yield f"idempotency_key is True, False or the name of a header, not {key!r}"
    elif isinstance(key, str) and not _HEADER_NAME.fullmatch(key):
        yield f"idempotency_key: {key!r} is no name that a header can have"


def _wrong_bounds(keywords: Mapping[str, object]) -> Iterator[str]:
    if "max_steps" in keywords:
        steps = keywords["max_steps"]
        if not isinstance(steps, int) or isinstance(steps, bool) or steps < 1:
            yield f"max_steps must be at least 1, not {steps!r}"
    for name in _TIMES:
        seconds = keywords.get(name)
        if name not in keywords or (seconds is None and name in _OPTIONAL):
            continue
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not _is_finite(seconds):
            yield f"{name} is a number of seconds, not {seconds!r}"
        elif seconds < 0 or (seconds == 0 and name in _OPTIONAL):
            least = "positive" if name in _OPTIONAL else "0 or more"
            yield f"{name} must be {least}, not {seconds!r}"


def _wrong_checks(mode: object) -> Iterator[str]:
    if mode not in (None, "warn", "fail"):
        yield f"check_responses is 'warn', 'fail' or None, not {mode!r}"


def _is_finite(number: float) -> bool:
    try:
        return math.isfinite(number)
    except OverflowError:
        return False


def checked(reply: object) -> Reply:
    """``reply``, which a caller's own transport gave. Raises ``UsageError`` when it is none."""
    match reply:
        case NoResponse():
            return reply
        case Response(status=int(), headers=tuple() as headers, body=bytes(), reason=str()) if all(
            isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
            for pair in headers
        ):
            return reply
        case Response():
            what = "a Response whose status is no int, whose headers are no pairs of texts or whose body is no bytes"
        case _:
            what = _kind(reply)
    message = f"the transport's send gave {what}; it gives a Response or a NoResponse"
    raise UsageError([codes.BAD_USAGE.at(None, message)])


def _kind(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"
