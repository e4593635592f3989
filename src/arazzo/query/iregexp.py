"""I-Regexp (RFC 9485), the regular expressions of ``match()`` and ``search()`` in RFC 9535, in RE2's syntax.

``.`` matches anything but a line break, and there are no back-references, look-around or lazy quantifiers. The
grammar is checked here: a pattern outside it matches nothing. ``^`` and ``$`` are ordinary characters of the grammar
and yet anchors, as RFC 9485 §5.4 translates them and the compliance suite of RFC 9535 expects.
"""

from __future__ import annotations

from typing import Final

from arazzo.patterns import pattern

_ESCAPE: Final = pattern(r"\\([()*+\-.?\[\\\]^nrt{|}])")
_CATEGORY: Final = pattern(r"\\[pP]\{(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|Z[slp]?|S[mcko]?|C[cfno]?)\}")
_QUANTIFIER: Final = pattern(r"[*+?]|\{([0-9]+)(?:,([0-9]*))?\}")
_ORDINARY: Final = pattern(r"[^()*+.?\[\\\]{|}\ud800-\udfff]")
_MEMBER: Final = pattern(r"[^\-\[\\\]\ud800-\udfff]")
_CONTROL: Final = {"n": r"\n", "r": r"\r", "t": r"\t"}
_MAX_DEPTH: Final = 100


def to_re2(pattern: str) -> str | None:
    """``pattern`` in RE2's syntax, or None when it is no I-Regexp."""
    out: list[str] = []
    depth, at = 0, 0
    repeatable = False
    while at < len(pattern):
        char = pattern[at]
        if repeatable and (match := _QUANTIFIER.match(pattern, at)):
            if match[2] and int(match[1][:9]) > int(match[2][:9]):
                return None
            out.append(match[0])
            at, repeatable = match.end(), False
        elif char == "|":
            out.append(char)
            at, repeatable = at + 1, False
        elif char == "(":
            depth += 1
            if depth > _MAX_DEPTH:
                return None
            out.append("(?:")
            at, repeatable = at + 1, False
        elif char == ")":
            if depth == 0:
                return None
            depth -= 1
            out.append(")")
            at, repeatable = at + 1, True
        else:
            atom = _atom(pattern, at)
            if atom is None:
                return None
            out.append(atom[0])
            at, repeatable = atom[1], True
    return "".join(out) if depth == 0 else None


def _atom(pattern: str, at: int) -> tuple[str, int] | None:
    """``NormalChar / charClass``, and where it ends."""
    char = pattern[at]
    if char == ".":
        return r"[^\n\r]", at + 1
    if char == "[":
        return _class(pattern, at)
    if char == "\\":
        return _escaped(pattern, at) or _category(pattern, at)
    if _ORDINARY.match(char):
        return char if char in "^$" else _literal(char), at + 1
    return None


def _class(pattern: str, at: int) -> tuple[str, int] | None:
    """``"[" [ "^" ] ( "-" / CCE1 ) *CCE1 [ "-" ] "]"``"""
    at += 1
    out = ["["]
    if pattern.startswith("^", at):
        out.append("^")
        at += 1
    first = at
    while at < len(pattern):
        if pattern[at] == "]":
            return ("".join([*out, "]"]), at + 1) if at > first else None
        if pattern[at] == "-":
            if at != first and not pattern.startswith("-]", at):
                return None
            out.append(r"\-")
            at += 1
            continue
        category = _category(pattern, at)
        if category:
            out.append(category[0])
            at = category[1]
            continue
        low = _member(pattern, at)
        if low is None:
            return None
        out.append(low[0])
        at = low[1]
        if pattern.startswith("-", at) and not pattern.startswith("-]", at):
            high = _member(pattern, at + 1)
            if high is None:
                return None
            out.append("-" + high[0])
            at = high[1]
    return None


def _member(pattern: str, at: int) -> tuple[str, int] | None:
    """``CCchar``"""
    if at >= len(pattern):
        return None
    if pattern[at] == "\\":
        return _escaped(pattern, at)
    return (_literal(pattern[at]), at + 1) if _MEMBER.match(pattern[at]) else None


def _escaped(pattern: str, at: int) -> tuple[str, int] | None:
    """``SingleCharEsc``"""
    match = _ESCAPE.match(pattern, at)
    return (_CONTROL.get(match[1]) or _literal(match[1]), match.end()) if match else None


def _category(pattern: str, at: int) -> tuple[str, int] | None:
    """``catEsc / complEsc``"""
    match = _CATEGORY.match(pattern, at)
    return (match[0], match.end()) if match else None


def _literal(char: str) -> str:
    return char if char.isalnum() or ord(char) > 0x7F else f"\\x{ord(char):02x}"
