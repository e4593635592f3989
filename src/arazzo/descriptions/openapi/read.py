"""OpenAPI 3.0, 3.1 and 3.2: an operation and everything it takes to call it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

from arazzo import codes
from arazzo.descriptions.openapi.index import Place
from arazzo.descriptions.openapi.media import content_of_parameter, read_content
from arazzo.descriptions.openapi.model import (
    DEFAULT_STYLES,
    BodySpec,
    OAuthFlow,
    Operation,
    ParameterSpec,
    ResponseSpec,
    SecurityRequirement,
    SecurityScheme,
    Server,
    ServerVariable,
)
from arazzo.descriptions.openapi.nodes import dispensable, flag, text
from arazzo.descriptions.openapi.references import BrokenReference, Resolver
from arazzo.descriptions.openapi.schemas import broken_references, default_of, types_of
from arazzo.diagnostics import Diagnostic
from arazzo.source import Node, Tree

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
        """Every security scheme the description declares and has."""
        return self._declared[0]

    @cached_property
    def _declared(self) -> tuple[dict[str, SecurityScheme], dict[str, Diagnostic]]:
        return read_schemes(_schemes_in(self._tree.node), self._resolver, _security_scheme)

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
            self._schemes(place, security, problems),
            flag(place.at, "deprecated"),
            tuple(problems),
            self._resolver,
        )

    def _servers(self, place: Place) -> tuple[Server, ...]:
        for holder in (place.at, *place.items, self._tree.node):
            servers = holder.get("servers")
            read = tuple(self._server(node) for node in servers.elements()) if servers else ()
            usable = tuple(server for server in read if server is not None)
            if usable:
                return usable
        return (Server("/"),)

    def _server(self, node: Node) -> Server | None:
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
        base = self._resolver.home(node) if node.tree is not self._tree else None
        return Server(url, variables, node, base)

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
        media_type, schema = content_of_parameter(node, self._resolver, problems)
        problems += map(dispensable, broken_references(schema, self._resolver))
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
        content = read_content(node, self._resolver, problems, sent=True)
        return BodySpec(content, flag(node, "required"), node)

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
                key,
                read_content(response, self._resolver, problems),
                dict(headers.items()) if headers else {},
                response,
            )
        return found

    def _schemes(
        self, place: Place, security: tuple[SecurityRequirement, ...], problems: list[Diagnostic]
    ) -> dict[str, SecurityScheme]:
        """The schemes that ``security`` names: the entry document's, else those where the operation stands."""
        if not security:
            return {}
        declared, broken = self._declared
        if place.at.tree is not self._tree:
            there = read_schemes(_schemes_in(place.at.tree.node), self._resolver, _security_scheme)
            declared, broken = {**there[0], **declared}, {**there[1], **broken}
        return choose_schemes(security, declared, broken, self._tree.node, problems)


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


def read_schemes(
    declared: Node | None, resolver: Resolver, read: Callable[[str, Node], SecurityScheme]
) -> tuple[dict[str, SecurityScheme], dict[str, Diagnostic]]:
    """The schemes that ``declared`` holds, and why the others cannot be had, each by name."""
    found: dict[str, SecurityScheme] = {}
    broken: dict[str, Diagnostic] = {}
    for name, node in declared.items() if declared else ():
        try:
            found[name] = read(name, resolver.follow(node))
        except BrokenReference as error:
            broken[name] = error.diagnostic
    return found, broken


def _schemes_in(root: Node) -> Node | None:
    components = root.get("components")
    return components.get("securitySchemes") if components else None


def choose_schemes(
    security: tuple[SecurityRequirement, ...],
    declared: Mapping[str, SecurityScheme],
    broken: Mapping[str, Diagnostic],
    at: Node,
    problems: list[Diagnostic],
) -> dict[str, SecurityScheme]:
    """Those of the ``declared`` schemes that ``security`` names."""
    chosen: dict[str, SecurityScheme] = {}
    for name in dict.fromkeys(name for requirement in security for name in requirement):
        if name in declared:
            chosen[name] = declared[name]
        elif name in broken:
            problems.append(broken[name])
        else:
            problems.append(
                codes.FLAWED_DESCRIPTION.at(
                    (at.get("security") or at).span(),
                    f"no security scheme {name!r} is declared, and an operation requires it",
                    f"declared are: {', '.join(declared) or 'none'}",
                )
            )
    return chosen


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
        _metadata_url(node),
    )


def _metadata_url(node: Node) -> str | None:
    root = node.tree.root
    version = str(root.get("openapi", "")) if isinstance(root, dict) else ""
    # Earlier versions have no such field, and what they have of a token endpoint is all they say of it.
    return None if version.startswith(("3.0", "3.1")) else text(node, "oauth2MetadataUrl")


def read_flow(node: Node) -> OAuthFlow:
    """OAuth Flow Object, or the Security Scheme Object of 2.0, which has the same fields."""
    scopes = node.get("scopes")
    return OAuthFlow(
        text(node, "authorizationUrl"),
        text(node, "tokenUrl"),
        text(node, "refreshUrl"),
        {scope: str(member.value) for scope, member in scopes.items()} if scopes else {},
    )
