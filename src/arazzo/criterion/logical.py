"""Logical expressions where a JSONPath query belongs, a kindness: ``$.status == 'a' || $.status == 'b'``.

``$`` is the context. Comparisons are those of RFC 9535, typed and with regard to case, except that what is missing
equals null; a query alone is a test of existence; ``.length`` is the length of an array or a text, and of a query
that can select several nodes their number; runtime expressions are operands too.
"""

from __future__ import annotations

import json
import re
from typing import Final, assert_never

from arazzo.criterion.compare import strictly, truth
from arazzo.criterion.nodes import (
    And,
    Call,
    Comparison,
    Condition,
    ConditionSyntaxError,
    Constant,
    Length,
    Not,
    Or,
    Query,
    QueryLength,
    Read,
    TextOperand,
    parts,
)
from arazzo.criterion.simple import length_of
from arazzo.criterion.simple import value_of as simple_value
from arazzo.criterion.syntax import Reader, no_operand, read_condition, read_constant
from arazzo.document.model import RFC9535
from arazzo.expression.parse import ExpressionSyntaxError, Notes, scan_expression
from arazzo.expression.scope import Names, Scope
from arazzo.patterns import pattern
from arazzo.query.errors import QuerySyntaxError
from arazzo.query.jsonpath import compile_jsonpath
from arazzo.values import UNDEFINED, Maybe, Value

_NAME: Final = r"[^\W\d][\w]*"
_SEGMENT: Final = pattern(rf"\.\.?(?:{_NAME}|\*)|\.\.(?=\[)")
_STRING: Final = pattern(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""", re.DOTALL)
_BRACKET: Final = pattern(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[\[\]]""", re.DOTALL)
_FUNCTION: Final = pattern(r"(length|count|value|match|search)[ \t]*\(")
_ARITY: Final = {"length": 1, "count": 1, "value": 1, "match": 2, "search": 2}


def parse_logical(
    text: str, names: Names | None = None, notes: Notes | None = None, *, version: str = RFC9535
) -> Condition:
    """Read a logical expression over JSONPath queries of ``version``; raises ``ConditionSyntaxError``."""

    def operand(reader: Reader) -> Condition:
        reader.blank()
        if reader.next == "$":
            return _dollar(reader, version)
        if reader.next in ("'", '"'):
            return _string(reader)
        function = _FUNCTION.match(reader.text, reader.at)
        if function:
            reader.at = function.end()
            return _call(reader, function[1])
        constant = read_constant(reader)
        if constant is not None:
            return constant
        if reader.next == "@":
            raise reader.wrong("`@` stands only inside a filter", "outside it the context is `$`")
        raise no_operand(reader, "for instance `$.status == 'done'`")

    reader = Reader(text, names, operand)
    condition = read_condition(reader)
    _check_operands(condition)
    if notes is not None:
        notes.found.extend(reader.notes.found)
    return condition


def _check_operands(condition: Condition) -> None:
    """A query that can select several nodes has no value to compare (RFC 9535 §2.3.5.1)."""
    for part in parts(condition):
        for side in (part.left, part.right) if isinstance(part, Comparison) else ():
            if isinstance(side, Query) and not side.query.singular:
                message = "this query can select several values, and a comparison takes one"
                hint = "put the comparison into a filter: [?@.name == 'value']"
                raise ConditionSyntaxError(message, *side.span, hint)


def _dollar(reader: Reader, version: str) -> Condition:
    """A runtime expression, or a query and perhaps ``.length`` behind it."""
    start = reader.at
    if re.compile(r"\$[A-Za-z]").match(reader.text, start):
        try:
            expression, reader.at = scan_expression(reader.text, start, reader.names, reader.notes)
        except ExpressionSyntaxError as error:
            raise ConditionSyntaxError(error.message, error.start, error.end, error.hint) from None
        return Read(expression)
    end, last = _query_end(reader, start + 1)
    reader.at = end
    text = reader.text[start:end]
    if reader.text[last:end] == ".length":
        shorter = compile_query(reader.text[start:last], version, start).query
        whole = compile_query(text, version, start).query if shorter.singular else None
        return QueryLength(whole, shorter)
    return compile_query(text, version, start)


def compile_query(text: str, version: str, start: int = 0) -> Query:
    """``text``, which stands at ``start`` of a condition, as a query."""
    try:
        return Query(compile_jsonpath(text, version), (start, start + len(text)))
    except QuerySyntaxError as error:
        end = min(error.end, max(len(text), 1))
        raise ConditionSyntaxError(
            error.message, start + min(error.start, end), start + end, error.hint
        ) from None


def _query_end(reader: Reader, at: int) -> tuple[int, int]:
    """Where the query ends whose segments begin at ``at``, and where its last segment begins."""
    text, last = reader.text, at
    while True:
        segment = _SEGMENT.match(text, at)
        if segment:
            last, at = at, segment.end()
        elif text.startswith("[", at):
            last, depth = at, 0
            for token in _BRACKET.finditer(text, at):
                depth += {"[": 1, "]": -1}.get(token[0], 0)
                if depth == 0:
                    at = token.end()
                    break
            else:
                raise ConditionSyntaxError("the bracket is not closed", at, at + 1, "add `]`")
        else:
            return at, last


def _string(reader: Reader) -> Constant:
    match = _STRING.match(reader.text, reader.at)
    if match is None:
        raise reader.wrong("the string is not closed")
    raw = match[0][1:-1]
    if match[0][0] == "'":
        raw = re.sub(r'\\(.)|"', lambda m: "'" if m[0] == "\\'" else '\\"' if m[0] == '"' else m[0], raw)
    try:
        value = json.loads(f'"{raw}"', strict=False)
    except ValueError:
        raise reader.wrong(
            "the string has an escape that JSONPath does not know", length=len(match[0])
        ) from None
    reader.at = match.end()
    return Constant(value)


def _call(reader: Reader, name: str) -> Call:
    reader.nest("function calls")
    arguments = [reader.operand(reader)]
    while reader.skip(","):
        arguments.append(reader.operand(reader))
    if not reader.skip(")"):
        raise reader.wrong(f"the arguments of {name}() are not closed", "add `)`")
    if len(arguments) != _ARITY[name]:
        raise reader.wrong(f"{name}() takes {_ARITY[name]} argument{'s' if _ARITY[name] > 1 else ''}")
    if name in ("count", "value") and not isinstance(arguments[0], Query):
        raise reader.wrong(f"{name}() takes a query")
    reader.depth -= 1
    match name:
        case "length" | "count" | "value" | "match" | "search":
            return Call(name, tuple(arguments))
    raise AssertionError(name)


def passes(condition: Condition, context: Value, scope: Scope) -> bool:
    """Whether a logical expression holds for ``context``; raises ``QueryError`` when a query cannot be evaluated."""
    match condition:
        case Comparison(operator, left, right):
            return strictly(operator, _value(left, context, scope), _value(right, context, scope))
        case Not(item):
            return not passes(item, context, scope)
        case And(items):
            return all(passes(item, context, scope) for item in items)
        case Or(items):
            return any(passes(item, context, scope) for item in items)
        case Query(query):
            return bool(query.values(context))
        case _:
            return truth(_value(condition, context, scope))


def _value(condition: Condition, context: Value, scope: Scope) -> Maybe:
    match condition:
        case Query(query):
            found = query.values(context)
            return found[0] if len(found) == 1 else UNDEFINED
        case QueryLength(whole, of):
            if whole is None:
                return len(of.values(context))
            member = whole.values(context)
            found = of.values(context)
            return member[0] if member else length_of(found[0]) if found else UNDEFINED
        case Call(name, arguments):
            return _apply(name, arguments, context, scope)
        case Comparison() | Not() | And() | Or():
            return passes(condition, context, scope)
        case Constant() | Read() | Length() | TextOperand():
            return simple_value(condition, scope)
        case _:
            assert_never(condition)


def _apply(name: str, arguments: tuple[Condition, ...], context: Value, scope: Scope) -> Maybe:
    """A function extension of RFC 9535 §2.4."""
    first = arguments[0]
    if isinstance(first, Query) and name in ("count", "value"):
        found = first.query.values(context)
        if name == "count":
            return len(found)
        return found[0] if len(found) == 1 else UNDEFINED
    values = [_value(argument, context, scope) for argument in arguments]
    if name == "length":
        return len(values[0]) if isinstance(values[0], (str, list, dict)) else UNDEFINED
    text, pattern = values[0], values[-1]
    if not isinstance(text, str) or not isinstance(pattern, str):
        return False
    from arazzo.query.regex import iregexp  # here: few conditions call match() or search()

    return iregexp(pattern, text, whole=name == "match")
