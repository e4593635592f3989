"""The ways through a workflow, against a slow search for the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from arazzo.diagnostics import Findings, Span
from arazzo.plan.order import Flowing, Read, check_reads
from arazzo.rules.paths import Exits, Paths

SIZE = 7
STEP = st.integers(0, SIZE - 1)
EXITS = st.lists(
    st.builds(Exits, st.frozensets(STEP, max_size=2), st.frozensets(STEP, max_size=1), st.booleans()),
    min_size=SIZE,
    max_size=SIZE,
)


def paths_of(exits: list[Exits]) -> Paths:
    paths = Paths(())
    # What the steps lead to is all that matters here.
    paths.steps = [None] * len(exits)  # type: ignore[list-item]
    paths.__dict__["exits"] = tuple(exits)
    return paths


def reach(
    start: int, following: Callable[[int], frozenset[int]], avoided: int | None = None
) -> frozenset[int]:
    def wider(seen: frozenset[int], _: object) -> frozenset[int]:
        return seen.union(*(following(step) for step in seen)) - {avoided}

    return reduce(wider, range(SIZE), frozenset({start}))


@given(EXITS, STEP, STEP)
def test_a_way_round_is_found_exactly_when_there_is_one(exits: list[Exits], index: int, avoided: int) -> None:
    index, avoided = max(index, avoided), min(index, avoided)
    paths = paths_of(exits)
    if index == avoided or index not in paths.reached:
        return
    way = paths.way_round(index, avoided)
    assert bool(way) == (avoided != 0 and index in reach(0, paths.after, avoided))
    assert avoided not in way
    assert all(after in paths.after(before) for before, after in pairwise(way))


@given(EXITS)
def test_closed_loops_are_the_steps_that_never_leave_each_other(exits: list[Exits]) -> None:
    paths = paths_of(exits)
    inside = {step: reach(step, lambda at: exits[at].on_success) for step in paths.reached}
    expected = {
        tuple(sorted(steps))
        for step, steps in inside.items()
        if exits[step].on_success
        and all(inside[other] == steps for other in steps)
        and not any(exits[other].ends for other in steps)
    }
    assert paths.closed_loops() == sorted(expected)


SPAN = Span("f", 1, 1, 1, 2)
NAMES = [f"s{number}" for number in range(SIZE)]


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from(NAMES), max_size=1), st.lists(st.sampled_from(NAMES), max_size=1)),
        min_size=SIZE,
        max_size=SIZE,
    )
)
def test_a_read_is_too_early_when_nothing_leads_back(steps: list[tuple[list[str], list[str]]]) -> None:
    flowing = [
        Flowing(NAMES[at], (), tuple(Read(name, SPAN) for name in reads), tuple(leads_to), SPAN)
        for at, (reads, leads_to) in enumerate(steps)
    ]

    def after(at: int) -> frozenset[int]:
        following = {NAMES.index(name) for name in flowing[at].leads_to}
        return frozenset(following | ({at + 1} if at + 1 < SIZE else set()))

    expected = sum(
        at not in frozenset[int]().union(*(reach(first, after) for first in after(NAMES.index(read.of))))
        for at, step in enumerate(flowing)
        for read in step.reads
    )
    findings = Findings()
    check_reads(flowing, findings)
    assert len(findings) == expected
