"""What the documentation says is so: its examples run, its generated pages are up to date, its links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from arazzo.cli.main import COMMANDS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), ROOT / "conformance/README.md"]


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
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
