"""What stands at a place of a document."""

from __future__ import annotations

from pathlib import Path

import pytest

import arazzo

ERRORS = Path(__file__).resolve().parents[2] / "errors"
FILE = ERRORS / "undocumented-field.arazzo.yaml"
LINES = FILE.read_text(encoding="utf-8").splitlines()


def place(text: str, inside: int = 0) -> tuple[int, int]:
    """The line and column of the first line that holds ``text``."""
    number = next(number for number, line in enumerate(LINES, 1) if text in line)
    return number, LINES[number - 1].index(text) + 1 + inside


def at(text: str, inside: int = 0) -> arazzo.Standing:
    found = arazzo.position(arazzo.load(FILE), *place(text, inside))
    assert found is not None
    return found


def test_a_key_is_told_from_its_value() -> None:
    key, value = at("operationId"), at("getOrder")
    assert (key.on_key, value.on_key) == (True, False)
    assert key.path == value.path == ("workflows", 0, "steps", 0, "operationId")
    assert value.value == "getOrder"
    assert (value.span.line, value.span.column) == place("getOrder")


def test_a_step_knows_what_it_calls() -> None:
    found = at("getOrder", 3)
    assert (found.workflow_id, found.step_id) == ("read-order", "read")
    assert found.operation is not None
    assert found.operation.path == "/orders/{orderId}"


@pytest.mark.parametrize(
    ("text", "expression", "types"),
    [
        ("$inputs.orderId", "$inputs.orderId", {"string"}),
        ("$statusCode", "$statusCode", {"integer"}),
    ],
)
def test_an_expression_has_a_shape(text: str, expression: str, types: set[str]) -> None:
    found = at(text, 2)
    assert found.expression == expression
    assert found.known is not None
    assert found.known.types == frozenset(types)


def test_what_leads_nowhere_has_none() -> None:
    found = at("$response.body#/totl", 5)
    assert found.expression == "$response.body#/totl"
    assert found.known is None


def test_the_members_of_an_object_are_listed() -> None:
    document = arazzo.load(FILE.read_text(encoding="utf-8").replace("$response.body#/totl", "$response.body"))
    line, column = place("$response.body")
    found = arazzo.position(document, line, column, sources={"shop": str(ERRORS / "shop.openapi.yaml")})
    assert found is not None
    assert found.known is not None
    assert {"id", "status", "total", "customer"} <= set(found.known.members)


@pytest.mark.parametrize("place", [(0, 1), (1, 0), (10_000, 1), (1, 10_000)])
def test_outside_the_text_nothing_stands(place: tuple[int, int]) -> None:
    assert arazzo.position(arazzo.load(FILE), *place) is None


def test_every_place_of_a_document_can_be_asked_for() -> None:
    document = arazzo.load(FILE)
    for line, text in enumerate(LINES, 1):
        for column in range(1, len(text) + 1, 3):
            found = arazzo.position(document, line, column)
            assert found is not None
            assert found.span.line <= line


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85"])
def test_a_character_that_separates_lines_elsewhere_separates_none_here(sign: str) -> None:
    text = (
        f'arazzo: 1.0.1\ninfo: {{title: "a{sign}b", version: 1.0.0}}  # c{sign}d\n'
        "sourceDescriptions: []\nworkflows: []\n"
    )
    standing = arazzo.position(arazzo.load(text), 4, 1)
    assert standing is not None
    assert (standing.path, standing.on_key) == (("workflows",), True)


def test_a_document_stays_linked_until_a_file_it_read_changes(tmp_path: Path) -> None:
    description = tmp_path / "shop.openapi.yaml"
    description.write_text((ERRORS / "shop.openapi.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    path = tmp_path / FILE.name
    path.write_text(FILE.read_text(encoding="utf-8"), encoding="utf-8")
    document = arazzo.load(path)
    called = place("getOrder")
    first, again = arazzo.position(document, *called), arazzo.position(document, *called)
    assert first is not None
    assert again is not None
    assert again.operation is first.operation is not None
    description.write_text(
        description.read_text(encoding="utf-8").replace("getOrder", "readOrder"), encoding="utf-8"
    )
    changed = arazzo.position(document, *called)
    assert changed is not None
    assert changed.operation is None


def test_other_options_link_a_document_anew(tmp_path: Path) -> None:
    document = arazzo.load(FILE)
    other = tmp_path / "other.openapi.yaml"
    other.write_text(
        (ERRORS / "shop.openapi.yaml").read_text(encoding="utf-8").replace("/orders", "/bills"),
        encoding="utf-8",
    )
    sources = {"shop": str(ERRORS / "shop.openapi.yaml")}
    paths = []
    for place_of_it in (sources["shop"], str(other)):
        sources["shop"] = place_of_it
        found = arazzo.position(document, *place("getOrder"), sources=sources)
        assert found is not None
        assert found.operation is not None
        paths.append(found.operation.path)
    assert paths == ["/orders/{orderId}", "/bills/{orderId}"]
