"""What the documentation says is so: its examples run, its generated pages are up to date, its links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from arazzo.cli.main import COMMANDS, main
from arazzo.cli.settings import read_settings

ROOT = Path(__file__).resolve().parents[1]
VALIDATE = (ROOT / "docs/validate.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "conformance/README.md"]


@pytest.mark.parametrize("page", ["README.md", "docs/python.md", "docs/credentials.md"])
def test_the_python_examples_of_a_page_run_in_order(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / page).read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert examples
    namespace: dict[str, object] = {"__name__": page}
    for example in examples:
        exec(compile(example, page, "exec"), namespace)


def test_the_generated_pages_are_up_to_date() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for path, text in generate.pages():
        assert path.read_text(encoding="utf-8") == text, f"run: python docs/generate.py ({path.name})"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_command_line_page_tells_of_every_command() -> None:
    text = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        assert f"`arazzo {command} " in text


def test_the_page_on_validation_shows_what_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("NO_COLOR", "1")
    (shown,) = re.findall(r"```\n\$ arazzo (validate .*?)```", VALIDATE, re.DOTALL)
    command, _, output = shown.partition("\n")
    assert main(command.split()) == 0
    printed = capsys.readouterr()
    assert printed.out + printed.err == output


def test_the_page_on_validation_has_settings_and_configurations_that_can_be_read(tmp_path: Path) -> None:
    (settings,) = re.findall(r"```toml\n(.*?)```", VALIDATE, re.DOTALL)
    found = read_settings(tmp_path / "arazzo.toml", tomllib.loads(settings))
    assert found.fail_on == "warning"
    assert found.sources == {"petstore": "apis/petstore.yaml"}
    for example in re.findall(r"```yaml\n(.*?)```", VALIDATE, re.DOTALL):
        assert yaml.safe_load(example) is not None


def test_the_hook_and_the_action_run_what_there_is() -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["entry"] == "arazzo validate"
    assert re.search(hook["files"], "flows/orders.arazzo.yaml")
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    (step,) = [step for step in action["runs"]["steps"] if step.get("id") == "validate"]
    known = (ROOT / "tests/golden/validate-help.txt").read_text(encoding="utf-8")
    assert all(flag in known for flag in re.findall(r"--[a-z]\S+", step["run"]))
    assert "${{" not in step["run"]
