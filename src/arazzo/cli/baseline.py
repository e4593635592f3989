"""A file of findings that are accepted as they are today (``--baseline``); what is new is still reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from arazzo.cli.options import usage
from arazzo.diagnostics import Diagnostic
from arazzo.report.findings.checked import Checked, relative_uri
from arazzo.report.findings.seen import SeenFrom

_VERSION = 1


def write_baseline(path: Path, checked: Sequence[Checked]) -> int:
    """Accept everything in ``checked``; returns how much it is. The file is meant to be committed and read.

    Files are named as they are seen from its folder, so that it holds wherever the command is started.
    """
    seen = SeenFrom(path.parent)
    entries: list[object] = [
        _entry(seen, document, finding, digest)
        for document in checked
        for finding, digest in seen.fingerprints(document)
    ]
    _write(path, entries)
    return len(entries)


def _entry(seen: SeenFrom, document: Checked, finding: Diagnostic, digest: str) -> dict[str, str]:
    return {
        "code": finding.code,
        "file": relative_uri(seen.name(finding.span.file if finding.span else document.file)),
        "fingerprint": digest,
        "message": finding.message,
    }


def _write(path: Path, entries: Sequence[object]) -> None:
    text = json.dumps({"version": _VERSION, "findings": entries}, ensure_ascii=False, indent=1)
    try:
        path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise usage(f"--baseline {path}: {error.strerror or error}") from None


def follow(path: Path, before: Sequence[Checked], after: Sequence[Checked]) -> None:
    """Accept ``after`` a mend what ``path`` accepted ``before`` it: the texts of lines have changed, not their places.

    What the mend took away is taken out. Raises ``UsageError``.
    """
    accepted = read_baseline(path)
    seen = SeenFrom(path.parent)
    known = {
        (document.file, _place_of(finding)): digest
        for document in before
        for finding, digest in seen.fingerprints(document)
        if digest in accepted
    }
    still: set[str] = set()
    moved: list[object] = []
    for document in after:
        for finding, digest in seen.fingerprints(document):
            if digest in accepted:
                still.add(digest)
            elif (document.file, _place_of(finding)) in known:
                moved.append(_entry(seen, document, finding, digest))
    gone = set(known.values()) - still
    entries = json.loads(path.read_text(encoding="utf-8"))["findings"]
    _write(path, [*(entry for entry in entries if entry["fingerprint"] not in gone), *moved])


def _place_of(finding: Diagnostic) -> tuple[str, str, int | None]:
    return finding.code, finding.message, finding.span.line if finding.span is not None else None


def read_baseline(path: Path) -> frozenset[str]:
    """The fingerprints that ``path`` accepts. Raises ``UsageError``."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != _VERSION:
            raise usage(f"--baseline {path}: its version is {content['version']}, not {_VERSION}")
        return frozenset(str(entry["fingerprint"]) for entry in content["findings"])
    except OSError as error:
        raise usage(f"--baseline {path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError):
        raise usage(f"--baseline {path}: no baseline of arazzo", "write one with --update-baseline") from None


def without_accepted(
    checked: Sequence[Checked], accepted: frozenset[str], folder: Path
) -> tuple[list[Checked], int]:
    """``checked`` less what the baseline in ``folder`` accepts, and how much that was."""
    seen = SeenFrom(folder)
    left: list[Checked] = []
    count = 0
    for document in checked:
        new = tuple(finding for finding, digest in seen.fingerprints(document) if digest not in accepted)
        count += len(document.findings) - len(new)
        left.append(replace(document, findings=new))
    return left, count
