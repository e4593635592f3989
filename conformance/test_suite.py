"""The suite itself: its clauses exist, its page is up to date, and its scorer scores."""

from __future__ import annotations

import re
import sys

import pytest

from conformance import coverage, score
from conformance.scenario import Scenario, scenarios

_SAMPLE = (
    "a token that has expired is refreshed by a workflow, and the call is made again with the new one",
    "a retry that is used up gives way to the next action",
    "a workflow of another document is called, and its outputs come back",
    "a source given from outside replaces the url",
    "a loop that never ends is stopped, and the result says which step it was",
    "a redirect that the operation does not document is followed",
    "an operation that no source has",
    "a failed workflow still names its outputs, as far as they exist",
)


def _named(name: str) -> Scenario:
    return next(scenario for scenario in scenarios() if scenario.name == name)


def test_every_case_names_a_clause_that_there_is() -> None:
    known = coverage.clauses()
    measured = coverage.measure()
    cited = {*measured.scenarios, *measured.vectors}
    assert not [c for c in cited if c not in known and not re.fullmatch(r"semantics §[1-8]", c)]


def test_the_coverage_page_is_up_to_date() -> None:
    written = coverage.PAGE.read_text(encoding="utf-8")
    assert written == coverage.page(), "run: python -m conformance.coverage"


def test_everything_an_interpreter_has_to_do_is_exercised() -> None:
    assert "Nothing is left." in coverage.page()


@pytest.mark.parametrize("name", _SAMPLE)
def test_our_own_command_line_scores(name: str) -> None:
    scored = score.score(_named(name), [])
    assert scored.verdict == "passed", scored.why


def test_a_runner_that_does_nothing_fails_what_it_is_asked() -> None:
    command = [sys.executable, "-c", "print('{}')", "{entry}", "{workflow}", "{inputs}"]
    assert score.score(_named(_SAMPLE[0]), command).verdict == "failed"
    assert score.score(_named(_SAMPLE[6]), command).why.startswith("it was not refused")
    assert score.score(_named(_SAMPLE[3]), command).verdict == "not asked"


def test_a_runner_is_told_the_options_of_a_scenario() -> None:
    options = (
        "import json, sys; sys.exit(json.load(open(sys.argv[1]))['sources']['api'].endswith('api.yml') - 1)"
    )
    scored = score.score(_named(_SAMPLE[3]), [sys.executable, "-c", options, "{options}"])
    assert "requests" in scored.why


def test_the_table_counts_the_specification_and_our_reading_apart() -> None:
    theirs, ours = _named(_SAMPLE[1]), _named(_SAMPLE[3])
    text = score.table([score.Score(theirs, "passed"), score.Score(ours, "failed", "why")])
    assert text.splitlines()[-1].split() == ["all", "1/1", "0/1"]
