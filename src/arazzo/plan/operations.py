"""Which operation or channel a step means: ``operationId``, with or without its source, ``operationPath`` and
``channelPath``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from arazzo import codes
from arazzo.descriptions.locate import find_beside
from arazzo.descriptions.openapi.find import OpenApi
from arazzo.descriptions.openapi.model import Operation
from arazzo.diagnostics import Findings
from arazzo.document.model import Document, SourceDescription, Step
from arazzo.patterns import pattern
from arazzo.plan.channels import FoundChannel, check_message_step, check_openapi_step
from arazzo.plan.found import Description, Found, exactly, found_in
from arazzo.plan.library import Library, base_uri, split_operation_id
from arazzo.plan.near_forms import at_plain_path, source_in_id
from arazzo.plan.not_found import no_channel_at, no_operation_at, unknown_operation, unqualified_operation
from arazzo.source import Node
from arazzo.values import Value

if TYPE_CHECKING:
    pass

_PATH_FORMS: Final = pattern(
    r"\{\s*\$sourceDescriptions\.(?P<braced>[^.}#\s]+)(?P<field>\.url)?\s*\}(?P<slash>/?)(?P<pointer>#/.*)"
    r"|\$sourceDescriptions\.(?P<bare>[^.#\s]+)(?:\.url)?/?(?P<bare_pointer>#/.*)"
    r"|(?P<name>[^#{}$\s]+)(?P<name_pointer>#/.*)",
    re.DOTALL,
)
_ID_FORM: Final = pattern(
    r"(?P<brace>\{)?\$sourceDescriptions\.(?P<name>[\w-]+)\.(?!url\b)(?P<id>[^{}#\s]+)(?(brace)\})"
)
"""An operationId where a path belongs; an example of the specification writes it so."""


class OperationFinder(Struct):
    """Looks up the operations that the steps of one document name."""

    document: Document
    library: Library
    findings: Findings

    def find(self, step: Step) -> Found | FoundChannel | None:
        """What ``step`` calls; None, with a finding, when there is none.

        What of the step does not fit what it calls is a finding too.
        """
        found = self._find(step)
        match found:
            case Found(operation=operation):
                self.findings.extend(operation.diagnostics)
                check_openapi_step(step, found.source, self.findings)
            case FoundChannel():
                holder = found.operation or found.channel
                self.findings.extend(holder.diagnostics if holder else ())
                check_message_step(step, found, self.findings)
        return found

    def _find(self, step: Step) -> Found | FoundChannel | None:
        if step.operation_id is not None:
            return self._by_id(step, step.at.get("operationId") or step.at)
        if step.operation_path is not None:
            return self._by_path(step.operation_path, step.at.get("operationPath") or step.at)
        return self._by_channel(step.channel_path or "", step.at.get("channelPath") or step.at)

    def _by_id(self, step: Step, node: Node) -> Found | FoundChannel | None:
        name, operation_id = split_operation_id(step)
        assert operation_id is not None
        if name is not None:
            source = self._named(name, node)
            return self._in_source(source, operation_id, node) if source else None
        prefixed = self._prefixed(operation_id, node)
        if prefixed is not None:
            return prefixed
        sources = [source for source in self.document.source_descriptions if source.type != "arazzo"]
        if not sources:
            self._tell_no_description(node)
        if len(sources) == 1:
            return self._in_source(sources[0], operation_id, node)
        return self._in_any(sources, operation_id, node, asynchronous=step.action is not None)

    def _prefixed(self, operation_id: str, node: Node) -> Found | FoundChannel | None:
        """◇ ``name.operationId``, where the source of that name has the operation and none of the whole name."""
        split = source_in_id(self.document, operation_id)
        if split is None:
            return None
        source, rest = split
        description = self.library.source(self.document, source, Findings())
        if description is None or isinstance(description, Document) or description.operation(operation_id):
            return None
        found = exactly(source, description, rest)
        if found is not None:
            right = f"$sourceDescriptions.{source.name}.{rest}"
            message = f"an operationId with its source is written `{right}`"
            finding = codes.EXPRESSION_FORM.at(node.span(), message)
            self.findings.add(finding.mended(node.path, node.value, right))
        return found

    def _named(self, name: str, node: Node) -> SourceDescription | None:
        for source in self.document.source_descriptions:
            if source.name == name:
                return source
        known = [source.name for source in self.document.source_descriptions]
        hint = self.findings.guesses.suggest(name, known, "the document's sources")
        self.findings.add(
            codes.UNKNOWN_SOURCE.at(node.span(), f"no source description is named {name!r}", hint)
        )
        return None

    def _load(self, source: SourceDescription, node: Node) -> Description | None:
        loaded = self.library.source(self.document, source, self.findings)
        if isinstance(loaded, Document):
            message = (
                f"the source {source.name!r} is an Arazzo document; an operation needs an API description"
            )
            self.findings.add(
                codes.SOURCE_TYPE.at(node.span(), message, "call its workflows with workflowId")
            )
            return None
        return loaded

    def _tell_no_description(self, node: Node) -> None:
        """Report that every source is an Arazzo document, or says that it is; that there is none is an error itself."""
        for source in self.document.source_descriptions:
            self._load(source, node)

    def _in_source(
        self, source: SourceDescription, operation_id: str, node: Node
    ) -> Found | FoundChannel | None:
        description = self._load(source, node)
        if description is None:
            return None
        found = exactly(source, description, operation_id)
        if found is not None:
            return found
        operation = description.operation_ignoring_case(operation_id)
        if operation is not None:
            self.findings.add(
                codes.OPERATION_CASE.at(
                    node.span(),
                    f"{source.name!r} has no operation {operation_id!r}; {operation.operation_id!r} was taken",
                    f"write operationId: {operation.operation_id}",
                ).mended(node.path, node.value, _with_id(node.value, operation_id, operation.operation_id))
            )
            return found_in(source, description, operation)
        found = self._elsewhere(source, operation_id, node) or self._beside(
            source, description, operation_id, node
        )
        if found is None:
            self.findings.extend(
                unknown_operation([(source, description)], operation_id, node, self.findings.guesses)
            )
        return found

    def _elsewhere(
        self, asked: SourceDescription, operation_id: str, node: Node
    ) -> Found | FoundChannel | None:
        """◇ the only other source of the document that has the operation."""
        having: list[Found | FoundChannel] = []
        for source in self.document.source_descriptions:
            if source is asked or source.type == "arazzo":
                continue
            # What is wrong with a source nobody asked for is no finding of this step.
            description = self.library.source(self.document, source, Findings())
            if description is not None and not isinstance(description, Document):
                found = exactly(source, description, operation_id)
                if found is not None:
                    having.append(found)
        if len(having) != 1:
            return None
        name = having[0].source.name
        message = f"{asked.name!r} has no operation {operation_id!r}; the one of {name!r} was taken"
        hint = f"write operationId: $sourceDescriptions.{name}.{operation_id}"
        finding = codes.OPERATION_OTHER_SOURCE.at(node.span(), message, hint)
        right = f"$sourceDescriptions.{name}.{operation_id}"
        self.findings.add(finding.mended(node.path, node.value, right))
        return having[0]

    def _beside(
        self, source: SourceDescription, description: Description, operation_id: str, node: Node
    ) -> Found | None:
        """◇ the only other file beside the source that has the operation: descriptions of OpenAPI get split."""
        if not isinstance(description, OpenApi):
            return None
        known = self.library.beside(self.document)
        beside = find_beside(
            operation_id,
            source.name,
            source.url,
            base_uri(self.document),
            known.reach,
            skip=(description.uri,),
            at=node,
            files=self.library.files,
            beside=known,
        )
        if beside is None:
            return None
        description, operation, diagnostic = beside
        self.findings.add(diagnostic)
        return Found(source, description, operation)

    def _in_any(
        self, sources: Sequence[SourceDescription], operation_id: str, node: Node, *, asynchronous: bool
    ) -> Found | FoundChannel | None:
        """◇ an unqualified id in a document with several sources: the first that has it.

        A step with an ``action`` (``asynchronous``) means an AsyncAPI source before any other.
        """
        known = [(source, loaded) for source in sources if (loaded := self._load(source, node)) is not None]
        if asynchronous:
            known.sort(key=lambda pair: isinstance(pair[1], OpenApi))
        having = [found for pair in known if (found := exactly(*pair, operation_id)) is not None]
        if not having:
            described = [pair for pair in known if isinstance(pair[1], OpenApi)]
            beside = self._beside(*described[0], operation_id, node) if described else None
            if beside is None and len(known) < len(sources):
                # One of the others may have it; which of them is meant must be said all the same.
                self.findings.extend(unqualified_operation(self.document, operation_id, node))
            elif beside is None and known:
                self.findings.extend(unknown_operation(known, operation_id, node, self.findings.guesses))
            return beside
        taken = [found.source for found in having]
        self.findings.extend(unqualified_operation(self.document, operation_id, node, taken))
        return having[0]

    # --- places

    def _by_path(self, written: str, node: Node) -> Found | FoundChannel | None:
        text = written.strip()
        if _PATH_FORMS.fullmatch(text) is None and (named := _ID_FORM.fullmatch(text)) is not None:
            return self._by_id_in_path(named["name"], named["id"], node)
        plain = at_plain_path(text, self.document, self.library)
        if plain is not None:
            return self._at_plain_path(*plain, node)
        place = self._place(text, "operationPath", "/paths/~1pets/get", node)
        description = self._load(place[0], node) if place else None
        if place is None or description is None:
            return None
        source, pointer = place
        operation = description.operation_at(pointer)
        if operation is None:
            self.findings.extend(
                no_operation_at(source, description, pointer, node.span(), self.findings.guesses)
            )
            return None
        self._note_escaping(pointer, operation.pointer, node)
        return found_in(source, description, operation)

    def _at_plain_path(self, source: SourceDescription, operation: Operation, node: Node) -> Found | None:
        """◇ a path of the API, with or without its method, that one operation only is on."""
        description = self._load(source, node)
        if not isinstance(description, OpenApi):
            return None
        right = f"{{$sourceDescriptions.{source.name}.url}}#{operation.pointer}"
        message = "an operationPath names its source and the place in the description, not the API's path"
        finding = codes.OPERATION_PATH_FORM.at(node.span(), message, f"write it as '{right}'")
        self.findings.add(finding.mended(node.path, node.value, right))
        return Found(source, description, operation)

    def _by_id_in_path(self, name: str, operation_id: str, node: Node) -> Found | FoundChannel | None:
        """◇ an operationPath that holds what belongs into operationId."""
        source = self._named(name, node)
        if source is None:
            return None
        message = "the operationPath names an operation by its id, not by a place in the description"
        hint = f"write operationId: $sourceDescriptions.{name}.{operation_id}"
        self.findings.add(codes.OPERATION_PATH_FORM.at(node.span(), message, hint))
        return self._in_source(source, operation_id, node)

    def _by_channel(self, written: str, node: Node) -> FoundChannel | None:
        place = self._place(written.strip(), "channelPath", "/channels/orders", node)
        description = self._load(place[0], node) if place else None
        if place is None or description is None:
            return None
        source, pointer = place
        if isinstance(description, OpenApi):
            message = (
                f"the source {source.name!r} is an OpenAPI description; channelPath needs an AsyncAPI one"
            )
            hint = "name an operation of it with operationId or operationPath"
            self.findings.add(codes.SOURCE_TYPE.at(node.span(), message, hint))
            return None
        channel = description.channel_at(pointer)
        if channel is None:
            self.findings.add(no_channel_at(source, description, pointer, node.span(), self.findings.guesses))
            return None
        self._note_escaping(pointer, channel.pointer, node)
        return FoundChannel(source, description, None, channel)

    def _place(self, text: str, field: str, example: str, node: Node) -> tuple[SourceDescription, str] | None:
        """The source and the JSON Pointer, with its ``#``, that an ``operationPath`` or ``channelPath`` names."""
        match = _PATH_FORMS.fullmatch(text)
        if match is None:
            message = f"the {field} {text!r} names no source and pointer"
            hint = f"write it as '{{$sourceDescriptions.NAME.url}}#{example}'"
            self.findings.add(codes.BAD_EXPRESSION.at(node.span(), message, hint))
            return None
        name = match["braced"] or match["bare"] or match["name"]
        pointer: str = match["pointer"] or match["bare_pointer"] or match["name_pointer"]
        source = self._named(name, node)
        if source is None:
            return None
        if not match["braced"] or not match["field"] or match["slash"]:
            form = f"'{{$sourceDescriptions.{name}.url}}{pointer}'"
            message = f"the {field} is not in the specification's form"
            finding = codes.OPERATION_PATH_FORM.at(node.span(), message, f"write it as {form}")
            self.findings.add(finding.mended(node.path, node.value, form[1:-1]))
        return source, pointer

    def _note_escaping(self, pointer: str, right: str, node: Node) -> None:
        """◇ a pointer that was understood although it is not written as it must be."""
        if right != pointer[1:]:
            message = f"the pointer {pointer} is not escaped as a JSON Pointer is"
            self.findings.add(codes.OPERATION_PATH_FORM.at(node.span(), message, f"write #{right}"))


def _with_id(written: Value, wrong: str, right: str | None) -> str:
    """The text of an ``operationId`` field with another id behind its source."""
    text = str(written)
    return text.replace(wrong, right, 1) if right is not None and text.count(wrong) == 1 else text
