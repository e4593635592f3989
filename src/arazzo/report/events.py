"""``--report events=PATH``: the run as it happens, one JSON object a line (NDJSON)."""

from __future__ import annotations

from typing import TextIO

from arazzo.engine.events import Event
from arazzo.report.plain import plain_event, to_json_text


class EventLog:
    """Writes each event when it happens, so that a run that is cut off leaves all it did."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        self._stream.write(to_json_text(plain_event(event)) + "\n")
        self._stream.flush()
