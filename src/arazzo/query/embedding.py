"""Runtime expressions inside queries: what is substituted, and how it is written where it stands.

"The runtime expressions within ``{}`` are evaluated and converted to strings; the resulting string is the final
condition" (specification, "Runtime Expressions in Conditions"). Inside a string literal of the query a substituted
text is escaped for it, so that no value can end the literal; elsewhere, and in a regular expression, it is inserted
as it is. Two kindnesses: a literal that is nothing but an expression, and an expression without braces outside
literals, which no query language could mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Final, Literal, TypeAlias

from msgspec import Struct

from arazzo import codes
from arazzo.diagnostics import Findings
from arazzo.expression.evaluate import evaluate
from arazzo.expression.nodes import Expression
from arazzo.expression.parse import (
    ExpressionSyntaxError,
    Notes,
    parse_expression,
    root_of,
    scan_expression,
)
from arazzo.expression.scope import Names, Scope
from arazzo.expression.template import find_embedded, report
from arazzo.patterns import pattern
from arazzo.query.errors import QueryError
from arazzo.records import Record
from arazzo.source import Node
from arazzo.values import UNDEFINED, Value, is_number, to_text, type_name

Language: TypeAlias = Literal["jsonpath", "xpath", "xpath-10", "plain"]
"""What a text is written in; ``plain`` has no string literals (regular expressions, JSON Pointers)."""


MAX_TEXT: Final = 10_000
"""Characters of a query."""


class Slot(Struct, frozen=True):
    """An expression in a query. ``whole`` means that its value is written as a literal of the query's language."""

    expression: Expression
    whole: bool = False


class Quoted(Struct, frozen=True):
    """A string literal with expressions in it."""

    quote: str
    pieces: tuple[str | Slot, ...]


class QueryText(Record, frozen=True):
    """The text of a query, with the places where values are filled in."""

    aside = ("node",)

    parts: tuple[str | Slot | Quoted, ...]
    language: Language
    text: str
    node: Node | None = None

    @property
    def constant(self) -> bool:
        """Whether nothing is filled in."""
        return all(isinstance(part, str) for part in self.parts)

    @property
    def loose(self) -> bool:
        """Whether an expression in braces stands outside string literals, so that any text may come of it."""
        return any(isinstance(part, Slot) and not part.whole for part in self.parts)

    @property
    def unbraced(self) -> bool:
        """Whether the only expressions in it are such as lack their braces."""
        return not self.loose and not any(isinstance(part, Quoted) for part in self.parts)

    def expressions(self) -> Iterator[Expression]:
        """The expressions in it, in order."""
        for part in self.parts:
            if isinstance(part, Slot):
                yield part.expression
            elif isinstance(part, Quoted):
                yield from (piece.expression for piece in part.pieces if isinstance(piece, Slot))

    def fill(self, scope: Scope) -> str:
        """The text with every value in its place; raises ``QueryError`` for an expression that has none."""
        if self.constant:
            return self.text
        return self._write(lambda slot: self._value(slot, scope))

    def sample(self) -> str:
        """The text with an ordinary value in every place, for finding mistakes before there are values."""
        return self._write(lambda slot: "x" if slot.whole or self.language == "plain" else "0")

    def _write(self, value_of: Callable[[Slot], Value]) -> str:
        out: list[str] = []
        for part in self.parts:
            match part:
                case str():
                    out.append(part)
                case Slot(whole=True):
                    out.append(_literal(value_of(part), self.language))
                case Slot():
                    out.append(to_text(value_of(part)))
                case Quoted():
                    out.append(_fill_quoted(part, value_of, self.language))
        return "".join(out)

    def _value(self, slot: Slot, scope: Scope) -> Value:
        value = evaluate(slot.expression, scope)
        if value is UNDEFINED:
            start, end = slot.expression.span
            raise QueryError(f"`{self.text[start:end]}` has no value")
        return value


def read_query(node: Node, names: Names, findings: Findings, language: Language) -> QueryText:
    """Find the expressions in the text of ``node``, which is written in ``language``.

    A text longer than any query may be is not looked into: whoever compiles it will refuse it.
    """
    text = node.value if isinstance(node.value, str) else ""
    found = [
        (Slot(expression), start, end) for expression, start, end in find_embedded(node, names, findings)
    ]
    if language == "plain":
        return QueryText(tuple(_cut(text, 0, len(text), found)), language, text, node)
    masked = _mask(text, found)
    notes = Notes()
    parts: list[str | Slot | Quoted] = []
    at = begin = 0
    while mark := _MARK.search(masked, at):
        at = mark.end()
        if mark[0] == "$":
            slot = _unbraced(text, mark.start(), names, notes)
            if slot is not None:
                parts.extend(_cut(text, begin, mark.start(), found))
                parts.append(slot[0])
                begin = at = slot[1]
            continue
        close = _CLOSE[mark[0], language == "jsonpath"].match(masked, at)
        if close is None:
            break
        pieces = tuple(_cut(text, at, close.end() - 1, found)) or ("",)
        whole = _whole_expression(text, at, close.end() - 1, names, notes)
        if whole is not None or any(isinstance(piece, Slot) for piece in pieces):
            parts.extend(_cut(text, begin, mark.start(), found))
            parts.append(Quoted(mark[0], pieces if whole is None else (whole,)))
            begin = close.end()
        at = close.end()
    parts.extend(_cut(text, begin, len(text), found))
    report(notes.found, node, findings)
    return QueryText(tuple(parts), language, text, node)


_MARK: Final = pattern(r"""['"$]""")
_CLOSE: Final = {
    ("'", True): pattern(r"(?:[^'\\]|\\.)*'", re.DOTALL),
    ('"', True): pattern(r'(?:[^"\\]|\\.)*"', re.DOTALL),
    ("'", False): pattern(r"[^']*'"),
    ('"', False): pattern(r'[^"]*"'),
}


def _mask(text: str, found: list[tuple[Slot, int, int]]) -> str:
    """``text`` with the embedded expressions, which may hold quotes themselves, blotted out."""
    parts: list[str] = []
    at = 0
    for _, start, end in found:
        parts.extend((text[at:start], "0" * (end - start)))
        at = end
    return "".join((*parts, text[at:]))


def _cut(text: str, start: int, end: int, found: list[tuple[Slot, int, int]]) -> Iterator[str | Slot]:
    at = start
    for slot, begin, stop in found:
        if begin < start or stop > end:
            continue
        if begin > at:
            yield text[at:begin]
        yield slot
        at = stop
    if end > at:
        yield text[at:end]


def _unbraced(text: str, start: int, names: Names, notes: Notes) -> tuple[Slot, int] | None:
    """An expression without braces outside string literals, and where it ends."""
    if root_of(text, start) is None:
        return None
    try:
        expression, end = scan_expression(text, start, names, notes)
    except ExpressionSyntaxError as error:
        message = f"not a runtime expression: {error.message}"
        notes.add(codes.BAD_EXPRESSION, error.start, error.end, message, error.hint)
        return None
    message = f"`{text[start:end]}` is substituted, although only an expression in braces is one in a query"
    hint = f"write `{{{text[start:end]}}}`, in quotes if it is a text"
    notes.add(codes.UNBRACED_EXPRESSION, start, end, message, hint)
    return Slot(expression, whole=True), end


def _whole_expression(text: str, start: int, end: int, names: Names, notes: Notes) -> Slot | None:
    """The expression that a string literal ``text[start:end]`` consists of, a kindness."""
    root = root_of(text, start)
    if root is None or not text.startswith(f"${root}.", start, end):
        return None
    try:
        expression = parse_expression(text, names, notes, operators=True, start=start, end=end)
    except ExpressionSyntaxError:
        return None
    message = (
        f"`{text[start:end]}` in quotes is substituted, although only an expression in braces is one here"
    )
    notes.add(codes.QUOTED_EXPRESSION, start, end, message, f"write `{{{text[start:end]}}}`")
    return Slot(expression)


def _fill_quoted(quoted: Quoted, value_of: Callable[[Slot], Value], language: Language) -> str:
    quote = quoted.quote
    texts: list[str] = []
    for piece in quoted.pieces:
        if isinstance(piece, str):
            texts.append(piece)
        elif language == "jsonpath":
            texts.append(_escape_json(to_text(value_of(piece)), quote))
        elif language == "xpath":
            texts.append(to_text(value_of(piece)).replace(quote, quote * 2))
        else:
            texts.append(to_text(value_of(piece)))
    content = "".join(texts)
    return _xpath_10_literal(content, quote) if language == "xpath-10" else f"{quote}{content}{quote}"


def _escape_json(text: str, quote: str) -> str:
    """``text`` inside a string literal of JSONPath (RFC 9535 §2.3.1.1)."""
    escaped = json.dumps(text, ensure_ascii=False)[1:-1]
    return escaped.replace('\\"', '"').replace("'", "\\'") if quote == "'" else escaped


def _xpath_10_literal(text: str, quote: str = "'") -> str:
    """A literal of XPath 1.0, which has no escapes: a text with both quotes is put together from two kinds."""
    other = '"' if quote == "'" else "'"
    if quote not in text:
        return f"{quote}{text}{quote}"
    if other not in text:
        return f"{other}{text}{other}"
    glue = f"{quote},{other}{quote}{other},{quote}"
    return f"concat({quote}{text.replace(quote, glue)}{quote})"


def _literal(value: Value, language: Language) -> str:
    """``value`` as a literal of ``language``; raises ``QueryError`` for one that it has none for."""
    if isinstance(value, str):
        if language == "jsonpath":
            return json.dumps(value, ensure_ascii=False)
        return _xpath_10_literal(value) if language == "xpath-10" else "'" + value.replace("'", "''") + "'"
    if isinstance(value, bool) and language != "jsonpath":
        return f"{to_text(value)}()"
    if is_number(value) or ((value is None or isinstance(value, bool)) and language == "jsonpath"):
        return to_text(value)
    raise QueryError(f"a value of type {type_name(value)} cannot stand in a query")
