"""``$ref`` inside one description.

The resolver is the seam for descriptions that span files: only ``Resolver.follow`` knows where a reference leads.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urldefrag

from arazzo import codes
from arazzo.descriptions.uris import resolve
from arazzo.diagnostics import Diagnostic, Span
from arazzo.source import Node, Tree

_MOST_HOPS: Final = 50
_MOST_VISITED: Final = 1_000_000


class BrokenReference(Exception):  # noqa: N818 - told as its diagnostic
    """A ``$ref`` cannot be followed; ``diagnostic`` says which, where and why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class Resolver:
    """Follows the references of the description in ``tree``, which came from ``uri``."""

    def __init__(self, tree: Tree, uri: str) -> None:
        self._tree, self._uri = tree, uri
        self._anchors: dict[str, Node] | None = None

    def follow(self, node: Node) -> Node:
        """``node``, or what its ``$ref`` finally leads to.

        Raises ``BrokenReference`` for one that leads nowhere, in a circle or into another file.
        """
        passed: set[str] = set()
        while (reference := reference_of(node)) is not None:
            if reference in passed or len(passed) >= _MOST_HOPS:
                raise BrokenReference(
                    codes.UNRESOLVED_REF.at(_place(node), f"the $ref {reference!r} leads in a circle")
                )
            passed.add(reference)
            node = self._target(node, reference)
        return node

    def _target(self, node: Node, reference: str) -> Node:
        fragment = urldefrag(reference).fragment
        if not self._is_here(reference):
            file = urldefrag(reference).url
            raise BrokenReference(
                codes.UNSUPPORTED.at(
                    _place(node),
                    f"the $ref {reference!r} leads to another file, which is not supported yet",
                    f"bundle the description into one file, with {file} in it",
                )
            )
        found = self._at_fragment(fragment)
        if found is None:
            raise BrokenReference(
                codes.UNRESOLVED_REF.at(
                    _place(node), f"the $ref {reference!r} leads nowhere in this document"
                )
            )
        return found

    def _is_here(self, reference: str) -> bool:
        if reference.startswith("#"):
            return True
        file = urldefrag(reference).url
        own = self._tree.node.get("$self")
        base = resolve(self._uri, own.value) if own and isinstance(own.value, str) else self._uri
        return resolve(base, file) in (base, self._uri)

    def _at_fragment(self, fragment: str) -> Node | None:
        if fragment == "":
            return self._tree.node
        if not fragment.startswith("/"):
            return self._named(unquote(fragment))
        return at_pointer(self._tree.node, unquote(fragment)) or at_pointer(self._tree.node, fragment)

    def _named(self, name: str) -> Node | None:
        """The schema with ``$anchor: name`` (JSON Schema 2020-12, OpenAPI 3.1)."""
        if self._anchors is None:
            self._anchors = {}
            for node in _walk(self._tree.node):
                for key in ("$anchor", "$dynamicAnchor"):
                    anchor = node.value.get(key) if isinstance(node.value, dict) else None
                    if isinstance(anchor, str):
                        self._anchors.setdefault(anchor, node)
        return self._anchors.get(name)


def reference_of(node: Node) -> str | None:
    """The ``$ref`` of ``node``, if it is a reference."""
    if isinstance(node.value, dict):
        reference = node.value.get("$ref")
        if isinstance(reference, str):
            return reference
    return None


def at_pointer(root: Node, pointer: str) -> Node | None:
    """The node at a JSON Pointer (RFC 6901) under ``root``, or None."""
    node: Node | None = root
    for token in pointer.split("/")[1:]:
        if node is None:
            return None
        key = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node.value, list):
            index = int(key) if key.isascii() and key.isdecimal() else -1
            elements = tuple(node.elements())
            node = elements[index] if 0 <= index < len(elements) else None
        else:
            node = node.get(key)
    return node


def _walk(root: Node) -> Iterator[Node]:
    pending = [root]
    for _ in range(_MOST_VISITED):
        if not pending:
            return
        node = pending.pop()
        yield node
        pending.extend(member for _, member in node.items())
        pending.extend(node.elements())


def _place(node: Node) -> Span:
    reference = node.get("$ref")
    return (reference or node).span()
