"""XPath 1.0 with lxml, XPath 2.0 to 3.1 with elementpath: conditions, selections and the nodes to replace.

Both packages are an extra. They are imported when a document has an XPath expression, and a document that needs
them without having them is told how to install them. Expressions are untrusted: what reaches outside the document
is refused, and the work is bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from arazzo.document.model import VERSIONS, XPATH_10
from arazzo.patterns import pattern
from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.query.xml_text import Place, Xml, need_xml, number_value, parse_xml, string_value
from arazzo.records import Record
from arazzo.values import Maybe, Value

_VERSIONS: Final = VERSIONS["xpath"]
MAX_EXPRESSION: Final = 4_000
"""Characters of an expression."""
MAX_STEPS: Final = 200_000_000
"""Nodes that an XPath 1.0 expression may visit, estimated."""

_TOKEN: Final = pattern(
    r"""'[^']*'|"[^"]*"|//|(?:descendant|ancestor)(?:-or-self)?::|(?:following|preceding)(?:-sibling)?::|[\[\]]"""
)


class XPath(Record, frozen=True):
    """A compiled expression."""

    aside = ("holds_in", "values_in", "places_in")

    text: str
    version: str
    holds_in: Callable[[Xml], bool]
    values_in: Callable[[Xml], list[Value]]
    places_in: Callable[[Xml], list[Place]]

    def holds(self, context: Maybe) -> bool:
        """The effective boolean value on XML text; raises ``QueryError`` when it cannot be evaluated."""
        return self.holds_in(parse_xml(context, comments=self.version == XPATH_10))

    def values(self, context: Maybe) -> list[Value]:
        """What it selects, nodes as their text; raises ``QueryError`` when it cannot be evaluated."""
        return self.values_in(parse_xml(context, comments=self.version == XPATH_10))


@lru_cache(maxsize=128)
def compile_xpath(text: str, version: str = _VERSIONS[0]) -> XPath:
    """Compile an expression; raises ``QuerySyntaxError`` when it is none, ``MissingExtraError`` without the extra."""
    if version not in _VERSIONS:
        hint = "the versions are " + ", ".join(_VERSIONS)
        raise QuerySyntaxError(f"there is no version {version!r} of XPath", hint=hint)
    if len(text) > MAX_EXPRESSION:
        raise QuerySyntaxError(f"an XPath expression of more than {MAX_EXPRESSION:,} characters")
    need_xml()
    if version == XPATH_10:
        return _compile_10(text)
    from arazzo.query.xpath2 import compile_later

    holds, values, places = compile_later(text, version)
    return XPath(text, version, holds, values, places)


def _compile_10(text: str) -> XPath:
    from lxml import etree

    try:
        etree.XPath(text, regexp=False)
    except (etree.XPathError, ValueError) as error:
        raise QuerySyntaxError(f"not an XPath expression: {error}", 0, len(text)) from None
    level, descents = _shape(text)

    def evaluate(xml: Xml, expression: str = text) -> Any:
        if xml.elements ** (1 + level) * xml.depth**descents > MAX_STEPS:
            raise QueryError(f"the expression could visit too many nodes of {xml.elements:,} elements")
        try:
            compiled = etree.XPath(expression, namespaces=dict(xml.namespaces), regexp=False)
            return compiled(xml.root.getroottree())
        except (etree.XPathError, ValueError) as error:
            raise QueryError(f"the expression cannot be evaluated: {error}") from None

    def holds(xml: Xml) -> bool:
        return bool(evaluate(xml, f"boolean({text})"))

    def values(xml: Xml) -> list[Value]:
        result = evaluate(xml)
        return [_atomic(item) for item in (result if isinstance(result, list) else [result])]

    def places(xml: Xml) -> list[Place]:
        result = evaluate(xml)
        if not isinstance(result, list):
            raise QueryError("the expression gives a value, not a place in the document")
        return [_place(item) for item in result]

    return XPath(text, XPATH_10, holds, values, places)


def _shape(text: str) -> tuple[int, int]:
    """How deep in predicates an axis stands that reaches far, and how many such axes there are."""
    level = descents = depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] == "[":
            depth += 1
        elif token[0] == "]":
            depth -= 1
        elif token[0][0] not in "'\"":
            descents += 1
            level = max(level, depth)
    return level, descents


def _atomic(item: Any) -> Value:
    """An XPath 1.0 item as a JSON value: nodes and strings as text, integral numbers without a fraction."""
    if isinstance(item, bool):
        return item
    if isinstance(item, float):
        return number_value(item)
    if isinstance(item, str):
        return str(item)
    return string_value(item)


def _place(item: Any) -> Place:
    if isinstance(item, str):
        parent = getattr(item, "getparent", lambda: None)()
        if parent is None or getattr(item, "is_tail", False):
            raise QueryError("the text that the expression finds cannot be replaced on its own")
        return Place(parent, getattr(item, "attrname", None))
    if not isinstance(getattr(item, "tag", None), str):
        raise QueryError("the expression finds a node that is neither an element nor an attribute")
    return Place(item)
