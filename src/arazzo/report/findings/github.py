"""Annotations of GitHub Actions: one workflow command for each finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from arazzo.diagnostics import Severity
from arazzo.report.findings.checked import Checked, counted
from arazzo.report.findings.seen import SeenFrom
from arazzo.report.text import printable, printable_message

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "notice"}


def github(checked: Sequence[Checked], seen: SeenFrom) -> str:
    """Lines that make GitHub mark the places in a pull request; it takes paths from the repository's folder."""
    lines = []
    for file, finding in counted(checked):
        properties = {"file": seen.inside(file), "title": finding.code}
        span = finding.span
        if span is not None:
            properties |= {"line": str(span.line), "endLine": str(span.end_line)}
            if span.line == span.end_line:
                # GitHub takes columns only of a place on one line.
                properties |= {"col": str(span.column), "endColumn": str(span.end_column)}
        written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        message = printable_message(finding.message)
        if finding.hint is not None:
            message += f"\nhint: {printable(finding.hint)}"
        lines.append(f"::{_COMMANDS[finding.severity]} {written}::{_data(message)}")
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
