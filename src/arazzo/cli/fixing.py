"""``arazzo validate --fix``: make the mends that are obvious, and write the files back."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from arazzo.cli.opening import open_document
from arazzo.cli.options import ValidateOptions, usage
from arazzo.diagnostics import Diagnostic
from arazzo.errors import DocumentError
from arazzo.report.findings.checked import Checked
from arazzo.source.rewrite import rewrite

_BOM = b"\xef\xbb\xbf"


def fix_all(checked: Sequence[Checked], args: ValidateOptions) -> tuple[str, ...]:
    """Mend what has one obvious mend in each document, and say so; returns the files that were changed."""
    changed = []
    for document in checked:
        path = Path(document.file)
        if document.file == "-" or "://" in document.file or not path.is_file():
            continue
        count = _fix(path, [finding for finding in document.findings if finding.mend is not None], args)
        if count:
            changed.append(document.file)
            sys.stderr.write(f"{path}: {count} {'finding' if count == 1 else 'findings'} mended\n")
    return tuple(changed)


def _fix(path: Path, findings: Collection[Diagnostic], args: ValidateOptions) -> int:
    if not findings:
        return 0
    try:
        tree = open_document(str(path), args).at.tree
    except DocumentError:
        return 0
    # A finding in another file, a source for instance, is not this document's to mend.
    own = (finding for finding in findings if finding.span is not None and finding.span.file == tree.file)
    mends = dict.fromkeys(finding.mend for finding in own if finding.mend is not None)
    text, made = rewrite(tree, mends)
    if made:
        try:
            mark = _BOM if path.read_bytes().startswith(_BOM) else b""
            path.write_bytes(mark + text.encode("utf-8"))
        except OSError as error:
            raise usage(f"--fix: {path}: {error.strerror or error}") from None
    return made
