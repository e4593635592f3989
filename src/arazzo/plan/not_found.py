"""What to say of an operation or a channel that is not there, or that may be in several places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from arazzo import codes
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.diagnostics import Diagnostic, Guesses, Span
from arazzo.document.model import Document, SourceDescription
from arazzo.plan.found import Description
from arazzo.plan.library import is_offline_gap
from arazzo.plan.near_forms import source_in_id
from arazzo.source import Node

if TYPE_CHECKING:
    from arazzo.descriptions.asyncapi.find import AsyncApi

_MOST_PLACES: Final = 5
_MOST_NAMES: Final = 8


def unknown_operation(
    searched: Sequence[tuple[SourceDescription, Description]],
    operation_id: str,
    node: Node,
    guesses: Guesses,
) -> Iterator[Diagnostic]:
    """None of the descriptions ``searched`` has the operation; what of them could not be read is told, too."""
    unread = [why for _, description in searched for why in description.unread]
    yield from unread
    if unread and all(is_offline_gap([why]) for why in unread):
        return
    names = " or ".join(repr(source.name) for source, _ in searched)
    near = [name for _, description in searched for name in description.near(operation_id, guesses)]
    if near:
        hint = f"did you mean {' or '.join(repr(name) for name in near[:3])}?"
    else:
        hint = _listed(
            "it has", [name for _, description in searched for name in description.operation_ids()]
        )
    message = f"no operation {operation_id!r} in {names}{_perhaps(unread)}"
    yield codes.UNKNOWN_OPERATION.at(node.span(), message, hint, _places(unread))


def unqualified_operation(
    document: Document, operation_id: str, node: Node, taken: Sequence[SourceDescription] = ()
) -> Iterator[Diagnostic]:
    """An operationId without its source in a document with several; ``taken`` are those that have it, if known."""
    sources = [source for source in document.source_descriptions if source.type != "arazzo"]
    if len({source.name for source in sources}) == 1:
        return  # No name would tell them apart; that they have the same is told elsewhere.
    named = source_in_id(document, operation_id) if not taken else None
    if named is not None:
        right = f"$sourceDescriptions.{named[0].name}.{named[1]}"
    else:
        right = f"$sourceDescriptions.{taken[0].name if taken else 'NAME'}.{operation_id}"
    names = " and ".join(repr(source.name) for source in taken)
    also = f"; {names} have it, and the first was taken" if len(taken) > 1 else ""
    message = (
        f"the document has {len(sources)} API sources, so {operation_id!r} must say which one it is in{also}"
    )
    yield codes.OPERATION_UNQUALIFIED.at(node.span(), message, f"write operationId: {right}")


def no_operation_at(
    source: SourceDescription, description: Description, pointer: str, span: Span, guesses: Guesses
) -> Iterator[Diagnostic]:
    """No operation stands where an ``operationPath`` leads."""
    why = description.unread_at(pointer) if isinstance(description, OpenApi) else None
    unread = [why] if why is not None else []
    yield from unread
    if is_offline_gap(unread):
        return
    near = description.near_path(pointer, guesses) if why is None else ()
    hint = f"did you mean {near[0]!r}?" if near else None
    if not isinstance(description, OpenApi) and description.channel_at(pointer) is not None:
        hint = "a channel stands there; name it with channelPath"
    message = f"no operation stands at {pointer!r} in {source.name!r}{_perhaps(unread)}"
    yield codes.UNKNOWN_OPERATION.at(span, message, hint, _places(unread))


def no_channel_at(
    source: SourceDescription, description: AsyncApi, pointer: str, span: Span, guesses: Guesses
) -> Diagnostic:
    """No channel stands where a ``channelPath`` leads."""
    operation = description.operation_at(pointer)
    near = description.near_channel(pointer, guesses)
    if operation is not None and operation.operation_id:
        name = f"$sourceDescriptions.{source.name}.{operation.operation_id}"
        hint = f"an operation stands there; write operationId: {name}"
    elif operation is not None:
        hint = "an operation stands there; name it with operationPath"
    elif near:
        hint = f"did you mean {near[0]!r}?"
    else:
        hint = _listed("its channels", description.channel_pointers())
    return codes.UNKNOWN_CHANNEL.at(span, f"no channel stands at {pointer!r} in {source.name!r}", hint)


def _listed(what: str, names: Sequence[str]) -> str:
    more = ", …" if len(names) > _MOST_NAMES else ""
    return f"{what}: {', '.join(names[:_MOST_NAMES])}{more}" if names else "it has none"


def _perhaps(unread: Sequence[Diagnostic]) -> str:
    """What of a description could not be read, where an operation may stand that was not found; or nothing."""
    if not unread:
        return ""
    what = "a part of it" if len(unread) == 1 else f"{len(unread)} parts of it"
    return f"; it may stand in {what} that cannot be had: {unread[0].message}"


def _places(unread: Sequence[Diagnostic]) -> list[tuple[str, Span]]:
    return [("the $ref is here", why.span) for why in unread[:_MOST_PLACES] if why.span is not None]
