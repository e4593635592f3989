"""One AsyncAPI description, and the ways a step names an operation or a channel of it (Step Object, ``operationId``,
``operationPath`` and ``channelPath``).

Nothing is read before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from arazzo import codes
from arazzo.descriptions.asyncapi.index import Index, Place, index_operations, is_second
from arazzo.descriptions.asyncapi.model import Channel, ChannelOperation
from arazzo.descriptions.asyncapi.read import Reader
from arazzo.descriptions.openapi.files import Files
from arazzo.descriptions.openapi.references import Resolver
from arazzo.diagnostics import Diagnostic, Guesses
from arazzo.errors import DocumentError
from arazzo.source import Tree

_NEAR: Final = 3


class AsyncApi:
    """The description in ``tree``, which came from ``uri``: AsyncAPI 2.x or 3.x.

    ``files`` has what references into other files lead to, read on behalf of ``sponsor`` (see ``Resolver``).
    """

    def __init__(self, tree: Tree, uri: str, files: Files | None = None, sponsor: str | None = None) -> None:
        self.tree, self.uri = tree, uri
        self.resolver = Resolver(tree, uri, files, sponsor)
        self._read: dict[str, ChannelOperation] = {}

    @cached_property
    def version(self) -> str:
        """The version the description names, ``""`` where it names none."""
        node = self.tree.node.get("asyncapi")
        return str(node.value) if node is not None else ""

    @property
    def says_who_acts(self) -> bool:
        """Whether an operation's action is its caller's (AsyncAPI 2), not that of the application described (3)."""
        return is_second(self.tree)

    @cached_property
    def _index(self) -> Index:
        return index_operations(self.tree, self.resolver)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self.tree, self.resolver, self._index)

    @property
    def unread(self) -> tuple[Diagnostic, ...]:
        """Why channels of AsyncAPI 2 could not be had; what is not found may stand there."""
        return tuple(self._index.unread.values())

    # --- operations

    def operation_ids(self) -> tuple[str, ...]:
        """Every operationId, once each, in the order of the text."""
        return tuple(self._index.by_id)

    def operation(self, operation_id: str) -> ChannelOperation | None:
        """The operation with exactly this id; the first, when several have it."""
        places = self._index.by_id.get(operation_id)
        return self._operation(places[0]) if places else None

    def operation_ignoring_case(self, operation_id: str) -> ChannelOperation | None:
        """The only operation whose id differs from ``operation_id`` in case at most."""
        wanted = operation_id.lower()
        matches = [name for name in self._index.by_id if name.lower() == wanted]
        return self.operation(matches[0]) if len(matches) == 1 else None

    def operation_at(self, pointer: str) -> ChannelOperation | None:
        """The operation at a JSON Pointer: ``/operations/name``, in AsyncAPI 2 ``/channels/name/publish``.

        A pointer that is not escaped, or percent-encoded, is understood where only one operation fits;
        ``ChannelOperation.pointer`` tells how it should have been written.
        """
        found = _matching(pointer, self._index.operations)
        return self._operation(self._index.operations[found]) if found else None

    def near(self, operation_id: str, guesses: Guesses) -> tuple[str, ...]:
        """Ids of this description that resemble ``operation_id``, the nearest first."""
        return guesses.near_names(operation_id, self._index.by_id, _NEAR)

    def near_path(self, pointer: str, guesses: Guesses) -> tuple[str, ...]:
        """Pointers to operations of this description that resemble ``pointer``, the nearest first."""
        return _resembling(pointer, self._index.operations, guesses)

    def _operation(self, place: Place) -> ChannelOperation:
        read = self._read.get(place.pointer)
        if read is None:
            twins = self._index.by_id.get(place.operation_id or "", ())
            read = self._reader.operation(place, _duplicate(place, twins) if len(twins) > 1 else ())
            self._read[place.pointer] = read
        return read

    # --- channels

    def channel_at(self, pointer: str) -> Channel | None:
        """The channel at a JSON Pointer such as ``/channels/orders``; unescaped ones as in ``operation_at``."""
        pointers = self._reader.channel_pointers
        found = _matching(pointer, pointers)
        return self._reader.channel(pointers[found]) if found else None

    def channel_pointers(self) -> tuple[str, ...]:
        """The JSON Pointer of every channel, in the order of the text."""
        return tuple(self._reader.channel_pointers)

    def near_channel(self, pointer: str, guesses: Guesses) -> tuple[str, ...]:
        """Pointers to channels of this description that resemble ``pointer``, the nearest first."""
        return _resembling(pointer, self._reader.channel_pointers, guesses)


def check_asyncapi_version(tree: Tree) -> None:
    """Raise ``DocumentError`` for a description of a version of AsyncAPI that is not read here; 2.x and 3.x are."""
    node = tree.node.get("asyncapi") or tree.node
    version = "" if node.value is None else str(node.value).strip()
    if version.partition(".")[0] not in ("2", "3"):
        message = f"{tree.file} is of AsyncAPI {version or 'without a version'}, which cannot be read"
        hint = "AsyncAPI 2.x and 3.x can be"
        raise DocumentError([codes.DESCRIPTION_VERSION.at(node.span(), message, hint)])


def _matching(pointer: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that ``pointer`` is, or that it can only mean."""
    given = pointer[pointer.find("#") + 1 :]
    known = tuple(known)
    for text in (given, unquote(given)):
        if text in known:
            return text
    wanted = {_plain(given), _plain(unquote(given))}
    matches = [text for text in known if _plain(text) in wanted]
    return matches[0] if len(matches) == 1 else None


def _resembling(pointer: str, known: Iterable[str], guesses: Guesses) -> tuple[str, ...]:
    given = pointer[pointer.find("#") + 1 :]
    return guesses.near_names(given, known, _NEAR)


def _plain(pointer: str) -> str:
    """A pointer to compare with: nothing escaped, no slash doubled by a name that begins with one."""
    return "/".join(part for part in pointer.replace("~1", "/").replace("~0", "~").split("/") if part)


def _duplicate(place: Place, twins: tuple[Place, ...]) -> tuple[Diagnostic, ...]:
    spans = [(node.span() if (node := twin.at.get("operationId")) else twin.at.span()) for twin in twins]
    return (
        codes.DUPLICATE_OPERATION.at(
            spans[1],
            f"the operationId {place.operation_id!r} stands {len(twins)} times in this description;"
            f" it means the one at {twins[0].pointer}, the first",
            "give each operation its own id, or name it with operationPath",
            [("the first one is here", spans[0])],
        ),
    )
