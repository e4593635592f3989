"""Small readings of nodes that every reader of a description shares."""

from __future__ import annotations

from msgspec.structs import replace

from arazzo import codes
from arazzo.diagnostics import Diagnostic
from arazzo.source import Node


def text(node: Node, key: str) -> str | None:
    """The member ``key`` of ``node`` where it is a string."""
    member = node.get(key)
    return member.value if member is not None and isinstance(member.value, str) else None


def flag(node: Node, key: str) -> bool:
    """Whether the member ``key`` of ``node`` is true."""
    member = node.get(key)
    return member is not None and member.value is True


def dispensable(diagnostic: Diagnostic) -> Diagnostic:
    """``diagnostic`` as a flaw that a run can do without; what was only not fetched stays that."""
    if diagnostic.code == codes.SOURCE_NOT_CHECKED.name:
        return replace(diagnostic, blocks_run=False)
    return replace(
        codes.FLAWED_DESCRIPTION.at(diagnostic.span, diagnostic.message, diagnostic.hint),
        related=diagnostic.related,
    )
