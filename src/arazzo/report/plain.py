"""Events and results as plain JSON data, in the specification's names: what ``--json`` and ``--report`` write."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum

from msgspec import Struct

from arazzo.diagnostics import Diagnostic
from arazzo.engine.events import Event
from arazzo.engine.results import RunResult, StepRecord
from arazzo.messages import NoResponse, Reply, Request, Response
from arazzo.patterns import pattern
from arazzo.values import UNDEFINED, File, Maybe, Value

_WORD = pattern(r"_([a-z])")
_UNSAFE = pattern("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_TIMES = frozenset(("at", "started_at"))


def timestamp(moment: float) -> str:
    """``moment``, seconds since the epoch, as RFC 3339 in UTC."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_json_text(value: Value, *, indent: int | None = None) -> str:
    """``value`` as JSON that any stream takes and no terminal obeys.

    Text stays as it is but for halves of surrogate pairs, control characters and those that reorder text, which
    are escaped.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def plain_value(value: Maybe) -> Value:
    """``value`` as JSON has it: what is undefined is null, bytes and files are their text."""
    match value:
        case _ if value is UNDEFINED:
            return None
        case bytes():
            return value.decode("utf-8", "replace")
        case File():
            return value.content.decode("utf-8", "replace")
        case list():
            return [plain_value(element) for element in value]
        case dict():
            return {key: plain_value(member) for key, member in value.items()}
        case _:
            return value


def plain_event(event: Event) -> dict[str, Value]:
    """One event as the object that an event log has for it."""
    return {"event": event.kind, **_plain_fields(event)}


def _plain_fields(item: Struct) -> dict[str, Value]:
    return {_camel(name): _plain(name, getattr(item, name)) for name in item.__struct_fields__}


def _plain(name: str, value: object) -> Value:
    match value:
        case float() if name in _TIMES:
            return timestamp(value)
        case Diagnostic():
            return plain_diagnostic(value)
        case Request() | Response() | NoResponse():
            return plain_message(value)
        case Enum() if value is not UNDEFINED:
            return str(value.value)
        case Mapping():
            return {str(key): _plain("", member) for key, member in value.items()}
        case tuple():
            return [_plain("", element) for element in value]
        case Struct() if not isinstance(value, File):
            return _plain_fields(value)
        case _:
            return plain_value(value)  # type: ignore[arg-type]


def plain_message(message: Request | Reply) -> dict[str, Value]:
    """A request or a reply in full; a body that is no text is left out, its size said."""
    if isinstance(message, NoResponse):
        return {"failure": str(message.failure), "reason": message.reason}
    head: dict[str, Value]
    if isinstance(message, Request):
        head = {"method": message.method, "url": message.url}
    else:
        head = {"status": message.status, "reason": message.reason}
    head["headers"] = [[name, value] for name, value in message.headers]
    if message.body:
        try:
            head["body"] = message.body.decode("utf-8")
        except UnicodeDecodeError:
            head["bodySize"] = len(message.body)
    return head


def plain_diagnostic(diagnostic: Diagnostic) -> dict[str, Value]:
    """A finding as ``validate --format json`` and a result's ``warnings`` have it."""
    span = diagnostic.span
    return {
        "code": diagnostic.code,
        "severity": str(diagnostic.severity),
        "message": diagnostic.message,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "hint": diagnostic.hint,
        "specUrl": diagnostic.spec_url,
    }


def plain_result(result: RunResult) -> dict[str, Value]:
    """The whole result, as ``--json`` prints it."""
    error: dict[str, Value] | None = None
    if result.error is not None:
        error = {
            "message": result.error.message,
            "workflowId": result.error.workflow_id,
            "stepId": result.error.step_id,
        }
    return {
        "status": result.status,
        "workflowId": result.workflow_id,
        "outputs": {name: plain_value(value) for name, value in result.outputs.items()},
        "inputs": {name: plain_value(value) for name, value in result.inputs.items()},
        "startedAt": timestamp(result.started_at),
        "duration": round(result.duration, 6),
        "recovered": [{"stepId": step.step_id, "attempt": step.attempt} for step in result.recovered],
        "steps": [_plain_step(step) for step in result.steps],
        "warnings": [plain_diagnostic(warning) for warning in result.warnings],
        "error": error,
    }


def _plain_step(step: StepRecord) -> dict[str, Value]:
    plain: dict[str, Value] = {
        "stepId": step.step_id,
        "workflowId": step.workflow_id,
        "attempt": step.attempt,
        "status": step.status,
        "startedAt": timestamp(step.started_at),
        "duration": round(step.duration, 6) if step.duration is not None else None,
        "waited": step.waited,
        "request": {"method": step.request.method, "url": step.request.url} if step.request else None,
        "response": _plain_reply(step.reply),
        "criteria": [_plain_fields(criterion) for criterion in step.criteria],
        "outputs": {name: plain_value(value) for name, value in step.outputs.items()},
        "action": None,
        "reason": step.reason,
        "violations": [_plain_fields(violation) for violation in step.violations],
    }
    if step.action is not None:
        plain["action"] = {
            name: value for name, value in _plain_fields(step.action).items() if value is not None
        }
    return plain


def _plain_reply(reply: Reply | None) -> Value:
    match reply:
        case None:
            return None
        case Response():
            return {"status": reply.status}
        case NoResponse():
            return {"failure": str(reply.failure), "reason": reply.reason}


def _camel(name: str) -> str:
    return _WORD.sub(lambda match: match[1].upper(), name)
