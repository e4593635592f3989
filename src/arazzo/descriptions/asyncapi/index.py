"""Where the operations and channels of an AsyncAPI description stand; read once, and only as far as their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from arazzo.descriptions.asyncapi.model import Action
from arazzo.descriptions.openapi.index import escape
from arazzo.descriptions.openapi.references import BrokenReference, Resolver
from arazzo.diagnostics import Diagnostic
from arazzo.source import Node, Tree

VERBS: Final[tuple[tuple[str, Action], ...]] = (("publish", "send"), ("subscribe", "receive"))
"""The operations of a Channel Item Object of AsyncAPI 2, and what they do."""


class Place(Struct, frozen=True):
    """An operation not yet read. ``channel`` and ``action`` are known from its place in AsyncAPI 2 only."""

    operation_id: str | None
    pointer: str
    at: Node
    channel: str | None = None
    action: Action | None = None


class Index(Struct, frozen=True):
    """Operations by JSON Pointer and by id (every one of a repeated id); channels by name.

    ``unread`` says which channels of AsyncAPI 2 could not be followed: their operations are unknown.
    """

    operations: Mapping[str, Place]
    by_id: Mapping[str, tuple[Place, ...]]
    channels: Mapping[str, Node]
    unread: Mapping[str, Diagnostic]


def is_second(tree: Tree) -> bool:
    """Whether the description in ``tree`` is one of AsyncAPI 2, where operations stand in channels."""
    version = tree.node.get("asyncapi")
    return version is not None and str(version.value).split(".")[0] == "2"


def index_operations(tree: Tree, resolver: Resolver) -> Index:
    """Index the operations and channels of the description in ``tree``, in the order of its text."""
    channels: dict[str, Node] = {}
    unread: dict[str, Diagnostic] = {}
    second = is_second(tree)
    listed = tree.node.get("channels")
    for name, node in listed.items() if listed else ():
        try:
            channels[name] = resolver.follow(node) if second else node
        except BrokenReference as broken:
            channels[name] = node
            unread[name] = broken.diagnostic
    places = _in_channels(channels) if second else _by_name(tree)
    operations = {place.pointer: place for place in places}
    by_id: dict[str, list[Place]] = {}
    for place in operations.values():
        if place.operation_id is not None:
            by_id.setdefault(place.operation_id, []).append(place)
    return Index(operations, {name: tuple(found) for name, found in by_id.items()}, channels, unread)


def _by_name(tree: Tree) -> Iterator[Place]:
    """AsyncAPI 3: an operation's key is its id."""
    listed = tree.node.get("operations")
    for name, node in listed.items() if listed else ():
        if isinstance(node.value, dict):
            yield Place(name, f"/operations/{escape(name)}", node)


def _in_channels(channels: Mapping[str, Node]) -> Iterator[Place]:
    """AsyncAPI 2: operations stand in channels, with or without an id."""
    for name, channel in channels.items():
        for verb, action in VERBS:
            node = channel.get(verb)
            if node is None or not isinstance(node.value, dict):
                continue
            given = node.value.get("operationId")
            operation_id = given if isinstance(given, str) and given else None
            yield Place(operation_id, f"/channels/{escape(name)}/{verb}", node, name, action)
