"""What reads a text faster gives what the careful way gives."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from arazzo.errors import DocumentError
from arazzo.source import Node, parse, tokens
from arazzo.source.yaml_text import resolve_scalar
from arazzo.values import Value

PIECES = (
    *("a", "$", "{", "}", ".", "#", ":", " ", "\t", "'", "''", '"', '\\"', "\\\\", "\\n", "\\u00e9", "\\x41"),
    *(
        "\\ud83d\\ude00",
        "\n  ",
        "\n\n  ",
        "\r\n  ",
        " \n   ",
        "\\\n  ",
        "é",
        "\u2028",
        "\x85",
        "😀",
        "|",
        ">",
    ),
    *("-", "&x ", "*q", "\u00a0", "\ufeff", "0"),
)
BODY = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)
DOCUMENTS = (
    "k: {0}\nz: 1\n",
    "k: '{0}'\n",
    'k: "{0}"\n',
    "k: |\n  {0}\n",
    "k: >-\n  {0}\n",
    "k: &q {0}\nz: *q\n",
    "k: &q '{0}'\nz: [*q, '*q']\n",
    "[{0}, \"{0}\", '{0}']\n",
    "k: !!str {0}\n",
    '{{"k": "{0}"}}',
)


def texts(node: Node) -> list[Node]:
    nodes = [node]
    for inner in nodes:
        nodes.extend(member for _, member in inner.items())
        nodes.extend(inner.elements())
    return [inner for inner in nodes if isinstance(inner.value, str)]


def located(node: Node, start: int, end: int) -> tuple[int, int] | None:
    assert isinstance(node.value, str)
    at = node.tree.places().place(node.tree.root, node.path).at
    return tokens.locate(node.tree.text, at, node.value, start, end)


@given(st.sampled_from(DOCUMENTS), BODY, st.booleans())
@example(
    'k: "{0}"\n', "a \n  ", False
)  # the blank of the value is the fold, not the blank that stands before it
@example("k: '{0}'\n", " \n   ", True)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_scalar_that_stands_as_it_is_is_located_as_others_are(shape: str, body: str, crlf: bool) -> None:
    text = shape.format(body)
    try:
        tree = parse((text.replace("\n", "\r\n") if crlf else text).encode(), "x.yaml")
    except DocumentError:
        return
    for node in texts(tree.node):
        length = len(str(node.value))
        ranges = [(start, end) for start in range(length + 2) for end in range(start + 1, length + 3)]
        fast = [located(node, *range_) for range_ in ranges]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tokens, "_stands_as_it_is", lambda *_: False)
            assert fast == [located(node, *range_) for range_ in ranges]


def by_the_schema(text: str) -> Value:
    """YAML 1.2, 10.3.2, as its regular expressions say it."""
    if re.fullmatch("(?:null|Null|NULL|~|)", text):
        return None
    if re.fullmatch("true|True|TRUE|false|False|FALSE", text):
        return text.lower() == "true"
    if re.fullmatch("[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch("0o[0-7]+", text):
        return int(text[2:], 8)
    if re.fullmatch("0x[0-9a-fA-F]+", text):
        return int(text[2:], 16)
    if re.fullmatch(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", text):
        number = float(text)
        return text if math.isinf(number) else number
    return text


def same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and repr(one) == repr(other)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "+.5",
            "5.",
            ".e5",
            "1e5",
            "0o7",
            "0x_1",
            "-0",
            "-0.0",
            "1e999",
            "--1",
            "1-1",
            "1_0",
            "+",
            "-",
            ".",
        ),
        *(
            "+.",
            "1e",
            "1e+",
            "1e+-1",
            "0o",
            "0x",
            "0o8",
            "+0o7",
            "-0x1",
            "0O7",
            "0X1",
            "1.e5",
            "1.2.3",
            "007",
        ),
        *(
            "٣",
            "1٣",
            "１",
            "²",
            "0o٣",
            "0xＡ",
            "1 ",
            "1\n",
            "0x1\n",
            "1e-999",
            "+.inf",
            ".nan",
            "e5",
            "0x1.8p3",
        ),
    ],
)
def test_a_number_is_one_of_the_core_schema(text: str) -> None:
    assert same(resolve_scalar(text), by_the_schema(text))


@given(st.one_of(st.text("0123456789+-.eE", max_size=8), st.text("0178+-.eEoxafF_ \n٣", max_size=6)))
@settings(max_examples=500, deadline=None, derandomize=True)
def test_what_looks_like_a_number_is_one_of_the_core_schema(text: str) -> None:
    assert same(resolve_scalar(text), by_the_schema(text))
