"""A value that fits a schema: its example, default or enum where it has one, else one made up from type and format."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, TypeAlias

from arazzo.descriptions.openapi.model import MediaType
from arazzo.descriptions.openapi.references import BrokenReference, Resolver, identity, reference_of
from arazzo.descriptions.openapi.schemas import flat
from arazzo.simulate.texts import text_for
from arazzo.source import Node, Path
from arazzo.values import UNDEFINED, Maybe, Value, is_number

_DEEPEST: Final = 12
_MOST_ITEMS: Final = 2
_MOST_WAYS: Final = 8
_EPOCH: Final = datetime(2026, 1, 1, tzinfo=UTC)


Fits: TypeAlias = Callable[[Node, Value], bool]
"""Whether a value fits a schema."""


class Sampler:
    """Makes values for the schemas of one description; the same seed makes the same ones."""

    def __init__(self, resolver: Resolver, random: Random, fits: Fits | None = None) -> None:
        """With ``fits`` an example counts only where it fits its schema, and a choice where it fits the whole."""
        self._resolver, self._random, self._fits = resolver, random, fits
        self._open: list[tuple[int, Path]] = []

    def content(self, media: MediaType) -> Value:
        """A body for a media type: the example it has, else a value for its schema."""
        if media.at is not None:
            example = media.at.get("example")
            if example is not None:
                return example.value
            examples = media.at.get("examples")
            for _, named in examples.items() if examples else ():
                value = self.follow(named).get("value")
                if value is not None:
                    return value.value
        return self.value(media.schema, "body")

    def value(self, schema: Node | None, name: str, depth: int = 0) -> Value:
        """A value for ``schema``; ``name``, what it is called where it stands, makes texts tell what they are."""
        parts = list(flat(schema, self._resolver))
        given = self._given(parts, schema)
        if given is not UNDEFINED:
            return given
        made: list[Value] = []
        for value in self._ways(parts, name, depth):
            made.append(value)
            if self._fits is None or schema is None or self._fits(schema, value):
                return value
        return made[0]

    def _ways(self, parts: list[Node], name: str, depth: int) -> Iterator[Value]:
        """Values to be made of ``parts``, by each of the alternatives; the likeliest first."""
        for word in ("oneOf", "anyOf"):
            choices = [c for part in parts for c in _elements(part, word) if not _is_null(c)]
            if choices and depth < _DEEPEST:
                for choice in choices[:_MOST_WAYS]:
                    chosen = self.value(choice, name, depth + 1)
                    if not isinstance(chosen, dict):
                        yield chosen
                        continue
                    value = {**self._object(parts, depth), **chosen}
                    yield value
                    yield from _discriminated(parts, choice, value)
                return
        typed = self._typed(parts, name, depth)
        yield typed
        if isinstance(typed, dict) and parts:
            yield from _discriminated(parts, parts[0], typed)

    def choices(self, schema: Node | None) -> tuple[Value, ...]:
        """Every value that ``schema`` allows, where it lists them: an enum, a constant, or both booleans."""
        for part in flat(schema, self._resolver):
            values = part.get("enum")
            if values is not None and isinstance(values.value, list):
                return tuple(values.value)
            if _type_of([part]) == "boolean":
                return (True, False)
        return ()

    def at(self, schema: Node | None, path: tuple[str | int, ...]) -> Node | None:
        """The schema of what stands at ``path`` inside a value for ``schema``, as far as it says."""
        here = schema
        for step in path:
            found: Node | None = None
            for part in flat(here, self._resolver):
                properties = part.get("properties")
                found = (
                    part.get("items")
                    if isinstance(step, int)
                    else properties.get(step)
                    if properties
                    else None
                )
                if found is not None:
                    break
            here = found
        return here

    def is_open(self, schema: Node | None) -> bool:
        """Whether ``schema`` does not say which members an object has."""
        return not any(
            part.get("properties")
            or part.get("oneOf")
            or part.get("anyOf")
            or _flag_is(part, "additionalProperties", False)
            for part in flat(schema, self._resolver)
        )

    def follow(self, node: Node) -> Node:
        """``node``, or what its ``$ref`` leads to; a reference that cannot be followed stays as it is."""
        try:
            return self._resolver.follow(node)
        except BrokenReference:
            return node

    def _given(self, parts: list[Node], schema: Node | None) -> Maybe:
        for part in parts:
            assert isinstance(part.value, dict)
            if "example" in part.value and self._may_be(schema, part.value["example"]):
                return part.value["example"]
            if "const" in part.value:
                return part.value["const"]
            examples = part.value.get("examples")
            for value in examples if isinstance(examples, list) else ():
                if self._may_be(schema, value):
                    return value
        for part in parts:
            values = part.get("enum")
            if values is not None and isinstance(values.value, list) and values.value:
                return self._random.choice(values.value)
        for part in parts:
            assert isinstance(part.value, dict)
            if part.value.get("default") is not None and self._may_be(schema, part.value["default"]):
                return part.value["default"]
        return UNDEFINED

    def _may_be(self, schema: Node | None, value: Value) -> bool:
        return self._fits is None or schema is None or self._fits(schema, value)

    def _typed(self, parts: list[Node], name: str, depth: int) -> Value:
        match _type_of(parts):
            case "object":
                return self._object(parts, depth)
            case "array":
                return self._array(parts, name, depth)
            case "string":
                return self._text(parts, name)
            case "integer":
                return int(self._number(parts, 1, 1000))
            case "number":
                return round(self._number(parts, 1, 100), 2)
            case "boolean":
                return self._random.random() < 0.5
            case "null":
                return None
            case _:
                return f"{name}-{self._random.randrange(1000, 10000)}"

    def _object(self, parts: list[Node], depth: int) -> dict[str, Value]:
        if depth > _DEEPEST:
            return {}
        required = {name.value for part in parts for name in _elements(part, "required")}
        # A schema inside itself: only what must be there, or it would never end.
        inside_itself = any(identity(part) in self._open for part in parts)
        before = len(self._open)
        self._open.extend(identity(part) for part in parts)
        sampled: dict[str, Value] = {}
        for part in parts:
            properties = part.get("properties")
            for name, schema in properties.items() if properties else ():
                if (
                    name in sampled
                    or (inside_itself and name not in required)
                    or _flag_is(schema, "writeOnly", True)
                ):
                    continue
                sampled[name] = self.value(schema, name, depth + 1)
        if not sampled:
            for part in parts:
                more = part.get("additionalProperties")
                if more is not None and isinstance(more.value, dict):
                    sampled["key"] = self.value(more, "key", depth + 1)
        del self._open[before:]
        return sampled

    def _array(self, parts: list[Node], name: str, depth: int) -> list[Value]:
        if depth > _DEEPEST:
            return []
        items = next((items for part in parts if (items := part.get("items")) is not None), None)
        count = max(int(_bound(parts, "minItems", 1)), 1)
        count = min(max(count, _MOST_ITEMS if depth < 3 else 1), int(_bound(parts, "maxItems", 1000)), 1000)
        singular = name[:-1] if name.endswith("s") and len(name) > 2 else name
        return [self.value(items, singular, depth + 1) for _ in range(count)]

    def _number(self, parts: list[Node], low: float, high: float) -> float:
        least = _bound(parts, "minimum", _bound(parts, "exclusiveMinimum", low - 1) + 1)
        most = _bound(parts, "maximum", _bound(parts, "exclusiveMaximum", max(high, least) + 1) - 1)
        number = self._random.uniform(least, max(most, least))
        step = _bound(parts, "multipleOf", 0)
        return round(number / step) * step if step > 0 else number

    def _text(self, parts: list[Node], name: str) -> str:
        formats = [part.value.get("format") for part in parts if isinstance(part.value, dict)]
        form = next((form for form in formats if isinstance(form, str)), "")
        moment = _EPOCH + timedelta(minutes=self._random.randrange(500_000))
        number = self._random.randrange(1000, 10000)
        known: dict[str, Callable[[], str]] = {
            "date-time": lambda: moment.isoformat().replace("+00:00", "Z"),
            "date": lambda: moment.date().isoformat(),
            "time": lambda: moment.time().isoformat() + "Z",
            "duration": lambda: "PT1H",
            "uuid": lambda: str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            "uri": lambda: f"https://simulated.test/{name}/{number}",
            "url": lambda: f"https://simulated.test/{name}/{number}",
            "email": lambda: f"{name}-{number}@simulated.test",
            "hostname": lambda: "simulated.test",
            "ipv4": lambda: "192.0.2.1",
            "ipv6": lambda: "2001:db8::1",
            "byte": lambda: base64.b64encode(f"{name}-{number}".encode()).decode(),
        }
        patterns = (part.value.get("pattern") for part in parts if isinstance(part.value, dict))
        for pattern in patterns:
            shaped = text_for(pattern, self._random) if isinstance(pattern, str) else None
            if shaped is not None:
                return shaped
        text = known[form]() if form in known else f"{name}-{number}"
        most = int(_bound(parts, "maxLength", 10_000))
        return text.ljust(min(int(_bound(parts, "minLength", 0)), 10_000), "x")[: max(most, 0)]


def _discriminated(parts: list[Node], choice: Node, value: dict[str, Value]) -> Iterator[dict[str, Value]]:
    """``value`` with its discriminator naming the schema that was chosen, or the base itself."""
    for part in parts:
        found = part.get("discriminator")
        said = found.value if found is not None else None
        name = said.get("propertyName") if isinstance(said, dict) else said
        if found is None or not isinstance(name, str):
            continue
        reference = reference_of(choice)
        own = (reference or "").rpartition("/")[2] or str(choice.path[-1] if choice.path else "")
        mapping = found.get("mapping")
        for key, target in mapping.items() if mapping else ():
            if str(target.value).rpartition("/")[2] == own:
                yield {**value, name: key}
        yield {**value, name: own}


def _type_of(parts: list[Node]) -> str:
    for part in parts:
        assert isinstance(part.value, dict)
        listed = part.value.get("type")
        names = listed if isinstance(listed, list) else [listed]
        for name in names:
            if isinstance(name, str) and name != "null":
                return name
    for part in parts:
        assert isinstance(part.value, dict)
        if "properties" in part.value or "additionalProperties" in part.value:
            return "object"
        if "items" in part.value:
            return "array"
    return ""


def _bound(parts: list[Node], word: str, otherwise: float) -> float:
    for part in parts:
        assert isinstance(part.value, dict)
        value = part.value.get(word)
        if isinstance(value, (int, float)) and is_number(value):
            return float(value)
    return otherwise


def _flag_is(schema: Node, word: str, wanted: bool) -> bool:
    return isinstance(schema.value, dict) and schema.value.get(word) is wanted


def _is_null(schema: Node) -> bool:
    return isinstance(schema.value, dict) and schema.value.get("type") == "null"


def _elements(part: Node, word: str) -> Iterator[Node]:
    several = part.get(word)
    return several.elements() if several else iter(())
