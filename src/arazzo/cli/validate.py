"""``arazzo validate``: find mistakes before anything is sent."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from arazzo.cli.checking import check_all, files_of, matches
from arazzo.cli.importing import import_quickly
from arazzo.cli.options import ValidateOptions, pair, tell_error, usage, wants_color
from arazzo.cli.settings import FAIL_ON, Settings, check_codes, find_settings
from arazzo.cli.verdicts import known_verdicts
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.errors import ArazzoError
from arazzo.report.findings.checked import Checked, shown_from
from arazzo.report.text import render, summary
from arazzo.rules.codes import table

if TYPE_CHECKING:
    import argparse

_NOTHING: Final = "no Arazzo document was found"
FORMATS: Final = ("text", "json", "sarif", "junit", "github", "checkstyle")
_ROUNDS: Final = 3
"""Times that files are mended: where an alias has been written out, what it stood for can be mended, too."""
_FAILING: Final = {
    "error": (Severity.ERROR,),
    "warning": (Severity.ERROR, Severity.WARNING),
    "never": (),
}


def validate_command(arguments: list[str]) -> int:
    args = options_of(arguments)
    try:
        settings = Settings() if args.no_config else find_settings(Path.cwd())
        _merge(args, settings)
        files = list(files_of(args.paths, settings.exclude, settings.folder))
        checked = _kept(check_all(files, args, known_verdicts(args)), args, settings)
        for _ in range(_ROUNDS if args.fix else 0):
            if not _fixed(checked, args):
                break
            before, checked = checked, _kept(check_all(files, args, known_verdicts(args)), args, settings)
            _move_baseline(before, checked, args)
        checked, accepted = _against_baseline(checked, args)
        for report in args.report:
            format_, path = pair("--report", report)
            _write(path, formatted(format_, checked, args))
    except ArazzoError as error:
        return tell_error(error)
    found = [finding for document in checked for finding in document.findings]
    _speak(None if args.format == "text" else "utf-8")
    if args.format == "text":
        _tell(checked, found, accepted, args)
    else:
        sys.stdout.write(formatted(args.format, checked, args))
        if not checked:
            sys.stderr.write(f"{_NOTHING}\n")
    if not checked and args.fail_on != "never" and len(files) == len(list(files_of(args.paths))):
        # Nothing was checked, and not because the settings leave it out: no build should be green for that.
        return 2
    return 2 if any(finding.severity in _failing(args) for finding in found) else 0


def options_of(arguments: list[str]) -> ValidateOptions:
    """The options that a command line gives; one of paths alone is read without argparse."""
    if arguments and not any(argument.startswith("-") for argument in arguments):
        return ValidateOptions(paths=arguments)
    import_quickly("argparse")
    return _parser().parse_args(arguments, ValidateOptions())


def _parser() -> argparse.ArgumentParser:
    from arazzo.cli.parser import Parser, add_linking

    parser = Parser(
        prog="arazzo validate",
        description="Find mistakes in Arazzo documents before anything is sent.",
        epilog="Exit codes: 0 nothing found that counts, 2 something found. `arazzo explain CODE` says more.",
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="files, folders, globs or URLs; - for standard input"
    )
    parser.add_argument("--format", choices=FORMATS, help="how findings are printed")
    parser.add_argument(
        "--report",
        action="append",
        metavar="FORMAT=PATH",
        help="write them to a file as well; repeatable",
    )
    parser.add_argument("--fail-on", choices=FAIL_ON, help="what makes the exit code 2 (error)")
    parser.add_argument(
        "--fix", action="store_true", help="make the mends that are obvious, leaving the rest of a file alone"
    )
    parser.add_argument("--notes", action="store_true", help="print information, too, not only count it")
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="processes to check many files with (one a processor)"
    )
    group = parser.add_argument_group("what counts")
    group.add_argument("--select", action="append", metavar="CODES", help="report these codes only")
    group.add_argument("--ignore", action="append", metavar="CODES", help="leave these codes out")
    group.add_argument(
        "--baseline",
        metavar="FILE",
        help="accept the findings of this file; it is written when it does not exist",
    )
    group.add_argument(
        "--update-baseline", action="store_true", help="write the findings of today to the baseline"
    )
    group.add_argument("--no-config", action="store_true", help="read no arazzo.toml and no pyproject.toml")
    add_linking(parser)
    return parser


def _merge(args: ValidateOptions, settings: Settings) -> None:
    """Let the settings hold where no option was given. Raises ``UsageError``."""
    known = [code.name for code in table()]
    for name in ("select", "ignore"):
        given = [code for text in getattr(args, name) for code in text.replace(",", " ").split()]
        check_codes(given, known, f"--{name}")
        check_codes(getattr(settings, name), known, f"the setting {name}")
        setattr(args, name, given or list(getattr(settings, name)))
    for glob, codes in settings.per_file_ignores.items():
        check_codes(codes, known, f"per-file-ignores of {glob}")
    args.fail_on = args.fail_on or settings.fail_on
    args.strict = args.strict or settings.strict
    args.offline = args.offline or settings.offline
    named = {text.partition("=")[0] for text in args.source}
    for name, place in settings.sources.items():
        if name not in named:
            where = place if "://" in place else str(settings.folder / place)
            args.source.append(f"{name}={where}")
    if args.baseline is None and settings.baseline is not None:
        args.baseline = str(settings.folder / settings.baseline)
    if args.update_baseline and args.baseline is None:
        raise usage("--update-baseline needs --baseline FILE")
    if args.jobs is not None and args.jobs < 1:
        raise usage(f"--jobs {args.jobs}: at least one process is wanted")
    for report in args.report:
        if (format_ := pair("--report", report)[0]) not in FORMATS:
            raise usage(f"--report {report}: {format_!r} is none of {', '.join(FORMATS)}")


def _failing(args: ValidateOptions) -> tuple[Severity, ...]:
    return _FAILING[args.fail_on or "error"]


def _fixed(checked: Sequence[Checked], args: ValidateOptions) -> bool:
    """Mend what can be mended in the files; whether there was anything."""
    from arazzo.cli.fixing import fix_all

    return bool(fix_all(checked, args))


def _kept(checked: Sequence[Checked], args: ValidateOptions, settings: Settings) -> list[Checked]:
    """``checked`` with the findings that are selected and not ignored."""

    def ignored(file: str) -> set[str]:
        names = (file, shown_from(settings.folder, file))
        listed = settings.per_file_ignores.items()
        return {c for glob, codes in listed if any(matches(name, glob) for name in names) for c in codes}

    def kept(document: Checked) -> Iterator[Diagnostic]:
        ignore = {*args.ignore, *ignored(document.file)}
        for finding in document.findings:
            asked_for = finding.code not in ignore and (not args.select or finding.code in args.select)
            if asked_for or document.unread:
                yield finding

    return [replace(document, findings=tuple(kept(document))) for document in checked]


def _against_baseline(checked: list[Checked], args: ValidateOptions) -> tuple[list[Checked], int]:
    """``checked`` less what the baseline accepts, and how much that is; the baseline is written where it must be."""
    if args.baseline is None:
        return checked, 0
    from arazzo.cli.baseline import read_baseline, without_accepted, write_baseline

    path = Path(args.baseline)
    if args.update_baseline or not path.exists():
        count = write_baseline(path, checked)
        sys.stderr.write(f"{path}: {count} {'finding' if count == 1 else 'findings'} accepted\n")
    return without_accepted(checked, read_baseline(path), path.parent)


def _move_baseline(before: Sequence[Checked], after: Sequence[Checked], args: ValidateOptions) -> None:
    """Let the baseline know the lines that were mended, so that what it accepts on them stays accepted."""
    if args.baseline is None or args.update_baseline or not Path(args.baseline).exists():
        return
    from arazzo.cli.baseline import follow

    follow(Path(args.baseline), before, after)


def formatted(format_: str, checked: Sequence[Checked], args: ValidateOptions) -> str:
    """The findings in one of ``FORMATS``."""
    # Each format is imported when it is asked for.
    match format_:
        case "sarif":
            from arazzo.api.explaining import as_markdown, explanations
            from arazzo.report.findings.sarif import Help, sarif
            from arazzo.report.findings.seen import seen_from_repository

            helps = {e.code: Help(e.text, as_markdown(e)) for e in explanations()}
            return sarif(checked, table(), helps, seen_from_repository())
        case "junit":
            from arazzo.report.findings.xml_formats import junit

            return junit(checked, _failing(args))
        case "checkstyle":
            from arazzo.report.findings.xml_formats import checkstyle

            return checkstyle(checked)
        case "github":
            from arazzo.report.findings.github import github
            from arazzo.report.findings.seen import seen_from_repository

            return github(checked, seen_from_repository())
        case "json":
            import json

            from arazzo.report.plain import plain_diagnostic

            plain = [plain_diagnostic(finding) for document in checked for finding in document.findings]
            return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
        case _:
            return "".join(f"{render(f)}\n" for document in checked for f in document.findings)


def _tell(
    checked: Sequence[Checked], found: Iterable[Diagnostic], accepted: int, args: ValidateOptions
) -> None:
    """The findings for people: on standard output, the count on standard error."""
    color = wants_color(sys.stdout)
    found = list(found)
    # What was not checked is always said; the rest of the information only counted.
    shown = [f for f in found if args.notes or f.severity is not Severity.INFORMATION or f.blocks_run]
    for finding in shown:
        sys.stdout.write(render(finding, color=color) + "\n")
    documents = "1 document" if len(checked) == 1 else f"{len(checked)} documents"
    line = f"{documents}: {summary(shown)}" if checked else _NOTHING
    hidden = len(found) - len(shown)
    if hidden:
        line += f" ({hidden} more with --notes)"
    if accepted:
        line += f", {accepted} accepted by {args.baseline}"
    sys.stderr.write(line + "\n")


def _speak(encoding: str | None) -> None:
    """Let standard output take every character: what programs read is UTF-8, what people read as they have it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=encoding, errors="backslashreplace")


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise usage(f"--report: {path}: {error.strerror or error}") from None
