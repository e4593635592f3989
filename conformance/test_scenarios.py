"""Every run scenario, through every driver: in this process, on asyncio, over real sockets, and strictly."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

from arazzo.source import parse
from conformance.play import DRIVERS, Driver, check, play
from conformance.scenario import FOLDER, Scenario, scenarios

SCENARIOS = list(scenarios())
CASES = [
    (scenario, driver)
    for scenario in SCENARIOS
    for driver in DRIVERS
    if driver == "sockets" or not scenario.http
]


@pytest.mark.parametrize(("scenario", "driver"), CASES, ids=str)
def test_a_scenario_runs_as_it_must(scenario: Scenario, driver: Driver, tmp_path: Path) -> None:
    check(play(scenario, driver, tmp_path))


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if not s.http], ids=str)
def test_strictly_what_needs_no_kindness_runs_the_same(scenario: Scenario, tmp_path: Path) -> None:
    assert bool(scenario.kindness) == (scenario.strict is not None), "a kindness says what the letter gives"
    check(play(scenario, "in process", tmp_path, strict=True), strict=True)


def test_the_names_of_scenarios_are_unique() -> None:
    twice = [name for name, times in Counter(map(str, SCENARIOS)).items() if times > 1]
    assert not twice


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yml")), ids=lambda path: path.stem)
def test_a_file_of_scenarios_has_the_form_its_schema_says(path: Path) -> None:
    schema = json.loads((FOLDER.parent / "schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    text = parse(path.read_bytes(), path.name).root
    wrong = [
        f"{e.json_path}: {e.message[:200]}" for e in jsonschema.Draft202012Validator(schema).iter_errors(text)
    ]
    assert not wrong
