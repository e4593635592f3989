"""What a user of the command line sees, in whole: golden files in ``tests/golden`` (``ARAZZO_GOLDEN=write``)."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conformance.scenario import ScriptedProvider, served

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests/golden"
WORKFLOW = "specs/civitai/presigned-blob-generate.arazzo.yml"
INPUTS = {
    "apiKey": "any-key",
    "mimeType": "image/png",
    "engine": "flux2",
    "prompt": "a cat",
    "callbackUrl": "https://x.test",
}
FLAGS = [item for name, value in INPUTS.items() for item in ("-i", f"{name}={value}")]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "NO_COLOR": "1", **more}


def arazzo(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "arazzo", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        input=stdin,
        cwd=ROOT,
        env=environment(**more),
        check=False,
    )


CASES = {
    "help": ["--help"],
    "run-help": ["run", "--help"],
    "validate-help": ["validate", "--help"],
    "show-help": ["show", "--help"],
    "run-simulated": ["run", WORKFLOW, "--simulate", *FLAGS],
    "run-simulated-verbose": ["run", WORKFLOW, "--simulate", "-v", *FLAGS],
    "run-simulated-quiet": ["run", WORKFLOW, "--simulate", "-q", *FLAGS],
    "run-simulated-json": ["run", WORKFLOW, "--simulate", "--json", *FLAGS],
    "run-missing-inputs": ["run", WORKFLOW, "--simulate", "-i", "apikey=K", "-i", "sizeBytes=big"],
    "run-strict": ["run", WORKFLOW, "--simulate", "--strict", *FLAGS],
    "show": ["show", WORKFLOW],
    "show-mermaid": ["show", WORKFLOW, "--graph", "mermaid"],
    "show-dot": ["show", WORKFLOW, "--graph", "dot"],
    "validate": ["validate", "specs"],
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_printed_is_what_the_golden_file_has(case: str) -> None:
    ran = arazzo(*CASES[case], COLUMNS="100")
    text = f"exit {ran.returncode}\n--- stdout\n{ran.stdout}--- stderr\n{ran.stderr}"
    path = GOLDEN / f"{case}.txt"
    if os.environ.get("ARAZZO_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    # argparse words a few things anew from one version of Python to the next.
    if case.endswith("-help") and sys.version_info[:2] != (3, 11):
        pytest.skip("argparse's own wording differs between versions of Python")
    assert text == path.read_text(encoding="utf-8")


def test_the_version_is_printed() -> None:
    ran = arazzo("--version")
    assert re.fullmatch(r"arazzo \d+\.\d+\.\d+\n", ran.stdout)


def test_inputs_come_from_flags_over_a_file_over_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "inputs.yml"
    file.write_text("prompt: from the file\nengine: flux2\nsizeBytes: 7\n")
    env_file = tmp_path / "env"
    env_file.write_text(
        "# a comment\nARAZZO_INPUT_MIME_TYPE='image/png'\nexport ARAZZO_INPUT_ENGINE=from-env-file\n"
    )
    ran = arazzo(
        "run", WORKFLOW, "--simulate", "--json", "--inputs", str(file), "--env-file", str(env_file),
        "-i", "prompt=from the flag", "-i", "callbackUrl=https://x.test",
        ARAZZO_INPUT_API_KEY="long-enough-key", ARAZZO_INPUT_prompt="from the environment",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["inputs"] == {
        "apiKey": "***",
        "prompt": "from the flag",
        "engine": "flux2",
        "mimeType": "image/png",
        "sizeBytes": 7,
        "callbackUrl": "https://x.test",
    }


def test_the_document_and_the_inputs_may_come_from_standard_input(tmp_path: Path) -> None:
    document = (ROOT / WORKFLOW).read_text(encoding="utf-8")
    source = "civitaiOrchestrationApi=specs/civitai/orchestration.openapi.yml"
    ran = arazzo("run", "-", "--source", source, "--simulate", *FLAGS, stdin=document)
    assert ran.returncode == 0, ran.stderr
    ran = arazzo("run", WORKFLOW, "--inputs", "-", "--simulate", stdin=json.dumps(INPUTS))
    assert ran.returncode == 0, ran.stderr


def test_an_output_is_saved_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "blob.txt"
    ran = arazzo("run", WORKFLOW, "--simulate", "--save", f"blobId={path}", *FLAGS)
    assert ran.returncode == 0, ran.stderr
    assert path.read_text() == json.loads(ran.stdout)["blobId"]


def test_a_header_of_the_users_goes_with_every_request() -> None:
    provider = ScriptedProvider([])
    with served(provider) as url:
        arazzo("run", WORKFLOW, "--server", url, "-H", "X-Trace: 1", *FLAGS)
    assert isinstance(provider.trace[0]["headers"], dict)
    assert provider.trace[0]["headers"]["x-trace"] == "1"


def test_an_interrupted_run_is_exit_130_with_a_result_of_what_there_was() -> None:
    slow = ScriptedProvider([{"match": {}, "replies": [{"json": {"blobId": "b"}, "delay": 5}]}], real=True)
    with served(slow) as url:
        process = subprocess.Popen(
            [sys.executable, "-m", "arazzo", "run", WORKFLOW, "--server", url, "--json", *FLAGS],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(),
        )
        until = time.monotonic() + 20
        while not slow.trace and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in err
    result = json.loads(out)
    assert result["status"] == "failed"
    assert result["error"] == {
        "message": "the run was interrupted",
        "workflowId": "presigned-blob-generate",
        "stepId": "requestUploadUrl",
    }
    assert [step["status"] for step in result["steps"]] == [None]


def test_a_reader_who_leaves_early_causes_no_traceback() -> None:
    command = f"{sys.executable} -m arazzo show {WORKFLOW} | head -1"
    ran = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, cwd=ROOT, env=environment(), check=False
    )
    assert ran.stdout.startswith("presigned-blob-generate")
    assert ran.stderr == ""


def test_a_document_with_several_workflows_asks_which_one(tmp_path: Path) -> None:
    text = (ROOT / WORKFLOW).read_text(encoding="utf-8")
    head, _, workflow = text.partition("workflows:\n")
    path = tmp_path / "two.arazzo.yml"
    path.write_text(head + "workflows:\n" + workflow + workflow.replace("presigned-blob-generate", "another"))
    ran = arazzo("run", str(path), "--simulate", *FLAGS)
    assert ran.returncode == 2
    assert "has 2 workflows; say which one to run" in ran.stderr
    assert "presigned-blob-generate, another" in ran.stderr
    shown = arazzo("show", str(path))
    assert "another" in shown.stdout
