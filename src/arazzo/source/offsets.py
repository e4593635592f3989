"""Where each key and value of a tree begins in its text, as character offsets."""

from __future__ import annotations

import json
import re
from typing import Final, TypeAlias

from msgspec import Struct, field

from arazzo.patterns import pattern
from arazzo.values import Value

Path: TypeAlias = "tuple[str | int, ...]"
"""The keys and indices that lead from the root to a value."""


class Place(Struct, frozen=True):
    """Where a value stands: the offsets of its key, if it has one, and of itself; ``flow`` inside [] or {}."""

    key: int | None
    at: int
    flow: bool


class Offsets(Struct):
    """Offsets by container: identity is the key, so the containers must outlive this object, as a tree's do.

    ``members`` maps a mapping's key to the offsets of key and value; ``elements`` holds a sequence's values';
    ``flow`` says where a container written with brackets ends (exclusive), and that it was written so.
    """

    root: int = 0
    members: dict[int, dict[str, tuple[int, int]]] = field(default_factory=dict)
    elements: dict[int, list[int]] = field(default_factory=dict)
    flow: dict[int, int] = field(default_factory=dict)

    def place(self, root: Value, path: Path) -> Place:
        """The place of the value at ``path``, or of its nearest ancestor that is there."""
        key: int | None = None
        at, here, flow = self.root, root, False
        for part in path:
            inside = here
            if isinstance(here, dict) and isinstance(part, str) and part in here:
                key, at = self.members.get(id(here), {}).get(part, (key, at))
                here = here[part]
            elif isinstance(here, list) and isinstance(part, int) and part < len(here):
                known = self.elements.get(id(here), ())
                key, at = None, known[part] if part < len(known) else at
                here = here[part]
            else:
                break
            flow = id(inside) in self.flow
        return Place(key, at, flow)


class RepeatedKey(Struct, frozen=True):
    """A key that an object of JSON text has twice: the offsets of its first and of its later standing."""

    key: str
    first: int
    at: int


_JSON_TOKEN: Final = pattern(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def scan_json(text: str, root: Value) -> tuple[Offsets, list[RepeatedKey]]:
    """The offsets in JSON ``text``, whose value ``root`` is, and the keys it repeats; of these the first stands.

    Done only when the first position is asked for.
    """
    offsets, repeated = Offsets(), list[RepeatedKey]()
    open_: list[dict[str, Value] | list[Value]] = []
    key, key_at = None, 0
    skipping = 0
    """Brackets open inside a value that a repeated key dropped from the tree."""
    for match in _JSON_TOKEN.finditer(text):
        token, at = match[0], match.start()
        if skipping:
            skipping += (token in ("{", "[")) - (token in ("}", "]"))
            continue
        if token == ":":
            continue
        if token == ",":
            key = None
            continue
        if token in ("}", "]"):
            offsets.flow[id(open_.pop())] = at + 1
            continue
        parent = open_[-1] if open_ else None
        value: Value
        if isinstance(parent, dict):
            if key is None:
                key, key_at = json.loads(token), at
                continue
            places = offsets.members[id(parent)]
            if key in places:
                repeated.append(RepeatedKey(key, places[key][0], key_at))
                skipping = int(token in ("{", "["))
                continue
            places[key] = (key_at, at)
            value = parent[key]
        elif isinstance(parent, list):
            known = offsets.elements[id(parent)]
            value = parent[len(known)]
            known.append(at)
        else:
            offsets.root, value = at, root
        if isinstance(value, dict):
            offsets.members[id(value)] = {}
            open_.append(value)
            key = None
        elif isinstance(value, list):
            offsets.elements[id(value)] = []
            open_.append(value)
    return offsets, repeated
