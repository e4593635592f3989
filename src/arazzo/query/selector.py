"""Selector Objects, and the targets of Payload Replacement Objects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from arazzo import codes
from arazzo.diagnostics import Findings
from arazzo.document.model import VERSIONS, XPATH_10, ExpressionType
from arazzo.expression.parse import ExpressionSyntaxError, Notes, parse_expression
from arazzo.expression.scope import Names, Scope
from arazzo.expression.template import ExpressionValue, Selected, Template, report
from arazzo.expression.template import Literal as Constant
from arazzo.query.embedding import Language, QueryText, read_query
from arazzo.query.errors import MissingExtraError, QueryError, QuerySyntaxError
from arazzo.query.jsonpath import compile_jsonpath
from arazzo.query.pointer import get, parse_pointer
from arazzo.query.singular import plain_path
from arazzo.query.xpath import compile_xpath
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe, Value

Kind: TypeAlias = Literal["jsonpath", "xpath", "jsonpointer"]

_KINDS: Final[tuple[Kind, ...]] = ("jsonpath", "xpath", "jsonpointer")


class SelectorType(Struct, frozen=True):
    """A type of selector and its version."""

    kind: Kind
    version: str

    @property
    def language(self) -> Language:
        """How texts are written inside a selector of this type."""
        if self.kind == "xpath":
            return "xpath-10" if self.version == XPATH_10 else "xpath"
        return "jsonpath" if self.kind == "jsonpath" else "plain"


def selector_type(type: str | ExpressionType | None, version: str | None = None) -> SelectorType | None:
    """The type that ``type`` names; None when there is none of that name."""
    name = type.type if isinstance(type, ExpressionType) else type
    version = type.version if isinstance(type, ExpressionType) else version
    for kind in _KINDS:
        if name == kind:
            return SelectorType(kind, version or VERSIONS[kind][0])
    return None


def compile_selector(node: Node, names: Names, findings: Findings) -> Template:
    """Compile a Selector Object; what is wrong with it goes to ``findings``, and it then selects nothing."""
    context = _context(node.get("context"), names, findings)
    how = _type(node.get("type"), findings)
    selector = node.get("selector")
    if selector is None or not isinstance(selector.value, str):
        findings.add(codes.WRONG_TYPE.at((selector or node).span(), "the selector is not a text"))
        return Constant(None)
    if how is None or context is None:
        return Constant(None)
    query = read_query(selector, names, findings, how.language)
    if not query.loose:
        try:
            _reader(how)(query.sample(), {})
        except QuerySyntaxError as error:
            span = selector.text_span(error.start, error.end) if query.constant else selector.span()
            findings.add(codes.BAD_SELECTOR.at(span, error.message, error.hint))
        except MissingExtraError as error:
            findings.add(codes.UNSUPPORTED.at(selector.span(), str(error)))
        except QueryError:
            pass
    embedded = tuple(ExpressionValue(expression, selector) for expression in query.expressions())
    return Selected(context, embedded, _select(query, how), _path(query, how))


def _path(query: QueryText, how: SelectorType) -> tuple[str | int, ...] | None:
    """The one place that a selector without expressions leads to; None for any other."""
    if not query.constant:
        return None
    if how.kind == "jsonpath":
        return plain_path(query.text)
    try:
        return parse_pointer(query.text) if how.kind == "jsonpointer" else None
    except QueryError:
        return None


def _select(query: QueryText, how: SelectorType) -> Callable[[Value, Scope], Maybe]:
    read = _reader(how)

    def select(context: Value, scope: Scope) -> Maybe:
        try:
            return read(query.fill(scope), context)
        except (QueryError, RecursionError):
            return UNDEFINED

    return select


def _reader(how: SelectorType) -> Callable[[str, Value], Maybe]:
    """A function from a selector and a context to the value selected; it may raise ``QueryError``."""

    def by_pointer(text: str, context: Value) -> Maybe:
        return get(context, parse_pointer(text))

    def by_jsonpath(text: str, context: Value) -> Maybe:
        query = compile_jsonpath(text, how.version)
        found = query.values(context)
        if query.singular:
            return found[0] if found else UNDEFINED
        return found

    def by_xpath(text: str, context: Value) -> Maybe:
        # XPath has no singular queries: one item is a value, several are an array.
        found = compile_xpath(text, how.version).values(context)
        if len(found) == 1:
            return found[0]
        return found or UNDEFINED

    return {"jsonpointer": by_pointer, "jsonpath": by_jsonpath, "xpath": by_xpath}[how.kind]


def _context(node: Node | None, names: Names, findings: Findings) -> ExpressionValue | None:
    if node is None or not isinstance(node.value, str):
        return None
    notes = Notes()
    try:
        expression = parse_expression(node.value, names, notes, operators=True)
    except ExpressionSyntaxError as error:
        message = f"not a runtime expression: {error.message}"
        findings.add(codes.BAD_EXPRESSION.at(node.text_span(error.start, error.end), message, error.hint))
        return None
    report(notes.found, node, findings)
    return ExpressionValue(expression, node)


def _type(node: Node | None, findings: Findings) -> SelectorType | None:
    """The type of a Selector Object: a name, or an Expression Type Object."""
    value = node.value if node is not None else None
    how: SelectorType | None = None
    if isinstance(value, str):
        how = selector_type(value)
    elif isinstance(value, dict):
        name, version = value.get("type"), value.get("version")
        how = (
            selector_type(name, version if isinstance(version, str) else None)
            if isinstance(name, str)
            else None
        )
    if how is None and node is not None:
        message = "the type of a selector is jsonpath, xpath or jsonpointer"
        findings.add(codes.WRONG_VALUE.at(node.span(), message))
    return how
