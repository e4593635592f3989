"""The documents and API descriptions a plan is linked from, each found and read once, when first asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeAlias

from msgspec import Struct, field

from arazzo import codes
from arazzo.descriptions.locate import Beside, Located, locate
from arazzo.descriptions.openapi.files import Files, Trees
from arazzo.descriptions.openapi.find import OpenApi, check_version
from arazzo.descriptions.retrieval import Reach, Retrieved
from arazzo.descriptions.uris import is_remote, resolve
from arazzo.diagnostics import Diagnostic, Findings
from arazzo.document.model import Document, SourceDescription, Step, Workflow
from arazzo.document.read import read_document
from arazzo.errors import DocumentError
from arazzo.expression.scope import WorkflowNames
from arazzo.messages import Headers
from arazzo.source import DEFAULT_LIMITS, Limits, Node, Tree, parse
from arazzo.values import to_text

if TYPE_CHECKING:
    # Few documents need it, so it is imported when the first is read.
    from arazzo.descriptions.asyncapi.find import AsyncApi


class Access(Protocol):
    """How texts are had: what the user names without asking, what a document names under the trust policy."""

    def __call__(self, uri: str, /) -> Retrieved:
        """The text at a URI that the user gave. Raises ``RetrievalError``."""
        ...

    def on_behalf_of(self, document_uri: str, /) -> Reach:
        """What the document at ``document_uri`` may name."""
        ...

    def uri_of(self, place: str, /) -> str:
        """A path or URL as the user writes it, as an absolute URI."""
        ...


class LinkOptions(Struct, frozen=True):
    """What the caller says about linking. ``servers`` and ``server_variables`` under ``""`` hold for all sources."""

    sources: Mapping[str, str] = field(default_factory=dict)
    servers: Mapping[str, str] = field(default_factory=dict)
    server_variables: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    strict: bool = False
    limits: Limits = DEFAULT_LIMITS
    secret_inputs: frozenset[str] = frozenset()
    headers: Headers = ()
    follow_redirects: bool = True
    allow_private: bool = False
    """Whether documents from the network may name servers at private addresses."""
    fallback_server: str | None = None
    """Where requests go when a description names no usable server; for simulated runs."""


Loaded: TypeAlias = "OpenApi | AsyncApi | Document"


class Library(Struct, dict=True):
    """Everything read so far. ``documents`` are those given or loaded, by the URI they came from and by ``$self``."""

    access: Access
    options: LinkOptions
    _documents: dict[str, Document] = field(default_factory=dict)
    _sources: dict[tuple[str, str], Loaded | None] = field(default_factory=dict)
    _texts: dict[str, Loaded] = field(default_factory=dict)
    _diagnostics: dict[tuple[str, str], tuple[Diagnostic, ...]] = field(default_factory=dict)
    _beside: dict[str, Beside] = field(default_factory=dict)
    _wanted_ids: dict[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    trees: Trees = field(default_factory=dict)
    """Texts that were parsed, perhaps for another library that shares them."""
    names: dict[str, Mapping[str, WorkflowNames]] = field(default_factory=dict)
    """The names of the workflows of a document, by its URI."""

    @cached_property
    def files(self) -> Files:
        """What the references of API descriptions lead to."""
        return Files(self.access.on_behalf_of, self.options.limits, parsed=self.trees)

    def add(self, document: Document) -> None:
        """Make ``document`` known, also under its ``$self`` (specification, "Identity-Based Referencing")."""
        self._documents[document.uri] = document
        if document.self_uri:
            self._documents.setdefault(base_uri(document), document)

    def document(self, uri: str) -> Document:
        return self._documents[uri]

    def source(self, document: Document, source: SourceDescription, findings: Findings) -> Loaded | None:
        """What the source description names; None, with a finding, when it cannot be had.

        The finding is added each time, because each step that needs the source fails for want of it.
        """
        key = (document.uri, source.name)
        if key not in self._sources:
            self._sources[key], diagnostics = self._load(document, source)
            self._diagnostics[key] = diagnostics
        findings.extend(self._diagnostics[key])
        return self._sources[key]

    def _load(
        self, document: Document, source: SourceDescription
    ) -> tuple[Loaded | None, tuple[Diagnostic, ...]]:
        known = self._known_document(document, source)
        if known is not None:
            return known, ()
        located = self.find(document, source)
        if located.retrieved is None:
            return None, located.diagnostics
        retrieved = located.retrieved
        try:
            loaded = self._texts.get(retrieved.uri) or self._read(retrieved, self._sponsor(document, source))
        except DocumentError as error:
            return None, (*located.diagnostics, *error.diagnostics)
        self._texts[retrieved.uri] = loaded
        wrong = _wrong_type(source, loaded)
        return (None if wrong else loaded), (*located.diagnostics, *((wrong,) if wrong else ()))

    def _known_document(self, document: Document, source: SourceDescription) -> Document | None:
        """A document already here whose identity the url is; an explicit ``--source`` goes before it."""
        if source.name in self.options.sources or source.type not in ("arazzo", None):
            return None
        return self._documents.get(resolve(base_uri(document), source.url))

    def find(self, document: Document, source: SourceDescription) -> Located:
        """Where the source description is, whatever its text holds; goes to look anew each time it is asked."""
        override = self.options.sources.get(source.name)
        url = source.at.get("url")
        return locate(
            source.name,
            source.url,
            base_uri(document),
            self.access.on_behalf_of(document.uri),
            document_uri=document.uri,
            override=self.access.uri_of(override) if override is not None else None,
            retrieve_override=self.access,
            wanted=() if source.type in ("asyncapi", "arazzo") else self._wanted(document, source.name),
            at=url or source.at,
            beside=self.beside(document),
        )

    def _wanted(self, document: Document, source_name: str) -> Sequence[str]:
        if document.uri not in self._wanted_ids:
            self._wanted_ids[document.uri] = wanted_operations(document)
        return self._wanted_ids[document.uri].get(source_name, ())

    def beside(self, document: Document) -> Beside:
        """What stands beside the sources of ``document``, as far as it may look there."""
        if document.uri not in self._beside:
            self._beside[document.uri] = Beside(self.access.on_behalf_of(document.uri))
        return self._beside[document.uri]

    def _sponsor(self, document: Document, source: SourceDescription) -> str | None:
        """Whose trust the files of a description are read on: the document's, unless the user named the source."""
        given = source.name in self.options.sources
        return None if given or is_remote(document.uri) else document.uri

    def _tree(self, retrieved: Retrieved) -> Tree:
        key = (retrieved.file, retrieved.content, self.options.limits)
        if key not in self.trees:
            self.trees[key] = parse(retrieved.content, retrieved.file, limits=self.options.limits)
        return self.trees[key]

    def _read(self, retrieved: Retrieved, sponsor: str | None = None) -> Loaded:
        # What is there by now may be another text than the one that was read; one of them counts.
        if retrieved.uri in self._documents:
            return self._documents[retrieved.uri]
        tree = self._tree(retrieved)
        root = tree.root if isinstance(tree.root, dict) else {}
        if "arazzo" in root:
            document = read_document(tree, retrieved.uri)
            self.add(document)
            return document
        if "asyncapi" in root:
            from arazzo.descriptions.asyncapi.find import AsyncApi, check_asyncapi_version

            check_asyncapi_version(tree)
            return AsyncApi(tree, retrieved.uri, self.files, sponsor)
        if "openapi" in root or "swagger" in root:
            check_version(tree)
            return OpenApi(tree, retrieved.uri, self.files, sponsor)
        message = f"{retrieved.file} is no OpenAPI, AsyncAPI or Arazzo document"
        hint = "its root has none of the keys openapi, swagger, asyncapi, arazzo"
        if "swaggerVersion" in root:
            version = to_text(root["swaggerVersion"])
            hint = f"it is of Swagger {version}, older than what can be read: convert it to OpenAPI"
        raise DocumentError([codes.SOURCE_TYPE.at(tree.node.span(), message, hint)])


def base_uri(document: Document) -> str:
    """The base URI of a document: its ``$self``, read against where it came from ("Establishing the Base URI")."""
    return resolve(document.uri, document.self_uri) if document.self_uri else document.uri


def wanted_operations(document: Document) -> Mapping[str, Sequence[str]]:
    """The operationIds that the document's steps want, by the source they want them of, as far as they say which."""
    described = [source.name for source in document.source_descriptions if source.type != "arazzo"]
    only = described[0] if len(described) == 1 else None
    wanted: dict[str, dict[str, None]] = {}
    for workflow in document.workflows:
        for step in workflow.steps:
            name, operation_id = split_operation_id(step)
            source_name = only if name is None else name
            if operation_id and source_name is not None:
                wanted.setdefault(source_name, {})[operation_id] = None
    return {name: tuple(ids) for name, ids in wanted.items()}


def split_operation_id(step: Step) -> tuple[str | None, str | None]:
    """The source a step's ``operationId`` names, if it does, and the id itself."""
    text = step.operation_id
    if text is None:
        return None, None
    text = text.strip()
    inner = text[1:-1] if text.startswith("{$") and text.endswith("}") else text
    if inner.startswith("$sourceDescriptions."):
        name, _, rest = inner.removeprefix("$sourceDescriptions.").partition(".")
        return name, rest
    return None, text


def find_workflow(document: Document, workflow_id: str) -> Workflow | None:
    return document.workflows_by_id.get(workflow_id)


def is_offline_gap(diagnostics: Sequence[Diagnostic]) -> bool:
    """Whether a source is missing only because nothing was fetched."""
    return any(diagnostic.code == codes.SOURCE_NOT_CHECKED.name for diagnostic in diagnostics)


def _wrong_type(source: SourceDescription, loaded: Loaded) -> Diagnostic | None:
    is_ = {OpenApi: "openapi", Document: "arazzo"}.get(type(loaded), "asyncapi")
    if source.type in (None, is_):
        return None
    node: Node = source.at.get("type") or source.at
    message = f"the source {source.name!r} says it is {source.type}, but what stands there is {is_}"
    return codes.SOURCE_TYPE.at(node.span(), message, f"write type: {is_}, or mend the url")
