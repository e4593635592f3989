"""Plays every run scenario against a command-line runner: ``python -m conformance.score -- COMMAND…``.

``README.md`` tells what COMMAND is given and what it has to do. Without one, our own command line is scored.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from arazzo.values import Value, json_equal
from conformance.play import check_trace
from conformance.scenario import Scenario, ScriptedProvider, scenarios, served

_LONGEST_WAITS: Final = 10.0
"""Seconds: a scenario whose waits come to more is not asked of a runner that really waits."""
_PATIENCE: Final = 60.0
_FLAGS: Final = {
    "maxSteps": "--max-steps",
    "timeout": "--timeout",
    "stepTimeout": "--step-timeout",
    "pollInterval": "--poll-interval",
    "maxWait": "--max-wait",
}


@dataclass(frozen=True)
class Score:
    """What came of one scenario; ``why`` says what was wrong, or why it was not asked."""

    scenario: Scenario
    verdict: Literal["passed", "failed", "not asked"]
    why: str = ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when everything that was asked passed."""
    parser = argparse.ArgumentParser(prog="python -m conformance.score", description=__doc__)
    parser.add_argument("--file", action="append", default=[], help="only this file of scenarios; repeatable")
    parser.add_argument("--only", default="", metavar="TEXT", help="only scenarios with this in their name")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="this many at a time (default 2)")
    parser.add_argument("--verbose", action="store_true", help="also what was not asked")
    parser.add_argument("command", nargs="*", metavar="COMMAND", help="after --; our own if it is left out")
    args = parser.parse_args(arguments)
    chosen = [s for s in scenarios() if (not args.file or s.file in args.file) and args.only in s.name]
    with ThreadPoolExecutor(args.jobs) as pool:
        scores = list(pool.map(lambda scenario: score(scenario, args.command), chosen))
    for item in scores:
        if item.verdict == "failed" or (args.verbose and item.verdict == "not asked"):
            sys.stdout.write(f"{item.verdict}: {item.scenario}\n    {item.why}\n")
    sys.stdout.write(table(scores))
    return 1 if any(item.verdict == "failed" for item in scores) else 0


def score(scenario: Scenario, command: Sequence[str]) -> Score:
    """Play one scenario against ``command``, our own command line when it is empty."""
    why_not = _not_asked(scenario, command)
    if why_not:
        return Score(scenario, "not asked", why_not)
    provider = ScriptedProvider([], real=True)
    with tempfile.TemporaryDirectory() as folder, served(provider) as server:
        here = scenario.at(server)
        provider.rules = here.provider
        argv = _argv(here, command, Path(folder), server)
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return Score(scenario, "failed", f"it did not end within {_PATIENCE:g} s")
        except OSError as error:
            return Score(scenario, "failed", str(error))
    try:
        judge(here, done.returncode, done.stdout, provider)
    except AssertionError as error:
        said = (done.stderr.strip().splitlines() or [""])[-1]
        return Score(scenario, "failed", " ".join(f"{error} | it said: {said}".split())[:600])
    return Score(scenario, "passed")


def _not_asked(scenario: Scenario, command: Sequence[str]) -> str | None:
    waits = scenario.expect.get("waits", [])
    assert isinstance(waits, list)
    if sum(float(str(seconds)) for seconds in waits) > _LONGEST_WAITS:
        return "it would wait too long"
    if scenario.options and command and not any("{options}" in word for word in command):
        return "COMMAND takes no {options}"
    return None


def _argv(scenario: Scenario, command: Sequence[str], folder: Path, server: str) -> list[str]:
    (folder / ".git").mkdir()
    entry = scenario.write(folder)
    inputs, options = folder / "scenario-inputs.json", folder / "scenario-options.json"
    inputs.write_text(json.dumps(scenario.inputs), encoding="utf-8")
    if not command:
        return _our_own(scenario, entry, inputs, folder)
    told = dict(scenario.options)
    sources = told.get("sources")
    if isinstance(sources, dict):
        told["sources"] = {name: str(folder / str(path)) for name, path in sources.items()}
    options.write_text(json.dumps(told), encoding="utf-8")
    values = {
        "{entry}": str(entry),
        "{workflow}": scenario.workflow or "",
        "{inputs}": str(inputs),
        "{server}": server,
        "{options}": str(options),
    }
    return [_filled(word, values) for word in command]


def _filled(word: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(name, value)
    return word


def _our_own(scenario: Scenario, entry: Path, inputs: Path, folder: Path) -> list[str]:
    argv = [sys.executable, "-m", "arazzo", "run", str(entry), "--inputs", str(inputs), "--quiet"]
    if scenario.workflow is not None:
        argv.append(scenario.workflow)
    for name, value in scenario.options.items():
        if name in _FLAGS:
            argv += [_FLAGS[name], str(value)]
        elif name == "strict" and value is True:
            argv.append("--strict")
        elif isinstance(value, dict):
            for key, place in value.items():
                given = str(folder / str(place)) if name == "sources" else str(place)
                argv += [f"--{name[:-1]}", f"{key}={given}"]
    return argv


def judge(scenario: Scenario, code: int, stdout: str, provider: ScriptedProvider) -> None:
    """Compare what a runner did with what the scenario expects. Raises ``AssertionError``."""
    assert not provider.unmatched, f"no rule matches {provider.unmatched}"
    expect = scenario.expect
    if "refused" in expect:
        assert code != 0, "it was not refused"
        assert not provider.trace, "something was sent"
        return
    succeeded = expect["status"] == "succeeded"
    assert (code == 0) is succeeded, f"exit code {code}, and the run should have {expect['status']!s}"
    if "trace" in expect:
        check_trace(expect["trace"], provider.trace)
    if succeeded and "outputs" in expect:
        try:
            outputs: Value = json.loads(stdout)
        except ValueError:
            raise AssertionError(f"stdout is no JSON: {stdout[:100]!r}") from None
        assert json_equal(outputs, expect["outputs"]), f"outputs {outputs!r}, not {expect['outputs']!r}"


def table(scores: Iterable[Score]) -> str:
    """One line for each file: of the specification's scenarios and of our own, how many of those asked passed."""
    scores = list(scores)
    rows = [(file, [s for s in scores if s.scenario.file == file]) for file in _files(scores)]
    rows.append(("all", scores))
    lines = [f"{'':<22}{'specification':>15}{'semantics':>13}{'not asked':>11}"]
    for file, of_file in rows:
        ours = [s for s in of_file if is_ours(s.scenario)]
        theirs = [s for s in of_file if not is_ours(s.scenario)]
        not_asked = sum(s.verdict == "not asked" for s in of_file)
        lines.append(f"{file:<22}{_ratio(theirs):>15}{_ratio(ours):>13}{not_asked or '':>11}")
    return "\n".join(lines) + "\n"


def is_ours(scenario: Scenario) -> bool:
    """Whether a scenario stands on our reading and not on the specification's text alone."""
    return bool(scenario.kindness) or any(clause.startswith("semantics") for clause in scenario.clause)


def _files(scores: Iterable[Score]) -> list[str]:
    return list(dict.fromkeys(score.scenario.file for score in scores))


def _ratio(scores: Sequence[Score]) -> str:
    asked = [score for score in scores if score.verdict != "not asked"]
    return f"{sum(score.verdict == 'passed' for score in asked)}/{len(asked)}" if asked else ""


if __name__ == "__main__":
    raise SystemExit(main())
