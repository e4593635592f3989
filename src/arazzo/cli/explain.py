"""``arazzo explain``: what a diagnostic code means, with an example of the mistake and of its repair."""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator
from typing import Final

from arazzo.api.explaining import PLACES, THEMES, Explanation, explain, explanations, title_of
from arazzo.cli.options import tell, wants_color
from arazzo.cli.parser import Parser
from arazzo.errors import ArazzoError

FORMATS: Final = ("text", "json")
_WIDTH: Final = 88
_BOLD, _DIM = "1", "2"


def explain_command(arguments: list[str]) -> int:
    parser = Parser(
        prog="arazzo explain",
        description="Say what a diagnostic code means, and how what it finds is mended. Without CODE, list all codes.",
    )
    parser.add_argument("code", metavar="CODE", nargs="?", help="a code, as `arazzo validate` prints it")
    parser.add_argument("--format", choices=FORMATS, default="text", help="how it is printed")
    args = parser.parse_args(arguments)
    try:
        chosen = [explain(args.code)] if args.code is not None else list(explanations())
    except ArazzoError as error:
        tell(error.diagnostics)
        return 2
    if args.format == "json":
        plain = [plain_explanation(explanation) for explanation in chosen]
        text = json.dumps(plain if args.code is None else plain[0], ensure_ascii=False, indent=2) + "\n"
    elif args.code is None:
        text = _listed(chosen, color=wants_color(sys.stdout))
    else:
        text = _at_length(chosen[0], color=wants_color(sys.stdout))
    sys.stdout.write(text)
    return 0


def plain_explanation(explanation: Explanation) -> dict[str, str | bool | None]:
    """An explanation as a JSON object."""
    return {
        "code": explanation.code,
        "severity": str(explanation.severity),
        "title": explanation.title,
        "theme": explanation.theme,
        "kindness": explanation.kindness,
        "blocksRun": explanation.blocks_run,
        "specUrl": explanation.spec_url,
        "explanation": explanation.text,
        "place": PLACES[explanation.place],
        "bad": explanation.bad,
        "good": explanation.good,
        "command": explanation.command,
    }


def what_a_run_does(explanation: Explanation) -> str:
    """Whether a document with this finding is run, as a sentence."""
    if explanation.kindness:
        return "A kindness: a run goes on with it, and --strict refuses it."
    if explanation.blocks_run:
        return "Nothing is run."
    return "A run goes on with it."


def _listed(chosen: list[Explanation], *, color: bool) -> str:
    width = max(len(explanation.code) for explanation in chosen)
    lines: list[str] = []
    for theme in THEMES:
        lines.append(_painted(title_of(theme), _BOLD, color))
        lines += [f"  {e.code:<{width}}  {e.title}" for e in chosen if e.theme == theme]
        lines.append("")
    lines.append("arazzo explain CODE says more about one of them.")
    return "\n".join(lines) + "\n"


def _at_length(explanation: Explanation, *, color: bool) -> str:
    heading = f"{explanation.code} · {explanation.severity}"
    lines = [_painted(heading, _BOLD, color), explanation.title, ""]
    lines += [
        *textwrap.wrap(explanation.text, _WIDTH, break_on_hyphens=False),
        "",
        what_a_run_does(explanation),
    ]
    if explanation.spec_url is not None:
        lines.append(f"Specification: {explanation.spec_url}")
    lines.append("")
    lines += _examples(explanation, color)
    return "\n".join(lines) + "\n"


def _examples(explanation: Explanation, color: bool) -> Iterator[str]:
    where = PLACES[explanation.place]
    for word, example in (("Wrong", explanation.bad), ("Right", explanation.good)):
        yield _painted(f"{word}, in {where}:" if explanation.place != "text" else f"{word}:", _DIM, color)
        yield from (f"    {line}".rstrip() for line in example.splitlines())
    if explanation.command is not None:
        yield _painted("Found by:", _DIM, color)
        yield f"    {explanation.command}"


def _painted(text: str, style: str, color: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if color else text
