"""JUnit and Checkstyle, the two XML formats that build servers read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from arazzo.diagnostics import Diagnostic, Severity
from arazzo.patterns import pattern
from arazzo.report.findings.checked import Checked, counted
from arazzo.report.text import printable, printable_message, render
from arazzo.version import __version__

_FORBIDDEN: Final = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "info"}


def junit(checked: Sequence[Checked], failing: Collection[Severity]) -> str:
    """A test suite for each document and a test case for each finding, failed if its severity is in ``failing``.

    A document without findings is one test case that passed.
    """
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    failures = sum(finding.severity in failing for document in checked for finding in document.findings)
    tests = sum(max(1, len(document.findings)) for document in checked)
    lines.append(
        f'<testsuites name="arazzo validate" tests="{tests}" failures="{failures}" errors="0" time="0">'
    )
    for document in checked:
        lines.extend(_suite(document, failing))
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _suite(document: Checked, failing: Collection[Severity]) -> list[str]:
    findings = document.findings
    failures = sum(finding.severity in failing for finding in findings)
    name = _attribute(document.file)
    counts = f'tests="{max(1, len(findings))}" failures="{failures}" errors="0" skipped="0"'
    lines = [f'  <testsuite name={name} {counts} time="0">']
    if not findings:
        lines.append(f'    <testcase name="no findings" classname={name} time="0"/>')
    for finding in findings:
        where = f" at {finding.span}" if finding.span else ""
        lines.append(f'    <testcase name={_attribute(finding.code + where)} classname={name} time="0">')
        text = _text(render(finding))
        if finding.severity in failing:
            message = _attribute(printable_message(finding.message))
            lines.append(f'      <failure type="{finding.severity}" message={message}>{text}</failure>')
        else:
            lines.append(f"      <system-out>{text}</system-out>")
        lines.append("    </testcase>")
    return [*lines, "  </testsuite>"]


def checkstyle(checked: Sequence[Checked]) -> str:
    """A ``file`` element for each file with its findings as ``error`` elements, whatever their severity."""
    files: dict[str, list[Diagnostic]] = {document.file: [] for document in checked}
    for file, finding in counted(checked):
        files.setdefault(file, []).append(finding)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<checkstyle version="{__version__}">']
    for file, findings in files.items():
        lines.append(f"  <file name={_attribute(file)}>")
        for finding in findings:
            line, column = (finding.span.line, finding.span.column) if finding.span else (1, 1)
            message = printable_message(finding.message)
            if finding.hint is not None:
                message += f" ({printable(finding.hint)})"
            lines.append(
                f'    <error line="{line}" column="{column}" severity="{_LEVELS[finding.severity]}"'
                f' message={_attribute(message)} source="arazzo.{finding.code}"/>'
            )
        lines.append("  </file>")
    lines.append("</checkstyle>")
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("�", text))


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("�", text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
