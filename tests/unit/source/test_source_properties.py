"""Whatever is dumped reads back equal, every node knows its text, and no text raises anything unforeseen."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arazzo.diagnostics import Span
from arazzo.errors import DocumentError
from arazzo.source import Limits, Node, parse
from arazzo.source.yaml_text import resolve_scalar
from arazzo.values import Value, json_equal

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

TEXTS = st.text(max_size=30) | st.sampled_from(
    [
        "on",
        "1.0",
        "null",
        "<<",
        "$inputs.x",
        "a: b",
        "a # b",
        " x",
        "x ",
        "- x",
        "'",
        '"',
        "\\",
        "a\nb",
        "\n\na\n\n  b ",
        "0o7",
        "1e3",
        "",
        "é😀",
        "{",
        "x" * 200,
        "word " * 40,
    ]
)
VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=15,
)


class CoreDumper(yaml.SafeDumper):
    """PyYAML writes for YAML 1.1; this quotes what only 1.2 reads as something other than text."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _as_text(dumper: CoreDumper, text: str) -> yaml.ScalarNode:
    plain = isinstance(resolve_scalar(text), str) and text != "<<"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, None if plain else '"')


CoreDumper.add_representer(str, _as_text)


@QUICK
@given(VALUES, st.sampled_from([None, 2]), st.booleans())
def test_any_value_dumped_as_json_reads_back_equal_and_every_node_knows_its_text(
    value: Value, indent: int | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    tree = parse(text, "f.json")
    assert json_equal(tree.root, value)
    for node in everything(tree.node):
        if not isinstance(node.value, (dict, list)):
            assert json.loads(cut(text, node.span())) == node.value
        else:
            assert cut(text, node.span())[0] in "{["
        if node.path and isinstance(node.path[-1], str):
            assert json.loads(cut(text, node.key_span())) == node.path[-1]
        check_characters(text, node)


# PyYAML writes the line breaks of YAML 1.1 in ways that 1.2 reads otherwise; they have a test of their own.
YAML_VALUES = VALUES.filter(
    lambda value: not any(char in json.dumps(value, ensure_ascii=False) for char in "\x85\u2028\u2029")
)


@QUICK
@given(
    YAML_VALUES,
    st.sampled_from([None, False, True]),
    st.sampled_from([None, "'", '"', "|", ">"]),
    st.booleans(),
)
def test_any_value_dumped_as_yaml_reads_back_equal_and_every_node_knows_its_text(
    value: Value, flow: bool | None, style: str | None, unicode: bool
) -> None:
    text = yaml.dump(
        value,
        Dumper=CoreDumper,
        default_flow_style=flow,
        default_style=style,
        allow_unicode=unicode,
        width=40,
    )
    tree = parse(text, "f.yaml")
    assert not tree.diagnostics
    assert json_equal(tree.root, value)
    for node in everything(tree.node):
        if node.path and isinstance(node.path[-1], str):
            key = cut(text, node.key_span())
            if key[:1] in ("'", '"'):
                assert parse(key, "f.yaml").root == node.path[-1]
            elif key[:1] not in "|>":
                assert str(node.path[-1]).startswith(key)
        if isinstance(node.value, str):
            check_characters(text, node)
        elif not isinstance(node.value, (dict, list)) and style is None:
            assert json_equal(resolve_scalar(node.written), node.value)


@QUICK
@given(st.text() | st.text(alphabet="ab:-#&*!|>'\"[]{},?\\\n\t $%@`~<0.", max_size=60))
def test_any_text_is_read_or_is_a_document_error(text: str) -> None:
    for file in ("f.yaml", "f.json"):
        with contextlib.suppress(DocumentError):
            for node in everything(parse(text, file, limits=Limits(depth=20, nodes=500)).node):
                node.span()
                node.key_span()
                if isinstance(node.value, str):
                    node.text_span(0, len(node.value))


@QUICK
@given(st.text(alphabet='"\\u0123dDeE{}[],:tfn -.+', max_size=60).map(lambda text: "{" + text))
def test_anything_like_json_is_read_or_is_a_document_error(text: str) -> None:
    with contextlib.suppress(DocumentError):
        for node in everything(parse(text, "f.json").node):
            node.span()


@QUICK
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_are_a_document_error(raw: bytes) -> None:
    with contextlib.suppress(DocumentError):
        parse(raw, "f", limits=Limits(depth=20))


def check_characters(text: str, node: Node) -> None:
    """Every character of a text that is no white space and not escaped is found where it stands."""
    if not isinstance(node.value, str):
        return
    for index, char in enumerate(node.value):
        shown = cut(text, node.text_span(index, index + 1))
        if not char.isspace() and not (shown.startswith("\\") or shown == "''"):
            assert shown == char


def everything(node: Node) -> Iterator[Node]:
    yield node
    for inner in (*dict(node.items()).values(), *node.elements()):
        yield from everything(inner)


def cut(text: str, span: Span) -> str:
    """What ``span`` covers of ``text``, whose lines end with LF."""
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: span.line - 1]) + span.column - 1
    end = sum(len(line) + 1 for line in lines[: span.end_line - 1]) + span.end_column - 1
    return text[start:end]
