"""What a program that embeds the library does with the records it is given."""

from __future__ import annotations

import copy
import inspect
import pickle
import pydoc
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, get_args

import pytest
from msgspec import Struct

import arazzo
from arazzo.diagnostics import Diagnostic, Severity, Span
from arazzo.engine import events
from arazzo.records import Record

DOCUMENT = """\
arazzo: 1.0.1
info: {title: Long, version: 1.0.0}
sourceDescriptions:
  - {name: shop, url: SHOP, type: openapi}
workflows:
  - workflowId: read
    steps:
      - {stepId: read, operationId: getOrder, parameters: [{name: orderId, in: path, value: x}]}
"""
SHOP = Path(__file__).resolve().parents[1] / "errors/shop.openapi.yaml"
PUBLIC = [
    kind
    for kind in [*(getattr(arazzo, name) for name in arazzo.__all__), *get_args(events.Event)]
    if isinstance(kind, type) and issubclass(kind, Struct)
]


@pytest.fixture(scope="module")
def document() -> arazzo.Document:
    return arazzo.load(DOCUMENT.replace("SHOP", SHOP.as_uri()))


@pytest.fixture(scope="module")
def things(document: arazzo.Document) -> list[Struct]:
    seen: list[Struct] = []
    result = arazzo.run(document, simulate=True, observers=[seen.append], allow_paths=[SHOP.parent])
    assert result.status == "succeeded"
    return [
        document,
        result,
        *result.steps,
        *seen,
        arazzo.Request("GET", "https://a.test/"),
        Span("f", 1, 1, 1, 2),
    ]


@pytest.mark.parametrize("kind", PUBLIC, ids=lambda kind: kind.__name__)
def test_help_tells_of_every_public_class(kind: type[Struct]) -> None:
    assert set(inspect.signature(kind).parameters) == set(kind.__struct_fields__)
    assert kind.__doc__
    assert kind.__doc__ != Struct.__doc__
    assert kind.__name__ in pydoc.render_doc(kind)


def test_records_are_copied_and_sent_to_other_processes(things: list[Struct]) -> None:
    for thing in things:
        assert copy.copy(thing) == thing
        assert copy.deepcopy(thing) == thing
        assert pickle.loads(pickle.dumps(thing)) == thing


def test_records_stay_as_they_are(things: list[Struct]) -> None:
    for thing in things:
        for name in (*thing.__struct_fields__, "anything"):
            with pytest.raises(AttributeError):
                setattr(thing, name, None)


def test_what_is_shown_of_a_record_is_no_copy_of_the_document(document: arazzo.Document) -> None:
    from rich.pretty import pretty_repr

    long = arazzo.load(DOCUMENT.replace("SHOP", SHOP.as_uri()) + "# " + "long " * 100_000)
    assert len(repr(long)) == len(repr(document))
    assert len(pretty_repr(long)) < 20_000
    assert len(repr(long.at.tree)) < 200
    assert len(pretty_repr(long.at.tree)) < 200
    standing = arazzo.position(document, 8, 30, allow_paths=[SHOP.parent])
    assert standing is not None
    assert standing.operation is not None
    assert len(repr(standing)) < 1_000
    assert len(pretty_repr(standing)) < 1_000


class Place(Record, frozen=True):
    aside = ("at",)
    silent = ("text",)
    name: str
    text: str = ""
    at: int = 0


class Other(Record, frozen=True):
    aside = ("at",)
    name: str
    at: int = 0


def test_what_is_aside_does_not_count_and_what_is_silent_does() -> None:
    assert Place("a", at=1) == Place("a", at=2)
    assert not Place("a", at=1) != Place("a", at=2)  # noqa: SIM202 - the other operator is meant
    assert hash(Place("a", at=1)) == hash(Place("a", at=2))
    assert Place("a", "x") != Place("a", "y")
    assert Place("a") != Other("a")
    assert repr(Place("a", "x", 1)) == "Place(name='a')"
    assert Place("a", "x", 1).__rich_repr__() == [("name", "a")]


def test_records_are_taken_apart_by_position() -> None:
    match Diagnostic("code", Severity.ERROR, "said", Span("f", 1, 2, 3, 4, "line")):
        case Diagnostic(code, _, message, Span(file, line, column)):
            assert (code, message, file, line, column) == ("code", "said", "f", 1, 2)
        case _:
            pytest.fail("no match")


def test_a_caller_makes_records_of_their_own() -> None:
    class Mine(arazzo.TransportOptions, frozen=True):
        team: str = "ours"
        made: ClassVar[int] = 0

    mine = Mine(insecure=True)
    assert (mine.insecure, mine.team, mine.max_body) == (True, "ours", arazzo.TransportOptions().max_body)


def test_defaults_are_shared_by_nobody() -> None:
    def fields() -> Iterator[tuple[str, object]]:
        for kind in PUBLIC:
            for name, default in zip(
                reversed(kind.__struct_fields__), reversed(kind.__struct_defaults__), strict=False
            ):
                yield f"{kind.__name__}.{name}", default

    assert [name for name, default in fields() if isinstance(default, (list, dict, set))] == []
