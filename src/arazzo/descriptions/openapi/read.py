"""OpenAPI 3.0, 3.1 and 3.2: an operation and everything it takes to call it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from arazzo import codes
from arazzo.descriptions.openapi.index import Place
from arazzo.descriptions.openapi.model import (
    BodySpec,
    Encoding,
    MediaType,
    OAuthFlow,
    Operation,
    ParameterSpec,
    ResponseSpec,
    SecurityRequirement,
    SecurityScheme,
    Server,
    ServerVariable,
)
from arazzo.descriptions.openapi.references import BrokenReference, Resolver
from arazzo.descriptions.openapi.schemas import default_of, file_properties, types_of
from arazzo.diagnostics import Diagnostic
from arazzo.source import Node, Tree

DEFAULT_STYLES: Final = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
_STYLES: Final = {
    "path": ("simple", "matrix", "label"),
    "header": ("simple",),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "cookie": ("form", "cookie"),
}
_NO_PARAMETERS: Final = ("accept", "content-type", "authorization")
"""Header parameters that a description cannot declare; they are ignored (OpenAPI, Parameter Object, ``name``)."""


class OpenApi3:
    """Reads operations of one description."""

    def __init__(self, tree: Tree, uri: str, resolver: Resolver) -> None:
        self._tree, self._uri, self._resolver = tree, uri, resolver

    @cached_property
    def security_schemes(self) -> dict[str, SecurityScheme]:
        """Every security scheme the description declares."""
        components = self._tree.node.get("components")
        declared = components.get("securitySchemes") if components else None
        found: dict[str, SecurityScheme] = {}
        for name, node in declared.items() if declared else ():
            try:
                found[name] = _security_scheme(name, self._resolver.follow(node))
            except BrokenReference:
                continue
        return found

    def operation(self, place: Place, found: Iterable[Diagnostic] = ()) -> Operation:
        """The operation at ``place``; ``found`` is what is already known to be wrong with it."""
        problems = list(found)
        security = read_security(place.at.get("security") or self._tree.node.get("security"))
        return Operation(
            self._uri,
            place.operation_id,
            place.method,
            place.path,
            place.pointer,
            self._servers(place),
            place.at,
            merge_parameters(
                spec
                for node in self._parameter_nodes(place, problems)
                if (spec := self._parameter(node, problems))
            ),
            self._body(place.at.get("requestBody"), problems),
            self._responses(place.at.get("responses"), problems),
            security,
            self._schemes(security, problems),
            flag(place.at, "deprecated"),
            tuple(problems),
        )

    def _servers(self, place: Place) -> tuple[Server, ...]:
        for holder in (place.at, *place.items, self._tree.node):
            servers = holder.get("servers")
            read = tuple(_server(node) for node in servers.elements()) if servers else ()
            usable = tuple(server for server in read if server is not None)
            if usable:
                return usable
        return (Server("/"),)

    def _parameter_nodes(self, place: Place, problems: list[Diagnostic]) -> Iterator[Node]:
        """The parameters of the path item, then the operation's, references followed."""
        for holder in (*reversed(place.items), place.at):
            listed = holder.get("parameters")
            for node in listed.elements() if listed else ():
                try:
                    yield self._resolver.follow(node)
                except BrokenReference as broken:
                    problems.append(broken.diagnostic)

    def _parameter(self, node: Node, problems: list[Diagnostic]) -> ParameterSpec | None:
        name, in_ = text(node, "name"), text(node, "in")
        if name is None or in_ not in (*DEFAULT_STYLES, "querystring"):
            problems.append(
                codes.FLAWED_DESCRIPTION.at(
                    node.span(), "a parameter without a usable name and in; it is left out", "give it both"
                )
            )
            return None
        if in_ == "header" and name.lower() in _NO_PARAMETERS:
            return None
        content = node.get("content")
        media_type, media = next(iter(content.items()), (None, None)) if content else (None, None)
        schema = media.get("schema") if media else node.get("schema")
        style = self._style(node, in_, problems)
        explode = node.get("explode")
        return ParameterSpec(
            name,
            in_,
            in_ == "path" or flag(node, "required"),
            style,
            explode.value
            if explode and isinstance(explode.value, bool)
            else style in ("form", "cookie", "deepObject"),
            flag(node, "allowReserved"),
            media_type,
            schema,
            types_of(schema, self._resolver),
            default_of(schema, self._resolver),
            flag(node, "deprecated"),
            node,
        )

    def _style(self, node: Node, in_: str, problems: list[Diagnostic]) -> str:
        default = DEFAULT_STYLES.get(in_, "form")
        style = text(node, "style") or default
        if in_ in _STYLES and style not in _STYLES[in_]:
            problems.append(
                codes.FLAWED_DESCRIPTION.at(
                    (node.get("style") or node).span(),
                    f"{style!r} is no style of a {in_} parameter; {default!r} is used",
                    f"the styles are {', '.join(_STYLES[in_])}",
                )
            )
            return default
        return style

    def _body(self, node: Node | None, problems: list[Diagnostic]) -> BodySpec | None:
        if node is None:
            return None
        try:
            node = self._resolver.follow(node)
        except BrokenReference as broken:
            problems.append(broken.diagnostic)
            return None
        return BodySpec(self._content(node), flag(node, "required"), node)

    def _content(self, node: Node) -> dict[str, MediaType]:
        content = node.get("content")
        return {name: self._media_type(name, media) for name, media in content.items()} if content else {}

    def _media_type(self, name: str, node: Node) -> MediaType:
        try:
            node = self._resolver.follow(node)
        except BrokenReference:
            return MediaType(at=node)
        schema, encoding = node.get("schema"), node.get("encoding")
        return MediaType(
            schema,
            {key: _encoding(member) for key, member in encoding.items()} if encoding else {},
            file_properties(schema, self._resolver) if name.startswith("multipart/") else frozenset(),
            node,
        )

    def _responses(self, node: Node | None, problems: list[Diagnostic]) -> dict[str, ResponseSpec]:
        found: dict[str, ResponseSpec] = {}
        for status, response in node.items() if node else ():
            if status.startswith("x-"):
                continue
            try:
                response = self._resolver.follow(response)
            except BrokenReference as broken:
                problems.append(dispensable(broken.diagnostic))
                continue
            headers = response.get("headers")
            key = status.upper() if status[1:].upper() == "XX" else status
            found[key] = ResponseSpec(
                key, self._content(response), dict(headers.items()) if headers else {}, response
            )
        return found

    def _schemes(
        self, security: tuple[SecurityRequirement, ...], problems: list[Diagnostic]
    ) -> dict[str, SecurityScheme]:
        return choose_schemes(security, self.security_schemes if security else {}, self._tree.node, problems)


def merge_parameters(specs: Iterable[ParameterSpec]) -> tuple[ParameterSpec, ...]:
    """``specs`` less those that a later one of the same name and place redefines."""
    merged: dict[tuple[str, str], ParameterSpec] = {}
    for spec in specs:
        merged[spec.name.lower() if spec.in_ == "header" else spec.name, spec.in_] = spec
    return tuple(merged.values())


def read_security(node: Node | None) -> tuple[SecurityRequirement, ...]:
    """Security Requirement Objects: alternatives, any one of which will do."""
    return tuple(
        {name: tuple(str(scope.value) for scope in scopes.elements()) for name, scopes in requirement.items()}
        for requirement in (node.elements() if node else ())
        if isinstance(requirement.value, dict)
    )


def choose_schemes(
    security: tuple[SecurityRequirement, ...],
    declared: Mapping[str, SecurityScheme],
    at: Node,
    problems: list[Diagnostic],
) -> dict[str, SecurityScheme]:
    """Those of the ``declared`` schemes that ``security`` names."""
    chosen: dict[str, SecurityScheme] = {}
    for name in dict.fromkeys(name for requirement in security for name in requirement):
        if name in declared:
            chosen[name] = declared[name]
        else:
            problems.append(
                codes.FLAWED_DESCRIPTION.at(
                    (at.get("security") or at).span(),
                    f"no security scheme {name!r} is declared, and an operation requires it",
                    f"declared are: {', '.join(declared) or 'none'}",
                )
            )
    return chosen


def dispensable(diagnostic: Diagnostic) -> Diagnostic:
    """``diagnostic`` as a flaw that a run can do without."""
    return codes.FLAWED_DESCRIPTION.at(diagnostic.span, diagnostic.message, diagnostic.hint)


def text(node: Node, key: str) -> str | None:
    """The member ``key`` of ``node`` where it is a string."""
    member = node.get(key)
    return member.value if member is not None and isinstance(member.value, str) else None


def flag(node: Node, key: str) -> bool:
    """Whether the member ``key`` of ``node`` is true."""
    member = node.get(key)
    return member is not None and member.value is True


def _server(node: Node) -> Server | None:
    url = text(node, "url")
    if url is None:
        return None
    variables: dict[str, ServerVariable] = {}
    declared = node.get("variables")
    for name, member in declared.items() if declared else ():
        default, enum = member.get("default"), member.get("enum")
        variables[name] = ServerVariable(
            str(default.value) if default is not None and default.value is not None else None,
            tuple(str(value.value) for value in enum.elements()) if enum else (),
        )
    return Server(url, variables, node)


def _encoding(node: Node) -> Encoding:
    explode, reserved = node.get("explode"), node.get("allowReserved")
    return Encoding(
        text(node, "contentType"),
        text(node, "style"),
        explode.value if explode and isinstance(explode.value, bool) else None,
        reserved.value if reserved and isinstance(reserved.value, bool) else None,
    )


def _security_scheme(name: str, node: Node) -> SecurityScheme:
    scheme = text(node, "scheme")
    flows = node.get("flows")
    return SecurityScheme(
        name,
        text(node, "type") or "",
        scheme.lower() if scheme else None,
        text(node, "name"),
        text(node, "in"),
        text(node, "bearerFormat"),
        {flow: read_flow(member) for flow, member in flows.items()} if flows else {},
        text(node, "openIdConnectUrl"),
        node,
    )


def read_flow(node: Node) -> OAuthFlow:
    """OAuth Flow Object, or the Security Scheme Object of 2.0, which has the same fields."""
    scopes = node.get("scopes")
    return OAuthFlow(
        text(node, "authorizationUrl"),
        text(node, "tokenUrl"),
        text(node, "refreshUrl"),
        {scope: str(member.value) for scope, member in scopes.items()} if scopes else {},
    )
