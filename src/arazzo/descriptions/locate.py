"""The ladder: where a source description really is, when it is not where its ``url`` says.

Each rung is tried in turn; what is found below the second is a kindness, with a diagnostic that says what was
read instead of what (``docs/kindnesses.md``, *source-elsewhere*). All input goes through injected callables.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from enum import IntEnum
from urllib.parse import unquote

from msgspec import Struct, field

from arazzo import codes
from arazzo.descriptions.openapi.files import Files
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.descriptions.retrieval import Reach, RetrievalError, Retrieve, Retrieved, flaw_of
from arazzo.descriptions.uris import (
    ancestors,
    file_name,
    folder,
    is_relative,
    is_remote,
    resolve,
    written_from,
)
from arazzo.diagnostics import Diagnostic, Span
from arazzo.errors import DocumentError
from arazzo.source import Node, parse

_MOST_FILES = 200
"""Files of one folder that the last rung looks at."""
_MOST_KEPT = 32 * 1024 * 1024
"""Bytes of them that are kept for the next operation that is looked for there."""
_MOST_SEARCHED = 4 * 1024 * 1024 * 1024
"""Bytes that are looked through, in all, for operations of one document."""


class Rung(IntEnum):
    """The rungs of the ladder, in the order they are tried."""

    GIVEN = 1
    AS_WRITTEN = 2
    DECODED = 3
    ANCESTOR = 4
    ORIGINAL = 5
    NEIGHBOUR = 6
    SAME_FOLDER = 7


_HOW = {
    Rung.DECODED: "the url percent-decoded",
    Rung.ANCESTOR: "the url taken from another folder",
    Rung.ORIGINAL: "the same name under _original/",
    Rung.NEIGHBOUR: "a local file of the same name, in place of the remote one",
    Rung.SAME_FOLDER: "the only file there that has the operations",
}


class Tried(Struct, frozen=True):
    """A place that was looked at in vain. ``place`` is how people know it; ``reason`` why it did not do."""

    place: str
    reason: str


class Located(Struct, frozen=True):
    """What the ladder found for one source description; ``retrieved`` and ``rung`` are None when nothing."""

    name: str
    retrieved: Retrieved | None
    rung: Rung | None
    tried: tuple[Tried, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


class _Search(Struct):
    """The places tried so far, and what came of them."""

    reach: Retrieve
    tried: list[Tried] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def attempt(self, uri: str) -> Retrieved | None:
        if uri in self.seen:
            return None
        self.seen.add(uri)
        try:
            retrieved = self.reach(uri)
        except RetrievalError as error:
            self.tried.append(Tried(error.file, error.reason))
            self.kinds.add(error.kind)
            return None
        if (flaw := flaw_of(retrieved.content)) is not None:
            self.tried.append(Tried(retrieved.file, flaw))
            return None
        self.seen.add(retrieved.uri)
        return retrieved


class Beside(Struct):
    """What stands beside the sources of one document, under ``reach``: read and parsed once for all its steps."""

    reach: Reach
    _folders: dict[str, Sequence[str]] = field(default_factory=dict)
    _texts: dict[str, Retrieved | None] = field(default_factory=dict)
    _descriptions: dict[tuple[str, bool], OpenApi | None] = field(default_factory=dict)
    _kept: int = 0
    _searched: int = 0

    def files(self, folder: str) -> Sequence[str]:
        if folder not in self._folders:
            self._folders[folder] = self.reach.list_folder(folder)[:_MOST_FILES]
        return self._folders[folder]

    def description(
        self, uri: str, wanted: Collection[str], files: Files | None
    ) -> tuple[Retrieved, OpenApi] | None:
        """The description at ``uri`` if it has all the ``wanted`` operationIds."""
        if self._searched > _MOST_SEARCHED:
            return None
        retrieved = self._text(uri)
        if retrieved is None:
            return None
        self._searched += len(retrieved.content) * len(wanted)
        # The plain search first: parsing every description of a folder would take seconds.
        if not all(operation_id.encode() in retrieved.content for operation_id in wanted):
            return None
        key = (uri, files is None)
        if key not in self._descriptions:
            self._descriptions[key] = _parsed(retrieved, files)
        description = self._descriptions[key]
        if description is None or any(description.operation(one) is None for one in wanted):
            return None
        return retrieved, description

    def _text(self, uri: str) -> Retrieved | None:
        if uri in self._texts:
            return self._texts[uri]
        try:
            retrieved = self.reach(uri)
        except RetrievalError:
            retrieved = None
        size = len(retrieved.content) if retrieved is not None else 0
        if self._kept + size <= _MOST_KEPT:
            self._texts[uri] = retrieved
            self._kept += size
        return retrieved


def locate(
    name: str,
    url: str,
    base_uri: str,
    reach: Reach,
    *,
    document_uri: str | None = None,
    override: str | None = None,
    retrieve_override: Retrieve | None = None,
    wanted: Collection[str] = (),
    at: Node | None = None,
    beside: Beside | None = None,
) -> Located:
    """Find the source description ``name``, whose ``url`` is read against ``base_uri``.

    ``document_uri`` is where the document came from, when its ``$self`` says otherwise; ``override`` is the
    absolute URI of ``--source``, had through ``retrieve_override`` because the user may name what a document
    may not; ``wanted`` are the operationIds that steps want of this source. Never raises: what went wrong is
    in ``Located.diagnostics``, at ``at``. ``beside`` keeps what the last rung reads. Implements semantics §2.
    """
    if override is not None:
        given = _Search(retrieve_override or reach)
        found = given.attempt(override)
        if found is not None:
            return Located(name, found, Rung.GIVEN)
        reason = f"--source {name}: {given.tried[0].place}: {given.tried[0].reason}"
        return Located(name, None, None, tuple(given.tried), (codes.MISSING_SOURCE.at(_span(at), reason),))
    search = _Search(reach)
    for rung, uri in _places(url, base_uri, document_uri or base_uri, reach, search.kinds):
        found = search.attempt(uri)
        if found is not None:
            return _located(name, url, base_uri, found, rung, search, at)
    found = _by_operations(url, base_uri, beside or Beside(reach), search, wanted)
    if found is not None:
        return _located(name, url, base_uri, found, Rung.SAME_FOLDER, search, at)
    return Located(name, None, None, tuple(search.tried), (_missing(name, url, base_uri, search, at),))


def _places(
    url: str, base_uri: str, document_uri: str, reach: Reach, kinds: set[str]
) -> Iterator[tuple[Rung, str]]:
    """Rungs 2 to 6 as places. ``kinds`` is read as the search goes on: a host that is down is asked once."""
    written = resolve(base_uri, url)
    yield Rung.AS_WRITTEN, written
    for form in (unquote(url), url.replace("%", "%25")):
        if form != url:
            yield Rung.DECODED, resolve(base_uri, form)
    if is_relative(url):
        below = url.lstrip("/")
        for base in (folder(document_uri), *ancestors(document_uri, reach.roots)):
            for form in dict.fromkeys((below, unquote(below))):
                place = resolve(base, form)
                # What climbs out of the roots would only be refused.
                if any(place.startswith(root) for root in reach.roots):
                    yield Rung.ANCESTOR, place
    if not is_remote(written) or kinds == {"absent"}:
        yield Rung.ORIGINAL, resolve(folder(written), "_original/" + file_name(written))
    if is_remote(written) and not is_remote(document_uri):
        for place in _neighbours(document_uri):
            yield Rung.NEIGHBOUR, resolve(place, file_name(written))


def _neighbours(document_uri: str) -> Iterator[str]:
    for place in ("../openapi/", "../openapi/_original/", "openapi/", "openapi/_original/"):
        yield resolve(folder(document_uri), place)


def _folders(url: str, base_uri: str) -> tuple[str, ...]:
    """Where the last rung looks for another file that has the operations."""
    written = resolve(base_uri, url)
    if is_remote(written):
        return tuple(_neighbours(base_uri))[:2]
    return folder(written), folder(written) + "_original/"


def find_beside(
    operation_id: str,
    name: str,
    url: str,
    base_uri: str,
    reach: Reach,
    *,
    skip: Collection[str] = (),
    at: Node | None = None,
    files: Files | None = None,
    beside: Beside | None = None,
) -> tuple[OpenApi, Operation, Diagnostic] | None:
    """An operation that the source ``name`` was found without, and exactly one other file of its folder has.

    Rung 7 for a source that was found but split since: ``skip`` are the URIs that were searched already. The
    diagnostic, at ``at``, is the kindness that says where the operation was read from. ``files`` has what the
    references of that file lead to, ``beside`` keeps what is read for the next operation.
    """
    having = _files_with((operation_id,), url, base_uri, beside or Beside(reach), skip, files)
    if len(having) != 1:
        return None
    retrieved, description = having[0]
    operation = description.operation(operation_id)
    if operation is None:
        return None
    return (
        description,
        operation,
        codes.SOURCE_ELSEWHERE.at(
            _span(at),
            f"the source {name!r} has no operation {operation_id!r}; it was read from {retrieved.file},"
            " the only file of the folder that has it",
            f"declare {written_from(base_uri, retrieved.uri)} as a source description",
        ),
    )


def _files_with(
    wanted: Collection[str],
    url: str,
    base_uri: str,
    beside: Beside,
    skip: Collection[str],
    files: Files | None = None,
) -> list[tuple[Retrieved, OpenApi]]:
    """The files of the folder that ``url`` names, without ``skip``, that have all the ``wanted`` operationIds."""
    places = _folders(url, base_uri) if wanted else ()
    uris = [uri for place in places for uri in beside.files(place) if uri not in skip]
    found = (beside.description(uri, wanted, files) for uri in uris)
    return [having for having in found if having is not None]


def _by_operations(
    url: str, base_uri: str, beside: Beside, search: _Search, wanted: Collection[str]
) -> Retrieved | None:
    """Rung 7: the one file of the folder that has every wanted operationId."""
    having = _files_with(wanted, url, base_uri, beside, search.seen)
    if len(having) == 1:
        return having[0][0]
    for retrieved, _ in having:
        others = f"{len(having) - 1} other file" + ("s" if len(having) > 2 else "")
        search.tried.append(Tried(retrieved.file, f"it has the operations, but so has {others}"))
    return None


def _parsed(retrieved: Retrieved, files: Files | None) -> OpenApi | None:
    try:
        return OpenApi(parse(retrieved.content, retrieved.file), retrieved.uri, files)
    except DocumentError:
        return None


def _located(
    name: str, url: str, base_uri: str, found: Retrieved, rung: Rung, search: _Search, at: Node | None
) -> Located:
    if rung <= Rung.AS_WRITTEN:
        return Located(name, found, rung)
    # No url that is relative to a `$self` elsewhere leads to a file of this machine.
    elsewhere = is_remote(base_uri) and not is_remote(found.uri)
    hint = f"pass --source {_given(name, found.file)}"
    if not elsewhere:
        hint = f"write the url as {written_from(base_uri, found.uri)}, or {hint}"
    message = (
        f"the source {name!r} is not at {_place(url, base_uri)}; {found.file} was read instead: {_HOW[rung]}"
    )
    diagnostic = codes.SOURCE_ELSEWHERE.at(_span(at), message, hint)
    if at is not None and not elsewhere:
        diagnostic = diagnostic.mended(at.path, at.value, written_from(base_uri, found.uri))
    return Located(name, found, rung, tuple(search.tried), (diagnostic,))


def _place(url: str, base_uri: str) -> str:
    """Where ``url`` leads, for people: as it is written, or whole where a ``$self`` makes it a remote one."""
    return resolve(base_uri, url) if is_remote(base_uri) else url


def _missing(name: str, url: str, base_uri: str, search: _Search, at: Node | None) -> Diagnostic:
    if "offline" in search.kinds:
        return codes.SOURCE_NOT_CHECKED.at(
            _span(at),
            f"the source {name!r} is at {_place(url, base_uri)}, which was not fetched (--offline)",
            f"run without --offline, or pass --source {_given(name, 'PATH')}",
        )
    places = "".join(f"\n  {tried.place}: {tried.reason}" for tried in search.tried)
    return codes.MISSING_SOURCE.at(
        _span(at),
        f"the source {name!r} cannot be had; looked at:{places}",
        f"say where it is with --source {_given(name, 'PATH_OR_URL')}",
    )


def _given(name: str, place: str) -> str:
    """What stands behind ``--source`` in a shell."""
    from shlex import quote  # here: most sources are found

    return quote(f"{name}={place}")


def _span(at: Node | None) -> Span | None:
    return at.span() if at else None
