"""OpenAPI 2.0 (Swagger), read into the model of OpenAPI 3."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from arazzo import codes
from arazzo.descriptions.openapi.index import Place
from arazzo.descriptions.openapi.model import (
    BodySpec,
    Encoding,
    MediaType,
    Operation,
    ParameterSpec,
    ResponseSpec,
    SecurityScheme,
    Server,
)
from arazzo.descriptions.openapi.nodes import dispensable, flag, text
from arazzo.descriptions.openapi.read import (
    choose_schemes,
    merge_parameters,
    read_flow,
    read_schemes,
    read_security,
)
from arazzo.descriptions.openapi.references import BrokenReference, Resolver
from arazzo.descriptions.openapi.schemas import broken_references, default_of, types_of
from arazzo.diagnostics import Diagnostic
from arazzo.source import Node, Tree, from_value

_FLOWS: Final = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
_FORMATS: Final = {"ssv": "spaceDelimited", "pipes": "pipeDelimited", "tsv": "tabDelimited"}
_FORM, _MULTIPART, _JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"


class Swagger:
    """Reads operations of one description."""

    def __init__(self, tree: Tree, uri: str, resolver: Resolver) -> None:
        self._tree, self._uri, self._resolver = tree, uri, resolver

    @cached_property
    def security_schemes(self) -> dict[str, SecurityScheme]:
        """Every security scheme the description declares and has."""
        return self._declared[0]

    @cached_property
    def _declared(self) -> tuple[dict[str, SecurityScheme], dict[str, Diagnostic]]:
        return read_schemes(self._tree.node.get("securityDefinitions"), self._resolver, _scheme)

    def operation(self, place: Place, found: Iterable[Diagnostic] = ()) -> Operation:
        """The operation at ``place``; ``found`` is what is already known to be wrong with it."""
        problems = list(found)
        nodes = tuple(self._parameter_nodes(place, problems))
        security = read_security(place.at.get("security") or self._tree.node.get("security"))
        schemes, broken = self._declared if security else ({}, {})
        return Operation(
            self._uri,
            place.operation_id,
            place.method,
            place.path,
            place.pointer,
            self._servers(place),
            place.at,
            merge_parameters(spec for node in nodes if (spec := self._parameter(node))),
            self._body(nodes, self._media_types(place, "consumes"), problems),
            self._responses(place, problems),
            security,
            choose_schemes(security, schemes, broken, self._tree.node, problems),
            flag(place.at, "deprecated"),
            tuple(problems),
            self._resolver,
        )

    def _servers(self, place: Place) -> tuple[Server, ...]:
        root = self._tree.node
        schemes = [
            str(node.value)
            for holder in (place.at, root)
            if (n := holder.get("schemes"))
            for node in n.elements()
        ]
        host, base = text(root, "host"), text(root, "basePath") or "/"
        if host is None:
            return (Server(base, at=root),)
        own = urlsplit(self._uri).scheme
        if not schemes and own in ("http", "https"):
            schemes = [own]
        scheme = "https" if "https" in schemes or not schemes else schemes[0]
        return (Server(f"{scheme}://{host}/{base.strip('/')}", at=root.get("host")),)

    def _parameter_nodes(self, place: Place, problems: list[Diagnostic]) -> Iterator[Node]:
        for holder in (*reversed(place.items), place.at):
            listed = holder.get("parameters")
            for node in listed.elements() if listed else ():
                try:
                    followed = self._resolver.follow(node)
                except BrokenReference as broken:
                    problems.append(broken.diagnostic)
                    continue
                if text(followed, "name") is None or text(followed, "in") is None:
                    problems.append(
                        codes.FLAWED_DESCRIPTION.at(
                            followed.span(), "a parameter without name and in; it is left out", "give it both"
                        )
                    )
                    continue
                yield followed

    def _parameter(self, node: Node) -> ParameterSpec | None:
        name, in_ = text(node, "name") or "", text(node, "in") or ""
        if in_ not in ("path", "query", "header"):
            return None
        style, explode = _style(node)
        if in_ != "query":
            style, explode = "simple", False
        return ParameterSpec(
            name,
            in_,
            in_ == "path" or flag(node, "required"),
            style,
            explode,
            schema=node,
            types=types_of(node, self._resolver),
            default=default_of(node, self._resolver),
            at=node,
        )

    def _body(
        self, nodes: tuple[Node, ...], consumes: tuple[str, ...], problems: list[Diagnostic]
    ) -> BodySpec | None:
        for node in nodes:
            if text(node, "in") == "body":
                media = MediaType(node.get("schema"), at=node, resolver=self._resolver)
                deep = any("xml" in name for name in consumes)
                problems += map(dispensable, broken_references(media.schema, self._resolver, deep=deep))
                return BodySpec(dict.fromkeys(consumes or (_JSON,), media), flag(node, "required"), node)
        fields = {text(node, "name") or "": node for node in nodes if text(node, "in") == "formData"}
        if not fields:
            return None
        files = any(text(node, "type") == "file" for node in fields.values())
        types = [name for name in consumes if name in ((_MULTIPART,) if files else (_FORM, _MULTIPART))]
        first = next(iter(fields.values()))
        # The schema of the form stands nowhere in the text; it is made of the parameters.
        schema = from_value(
            {
                "type": "object",
                "properties": {name: node.value for name, node in fields.items()},
                "required": [name for name, node in fields.items() if flag(node, "required")],
            },
            f"{self._tree.file}, form parameters",
        ).node
        encoding = {name: _encoding(node) for name, node in fields.items() if text(node, "type") == "array"}
        uploads = frozenset(name for name, node in fields.items() if text(node, "type") == "file")
        media = MediaType(schema, encoding, uploads, first, resolver=self._resolver)
        required = any(flag(node, "required") for node in fields.values())
        return BodySpec(dict.fromkeys(types or [_MULTIPART if files else _FORM], media), required, first)

    def _responses(self, place: Place, problems: list[Diagnostic]) -> dict[str, ResponseSpec]:
        found: dict[str, ResponseSpec] = {}
        produces = self._media_types(place, "produces") or (_JSON,)
        listed = place.at.get("responses")
        for status, response in listed.items() if listed else ():
            if status.startswith("x-"):
                continue
            try:
                response = self._resolver.follow(response)
            except BrokenReference as broken:
                problems.append(dispensable(broken.diagnostic))
                continue
            schema, headers = response.get("schema"), response.get("headers")
            content = dict.fromkeys(produces, MediaType(schema, at=response)) if schema else {}
            found[status] = ResponseSpec(status, content, dict(headers.items()) if headers else {}, response)
        return found

    def _media_types(self, place: Place, key: str) -> tuple[str, ...]:
        listed = place.at.get(key) or self._tree.node.get(key)
        return tuple(str(node.value) for node in listed.elements()) if listed else ()


def _style(node: Node) -> tuple[str, bool]:
    """``collectionFormat`` as style and explode."""
    written = text(node, "collectionFormat") or "csv"
    return _FORMATS.get(written, "form"), written == "multi"


def _encoding(node: Node) -> Encoding:
    style, explode = _style(node)
    return Encoding(None, style, explode)


def _scheme(name: str, node: Node) -> SecurityScheme:
    type_ = text(node, "type") or ""
    if type_ == "basic":
        return SecurityScheme(name, "http", "basic", at=node)
    flow = _FLOWS.get(text(node, "flow") or "")
    return SecurityScheme(
        name,
        type_,
        parameter=text(node, "name"),
        in_=text(node, "in"),
        flows={flow: read_flow(node)} if flow else {},
        at=node,
    )
