"""The ways through a workflow: where each step can lead, and what lies on every way to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from arazzo.plan.model import ActionPlan, StepPlan, StepTarget


@dataclass(frozen=True, slots=True)
class Exits:
    """Where one step can lead: to steps of its workflow, by index, after success and after failure.

    ``ends`` says that the workflow can end or be left there after success: by an action, or behind the last step.
    """

    on_success: frozenset[int]
    on_failure: frozenset[int]
    ends: bool


@dataclass
class Paths:
    """The steps of a workflow, in running order, as a graph."""

    steps: Sequence[StepPlan]

    @cached_property
    def exits(self) -> tuple[Exits, ...]:
        return tuple(_exits(step, len(self.steps)) for step in self.steps)

    def after(self, index: int) -> frozenset[int]:
        """The steps that can come right after the step at ``index``."""
        return self.exits[index].on_success | self.exits[index].on_failure

    @cached_property
    def reached(self) -> frozenset[int]:
        """The steps that some path from the first one reaches."""
        return self._reach(0, frozenset()) if self.steps else frozenset()

    def way_round(self, index: int, avoided: int) -> tuple[int, ...]:
        """A shortest path from the first step to ``index`` that leaves ``avoided`` out; empty when there is none."""
        if avoided == 0 or not self.steps:
            return ()
        before: dict[int, int | None] = {0: None}
        pending = [0]
        while pending and index not in before:
            here = pending.pop(0)
            for following in sorted(self.after(here)):
                if following != avoided and following not in before:
                    before[following] = here
                    pending.append(following)
        if index not in before:
            return ()
        path: list[int] = [index]
        while (previous := before[path[-1]]) is not None:
            path.append(previous)
        return tuple(reversed(path))

    def closed_loops(self) -> list[tuple[int, ...]]:
        """Sets of steps that lead, after success, only to each other; the smallest ones, each in running order."""
        found: list[tuple[int, ...]] = []
        for index in sorted(self.reached):
            inside = self._reach(index, frozenset(), success_only=True)
            can_end = any(self.exits[step].ends for step in inside)
            if index in self._followers(inside) and not can_end and not any(set(f) & inside for f in found):
                found.append(tuple(sorted(inside)))
        return found

    def _followers(self, steps: frozenset[int]) -> frozenset[int]:
        return frozenset().union(*(self.exits[step].on_success for step in steps))

    def _reach(self, start: int, avoided: frozenset[int], *, success_only: bool = False) -> frozenset[int]:
        seen = {start}
        pending = [start]
        while pending:
            here = pending.pop()
            following = self.exits[here].on_success if success_only else self.after(here)
            for index in following - avoided - seen:
                seen.add(index)
                pending.append(index)
        return frozenset(seen)


def _exits(step: StepPlan, count: int) -> Exits:
    success, ends, falls_through = _chosen(step.on_success, step.index)
    if falls_through:
        if step.index + 1 < count:
            success.add(step.index + 1)
        else:
            ends = True
    failure, _, _ = _chosen(step.on_failure, step.index)
    return Exits(frozenset(success), frozenset(failure), ends)


def _chosen(actions: Sequence[ActionPlan], own: int) -> tuple[set[int], bool, bool]:
    """Where ``actions`` can lead; whether one leaves the workflow; whether it may be that none is chosen."""
    targets: set[int] = set()
    leaves = False
    for action in actions:
        match action.type:
            case "retry":
                targets.add(own)
                if isinstance(action.target, StepTarget):
                    # It runs and comes back: what it read and named is there, though nothing goes on from it.
                    targets.add(action.target.index)
            case "goto" if isinstance(action.target, StepTarget):
                targets.add(action.target.index)
            case _:
                leaves = True
        if always_chosen(action):
            return targets, leaves, False
    return targets, leaves, True


def always_chosen(action: ActionPlan) -> bool:
    """Whether no action behind this one can be chosen; a retry's turn is over when its limit is reached."""
    return not action.criteria and action.type != "retry"
