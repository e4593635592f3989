"""Settings are found however TOML writes them, and a file that has none is not parsed."""

from __future__ import annotations

from pathlib import Path

import pytest

from arazzo.cli import settings
from arazzo.cli.settings import Settings, find_settings


@pytest.mark.parametrize(
    "text",
    [
        "[tool.arazzo]\nstrict = true\n",
        '[ tool . "arazzo" ]\nstrict = true\n',
        "['tool'.'arazzo']\nstrict = true\n",
        "tool.arazzo.strict = true\n",
        "tool\t.\tarazzo = { strict = true }\n",
        "[tool]\narazzo.strict = true\n",
        "[tool]\narazzo = { strict = true }\n",
        "tool = { arazzo = { strict = true } }\n",
        "tool = { ruff = { }, arazzo = { strict = true } }\n",
        '[tool."\\u0061razzo"]\nstrict = true\n',
        '["\\U00000074ool".arazzo]\nstrict = true\n',
    ],
)
def test_a_section_is_found_in_every_way_that_toml_has_to_write_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[project]\nname = "shop"\n{text}', encoding="utf-8")
    if not text.startswith("["):  # Keys of the top stand before any table.
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    assert find_settings(tmp_path).strict


def test_a_file_without_a_section_is_not_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[project]\nname = "arazzo-flows"\ndependencies = ["arazzo>=1"]\n[tool.ruff]\nline-length = 100\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")

    def refuse(file: Path) -> dict[str, object]:
        raise AssertionError(f"{file} was parsed")

    monkeypatch.setattr(settings, "_table", refuse)
    assert find_settings(tmp_path) == Settings()
