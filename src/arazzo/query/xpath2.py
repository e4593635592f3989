"""XPath 2.0, 3.0 and 3.1 on elementpath, held within bounds.

Functions that reach outside the document are refused when an expression is compiled, and so are those that could
run for ever; ``matches()`` is answered by RE2. While an expression is evaluated, the nodes it visits are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, Final

from arazzo.patterns import pattern
from arazzo.query.errors import QueryError, QuerySyntaxError
from arazzo.query.regex import compile_regex
from arazzo.query.xml_text import Place, Xml, number_value, string_value
from arazzo.values import Value

MAX_STEPS: Final = 400_000
"""Nodes that an expression may visit, and pairs of values that it may compare."""
MAX_RANGE: Final = 1_000
"""Numbers in a range ``1 to n``."""
MAX_RANGES: Final = 2
"""Ranges in an expression."""
MAX_BINDINGS: Final = 4
"""Variables that an expression may bind."""

_OUTSIDE: Final = frozenset(
    {
        "available-environment-variables",
        "collection",
        "doc",
        "doc-available",
        "environment-variable",
        "json-doc",
        "load-xquery-module",
        "parse-xml",
        "parse-xml-fragment",
        "random-number-generator",
        "trace",
        "transform",
        "unparsed-text",
        "unparsed-text-available",
        "unparsed-text-lines",
        "uri-collection",
    }
)
_ENDLESS: Final = frozenset(
    {
        "#",
        "analyze-string",
        "apply",
        "filter",
        "fold-left",
        "fold-right",
        "for-each",
        "for-each-pair",
        "function",
        "function-lookup",
        "let",
        "replace",
        "tokenize",
    }
)
_SMALL: Final = frozenset(("count", "last", "string-length", "position"))
_PREFIX: Final = pattern(r"""'[^']*'|"[^"]*"|([A-Za-z_][\w.\-]*):(?=[A-Za-z_*])(?<!::)""")
_NONE: Final = "not an XPath expression: "
_FLAGS: Final = pattern(r"[smi]*")

Results = tuple[Callable[[Xml], bool], Callable[[Xml], list[Value]], Callable[[Xml], list[Place]]]


def compile_later(text: str, version: str) -> Results:
    """Compile ``text`` to its effective boolean value, its values and its places; raises ``QuerySyntaxError``."""
    prefixes = {match[1] for match in _PREFIX.finditer(text) if match[1]}
    assumed = tuple((prefix, f"urn:prefix:{prefix}") for prefix in sorted(prefixes - set(_known(version))))
    _parse(text, version, assumed)

    def run(xml: Xml) -> tuple[Any, list[Any]]:
        try:
            compiled = _parse(text, version, xml.namespaces)
        except QuerySyntaxError as error:
            why = error.message.removeprefix(_NONE)
            raise QueryError(f"the expression cannot be evaluated: {why}") from None
        try:
            return compiled, list(compiled.select(_context()(xml.root.getroottree())))
        except QueryError:
            raise
        except RecursionError:
            raise QueryError("the expression or the document is nested too deeply") from None
        except (_error(), ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise QueryError(f"the expression cannot be evaluated: {_message(error)}") from None

    def holds(xml: Xml) -> bool:
        compiled, items = run(xml)
        try:
            return bool(compiled.boolean_value(items))
        except (_error(), TypeError, ValueError) as error:
            raise QueryError(f"the result is neither true nor false: {_message(error)}") from None

    def values(xml: Xml) -> list[Value]:
        return [_value(item) for item in run(xml)[1]]

    def places(xml: Xml) -> list[Place]:
        return [_place(item) for item in run(xml)[1]]

    return holds, values, places


@lru_cache(maxsize=128)
def _parse(text: str, version: str, namespaces: tuple[tuple[str, str], ...]) -> Any:
    try:
        return _parser_class(version)(namespaces=dict(namespaces)).parse(text)
    except RecursionError:
        raise QuerySyntaxError("an XPath expression that is nested too deeply") from None
    except (_error(), ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        span = getattr(getattr(error, "token", None), "span", None) or (0, len(text))
        raise QuerySyntaxError(_NONE + _message(error), *span) from None


@cache
def _parser_class(version: str) -> Any:
    """elementpath's parser for ``version``, which refuses what could do harm and evaluates nothing on its own.

    Its own ``parse`` evaluates constant parts at once, before anyone could look at them.
    """
    from elementpath import XPath2Parser
    from elementpath.tdop import Parser
    from elementpath.xpath30 import XPath30Parser
    from elementpath.xpath31 import XPath31Parser

    base = {"xpath-20": XPath2Parser, "xpath-30": XPath30Parser, "xpath-31": XPath31Parser}[version]

    def parse(self: Any, source: str) -> Any:
        if self.tokenizer is None:
            self.tokenizer = self.create_tokenizer(self.symbol_table)
        token = Parser.parse(self, source)
        _refuse(token)
        return token

    parser: Any = type(base.__name__, (base,), {"parse": parse})
    parser.unregister("matches")
    types = ("xs:string?", "xs:string", "xs:string", "xs:boolean")

    def evaluate_matches(self: Any, context: Any = None) -> bool:
        context = context if getattr(self, "context", None) is None else self.context
        subject = self.get_argument(context, default="", cls=str)
        pattern = self.get_argument(context, 1, required=True, cls=str)
        flags = self.get_argument(context, 2, required=True, cls=str) if len(self) > 2 else ""
        if not _FLAGS.fullmatch(flags):
            raise QueryError(f"the flags {flags!r} of matches() are not supported")
        return compile_regex(f"(?{flags}){pattern}" if flags else pattern).search(subject)

    for symbol in ("=", "!=", "<", ">", "<=", ">="):
        operator = parser.symbol_table[symbol]
        pairs = (
            {"iter_comparison_data": _counted_pairs(operator)}
            if hasattr(operator, "iter_comparison_data")
            else {}
        )
        parser.symbol_table[symbol] = type(operator.__name__, (operator,), pairs)
    parser.method(parser.function("matches", nargs=(2, 3), sequence_types=types))(evaluate_matches)
    return parser


def _counted_pairs(operator: Any) -> Callable[..., Iterator[Any]]:
    """The pairs that a general comparison compares, each counted as a step."""
    original = operator.iter_comparison_data

    def pairs(self: Any, context: Any) -> Iterator[Any]:
        for pair in original(self, context):
            if hasattr(context, "steps"):
                _count(context)
            yield pair

    return pairs


def _count(context: Any) -> None:
    context.steps[0] += 1
    if context.steps[0] > MAX_STEPS:
        raise QueryError(f"the expression takes more than {MAX_STEPS:,} steps")


@cache
def _known(version: str) -> tuple[str, ...]:
    return tuple(_parser_class(version)().namespaces)


@cache
def _error() -> type[Exception]:
    from elementpath import ElementPathError

    error: type[Exception] = ElementPathError
    return error


@cache
def _context() -> Any:
    """elementpath's context, which every step of a path goes through, with a count of the nodes it hands out."""
    from elementpath import XPathContext

    def counted(name: str) -> Callable[..., Iterator[Any]]:
        original = getattr(XPathContext, name)

        def iterate(self: Any, *args: Any, **options: Any) -> Iterator[Any]:
            for item in original(self, *args, **options):
                _count(self)
                yield item

        return iterate

    def begin(self: Any, root: Any) -> None:
        self.steps = [0]
        XPathContext.__init__(self, root)

    names = [name for name in dir(XPathContext) if name.startswith("iter_") or name == "inner_focus_select"]
    return type(
        "CountingContext", (XPathContext,), {"__init__": begin, **{name: counted(name) for name in names}}
    )


def _refuse(token: Any) -> None:
    """Raise ``QuerySyntaxError`` for what reaches outside the document or may never end."""
    bindings = ranges = 0
    for part in token.iter():
        span = getattr(part, "span", (0, 1))
        if part.symbol in _OUTSIDE:
            raise QuerySyntaxError(f"{part.symbol}() reaches outside the document and is refused", *span)
        if part.symbol in _ENDLESS:
            raise QuerySyntaxError(f"`{part.symbol}` cannot be bounded and is not supported", *span)
        if part.symbol in ("for", "some", "every"):
            bindings += max(1, len(part) // 2)
        if part.symbol == "to":
            ranges += 1
            if not _bounded(part) or ranges > MAX_RANGES:
                message = f"more than {MAX_RANGES} ranges, or one of more than {MAX_RANGE:,} numbers or of unknown size"
                raise QuerySyntaxError(message, *span)
    if bindings > MAX_BINDINGS:
        raise QuerySyntaxError(f"an XPath expression that binds more than {MAX_BINDINGS} variables")


def _bounded(range_: Any) -> bool:
    if len(range_) != 2:
        return False
    low, high = range_[0], range_[1]
    if high.symbol in _SMALL:
        return True
    if low.symbol == high.symbol == "(integer)":
        return bool(high.value - low.value <= MAX_RANGE)
    return False


def _value(item: Any) -> Value:
    """An XPath item as a JSON value."""
    match item:
        case bool() | int() | str():
            return item
        case Decimal() | float():
            return number_value(float(item))
    node = getattr(item, "string_value", None)
    if isinstance(node, str):
        return node
    if callable(item) or isinstance(item, (Iterable, dict)):
        raise QueryError("the expression gives a map, an array or a function, which is no value here")
    return str(item)


def _place(item: Any) -> Place:
    element = getattr(item, "elem", None)
    if element is not None and isinstance(getattr(element, "tag", None), str):
        return Place(element)
    parent = getattr(getattr(item, "parent", None), "elem", None)
    name = getattr(item, "name", None)
    if parent is None:
        raise QueryError("the expression gives a value, not a place in the document")
    if isinstance(name, str):
        return Place(parent, name)
    if (parent.text or "") != string_value(parent):
        raise QueryError("the text that the expression finds cannot be replaced on its own")
    return Place(parent)


def _message(error: BaseException) -> str:
    return str(getattr(error, "message", None) or error)
