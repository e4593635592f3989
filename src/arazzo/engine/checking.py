"""A response held against the API description (``--check-responses``): what is told of it, and whether it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from arazzo import codes
from arazzo.diagnostics import Code, Diagnostic
from arazzo.engine.effects import Flow
from arazzo.engine.events import ResponseChecked, Violation
from arazzo.engine.state import Frame, Run
from arazzo.messages import Reply, Response
from arazzo.plan.model import OperationCall
from arazzo.values import UNDEFINED, Maybe

if TYPE_CHECKING:
    from arazzo.descriptions.openapi import response_check
    from arazzo.descriptions.openapi.response_check import Checked

_CODES: Final[dict[str, Code]] = {
    "status": codes.RESPONSE_STATUS,
    "content-type": codes.RESPONSE_CONTENT_TYPE,
    "header": codes.RESPONSE_HEADER,
    "body": codes.RESPONSE_BODY,
}


def check_response(
    run: Run,
    frame: Frame,
    where: tuple[str, str, int, int],
    call: OperationCall,
    reply: Reply,
    *,
    readable: bool,
) -> Flow[str | None]:
    """Check ``reply`` where the run asks for it; the clause that fails the step, if something does.

    The body of a reply that is not ``readable`` is left alone: that it cannot be read has been found already.
    """
    mode = run.plan.check_responses
    if mode is None or not isinstance(reply, Response):
        return None
    # Imported when it is asked for: most runs check nothing.
    from arazzo.descriptions.openapi.response_check import ResponseChecks

    body: Maybe = reply.body or UNDEFINED
    if readable and frame.scope.response is not None:
        body = frame.scope.response.body
    checked = ResponseChecks(run.plan.checked_schemas, run.plan.strict).check(call.operation, reply, body)
    shown = tuple(_shown(run, violation) for violation in checked.violations)
    yield ResponseChecked(*where, mode, shown, checked.more)
    yield from _warn_unchecked(run, checked)
    if mode == "fail":
        return _clause(shown, checked.more)
    for violation, told in zip(checked.violations, shown, strict=True):
        message = f"{told.message} (step {where[1]!r})"
        yield from run.warn_once_there(_CODES[violation.kind].at(violation.at.span(), message))
    return None


def _shown(run: Run, violation: response_check.Violation) -> Violation:
    """``violation`` as it may be shown: names and pointers come from the response, too."""
    span = violation.at.span()
    return Violation(
        violation.kind,
        run.secrets.text(violation.pointer),
        run.secrets.text(violation.message),
        span.file,
        span.line,
        span.column,
    )


def _clause(violations: tuple[Violation, ...], more: int) -> str | None:
    if not violations:
        return None
    first = violations[0]
    rest = len(violations) - 1 + more
    others = (
        f"; there {'is 1 more violation' if rest == 1 else f'are {rest:,} more violations'}" if rest else ""
    )
    place = f"{first.file}:{first.line}:{first.column}"
    return f"which is not as the API describes it: {first.message} ({place}){others}"


def _warn_unchecked(run: Run, checked: Checked) -> Flow[None]:
    if checked.unchecked:
        yield from run.warn_once_there(_unchecked(checked))


def _unchecked(checked: Checked) -> Diagnostic:
    first, rest = checked.unchecked[0], len(checked.unchecked) - 1
    others = f"; {rest:,} more like it are left out, too" if rest else ""
    return codes.RESPONSE_UNCHECKED.at(
        first.at.span(), f"responses are not checked for this: {first.reason}{others}"
    )
