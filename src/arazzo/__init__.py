"""Runs Arazzo workflow documents: in a shell, in CI, inside a Python program.

    import arazzo

    description = arazzo.load("workflow.yml")
    result = arazzo.run(description, inputs={"apiKey": "…"})

Names are imported when first used, so that ``import arazzo`` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arazzo.version import __version__

if TYPE_CHECKING:
    from arazzo.api.concurrently import run_async
    from arazzo.api.editing import position
    from arazzo.api.explaining import Explanation, explain
    from arazzo.api.linking import check, link, load
    from arazzo.api.running import Stream, run, stream
    from arazzo.diagnostics import Diagnostic, Severity, Span
    from arazzo.document.model import Document
    from arazzo.engine.events import Event
    from arazzo.engine.results import RunResult, StepRecord
    from arazzo.errors import ArazzoError, DocumentError, InputError, UsageError
    from arazzo.http.auth.credentials import SecretSource
    from arazzo.http.httpx2_client import AsyncHttpTransport, HttpTransport
    from arazzo.http.pyreqwest_client import AsyncFastTransport, FastTransport
    from arazzo.http.transport import AsyncTransport, Transport, TransportOptions
    from arazzo.messages import Failure, NoResponse, Request, Response
    from arazzo.plan.model import Plan
    from arazzo.rules.position import Standing
    from arazzo.values import UNDEFINED, File

__all__ = [
    "UNDEFINED",
    "ArazzoError",
    "AsyncFastTransport",
    "AsyncHttpTransport",
    "AsyncTransport",
    "Diagnostic",
    "Document",
    "DocumentError",
    "Event",
    "Explanation",
    "Failure",
    "FastTransport",
    "File",
    "HttpTransport",
    "InputError",
    "NoResponse",
    "Plan",
    "Request",
    "Response",
    "RunResult",
    "SecretSource",
    "Severity",
    "Span",
    "Standing",
    "StepRecord",
    "Stream",
    "Transport",
    "TransportOptions",
    "UsageError",
    "__version__",
    "check",
    "explain",
    "link",
    "load",
    "position",
    "run",
    "run_async",
    "stream",
]

_HOMES = {
    "arazzo.api.concurrently": ("run_async",),
    "arazzo.api.explaining": ("Explanation", "explain"),
    "arazzo.api.editing": ("position",),
    "arazzo.api.linking": ("check", "link", "load"),
    "arazzo.api.running": ("Stream", "run", "stream"),
    "arazzo.diagnostics": ("Diagnostic", "Severity", "Span"),
    "arazzo.document.model": ("Document",),
    "arazzo.engine.events": ("Event",),
    "arazzo.engine.results": ("RunResult", "StepRecord"),
    "arazzo.errors": ("ArazzoError", "DocumentError", "InputError", "UsageError"),
    "arazzo.http.auth.credentials": ("SecretSource",),
    "arazzo.http.httpx2_client": ("AsyncHttpTransport", "HttpTransport"),
    "arazzo.http.pyreqwest_client": ("AsyncFastTransport", "FastTransport"),
    "arazzo.http.transport": ("AsyncTransport", "Transport", "TransportOptions"),
    "arazzo.messages": ("Failure", "NoResponse", "Request", "Response"),
    "arazzo.plan.model": ("Plan",),
    "arazzo.rules.position": ("Standing",),
    "arazzo.values": ("UNDEFINED", "File"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'arazzo' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
