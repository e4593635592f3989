"""How a text must be written: the words ``pattern`` and ``format`` of schemas, as far as what they ask for is sure.

A pattern is ECMA-262's (JSON Schema, Validation §6.3.3). Descriptions are written with other dialects in mind all the
same, and read by programs in many languages; a text that any of them may take is taken to match.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from arazzo.patterns import pattern

# --- pattern

_LONGEST: Final = 10_000
"""Characters of a pattern, with its repetitions written out, and of a text it is looked for in."""
_PROPERTY: Final = r"\\[pP]\{[CLMNPSZ][a-z]?\}"
_SIGN: Final = r"[ -/:;=?@\[-`{-~]"
"""What a backslash makes an ordinary character; elsewhere than in ECMA-262, ``\\<`` and ``\\>`` are ends of words."""
_ESCAPE: Final = (
    rf"(?:\\(?:[dDwWsStnrfv]|x[0-9A-Fa-f]{{2}}|u(?![dD][89A-Fa-f])[0-9A-Fa-f]{{4}}|{_SIGN})|{_PROPERTY})"
)
_PIECE: Final = pattern(
    r"(?P<anchor>[\^$]|\\[bB])"
    r"|(?P<opening>\||\((?:\?(?:[:=!]|<[=!]|<[A-Za-z_][A-Za-z0-9_]*>))?)"
    r"|(?P<repeat>(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\??)"
    rf"|(?P<set>\[(?!\^?\])\^?(?:[^\\\[\]]|{_ESCAPE})+\])"
    rf"|{_ESCAPE}|\{{(?!,?[0-9])|[^\\(\[{{*+?|^$]",
    re.DOTALL,
)
"""A piece of a pattern that means the same wherever it can be read at all."""
_DELIMITED: Final = pattern(r"/(.*)/([a-z]*)", re.DOTALL)
_MEANT_AS_ONE: Final = pattern(r"[\[^$*+?]|\\[dDwWspP]|\{[0-9]")
"""What a pattern has and a picture of the text has not: ``YYYY-MM-DD``, ``TRxxxx``."""
_WORDS: Final = pattern(r"\\[dDwWsSbB]")
_WRITTEN_OUT: Final = pattern(r"\\(?:u(?P<code>[0-9A-Fa-f]{4})|(?P<line>_)|.)", re.DOTALL)
_NAMED: Final = pattern(r"\\(?:([pP])\{([A-Za-z]+)\}|.)", re.DOTALL)
_BREAKS: Final = pattern("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_BEYOND: Final = pattern("[\ud800-\udfff\U00010000-\U0010ffff]")
"""What counts as two characters, or as one, or as none."""


class _Reading(Struct, frozen=True):
    """A pattern in one sense of it. ``words`` and ``lines`` say that not all texts are the same to all dialects."""

    search: Callable[[str], bool]
    words: bool
    lines: bool

    def may_match(self, text: str) -> bool:
        if self.words and not (text.isascii() and text.isprintable()):
            return True
        return (self.lines and _BREAKS.search(text) is not None) or self.search(text)


def breaks_pattern(wanted: str, text: str) -> bool:
    """Whether ``wanted`` is surely found nowhere in ``text`` (JSON Schema, ``pattern``); False in any doubt."""
    if len(wanted) > _LONGEST or len(text) > _LONGEST or _BEYOND.search(text):
        return False
    readings = _readings(wanted)
    return bool(readings) and not any(reading.may_match(text) for reading in readings)


@lru_cache(maxsize=256)
def _readings(written: str) -> Sequence[_Reading]:
    """What ``written`` may mean; nothing where one of its senses is in doubt."""
    found: list[_Reading] = []
    for sense in _senses(written):
        search = _search(sense) if _is_sure(sense) else None
        if search is None:
            return ()
        pieces = [match.lastgroup or match[0] for match in _PIECE.finditer(sense)]
        found.append(_Reading(search, _WORDS.search(sense) is not None, "anchor" in pieces or "." in pieces))
    return found


def _senses(written: str) -> Iterator[str]:
    """``written`` as it stands, and as it was meant if it was written for another place; none if nobody can tell."""
    delimited = _DELIMITED.fullmatch(written)
    # A break at the end is one that YAML put there; flags after a slash may say anything.
    is_odd = written != written.strip() or _BEYOND.search(written) or (delimited and delimited[2])
    if is_odd or not _MEANT_AS_ONE.search(written):
        return
    texts = [written]
    if delimited is not None:
        texts.append(delimited[1])
    if "\\\\" in written:
        texts.append(written.replace("\\\\", "\\"))
    for text in texts:
        yield text
        # Without the flag u, \p{L} is the text p{L}.
        if (literal := _NAMED.sub(_literally, text)) != text:
            yield literal


def _literally(match: re.Match[str]) -> str:
    return rf"{match[1]}\{{{match[2]}\}}" if match[1] else match[0]


def _is_sure(sense: str) -> bool:
    """Whether every piece of ``sense`` means the same in all dialects that have it."""
    at, repeatable = 0, False
    while at < len(sense):
        piece = _PIECE.match(sense, at)
        if piece is None or (piece.lastgroup == "repeat" and not repeatable):
            return False
        at, repeatable = piece.end(), piece.lastgroup in (None, "set")
    return True


def _search(sense: str) -> Callable[[str], bool] | None:
    """By RE2, which takes no time; what it cannot read, by what counts its steps: a verdict hangs on no clock."""
    from arazzo.query.regex import expanded, linear

    found = linear(_WRITTEN_OUT.sub(_for_re2, sense))
    if found is not None:
        return found
    if expanded(sense) > _LONGEST:
        return None
    from arazzo.descriptions.openapi.patterns import Patterns

    patterns = Patterns()
    return (lambda text: patterns.matches(sense, text)) if patterns.usable(sense) else None


def _for_re2(match: re.Match[str]) -> str:
    if match["code"]:
        return rf"\x{{{match['code']}}}"
    return match["line"] or match[0]


# --- format

_DATE: Final = r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_OFFSET: Final = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_FULL_DATE: Final = pattern(_DATE)
_DATE_TIME: Final = pattern(rf"{_DATE}[Tt ]{_TIME}{_OFFSET}")
_UUID: Final = pattern(r"(?i)(?:urn:uuid:)?\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?")
_IPV4: Final = pattern(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_SCHEME: Final = pattern(r"[A-Za-z][A-Za-z0-9+.-]*:")
_NOT_BASE64: Final = pattern(r"[^A-Za-z0-9+/=_\s-]")
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def broken_format(name: str, text: str) -> str | None:
    """What the format ``name`` asks for, for a sentence, if ``text`` is surely not written so; else None.

    Of formats whose texts are written in several ways (``time``, ``duration``, ``hostname``) nothing is said.
    """
    known = _FORMATS.get(name)
    return known[0] if known is not None and not known[1](text) else None


def _is_date(text: str) -> bool:
    return _is_day(_FULL_DATE.fullmatch(text))


def _is_date_time(text: str) -> bool:
    return _is_day(_DATE_TIME.fullmatch(text))


def _is_day(found: re.Match[str] | None) -> bool:
    """Whether the calendar has the day (RFC 3339 §5.7)."""
    if found is None:
        return False
    year, month, day = int(found["year"]), int(found["month"]), int(found["day"])
    if month == 2 and day == 29:
        return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def _is_ipv4(text: str) -> bool:
    return _IPV4.fullmatch(text) is not None and all(int(part) < 256 for part in text.split("."))


def _is_ipv6(text: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


_FORMATS: Final[dict[str, tuple[str, Callable[[str], bool]]]] = {
    "date": ("a date such as 2024-05-31", _is_date),
    "date-time": ("a date and time with its offset, such as 2024-05-31T12:00:00Z", _is_date_time),
    "uuid": ("a UUID", lambda text: _UUID.fullmatch(text) is not None),
    "ipv4": ("an IPv4 address", _is_ipv4),
    "ipv6": ("an IPv6 address", _is_ipv6),
    "email": ("an email address, with an @", lambda text: "@" in text),
    "uri": ("a whole URI, with its scheme", lambda text: _SCHEME.match(text) is not None),
    "byte": ("base64", lambda text: _NOT_BASE64.search(text) is None),
}
