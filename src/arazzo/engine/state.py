"""What a run remembers: bounds and counts of the whole, and one frame for each workflow call under way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct, field

from arazzo.diagnostics import Diagnostic, Span
from arazzo.engine.events import RunError, Status, Warned
from arazzo.engine.idempotency import Idempotency
from arazzo.engine.secrets import Secrets
from arazzo.expression.scope import ResponseView, Scope, WorkflowValues
from arazzo.messages import Response
from arazzo.plan.model import Plan, StepPlan, WorkflowKey, WorkflowPlan
from arazzo.values import Maybe


class Bounds(Struct, frozen=True):
    """What keeps a run finite. All times are seconds."""

    max_steps: int = 1000
    """Attempts at steps, retries included."""
    timeout: float | None = None
    """The whole run."""
    step_timeout: float | None = 120.0
    """One attempt at a step; the smaller of it and the step's own ``timeout`` counts."""
    poll_interval: float = 1.0
    """The first wait before the same request is sent again; each next one is half as long again, up to 30 s."""
    max_wait: float = 300.0
    """The longest single wait, whatever ``Retry-After`` or ``retryAfter`` ask for."""
    max_depth: int = 50
    """How deep workflows may call workflows; Python's own stack holds not much more than twice that."""


class Deadline(Struct, frozen=True):
    """A moment by which something must be over. ``sentence`` says what was exceeded."""

    at: float
    sentence: str


class Stopped(Exception):  # noqa: N818 - not an error: the run ends here, with a result
    """The whole run must end, at a bound. Only ``engine.workflow`` catches it."""

    def __init__(self, error: RunError) -> None:
        self.error = error
        super().__init__(error.message)


class Expired(Exception):  # noqa: N818 - as above
    """A deadline has passed; whoever set it catches this."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        super().__init__(deadline.sentence)


class CannotSend(Exception):  # noqa: N818 - an outcome of the step
    """The step fails before anything is sent. The text is a sentence for people."""


class Verdict(Struct, frozen=True):
    """How an attempt at a step ended; ``reason`` says in a sentence why it failed."""

    status: Status
    reason: str | None = None


class WorkflowOutcome(Struct, frozen=True):
    """How a workflow ended: why it failed, in which step, and the last response it saw."""

    status: Status
    outputs: dict[str, Maybe]
    reason: str | None = None
    workflow_id: str | None = None
    step_id: str | None = None
    response: ResponseView | None = None
    reply: Response | None = None


class Run(Struct):
    """The state of one run."""

    plan: Plan
    bounds: Bounds
    secrets: Secrets
    idempotency: Idempotency | None = None
    keys: int = 0
    """Idempotency keys given out so far."""
    deadlines: tuple[Deadline, ...] = ()
    attempts: int = 0
    visits: Counter[tuple[str, str]] = field(default_factory=Counter)
    finished: dict[WorkflowKey, WorkflowOutcome] = field(default_factory=dict)
    completed: set[tuple[WorkflowKey, str]] = field(default_factory=set)
    """Steps that succeeded at least once."""
    values: dict[str, dict[str, WorkflowValues]] = field(default_factory=dict)
    """Of each document, what ``$workflows.`` can name."""
    warned: set[Diagnostic] = field(default_factory=set)
    warned_at: set[tuple[str, Span | None]] = field(default_factory=set)
    """Codes and places of what is told once for each place, whatever it says."""
    written_secrets: frozenset[str] | None = None
    """Credentials that stand in the documents themselves, once they have been looked for."""
    current: tuple[str, str] | None = None
    """Workflow and step of the latest attempt."""
    entry_outputs: dict[str, Maybe] = field(default_factory=dict)
    """The outputs of the workflow at depth 0, once it is over; also when a bound ended it."""

    def count(self, workflow: WorkflowPlan, step: StepPlan) -> None:
        """Note an attempt. Raises ``Stopped`` at the bound, naming the step that ran most often."""
        if self.attempts >= self.bounds.max_steps:
            (workflow_id, step_id), times = self.visits.most_common(1)[0]
            raise Stopped(
                RunError(
                    f"stopped after {self.attempts:,} steps (--max-steps): {step_id} ran {times:,} times "
                    "and the workflow did not come to an end",
                    workflow_id,
                    step_id,
                )
            )
        self.attempts += 1
        self.current = (workflow.key.workflow_id, step.step_id)
        self.visits[self.current] += 1

    def warn(self, diagnostic: Diagnostic) -> Iterator[Warned]:
        """The event for ``diagnostic``, the first time it comes up; the line it shows shows no credential."""
        if diagnostic not in self.warned:
            self.warned.add(diagnostic)
            if self.written_secrets is None:
                # Imported here: most runs have nothing to warn of.
                from arazzo.rules.order import secret_texts

                self.written_secrets = frozenset(secret_texts(self.plan))
            from arazzo.rules.masks import without_secrets

            yield from map(Warned, without_secrets([diagnostic], self.written_secrets))

    def warn_once_there(self, diagnostic: Diagnostic) -> Iterator[Warned]:
        """The event for ``diagnostic``, the first time that its code comes up at its place."""
        if (diagnostic.code, diagnostic.span) not in self.warned_at:
            self.warned_at.add((diagnostic.code, diagnostic.span))
            yield from self.warn(diagnostic)


class Frame(Struct):
    """One call of a workflow: where its expressions look, and what its steps last did."""

    workflow: WorkflowPlan
    scope: Scope
    depth: int
    deadlines: tuple[Deadline, ...]
    outputs: dict[str, dict[str, Maybe]]
    last_sent: dict[int, object] = field(default_factory=dict)
    """By step: what it last asked for, to notice a poll."""
    polls: Counter[int] = field(default_factory=Counter)
    """By step: how often in a row it asked for the same."""
    reply: Response | None = None
    """The response of the latest attempt, if it had one."""
    by_goto: bool = False
    """Whether a goto of a workflow led here, so that the first step may be a poll."""


class Visit(Struct):
    """One stay at a step, from entering it to leaving: what retries have used up."""

    attempt: int = 1
    key: str | None = None
    """The idempotency key of its requests, once there is one."""
    spent: Counter[tuple[Status, int]] = field(default_factory=Counter)
    """By the outcome of the step and the position of the retry among its actions."""
    by_goto: bool = False
