"""Whether a part of a value is always there and never null, as far as its schema is kept to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from arazzo.criterion.nodes import And, Comparison, Condition, Constant, Query, Read
from arazzo.descriptions.openapi.responses import is_json_type, split_content_type
from arazzo.expression.nodes import BodySource, Expression, MessagePart
from arazzo.query.singular import plain_path
from arazzo.rules.infer import Here, Inference, path_of
from arazzo.rules.schemas import Nowhere, into, is_open, listed_properties, required_of, types_of, values_of
from arazzo.rules.shapes import AnyOf, Described, Shape
from arazzo.source import Node

_OBJECT: Final = frozenset(("object",))


def nulls_never_met(
    condition: Condition | None, context: Expression | None, shapes: Inference, here: Here
) -> Iterator[str]:
    """What is compared with null, in a condition that cannot hold otherwise, and is always there: as it is told."""
    match condition:
        case And(items):
            for item in items:
                yield from nulls_never_met(item, context, shapes, here)
        case Comparison("==", Constant(None), operand) | Comparison("==", operand, Constant(None)):
            expression = context
            path: Sequence[str | int] | None = None
            if isinstance(operand, Read):
                expression, path = operand.expression, ()
            elif isinstance(operand, Query):
                path = plain_path(operand.query.text)
            if expression is not None and path is not None and _in_body(expression, path, shapes, here):
                name = (*path_of(expression), *path)[-1]
                yield f"this never holds for null: the response always has {str(name)!r}, and its schema allows no null"
        case _:
            pass


def _in_body(expression: Expression, path: Sequence[str | int], shapes: Inference, here: Here) -> bool:
    """Whether ``path`` of a part of a response body is there in every response that can be at this place."""
    if here.moment not in ("judged", "succeeded") or not isinstance(expression, MessagePart):
        return False  # What refuses a request need not be the provider, and answers as it likes.
    whole = (*path_of(expression), *path)
    if expression.message != "response" or not isinstance(expression.source, BodySource) or not whole:
        return False
    types = media_types(shapes, here)
    return bool(types) and all(map(is_json_type, types)) and _always(shapes.response_body(here), whole)


def media_types(shapes: Inference, here: Here) -> tuple[str, ...]:
    """The media types of the responses at this place; none where one of them does not say what it holds."""
    responses = shapes.responses(here)
    if not responses or not all(response.content for response in responses):
        return ()
    types = {split_content_type(name)[0] for response in responses for name in response.content}
    return tuple(sorted(types))


def _always(shape: Shape, path: Sequence[str | int]) -> bool:
    """Whether every value of ``shape`` has a member at ``path`` that is not null."""
    if not path:
        types, values = types_of(shape), values_of(shape)
        return types is not None and "null" not in types and (values is None or None not in values)
    key = path[0]
    if not isinstance(key, str) or types_of(shape) != _OBJECT or not _required(shape, key):
        return False
    found = into(shape, key)
    return not isinstance(found, Nowhere) and _always(found, path[1:])


def _required(shape: Shape, key: str) -> bool:
    match shape:
        case Described(alternatives):
            return all(
                key in required_of(alternative)
                and not any(is_open(schema.node) for schema in alternative)
                and _is_given(listed_properties(alternative).get(key))
                for alternative in alternatives
            )
        case AnyOf(options):
            return all(_required(option, key) for option in options)
        case _:
            return False


def _is_given(schema: Node | None) -> bool:
    """Whether a property is one that responses have."""
    write_only = schema.get("writeOnly") if schema is not None else None
    return schema is not None and (write_only is None or write_only.value is not True)
