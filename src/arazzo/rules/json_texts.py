"""Places inside a payload that is a JSON text, with or without expressions in it."""

from __future__ import annotations

from arazzo.diagnostics import Span
from arazzo.errors import DocumentError
from arazzo.expression.template import Embedded, Template, Text
from arazzo.source import Node, parse


def read_inside(node: Node, payload: Template | None) -> Node | None:
    """The value that the text at ``node`` is as JSON, its places counted in that text; None where it is no JSON.

    What stands for a value of its own is a text there, as long as the expression.
    """
    text = node.value
    if not isinstance(text, str):
        return None
    if isinstance(payload, Text):
        for part in payload.parts:
            if isinstance(part, Embedded):
                start, end = part.expression.span
                braced = text[start - 1 : start] == "{" and text[end : end + 1] == "}"
                start, end = (start - 1, end + 1) if braced else (start, end)
                inner = "x" * (end - start - 2)
                text = f"{text[:start]}{f'x{inner}x' if part.in_string else f'{chr(34)}{inner}{chr(34)}'}{text[end:]}"
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return parse(text, f"{node.tree.file}.json").node
    except DocumentError:
        return None


def span_outside(span: Span | None, node: Node) -> Span:
    """The place in the document of what stands at ``span`` of the JSON text at ``node``."""
    text = node.value
    if span is None or not isinstance(text, str):
        return node.span()
    lines = text.split("\n")
    before = [sum(len(line) + 1 for line in lines[: number - 1]) for number in (span.line, span.end_line)]
    return node.text_span(before[0] + span.column - 1, before[1] + span.end_column - 1)
