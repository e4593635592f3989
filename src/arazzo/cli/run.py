"""``arazzo run``: run a workflow; outputs go to standard output as JSON, everything for people to standard error."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

from msgspec import Struct, field

from arazzo.api import linking, running
from arazzo.api.run_keywords import RunKeywords
from arazzo.cli.credentials import gather_credentials
from arazzo.cli.inputs import environment, gather_inputs
from arazzo.cli.opening import link_keywords, open_document
from arazzo.cli.options import pair, tell, tell_error, usage, wants_color
from arazzo.cli.parser import Parser, add_linking, add_servers
from arazzo.cli.sending import SendingOptions, add_sending, cookies, headers, transport_options, unambiguous
from arazzo.diagnostics import Diagnostic
from arazzo.engine.events import Event
from arazzo.engine.results import RunResult
from arazzo.errors import ArazzoError
from arazzo.plan.model import Plan
from arazzo.report.console import Console, Style, summary
from arazzo.report.events import EventLog
from arazzo.report.plain import plain_result, plain_value, to_json_text
from arazzo.report.text import printable
from arazzo.values import File

REPORTS = ("events", "json")
CHECK, CHECKS = "--check-responses", ("warn", "fail")


class RunOptions(SendingOptions, kw_only=True):
    """The options of ``arazzo run``; times are seconds."""

    input: list[str] = field(default_factory=list)
    inputs: str | None = None
    env_file: str | None = None
    auth: list[str] = field(default_factory=list)
    secret: list[str] = field(default_factory=list)
    simulate: bool = False
    seed: int = 0
    check_responses: Literal["warn", "fail"] | None = None
    poll_interval: float = 1.0
    max_wait: float = 300.0
    max_steps: int = 1000
    timeout: float | None = None
    step_timeout: float = 120.0
    json: bool = False
    save: list[str] = field(default_factory=list)
    report: list[str] = field(default_factory=list)
    verbose: bool = False
    quiet: bool = False


def run_command(arguments: list[str]) -> int:
    args = _parser().parse_intermixed_args(_with_mode(unambiguous(arguments)), RunOptions())
    try:
        return _run(args)
    except ArazzoError as error:
        return tell_error(error, sends=True)


def _with_mode(arguments: list[str]) -> list[str]:
    """``--check-responses`` with its mode said, so that it never takes what follows it for one."""
    found: list[str] = []
    for argument in arguments:
        if found and found[-1] == CHECK and argument in CHECKS:
            found[-1] = f"{CHECK}={argument}"
        else:
            found.append(argument)
    return [f"{CHECK}=fail" if argument == CHECK else argument for argument in found]


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="arazzo run",
        description="Run a workflow. Its outputs are printed as one JSON object.",
        epilog="Exit codes: 0 succeeded, 1 failed, 2 wrong document, inputs or usage, 130 interrupted.",
    )
    parser.add_argument(
        "file", metavar="FILE", help="the Arazzo document: a path, a URL, or - for standard input"
    )
    parser.add_argument(
        "workflow", metavar="WORKFLOW", nargs="?", help="which workflow, when there are several"
    )
    inputs = parser.add_argument_group("inputs")
    inputs.add_argument(
        "-i",
        "--input",
        action="append",
        metavar="KEY=VALUE",
        help="an input; KEY:=JSON, KEY=@FILE",
    )
    inputs.add_argument(
        "--inputs", metavar="FILE", help="a JSON or YAML object of inputs; - for standard input"
    )
    inputs.add_argument(
        "--env-file",
        metavar="FILE",
        help="variables, ARAZZO_INPUT_<KEY> and ARAZZO_AUTH_<NAME>, one a line",
    )
    inputs.add_argument(
        "--auth",
        action="append",
        metavar="NAME=VALUE",
        help="a credential for a security scheme, as arazzo show names it; NAME=@FILE",
    )
    inputs.add_argument(
        "--secret",
        action="append",
        metavar="NAME",
        help="hide this input's value in every output",
    )
    add_linking(parser)
    add_servers(parser)
    _add_running(parser)
    _add_output(parser)
    return parser


def _add_running(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("running")
    group.add_argument(
        "--simulate", action="store_true", help="answer from the API descriptions; nothing is sent"
    )
    group.add_argument("--seed", type=int, metavar="N", help="another course of the simulation (default 0)")
    group.add_argument(
        CHECK,
        nargs="?",
        const="fail",
        choices=CHECKS,
        metavar="warn|fail",
        help="hold responses against the API descriptions; a violation is a warning, or fails its step (default)",
    )
    group.add_argument(
        "--poll-interval",
        type=float,
        metavar="S",
        help="wait before the same request again (default 1)",
    )
    group.add_argument("--max-wait", type=float, metavar="S", help="the longest wait (default 300)")
    group.add_argument("--max-steps", type=int, metavar="N", help="attempts at steps (default 1000)")
    group.add_argument("--timeout", type=float, metavar="S", help="for the whole run")
    group.add_argument("--step-timeout", type=float, metavar="S", help="for one request (default 120)")
    add_sending(parser)


def _add_output(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument("--json", action="store_true", help="print the whole result, not only the outputs")
    group.add_argument(
        "--save",
        action="append",
        metavar="OUTPUT=PATH",
        help="write an output to a file; - for stdout",
    )
    group.add_argument(
        "--report",
        action="append",
        metavar="FORMAT=PATH",
        help=f"write a report: {', '.join(REPORTS)}",
    )
    loudness = group.add_mutually_exclusive_group()
    loudness.add_argument(
        "-v", "--verbose", action="store_true", help="requests and responses in full, secrets hidden"
    )
    loudness.add_argument("-q", "--quiet", action="store_true", help="errors only")


def _run(args: RunOptions) -> int:
    plan = _plan(args)
    assert plan.entry is not None, "a plan that can be run has an entry workflow"
    schema = plan.workflows[plan.entry].inputs
    variables = environment(args.env_file)
    inputs = gather_inputs(schema, args.input, args.inputs, variables)
    auth = gather_credentials(args.auth, {} if args.simulate else variables)
    saves = [pair("--save", text) for text in args.save]
    _check_saves(plan, saves, as_json=args.json)
    with contextlib.ExitStack() as stack:
        reports, at_end = _reports(args, stack)
        console = stack.enter_context(_console(args))
        keywords = _run_keywords(args)
        keywords["observers"] = [*reports, console]
        keywords["auth"] = auth
        under_way = running.stream(plan, None, inputs, **keywords)
        interrupted = False
        try:
            for _ in under_way:
                pass
        except KeyboardInterrupt:
            interrupted = True
            under_way.close()
    result, written = under_way.result, True
    for write in at_end:
        written &= write(under_way.shown)
    if under_way.unsaved is not None:
        sys.stderr.write(f"{under_way.unsaved}\n")
        written = False
    for report in reports:
        if report.problem is not None:
            sys.stderr.write(f"the event log is not complete: {report.problem}\n")
            written = False
    return _tell_result(args, result, saves, interrupted=interrupted, written=written)


def _plan(args: RunOptions) -> Plan:
    keywords = link_keywords(args)
    keywords["secrets"] = args.secret
    keywords["follow_redirects"] = not args.no_follow
    keywords["headers"] = headers(args)
    keywords["simulate"] = args.simulate
    return linking.link(open_document(args.file, args), args.workflow, **keywords)


def _run_keywords(args: RunOptions) -> RunKeywords:
    return RunKeywords(
        simulate=args.seed if args.simulate else False,
        max_steps=args.max_steps,
        timeout=args.timeout,
        step_timeout=args.step_timeout,
        poll_interval=args.poll_interval,
        max_wait=args.max_wait,
        check_responses=args.check_responses,
        allow_http=args.allow_http,
        allow_private=args.allow_private,
        cookies=cookies(args),
        idempotency_key=args.idempotency_key,
        transport_options=transport_options(args),
    )


@contextlib.contextmanager
def _console(args: RunOptions) -> Iterator[Callable[[Event], None]]:
    """What people see while the run goes on: a live view on a terminal, one line a step elsewhere."""
    if args.quiet:
        yield _ignore
        return
    style = Style(wants_color(sys.stderr))
    if sys.stderr.isatty() and not args.verbose and style.color:
        from arazzo.report.live import live_console

        with live_console(style) as console:
            yield console
        return

    def write(text: str) -> None:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()

    yield Console(write, style, verbose=args.verbose)


def _ignore(event: Event) -> None:
    del event


class _Report(Struct, frozen=True):
    format: str
    path: str


def _reports(
    args: RunOptions, stack: contextlib.ExitStack
) -> tuple[list[EventLog], list[Callable[[RunResult], bool]]]:
    """Listeners for the run, and what is to be written when it is over."""
    listeners: list[EventLog] = []
    at_end: list[Callable[[RunResult], bool]] = []
    for text in args.report:
        report = _Report(*pair("--report", text))
        if report.format not in REPORTS:
            raise usage(
                f"--report {text}: there is no report {report.format!r}", f"there is: {', '.join(REPORTS)}"
            )
        if report.path == "-":
            raise usage(
                f"--report {text}: standard output carries the outputs and nothing else",
                "name a file, or use --json",
            )
        try:
            stream = stack.enter_context(Path(report.path).open("w", encoding="utf-8"))  # noqa: SIM115
        except OSError as error:
            raise usage(f"--report {text}: {error.strerror}") from None
        if report.format == "events":
            listeners.append(EventLog(stream))
        else:
            at_end.append(partial(_write_json, path=report.path))
    return listeners, at_end


def _write_json(result: RunResult, path: str) -> bool:
    """Whether it could be written."""
    try:
        Path(path).write_text(to_json_text(plain_result(result), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"--report json={path}: {error.strerror}\n")
        return False
    return True


def _check_saves(plan: Plan, saves: list[tuple[str, str]], *, as_json: bool) -> None:
    assert plan.entry is not None
    known = plan.workflows[plan.entry].outputs
    if [path for _, path in saves].count("-") > (0 if as_json else 1):
        raise usage(
            "--save OUTPUT=-: standard output has room for one thing: one output, or the JSON of --json"
        )
    for name, path in saves:
        if name not in known:
            raise usage(
                f"--save {name}={path}: the workflow has no output {name!r}", f"it has: {', '.join(known)}"
            )


def _tell_result(
    args: RunOptions,
    result: RunResult,
    saves: list[tuple[str, str]],
    *,
    interrupted: bool,
    written: bool,
) -> int:
    """Tell how the run ended. What was asked for and could not be written makes the exit code 1."""
    if not args.quiet:
        style = Style(wants_color(sys.stderr))
        _tell_warnings(result.warnings, args)
        for line in summary(result, style):
            sys.stderr.write(line + "\n")
    elif result.error is not None:
        sys.stderr.write(f"error: {printable(result.error.message)}\n")
    for name, path in saves:
        written &= _save(result, name, path)
    if args.json:
        printed = plain_result(result)
    else:
        printed = {name: plain_value(value) for name, value in result.outputs.items()}
    if all(path != "-" for _, path in saves):
        sys.stdout.write(to_json_text(printed, indent=2) + "\n")
    sys.stdout.flush()
    if interrupted:
        return 130
    return 0 if result.status == "succeeded" and written else 1


def _tell_warnings(warnings: tuple[Diagnostic, ...], args: RunOptions) -> None:
    """Warnings about what happened in full; kindnesses, which concern the author, in a line unless ``-v`` asks."""
    kind = [warning for warning in warnings if warning.kindness]
    tell(warning for warning in warnings if args.verbose or not warning.kindness)
    if kind and not args.verbose:
        codes = ", ".join(dict.fromkeys(warning.code for warning in kind))
        places = "1 place" if len(kind) == 1 else f"{len(kind)} places"
        sys.stderr.write(f"read kindly in {places} ({codes}); -v shows where, --strict refuses\n")


def _save(result: RunResult, name: str, path: str) -> bool:
    """Whether the output could be written; one without a value cannot."""
    value = result.outputs.get(name)
    match value:
        case None:
            sys.stderr.write(f"--save {name}={path}: the output has no value; nothing was written\n")
            return False
        case bytes():
            content = value
        case File():
            content = value.content
        case str():
            content = value.encode("utf-8", "replace")
        case _:
            content = (to_json_text(plain_value(value), indent=2) + "\n").encode()
    if path == "-":
        sys.stdout.buffer.write(content)
        return True
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        sys.stderr.write(f"--save {name}={path}: {error.strerror}\n")
        return False
    return True
