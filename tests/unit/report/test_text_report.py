"""Diagnostics as text, against golden files: the lines as a person sees them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo import codes
from arazzo.diagnostics import Diagnostic, Severity, Span
from arazzo.document.read import read_document
from arazzo.errors import DocumentError
from arazzo.report.text import render, summary
from arazzo.source import parse

GOLDEN = Path(__file__).parent / "golden"
HEAD = 'arazzo: 1.1.0\ninfo: {title: T, version: "1"}\n'
SOURCES = "sourceDescriptions: [{name: a, url: b}]\n"
LONG = "word " * 30

TEXTS = {
    "two-places": HEAD
    + SOURCES
    + """\
workflows:
  - workflowId: main
    steps:
      - stepId: one
        operationid: x
        operationPath: y
        workflowId: main
        parameters:
          - {name: a, value: 1}
          - {name: a, value: 2}
""",
    "json-with-tabs": '{\n\t"arazzo": "1.1.0",\n\t"info":\t{"title": 1,\t"version": "1"}\n}',
    "wide-characters": HEAD + SOURCES + "workflows: []\n工作流: 1\ncafe\u0301s: {名前: 😀}\n",
    "long-lines": HEAD
    + SOURCES
    + f"workflows: []\nx-a: [{LONG}]\n{'y' * 150}: 1\nx-b: 1\n$self: http://{'h' * 200}/#f\n"
    + f"components: {{inputs: {{a: {{}}}}, parameters: {{a: {{name: {LONG}, in: body, value: 1}}}}, x-c: {LONG}}}\n",
    "several-lines": HEAD.replace("T,", 'T, summary: ["a",\n  "b"],') + SOURCES + "workflows: []\n",
    "escape-codes": HEAD + SOURCES + 'workflows: []\n"\\e[31mred\\u202E\\a": 1\nzero\u200bwidth\u202e: 1\n',
    "broken-text": "arazzo: 1.1.0\ninfo: {title: T\nworkflows: []\n",
    "not-arazzo": "openapi: 3.1.0\n",
    "empty": "",
}


@pytest.mark.parametrize("name", TEXTS)
def test_findings_are_shown_as_in_the_golden_file(name: str) -> None:
    found = findings(TEXTS[name])
    shown = "\n\n".join(render(finding) for finding in found) + f"\n\n{summary(found)}\n"
    assert shown == (GOLDEN / f"{name}.txt").read_text("utf-8")


def test_colours_are_ansi_codes_around_the_same_text() -> None:
    found = findings(TEXTS["two-places"])
    shown = "\n\n".join(render(finding, color=True) for finding in found)
    assert shown.replace("\x1b", "^[") + "\n" == (GOLDEN / "colours.txt").read_text("utf-8")


def test_a_finding_without_a_place_is_one_line_and_its_hint() -> None:
    finding = codes.BAD_USAGE.at(None, "no such workflow: x", "did you mean `y`?")
    assert render(finding) == "error bad-usage no such workflow: x\n  hint: did you mean `y`?"


def test_a_place_without_text_is_only_named() -> None:
    finding = codes.UNREADABLE.at(Span("f.yaml", 1, 1, 1, 2), "it cannot be read")
    assert render(finding) == "f.yaml:1:1: error unreadable it cannot be read"


def test_a_place_behind_the_end_of_its_line_has_its_caret_there() -> None:
    finding = codes.SYNTAX.at(Span("f", 3, 9, 3, 10, "ab"), "more was expected")
    assert render(finding).splitlines()[1:] == ["  3 | ab", "    |   ^"]


def test_a_message_stays_on_its_line() -> None:
    finding = codes.SYNTAX.at(Span("a\nb", 1, 1, 1, 2), "one\ntwo\r\x1b[2J", "three\nfour")
    assert render(finding).splitlines() == [
        "a\\nb:1:1: error syntax one\\ntwo\\r\\x1b[2J",
        "  hint: three\\nfour",
    ]


COUNTS = [
    ((), "no problems"),
    ((Severity.ERROR,), "1 error"),
    ((Severity.WARNING, Severity.WARNING), "2 warnings"),
    (
        (Severity.INFORMATION, Severity.WARNING, Severity.ERROR, Severity.ERROR),
        "2 errors, 1 warning, 1 information",
    ),
    ((Severity.INFORMATION,) * 3, "3 information"),
]


@pytest.mark.parametrize(("severities", "text"), COUNTS)
def test_the_summary_counts_each_severity(severities: tuple[Severity, ...], text: str) -> None:
    assert summary(Diagnostic("x", severity, "y") for severity in severities) == text


@given(st.text(), st.integers(1, 300), st.integers(0, 300), st.integers(0, 1), st.text(max_size=20))
def test_anything_can_be_shown(line: str, column: int, width: int, lines: int, message: str) -> None:
    span = Span("f", 7, column, 7 + lines, column + width, line * 5)
    shown = render(Diagnostic("x", Severity.ERROR, message, span))
    assert len(shown.split("\n")) == (3 if (line * 5).strip() else 1)
    obeyed = {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert obeyed <= set("\n\u200c\u200d")


def findings(text: str) -> tuple[Diagnostic, ...]:
    try:
        return read_document(parse(text, "flow.yaml"), "file:///flow.yaml").diagnostics
    except DocumentError as error:
        return error.diagnostics


def test_a_list_of_places_keeps_its_lines_and_no_document_can_begin_one() -> None:
    listed = codes.MISSING_SOURCE.at(
        None, "it cannot be had; looked at:\n  here: no such file\n  there: refused"
    )
    assert "looked at:\n  here: no such file\n  there: refused" in render(listed)
    forged = codes.UNKNOWN_STEP.at(None, "no step a\nfake.yml:1:1: error")
    assert "a\\nfake.yml" in render(forged)
