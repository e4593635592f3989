"""A run on a terminal: the lines of ``report.console``, and beneath them what is going on at this moment.

A step that polls keeps one line, with a count, in place of a screenful of the same.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

from msgspec import Struct
from rich.console import Console as Terminal
from rich.console import Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from arazzo.engine.events import Event, RequestSent, RunFinished, StepFinished, StepStarted, Waiting
from arazzo.report.console import Console, Style
from arazzo.report.text import printable


class _Held(Struct):
    """The latest line of a step that goes round, and how often it has."""

    step_id: str
    text: str
    times: int = 1


class LiveConsole(Console):
    """``Console`` over a rich ``Live``; ask it for its ``view`` to show."""

    def __init__(self, write: Callable[[str], None], style: Style) -> None:
        super().__init__(write, style)
        self._print = write
        self._held: _Held | None = None
        self._doing = ""
        self._since = time.monotonic()
        self._until: float | None = None
        self._spinner = Spinner("dots")

    def __call__(self, event: Event) -> None:
        match event:
            case StepStarted():
                held = self._held
                again = f", {_nth(held.times + 1)} time" if held and held.step_id == event.step_id else ""
                self._now(f"{printable(event.step_id)}{again}")
            case RequestSent():
                self._now(f"{printable(event.step_id)}: waiting for the response")
            case Waiting():
                why = "asking again" if event.reason == "poll" else "trying again"
                self._now(f"{printable(event.step_id)}: {why}", event.seconds)
                if self._again(event.step_id):
                    return  # The line above it tells already, and the countdown the rest.
            case StepFinished():
                self._now("")
            case RunFinished():
                self._release()
                self._now("")
            case _:
                pass
        super().__call__(event)

    def _again(self, step_id: str) -> bool:
        return self._held is not None and self._held.step_id == step_id

    def write_step(self, text: str, step_id: str, *, again: bool) -> None:
        held = self._held
        times = held.times + 1 if held is not None and held.step_id == step_id else 1
        if held is not None and held.step_id != step_id:
            self._release()
        if again:
            self._held = _Held(step_id, text, times)
            return
        self._held = None
        self._print(_counted(text, times))

    def _release(self) -> None:
        if self._held is not None:
            self._print(_counted(self._held.text, self._held.times))
            self._held = None

    def _now(self, doing: str, seconds: float | None = None) -> None:
        self._doing, self._since = doing, time.monotonic()
        self._until = self._since + seconds if seconds is not None else None

    @property
    def view(self) -> RenderableType:
        """What stands beneath the lines."""
        parts: list[RenderableType] = []
        if self._held is not None:
            parts.append(Text.from_ansi(_counted(self._held.text, self._held.times)))
        if self._doing:
            moment = time.monotonic()
            clock = (
                f" in {max(self._until - moment, 0):.0f} s"
                if self._until
                else f" {moment - self._since:.0f} s"
            )
            self._spinner.update(text=Text(f"{self._doing}{clock}", style="dim"))
            parts.append(self._spinner)
        return Group(*parts)


class _View:
    """Asks the console for its view each time the screen is drawn."""

    def __init__(self, console: LiveConsole) -> None:
        self._console = console

    def __rich__(self) -> RenderableType:
        return self._console.view


@contextlib.contextmanager
def live_console(style: Style) -> Iterator[LiveConsole]:
    """A console on the terminal of standard error, drawn ten times a second until the block is left."""
    terminal = Terminal(stderr=True, highlight=False, soft_wrap=True)

    def write(text: str) -> None:
        terminal.print(Text.from_ansi(text), soft_wrap=True)

    console = LiveConsole(write, style)
    with Live(_View(console), console=terminal, refresh_per_second=10, transient=True):
        yield console


def _counted(text: str, times: int) -> str:
    if times == 1:
        return text
    first, newline, rest = text.partition("\n")
    return f"{first}  ×{times}{newline}{rest}"


def _nth(number: int) -> str:
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"
