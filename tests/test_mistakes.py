"""Mistakes people make in a document, as they see them: exit 2 before anything is sent."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.scenario import ScriptedProvider, served

ROOT = Path(__file__).resolve().parents[1]
GOOD = (ROOT / "specs/civitai/presigned-blob-generate.arazzo.yml").read_text(encoding="utf-8")
API = (ROOT / "specs/civitai/orchestration.openapi.yml").read_text(encoding="utf-8")
FLAGS = [
    item
    for pair in ("apiKey=K", "mimeType=image/png", "engine=flux2", "prompt=cat", "callbackUrl=https://x.test")
    for item in ("-i", pair)
]

# What is changed, into what; the code, the line's text under the caret, and a part of the hint.
MISTAKES: dict[str, tuple[str, str, str, str, str]] = {
    "an operationId misspelt": (
        "operationId: getWorkflow",
        "operationId: getWorkflo",
        "unknown-operation",
        "getWorkflo",
        "did you mean 'getWorkflow'",
    ),
    "a goto to a step that is not there": (
        "stepId: pollWorkflow\n            criteria",
        "stepId: pollWorkflows\n            criteria",
        "unknown-step",
        "pollWorkflows",
        "did you mean 'pollWorkflow'?",
    ),
    "a malformed expression": (
        "workflowId: $response.body#/id",
        "workflowId: $response.bdy#/id",
        "bad-expression",
        "bdy",
        "body",
    ),
    "an expression with an unknown root": (
        "value: $inputs.mimeType",
        "value: $input.mimeType",
        "bad-expression",
        "$input",
        "$inputs",
    ),
    "a step that is read but not there": (
        "value: $steps.submitWithCallback.outputs.workflowId",
        "value: $steps.submitWithCallbak.outputs.workflowId",
        "unknown-step",
        "$steps.submitWithCallbak.outputs.workflowId",
        "did you mean 'submitWithCallback'?",
    ),
    "broken YAML": (
        "    summary: Reserve an upload",
        "    summary: Reserve: an upload",
        "syntax",
        ":",
        "quote",
    ),
    "a source that is not there": (
        "url: ./orchestration.openapi.yml",
        "url: ./orchestra.openapi.yml",
        "missing-source",
        "./orchestra.openapi.yml",
        "--source civitaiOrchestrationApi=",
    ),
    "a key that stands twice": (
        "        operationId: submitWorkflow",
        "        operationId: submitWorkflow\n        operationId: getWorkflow",
        "duplicate-key",
        "operationId",
        "keep one of them",
    ),
    "a step without what it calls": (
        "        operationId: submitWorkflow\n",
        "",
        "missing-field",
        "",
        "operationId",
    ),
    "a read that nothing can satisfy": (
        "value: $inputs.mimeType",
        "value: $steps.pollWorkflow.outputs.status",
        "forward-reference",
        "$steps.pollWorkflow.outputs.status",
        "",
    ),
}


def arazzo(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "arazzo", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_shown_with_its_place_the_line_a_caret_and_a_hint(mistake: str, tmp_path: Path) -> None:
    before, after, code, marked, hint = MISTAKES[mistake]
    assert GOOD.count(before) >= 1
    (tmp_path / ".git").mkdir()
    if code != "missing-source":
        # Where the operations are in a file beside it, that one is taken, and there is no mistake.
        (tmp_path / "orchestration.openapi.yml").write_text(API)
    path = tmp_path / "mine.arazzo.yml"
    path.write_text(GOOD.replace(before, after, 1))
    with served(ScriptedProvider([])) as url:
        ran = arazzo("run", path, "--server", url, *FLAGS)
    validated = arazzo("validate", path)
    assert ran.returncode == 2, ran.stderr
    assert validated.returncode == 2
    assert ran.stdout == ""
    for text in (ran.stderr, validated.stdout):
        found = re.search(rf"^(\S+):(\d+):(\d+): error {code} ", text, re.MULTILINE)
        assert found, text
        assert found[1] == str(path)
        line = path.read_text().splitlines()[int(found[2]) - 1]
        assert line[int(found[3]) - 1 :].startswith(marked)
        assert line.strip() in text
        assert re.search(r"^[ |]*\^~*$", text, re.MULTILINE), text
        assert hint in text


def test_validate_finds_nothing_to_refuse_in_what_the_project_ships() -> None:
    validated = arazzo("validate", ROOT / "specs")
    assert validated.returncode == 0, validated.stdout
    assert "1 document" in validated.stderr


def test_validate_prints_json_for_programs(tmp_path: Path) -> None:
    path = tmp_path / "mine.arazzo.yml"
    path.write_text(GOOD)
    validated = arazzo("validate", path, "--format", "json")
    found = json.loads(validated.stdout)
    assert {"code", "severity", "message", "file", "line", "column", "hint", "specUrl"} == set(found[0])
    assert "missing-source" in {diagnostic["code"] for diagnostic in found}


def test_what_is_no_arazzo_document_is_passed_over_in_a_folder_and_an_error_when_named(
    tmp_path: Path,
) -> None:
    (tmp_path / "_index.yml").write_text("title: not one\n")
    (tmp_path / "mine.arazzo.yml").write_text(GOOD)
    shutil.copy(ROOT / "specs/civitai/orchestration.openapi.yml", tmp_path)
    folder = arazzo("validate", tmp_path)
    assert folder.returncode == 0
    assert "_index.yml" not in folder.stdout
    assert folder.stderr.startswith("1 document:")
    named = arazzo("validate", tmp_path / "_index.yml")
    assert named.returncode == 2
    assert "not-arazzo" in named.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["frobnicate"], "there is no command 'frobnicate'"),
        (["runn"], "did you mean 'run'?"),
        (["run"], "FILE"),
        (["run", "no-such-file.yml"], "no such file"),
        (["run", "{file}", "no-such-workflow"], "has no workflow 'no-such-workflow'"),
        (["run", "{file}", "-i", "apiKey"], "write --input NAME=VALUE"),
        (["run", "{file}", "-i", "sizeBytes:={"], "not JSON"),
        (["run", "{file}", "-i", "prompt=@no-such-file"], "No such file"),
        (["run", "{file}", "--report", "pdf=x"], "there is no report 'pdf'"),
        (["run", "{file}", "--server", "localhost"], "an absolute http or https URL"),
        (["run", "{file}", "--source", "nope=x.yml"], "has no source description of that name"),
        (["run", "{file}", "--max-steps", "0", "--simulate"], "max_steps must be at least 1"),
        (["run", "{file}", "--save", "nope=x"], "the workflow has no output 'nope'"),
        (["run", "{file}", "--frob"], "--frob"),
        (["validate", "no-such-*.yml"], "no file matches"),
    ],
)
def test_a_wrong_command_line_is_exit_2_and_says_what_is_wrong(arguments: list[str], told: str) -> None:
    file = ROOT / "specs/civitai/presigned-blob-generate.arazzo.yml"
    flags = FLAGS if "{file}" in arguments else []
    ran = arazzo(*(argument.replace("{file}", str(file)) for argument in arguments), *flags)
    assert ran.returncode == 2, ran.stderr
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
