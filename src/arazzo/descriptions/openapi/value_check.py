"""What a value alone breaks of a schema: its type, its bounds, the members it must have; each as a clause about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from typing import Final, TypeAlias

from arazzo.descriptions.openapi.checkable import Rewritten
from arazzo.values import Value, is_number, json_equal, to_json, type_name

Matches: TypeAlias = Callable[[str, str], bool]
"""Whether a pattern is found in a text."""

_MOST_NAMES: Final = 8
_LONGEST: Final = 120
_BOUNDS: Final = {
    "minimum": "is less than",
    "maximum": "is greater than",
    "exclusiveMinimum": "is not greater than",
    "exclusiveMaximum": "is not less than",
    "multipleOf": "is no multiple of",
}


def plain_faults(schema: Rewritten, value: Value, matches: Matches) -> Iterator[tuple[str, str]]:
    """The words of ``schema`` that ``value`` alone breaks, each with a clause."""
    if "type" in schema and not is_of(schema["type"], value):
        types = schema["type"]
        names = " or ".join(map(_named, types)) if isinstance(types, list) else _named(types)
        yield "type", f"is {a(type_name(value))}, and must be {names}"
        return
    allowed_values = schema.get("enum")
    if isinstance(allowed_values, list) and not any(json_equal(value, one) for one in allowed_values):
        yield "enum", f"is none of the values allowed: {listed(allowed_values)}"
    if "const" in schema and not json_equal(value, schema["const"]):
        yield "const", f"must be {listed([schema['const']])}"
    match value:
        case str():
            yield from _of_text(schema, value, matches)
        case bool() | None:
            return
        case int() | float():
            yield from _of_number(schema, value)
        case list():
            yield from _of_size(schema, len(value), "minItems", "maxItems", "element")
            if schema.get("uniqueItems") is True and len(set(map(_frozen, value))) < len(value):
                yield "uniqueItems", "has the same element twice"
        case dict():
            yield from _of_members(schema, value)


def _of_text(schema: Rewritten, value: str, matches: Matches) -> Iterator[tuple[str, str]]:
    yield from _of_size(schema, len(value), "minLength", "maxLength", "character")
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not matches(pattern, value):
        yield "pattern", f"does not match the pattern {_cut(pattern)}"


def _of_number(schema: Rewritten, value: int | float) -> Iterator[tuple[str, str]]:
    exact = _exact(value)
    for word, clause in _BOUNDS.items():
        bound = schema.get(word)
        if isinstance(bound, (int, float)) and not _keeps(exact, word, _exact(bound)):
            yield word, f"{clause} {to_json(bound)}"


def _keeps(exact: Fraction, word: str, bound: Fraction) -> bool:
    match word:
        case "minimum":
            return exact >= bound
        case "maximum":
            return exact <= bound
        case "exclusiveMinimum":
            return exact > bound
        case "exclusiveMaximum":
            return exact < bound
        case _:
            return exact % bound == 0


def _of_members(schema: Rewritten, value: dict[str, Value]) -> Iterator[tuple[str, str]]:
    yield from _of_size(schema, len(value), "minProperties", "maxProperties", "member")
    required = schema.get("required")
    missing = [name for name in required if name not in value] if isinstance(required, list) else []
    if missing:
        yield "required", f"has no {_names(missing)}, which {'is' if len(missing) == 1 else 'are'} required"
    dependent = schema.get("dependentRequired")
    for name, wanted in dependent.items() if isinstance(dependent, dict) else ():
        missing = [other for other in wanted if other not in value] if isinstance(wanted, list) else []
        if name in value and missing:
            yield "dependentRequired", f"has {_names([name])} without {_names(missing)}"


def _of_size(schema: Rewritten, size: int, least: str, most: str, what: str) -> Iterator[tuple[str, str]]:
    low, high = schema.get(least), schema.get(most)
    told = f"has {size:,} {what}{'' if size == 1 else 's'}, and must have"
    if isinstance(low, int) and size < low:
        yield least, f"{told} at least {low:,}"
    if isinstance(high, int) and size > high:
        yield most, f"{told} at most {high:,}"


def is_of(types: Value, value: Value) -> bool:
    own = type_name(value)
    names = types if isinstance(types, list) else [types]
    if own in names or (own == "integer" and "number" in names):
        return True
    return "integer" in names and isinstance(value, float) and value.is_integer()


def _exact(number: int | float) -> Fraction:
    """The number that its decimal digits say: 0.1 is a tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def _frozen(value: Value) -> object:
    """``value`` as something that is equal exactly when the JSON value is."""
    match value:
        case dict():
            return "object", frozenset((name, _frozen(member)) for name, member in value.items())
        case list():
            return "array", tuple(map(_frozen, value))
        case _:
            return ("number" if is_number(value) else type_name(value)), value


def _named(name: Value) -> str:
    return "null" if name == "null" else a(str(name))


def a(name: str) -> str:
    return "null" if name == "null" else f"{'an' if name[0] in 'aeio' else 'a'} {name}"


def _names(names: list[Value]) -> str:
    told = ", ".join(repr(name) for name in names[:_MOST_NAMES])
    return f"{told}, …" if len(names) > _MOST_NAMES else told


def listed(values: list[Value]) -> str:
    told = ", ".join(map(to_json, islice(values, _MOST_NAMES)))
    return _cut(f"{told}, …" if len(values) > _MOST_NAMES else told)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
