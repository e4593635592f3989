"""Where the operations of a description stand; read once, and only as far as their ids, methods and paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from arazzo.descriptions.openapi.references import BrokenReference, Resolver, reference_of
from arazzo.diagnostics import Diagnostic
from arazzo.source import Node, Tree

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")


class Place(Struct, frozen=True):
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


class Index:
    """The operations of one description by path and method, and by id (every one of a repeated id).

    A path item that stands in another file is opened when its path is asked for, or an id that no item opened so
    far has: of a description in many files a run reads those it needs.
    """

    def __init__(self, tree: Tree, resolver: Resolver) -> None:
        self._resolver = resolver
        self._by_path: dict[str, dict[str, Place]] = {}
        self._by_id: dict[str, list[Place]] = {}
        self._closed: dict[str, Node] = {}
        self._unread: dict[str, Diagnostic] = {}
        paths = tree.node.get("paths")
        for path, item in paths.items() if paths else ():
            if path.startswith("x-"):
                continue
            self._by_path[path] = {}
            if resolver.leads_elsewhere(item):
                self._closed[path] = item
            else:
                self._open(path, item)

    def on(self, path: str) -> Mapping[str, Place]:
        """The operations on ``path``, as the description writes it, by method in upper case."""
        if path in self._closed:
            self._open(path, self._closed.pop(path))
        return self._by_path.get(path, {})

    def names(self) -> tuple[str, ...]:
        """Every path, in the order of the text."""
        return tuple(self._by_path)

    def with_id(self, operation_id: str) -> tuple[Place, ...]:
        """The operations with exactly this id, among the path items that had to be opened to find one."""
        if operation_id not in self._by_id:
            for path in sorted(self._closed, key=lambda path: not _names(self._closed[path], operation_id)):
                self.on(path)
                if operation_id in self._by_id:
                    break
        return tuple(self._by_id.get(operation_id, ()))

    def ids(self) -> Mapping[str, list[Place]]:
        """Every operation that has an id; opens every path item."""
        self.paths()
        return self._by_id

    def paths(self) -> Mapping[str, Mapping[str, Place]]:
        """Every operation, in the order of the text; opens every path item."""
        for path in tuple(self._closed):
            self.on(path)
        return self._by_path

    @property
    def unread(self) -> Mapping[str, Diagnostic]:
        """Why a path's item could not be had, for those that were asked for: their operations are unknown."""
        return self._unread

    def _open(self, path: str, item: Node) -> None:
        items = [item]
        if reference_of(item) is not None:
            try:
                items.append(self._resolver.follow(item))
            except BrokenReference as broken:
                self._unread[path] = broken.diagnostic
        for place in _operations(path, tuple(items)):
            self._by_path[path].setdefault(place.method, place)
            if (operation_id := place.operation_id) is not None:
                self._by_id.setdefault(operation_id, []).append(place)


def _names(item: Node, operation_id: str) -> bool:
    """Whether an operation with this id stands beside the ``$ref`` of a path item."""
    return any(place.operation_id == operation_id for place in _operations("", (item,)))


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
