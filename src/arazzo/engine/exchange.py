"""One attempt at a step that calls an operation: the request, the reply, the verdict, the outputs.

The order is the specification's and ``docs/run-cycle.md``'s: send, judge the success criteria, name the outputs
(on failure too, as far as they exist). Actions come after, in ``engine.actions``.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping

from msgspec.structs import replace

from arazzo.descriptions.openapi.responses import MalformedBody, decode_body
from arazzo.engine.actions import judge
from arazzo.engine.checking import check_response
from arazzo.engine.effects import Flow, Send, now, send
from arazzo.engine.events import CriterionJudged, ReplyReceived, RequestSent
from arazzo.engine.request import Prepared
from arazzo.engine.state import Frame, Run, Verdict, Visit
from arazzo.engine.timing import seconds_allowed
from arazzo.expression.scope import ResponseView
from arazzo.expression.template import render
from arazzo.messages import Headers, NoResponse, Reply, Request, Response, header
from arazzo.plan.model import OperationCall, StepPlan
from arazzo.values import UNDEFINED, Maybe, Value, to_text

_EXCERPT = 300
_FOR_ANYONE = frozenset(("accept", "accept-language", "content-type", "user-agent"))
"""Headers that say nothing which another origin should not know."""


def exchange(
    run: Run,
    frame: Frame,
    step: StepPlan,
    call: OperationCall,
    prepared: Prepared,
    visit: Visit,
    sent_at: float,
) -> Flow[Verdict]:
    """Send ``prepared``, at the moment ``sent_at``, and judge what comes back."""
    where = (frame.workflow.key.workflow_id, step.step_id, visit.attempt, frame.depth)
    request = _timed(prepared.request, seconds_allowed(step, frame, run.bounds, sent_at))
    run.secrets.learn_request(request, call.operation.key_parameters, prepared.view.body)
    shown_request = run.secrets.request(request)
    yield RequestSent(sent_at, *where, shown_request)
    request = _bound(request, shown_request, run.plan.headers)
    reply = yield from send(Send(request, frame.workflow.key, step, call, frame.scope))
    received_at = yield from now()
    problem = _take_in(run, frame, step, call, reply)
    shown = run.secrets.reply(reply)
    yield ReplyReceived(received_at, *where, shown, received_at - sent_at)
    if isinstance(shown, NoResponse):
        return Verdict("failed", f"there was no response: {shown.reason}")
    misfit = yield from check_response(run, frame, where, call, reply, readable=problem is None)
    if problem is not None:
        return Verdict("failed", _with_status(shown, problem))
    verdict = yield from _judge_success(run, frame, step, call, shown)
    if misfit is not None and verdict.status == "succeeded":
        return Verdict("failed", _with_status(shown, misfit))
    return verdict


def _timed(request: Request, timeout: float | None) -> Request:
    return Request(
        request.method, request.url, request.headers, request.body, timeout, request.follow_redirects
    )


def _bound(request: Request, shown: Request, given: Headers) -> Request:
    """``request`` with what of it is for its own origin only: what is not shown, and what the caller ``gave``."""
    hidden = {
        name.lower()
        for (name, text), (_, seen) in zip(request.headers, shown.headers, strict=True)
        if seen != text
    }
    hidden.update(name.lower() for name, _ in given)
    return replace(
        request,
        credential_headers=frozenset(hidden) - _FOR_ANYONE,
        credential_body=shown.body != request.body,
    )


def _take_in(run: Run, frame: Frame, step: StepPlan, call: OperationCall, reply: Reply) -> str | None:
    """Make ``reply`` what expressions see, name the outputs, learn its secrets; says what is wrong with its body."""
    problem = None
    body: Maybe = UNDEFINED
    frame.scope.response = None
    if isinstance(reply, Response):
        frame.reply = reply
        try:
            body = decode_body(reply.headers, reply.body)
        except MalformedBody as malformed:
            problem = str(malformed)
            body = reply.body.decode("utf-8", "replace")
        else:
            body, problem = _as_documented(step, call, reply, body)
        frame.scope.response = ResponseView(reply.status, reply.headers, body)
    outputs = name_outputs(frame, step, body if isinstance(body, dict) else {})
    for name in step.secret_outputs:
        run.secrets.learn(outputs.get(name, UNDEFINED))
    run.secrets.learn_reply(reply, body)
    return problem


def _as_documented(
    step: StepPlan, call: OperationCall, reply: Response, body: Maybe
) -> tuple[Maybe, str | None]:
    """Text where the operation documents JSON and the step reads into it: JSON after all, or a problem.

    Without this, a proxy's HTML page with status 200 would leave every output undefined and the step successful.
    """
    if not step.reads_body or not isinstance(body, (str, bytes)):
        return body, None
    documented = call.operation.content_types(reply.status)
    if not documented or not all("json" in media_type for media_type in documented):
        return body, None
    try:
        return decode_body((("content-type", documented[0]),), reply.body), None
    except MalformedBody:
        said = header(reply.headers, "content-type") or "no content type"
        return body, f"the body is {said}, not {documented[0]} as the operation documents: {excerpt(reply)}"


def name_outputs(frame: Frame, step: StepPlan, own: Mapping[str, Maybe]) -> dict[str, Maybe]:
    """Evaluate the step's outputs and make them visible; ``$outputs.`` sees them, and behind them ``own``."""
    outputs: dict[str, Maybe] = {}
    frame.scope.outputs = ChainMap(outputs, dict(own)) if own else outputs
    for name, template in step.outputs.items():
        outputs[name] = render(template, frame.scope)
    frame.outputs[step.step_id] = outputs
    return outputs


def _judge_success(
    run: Run, frame: Frame, step: StepPlan, call: OperationCall, reply: Response
) -> Flow[Verdict]:
    """The verdict on a response that could be read; ``reply`` is it as it may be shown, since a sentence quotes it."""
    if step.criteria:
        unmet = yield from judge(run, frame, step, step.criteria, None)
        if unmet is None:
            return Verdict("succeeded")
        return Verdict("failed", _with_status(reply, describe(unmet), show_body=True))
    if 200 <= reply.status < 300 or (300 <= reply.status < 400 and call.operation.documents(reply.status)):
        return Verdict("succeeded")
    return Verdict("failed", _with_status(reply, "which is no success", show_body=True))


def describe(unmet: CriterionJudged) -> str:
    """Why a criterion does not hold, as part of a sentence."""
    where = f" on {unmet.context}" if unmet.context else ""
    if unmet.error:
        return f"the condition `{unmet.condition}`{where} could not be evaluated: {unmet.error}"
    return f"`{unmet.condition}`{where} does not hold"


def _with_status(reply: Response, problem: str, *, show_body: bool = False) -> str:
    sentence = f"the response was {reply.status}{f' {reply.reason}' if reply.reason else ''}, {problem}"
    shown = excerpt(reply) if show_body and reply.status >= 400 else ""
    return f"{sentence}; it said: {shown}" if shown else sentence


def excerpt(reply: Response) -> str:
    """The beginning of a response's body on one line, for a message."""
    try:
        body: Maybe = decode_body(reply.headers, reply.body)
    except MalformedBody:
        body = reply.body
    if isinstance(body, bytes):
        body = body[: 4 * _EXCERPT].decode("utf-8", "replace")
    value: Value = "" if body is UNDEFINED else body
    text = " ".join(to_text(value).split())
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"
