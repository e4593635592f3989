"""Where each key and value of a JSON text begins."""

from __future__ import annotations

import json
import re
from typing import Final

from msgspec import Struct

from arazzo.patterns import pattern
from arazzo.source.offsets import Offsets
from arazzo.values import Value


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
