"""The order of steps, and what a step can have seen (specification, "Step Dependencies and Execution Order")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from arazzo import codes
from arazzo.diagnostics import Findings, Span


class Read(Struct, frozen=True):
    """A step's request reads an output of the step ``of``, at ``span``."""

    of: str
    span: Span | None


class Flowing(Struct, frozen=True):
    """What of a step matters for order: which steps it waits for, reads, and may lead to by an action."""

    step_id: str
    depends_on: tuple[str, ...]
    reads: tuple[Read, ...]
    leads_to: tuple[str, ...]
    span: Span


def order_steps(steps: Sequence[Flowing], findings: Findings) -> list[int]:
    """Indices of ``steps`` in the order they run.

    The order of the text, unless some step has ``dependsOn``: then the nearest order that satisfies both what is
    declared and what is read. A circle is reported, and the order of the text kept.
    """
    textual = list(range(len(steps)))
    if not any(step.depends_on for step in steps):
        return textual
    # Not above: few documents have such steps.
    from graphlib import CycleError, TopologicalSorter
    from heapq import heappop, heappush

    index_of = {step.step_id: index for index, step in reversed(list(enumerate(steps)))}
    leading_to = _leading_to(steps)
    before: dict[int, set[int]] = {}
    for index, step in enumerate(steps):
        declared = {index_of[name] for name in step.depends_on if name in index_of}
        # A step that reads what only a goto brings round again comes first all the same.
        brought_round = leading_to.get(step.step_id, ())
        read = {
            index_of[name.of] for name in step.reads if name.of in index_of and name.of not in brought_round
        }
        before[index] = declared | (read - {index})
    try:
        sorter = TopologicalSorter(before)
        sorter.prepare()
    except CycleError as error:
        circle = [steps[index].step_id for index in reversed(error.args[1])]
        message = f"these steps depend on each other in a circle: {' -> '.join(circle)}"
        findings.add(codes.DEPENDENCY_CYCLE.at(steps[error.args[1][0]].span, message))
        return textual
    ordered: list[int] = []
    ready: list[int] = []
    while sorter.is_active():
        for index in sorter.get_ready():
            heappush(ready, index)
        first = heappop(ready)
        ordered.append(first)
        sorter.done(first)
    return ordered


def check_reads(steps: Sequence[Flowing], findings: Findings) -> None:
    """Report a read of a step that cannot have run before on any path through ``steps``, given in running order."""
    first, last = _positions(steps)
    earliest = _earliest_after(steps, first)
    for index, step in enumerate(steps):
        for read in step.reads:
            if read.of not in first or earliest[first[read.of]] <= last[step.step_id]:
                continue
            comes_later = last[read.of] > index
            reason = "which comes later" if comes_later else "which is this step itself"
            findings.add(
                codes.FORWARD_REFERENCE.at(
                    read.span,
                    f"step {step.step_id!r} reads an output of step {read.of!r}, {reason}, and nothing leads back",
                    f"move {read.of!r} before {step.step_id!r}, or declare dependsOn"
                    if comes_later
                    else None,
                )
            )


def _positions(steps: Sequence[Flowing]) -> tuple[dict[str, int], dict[str, int]]:
    """The index at which each id stands first, and last: an id that stands twice counts for both."""
    last = {step.step_id: index for index, step in enumerate(steps)}
    first = {steps[index].step_id: index for index in reversed(range(len(steps)))}
    return first, last


def _earliest_after(steps: Sequence[Flowing], first: Mapping[str, int]) -> list[int]:
    """For each step the index of the earliest one that can run after it; all behind that one can as well."""
    found = [len(steps)] * (len(steps) + 1)
    for index in reversed(range(len(steps))):
        targets = (first[name] for name in steps[index].leads_to if name in first)
        found[index] = min((*targets, index + 1, found[index + 1]))
    # One way back opens those of the steps it leads to; earlier steps are settled before later ones ask.
    for index, earliest in enumerate(found):
        if earliest < index:
            found[index] = min(earliest, found[earliest])
    return found


def _leading_to(steps: Sequence[Flowing]) -> dict[str, set[str]]:
    """By the id of a step, the steps with an action that leads straight back to it."""
    found: dict[str, set[str]] = {}
    for step in steps:
        for target in step.leads_to:
            found.setdefault(target, set()).add(step.step_id)
    return found
