"""``run`` for asyncio."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from arazzo.api.run_keywords import RunKeywords
from arazzo.api.running import Setting, tell_unsaved
from arazzo.document.model import Document
from arazzo.drivers.asyncio import drive_async
from arazzo.engine.effects import Send
from arazzo.engine.events import Event
from arazzo.engine.results import Fold, RunResult
from arazzo.http.opening import open_async_transport
from arazzo.messages import Reply
from arazzo.plan.model import Plan
from arazzo.values import Value


async def run_async(
    description: Document | Plan,
    workflow_id: str | None = None,
    inputs: Mapping[str, Value] | None = None,
    **keywords: Unpack[RunKeywords],
) -> RunResult:
    """``run`` for asyncio: a transport may be asynchronous, waits do not block."""
    setting = Setting.of(description, workflow_id, inputs, keywords)
    fold = Fold()

    def observe(event: Event) -> None:
        fold(event)
        for observer in setting.observers:
            observer(event)

    flow = setting.flow()
    if setting.provider is not None:
        provider = setting.provider

        async def simulated(effect: Send) -> Reply:
            return provider(effect)

        outcome = await drive_async(flow, simulated, setting.clock, observe)
    else:
        try:
            async with open_async_transport(setting.transport, setting.transport_options) as transport:
                answer = setting.answering_async(transport)
                outcome = await drive_async(flow, answer, setting.clock, observe)
        finally:
            unsaved = setting.save()
        tell_unsaved(unsaved)
    return fold.result(outcome.outputs)
