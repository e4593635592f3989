"""``--report events=PATH``: the run as it happens, one JSON object a line (NDJSON)."""

from __future__ import annotations

import json
from typing import TextIO

from arazzo.engine.events import Event
from arazzo.report.plain import plain_event


class EventLog:
    """Writes each event when it happens, so that a run that is cut off leaves all it did."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: Event) -> None:
        self._stream.write(json.dumps(plain_event(event), ensure_ascii=False) + "\n")
        self._stream.flush()
