"""Reads one operation or channel of an AsyncAPI description, with its messages and what they refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Final
from urllib.parse import unquote

from arazzo import codes
from arazzo.descriptions.asyncapi.index import VERBS, Index, Place, is_second
from arazzo.descriptions.asyncapi.model import Action, Channel, ChannelOperation, Message
from arazzo.descriptions.openapi.index import escape
from arazzo.descriptions.openapi.references import BrokenReference, Resolver, identity, reference_of
from arazzo.diagnostics import Diagnostic, suggest
from arazzo.source import Node, Tree

_ACTIONS: Final[dict[str, Action]] = {"send": "send", "receive": "receive"}
_CHANNELS: Final = "/channels/"
_MOST_MESSAGES: Final = 1_000
"""Messages of one channel or operation that are read."""

Report = Callable[[Diagnostic], None]


class Reader:
    """Reads the description in ``tree``, whose operations and channels ``index`` lists."""

    def __init__(self, tree: Tree, resolver: Resolver, index: Index) -> None:
        self._resolver, self._index = resolver, index
        self._second = is_second(tree)
        self._channels: dict[str, Channel] = {}

    @cached_property
    def channel_pointers(self) -> dict[str, str]:
        """The name of each channel by its JSON Pointer."""
        return {_CHANNELS + escape(name): name for name in self._index.channels}

    def channel(self, name: str) -> Channel:
        """The channel with this name, which must be one of the index."""
        if name not in self._channels:
            self._channels[name] = self._channel(name)
        return self._channels[name]

    def operation(self, place: Place, diagnostics: tuple[Diagnostic, ...] = ()) -> ChannelOperation:
        """The operation at ``place``; ``diagnostics`` are what is already known to be wrong with it."""
        wrong = list(diagnostics)
        node = self._follow(place.at, wrong.append)
        if node is None:
            return ChannelOperation(place.operation_id, place.pointer, None, None, (), place.at, tuple(wrong))
        if self._second:
            assert place.channel is not None
            channel: Channel | None = self.channel(place.channel)
            action = place.action
            messages = self._second_messages(node, wrong.append)
        else:
            channel, action = self._channel_of(node, wrong.append), _action(node, wrong.append)
            messages = self._third_messages(node, channel, wrong.append)
        if channel is not None:
            wrong.extend(channel.diagnostics)
        found = tuple(dict.fromkeys(wrong))
        return ChannelOperation(place.operation_id, place.pointer, action, channel, messages, node, found)

    # --- channels

    def _channel(self, name: str) -> Channel:
        pointer = _CHANNELS + escape(name)
        wrong: list[Diagnostic] = []
        node = self._follow(self._index.channels[name], wrong.append)
        if node is None:
            return Channel(name, pointer, None, (), frozenset(), self._index.channels[name], tuple(wrong))
        if self._second:
            messages: dict[object, Message] = {}
            for verb, _ in VERBS:
                operation = node.get(verb)
                for message in self._second_messages(operation, wrong.append) if operation else ():
                    messages.setdefault(identity(message.at), message)
            actions = frozenset(action for verb, action in VERBS if node.get(verb) is not None)
            return Channel(name, pointer, name, tuple(messages.values()), actions, node, tuple(wrong))
        listed = node.get("messages")
        pairs = list(listed.items())[:_MOST_MESSAGES] if listed else []
        read = [self._message(key, message, wrong.append) for key, message in pairs]
        address = node.get("address")
        return Channel(
            name,
            pointer,
            address.value if address is not None and isinstance(address.value, str) else None,
            tuple(message for message in read if message),
            frozenset(self._actions_on(name)),
            node,
            tuple(wrong),
        )

    def _actions_on(self, name: str) -> Iterator[Action]:
        """What the operations of AsyncAPI 3 do on a channel."""
        untold: list[Diagnostic] = []  # What is wrong with an operation is told where a step names it.
        for place in self._index.operations.values():
            operation = self._follow(place.at, untold.append) or place.at
            channel, action = operation.get("channel"), operation.get("action")
            reference = reference_of(channel) if channel is not None else None
            if reference is not None and self._named(reference) == name and action is not None:
                known = _ACTIONS.get(str(action.value))
                if known is not None:
                    yield known

    def _channel_of(self, operation: Node, report: Report) -> Channel | None:
        """The channel an operation of AsyncAPI 3 refers to, which must be one of ``channels``."""
        node = operation.get("channel")
        reference = reference_of(node) if node is not None else None
        if node is None or reference is None:
            message = "this operation does not refer to a channel"
            report(codes.BAD_DESCRIPTION.at((node or operation).span(), message, "write channel: {$ref: …}"))
            return None
        name = self._named(reference)
        if name is not None:
            return self.channel(name)
        if self._follow(node, report) is not None:
            known = ", ".join(f"#{pointer}" for pointer in self.channel_pointers) or "none"
            message = f"the $ref {reference!r} of an operation's channel leads to none of the channels"
            report(codes.BAD_DESCRIPTION.at(node.span(), message, f"the channels are: {known}"))
        return None

    def _named(self, reference: str) -> str | None:
        """The name of the channel that a local reference leads to."""
        fragment = reference.removeprefix("#")
        if fragment == reference:
            return None
        return self.channel_pointers.get(fragment) or self.channel_pointers.get(unquote(fragment))

    # --- messages

    def _third_messages(
        self, operation: Node, channel: Channel | None, report: Report
    ) -> tuple[Message, ...]:
        listed = operation.get("messages")
        if listed is None or not isinstance(listed.value, list):
            return channel.messages if channel is not None else ()
        read = [self._message(_last(node), node, report) for node in list(listed.elements())[:_MOST_MESSAGES]]
        return tuple(message for message in read if message)

    def _second_messages(self, operation: Node, report: Report) -> tuple[Message, ...]:
        node = operation.get("message")
        if node is None:
            return ()
        choices = node.get("oneOf")
        nodes = list(choices.elements())[:_MOST_MESSAGES] if choices is not None else [node]
        read = [self._message(_last(message), message, report) for message in nodes]
        return tuple(message for message in read if message)

    def _message(self, name: str, node: Node, report: Report) -> Message | None:
        found = self._follow(node, report)
        if found is None:
            return None
        for key in ("messageId", "name"):
            given = found.get(key)
            if self._second and given is not None and isinstance(given.value, str):
                name = given.value
                break
        return Message(name, self._correlation_id(found, report), found)

    def _correlation_id(self, message: Node, report: Report) -> str | None:
        """Where a message carries its correlation id: its own word, or that of one of its traits."""
        traits = message.get("traits")
        for part in (message, *(traits.elements() if traits else ())):
            holder = self._follow(part, report)
            defined = holder.get("correlationId") if holder is not None else None
            node = self._follow(defined, report) if defined is not None else None
            location = node.get("location") if node is not None else None
            if location is not None and isinstance(location.value, str):
                return location.value
        return None

    def _follow(self, node: Node, report: Report) -> Node | None:
        try:
            return self._resolver.follow(node)
        except BrokenReference as broken:
            report(broken.diagnostic)
            return None


def _action(operation: Node, report: Report) -> Action | None:
    node = operation.get("action")
    action = _ACTIONS.get(str(node.value)) if node is not None else None
    if action is None:
        message = "this operation has no action" if node is None else f"{node.value!r} is no action"
        hint = (
            suggest(str(node.value), tuple(_ACTIONS), "it is") if node is not None else "it is: send, receive"
        )
        report(codes.BAD_DESCRIPTION.at((node or operation).span(), message, hint))
    return action


def _last(node: Node) -> str:
    """What a message is called where its place has no name: the end of its reference, or of its own place."""
    reference = reference_of(node)
    return reference.rpartition("/")[2] if reference is not None else str(node.path[-1])
