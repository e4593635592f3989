"""The one shape of "something is off": what, where, and what would mend it."""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from arazzo.records import Record

SPECIFICATION = "https://spec.openapis.org/arazzo/v1.1.0.html"
_MOST_NAMES = 12
_MOST_COMPARED = 50
"""Names alike by their letters that are compared by their words."""
_BEGINNING = 3
"""Letters at the beginning of two words that make them alike."""
_ALIKE_FOR_EACH_UNLIKE = 2
"""Words of two names that must be alike for each that is not: `getPetById` may be meant for `findPetById`."""
_LONGEST_NAME = 199
"""Characters that are compared: from 200 on difflib passes over those that are frequent, and it takes long."""

_ALONE = 50_000_000
"""Letters that may be compared for one guess that is not one of many."""


class Severity(StrEnum):
    """How much a finding matters; an error keeps a document from being run."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Span(Record, frozen=True):
    """A stretch of a file. Lines and columns count characters from 1; the end column is exclusive."""

    aside = ("excerpt",)

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    excerpt: str = ""
    """The text of the first line, for showing it with a caret."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Code(Struct, frozen=True):
    """A stable name for one kind of finding.

    ``kindness`` marks a leniency of ours (``docs/kindnesses.md``): a warning by default, an error under
    ``--strict``. ``clause`` is the anchor in the specification the finding stands on, if any. ``runnable``
    marks an error whose outcome at run time is decided all the same, so that it does not keep a run from
    starting (a condition that cannot be read, for one, is never met); ``refused`` marks what is no error of the
    document and still keeps it from being run.
    """

    name: str
    severity: Severity
    title: str
    clause: str | None = None
    kindness: bool = False
    runnable: bool = False
    refused: bool = False

    def at(
        self,
        span: Span | None,
        message: str,
        hint: str | None = None,
        related: Iterable[tuple[str, Span]] = (),
    ) -> Diagnostic:
        return Diagnostic(
            self.name,
            self.severity,
            message,
            span,
            hint,
            f"{SPECIFICATION}#{self.clause}" if self.clause else None,
            tuple(related),
            self.kindness,
            self.refused or (self.severity is Severity.ERROR and not self.runnable),
        )


class Mend(Struct, frozen=True):
    """The one obvious mend of a finding: ``value[start:end]`` of the text at ``path`` of its file becomes ``text``."""

    path: tuple[str | int, ...]
    start: int
    end: int
    text: str


class Diagnostic(Record, frozen=True):
    """One finding. ``related`` points at other places that explain it, each with a short text."""

    aside = ("mend",)

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    hint: str | None = None
    spec_url: str | None = None
    related: tuple[tuple[str, Span], ...] = ()
    kindness: bool = False
    blocks_run: bool = False
    mend: Mend | None = None

    def mended(self, path: tuple[str | int, ...], value: object, text: str) -> Diagnostic:
        """The finding with its mend: all of ``value``, which stands at ``path``, becomes ``text``."""
        whole = len(value) if isinstance(value, str) else 0
        return replace(self, mend=Mend(path, 0, whole, text)) if whole else self

    def __str__(self) -> str:
        where = f"{self.span}: " if self.span else ""
        return f"{where}{self.severity} {self.code}: {self.message}"


class Guesses(Struct):
    """How much may still be compared to guess what the unknown names of one document were meant to be.

    ``left`` counts letters. When it is used up nothing is guessed any more: a document made to be wrong everywhere
    would have each of its names compared with each of the others.
    """

    left: int = 6_000_000

    def suggest(self, name: str, known: Collection[str], otherwise: str) -> str:
        """The hint for a ``name`` that is unknown: the nearest known one, else all of them after ``otherwise``."""
        near = self.nearest(name, known)
        if near is not None:
            return f"did you mean {near!r}?"
        listed = ", ".join(islice(known, _MOST_NAMES)) or "none"
        return f"{otherwise}: {listed}{', …' if len(known) > _MOST_NAMES else ''}"

    def nearest(self, name: str, known: Iterable[str], alike: float = 0.6) -> str | None:
        """The one of ``known`` that ``name`` was probably meant to be, or None; ``alike`` as for ``near_names``."""
        return next(iter(self.near_names(name, known, 1, alike)), None)

    def near_names(self, name: str, known: Iterable[str], most: int, alike: float = 0.6) -> tuple[str, ...]:
        """At most ``most`` of ``known`` that resemble ``name``, whatever their case, the nearest first.

        ``alike`` is how alike they must be, from 0 to 1. Of names of several words, the words must be alike, too, or
        some be missing: ``bank_name`` has many letters of ``passenger_name`` and is not meant.
        """
        if self.left <= 0:
            return ()
        by_lower: dict[str, list[str]] = {}
        for other in known:
            by_lower.setdefault(other.lower(), []).append(other)
        cut = name[:_LONGEST_NAME]
        alikes = islice(self._alikes(cut.lower(), by_lower, alike), max(most, _MOST_COMPARED))
        meant = (
            match
            for match in alikes
            if any(_may_mean(cut, other[:_LONGEST_NAME]) for other in by_lower[match])
        )
        # Of names that differ in case only, the one whose case is the nearest.
        return tuple(_nearest_case(cut, by_lower[match]) for match in islice(meant, most))

    def _alikes(self, name: str, known: Iterable[str], alike: float) -> Iterator[str]:
        """Those of ``known`` whose letters are alike, as ``difflib.get_close_matches`` orders them.

        One is compared in full only when no other can be nearer: what bounds its likeness is found much faster.
        """
        # Imported here: most commands have nothing to suggest.
        from difflib import SequenceMatcher

        matcher = SequenceMatcher()
        matcher.set_seq2(name)
        letters = {letter: name.count(letter) for letter in name}
        nearest: list[tuple[float, str, bool]] = []
        """By how alike they can be, the last one the nearest; whether it is known how alike they are."""
        for other in known:
            self.left -= len(other)
            both = len(name) + len(other)
            if _share(min(len(name), len(other)), both) >= alike:
                most = _share(sum(map(min, letters.values(), map(other.count, letters))), both)
                if most >= alike:
                    nearest.append((most, other, False))
        nearest.sort()
        while nearest and self.left > 0:
            _, other, is_known = nearest.pop()
            if is_known:
                yield other
                continue
            # Comparing the letters takes about so long, and comparing the words as long again.
            self.left -= 2 * len(name) * len(other)
            matcher.set_seq1(other)
            likeness = matcher.ratio()
            if likeness >= alike:
                insort(nearest, (likeness, other, True))


def _share(alike: int, both: int) -> float:
    """How alike two names of ``both`` letters together are that have ``alike`` letters in common, as difflib says."""
    return 2.0 * alike / both if both else 1.0


def _nearest_case(name: str, written: Sequence[str]) -> str:
    if len(written) == 1:
        return written[0]
    from difflib import get_close_matches

    return get_close_matches(name, written, n=1, cutoff=0)[0]


def nearest(name: str, known: Iterable[str], alike: float = 0.6) -> str | None:
    """The one of ``known`` that ``name`` was probably meant to be, or None; ``alike`` as for ``Guesses.near_names``."""
    return Guesses(_ALONE).nearest(name, known, alike)


def near_names(name: str, known: Iterable[str], most: int, alike: float = 0.6) -> tuple[str, ...]:
    """At most ``most`` of ``known`` that resemble ``name``, as ``Guesses.near_names`` finds them."""
    return Guesses(_ALONE).near_names(name, known, most, alike)


def _may_mean(name: str, other: str) -> bool:
    """Whether ``name`` can be a slip for ``other``, word by word."""
    ours, theirs = _words(name), _words(other)
    if len(ours) == len(theirs) == 1:
        return True
    whole, meant = "".join(ours), "".join(theirs)
    # Where words were run together they cannot be told apart.
    tolerated = 1 if len(ours) == len(theirs) else max(1, min(len(whole), len(meant)) // 4)
    if _few_edits(whole, meant, tolerated):
        return True
    alone = list(theirs)
    for same in (True, False):
        left = []
        for word in ours:
            partner = next((w for w in alone if (w == word if same else _word_may_mean(word, w))), None)
            if partner is None:
                left.append(word)
            else:
                alone.remove(partner)
        ours = left
    unlike = min(len(ours), len(alone))
    return unlike <= (len(theirs) - len(alone)) // _ALIKE_FOR_EACH_UNLIKE


def _word_may_mean(word: str, other: str) -> bool:
    """Whether two words begin alike, one being short for the other or its plural, or differ by few letters."""
    short, long = sorted((word, other), key=len)
    begins = long.startswith(short) or short[:_BEGINNING] == long[:_BEGINNING]
    return (begins and len(short) > 1) or _few_edits(word, other, len(short) // 3)


def _words(name: str) -> list[str]:
    """The words of ``name``, in lower case: set apart by signs, or by capital letters within it."""
    words: list[str] = []
    for part in re.split(r"[\W_]+", name):
        words += re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^A-Za-z0-9]+", part)
    return [word.lower() for word in words] or [name.lower()]


def _few_edits(one: str, other: str, most: int) -> bool:
    """Whether ``most`` letters put in, left out, exchanged, or swapped with the next make ``one`` of ``other``."""
    if abs(len(one) - len(other)) > most:
        return False
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one):
        new = [i + 1]
        for j, wanted in enumerate(other):
            edits = min(row[j + 1] + 1, new[j] + 1, row[j] + (letter != wanted))
            if i and j and letter == other[j - 1] and one[i - 1] == wanted:
                edits = min(edits, before[j - 1] + 1)
            new.append(edits)
        if min(new) > most:
            return False
        before, row = row, new
    return row[-1] <= most


def suggest(name: str, known: Collection[str], otherwise: str) -> str:
    """The hint for a ``name`` that is unknown: the nearest known one, else all of them after ``otherwise``."""
    return Guesses(_ALONE).suggest(name, known, otherwise)


class Findings:
    """Collects diagnostics in the order they are found; under ``strict`` a kindness is an error.

    ``guesses`` are what their hints may take, all together.
    """

    def __init__(self, *, strict: bool = False, guesses: Guesses | None = None) -> None:
        self.strict = strict
        self.guesses = Guesses() if guesses is None else guesses
        self._found: dict[Diagnostic, None] = {}

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep ``diagnostic``; the same finding at the same place is kept once."""
        if self.strict and diagnostic.kindness:
            diagnostic = replace(diagnostic, severity=Severity.ERROR, blocks_run=True)
        self._found.setdefault(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(d for d in self._found if d.severity is Severity.ERROR)
