"""``arazzo.position``: what an editor asks again and again while a document is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Unpack

from msgspec import Struct

from arazzo.api.arguments import check_keywords
from arazzo.api.keywords import LinkKeywords
from arazzo.api.linking import link_leniently
from arazzo.descriptions.openapi.files import Trees
from arazzo.document.model import Document
from arazzo.http.sightings import Facts, Sightings, still_so
from arazzo.plan.model import Plan
from arazzo.rules.position import Standing, standing_at

_MOST_TREES: Final = 50


class _Linked(Struct, frozen=True):
    """The document asked about last, linked; ``facts`` tell whether it would be linked to the same again."""

    description: Document
    keywords: dict[str, object]
    plan: Plan
    facts: Facts | None


_last: _Linked | None = None
_trees: Trees = {}
"""The descriptions read lately, by their content: an editor's document changes with each key, they do not."""


def position(
    description: Document, line: int, column: int, **keywords: Unpack[LinkKeywords]
) -> Standing | None:
    """What stands at a place of ``description``, whose lines and columns count from 1; None behind its end.

    To be asked often: the document asked about last stays linked while every file that this read is the same.
    """
    check_keywords(keywords, LinkKeywords.__annotations__)
    return standing_at(_plan(description, keywords), line, column)


def _plan(description: Document, keywords: LinkKeywords) -> Plan:
    global _last
    last, given = _last, _copied(keywords)
    if (
        last is not None
        and last.description is description
        and last.keywords == given
        and last.facts is not None
        and still_so(last.facts, {})
    ):
        return last.plan
    if len(_trees) > _MOST_TREES:
        _trees.clear()
    seen = Sightings()
    plan = link_leniently(description, _trees, keywords, seen)
    _last = _Linked(description, given, plan, seen.facts() if seen.lasting else None)
    return plan


def _copied(keywords: Mapping[str, object]) -> dict[str, object]:
    """``keywords`` as they are now; the caller may change a mapping or list in them before the next call."""
    return {
        name: dict(value) if isinstance(value, Mapping) else list(value) if isinstance(value, list) else value
        for name, value in keywords.items()
    }
