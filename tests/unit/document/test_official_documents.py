"""The official test documents and a collection of public ones, where they are at hand."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from arazzo.diagnostics import Diagnostic, Severity
from arazzo.document.read import read_document
from arazzo.errors import DocumentError
from arazzo.source import parse

SHARED = Path(__file__).resolve().parents[3] / "../shared"
OFFICIAL = SHARED / "testdata" / "oai-schema"
EXAMPLES = SHARED / "testdata" / "oai-examples"
CORPUS = SHARED / "corpus"

FAILS: dict[str, list[tuple[str, int, str]]] = {
    # file: code, line and part of the message of every error that is really in it
    "1.0/invalid-arazzo-version.yaml": [("version", 1, "`2`")],
    "1.0/not-an-object.yaml": [("not-arazzo", 1, "not a list")],
    "1.1/async-both-operationId-and-channelPath.arazzo.yaml": [("exclusive-fields", 14, "`channelPath`")],
    "1.1/async-channelPath-without-action.arazzo.yaml": [("missing-field", 13, "needs an `action`")],
    "1.1/async-depends-on-duplicate-values.arazzo.yaml": [("duplicate-id", 20, "`sendEvent` twice")],
    "1.1/async-depends-on-empty.arazzo.yaml": [("empty-list", 18, "`dependsOn`")],
    "1.1/async-depends-on-invalid-reference.arazzo.yaml": [("wrong-value", 22, "not `$steps.sendEvent`")],
    "1.1/channel-path-is-invalid-for-openapi.arazzo.yaml": [
        ("missing-field", 13, "needs an `action`"),
        ("wrong-value", 13, "a source description of type `asyncapi`"),
    ],
    "1.1/invalid-arazzo-version.yaml": [("version", 1, "`2`")],
    "1.1/invalid-async-correlation-id-non-receive-action.arazzo.yaml": [
        ("forbidden-field", 15, "only goes with `action: receive`")
    ],
    "1.1/invalid-async-parameter-without-in.arazzo.yaml": [("missing-field", 16, "needs the field `in`")],
    "1.1/invalid-async.arazzo.yaml": [("wrong-value", 14, "`send` or `receive`, not `invalid`")],
    "1.1/invalid-expression-type-object.arazzo.yaml": [
        ("missing-field", 15, "needs the field `context`"),
        ("wrong-value", 20, "not `rfc9535`"),
    ],
    "1.1/invalid-openapi-parameter-without-in.arazzo.yaml": [("missing-field", 15, "needs the field `in`")],
    "1.1/invalid-openapi-success-criteria.arazzo.yaml": [("empty-list", 14, "`successCriteria`")],
    "1.1/invalid-querystring-without-value.arazzo.yaml": [("missing-field", 15, "needs the field `value`")],
    "1.1/invalid-selector-object.arazzo.yaml": [
        ("missing-field", 15, "needs the field `context`"),
        ("missing-field", 15, "needs the field `type`"),
    ],
    "1.1/invalid-self-fragment.arazzo.yaml": [("wrong-value", 2, "must not contain a fragment")],
    "1.1/invalid-targetSelectorType.arazzo.yaml": [("wrong-value", 18, "not `jmespath`")],
    "1.1/invalid-workflow-step-with-operationId.arazzo.yaml": [("exclusive-fields", 14, "`workflowId`")],
    "1.1/invalid-workflow-success-criteria.arazzo.yaml": [("empty-list", 14, "`successCriteria`")],
    "1.1/not-an-object.yaml": [("not-arazzo", 1, "not a list")],
    "1.1/openapi-both-operationId-and-operationPath.arazzo.yaml": [
        ("exclusive-fields", 14, "`operationPath`")
    ],
    "1.1/openapi-duplicate-parameters.arazzo.yaml": [("duplicate-id", 18, "`limit` in `query`")],
    "1.1/openapi-missing-operation-target.arazzo.yaml": [("missing-field", 12, "needs one of operationId")],
    "1.1/workflow-duplicate-parameters.arazzo.yaml": [("duplicate-id", 17, "`userId`")],
    "1.1/workflow-missing-workflowId.arazzo.yaml": [("missing-field", 12, "needs one of operationId")],
    "1.1/workflow-step-with-action.arazzo.yaml": [("forbidden-field", 14, "`action`")],
    "1.1/workflow-step-with-channelPath.arazzo.yaml": [
        ("exclusive-fields", 13, "`channelPath` and `workflowId`"),
        ("wrong-value", 14, "a source description of type `asyncapi`"),
    ],
}

needs_official = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official test documents are not here")
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the collection of public documents is not here"
)


@needs_official
@pytest.mark.parametrize("file", FAILS)
def test_an_official_document_that_must_fail_has_the_errors_that_are_in_it(file: str) -> None:
    version, name = file.split("/")
    found = [d for d in diagnostics(OFFICIAL / version / "fail" / name) if d.severity is Severity.ERROR]
    assert [(d.code, d.span.line) for d in found if d.span] == [(code, line) for code, line, _ in FAILS[file]]
    for diagnostic, (_, _, message) in zip(found, FAILS[file], strict=True):
        assert message in diagnostic.message


@needs_official
def test_every_official_document_that_must_fail_is_in_the_table() -> None:
    files = {f"{path.parts[-3]}/{path.name}" for path in OFFICIAL.glob("*/fail/*")}
    assert files == FAILS.keys()


@needs_official
@pytest.mark.parametrize(
    "path",
    [*sorted(OFFICIAL.glob("*/pass/*.yaml")), *sorted(EXAMPLES.glob("*/*.arazzo.yaml"))],
    ids=lambda path: f"{path.parts[-3]}/{path.name}",
)
def test_an_official_document_that_must_pass_has_no_structural_error(path: Path) -> None:
    assert [str(d) for d in diagnostics(path) if d.severity is Severity.ERROR] == []


@needs_corpus
def test_public_documents_are_read_and_few_have_structural_errors() -> None:
    with (CORPUS / "MANIFEST.tsv").open(encoding="utf-8", newline="") as lines:
        files = [row["file"] for row in csv.DictReader(lines, delimiter="\t")]
    found = [d for file in files for d in diagnostics(CORPUS / file)]
    in_files = Counter(d.code for d in {(d.code, d.span and d.span.file): d for d in found}.values())
    assert len(files) > 500
    # Looked at by hand: every one is a real mistake of its document, most of them in fixtures made to be wrong.
    errors = {d.code for d in found if d.severity is Severity.ERROR}
    assert {code: in_files[code] for code in sorted(errors)} == {
        "bad-name": 3,
        "empty-list": 1,
        "exclusive-fields": 1,
        "forbidden-field": 2,
        "missing-field": 18,
        "wrong-type": 12,
        "wrong-value": 11,
    }


def diagnostics(path: Path) -> tuple[Diagnostic, ...]:
    try:
        return read_document(parse(path.read_bytes(), str(path)), path.as_uri()).diagnostics
    except DocumentError as error:
        return error.diagnostics
