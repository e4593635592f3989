"""``WWW-Authenticate`` (RFC 9110 §11.6.1): the challenges of a response, as many as there are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from arazzo.patterns import pattern

_MOST: Final = 16 * 1024
"""Characters of the field that are read."""
_PIECE: Final = pattern(
    r"""[ \t,]*
        (?:(?P<name>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*=[ \t]*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"
                                                              |(?P<bare>[^\s,"]+))
          |(?P<scheme>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)(?:[ ]+(?P<token>[A-Za-z0-9\-._~+/]+=*)(?=[ \t]*(?:,|$)))?)
        (?=[ \t,]|$)""",
    re.VERBOSE,
)
_ESCAPED: Final = pattern(r"\\(.)")


class Challenge(Struct, frozen=True):
    """One challenge: its scheme in lower case, its parameters by their names in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def read_challenges(field: str) -> list[Challenge]:
    """The challenges of a ``WWW-Authenticate`` field, whose lines are joined with commas; reading ends at nonsense."""
    found: list[Challenge] = []
    parameters: dict[str, str] = {}
    field = field[:_MOST]
    at = 0
    while match := _PIECE.match(field, at):
        at = match.end()
        if match["scheme"] is not None:
            parameters = {}
            found.append(Challenge(match["scheme"].lower(), parameters))
        elif match["quoted"] is not None:
            parameters.setdefault(match["name"].lower(), _ESCAPED.sub(r"\1", match["quoted"]))
        else:
            parameters.setdefault(match["name"].lower(), match["bare"])
    return found
