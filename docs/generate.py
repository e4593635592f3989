"""Writes the pages of ``docs/`` that come from the code: ``python docs/generate.py``; a test keeps them up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from arazzo.api.explaining import THEMES, Explanation, as_markdown, explanations, title_of
from arazzo.cli.main import COMMANDS
from arazzo.cli.run import REPORTS
from arazzo.cli.validate import FORMATS
from arazzo.criterion.typed import READERS
from arazzo.diagnostics import Severity
from arazzo.document import model
from arazzo.expression.lexis import ROOTS
from arazzo.rules.codes import table

HERE = Path(__file__).parent
OBJECTS = (
    model.Document,
    model.SourceDescription,
    model.Workflow,
    model.Step,
    model.Parameter,
    model.SuccessAction,
    model.FailureAction,
    model.Components,
    model.Reusable,
    model.Criterion,
    model.ExpressionType,
    model.RequestBody,
    model.PayloadReplacement,
)
_CREDENTIALS = (
    "`apiKey` (header, query, cookie), `http` (basic, bearer, digest), `oauth2` (client credentials, password,"
    " refresh), `openIdConnect`, `mutualTLS`"
)


def diagnostics() -> str:
    """``reference/diagnostics.md``."""
    return "\n".join(
        [
            "# Diagnostic codes",
            "",
            "Every finding has a stable code; `arazzo explain CODE` says what stands here. Written by",
            "`docs/generate.py` from the tables of codes and from `src/arazzo/rules/explained`. The examples are",
            "tested; they use the API of a small shop (`tests/errors/shop.openapi.yaml`).",
            "",
            "An error keeps a document from being run, except where *run* says that it does not: its outcome at run",
            "time is decided all the same. A [kindness](../kindnesses.md) is a warning, and an error under `--strict`.",
            "",
            *(line for theme in THEMES for line in _overview(theme)),
            *(line for theme in THEMES for line in _theme(theme)),
        ]
    )


def _of(theme: str) -> list[Explanation]:
    return [explanation for explanation in explanations() if explanation.theme == theme]


def _overview(theme: str) -> list[str]:
    """The codes of a theme as a table."""
    rows = (f"| [`{e.code}`](#{e.code}) | {_severity(e)} | {_run(e)} | {e.title} |" for e in _of(theme))
    return [f"**{title_of(theme)}**", "", "| code | severity | run | |", "|---|---|---|---|", *rows, ""]


def _theme(theme: str) -> list[str]:
    """The codes of a theme at length, a section for each."""
    lines = [f"## {title_of(theme)}", ""]
    for explanation in _of(theme):
        clause = f" · [specification]({explanation.spec_url})" if explanation.spec_url else ""
        lines += [f"### {explanation.code}", ""]
        kind = f"{_severity(explanation).capitalize()}{clause}"
        lines += [f"{kind}. {explanation.title}", "", as_markdown(explanation), ""]
    return lines


def _severity(explanation: Explanation) -> str:
    return f"{explanation.severity}, kindness" if explanation.kindness else str(explanation.severity)


def _run(explanation: Explanation) -> str:
    if explanation.severity is Severity.ERROR:
        return "" if explanation.blocks_run else "goes on"
    return "refused" if explanation.blocks_run else ""


def kindnesses() -> str:
    """``kindnesses.md``."""
    return "\n".join(
        [
            "# Kindnesses",
            "",
            "Most public Arazzo documents stray from the letter of the specification somewhere, nearly always in the",
            "same few ways, and what their authors meant is plain. By default that is what happens. Each such leniency",
            "is one named rule: a warning from `arazzo validate`, and once per place from `arazzo run`. `--strict`",
            "turns all of them off; where one would have applied is then an error, or has the outcome the letter gives",
            "it.",
            "",
            "Written by `docs/generate.py` from `src/arazzo/codes.py`.",
            "",
            "| code | what is read kindly |",
            "|---|---|",
            *(f"| `{code.name}` | {code.title} |" for code in table() if code.kindness),
            "",
        ]
    )


def supported() -> str:
    """``reference/supported.md``."""
    conditions = [f"`{kind}`{f' ({version})' if version else ''}" for kind, version in READERS]
    selectors = [f"`{kind}` (default `{versions[0]}`)" for kind, versions in model.VERSIONS.items()]
    rows = [
        ("Arazzo", "1.0.x, 1.1.x (a later 1.x is read as 1.1)"),
        (
            "API descriptions",
            "OpenAPI 2.0, 3.0, 3.1, 3.2, in one file or several; AsyncAPI 2.x and 3.x (linked and validated, not run)",
        ),
        ("runtime expressions", ", ".join(f"`${root}`" for root in sorted(ROOTS))),
        ("conditions", ", ".join(["`simple`", *conditions])),
        ("selectors and replacement targets", ", ".join(selectors)),
        ("reports", ", ".join(f"`{name}`" for name in REPORTS)),
        ("formats of findings", ", ".join(f"`{name}`" for name in FORMATS)),
        ("credentials", _CREDENTIALS),
        ("commands", ", ".join(f"`arazzo {name}`" for name in COMMANDS)),
        *((f"{kind.__name__} fields", _fields(kind)) for kind in OBJECTS),
    ]
    return "\n".join(
        [
            "# What is supported",
            "",
            "Written by `docs/generate.py` from the tables that the code itself uses. Which cases exercise which",
            "clause is in [the coverage of the conformance suite](conformance.md).",
            "",
            "| part | supported |",
            "|---|---|",
            *(f"| {part} | {what} |" for part, what in rows),
            "",
        ]
    )


def _fields(kind: type[Struct]) -> str:
    """The fields of a specification object, in the specification's spelling."""
    names = [
        name
        for name in kind.__struct_fields__
        if name not in ("at", "uri", "minor", "diagnostics", "extensions")
    ]
    spelt = {"self_uri": "$self", "in_": "in"}
    return ", ".join(f"`{spelt.get(name, _camel(name))}`" for name in names)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def pages() -> Iterator[tuple[Path, str]]:
    """Each generated page with its text."""
    yield HERE / "reference/diagnostics.md", diagnostics()
    yield HERE / "kindnesses.md", kindnesses()
    yield HERE / "reference/supported.md", supported()


if __name__ == "__main__":
    for path, text in pages():
        path.write_text(text, encoding="utf-8")
