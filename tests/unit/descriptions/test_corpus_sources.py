"""The ladder on real documents: one in sixteen of the shared corpus, offline."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from arazzo.descriptions.locate import Rung, find_beside, locate
from arazzo.descriptions.openapi.find import OpenApi, is_openapi
from arazzo.document.model import Document
from arazzo.document.read import read_document
from arazzo.http.retrieve import Permissions, Retriever
from arazzo.source import parse

CORPUS = Path(__file__).resolve().parents[3] / "../shared/corpus"
MANIFEST = CORPUS / "MANIFEST.tsv"
TOOLS = ("tools-", "jentic")


def documents() -> list[tuple[str, str]]:
    with MANIFEST.open(newline="") as rows:
        listed = [(row["file"], row["source_status"]) for row in csv.DictReader(rows, delimiter="\t")]
    return [row for row in listed if not row[0].startswith(TOOLS) and "remote" not in row[1]][::16]


def look_up(document: Document, retriever: Retriever, counts: Counter[str]) -> None:
    (source, *others) = document.source_descriptions
    reach = retriever.on_behalf_of(document.uri)
    wanted = [step.operation_id or "" for workflow in document.workflows for step in workflow.steps]
    found = locate(
        source.name, source.url, document.uri, reach, wanted=[] if others else wanted, at=source.at
    )
    counts["sources"] += 1
    if found.retrieved is None:
        return
    counts[found.rung.name if found.rung else "none"] += 1
    tree = parse(found.retrieved.content, found.retrieved.file)
    assert is_openapi(tree.node)
    description = OpenApi(tree, found.retrieved.uri)
    for operation_id in wanted if not others else ():
        counts["steps"] += 1
        operation = description.operation(operation_id) or description.operation_ignoring_case(operation_id)
        if operation is not None:
            counts["found"] += 1
            assert operation.pointer.startswith("/paths/")
            assert description.operation_at(operation.pointer) is operation
        elif find_beside(
            operation_id, source.name, source.url, document.uri, reach, skip=(found.retrieved.uri,)
        ):
            counts["beside"] += 1


@pytest.mark.skipif(not MANIFEST.exists(), reason="the shared corpus is not here")
def test_nearly_every_source_and_operation_of_real_documents_is_found() -> None:
    counts: Counter[str] = Counter()
    for file, _ in documents():
        path = CORPUS / file
        retriever = Retriever(Permissions(offline=True))
        look_up(
            read_document(parse(path.read_bytes(), file), retriever.uri_of(str(path.resolve()))),
            retriever,
            counts,
        )
    located = sum(counts[rung.name] for rung in Rung)
    assert counts["sources"] > 20
    assert located >= 0.97 * counts["sources"], counts
    assert counts["ORIGINAL"] > located / 2
    assert counts["steps"] > 40
    assert counts["found"] + counts["beside"] >= 0.97 * counts["steps"], counts
