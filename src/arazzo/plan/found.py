"""An operation that was found, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.document.model import SourceDescription
from arazzo.plan.channels import FoundChannel

if TYPE_CHECKING:
    from arazzo.descriptions.asyncapi.find import AsyncApi
    from arazzo.descriptions.asyncapi.model import ChannelOperation

Description: TypeAlias = "OpenApi | AsyncApi"


class Found(Struct, frozen=True):
    """An operation, and the source description it was found in."""

    source: SourceDescription
    description: OpenApi
    operation: Operation


def exactly(
    source: SourceDescription, description: Description, operation_id: str
) -> Found | FoundChannel | None:
    """The operation of a description with exactly this id."""
    operation = description.operation(operation_id)
    return found_in(source, description, operation) if operation is not None else None


def found_in(
    source: SourceDescription, description: Description, operation: Operation | ChannelOperation
) -> Found | FoundChannel:
    """``operation``, which ``description`` has, as what was found."""
    if isinstance(description, OpenApi):
        assert isinstance(operation, Operation)
        return Found(source, description, operation)
    assert not isinstance(operation, Operation)
    return FoundChannel(source, description, operation, operation.channel)
