"""No text is too large, too deep, too entangled or too oddly encoded for a plain error."""

from __future__ import annotations

import time

import pytest

from arazzo.diagnostics import Diagnostic
from arazzo.errors import DocumentError
from arazzo.source import DEFAULT_LIMITS, Limits, parse


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("[" * 60_000, "f.yaml"),
        ("[" * 60_000, "f.json"),
        ("[" * 60_000 + "]" * 60_000, "f.json"),
        ("[" * 60_000 + "]" * 60_000, "f.yaml"),
        ('{"a":' * 60_000, "f.json"),
        ('{"a":' * 60_000 + "1" + "}" * 60_000, "f.json"),
        ("{a: " * 60_000, "f.yaml"),
        ("- " * 60_000, "f.yaml"),
        ("? " * 60_000, "f.yaml"),
        ("\n".join(" " * depth + "a:" for depth in range(3_000)), "f.yaml"),
        ("[" * 500 + "]" * 500, "f.json"),
    ],
    ids=[
        "yaml [",
        "json [",
        "json []",
        "yaml []",
        "json {",
        "json {}",
        "yaml {",
        "yaml -",
        "yaml ?",
        "yaml indent",
        "500",
    ],
)
def test_a_depth_bomb_is_an_error(text: str, file: str) -> None:
    finding = the_error(text, file)
    assert finding.code in ("limit", "syntax")
    if finding.code == "limit":
        assert finding.message == "nested deeper than 200 levels"
        assert finding.hint == "a higher limit is set with --limit-depth"


@pytest.mark.parametrize("file", ["f.json", "f.yaml"])
@pytest.mark.parametrize(("depth", "fits"), [(200, True), (201, False)])
def test_the_depth_limit_is_exact(file: str, depth: int, fits: bool) -> None:
    text = "[" * depth + "]" * depth
    if fits:
        assert isinstance(parse(text, file).root, list)
    else:
        assert the_error(text, file).code == "limit"


@pytest.mark.parametrize("file", ["f.json", "f.yaml"])
def test_a_limit_far_above_what_python_can_nest_is_still_an_error(file: str) -> None:
    assert the_error("[" * 60_000 + "]" * 60_000, file, Limits(depth=1_000_000)).code == "limit"


def test_billion_laughs_are_cut_short() -> None:
    lines = ["a: &a [" + ", ".join(["lol"] * 9) + "]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    began = time.perf_counter()
    finding = the_error("\n".join(lines), "f.yaml")
    assert time.perf_counter() - began < 1
    assert (finding.code, finding.message) == ("limit", "more than 2,000,000 values after expanding aliases")
    assert finding.hint == "a higher limit is set with --limit-nodes"


def test_merge_keys_count_toward_the_limit() -> None:
    members = ", ".join(f"k{i}: 1" for i in range(100))
    text = f"a: &a {{{members}}}\nb:\n" + "  - <<: *a\n" * 20
    assert parse(text, "f.yaml", limits=Limits(nodes=5_000)).root
    assert the_error(text, "f.yaml", Limits(nodes=2_000)).code == "limit"


def test_aliases_that_nest_count_toward_the_depth() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [*a{i - 1}]" for i in range(1, 250)]
    finding = the_error("\n".join(lines), "f.yaml")
    assert finding.message == "nested deeper than 200 levels"
    assert finding.span is not None
    assert finding.span.line == 200


def test_aliases_side_by_side_do_not_count_toward_the_depth() -> None:
    text = "a: &a [[[[x]]]]\nb: [" + ", ".join(["*a"] * 300) + "]\n"
    assert parse(text, "f.yaml", limits=Limits(depth=7)).root


@pytest.mark.parametrize("file", ["f.json", "f.yaml"])
def test_the_number_of_values_is_limited(file: str) -> None:
    text = "[" + ",".join("1" * 101) + "]"
    assert parse(text, file, limits=Limits(nodes=102)).root
    assert the_error(text, file, Limits(nodes=101)).code == "limit"


@pytest.mark.parametrize("text", ["x" * 101, b"x" * 101])
def test_the_size_of_the_text_is_limited(text: str | bytes) -> None:
    finding = the_error(text, "f.yaml", Limits(size=100))
    assert finding.message == "larger than 100 characters"
    assert (finding.hint, str(finding.span)) == ("a higher limit is set with --limit-size", "f.yaml:1:1")
    assert parse(text[:100], "f.yaml", limits=Limits(size=100)).root == "x" * 100


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("text", ["a: é😀\n", '{"a": "é😀"}'])
def test_a_byte_order_mark_says_the_encoding(text: str, encoding: str) -> None:
    tree = parse(text.encode(encoding), "f")
    assert tree.root == {"a": "é😀"}
    assert not tree.text.startswith("\ufeff")
    key = tree.node.get("a")
    assert key is not None
    assert key.key_span().line == 1


def test_big_endian_utf_16_is_read() -> None:
    assert parse(b"\xfe\xff" + "a: é".encode("utf-16-be"), "f").root == {"a": "é"}


def test_a_byte_order_mark_in_front_of_text_is_dropped() -> None:
    assert parse("\ufeffa: 1", "f").root == {"a": 1}
    assert parse('\ufeff{"a": 1}', "f.json").root == {"a": 1}


@pytest.mark.parametrize(
    ("raw", "where", "message"),
    [
        (b"a: 1\nb: caf\xe9\n", "f:2:7", "not UTF-8 text: byte 0xe9"),
        (b"\xef\xbb\xbfa: \xff", "f:1:4", "not UTF-8 text: byte 0xff"),
        (b"\xff\xfea\x00:", "f:1:2", "not UTF-16-LE text: byte 0x3a"),
        (b"\x80", "f:1:1", "not UTF-8 text: byte 0x80"),
        (b"a: \xed\xa0\x80", "f:1:4", "not UTF-8 text: byte 0xed"),
    ],
)
def test_bytes_that_are_no_text_are_an_error_with_their_place(raw: bytes, where: str, message: str) -> None:
    finding = the_error(raw, "f")
    assert (finding.code, str(finding.span), finding.message) == ("unreadable", where, message)
    assert finding.hint == "save it as UTF-8"


def test_half_a_surrogate_pair_is_an_error_that_can_be_shown() -> None:
    finding = the_error("a: 1\nb: x\ud800y", "f")
    assert (finding.code, str(finding.span)) == ("unreadable", "f:2:5")
    assert str(finding).encode()
    assert finding.span is not None
    assert finding.span.excerpt == "b: x?y"


@pytest.mark.parametrize(
    ("text", "file"),
    [("a: 1\n" * 1_500, "f.yaml"), ("{" + '"a": 1, ' * 1_499 + '"a": 1}', "f.json")],
)
def test_the_duplicate_keys_that_are_listed_are_limited(text: str, file: str) -> None:
    assert len(parse(text, file).diagnostics) == 1_000


def test_the_default_limits_are_those_the_documentation_names() -> None:
    assert (DEFAULT_LIMITS.size, DEFAULT_LIMITS.nodes, DEFAULT_LIMITS.depth) == (33_554_432, 2_000_000, 200)


def the_error(text: str | bytes, file: str, limits: Limits = DEFAULT_LIMITS) -> Diagnostic:
    with pytest.raises(DocumentError) as raised:
        parse(text, file, limits=limits)
    (finding,) = raised.value.diagnostics
    return finding
