"""Deadlines and waits: how long to wait before a retry or a poll, and when a run has taken too long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final, Literal

from arazzo.engine.effects import Flow, now, wait
from arazzo.engine.events import Waiting
from arazzo.engine.state import Bounds, Deadline, Expired, Frame, Run
from arazzo.messages import Response, header
from arazzo.plan.model import StepPlan

_POLL_GROWTH: Final = 1.5
_LONGEST_POLL: Final = 30.0
_LONGEST_TIMEOUT: Final = 1e6
"""Eleven days: an operating system's timeouts end at not much more."""


def check_deadlines(deadlines: Iterable[Deadline], moment: float) -> None:
    """Raise ``Expired`` for the first deadline that has passed."""
    for deadline in deadlines:
        if moment >= deadline.at:
            raise Expired(deadline)


def seconds_allowed(step: StepPlan, frame: Frame, bounds: Bounds, moment: float) -> float | None:
    """How long one attempt at ``step`` may take from ``moment`` on; None when nothing bounds it."""
    limits = [deadline.at - moment for deadline in frame.deadlines]
    limits.extend(limit for limit in (step.timeout, bounds.step_timeout) if limit is not None)
    return min(max(min(limits), 0.001), _LONGEST_TIMEOUT) if limits else None


def pause(
    run: Run,
    frame: Frame,
    step: StepPlan,
    seconds: float,
    reason: Literal["poll", "retry"],
    asked: float | None,
) -> Flow[None]:
    """Wait ``seconds``, or what ``Retry-After`` ``asked`` for, at most ``Bounds.max_wait``.

    A wait that would outlast a deadline ends the run at once: nothing could come of it.
    """
    seconds = min(seconds if asked is None else asked, run.bounds.max_wait)
    if seconds <= 0:
        return
    moment = yield from now()
    check_deadlines(frame.deadlines, moment + seconds)
    yield Waiting(
        frame.workflow.key.workflow_id,
        step.step_id,
        frame.depth,
        seconds,
        reason,
        retry_after=asked is not None,
    )
    yield from wait(seconds)


def poll_interval(bounds: Bounds, times: int) -> float:
    """The wait before the same request goes out once more, after it did so ``times`` times already."""
    return min(
        bounds.poll_interval * _POLL_GROWTH ** min(times, 60), max(_LONGEST_POLL, bounds.poll_interval)
    )


def retry_after(reply: Response | None, moment: float) -> float | None:
    """Seconds that a response's ``Retry-After`` asks to wait from ``moment`` on (RFC 9110 §10.2.3), or None."""
    text = header(reply.headers, "retry-after") if reply else None
    if text is None:
        return None
    text = text.strip()
    try:
        return max(float(text), 0.0) if text[:1].isdigit() else _until(text, moment)
    except (ValueError, TypeError, OverflowError):
        return None


def _until(date: str, moment: float) -> float:
    when = parsedate_to_datetime(date)
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(when.timestamp() - moment, 0.0)
