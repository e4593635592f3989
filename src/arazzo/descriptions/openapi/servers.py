"""Where a request goes (OpenAPI, Server Object), and the whole URL of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from arazzo import codes
from arazzo.descriptions.openapi.model import Operation, Server
from arazzo.diagnostics import Code, Diagnostic
from arazzo.patterns import pattern

_VARIABLE: Final = pattern(r"\{([^{}]*)\}", among=("{",))
_WHOLE_SEGMENT: Final = pattern(r"(?:^|(?<=/))(?:\{[^{}]*\})+(?=/|$)")
_FIELD: Final = pattern(r"[^={}]*=\{([^{}]*)\}")
# What RFC 3986 allows in a path or a query, and the percent sign of what is encoded already.
_LEGAL_IN_PATH: Final = "%/:@!$&'()*+,;=-._~"
_LEGAL_IN_QUERY: Final = _LEGAL_IN_PATH + "?[]"


class ServerError(ValueError):
    """No URL can be made of what the description says; ``diagnostic`` says why and which flag helps."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class MissingPathValue(KeyError):  # noqa: N818 - it names what is missing
    """A path template names something that has no value; the argument is its name."""

    def __init__(self, template: str, name: str) -> None:
        super().__init__(name)
        self.template, self.name = template, name

    def __str__(self) -> str:
        return f"the path {self.template} has no value for {{{self.name}}}"


class DotSegment(ValueError):  # noqa: N818 - it says what is wrong
    """Path values make a segment of ``.`` or ``..``, which no encoding keeps from being taken for a way elsewhere."""


class EmptySegment(ValueError):  # noqa: N818 - it says what is wrong
    """Path values make a whole segment empty, so that the ``url`` names another resource, by the value ``name``."""

    def __init__(self, name: str, url: str) -> None:
        super().__init__(f"the path value {name!r} is empty, which leads to {url}")
        self.name, self.url = name, url


def server_url(
    operation: Operation,
    *,
    description_uri: str,
    override: str | None = None,
    variables: Mapping[str, str] | None = None,
) -> str:
    """The absolute URL that requests of ``operation`` start with, without a slash at its end.

    The first server of the operation, else of its path, else of the document; ``variables`` stand before the
    defaults; a relative URL is resolved against ``description_uri``, where the description came from, or against
    the file that the server stands in;
    ``override`` (``--server``) takes the place of it all. Raises ``ServerError``.
    """
    if override is not None:
        return override.rstrip("/")
    server = operation.servers[0]
    url = urljoin(server.base or description_uri, _fill(server, variables or {}))
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise _problem(
            codes.NO_SERVER,
            server,
            f"the server {server.url!r} is no URL a request could go to, and the description is a file"
            if description_uri.startswith("file:")
            else f"the server {server.url!r} is no URL a request could go to",
            "say where the API is with --server [NAME=]URL",
        )
    return url.rstrip("/")


def _fill(server: Server, given: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        declared = server.variables.get(name)
        chosen = given.get(name, declared.default if declared else None)
        flag = f"--server-var {name}=VALUE"
        if chosen is None:
            raise _problem(
                codes.NO_SERVER,
                server,
                f"the variable {name!r} of the server {server.url!r} has no value",
                flag,
            )
        if name in given and declared and declared.enum and chosen not in declared.enum:
            allowed = ", ".join(declared.enum)
            raise _problem(
                codes.BAD_USAGE,
                server,
                f"{chosen!r} is no value of the server variable {name!r}",
                f"it takes one of {allowed}",
            )
        return chosen

    return _VARIABLE.sub(value, server.url.strip())


def _problem(code: Code, server: Server, message: str, hint: str) -> ServerError:
    return ServerError(code.at(server.at.span() if server.at else None, message, hint))


def request_target(
    base_url: str, path_template: str, path_values: Mapping[str, str], query_pairs: Iterable[tuple[str, str]]
) -> str:
    """The URL of a request; the values are serialised already, and percent-encoded.

    Anything between braces is a name, so ``{pet-id}`` and ``{id}.json`` are fine; a query inside the template is
    kept before ``query_pairs``, less what these give a value; a fragment (which no request carries) is dropped.
    Raises ``MissingPathValue``, and ``DotSegment`` or ``EmptySegment`` where a value would lead to another path than
    the operation's.
    """
    template, _, _ = path_template.partition("#")
    path, _, own_query = template.partition("?")
    pairs = tuple(query_pairs)
    if "{" in own_query:
        own_query = _without(own_query, {name for name, _ in pairs}, path_values)
    if "{" in template:
        written_path, path = path, _expand(path, path_values)
        own_query = _expand(own_query, path_values)
        if _dot_segments(path) > _dot_segments(written_path):
            raise DotSegment(path)
        if "" in path_values.values() and (empty := _emptied(written_path, path_values)) is not None:
            raise EmptySegment(empty, _joined(base_url, path, "")[0])
    url, *written = _joined(base_url, path, own_query)
    written.extend(f"{name}={value}" if name else value for name, value in pairs)
    query = "&".join(part for part in written if part)
    return f"{url}?{query}" if query else url


@lru_cache(maxsize=1024)
def _joined(base_url: str, path: str, own_query: str) -> tuple[str, ...]:
    """Base and path as one URL, and the queries that either of them has. A loop asks for the same ones each time."""
    base, _, base_query = base_url.partition("#")[0].partition("?")
    base = base.rstrip("/") + ("" if path.startswith("/") or not path else "/")
    queries = [quote(query, safe=_LEGAL_IN_QUERY) for query in (base_query, own_query) if query]
    return (_legal_base(base) + quote(path, safe=_LEGAL_IN_PATH), *queries)


def path_names(template: str) -> frozenset[str]:
    """What a path template has places for; without the operators of URI Templates, which OpenAPI does not know."""
    names = _VARIABLE.findall(template)
    return frozenset((*names, *(name.strip("+*") for name in names)))


def _without(own_query: str, sent: Collection[str], path_values: Mapping[str, str]) -> str:
    """A template's query without the fields that are parameters ``in: query`` (`?uploadId={uploadId}`)."""
    return "&".join(
        part
        for part in own_query.split("&")
        if not (
            (name := _FIELD.fullmatch(part))
            and quote(name[1], safe="-._~") in sent
            and name[1] not in path_values
        )
    )


def _expand(template: str, values: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        # Some descriptions write URI Template operators (`{key+}`, `{path*}`) that OpenAPI does not know.
        for known in (name, name.strip("+*")):
            if known in values:
                return values[known]
        raise MissingPathValue(template, name)

    return _VARIABLE.sub(value, template)


def _emptied(template: str, values: Mapping[str, str]) -> str | None:
    """The first name that alone, or with others, makes a segment of ``template`` empty."""
    for segment in _WHOLE_SEGMENT.finditer(template):
        if not _expand(segment[0], values):
            name = str(_VARIABLE.findall(segment[0])[0])
            return name if name in values else name.strip("+*")
    return None


def _dot_segments(path: str) -> int:
    """How many segments RFC 3986 §5.2.4 takes for steps up or for nothing; `%2e` is as good as a dot (§6.2.2.2)."""
    if "." not in path and "%2" not in path:
        return 0
    segments = path.replace("%2e", ".").replace("%2E", ".").split("/")
    return sum(segment in (".", "..") for segment in segments)


def _legal_base(base: str) -> str:
    scheme, mark, rest = base.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host}{slash}{quote(path, safe=_LEGAL_IN_PATH)}"
