"""Schemas that are so plain that they need no validator to be known as schemas: most inputs are, and start at once."""

from __future__ import annotations

from typing import Final

from arazzo.values import Value, is_number

REFERENCES: Final = ("$ref", "$dynamicRef")
"""The words that refer. A ``$dynamicRef`` is taken for what it leads to at first: inputs extend no schema."""
_TYPES: Final = frozenset(("null", "boolean", "integer", "number", "string", "array", "object"))
_TEXTS: Final = frozenset(("title", "description", "format", "$comment"))
_ANYTHING: Final = frozenset(("default", "example", "const"))
_FLAGS: Final = frozenset(("deprecated", "readOnly", "writeOnly", "uniqueItems"))
_LENGTHS: Final = frozenset(("minLength", "maxLength", "minItems", "maxItems"))
_NUMBERS: Final = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"))
_DEEPEST: Final = 20


def is_plain(schema: Value, depth: int = 0) -> bool:
    """Whether ``schema`` is sure to be a JSON Schema (2020-12) that can be used; False where it takes a validator."""
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return False
    return all(_is_plain_word(word, value, depth) for word, value in schema.items())


def _is_plain_word(word: str, value: Value, depth: int) -> bool:
    if word in _TEXTS:
        return isinstance(value, str)
    if word in _ANYTHING or word.startswith("x-"):
        return True
    if word in _FLAGS:
        return isinstance(value, bool)
    if word in _LENGTHS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if word in _NUMBERS:
        return is_number(value)
    match word, value:
        case "type", str():
            return value in _TYPES
        case "properties", dict():
            return all(is_plain(member, depth + 1) for member in value.values())
        case (("items" | "additionalProperties"), dict()):
            return is_plain(value, depth + 1)
        case "additionalProperties", bool():
            return True
        case (("enum" | "examples"), list()):
            return True
        case "required", list():
            names = [name for name in value if isinstance(name, str)]
            return len(names) == len(value) == len(set(names))
        case _:
            return False
