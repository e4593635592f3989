"""The query types of the specification: Expression Type Objects, and the Selector Objects that outputs may be."""

from __future__ import annotations

from typing import Final

from arazzo import codes
from arazzo.document.fields import (
    Fields,
    Reader,
    braces_hint,
    one_of,
    specified,
    type_in_words,
)
from arazzo.document.model import VERSIONS, ExpressionType
from arazzo.document.reading import Reading
from arazzo.source import Node

_LATER_VERSIONS: Final = tuple(versions[0] for versions in VERSIONS.values())
"""Those that 1.0 does not name; there they are what is meant when no version is given."""
_CRITERION_TYPES: Final = ("simple", "regex", "jsonpath", "xpath")
_SELECTOR_TYPES: Final = tuple(VERSIONS)


def criterion_type(fields: Fields) -> str | ExpressionType | None:
    """The ``type`` of a Criterion Object."""
    return _type(fields, "type", _versioned_query) or fields.choice("type", _CRITERION_TYPES)


def replacement_type(fields: Fields) -> str | ExpressionType | None:
    """The ``targetSelectorType`` of a Payload Replacement Object."""
    key = "targetSelectorType"
    return _type(fields, key, _versioned_selector, since=1) or fields.choice(key, _SELECTOR_TYPES, since=1)


def output(reading: Reading, node: Node) -> Node | None:
    """An output: a text with a runtime expression, or a Selector Object."""
    if isinstance(node.value, str):
        return node
    if isinstance(node.value, dict):
        hint = braces_hint(node.value)
        message = "an output is text here, not a mapping"
        if hint is None and node.value and not _SELECTOR_FIELDS & node.value.keys():
            message = "an output is text or a Selector Object, and this mapping is none"
            hint = _instead_of_mapping(node)
        if hint is None:
            return _selector_object(reading, node)
        reading.report(codes.WRONG_TYPE, _OUTPUTS, node.span(), message, hint)
        return None
    message = f"an output is a runtime expression or a Selector Object, not {type_in_words(node.value)}"
    reading.report(codes.WRONG_TYPE, _OUTPUTS, node.span(), message)
    return None


def _instead_of_mapping(node: Node) -> str:
    """What to write in place of a mapping as an output."""
    (name, member), *more = node.items()
    if more or name != "value":
        return f"write an output for each of its fields, such as `{name}`"
    text = member.value
    if isinstance(text, str) and text.startswith("$"):
        return f"write `{node.path[-1]}: {text}`"
    return f"write what stands at `value` at the output itself: `{node.path[-1]}: $…`"


_OUTPUTS: Final = "Selector Object"
_SELECTOR_FIELDS: Final = frozenset(("context", "selector", "type"))


def _type(fields: Fields, key: str, read: Reader[ExpressionType], *, since: int = 0) -> ExpressionType | None:
    """The Expression Type Object at ``key``; None where no mapping is."""
    node = fields.at.get(key)
    return fields.one(key, read, since=since) if node is not None and isinstance(node.value, dict) else None


@specified("Selector Object")
def _selector_object(fields: Fields) -> Node:
    if fields.reading.minor < 1:
        message = "a Selector Object is of Arazzo 1.1, the document says 1.0"
        fields.report(codes.LATER_FIELD, fields.at.key_span(), message, "say `arazzo: 1.1.0`")
    fields.required_text("context")
    fields.required_text("selector", blank=True)
    if _type(fields, "type", _versioned_selector) is None:
        fields.required_choice("type", _SELECTOR_TYPES)
    fields.extensions()
    return fields.at


def _expression_type(fields: Fields, types: tuple[str, ...]) -> ExpressionType:
    kind = fields.required_choice("type", types) or ""
    version = fields.required_text("version")
    allowed = VERSIONS.get(kind, ())
    if version and kind and version not in allowed:
        message = f"the version of `{kind}` is {one_of(allowed)}, not `{version}`"
        fields.report(
            codes.WRONG_VALUE, fields.value_span("version"), message, fields.did_you_mean(version, allowed)
        )
    elif version in _LATER_VERSIONS and fields.reading.minor < 1:
        message = f"`version: {version}` is of Arazzo 1.1, the document says 1.0"
        hint = f"write `type: {kind}`, which means this version"
        fields.report(codes.LATER_FIELD, fields.value_span("version"), message, hint)
    return ExpressionType(fields.at, kind, version, fields.extensions())


@specified("Expression Type Object")
def _versioned_query(fields: Fields) -> ExpressionType:
    return _expression_type(fields, ("jsonpath", "xpath"))


@specified("Expression Type Object")
def _versioned_selector(fields: Fields) -> ExpressionType:
    return _expression_type(fields, _SELECTOR_TYPES)
