"""What a step that calls AsyncAPI says about its messages, held against the description and its own kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec import Struct

from arazzo import codes
from arazzo.diagnostics import Findings, Span
from arazzo.document.model import SourceDescription, Step
from arazzo.expression.nodes import Expression, MessagePart, Method, StatusCode, Url

if TYPE_CHECKING:
    from arazzo.descriptions.asyncapi.find import AsyncApi
    from arazzo.descriptions.asyncapi.model import Action, Channel, ChannelOperation
else:
    AsyncApi = Action = Channel = ChannelOperation = (
        object  # help() and inspect.signature() read the annotations of a class.
    )

_HTTP_ONLY = {Method: "$method", StatusCode: "$statusCode", Url: "$url"}


class FoundChannel(Struct, frozen=True):
    """An operation or a channel of an AsyncAPI description, and the source description it was found in."""

    source: SourceDescription
    description: AsyncApi
    operation: ChannelOperation | None
    channel: Channel | None

    def action_of(self, step: Step) -> Action | None:
        """What the step does: as it says itself, or as its operation does."""
        return step.action or (self.operation.action if self.operation is not None else None)


def check_message_step(step: Step, found: FoundChannel, findings: Findings) -> None:
    """Report what of ``step`` does not fit what it calls, and that this interpreter does not run it yet."""
    _check_action(step, found, findings)
    _check_correlation_id(step, found, findings)
    action = found.action_of(step)
    if action == "receive" and step.request_body is not None:
        message = "`requestBody` has no effect in a step that receives messages"
        findings.add(codes.IDLE_FIELD.at(step.request_body.at.key_span(), message))
    node = step.at.get("channelPath") or step.at.get("operationId") or step.at.get("operationPath") or step.at
    does = {"send": "sends messages", "receive": "waits for messages", None: "exchanges messages"}[action]
    message = f"step {step.step_id!r} {does} (AsyncAPI), which this interpreter does not run yet"
    findings.add(codes.UNSUPPORTED.at(node.key_span(), message))


def _check_action(step: Step, found: FoundChannel, findings: Findings) -> None:
    """The step does what the description says is done.

    In AsyncAPI 3 an operation says what the application described does, and a workflow may be that application or
    the other end; so a difference is no error.
    """
    node = step.at.get("action")
    if step.action is None or node is None:
        return
    if found.operation is not None:
        if found.operation.action in (None, step.action):
            return
        told = f"the operation {found.operation.operation_id or found.operation.pointer!r} is one to"
        message = f"step {step.step_id!r} is to {step.action}, and {told} {found.operation.action}"
        if found.description.says_who_acts:
            hint = f"write action: {found.operation.action}"
        else:
            hint = (
                f"write action: {found.operation.action}, unless the description is that of the other end;"
                " its channel can then be named with channelPath"
            )
        findings.add(codes.OPERATION_ACTION.at(node.span(), message, hint))
        return
    actions = found.channel.actions if found.channel is not None else frozenset()
    if found.description.says_who_acts and actions and step.action not in actions:
        assert found.channel is not None
        (other,) = actions
        message = f"the channel {found.channel.name!r} has no operation to {step.action}, only to {other}"
        findings.add(codes.OPERATION_ACTION.at(node.span(), message, f"write action: {other}"))


def _check_correlation_id(step: Step, found: FoundChannel, findings: Findings) -> None:
    """``correlationId`` is for steps that receive, and "in-sync" with the AsyncAPI document."""
    node = step.at.get("correlationId")
    if step.correlation_id is None or node is None:
        return
    if step.action is None and found.action_of(step) == "send":
        message = "`correlationId` has no effect in a step that sends; it only goes with `action: receive`"
        findings.add(codes.IDLE_FIELD.at(node.key_span(), message))
        return
    holder = found.operation or found.channel
    messages = holder.messages if holder is not None else ()
    if messages and all(message.correlation_id is None for message in messages):
        names = ", ".join(repr(message.name) for message in messages[:5])
        message = f"no message that the step may receive says where its correlation id is: {names}"
        hint = (
            "write correlationId: {location: '$message.header#/…'} into the message of the AsyncAPI document"
        )
        findings.add(codes.CORRELATION_ID.at(node.span(), message, hint))


def check_openapi_step(step: Step, source: SourceDescription, findings: Findings) -> None:
    """Report the fields of ``step`` that are for AsyncAPI alone."""
    for key in ("action", "correlationId"):
        node = step.at.get(key)
        if node is not None and node.value not in (None, ""):
            message = f"`{key}` is for AsyncAPI steps, and {source.name!r} is an OpenAPI description"
            findings.add(codes.FORBIDDEN_FIELD.at(node.key_span(), message, f"leave {key} out"))


def check_messages(
    read: Iterable[tuple[Expression, Span | None]], findings: Findings, *, asynchronous: bool
) -> None:
    """Report each of the expressions ``read`` by a step that names a message its kind of step never has.

    A step that calls an HTTP operation has a request and a response; one that calls AsyncAPI has a message
    (specification, "Runtime Expressions"). Without a referent such an expression never has a value.
    """
    for expression, span in read:
        if not asynchronous:
            if isinstance(expression, MessagePart) and expression.message == "message":
                text = "`$message` has no value in a step that calls an HTTP operation"
                findings.add(
                    codes.ABSENT_MESSAGE.at(span, text, "write `$response.body` or `$response.header`")
                )
            continue
        name = _HTTP_ONLY.get(type(expression))
        if isinstance(expression, MessagePart) and expression.message == "response":
            name = "$response"
        if name is not None:
            text = f"`{name}` has no value in a step that sends or receives messages"
            hint = "write `$message.payload` or `$message.header`"
            findings.add(codes.ABSENT_MESSAGE.at(span, text, hint))
