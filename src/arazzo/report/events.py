"""``--report events=PATH``: the run as it happens, one JSON object a line (NDJSON)."""

from __future__ import annotations

import contextlib
from typing import TextIO

from arazzo.engine.events import Event
from arazzo.report.plain import plain_event, to_json_text


class EventLog:
    """Writes each event when it happens, so that a run that is cut off leaves all it did.

    A stream that takes no more (a disk that is full) does not end the run: ``problem`` says why the log stops there.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.problem: str | None = None

    def __call__(self, event: Event) -> None:
        if self.problem is not None:
            return
        try:
            self._stream.write(to_json_text(plain_event(event)) + "\n")
            self._stream.flush()
        except OSError as error:
            self.problem = error.strerror or str(error)
            with contextlib.suppress(OSError):
                self._stream.close()
