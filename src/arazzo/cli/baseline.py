"""A file of findings that are accepted as they are today (``--baseline``); what is new is still reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from arazzo.cli.options import usage
from arazzo.cli.settings import shown_from
from arazzo.report.findings.checked import Checked, fingerprints, relative_uri

_VERSION = 1


def write_baseline(path: Path, checked: Sequence[Checked]) -> int:
    """Accept everything in ``checked``; returns how much it is. The file is meant to be committed and read.

    Files are named as they are seen from its folder, so that it holds wherever the command is started.
    """
    name = partial(shown_from, path.parent)
    entries = [
        {
            "code": finding.code,
            "file": relative_uri(name(finding.span.file if finding.span else file.file)),
            "fingerprint": digest,
            "message": finding.message,
        }
        for file in checked
        for finding, digest in fingerprints(file.findings, name)
    ]
    text = json.dumps({"version": _VERSION, "findings": entries}, ensure_ascii=False, indent=1)
    try:
        path.write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise usage(f"--baseline {path}: {error.strerror or error}") from None
    return len(entries)


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
    name = partial(shown_from, folder)
    left: list[Checked] = []
    count = 0
    for file in checked:
        new = tuple(
            finding for finding, digest in fingerprints(file.findings, name) if digest not in accepted
        )
        count += len(file.findings) - len(new)
        left.append(replace(file, findings=new))
    return left, count
