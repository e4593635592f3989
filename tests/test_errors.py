"""Mistakes as people make them, and what we say: pairs of files in ``tests/errors`` (``ARAZZO_GOLDEN=write``).

``NAME.arazzo.yaml`` is checked with ``arazzo validate --offline``, or with the command that its first line names as
``# $ arazzo …``; ``NAME.err`` is all that is printed. Every code has at least one pair.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
from pathlib import Path
from typing import NoReturn

import pytest

from arazzo.cli.main import main
from arazzo.rules.codes import table

ERRORS = Path(__file__).resolve().parent / "errors"
CASES = sorted(path.name.removesuffix(".arazzo.yaml") for path in ERRORS.glob("*.arazzo.yaml"))
_COMMAND = re.compile(r"# \$ arazzo (.*)")


def command(path: Path) -> list[str]:
    first = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    match = _COMMAND.match(first)
    written = shlex.split(match[1]) if match else ["validate", "--offline", "FILE"]
    return [path.name if word == "FILE" else word for word in written]


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_as_the_golden_file_has_it(
    case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ERRORS)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    _leave_the_network(monkeypatch)
    code = main(command(ERRORS / f"{case}.arazzo.yaml"))
    printed = capsys.readouterr()
    text = _wherever_it_runs(f"exit {code}\n{printed.out}{printed.err}")
    golden = ERRORS / f"{case}.err"
    if os.environ.get("ARAZZO_GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def _leave_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is found, so that what would be sent fails in the same way everywhere."""

    def no_name(*_: object, **__: object) -> NoReturn:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_name)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def _wherever_it_runs(text: str) -> str:
    """``text`` without what depends on the machine: the folder above, and how long a request took."""
    text = text.replace(str(ERRORS.parent), "..")
    return re.sub(r"(?<=[ ,] )[\d.]+ m?s$", "0 ms", text, flags=re.MULTILINE)


def test_every_code_has_a_mistake_that_shows_it() -> None:
    shown = "\n".join(path.read_text(encoding="utf-8") for path in ERRORS.glob("*.err"))
    missing = [
        code.name
        for code in table()
        if not re.search(rf"\b(?:error|warning|information) {code.name}\b", shown)
    ]
    assert missing == []


def test_every_pair_is_whole() -> None:
    assert [path.name for path in ERRORS.glob("*.err") if path.stem not in CASES] == []
