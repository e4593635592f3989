"""Texts that are not to be shown, and finding them inside others in every form they travel in.

A few are found with a regular expression; many, which a response may hold, by their beginnings, so that neither
learning them nor looking for them takes longer the more there are.
"""

from __future__ import annotations

import base64
import html
import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import AnyStr, Final, Generic
from urllib.parse import quote, quote_plus

MASK: Final = "***"
SHORTEST: Final = 8
"""Characters of a text that is looked for inside others."""
_MOST_ALTERNATIVES: Final = 400
_CUT: Final = "…"
_SHORTEST_CUT: Final = 4
_MOST_CUTS: Final = 16
"""Ellipses of one text, from its end, that are looked at: those that we put there ourselves."""


class Concealed:
    """The texts, each of at least ``SHORTEST`` characters."""

    def __init__(self) -> None:
        self._new: list[str] = []
        self._forms: set[str] = set()
        self._texts: _Finder[str] | None = None
        self._raw: _Finder[bytes] | None = None
        self._sorted: list[str] = []

    def add(self, text: str) -> None:
        """``text`` is to be hidden from now on."""
        self._new.append(text)

    def hide(self, text: str) -> str:
        """``text`` without them, and without the beginning of one that was cut off by an ellipsis."""
        if self._new:
            self._take_in()
        if not self._forms:
            return text
        if self._texts is None:
            self._texts = _Finder(self._forms, MASK, "|")
        text = self._texts.replace(text)
        return self._cut_off(text) if _CUT in text else text

    def hide_raw(self, raw: bytes) -> bytes:
        """``raw`` without them."""
        if self._new:
            self._take_in()
        if not self._forms:
            return raw
        if self._raw is None:
            forms = {form.encode("utf-8", "surrogatepass") for form in self._forms}
            self._raw = _Finder(forms, MASK.encode(), b"|")
        return self._raw.replace(raw)

    def _take_in(self) -> None:
        for text in self._new:
            self._forms.update(_forms_of(text))
        self._new.clear()
        self._sorted.clear()
        self._texts = self._raw = None

    def _cut_off(self, text: str) -> str:
        *parts, last = text.rsplit(_CUT, _MOST_CUTS)
        return _CUT.join([*map(self._without_beginning, parts), last])

    def _without_beginning(self, part: str) -> str:
        if not self._sorted:
            self._sorted = sorted(self._forms)
        longest = min(max(map(len, self._sorted)) - 1, len(part))
        for length in range(longest, _SHORTEST_CUT - 1, -1):
            end = part[-length:]
            at = bisect_left(self._sorted, end)
            if at < len(self._sorted) and self._sorted[at].startswith(end):
                return part[:-length] + MASK
        return part


class _Finder(Generic[AnyStr]):
    """Replaces ``forms`` by ``mask``, the longest first."""

    def __init__(self, forms: set[AnyStr], mask: AnyStr, bar: AnyStr) -> None:
        self._forms: set[AnyStr] = forms
        self._mask: AnyStr = mask
        self._pattern: re.Pattern[AnyStr] | None = None
        self._lengths: dict[AnyStr, list[int]] = {}
        if len(forms) <= _MOST_ALTERNATIVES:
            self._pattern = re.compile(bar.join(map(re.escape, sorted(forms, key=len, reverse=True))))
            return
        for form in sorted(forms, key=len, reverse=True):
            lengths = self._lengths.setdefault(form[:SHORTEST], [])
            if not lengths or lengths[-1] != len(form):
                lengths.append(len(form))

    def replace(self, text: AnyStr) -> AnyStr:
        if self._pattern is not None:
            # A function, because a mask that is a template would be read again for every text.
            return self._pattern.sub(lambda _: self._mask, text)
        pieces: list[AnyStr] = []
        done = 0
        for at in range(len(text) - SHORTEST + 1):
            lengths = self._lengths.get(text[at : at + SHORTEST])
            if lengths is None or at < done:
                continue
            length = next((n for n in lengths if text[at : at + n] in self._forms), 0)
            if length:
                pieces += (text[done:at], self._mask)
                done = at + length
        pieces.append(text[done:])
        return text[:0].join(pieces)


def _forms_of(text: str) -> Iterator[str]:
    """``text`` and what becomes of it in URLs, JSON, HTML, Base64 and hexadecimal digits."""
    yield text
    yield from _percent_encoded(text)
    for escaped in (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]):
        yield escaped
        # Some write JSON with its slashes escaped.
        yield escaped.replace("/", "\\/")
    yield html.escape(text)
    yield html.escape(text, quote=False)
    raw = text.encode("utf-8", "surrogatepass")
    yield raw.hex()
    yield raw.hex().upper()
    yield from _base64(raw)


def _percent_encoded(text: str) -> Iterator[str]:
    """The forms in URLs and forms, with digits in upper and in lower case; none of what is not Unicode."""
    try:
        forms = quote(text, safe=""), quote_plus(text), quote(text), quote(quote(text, safe=""), safe="")
    except UnicodeEncodeError:
        return
    for form in forms:
        yield form
        yield re.sub(r"%..", lambda match: match[0].lower(), form)


def _base64(raw: bytes) -> Iterator[str]:
    """What ``raw`` is in Base64, wherever it stands in what was encoded, less the digits that it shares."""
    for before in range(3):
        digits = base64.b64encode(bytes(before) + raw)[
            -(-before * 8 // 6) : (before + len(raw)) * 8 // 6
        ].decode()
        yield digits
        yield digits.replace("+", "-").replace("/", "_")
