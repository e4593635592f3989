"""Payload Replacement Objects: putting a value where a target says, in a copy of the payload."""

from __future__ import annotations

import re
from typing import Final, assert_never

from arazzo import codes
from arazzo.diagnostics import Findings
from arazzo.document.model import ExpressionType
from arazzo.patterns import pattern
from arazzo.query.errors import MissingExtraError, QueryError, QuerySyntaxError
from arazzo.query.jsonpath import compile_jsonpath
from arazzo.query.pointer import parse_pointer, set_
from arazzo.query.selector import SelectorType, selector_type
from arazzo.query.singular import plain_path
from arazzo.query.xml_text import Place, Xml, parse_fresh
from arazzo.query.xpath import compile_xpath
from arazzo.source import Node
from arazzo.values import Value, to_text, type_name


def target_type(kind: str | ExpressionType | None, target: str, *, xml: bool = False) -> SelectorType | None:
    """What ``target`` is written in; ``xml`` says that the payload is XML, which matters when ``kind`` is None.

    Without a type it is a JSON Pointer, or XPath for XML (specification, Payload Replacement Object); a target that
    begins with ``$`` can only be a JSONPath query. None when there is no such type.
    """
    if kind is None:
        return selector_type("xpath" if xml else "jsonpath" if target.startswith("$") else "jsonpointer")
    return selector_type(kind)


def check_target(
    node: Node, kind: str | ExpressionType | None, findings: Findings, *, xml: bool = False
) -> None:
    """Report a target that cannot be read in its language."""
    target = node.value
    how = target_type(kind, target, xml=xml) if isinstance(target, str) else None
    if how is None or not isinstance(target, str):
        return
    if kind is None and how.kind == "jsonpath":
        message = (
            "without targetSelectorType a target is a JSON Pointer; this one is read as a JSONPath query"
        )
        findings.add(codes.TARGET_FORM.at(node.span(), message, "add `targetSelectorType: jsonpath`"))
    try:
        if how.kind == "jsonpointer":
            parse_pointer(target)
        elif how.kind == "jsonpath":
            compile_jsonpath(target, how.version)
        else:
            compile_xpath(target, how.version)
    except QuerySyntaxError as error:
        span = node.text_span(error.start, error.end)
        hint = f"write `/{target}`" if how.kind == "jsonpointer" and _is_member(node, target) else error.hint
        findings.add(codes.BAD_SELECTOR.at(span, error.message, hint))
    except MissingExtraError as error:
        findings.add(codes.UNSUPPORTED.at(node.span(), str(error)))


def _is_member(target: Node, name: str) -> bool:
    """Whether the payload that the replacement with ``target`` is for has a member of this very name."""
    body: Value = target.tree.root
    for key in target.path[:-3]:  # Behind the request body come `replacements`, a number and `target`.
        if isinstance(body, dict) and isinstance(key, str):
            body = body.get(key)
        elif isinstance(body, list) and isinstance(key, int) and key < len(body):
            body = body[key]
        else:
            return False
    payload = body.get("payload") if isinstance(body, dict) else None
    return isinstance(payload, dict) and name in payload


def replace(
    payload: Value, kind: str | ExpressionType | None, target: str, new: Value, *, xml: bool = False
) -> Value:
    """``payload`` with ``new`` at every place that ``target`` names, as a changed copy.

    What is missing is created when its parent exists. Raises ``QueryError`` where there is no such place, where the
    target cannot be read, or where it does not fit the payload.
    """
    how = target_type(kind, target, xml=xml)
    if how is None:
        raise QueryError(f"there is no type of target {kind!r}")
    match how.kind:
        case "jsonpointer":
            return set_(payload, parse_pointer(target), new)
        case "jsonpath":
            return _by_jsonpath(payload, target, how.version, new)
        case "xpath":
            if not isinstance(payload, str):
                message = f"XPath applies to XML text, and the payload is of type {type_name(payload)}"
                raise QueryError(message)
            return _by_xpath(payload, target, how.version, to_text(new))
        case _:
            assert_never(how.kind)


def _by_jsonpath(payload: Value, target: str, version: str, new: Value) -> Value:
    places = compile_jsonpath(target, version).paths(payload)
    if not places:
        path = plain_path(target)
        if path is None:
            raise QueryError(f"nothing in the payload matches {target}")
        return set_(payload, path, new)
    # The innermost first: what is replaced may hold other places that are.
    for place in sorted(set(places), key=len, reverse=True):
        payload = set_(payload, place, new)
    return payload


def _by_xpath(payload: str, target: str, version: str, text: str) -> str:
    from lxml import etree

    xml = parse_fresh(payload)
    places = compile_xpath(target, version).places_in(xml) or _create(xml, target, version)
    if not places:
        raise QueryError(f"nothing in the payload matches {target}")
    try:
        for place in places:
            if place.attribute is not None:
                place.element.set(place.attribute, text)
            else:
                for child in list(place.element):
                    place.element.remove(child)
                place.element.text = text
    except ValueError as error:
        raise QueryError(f"the value cannot stand in XML: {error}") from None
    declaration = _DECLARATION.match(payload)
    return (declaration[0] if declaration else "") + etree.tostring(
        xml.root.getroottree(), encoding="unicode"
    )


def _create(xml: Xml, target: str, version: str) -> list[Place]:
    """The missing last step of a path, an element or an attribute by name, created where its parent exists."""
    from lxml import etree

    step = _LAST_STEP.search(target)
    if step is None or step.start() == 0:
        return []
    namespaces = dict(xml.namespaces)
    prefix, name = step["prefix"], step["name"]
    if prefix and prefix not in namespaces:
        return []
    full = f"{{{namespaces[prefix]}}}{name}" if prefix else name
    parents = compile_xpath(target[: step.start()], version).places_in(xml)
    created: list[Place] = []
    for parent in parents:
        if parent.attribute is not None:
            continue
        created.append(
            Place(parent.element, full) if step["at"] else Place(etree.SubElement(parent.element, full))
        )
    return created


_DECLARATION: Final = pattern(r"\s*<\?xml\s.*?\?>\s*", re.DOTALL)
_LAST_STEP: Final = pattern(
    r"(?<!/)/(?P<at>@?)(?:(?P<prefix>[A-Za-z_][\w.\-]*):)?(?P<name>[A-Za-z_][\w.\-]*)\s*\Z"
)
