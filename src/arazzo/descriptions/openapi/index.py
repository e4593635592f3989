"""Where the operations of a description stand; read once, and only as far as their ids, methods and paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from arazzo.descriptions.openapi.references import BrokenReference, Resolver, reference_of
from arazzo.diagnostics import Diagnostic
from arazzo.source import Node, Tree

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


@dataclass(frozen=True, slots=True)
class Place:
    """An operation not yet read. ``items`` are its path item and, behind it, what that refers to."""

    path: str
    method: str
    """In upper case."""
    pointer: str
    items: tuple[Node, ...]
    at: Node

    @property
    def operation_id(self) -> str | None:
        value = self.at.value.get("operationId") if isinstance(self.at.value, dict) else None
        return value if isinstance(value, str) and value else None


@dataclass(frozen=True, slots=True)
class Index:
    """The operations of a description by path and method, and by id (every one of a repeated id).

    ``unread`` says which path items could not be followed: their operations are unknown.
    """

    by_path: Mapping[str, Mapping[str, Place]]
    by_id: Mapping[str, tuple[Place, ...]]
    unread: tuple[Diagnostic, ...]


def index_operations(tree: Tree, resolver: Resolver) -> Index:
    """Index the operations of the description in ``tree``, in the order of its text."""
    by_path: dict[str, dict[str, Place]] = {}
    by_id: dict[str, list[Place]] = {}
    unread: list[Diagnostic] = []
    paths = tree.node.get("paths")
    for path, item in paths.items() if paths else ():
        if path.startswith("x-"):
            continue
        items = [item]
        if reference_of(item) is not None:
            try:
                items.append(resolver.follow(item))
            except BrokenReference as broken:
                unread.append(broken.diagnostic)
        for place in _operations(path, tuple(items)):
            by_path.setdefault(path, {}).setdefault(place.method, place)
            if (operation_id := place.operation_id) is not None:
                by_id.setdefault(operation_id, []).append(place)
    return Index(by_path, {name: tuple(places) for name, places in by_id.items()}, tuple(unread))


def _operations(path: str, items: tuple[Node, ...]) -> Iterator[Place]:
    under = "/paths/" + escape(path)
    seen: set[str] = set()
    for item in items:
        for method, node in item.items():
            if method in METHODS and isinstance(node.value, dict) and method not in seen:
                seen.add(method)
                yield Place(path, method.upper(), f"{under}/{method}", items, node)
        more = item.get("additionalOperations")
        for method, node in more.items() if more else ():
            if isinstance(node.value, dict) and method not in seen:
                seen.add(method)
                pointer = f"{under}/additionalOperations/{escape(method)}"
                yield Place(path, method, pointer, items, node)


def escape(token: str) -> str:
    """``token`` as a reference token of a JSON Pointer (RFC 6901 §3)."""
    return token.replace("~", "~0").replace("/", "~1")
