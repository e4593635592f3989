"""What an API description says about an operation, the same for every version of OpenAPI.

References are followed and defaults filled in; a schema stays the node it was written as, because only a
validator or a converter needs more of it than ``ParameterSpec`` tells. ``at`` is where a thing was read from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from msgspec import Struct, field

from arazzo.descriptions.openapi.references import Resolver
from arazzo.diagnostics import Diagnostic
from arazzo.records import Record
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe


class ServerVariable(Struct, frozen=True):
    """Server Variable Object. ``default`` is None where a description breaks the rule that there must be one."""

    default: str | None
    enum: tuple[str, ...] = ()


class Server(Struct, frozen=True):
    """Server Object; the URL may be relative to where the description came from, and hold ``{variables}``."""

    url: str
    variables: Mapping[str, ServerVariable] = field(default_factory=dict)
    at: Node | None = None
    base: str | None = None
    """Where the file came from that it stands in, when that is not the description itself."""


class OAuthFlow(Struct, frozen=True):
    """OAuth Flow Object."""

    authorization_url: str | None = None
    token_url: str | None = None
    refresh_url: str | None = None
    scopes: Mapping[str, str] = field(default_factory=dict)


class SecurityScheme(Struct, frozen=True):
    """Security Scheme Object. ``scheme`` is the HTTP authentication scheme, in lower case.

    ``parameter`` and ``in_`` belong to ``apiKey``; ``flows`` are keyed as in OpenAPI 3 (``clientCredentials``).
    """

    name: str
    type: str
    scheme: str | None = None
    parameter: str | None = None
    in_: str | None = None
    bearer_format: str | None = None
    flows: Mapping[str, OAuthFlow] = field(default_factory=dict)
    open_id_connect_url: str | None = None
    at: Node | None = None
    oauth2_metadata_url: str | None = None
    """Where the authorization server says what it has (3.2; RFC 8414)."""


SecurityRequirement: TypeAlias = Mapping[str, tuple[str, ...]]
"""Scheme names with their scopes, all needed together; an empty one means that no security will do as well."""


DEFAULT_STYLES: Final = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
"""How parameters travel that do not say it, by where they do."""


class ParameterSpec(Struct, frozen=True):
    """Parameter Object. ``in_`` is ``path``, ``query``, ``header``, ``cookie`` or ``querystring`` (3.2).

    ``content_type`` is set where the parameter has ``content`` in place of a style. ``types`` are the JSON
    types its schema allows, empty when it allows any; ``default`` the schema's default or only possible value.
    """

    name: str
    in_: str
    required: bool = False
    style: str = "form"
    explode: bool = True
    allow_reserved: bool = False
    content_type: str | None = None
    schema: Node | None = None
    types: frozenset[str] = frozenset()
    default: Maybe = UNDEFINED
    deprecated: bool = False
    at: Node | None = None


def default_spec(name: str, in_: str) -> ParameterSpec:
    """How a parameter travels that the operation does not declare: by the defaults of its place."""
    style = DEFAULT_STYLES.get(in_, "form")
    return ParameterSpec(name, in_, required=in_ == "path", style=style, explode=style == "form")


class Encoding(Struct, frozen=True):
    """Encoding Object; a field that was not written is None, since writing one changes the rules for a property."""

    content_type: str | None = None
    style: str | None = None
    explode: bool | None = None
    allow_reserved: bool | None = None
    headers: Mapping[str, ParameterSpec] = field(default_factory=dict)
    """Of a part of a multipart body, besides ``Content-Type``."""

    @property
    def styled(self) -> bool:
        """Whether the property travels as a query parameter would, rather than by content type."""
        return any(value is not None for value in (self.style, self.explode, self.allow_reserved))


class MediaType(Record, frozen=True):
    """Media Type Object."""

    aside = ("resolver",)

    schema: Node | None = None
    encoding: Mapping[str, Encoding] = field(default_factory=dict)
    files: frozenset[str] = frozenset()
    """Of a multipart type: the properties whose schemas say that they are files."""
    at: Node | None = None
    prefix_encoding: tuple[Encoding, ...] = ()
    """Of a multipart type, by position (3.2): the first parts."""
    item_encoding: Encoding | None = None
    """Of a multipart type, by position (3.2): every part after those."""
    resolver: Resolver | None = None
    """Follows the references of ``schema``."""


class BodySpec(Struct, frozen=True):
    """Request Body Object: its media types in the order of the description."""

    content: Mapping[str, MediaType]
    required: bool = False
    at: Node | None = None


class ResponseSpec(Struct, frozen=True):
    """Response Object. ``status`` is its key: ``200``, ``2XX`` or ``default``."""

    status: str
    content: Mapping[str, MediaType] = field(default_factory=dict)
    headers: Mapping[str, Node] = field(default_factory=dict)
    at: Node | None = None


class Operation(Record, frozen=True):
    """Operation Object, together with what its path item and its document add to it.

    ``parameters`` holds those of the path item too, less the ones the operation redefines; ``security`` the
    document's where the operation has none of its own (empty: no security). ``diagnostics`` are what is wrong
    with the description where this operation needs it.
    """

    aside = ("resolver",)

    source_uri: str
    operation_id: str | None
    method: str
    """In upper case."""
    path: str
    """The template, as written."""
    pointer: str
    """JSON Pointer (RFC 6901) of the operation under its own path."""
    servers: tuple[Server, ...]
    at: Node
    parameters: tuple[ParameterSpec, ...] = ()
    request_body: BodySpec | None = None
    responses: Mapping[str, ResponseSpec] = field(default_factory=dict)
    security: tuple[SecurityRequirement, ...] = ()
    security_schemes: Mapping[str, SecurityScheme] = field(default_factory=dict)
    """Those that ``security`` names."""
    deprecated: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    resolver: Resolver | None = None
    """Follows the references of what was left as it is written: schemas, headers, examples."""

    @property
    def key_parameters(self) -> frozenset[str]:
        """Names, in lower case, of the parameters that carry an API key."""
        return frozenset(s.parameter.lower() for s in self.security_schemes.values() if s.parameter)

    def carries_credential(self, spec: ParameterSpec) -> bool:
        """Whether ``spec`` is where one of the security schemes puts its credential."""
        if spec.in_ == "header" and spec.name.lower() == "authorization":
            return bool(self.security_schemes)
        return any(
            scheme.in_ == spec.in_
            and (scheme.parameter or "").lower() == spec.name.lower()
            and (scheme.parameter == spec.name or spec.in_ == "header")
            for scheme in self.security_schemes.values()
        )

    def parameter(self, name: str, in_: str | None = None) -> ParameterSpec | None:
        """The parameter ``name``, in ``in_`` where given; header names compare without case."""
        for spec in self.parameters:
            same = spec.name.lower() == name.lower() if spec.in_ == "header" else spec.name == name
            if same and in_ in (None, spec.in_):
                return spec
        return None

    def response(self, status: int) -> ResponseSpec | None:
        """What is documented for ``status``: the code itself, else its range (``2XX``), else ``default``."""
        exact = self.responses.get(str(status)) or self.responses.get(f"{status // 100}XX")
        return exact or self.responses.get("default")

    def documents(self, status: int) -> bool:
        """Whether ``status`` is documented by its code or its range; ``default`` says nothing about a status."""
        return str(status) in self.responses or f"{status // 100}XX" in self.responses

    def content_types(self, status: int) -> tuple[str, ...]:
        """The media types documented for a response with ``status``, in order."""
        response = self.response(status)
        return tuple(response.content) if response else ()
