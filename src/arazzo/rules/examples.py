"""What a description's own examples say against its schemas: where they disagree, nothing is certain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from arazzo.descriptions.openapi.model import MediaType
from arazzo.descriptions.openapi.references import BrokenReference
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe, Value

_MOST = 20


def examples_of(media: MediaType) -> Iterator[Value]:
    """The values that a media type, and its schema itself, give as examples."""
    if media.at is None:
        return
    own = media.at.get("example")
    if own is not None:
        yield own.value
    listed = media.at.get("examples")
    for _, member in list(listed.items())[:_MOST] if listed is not None else ():
        value = _followed(member, media)
        if value is not None:
            yield value.value
    schema = _followed_schema(media)
    if schema is not None:
        example = schema.get("example")
        if example is not None:
            yield example.value
        several = schema.get("examples")
        yield from (element.value for element in (several.elements() if several is not None else ()))


def _followed(named: Node, media: MediaType) -> Node | None:
    """The value of an Example Object, or of the one it refers to."""
    try:
        followed = media.resolver.follow(named) if media.resolver is not None else named
    except BrokenReference:
        return None
    return followed.get("value")


def _followed_schema(media: MediaType) -> Node | None:
    if media.schema is None or media.resolver is None:
        return media.schema
    try:
        return media.resolver.follow(media.schema)
    except BrokenReference:
        return None


def show(media: Sequence[MediaType], path: Sequence[str | int]) -> bool:
    """Whether some example has something at ``path``."""
    return any(_at(example, path) is not UNDEFINED for one in media for example in examples_of(one))


def lack(media: Sequence[MediaType], path: Sequence[str | int]) -> bool:
    """Whether some example has what holds the last step of ``path``, and not that step."""
    for one in media:
        for example in examples_of(one):
            holder = _at(example, path[:-1])
            if isinstance(holder, dict) and path[-1] not in holder:
                return True
    return False


def _at(value: Value, path: Sequence[str | int]) -> Maybe:
    here: Maybe = value
    for step in path:
        if isinstance(here, dict):
            here = here.get(str(step), UNDEFINED)
        elif isinstance(here, list) and str(step).isdecimal():
            # Examples are short; any element stands for the others.
            here = here[0] if here else UNDEFINED
        else:
            return UNDEFINED
    return here
