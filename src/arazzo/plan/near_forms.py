"""Ways of naming an operation that are not the specification's and still mean one operation only: kindnesses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.diagnostics import Findings
from arazzo.document.model import Document, SourceDescription
from arazzo.patterns import pattern
from arazzo.plan.library import Library

_METHOD_AND_PATH: Final = pattern(r"(?:(?P<method>[A-Za-z]+)\s+)?(?P<path>/[^#\s]*)")


def source_in_id(document: Document, operation_id: str) -> tuple[SourceDescription, str] | None:
    """``name.operationId``, as some tools write it: the source of that name, and the rest; the longest name wins."""
    sources = [s for s in document.source_descriptions if s.type != "arazzo" and s.name]
    named = [source for source in sources if operation_id.startswith(f"{source.name}.")]
    if not named:
        return None
    source = max(named, key=lambda source: len(source.name))
    return source, operation_id.removeprefix(f"{source.name}.")


def at_plain_path(
    text: str, document: Document, library: Library
) -> tuple[SourceDescription, Operation] | None:
    """``/pets`` or ``GET /pets``: the only operation of the document's sources on that path."""
    match = _METHOD_AND_PATH.fullmatch(text.strip())
    if match is None:
        return None
    found = list(_on(match["method"], match["path"], document, library))
    return found[0] if len(found) == 1 else None


def _on(
    method: str | None, path: str, document: Document, library: Library
) -> Iterator[tuple[SourceDescription, Operation]]:
    for source in document.source_descriptions:
        if source.type == "arazzo":
            continue
        # What is wrong with a source that may not be meant is no finding of this step.
        description = library.source(document, source, Findings())
        if not isinstance(description, OpenApi):
            continue
        for known_method, known_path in description.operations():
            if known_path == path and (method is None or method.upper() == known_method.upper()):
                operation = description.operation_on(known_method, known_path)
                if operation is not None:
                    yield source, operation
