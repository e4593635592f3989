"""What a step can name of an AsyncAPI description, in the terms of AsyncAPI 3 whatever its version."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from arazzo.diagnostics import Diagnostic
from arazzo.source import Node

Action: TypeAlias = Literal["send", "receive"]
"""``publish`` of AsyncAPI 2 is ``send`` and ``subscribe`` is ``receive``, as the Step Object's ``action`` has it."""


class Message(Struct, frozen=True):
    """Message Object. ``correlation_id`` is the location of its correlation id, None where it defines none."""

    name: str
    correlation_id: str | None
    at: Node


class Channel(Struct, frozen=True):
    """Channel Object (Channel Item Object in AsyncAPI 2) under the key ``name``, at the JSON Pointer ``pointer``.

    ``address`` is None where it is not known before run time. ``actions`` are what the operations of the
    description do on it. ``diagnostics`` say what of it is broken.
    """

    name: str
    pointer: str
    address: str | None
    messages: tuple[Message, ...]
    actions: frozenset[Action]
    at: Node
    diagnostics: tuple[Diagnostic, ...] = ()


class ChannelOperation(Struct, frozen=True):
    """Operation Object, at the JSON Pointer ``pointer``. ``messages`` are those it may carry.

    ``operation_id`` is None for one of AsyncAPI 2 that can be named by its place alone. ``action`` and ``channel``
    are None where the description does not say them; ``diagnostics`` then say so.
    """

    operation_id: str | None
    pointer: str
    action: Action | None
    channel: Channel | None
    messages: tuple[Message, ...]
    at: Node
    diagnostics: tuple[Diagnostic, ...] = ()
