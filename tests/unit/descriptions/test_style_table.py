"""OpenAPI's table of styles, as data (3.1.2 and 3.2, *Style Examples*), to the byte."""

from __future__ import annotations

import pytest

from arazzo.descriptions.openapi.model import ParameterSpec
from arazzo.descriptions.openapi.parameters import ParameterError, serialize
from arazzo.values import Value

ARRAY: Value = ["blue", "black", "brown"]
OBJECT: Value = {"R": 100, "G": 200, "B": 150}

# style, in, explode, empty string, string, array, object; None where the table has no entry
TABLE = [
    ("matrix", "path", False, ";color", ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
    (
        "matrix",
        "path",
        True,
        ";color",
        ";color=blue",
        ";color=blue;color=black;color=brown",
        ";R=100;G=200;B=150",
    ),
    ("label", "path", False, ".", ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
    ("label", "path", True, ".", ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
    ("simple", "path", False, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("simple", "path", True, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
    ("simple", "header", False, "", "blue", "blue,black,brown", "R,100,G,200,B,150"),
    ("simple", "header", True, "", "blue", "blue,black,brown", "R=100,G=200,B=150"),
    ("form", "query", False, "color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    (
        "form",
        "query",
        True,
        "color=",
        "color=blue",
        "color=blue&color=black&color=brown",
        "R=100&G=200&B=150",
    ),
    (
        "spaceDelimited",
        "query",
        False,
        None,
        None,
        "color=blue%20black%20brown",
        "color=R%20100%20G%20200%20B%20150",
    ),
    (
        "pipeDelimited",
        "query",
        False,
        None,
        None,
        "color=blue%7Cblack%7Cbrown",
        "color=R%7C100%7CG%7C200%7CB%7C150",
    ),
    ("deepObject", "query", True, None, None, None, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
    ("form", "cookie", False, "color=", "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    (
        "form",
        "cookie",
        True,
        "color=",
        "color=blue",
        "color=blue; color=black; color=brown",
        "R=100; G=200; B=150",
    ),
]
CASES = [
    pytest.param(style, in_, explode, value, expected, id=f"{style}-{in_}-{explode}-{kind}")
    for style, in_, explode, *cells in TABLE
    for (kind, value), expected in zip(
        (("empty", ""), ("string", "blue"), ("array", ARRAY), ("object", OBJECT)), cells, strict=True
    )
    if expected is not None
]


def written(spec: ParameterSpec, value: Value) -> str:
    pairs = serialize(spec, value)
    if spec.in_ in ("path", "header"):
        ((name, text),) = pairs
        assert name == spec.name
        return text
    return ("; " if spec.in_ == "cookie" else "&").join(f"{name}={text}" for name, text in pairs)


@pytest.mark.parametrize(("style", "in_", "explode", "value", "expected"), CASES)
def test_a_value_is_written_as_the_table_writes_it(
    style: str, in_: str, explode: bool, value: Value, expected: str
) -> None:
    assert written(ParameterSpec("color", in_, style=style, explode=explode), value) == expected


@pytest.mark.parametrize("style", ["spaceDelimited", "pipeDelimited"])
def test_an_exploded_delimited_array_repeats_its_name(style: str) -> None:
    assert written(ParameterSpec("color", "query", style=style, explode=True), ARRAY) == (
        "color=blue&color=black&color=brown"
    )


@pytest.mark.parametrize("value", ["blue", 5, ["blue"]])
def test_a_deep_object_carries_nothing_but_objects(value: Value) -> None:
    with pytest.raises(ParameterError, match="deepObject, which carries objects"):
        serialize(ParameterSpec("color", "query", style="deepObject"), value)
