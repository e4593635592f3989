"""What a credential looks like: in a value, and in a line of a text that nobody could read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from arazzo.patterns import pattern
from arazzo.plan.inputs import looks_like_credential, may_name_credential

KEY: Final = pattern(
    r"\b(?:sk_live_[0-9A-Za-z]{16,}|rk_live_[0-9A-Za-z]{16,}|gh[pousr]_[0-9A-Za-z]{30,}|github_pat_\w{40,}"
    r"|AKIA[0-9A-Z]{16}|xox[abprs]-[0-9A-Za-z-]{20,}|AIza[0-9A-Za-z_\-]{35}"
    r"|eyJ[0-9A-Za-z_\-]{16,}\.eyJ[0-9A-Za-z_\-]{16,}\.[0-9A-Za-z_\-]{16,})\b",
    among=("_live_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "AKIA", "xox", "AIza", "eyJ"),
)
"""Keys that say themselves whose they are."""
_PLACEHOLDER: Final = pattern(
    r"(?i)your|example|sample|placeholder|change.?me|dummy|fake|secret|password|token|key|wrong|invalid|xxx|\*\*\*|\.\.\.|…|<|\{|\$|test|demo|foo|bar"
)
_OWN_WORDS: Final = pattern(r"(?i)secret|password")
_SCHEMES: Final = frozenset(("bearer", "basic", "token", "apikey"))
_USER: Final = pattern(r"://[^\s/:@{}$]{1,100}:(?P<password>[^\s/:@{}$]{1,200})@")
"""User and password in a URL."""
_EXAMPLE_LOGIN: Final = pattern(r"(?i)^(?:user(?:name)?|admin):(?:pass(?:wd)?|admin)$")
_SAMPLES: Final = frozenset(
    (
        "00000000-0000-0000-0000-000000000000",
        "123e4567-e89b-12d3-a456-426614174000",
        "123e4567-e89b-12d3-a456-426655440000",
        "550e8400-e29b-41d4-a716-446655440000",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    )
)
"""UUIDs that stand in RFC 4122, in RFC 9562 and in every manual."""
_LABEL: Final = pattern(
    r"(?=.{8,19}\Z)(?=.*[aeiou])(?:[a-z]{3,}|[a-z]{0,2}\d{1,3})(?:[-_.](?:[a-z]{3,}|[a-z]{0,2}\d{1,3}))+"
)
"""Words and small numbers with hyphens between them, as people name what they try out: ``p13-hover-3``."""
_CHOSEN: Final = pattern(r"(?P<words>[a-z]{3,}(?:[A-Z][a-z]{2,})+)\d{2,}[!?.#*@$%&]?")
"""A password as rules for passwords want it: words in both cases with a number behind them."""
_SHORTEST: Final = 8
_LONGEST_NAME: Final = 100
_PAIR: Final = pattern(
    rf"(?<![\w.-])(?P<quote>[\"']?)(?P<name>[A-Za-z_][\w.-]{{0,{_LONGEST_NAME}}})(?P=quote)[ \t]*:[ \t]*"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|\{|(?:(?i:bearer|basic|token|apikey)[ \t]+)?[^\s,{}\[\]\"'#]+)?"
)
"""A key and its value, in YAML of either style or in JSON; a quote that is not closed ends with its line."""
HOLDS_VALUE: Final = frozenset(("value", "default", "example", "const"))
_NO_SECRETS: Final = frozenset(
    ("string", "number", "integer", "boolean", "object", "array", "null", "true", "false", "header", "query")
)
_NEARBY: Final = 4


def without_scheme(text: str) -> str:
    """The credential in the value of an ``Authorization`` header, or the text as it is."""
    words = text.split(maxsplit=1)
    return (words[1] if len(words) == 2 and words[0].lower() in _SCHEMES else text).strip()


def passwords_in(text: str) -> list[str]:
    """The passwords in the URLs of ``text``, but for words that stand for one."""
    if "://" not in text or "@" not in text:
        return []
    return [m["password"] for m in _USER.finditer(text) if not _PLACEHOLDER.search(m["password"])]


def looks_secret(value: object, *, sent: bool = False) -> bool:
    """Whether the value of what is named like a credential is a real one, not a word that stands for it.

    ``sent`` says that it is what a step sends, and no example: ``secretPassword123`` is then a password that somebody
    has chosen, for all its words.
    """
    if not isinstance(value, str):
        return False
    text = without_scheme(value)
    if len(text) < _SHORTEST or " " in text or not any(char.isdigit() for char in text):
        return False
    if _PLACEHOLDER.search(_login(text)) or text.lower() in _SAMPLES or _LABEL.fullmatch(text):
        return False
    chosen = _CHOSEN.fullmatch(text) if sent else None
    if chosen is not None:
        return not _PLACEHOLDER.search(_OWN_WORDS.sub("", chosen["words"]))
    return len(set(text)) >= _SHORTEST - 2 and not _PLACEHOLDER.search(text)


def _login(text: str) -> str:
    """The user and password that ``Basic`` wraps up, in base64; empty for any other text."""
    if len(text) % 4 or len(text) > _LONGEST_NAME:
        return ""
    try:
        import base64  # here: few documents say Basic

        login = base64.b64decode(text, validate=True).decode("ascii")
    except ValueError:
        return ""
    return _EXAMPLE_LOGIN.sub("example", login) if login.isprintable() and ":" in login else ""


def secret_places(line: str, *, unread: bool, named: bool = False) -> Iterator[tuple[int, int]]:
    """Where credentials seem to stand in a line of a document: begin and end, without quotes and schemes.

    ``unread`` takes every value under a credential's name for one, as in a text that cannot be read; otherwise only
    what looks like one. ``named`` says that the lines around it name a credential, whose ``value`` this is.
    """
    yield from (match.span() for match in KEY.finditer(line))
    may_be = unread or any(char.isdigit() for char in line)
    for pair in _PAIR.finditer(line) if may_be and (named or may_name_credential(line)) else ():
        name, value = pair["name"], pair["value"] or ""
        bare = value.strip("\"'")
        if name == "name":
            named = looks_like_credential(bare)
        elif looks_like_credential(name) and value == "{":
            named = True
        elif looks_like_credential(name) or (named and name in HOLDS_VALUE):
            start = pair.start("value") + len(value) - len(value.lstrip("\"'"))
            text = without_scheme(bare)
            start += len(bare) - len(text)
            if _is_hidden(text) if unread else looks_secret(text):
                yield start, start + len(text)


def _is_hidden(text: str) -> bool:
    return text != "" and text[0] not in "${&*!|>" and text.lower() not in _NO_SECRETS


def names_credential(lines: Sequence[str], number: int) -> bool:
    """Whether the mapping around the line ``number`` (from 0), as far as lines show it, is named like a credential."""
    above = range(number, max(number - _NEARBY, 0) - 1, -1)
    below = range(number + 1, min(number + _NEARBY, len(lines) - 1) + 1)
    for numbers, begins_another in ((above, False), (below, True)):
        for at in numbers:
            begins = lines[at].lstrip().startswith("- ")
            if begins and begins_another:
                break
            for pair in _PAIR.finditer(lines[at]):
                if pair["name"] == "name":
                    return looks_like_credential((pair["value"] or "").strip("\"'"))
            if begins:
                break
    return False
