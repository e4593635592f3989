"""Diagnostics as text for people: where, what, the source line with a caret, and what would mend it.

Documents are untrusted, and a terminal obeys what it is sent: control characters and those that reorder text are
never passed on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from arazzo.diagnostics import Diagnostic, Severity, Span

_WIDEST: Final = 100
"""Characters of a source line that are shown."""
_BEFORE: Final = 40
"""Of them, those before the caret when the line's beginning is cut off."""
_TAB: Final = 4
_NO_WIDTH: Final = frozenset({"Mn", "Me"})
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS: Final = "\u200c\u200d"
_COLORS: Final = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFORMATION: "36"}
_BOLD, _DIM, _HINT = "1", "2", "32"


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """The finding as a good compiler shows it; several lines, without a final newline.

    ``file:line:column: severity CODE message``, the line with its number and ``^~~~`` under the span, the hint,
    and each related place in the same way. ``color`` adds ANSI escape codes.
    """
    paint = _paint if color else _plain
    severity = paint(str(diagnostic.severity), _COLORS[diagnostic.severity])
    where = f"{paint(printable(str(diagnostic.span)), _BOLD)}: " if diagnostic.span else ""
    message = paint(printable_message(diagnostic.message), _BOLD)
    lines = [f"{where}{severity} {printable(diagnostic.code)} {message}"]
    gutter = max((len(str(span.line)) for span in _spans(diagnostic)), default=1)
    if diagnostic.span:
        lines += _excerpt(diagnostic.span, gutter, _COLORS[diagnostic.severity], color=color)
    if diagnostic.hint:
        lines.append(f"  {paint('hint:', _HINT)} {printable(diagnostic.hint)}")
    for text, span in diagnostic.related:
        lines.append(f"  {printable(str(span))}: {printable(text)}")
        lines += _excerpt(span, gutter, _DIM, color=color)
    return "\n".join(lines)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """How many there are of each severity, the gravest first: ``2 errors, 1 warning``."""
    counts = Counter(diagnostic.severity for diagnostic in diagnostics)
    parts = [
        f"{counts[severity]} {severity}{'s' if counts[severity] > 1 and severity in _COUNTED else ''}"
        for severity in Severity
        if counts[severity]
    ]
    return ", ".join(parts) or "no problems"


_COUNTED: Final = frozenset({Severity.ERROR, Severity.WARNING})


def _spans(diagnostic: Diagnostic) -> list[Span]:
    spans = [span for _, span in diagnostic.related]
    return [diagnostic.span, *spans] if diagnostic.span else spans


def _excerpt(span: Span, gutter: int, style: str, *, color: bool) -> list[str]:
    """The first line of ``span`` and the underline; nothing where there is no text to show."""
    line = span.excerpt
    if not line.strip():
        return []
    paint = _paint if color else _plain
    start = min(span.column - 1, len(line))
    begin = 0 if len(line) <= _WIDEST or start <= _WIDEST - _BEFORE else start - _BEFORE
    stop = min(begin + _WIDEST, len(line))
    end = min(span.end_column - 1 if span.end_line == span.line else len(line), stop)
    lead, column = _display("…" * bool(begin) + line[begin:start], 0)
    marked, after = _display(line[start:end], column)
    rest, _ = _display(line[max(start, end) : stop] + "…" * (stop < len(line)), after)
    underline = "^" + "~" * (after - column - 1)
    number, empty = (paint(f"  {text:>{gutter}} |", _DIM) for text in (span.line, ""))
    return [
        f"{number} {lead}{marked}{rest}".rstrip(),
        f"{empty} {' ' * column}{paint(underline, style)}",
    ]


def _display(text: str, column: int) -> tuple[str, int]:
    """``text`` as it is shown from ``column`` on, and the column after it."""
    if text.isascii() and text.isprintable():
        return text, column + len(text)
    from unicodedata import category, east_asian_width  # here: a library to load, and most lines are ASCII

    shown: list[str] = []
    for char in text:
        if char == "\t":
            width = _TAB - column % _TAB
            shown.append(" " * width)
        elif category(char) in _NO_WIDTH or char in _JOINERS:
            width = 0
            shown.append(char)
        elif _is_unprintable(char):
            width = 1
            shown.append("�")
        else:
            width = 2 if east_asian_width(char) in ("W", "F") else 1
            shown.append(char)
        column += width
    return "".join(shown), column


def printable(text: str) -> str:
    """``text`` on one line, with its control characters escaped as Python writes them."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char.encode("unicode_escape").decode() if _is_unprintable(char) else char for char in text)


def printable_message(text: str) -> str:
    """A finding's message with its control characters escaped; it may list places, one an indented line.

    Any other line break comes from a document, and is shown as one.
    """
    return "\n  ".join(map(printable, text.split("\n  ")))


def _is_unprintable(char: str) -> bool:
    from unicodedata import category

    return category(char) in _UNPRINTABLE and char not in _JOINERS


def _paint(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"


def _plain(text: str, _style: str) -> str:
    return text
