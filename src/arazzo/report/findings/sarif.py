"""SARIF 2.1.0 (OASIS Static Analysis Results Interchange Format)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from arazzo.diagnostics import SPECIFICATION, Code, Diagnostic, Severity, Span
from arazzo.report.findings.checked import Checked, fingerprints, relative_uri
from arazzo.report.findings.seen import SeenFrom
from arazzo.report.plain import to_json_text
from arazzo.values import Value
from arazzo.version import __version__

_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "note"}


class Help(Struct, frozen=True):
    """What is said about a code at length: plain, and as Markdown."""

    text: str
    markdown: str


def sarif(
    checked: Sequence[Checked], codes: Sequence[Code], helps: Mapping[str, Help], seen: SeenFrom
) -> str:
    """One run over ``checked``; its rules are those of ``codes`` that were found, in their order.

    Paths and fingerprints are those ``seen`` from the root of the sources, wherever the command was started.
    """
    found = [finding for document in checked for finding in document.findings]
    names = {finding.code for finding in found}
    rules = [code for code in codes if code.name in names]
    index = {code.name: position for position, code in enumerate(rules)}
    driver: dict[str, Value] = {
        "name": "arazzo",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(code, helps.get(code.name)) for code in rules],
    }
    run: dict[str, Value] = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "artifacts": [{"location": _artifact(document.file, seen)} for document in checked],
        "results": [
            _result(finding, digest, index, seen)
            for finding, digest in fingerprints(found, seen.name, seen.said)
        ],
    }
    return to_json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: Code, help_: Help | None) -> Value:
    rule: dict[str, Value] = {
        "id": code.name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": help_.text if help_ else code.title},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
        "properties": {"tags": ["arazzo", *(["kindness"] if code.kindness else [])]},
    }
    if help_ is not None:
        rule["help"] = {"text": help_.text, "markdown": help_.markdown}
    if code.clause:
        rule["helpUri"] = f"{SPECIFICATION}#{code.clause}"
    return rule


def _result(finding: Diagnostic, digest: str, index: Mapping[str, int], seen: SeenFrom) -> Value:
    text = finding.message if finding.hint is None else f"{finding.message}\nHint: {finding.hint}"
    result: dict[str, Value] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "partialFingerprints": {"arazzoFinding/v1": digest},
    }
    if finding.code in index:
        result["ruleIndex"] = index[finding.code]
    if finding.span is not None:
        result["locations"] = [{"physicalLocation": _place(finding.span, seen)}]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _place(span, seen), "message": {"text": text}}
            for number, (text, span) in enumerate(finding.related, 1)
        ]
    return result


def _place(span: Span, seen: SeenFrom) -> Value:
    region: dict[str, Value] = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
    if span.excerpt:
        region["snippet"] = {"text": span.excerpt}
    return {"artifactLocation": _artifact(span.file, seen), "region": region}


def _artifact(named: str, seen: SeenFrom) -> Value:
    file = seen.inside(named)
    location: dict[str, Value] = {"uri": relative_uri(file)}
    if "://" not in file and not file.startswith("/"):
        location["uriBaseId"] = "%SRCROOT%"
    return location
