"""Where each key and value of a tree begins in its text, as character offsets."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, field

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
