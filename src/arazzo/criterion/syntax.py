"""The grammar that simple conditions and logical JSONPath conditions share: operators, grouping, literals.

``!`` binds closest, then the comparisons, then ``&&``, then ``||``. Operands are read by a function that the two
kinds of condition supply.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct, field

from arazzo.criterion.nodes import (
    And,
    Comparison,
    Condition,
    ConditionSyntaxError,
    Constant,
    Not,
    Operator,
    Or,
)
from arazzo.expression.parse import Notes
from arazzo.expression.scope import Names
from arazzo.patterns import pattern

MAX_NESTING: Final = 100
"""Parentheses inside each other."""
MAX_LENGTH: Final = 100_000
"""Characters of a condition."""

_BLANKS: Final = (" ", "\t", "\r", "\n")
_OPERATORS: Final[tuple[Operator, ...]] = ("==", "!=", "<=", ">=", "<", ">")
_NUMBER: Final = pattern(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+\-]?[0-9]+)?(?![\w.])")
_WORD: Final = pattern(r"[^\W\d][\w\-]*")
_STRANGE: Final = pattern(r"===|!==|=~|<>|[=&|+*/%^~?:]|[^\W\d][\w\-]*")
_CONSTANTS: Final = {"true": True, "false": False, "null": None}
_HINTS: Final = {
    "=": "write `==`",
    "===": "write `==`",
    "!==": "write `!=`",
    "<>": "write `!=`",
    "eq": "write `==`",
    "ne": "write `!=`",
    "is": "write `==`",
    "lt": "write `<`",
    "le": "write `<=`",
    "gt": "write `>`",
    "ge": "write `>=`",
    "&": "write `&&`",
    "|": "write `||`",
    "and": "write `&&`",
    "or": "write `||`",
    "in": "compare with each value and join the comparisons with `||`",
    "=~": "use a criterion with `type: regex`",
    "matches": "use a criterion with `type: regex`",
    "contains": "use a criterion with `type: regex` and a context",
}
_LIKE: Final = {
    "true": "true",
    "false": "false",
    "null": "null",
    "none": "null",
    "nil": "null",
    "undefined": "null",
}


class Reader(Struct):
    """A place in a condition, and who reads its operands."""

    text: str
    names: Names | None
    operand: Callable[[Reader], Condition]
    at: int = 0
    depth: int = 0
    notes: Notes = field(default_factory=Notes)

    @property
    def next(self) -> str:
        """The character at hand; empty at the end."""
        return self.text[self.at : self.at + 1]

    def blank(self) -> None:
        """Go past white space."""
        while self.text.startswith(_BLANKS, self.at):
            self.at += 1

    def skip(self, token: str) -> bool:
        """Whether ``token`` comes next, white space aside; if so, go past it."""
        self.blank()
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def nest(self, what: str) -> None:
        """Go one level deeper; raises ``ConditionSyntaxError`` when that is too deep."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise self.wrong(f"more than {MAX_NESTING} {what} inside each other")

    def wrong(self, message: str, hint: str | None = None, *, length: int = 1) -> ConditionSyntaxError:
        """An error at the character at hand."""
        return ConditionSyntaxError(message, self.at, self.at + length, hint)


def read_condition(reader: Reader) -> Condition:
    """The whole text as one condition; raises ``ConditionSyntaxError``."""
    if len(reader.text) > MAX_LENGTH:
        raise ConditionSyntaxError(f"a condition of more than {MAX_LENGTH:,} characters", 0, 1)
    try:
        condition = _or(reader)
    except RecursionError:
        raise reader.wrong("the condition is nested too deeply") from None
    reader.blank()
    if reader.next:
        raise _unexpected(reader)
    return condition


def _or(reader: Reader) -> Condition:
    """``and *( "||" and )``"""
    items = [_and(reader)]
    while reader.skip("||"):
        items.append(_and(reader))
    return items[0] if len(items) == 1 else Or(tuple(items))


def _and(reader: Reader) -> Condition:
    """``comparison *( "&&" comparison )``"""
    items = [_comparison(reader)]
    while reader.skip("&&"):
        items.append(_comparison(reader))
    return items[0] if len(items) == 1 else And(tuple(items))


def _comparison(reader: Reader) -> Condition:
    """``unary [ operator unary ]``"""
    left = _unary(reader)
    operator = _operator(reader)
    if operator is None:
        return left
    comparison = Comparison(operator, left, _unary(reader))
    reader.blank()
    if _sign(reader) is not None:
        raise reader.wrong("comparisons do not chain", "join two comparisons with `&&`")
    return comparison


def _operator(reader: Reader) -> Operator | None:
    reader.blank()
    sign = _sign(reader)
    if sign is None or reader.text.startswith(("===", "!==", "<>"), reader.at):
        return None
    reader.at += len(sign)
    return sign


def _sign(reader: Reader) -> Operator | None:
    return next((sign for sign in _OPERATORS if reader.text.startswith(sign, reader.at)), None)


def _unary(reader: Reader) -> Condition:
    """``*"!" ( "(" or ")" / operand )``"""
    negations = 0
    while reader.skip("!"):
        negations += 1
        if negations > MAX_NESTING:
            raise reader.wrong(f"more than {MAX_NESTING} negations in a row")
    item = _group(reader) if reader.next == "(" else reader.operand(reader)
    for _ in range(negations):
        item = Not(item)
    return item


def _group(reader: Reader) -> Condition:
    start = reader.at
    reader.nest("parentheses")
    reader.at += 1
    item = _or(reader)
    if not reader.skip(")"):
        if reader.next:
            raise _unexpected(reader)
        raise ConditionSyntaxError("the parenthesis is not closed", start, start + 1, "add `)`")
    reader.depth -= 1
    return item


def read_constant(reader: Reader) -> Constant | None:
    """A number, ``true``, ``false`` or ``null``; None when there is none here."""
    number = _NUMBER.match(reader.text, reader.at)
    if number:
        value = _number(number[0])
        if value is None:
            raise reader.wrong("a number that is too large", length=len(number[0]))
        reader.at = number.end()
        return Constant(value)
    word = _WORD.match(reader.text, reader.at)
    if word and word[0] in _CONSTANTS:
        reader.at = word.end()
        return Constant(_CONSTANTS[word[0]])
    return None


def _number(text: str) -> int | float | None:
    if len(text) > 1000:
        return None
    if text.lstrip("-").isdecimal():
        return int(text)
    value = float(text)
    return value if abs(value) < float("inf") else None


def no_operand(reader: Reader, example: str) -> ConditionSyntaxError:
    """An error for a place where an operand belongs and none is; ``example`` shows one."""
    word = _WORD.match(reader.text, reader.at)
    if word:
        meant = _LIKE.get(word[0].lower())
        hint = (
            f"write `{meant}`" if meant else f"a string stands in single quotes: '{_until_operator(reader)}'"
        )
        return reader.wrong(f"`{word[0]}` is neither a literal nor an expression", hint, length=len(word[0]))
    if not reader.next:
        return reader.wrong("the condition ends where a value belongs", example)
    if reader.text.startswith("{$", reader.at):
        hint = "in a simple condition an expression stands without braces"
        return reader.wrong("braces are for expressions inside text", hint)
    if reader.next in "+." or reader.next.isdigit() or reader.next == "-":
        return reader.wrong("this is no number", "numbers are written as in JSON")
    wrong = _sign(reader) or reader.next
    return reader.wrong(f"`{wrong}` cannot stand where a value belongs", example, length=len(wrong))


def _until_operator(reader: Reader) -> str:
    """The words from here to the next operator, for showing them in quotes."""
    match = re.compile(r"[^=!<>&|()'\"]{1,60}").match(reader.text, reader.at)
    return match[0].strip() if match else ""


def _unexpected(reader: Reader) -> ConditionSyntaxError:
    """An error for what stands where an operator belongs."""
    if reader.next == ")":
        return reader.wrong("there is no parenthesis to close here")
    strange = _STRANGE.match(reader.text, reader.at)
    if strange:
        hint = _HINTS.get(strange[0].lower(), "the operators are == != < <= > >= && || !")
        return reader.wrong(f"`{strange[0]}` is no operator", hint, length=len(strange[0]))
    return reader.wrong("an operator is missing here", "the operators are == != < <= > >= && || !")
