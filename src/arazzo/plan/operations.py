"""Which API operation a step means: ``operationId``, with or without its source, and ``operationPath``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from arazzo import codes
from arazzo.descriptions.locate import find_beside
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.diagnostics import Findings, Span, suggest
from arazzo.document.model import Document, SourceDescription, Step
from arazzo.plan.library import AsyncApi, Library, base_uri, split_operation_id
from arazzo.source import Node

_PATH_FORMS: Final = re.compile(
    r"\{\s*\$sourceDescriptions\.(?P<braced>[^.}#\s]+)(?P<field>\.url)?\s*\}(?P<slash>/?)(?P<pointer>#/.*)"
    r"|\$sourceDescriptions\.(?P<bare>[^.#\s]+)(?:\.url)?/?(?P<bare_pointer>#/.*)"
    r"|(?P<name>[^#{}$\s]+)(?P<name_pointer>#/.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Found:
    """An operation, and the source description it was found in."""

    source: SourceDescription
    description: OpenApi
    operation: Operation


@dataclass(slots=True)
class OperationFinder:
    """Looks up the operations that the steps of one document name."""

    document: Document
    library: Library
    findings: Findings

    def find(self, step: Step) -> Found | None:
        """The operation ``step`` calls; None, with a finding, when there is none or it cannot be called."""
        found = self._find(step)
        if found is not None:
            self.findings.extend(found.operation.diagnostics)
        return found

    def _find(self, step: Step) -> Found | None:
        if step.channel_path is not None or step.action is not None:
            self._refuse_asynchronous(step, step.at.get("channelPath") or step.at.get("action") or step.at)
            return None
        if step.operation_id is not None:
            return self._by_id(step, step.at.get("operationId") or step.at)
        return self._by_path(step, step.at.get("operationPath") or step.at)

    def _by_id(self, step: Step, node: Node) -> Found | None:
        name, operation_id = split_operation_id(step)
        assert operation_id is not None
        if name is not None:
            source = self._named(name, node)
            return self._in_source(source, operation_id, node) if source else None
        sources = [source for source in self.document.source_descriptions if source.type != "arazzo"]
        if len(sources) == 1:
            return self._in_source(sources[0], operation_id, node)
        return self._in_any(sources, operation_id, node)

    def _named(self, name: str, node: Node) -> SourceDescription | None:
        for source in self.document.source_descriptions:
            if source.name == name:
                return source
        known = [source.name for source in self.document.source_descriptions]
        hint = suggest(name, known, "the document's sources")
        self.findings.add(
            codes.UNKNOWN_SOURCE.at(node.span(), f"no source description is named {name!r}", hint)
        )
        return None

    def _load(self, source: SourceDescription, node: Node) -> OpenApi | None:
        loaded = self.library.source(self.document, source, self.findings)
        if isinstance(loaded, AsyncApi):
            self._refuse_asynchronous(None, node)
        elif loaded is not None and not isinstance(loaded, OpenApi):
            message = (
                f"the source {source.name!r} is an Arazzo document; an operation needs an API description"
            )
            self.findings.add(
                codes.SOURCE_TYPE.at(node.span(), message, "call its workflows with workflowId")
            )
        return loaded if isinstance(loaded, OpenApi) else None

    def _refuse_asynchronous(self, step: Step | None, node: Node) -> None:
        what = f"step {step.step_id!r}" if step else "this step"
        message = f"{what} sends or receives messages (AsyncAPI), which this interpreter does not run yet"
        self.findings.add(codes.UNSUPPORTED.at(node.key_span(), message))

    def _in_source(self, source: SourceDescription, operation_id: str, node: Node) -> Found | None:
        description = self._load(source, node)
        if description is None:
            return None
        operation = description.operation(operation_id)
        if operation is not None:
            return Found(source, description, operation)
        operation = description.operation_ignoring_case(operation_id)
        if operation is not None:
            self.findings.add(
                codes.OPERATION_CASE.at(
                    node.span(),
                    f"{source.name!r} has no operation {operation_id!r}; {operation.operation_id!r} was taken",
                    f"write operationId: {operation.operation_id}",
                )
            )
            return Found(source, description, operation)
        found = self._elsewhere(source, operation_id, node) or self._beside(
            source, description, operation_id, node
        )
        if found is None:
            self._tell_unknown([(source, description)], operation_id, node)
        return found

    def _elsewhere(self, asked: SourceDescription, operation_id: str, node: Node) -> Found | None:
        """◇ the only other source of the document that has the operation."""
        found: list[Found] = []
        for source in self.document.source_descriptions:
            if source is asked or source.type in ("arazzo", "asyncapi"):
                continue
            # What is wrong with a source nobody asked for is no finding of this step.
            description = self.library.source(self.document, source, Findings())
            if isinstance(description, OpenApi):
                operation = description.operation(operation_id)
                if operation is not None:
                    found.append(Found(source, description, operation))
        if len(found) != 1:
            return None
        message = (
            f"{asked.name!r} has no operation {operation_id!r}; the one of {found[0].source.name!r} was taken"
        )
        hint = f"write operationId: $sourceDescriptions.{found[0].source.name}.{operation_id}"
        self.findings.add(codes.OPERATION_OTHER_SOURCE.at(node.span(), message, hint))
        return found[0]

    def _beside(
        self, source: SourceDescription, description: OpenApi, operation_id: str, node: Node
    ) -> Found | None:
        """◇ the only other file beside the source that has the operation: descriptions get split."""
        base, reach = base_uri(self.document), self.library.access.on_behalf_of(self.document.uri)
        found = find_beside(
            operation_id, source.name, source.url, base, reach, skip=(description.uri,), at=node
        )
        if found is None:
            return None
        description, operation, diagnostic = found
        self.findings.add(diagnostic)
        return Found(source, description, operation)

    def _in_any(self, sources: Sequence[SourceDescription], operation_id: str, node: Node) -> Found | None:
        """◇ an unqualified id in a document with several sources: the first that has it."""
        loaded = [(source, self._load(source, node)) for source in sources]
        having = [
            Found(source, description, operation)
            for source, description in loaded
            if description and (operation := description.operation(operation_id))
        ]
        if not having:
            known = [(source, description) for source, description in loaded if description]
            found = self._beside(*known[0], operation_id, node) if known else None
            if known and found is None:
                self._tell_unknown(known, operation_id, node)
            return found
        names = " and ".join(repr(found.source.name) for found in having)
        also = "" if len(having) == 1 else f"; {names} have it, and the first was taken"
        self.findings.add(
            codes.OPERATION_UNQUALIFIED.at(
                node.span(),
                f"the document has {len(sources)} API sources, so {operation_id!r} must say which one it is in{also}",
                f"write operationId: $sourceDescriptions.{having[0].source.name}.{operation_id}",
            )
        )
        return having[0]

    def _tell_unknown(
        self, searched: Sequence[tuple[SourceDescription, OpenApi]], operation_id: str, node: Node
    ) -> None:
        names = " or ".join(repr(source.name) for source, _ in searched)
        near = [name for _, description in searched for name in description.near(operation_id)]
        if near:
            hint = f"did you mean {' or '.join(repr(name) for name in near[:3])}?"
        else:
            known = [name for _, description in searched for name in description.operation_ids()]
            hint = (
                f"it has: {', '.join(known[:8])}{', …' if len(known) > 8 else ''}" if known else "it has none"
            )
        self.findings.add(
            codes.UNKNOWN_OPERATION.at(node.span(), f"no operation {operation_id!r} in {names}", hint)
        )

    def _by_path(self, step: Step, node: Node) -> Found | None:
        text = (step.operation_path or "").strip()
        match = _PATH_FORMS.fullmatch(text)
        hint = "write it as '{$sourceDescriptions.NAME.url}#/paths/~1pets/get'"
        if match is None:
            message = f"the operationPath {text!r} names no source and pointer"
            self.findings.add(codes.BAD_EXPRESSION.at(node.span(), message, hint))
            return None
        name = match["braced"] or match["bare"] or match["name"]
        pointer: str = match["pointer"] or match["bare_pointer"] or match["name_pointer"]
        source = self._named(name, node)
        if source is None:
            return None
        if not match["braced"] or not match["field"] or match["slash"]:
            form = f"'{{$sourceDescriptions.{name}.url}}{pointer}'"
            message = "the operationPath is not in the specification's form"
            self.findings.add(codes.OPERATION_PATH_FORM.at(node.span(), message, f"write it as {form}"))
        description = self._load(source, node)
        if description is None:
            return None
        operation = description.operation_at(pointer)
        if operation is None:
            self._no_operation_at(source, description, pointer, node.span())
            return None
        if operation.pointer != pointer[1:]:
            message = f"the pointer {pointer} is not escaped as a JSON Pointer is"
            self.findings.add(
                codes.OPERATION_PATH_FORM.at(node.span(), message, f"write #{operation.pointer}")
            )
        return Found(source, description, operation)

    def _no_operation_at(
        self, source: SourceDescription, description: OpenApi, pointer: str, span: Span
    ) -> None:
        near = description.near_path(pointer)
        hint = f"did you mean {near[0]!r}?" if near else None
        self.findings.add(
            codes.UNKNOWN_OPERATION.at(span, f"no operation stands at {pointer!r} in {source.name!r}", hint)
        )
