"""Load a document, check it, link it: what comes before a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from msgspec.structs import replace

from arazzo import codes
from arazzo.api.keywords import LinkKeywords
from arazzo.descriptions.openapi.files import Trees
from arazzo.descriptions.retrieval import RetrievalError
from arazzo.diagnostics import Diagnostic, Findings, suggest
from arazzo.document.model import Document
from arazzo.document.read import read_document
from arazzo.errors import DocumentError, UsageError
from arazzo.http.options import TransportOptions
from arazzo.http.retrieve import Permissions, Retriever
from arazzo.http.sightings import Sightings
from arazzo.plan.library import Library, LinkOptions
from arazzo.plan.link import in_text_order
from arazzo.plan.link import link as link_document
from arazzo.plan.model import Plan
from arazzo.rules.codes import table
from arazzo.rules.every import examine
from arazzo.rules.ignores import without_ignored
from arazzo.rules.masks import without_guessed, without_secrets
from arazzo.rules.order import secret_texts
from arazzo.source import DEFAULT_LIMITS, Limits, from_value, parse
from arazzo.values import Value

if TYPE_CHECKING:
    from arazzo.http.document_cache import DocumentCache

_SIMULATED_SERVER = "http://simulated.test"
_NO_OPTIONS = TransportOptions()
_LONGEST_NAME = 120


def load(
    source: str | Path | Mapping[str, Value],
    *,
    limits: Limits = DEFAULT_LIMITS,
    allow_http: bool = False,
    cache: bool = True,
    transport_options: TransportOptions = _NO_OPTIONS,
) -> Document:
    """Read an Arazzo document: a path, a URL, the text itself, or a mapping.

    A text is told from a path by its line breaks or opening brace. What it names is relative to the current
    folder. Raises ``DocumentError``; structural findings that do not keep it from being read are in
    ``Document.diagnostics``.
    """
    return load_seeing(source, None, limits, allow_http, cache, transport_options)


def load_seeing(
    source: str | Path | Mapping[str, Value],
    seen: Sightings | None,
    limits: Limits,
    allow_http: bool,
    cache: bool,
    transport_options: TransportOptions,
) -> Document:
    """``load``, with what was read taken down in ``seen``."""
    if not isinstance(source, (str, Path, Mapping)):
        message = f"a path, a URL, a text or a mapping is wanted, not a {type(source).__name__}"
        raise UsageError([codes.BAD_USAGE.at(None, message)])
    if source == "":
        raise UsageError([codes.BAD_USAGE.at(None, "an empty text names no document")])
    options = _for_fetching(transport_options)
    kept = _cache if cache and not options.insecure else None
    retriever = Retriever(
        Permissions(allow_http=allow_http), options, max_size=limits.size, cache=kept, seen=seen
    )
    here = retriever.uri_of("./document.yml")
    if isinstance(source, Mapping):
        return read_document(from_value(dict(source)), here)
    text = str(source)
    if isinstance(source, str) and ("\n" in text or text.lstrip()[:1] == "{"):
        return _read(text, "<text>", here, limits)
    try:
        retrieved = retriever(retriever.uri_of(text))
    except RetrievalError as error:
        raise DocumentError([codes.UNREADABLE.at(None, f"{error.file}: {error.reason}")]) from None
    finally:
        retriever.close()
    return _read(retrieved.content, retrieved.file, retrieved.uri, limits)


def _read(content: str | bytes, file: str, uri: str, limits: Limits) -> Document:
    """The document in ``content``. No finding shows what looks like a credential, not even of what cannot be read."""
    try:
        document = read_document(parse(content, file, limits=limits), uri)
    except DocumentError as error:
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        raise DocumentError(without_guessed(error.diagnostics, text)) from None
    if not document.diagnostics:
        return document
    told = without_guessed(document.diagnostics, document.at.tree.text)
    return replace(document, diagnostics=tuple(told))


def check(description: Document, **keywords: Unpack[LinkKeywords]) -> tuple[Diagnostic, ...]:
    """Everything that can be found wrong with ``description`` and what it names without sending a request."""
    _check_keywords(keywords)
    return check_sharing(description, {}, keywords)


def _check_keywords(keywords: LinkKeywords) -> None:
    from arazzo.api.arguments import (
        check_keywords,  # here: what our own command gives is checked by its parser
    )

    check_keywords(keywords, LinkKeywords.__annotations__)


def check_sharing(
    description: Document, trees: Trees, keywords: LinkKeywords, seen: Sightings | None = None
) -> tuple[Diagnostic, ...]:
    """``check`` for one of many documents: what they name in common is parsed once, and kept in ``trees``.

    ``seen`` takes down what was read.
    """
    plan = link_leniently(description, trees, keywords, seen)
    findings = Findings(strict=plan.strict)
    findings.extend(plan.diagnostics)
    findings.extend(examine(plan))
    known = {code.name for code in table()}
    told = without_secrets(findings, secret_texts(plan))
    return in_text_order(without_ignored(told, description.at.tree, known), description)


def link_leniently(
    description: Document, trees: Trees, keywords: LinkKeywords, seen: Sightings | None = None
) -> Plan:
    """The plan of every workflow that can be linked, with what is wrong with the others."""
    with _library(keywords, seen) as library:
        return link_document(_document(description), replace(library, trees=trees))


def link(description: Document, workflow_id: str | None = None, **keywords: Unpack[LinkKeywords]) -> Plan:
    """Link one workflow and everything it can reach, ready to be run.

    ``workflow_id`` may be left out when the document has one workflow. Raises ``UsageError`` for a workflow the
    document does not have, ``DocumentError`` with every finding when it cannot be run.
    """
    _check_keywords(keywords)
    return link_for_run(description, workflow_id, keywords)


def _document(description: object) -> Document:
    if not isinstance(description, Document):
        message = f"a document that arazzo.load gave is wanted, not a {type(description).__name__}"
        if not isinstance(description, (str, Path, Mapping)):
            raise UsageError([codes.BAD_USAGE.at(None, message)])
        # What is not one line that names a place is a document itself, too long to be repeated.
        text = "" if isinstance(description, Mapping) else str(description)
        given = repr(text) if 0 < len(text) <= _LONGEST_NAME and "\n" not in text else "…"
        call = f"arazzo.load({given})"
        raise UsageError(
            [
                codes.BAD_USAGE.at(
                    None, f"{message}: write {call}", f"{call} reads it; pass on what that gives"
                )
            ]
        )
    return description


@contextmanager
def _library(keywords: LinkKeywords, seen: Sightings | None = None) -> Iterator[Library]:
    permissions = Permissions(
        allow_paths=tuple(Path(path) for path in keywords.get("allow_paths", ())),
        allow_http=keywords.get("allow_http", False),
        allow_private=keywords.get("allow_private", False),
        offline=keywords.get("offline", False),
    )
    options = LinkOptions(
        keywords.get("sources", {}),
        keywords.get("servers", {}),
        keywords.get("server_variables", {}),
        keywords.get("strict", False),
        keywords.get("limits", DEFAULT_LIMITS),
        frozenset(keywords.get("secrets", ())),
        tuple(keywords.get("headers", {}).items()),
        keywords.get("follow_redirects", True),
        keywords.get("allow_private", False),
        _SIMULATED_SERVER if keywords.get("simulate", False) is not False else None,
    )
    fetching = _for_fetching(keywords.get("transport_options", _NO_OPTIONS))
    # What comes from whoever says so is not kept: the next run would take it for the server's own.
    kept = keywords.get("cache", True) and not permissions.offline and not fetching.insecure
    retriever = Retriever(permissions, fetching, cache=_cache if kept else None, seen=seen)
    try:
        yield Library(retriever, options)
    finally:
        retriever.close()


def _for_fetching(options: TransportOptions) -> TransportOptions:
    """What of ``options`` holds for documents: not the client's certificate, which is for the API."""
    return TransportOptions(insecure=options.insecure, cacert=options.cacert, proxy=options.proxy)


def _cache() -> DocumentCache | None:
    from arazzo.http.document_cache import DocumentCache
    from arazzo.http.kept_files import default_folder

    folder = default_folder()
    return DocumentCache(folder) if folder is not None else None


def link_for_run(description: Document, workflow_id: str | None, keywords: LinkKeywords) -> Plan:
    known = [workflow.workflow_id for workflow in _document(description).workflows]
    if workflow_id is not None and not isinstance(workflow_id, str):
        raise UsageError([codes.BAD_USAGE.at(None, f"a workflow's id is a text, not {workflow_id!r}")])
    if workflow_id is None and len(known) > 1:
        message = f"{description.file} has {len(known)} workflows; say which one to run"
        raise UsageError([codes.BAD_USAGE.at(None, message, f"they are: {', '.join(known)}")])
    if workflow_id is not None and workflow_id not in known:
        hint = suggest(workflow_id, known, "it has")
        raise UsageError(
            [codes.UNKNOWN_WORKFLOW.at(None, f"{description.file} has no workflow {workflow_id!r}", hint)]
        )
    _check_names(description, keywords)
    with _library(keywords) as library:
        plan = link_document(description, library, workflow_id)
    if plan.diagnostics:
        told = without_secrets(plan.diagnostics, secret_texts(plan))
        plan = replace(plan, diagnostics=tuple(told))
    return ready(plan)


def _check_names(description: Document, keywords: LinkKeywords) -> None:
    """Raise ``UsageError`` when a source or server is given for a name the document does not have."""
    known = [source.name for source in description.source_descriptions]
    asked = [("source", name) for name in keywords.get("sources", {})]
    asked += [("server", name) for name in keywords.get("servers", {}) if name]
    asked += [("server-var", name) for name in keywords.get("server_variables", {}) if name]
    wrong = [
        codes.UNKNOWN_SOURCE.at(
            None,
            f"--{flag} {name}=…: {description.file} has no source description of that name",
            f"it has: {', '.join(known) or 'none'}",
        )
        for flag, name in asked
        if name not in known
    ]
    # A source of a source may be meant; only a document that stands alone can say for sure.
    if wrong and all(source.type != "arazzo" for source in description.source_descriptions):
        raise UsageError(wrong)


def ready(linked: Plan) -> Plan:
    if linked.blocking or linked.unlinked or linked.entry is None:
        raise DocumentError(linked.diagnostics)
    return linked
