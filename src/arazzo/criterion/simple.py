"""Simple conditions: runtime expressions, literals and operators (specification, "Criterion Object")."""

from __future__ import annotations

import re
from typing import Final, assert_never

from msgspec.structs import replace

from arazzo import codes
from arazzo.criterion.compare import loosely, truth
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
from arazzo.criterion.syntax import Reader, no_operand, read_condition, read_constant
from arazzo.expression.evaluate import evaluate
from arazzo.expression.nodes import (
    BodySource,
    Expression,
    InputReference,
    MessagePart,
    OutputReference,
    PayloadSource,
    StepReference,
    WorkflowReference,
)
from arazzo.expression.parse import (
    ExpressionSyntaxError,
    Notes,
    parse_expression,
    root_of,
    scan_expression,
)
from arazzo.expression.scope import Names, Scope
from arazzo.expression.template import Embedded, Text, render
from arazzo.patterns import pattern
from arazzo.values import UNDEFINED, Maybe, to_json

_SINGLE: Final = pattern(r"'((?:[^']|'')*)'")
_DOUBLE: Final = pattern(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_BRACES: Final = pattern(r"\{(\$[^{}]*)\}")


def parse_condition(text: str, names: Names | None = None, notes: Notes | None = None) -> Condition:
    """Read a simple condition; kindnesses go to ``notes``. Raises ``ConditionSyntaxError``.

    A string in double quotes, ``.length`` and an expression inside a string are kindnesses.
    """
    reader = Reader(text, names, _operand)
    condition = read_condition(reader)
    if notes is not None:
        notes.found.extend(reader.notes.found)
    return condition


def _operand(reader: Reader) -> Condition:
    reader.blank()
    if reader.next == "$":
        return _expression(reader)
    if reader.next in ("'", '"'):
        return _string(reader)
    constant = read_constant(reader)
    if constant is None:
        raise no_operand(reader, "for instance `$statusCode == 200`")
    return constant


def _expression(reader: Reader) -> Condition:
    start = reader.at
    if reader.text.startswith(("$.", "$["), start):
        hint = "a JSONPath condition has `type: jsonpath` and a `context`"
        raise reader.wrong("this is JSONPath, and the condition is a simple one", hint, length=2)
    try:
        expression, reader.at = scan_expression(reader.text, start, reader.names, reader.notes)
    except ExpressionSyntaxError as error:
        raise ConditionSyntaxError(error.message, error.start, error.end, error.hint) from None
    shorter = without_length(expression)
    if shorter is None:
        return Read(expression)
    message = "`.length` is no operator of conditions; it is taken for the length of an array or a text"
    reader.notes.add(codes.LENGTH, max(start, reader.at - len(".length")), reader.at, message)
    return Length(expression, shorter)


def holds(condition: Condition, scope: Scope) -> bool:
    """Whether a simple condition passes in ``scope``; it never fails to be evaluated."""
    match condition:
        case Comparison(operator, left, right):
            return loosely(operator, value_of(left, scope), value_of(right, scope))
        case Not(item):
            return not holds(item, scope)
        case And(items):
            return all(holds(item, scope) for item in items)
        case Or(items):
            return any(holds(item, scope) for item in items)
        case _:
            return truth(value_of(condition, scope))


def value_of(condition: Condition, scope: Scope) -> Maybe:
    """The value of an operand; a comparison or a logical operation as an operand is true or false."""
    match condition:
        case Constant(value):
            return value
        case Read(expression):
            return evaluate(expression, scope)
        case Length(whole, of):
            member = evaluate(whole, scope)
            return length_of(evaluate(of, scope)) if member is UNDEFINED else member
        case TextOperand(text):
            return render(text, scope)
        case Comparison() | Not() | And() | Or():
            return holds(condition, scope)
        case Query() | QueryLength() | Call():
            raise TypeError("a simple condition has no JSONPath in it")
        case _:
            assert_never(condition)


def reads(condition: Condition) -> tuple[Expression, ...]:
    """The runtime expressions in a condition, in order."""
    found: list[Expression] = []
    for part in parts(condition):
        match part:
            case Read(expression) | Length(expression):
                found.append(expression)
            case TextOperand(text):
                found.extend(piece.expression for piece in text.parts if isinstance(piece, Embedded))
            case _:
                pass
    return tuple(found)


def length_of(value: Maybe) -> Maybe:
    """The length of an array or of a text; UNDEFINED for anything else."""
    return len(value) if isinstance(value, (list, str)) else UNDEFINED


def without_length(expression: Expression) -> Expression | None:
    """``expression`` less a final ``.length``; None when it has none."""
    match expression:
        case MessagePart(source=BodySource() | PayloadSource() as source):
            shorter = _shorter(source.pointer, source.trail)
            return shorter and replace(
                expression, source=replace(source, pointer=shorter[0], trail=shorter[1])
            )
        case InputReference() | OutputReference() | StepReference() | WorkflowReference():
            shorter = _shorter(expression.pointer, expression.trail)
            if shorter is not None:
                return replace(expression, pointer=shorter[0], trail=shorter[1])
            if not expression.pointer and not expression.trail and expression.name.endswith(".length"):
                return replace(expression, name=expression.name.removesuffix(".length"))
    return None


def _shorter(
    pointer: tuple[str, ...] | None, trail: tuple[str | int, ...]
) -> tuple[tuple[str, ...] | None, tuple[str | int, ...]] | None:
    if trail:
        return (pointer, trail[:-1]) if trail[-1] == "length" else None
    if pointer and pointer[-1].endswith(".length"):
        return (*pointer[:-1], pointer[-1].removesuffix(".length")), ()
    return None


def _string(reader: Reader) -> Condition:
    start = reader.at
    single = reader.next == "'"
    match = (_SINGLE if single else _DOUBLE).match(reader.text, start)
    if match is None:
        hint = "write '' for a quote inside the string" if single else None
        raise ConditionSyntaxError("the string is not closed", start, start + 1, hint)
    reader.at = match.end()
    if not single:
        message = "a string of a condition stands in single quotes, and this one in double ones"
        plain = not set(match[1]) & {"\\", "'"}
        mend = f"'{match[1]}'" if plain else None
        reader.notes.add(codes.DOUBLE_QUOTES, start, reader.at, message, None, mend)
    parts = _parts(reader, match.start(1), match.end(1), single=single)
    if any(isinstance(part, Embedded) for part in parts):
        message = "an expression inside a string of a simple condition is substituted; it needs no quotes"
        reader.notes.add(codes.QUOTED_EXPRESSION, start, reader.at, message)
        return TextOperand(Text(tuple(parts)))
    return Constant("".join(part for part in parts if isinstance(part, str)))


def _parts(reader: Reader, start: int, end: int, *, single: bool) -> list[str | Embedded]:
    """The constants and expressions that a string literal consists of."""
    text = reader.text
    found: list[tuple[Expression, int, int]] = []
    root = root_of(text, start)
    if root is not None and text.startswith(f"${root}.", start, end):
        whole = _embedded(reader, start, end)
        if whole is not None:
            return [Embedded(whole)]
    for match in _BRACES.finditer(text, start, end):
        expression = _embedded(reader, match.start(1), match.end(1))
        if expression is not None:
            found.append((expression, match.start(), match.end()))
    parts: list[str | Embedded] = []
    at = start
    for expression, begin, stop in found:
        if begin > at:
            parts.append(_unescape(text[at:begin], single=single))
        parts.append(Embedded(expression))
        at = stop
    if end > at or not parts:
        parts.append(_unescape(text[at:end], single=single))
    return parts


def _embedded(reader: Reader, start: int, end: int) -> Expression | None:
    notes = Notes()
    try:
        expression = parse_expression(reader.text, reader.names, notes, operators=True, start=start, end=end)
    except ExpressionSyntaxError:
        return None
    reader.notes.found.extend(notes.found)
    return expression


def _unescape(raw: str, *, single: bool) -> str:
    if single:
        return raw.replace("''", "'")
    import json

    try:
        return str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return raw


def print_condition(condition: Condition) -> str:
    """A simple condition as text that reads back as the same condition."""
    from arazzo.expression.write import print_expression

    match condition:
        case Constant(value):
            return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else to_json(value)
        case Read(expression) | Length(expression, _):
            return print_expression(expression)
        case TextOperand(text):
            parts = (
                part.replace("'", "''")
                if isinstance(part, str)
                else f"{{{print_expression(part.expression)}}}"
                for part in text.parts
            )
            return "'" + "".join(parts) + "'"
        case Not(item):
            return "!" + _print_inside(item, (And, Or, Comparison))
        case Comparison(operator, left, right):
            inside = (And, Or, Comparison)
            return f"{_print_inside(left, inside)} {operator} {_print_inside(right, inside)}"
        case And(items):
            return " && ".join(_print_inside(item, (And, Or)) for item in items)
        case Or(items):
            return " || ".join(_print_inside(item, (Or,)) for item in items)
        case Query() | QueryLength() | Call():
            raise TypeError("a simple condition has no JSONPath in it")
        case _:
            assert_never(condition)


def _print_inside(condition: Condition, grouped: tuple[type, ...]) -> str:
    text = print_condition(condition)
    return f"({text})" if isinstance(condition, grouped) else text
