"""The ways through a workflow: where each step can lead, and what lies on every way to it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Final

from msgspec import Struct

from arazzo.plan.model import ActionPlan, OperationCall, StepPlan, StepTarget
from arazzo.rules.statuses import Status, may_hold, must_hold, possible

_MOST_VISITS: Final = 300_000
"""Steps that are looked at, in all, to find ways round the steps of one workflow."""
_MOST_BEFORE: Final = 1_000
"""Actions of one list that those behind them are compared with."""


class Exits(Struct, frozen=True):
    """Where one step can lead: to steps of its workflow, by index, after success and after failure.

    ``ends`` says that the workflow can end or be left there after success: by an action, or behind the last step;
    ``lost`` that an action leads nobody knows where.
    """

    on_success: frozenset[int]
    on_failure: frozenset[int]
    ends: bool
    lost: bool = False


class Paths(Struct, dict=True):
    """The steps of a workflow, in running order, as a graph."""

    steps: Sequence[StepPlan]
    _visits: int = 0

    @cached_property
    def exits(self) -> tuple[Exits, ...]:
        return tuple(_exits(step, len(self.steps)) for step in self.steps)

    def after(self, index: int) -> frozenset[int]:
        """The steps that can come right after the step at ``index``."""
        return self.exits[index].on_success | self.exits[index].on_failure

    @cached_property
    def reached(self) -> frozenset[int]:
        """The steps that some path from the first one reaches: perhaps any, where a goto leads nobody knows where."""
        if any(exits.lost for exits in self.exits):
            return frozenset(range(len(self.steps)))
        return self._reach(0) if self.steps else frozenset()

    def way_round(self, index: int, avoided: int) -> tuple[int, ...]:
        """A shortest path from the first step to ``index`` that leaves ``avoided`` out; empty when there is none.

        ``avoided`` stands before ``index``. Of very large workflows not all are looked for: then it is empty, too.
        """
        if avoided == 0 or not self.steps or not self._passed_over[avoided]:
            return ()
        before: dict[int, int | None] = {0: None}
        pending = deque((0,))
        while pending and index not in before and self._visits < _MOST_VISITS:
            here = pending.popleft()
            self._visits += 1
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

    @cached_property
    def _passed_over(self) -> tuple[bool, ...]:
        """For each step whether some step before it can lead to one behind it: else every path goes through it."""
        change = [0] * (len(self.steps) + 1)
        for index in self.reached:
            furthest = max(self.after(index), default=index)
            if furthest > index + 1:
                change[index + 1] += 1
                change[furthest] -= 1
        return tuple(count > 0 for count in accumulate(change))

    def closed_loops(self) -> list[tuple[int, ...]]:
        """Sets of steps that lead, after success, only to each other; the smallest ones, each in running order."""
        found: list[tuple[int, ...]] = []
        for steps in self._knots():
            following = frozenset[int]().union(*(self.exits[step].on_success for step in steps))
            ends = any(self.exits[step].ends for step in steps)
            if following and following <= steps and not ends:
                found.append(tuple(sorted(steps)))
        return sorted(found)

    def _knots(self) -> Iterator[frozenset[int]]:
        """The largest sets of reached steps of which each leads, after success, to each (Tarjan's algorithm)."""
        order: dict[int, int] = {}
        lowest: dict[int, int] = {}
        open_: dict[int, None] = {}
        for start in sorted(self.reached):
            pending = [] if start in order else [(start, iter(sorted(self.exits[start].on_success)))]
            while pending:
                here, following = pending[-1]
                if here not in order:
                    order[here] = lowest[here] = len(order)
                    open_[here] = None
                for other in following:
                    if other not in order:
                        pending.append((other, iter(sorted(self.exits[other].on_success))))
                        break
                    if other in open_:
                        lowest[here] = min(lowest[here], order[other])
                else:
                    pending.pop()
                    if pending:
                        lowest[pending[-1][0]] = min(lowest[pending[-1][0]], lowest[here])
                    if lowest[here] == order[here]:
                        knot = set[int]()
                        while here not in knot:
                            knot.add(open_.popitem()[0])
                        yield frozenset(knot)

    def _reach(self, start: int) -> frozenset[int]:
        seen = {start}
        pending = [start]
        while pending:
            for index in self.after(pending.pop()) - seen:
                seen.add(index)
                pending.append(index)
        return frozenset(seen)


def _exits(step: StepPlan, count: int) -> Exits:
    success, ends, falls_through = _chosen(step.on_success, step.index, step)
    if falls_through:
        if step.index + 1 < count:
            success.add(step.index + 1)
        else:
            ends = True
    failure, _, _ = _chosen(step.on_failure, step.index, None)
    actions = (*step.on_success, *step.on_failure)
    lost = any(action.type == "goto" and action.target is None for action in actions)
    return Exits(frozenset(success), frozenset(failure), ends, lost)


def _chosen(
    actions: Sequence[ActionPlan], own: int, succeeded: StepPlan | None
) -> tuple[set[int], bool, bool]:
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
        if always_chosen(action) or (succeeded is not None and chosen_after_success(succeeded, action)):
            return targets, leaves, False
    return targets, leaves, True


def always_chosen(action: ActionPlan) -> bool:
    """Whether no action behind this one can be chosen; a retry's turn is over when its limit is reached."""
    return not action.criteria and action.type != "retry"


def chosen_after_success(step: StepPlan, action: ActionPlan) -> bool:
    """Whether each status with which ``step`` succeeds meets the criteria of ``action``, which is no retry."""
    if action.type == "retry" or not isinstance(step.call, OperationCall) or not action.criteria:
        return False
    statuses = possible(step.call, step.criteria, action.criteria, "succeeded")
    return bool(statuses) and all(must_hold(action.criteria, status) for status in statuses)


def chosen_before(
    step: StepPlan, listed: Sequence[ActionPlan], *, succeeded: bool
) -> list[ActionPlan | None]:
    """For each of ``listed`` the first action before it that is chosen wherever its criteria hold, if there is one.

    Each action is asked once what it makes of every status; they are then compared by sets of them.
    """
    statuses: list[Status] = []
    if isinstance(step.call, OperationCall) and len(listed) > 1:
        all_ = tuple(criterion for action in listed for criterion in action.criteria)
        statuses = possible(step.call, step.criteria, all_, "succeeded" if succeeded else "failed")
    before: list[tuple[ActionPlan, _Covered]] = []
    found: list[ActionPlan | None] = []
    for action in listed:
        own = _covered(action, statuses)
        found.append(next((one for one, covered in before if _covers(covered, own)), None))
        if action.type != "retry" and len(before) < _MOST_BEFORE:
            before.append((action, own))
    return found


class _Covered(Struct, frozen=True):
    """What an action is chosen for: ``written`` are its criteria, ``may`` and ``must`` statuses that they admit."""

    written: frozenset[tuple[str, str, str | None]]
    may: frozenset[Status]
    must: frozenset[Status]


def _covered(action: ActionPlan, statuses: Sequence[Status]) -> _Covered:
    return _Covered(
        frozenset((one.condition, one.type, one.context) for one in action.criteria),
        frozenset(status for status in statuses if may_hold(action.criteria, status)),
        frozenset(status for status in statuses if must_hold(action.criteria, status)),
    )


def _covers(earlier: _Covered, later: _Covered) -> bool:
    return earlier.written <= later.written or (bool(later.may) and later.may <= earlier.must)
