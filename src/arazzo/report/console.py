"""A run for people, on standard error: one line for each attempt at a step, then what came of it.

This is the form for pipes and logs; ``report.live`` shows the same lines on a terminal, with a view of what is
going on beneath them.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from msgspec import Struct

from arazzo.engine.events import (
    ActionChosen,
    CriterionJudged,
    Event,
    ReplyReceived,
    RequestSent,
    ResponseChecked,
    RunFinished,
    RunStarted,
    StepFinished,
    StepStarted,
    Violation,
    Waiting,
    WorkflowFinished,
    WorkflowStarted,
)
from arazzo.engine.results import RunResult
from arazzo.messages import NoResponse, Reply, Request, Response
from arazzo.report.text import printable

_MOST_URL = 60
_MOST_NAME = 36
_MOST_BODY = 10_000


class Style(Struct, frozen=True):
    """How parts of a line are set off; without colour, not at all."""

    color: bool = False

    def green(self, text: str) -> str:
        return self._in("32", text)

    def red(self, text: str) -> str:
        return self._in("31", text)

    def yellow(self, text: str) -> str:
        return self._in("33", text)

    def dim(self, text: str) -> str:
        return self._in("2", text)

    def bold(self, text: str) -> str:
        return self._in("1", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and text else text


class _Line(Struct):
    """What is known so far of the attempt that will be the next line."""

    started: StepStarted
    request: Request | None = None
    reply: Reply | None = None
    called: bool = False
    violations: tuple[Violation, ...] = ()
    more: int = 0


class Console:
    """Listens to a run and writes lines with ``write``; ``verbose`` adds requests and responses in full."""

    def __init__(self, write: Callable[[str], None], style: Style, *, verbose: bool = False) -> None:
        self._write, self._style, self._verbose = write, style, verbose
        self._open: dict[int, _Line] = {}
        self._pending: tuple[str, str] | None = None
        self._width = 0

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                name, file = printable(event.workflow_id), printable(event.file)
                self._write(f"{self._style.bold(name)}  {self._style.dim(file)}")
            case WorkflowStarted():
                self._workflow(event)
            case StepStarted():
                self._flush()
                self._open[event.depth] = _Line(event)
                if self._verbose:
                    self._write_all([self._style.bold(printable(event.step_id))], event.depth)
            case Waiting():
                self._flush()
                self._write(self._wait(event))
            case RequestSent() | ReplyReceived() | ResponseChecked():
                self._exchange(event, self._open[event.depth])
            case CriterionJudged() if self._verbose:
                self._write_all([self._criterion(event)], event.depth)
            case StepFinished():
                self._step(event)
            case ActionChosen():
                self._action(event)
            case WorkflowFinished() | RunFinished():
                self._flush()
            case _:
                pass  # Warnings come together at the end.

    def _workflow(self, event: WorkflowStarted) -> None:
        self._flush()
        self._width = min(max((self._width, *(len(printable(step)) for step in event.steps))), _MOST_NAME)
        if event.reason == "run":
            return
        why = {"step": "calls", "goto": "goes on with", "retry": "first runs", "depends-on": "first runs"}[
            event.reason
        ]
        depth = event.depth if event.reason == "goto" else event.depth - 1
        self._write(f"{self._indent(depth)}  {why} {self._style.bold(printable(event.workflow_id))}")
        if event.reason == "step" and depth in self._open:
            self._open[depth].called = True

    def _exchange(self, event: RequestSent | ReplyReceived | ResponseChecked, line: _Line) -> None:
        match event:
            case RequestSent():
                line.request = event.request
                if self._verbose:
                    self._flush()
                    self._write_all(verbose_message(event.request), event.depth)
            case ReplyReceived():
                line.reply = event.reply
                if self._verbose:
                    self._write_all(verbose_message(event.reply), event.depth)
            case ResponseChecked(mode="fail"):
                line.violations, line.more = event.violations, event.more
            case ResponseChecked():
                pass  # Each violation is a warning, and these come together at the end.

    def _step(self, event: StepFinished) -> None:
        self._flush()
        line = self._open.pop(event.depth)
        good = event.status == "succeeded"
        mark = self._style.green("✓") if good else self._style.red("✗")
        attempt = f" (attempt {event.attempt})" if event.attempt > 1 else ""
        name = f"{printable(event.step_id) + attempt:<{self._width}}"
        parts = [part for part in (_call(line), _status(line.reply), _time(event.duration)) if part]
        text = f"{self._indent(event.depth)}{mark} {name}  {self._style.dim('  '.join(parts))}"
        if not good and event.reason:
            text += f"\n{self._indent(event.depth)}    {self._style.red(printable(event.reason))}"
            for told in _violations(line, event.reason):
                text += f"\n{self._indent(event.depth)}      {self._style.red(printable(told))}"
        self._pending = (text, event.step_id)

    def _action(self, event: ActionChosen) -> None:
        goes = printable(event.target_step or event.target_workflow or "")
        name = printable(event.name)
        what = {"end": "end", "goto": f"goto {goes}", "retry": f"retry after {goes}" if goes else "retry"}[
            event.type
        ]
        self._flush(
            f"  → {what} ({name})" if name else f"  → {what}", again=event.target_step == event.step_id
        )

    def _flush(self, suffix: str = "", *, again: bool = False) -> None:
        """Write the line of the step just finished, which may have waited for the action that follows it."""
        if self._pending is None:
            return
        text, step_id = self._pending
        self._pending = None
        first, newline, rest = text.partition("\n")
        self.write_step(f"{first}{self._style.dim(suffix)}{newline}{rest}", step_id, again=again)

    def write_step(self, text: str, step_id: str, *, again: bool) -> None:
        """Show a finished attempt; ``again`` when an action leads straight back to the same step."""
        del step_id, again
        self._write(text)

    def _wait(self, event: Waiting) -> str:
        why = "before asking again" if event.reason == "poll" else "before the next attempt"
        asked = ", as the server asked" if event.retry_after else ""
        return self._style.dim(f"{self._indent(event.depth)}  … {_seconds(event.seconds)} {why}{asked}")

    def _criterion(self, event: CriterionJudged) -> str:
        mark = "holds" if event.met else "does not hold"
        owner = f" ({event.action})" if event.action else ""
        error = f": {event.error}" if event.error else ""
        return self._style.dim(printable(f"? {event.condition} {mark}{owner}{error}"))

    def _write_all(self, lines: list[str], depth: int) -> None:
        for line in lines:
            self._write(f"{self._indent(depth)}    {line}")

    def _indent(self, depth: int) -> str:
        return "  " * (depth + 1)


def _violations(line: _Line, reason: str) -> list[str]:
    """What else in the response is not as the API describes it, besides what the reason says."""
    told = [
        f"{violation.message} ({violation.file}:{violation.line}:{violation.column})"
        for violation in line.violations
        if violation.message not in reason
    ]
    return [*told, f"… and {line.more:,} more"] if line.more else told


def summary(result: RunResult, style: Style) -> list[str]:
    """How the run ended, in a sentence or two."""
    sent = sum(1 for step in result.steps if step.request is not None)
    counts = f"{_many(len(result.steps), 'step')}, {_many(sent, 'request')}, {_seconds(result.duration)}"
    lines = []
    if result.status == "succeeded":
        lines.append(f"{style.green('succeeded')}  {style.dim(counts)}")
    else:
        lines.append(f"{style.red('failed')}  {style.dim(counts)}")
        if result.error is not None:
            lines.append(style.red(f"error: {printable(result.error.message)}"))
    if result.recovered:
        failures: dict[str, int] = {}
        for step in result.recovered:
            failures[step.step_id] = failures.get(step.step_id, 0) + 1
        told = ", ".join(
            f"{name} failed {'once' if times == 1 else f'{times} times'}" for name, times in failures.items()
        )
        lines.append(
            style.yellow(f"recovered: {printable(told)}, and the workflow went on as it says it should")
        )
    return lines


def verbose_message(message: Request | Reply) -> list[str]:
    """A request or a reply in full, as curl would show it."""
    if isinstance(message, NoResponse):
        return [printable(f"< no response: {message.reason}")]
    if isinstance(message, Request):
        mark, lines = ">", [f"> {message.method} {message.url}"]
    else:
        mark, lines = "<", [f"< {message.status} {message.reason}".rstrip()]
    lines.extend(f"{mark} {name}: {value}" for name, value in message.headers)
    lines = [*map(printable, lines)]
    lines.extend(f"{mark} {line}" for line in _body_lines(message.body))
    return lines


def _body_lines(body: bytes | None) -> list[str]:
    if not body:
        return []
    try:
        text = body[:_MOST_BODY].decode("utf-8", "strict" if len(body) <= _MOST_BODY else "ignore")
    except UnicodeDecodeError:
        return ["", f"({len(body):,} bytes that are no text)"]
    shown = "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text).splitlines()
    return ["", *shown, *([f"… ({len(body):,} bytes in all)"] if len(body) > _MOST_BODY else [])]


def _call(line: _Line) -> str:
    if line.request is None:
        return "" if line.called else printable(line.started.calls)
    target = _target(line.request.url)
    if len(target) > _MOST_URL:
        target = target[: _MOST_URL - 1] + "…"
    return printable(f"{line.request.method} {target}")


def _target(url: str) -> str:
    """Path and query of a URL; the whole of what is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _status(reply: Reply | None) -> str:
    return str(reply.status) if isinstance(reply, Response) else "no response" if reply else ""


def _time(seconds: float) -> str:
    return _seconds(seconds) if seconds >= 0.0005 else ""


def _seconds(seconds: float) -> str:
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
