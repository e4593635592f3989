"""What the engine asks of its driver. Each effect names the reply it waits for.

A driver answers effects and nothing else; so synchronous, asynchronous, simulated and replayed runs are the
same code (``docs/run-cycle.md``).
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias, TypeVar

from msgspec import Struct

from arazzo.engine.events import Event
from arazzo.expression.scope import Scope
from arazzo.messages import Reply, Request
from arazzo.plan.model import OperationCall, StepPlan, WorkflowKey

T = TypeVar("T")


class Send(Struct, frozen=True):
    """Send ``request``; the reply is a ``Response`` or a ``NoResponse``.

    The rest says what for: the transport's auth flow reads the operation's security, the simulated provider its
    responses, and the step's criteria with the ``scope`` they are judged in.
    """

    request: Request
    workflow: WorkflowKey
    step: StepPlan
    call: OperationCall
    scope: Scope


class Wait(Struct, frozen=True):
    """Let ``seconds`` pass; the reply is None."""

    seconds: float


class Now(Struct, frozen=True):
    """The reply is the time, in seconds since the epoch; it never goes backwards within a run."""


Effect: TypeAlias = Send | Wait | Now

# What a flow is sent depends on what it yielded; the three functions below are the only places that rely on it.
Flow: TypeAlias = Generator[Effect | Event, Any, T]


def send(effect: Send) -> Flow[Reply]:
    reply: Reply = yield effect
    return reply


def wait(seconds: float) -> Flow[None]:
    yield Wait(seconds)


def now() -> Flow[float]:
    moment: float = yield Now()
    return moment
