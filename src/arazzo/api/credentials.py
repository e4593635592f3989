"""Credentials before the first request: who gives them, whether the names are right, and whether any is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from arazzo import codes
from arazzo.descriptions.openapi.model import SecurityScheme
from arazzo.diagnostics import Diagnostic
from arazzo.engine.secrets import Secrets
from arazzo.errors import UsageError
from arazzo.http.auth.credentials import Given, Need, SecretSource, how_to_give, indistinct, needs_of
from arazzo.http.auth.forms import BadCredential
from arazzo.http.auth.requirement import Has, choose, lacks, passes, schemes_of
from arazzo.http.auth.schemes import kind_of, place_of
from arazzo.http.auth.wallet import Give, Wallet, find_need
from arazzo.plan.model import OperationCall, Plan, StepPlan

_MOST_STEPS = 3


def open_wallet(
    plan: Plan,
    auth: Mapping[str, str] | SecretSource | Given | None,
    secrets: Secrets,
    *,
    certificate: bool,
) -> Wallet:
    """The credentials of a run of ``plan``. Raises ``UsageError`` for names that mean nothing, or too much.

    ``certificate`` says whether the transport may have one of the client's.
    """
    calls = [call for _, call in calls_of(plan)]
    needs = needs_of(calls)
    wanted = [need for need in needs if _is_wanted(need, calls, plan)]
    if auth is not None and not isinstance(auth, (Mapping, Given)):
        _refuse(indistinct(wanted))
        return Wallet(needs, _asking(auth), secrets, certificate)
    given = auth if isinstance(auth, Given) else Given(auth or {}, {})
    _refuse(given.problems(needs, wanted))

    def give(need: Need) -> str | None:
        # Should a parameter that a document passes itself have no value, no other API's credential takes its place.
        return given.value(need) if need in wanted else given.unshared(need, needs)

    return Wallet(needs, give, secrets, certificate)


def _refuse(problems: Iterable[Diagnostic]) -> None:
    found = tuple(problems)
    if found:
        raise UsageError(found)


def _is_wanted(need: Need, calls: list[OperationCall], plan: Plan) -> bool:
    """Whether some call does not pass the credential itself."""
    return any(not passes(call, plan.headers)(need.scheme) for call in calls if need.is_of(call))


def _asking(source: SecretSource) -> Give:
    return lambda need: source(need.source, need.scheme)


def calls_of(plan: Plan) -> Iterator[tuple[StepPlan, OperationCall]]:
    """Every call of an operation that ``plan`` can reach."""
    for workflow in plan.workflows.values():
        for step in workflow.steps:
            if isinstance(step.call, OperationCall):
                yield step, step.call


def missing_credentials(plan: Plan, wallet: Wallet, *, own_transport: bool) -> Iterator[Diagnostic]:
    """A finding for each requirement that cannot be satisfied; a warning where the operation may do without.

    A caller's own transport may authenticate by itself. Raises ``UsageError`` for values that cannot be used.
    """
    lacking: dict[tuple[object, ...], list[tuple[StepPlan, OperationCall, Has]]] = {}
    unusable: dict[str, None] = {}
    for step, call in calls_of(plan):
        passed, has = passes(call, plan.headers), _has(wallet, call)
        for scheme in choose(call.operation, passed, has) or ():
            try:
                wallet.credential(call, scheme)
            except BadCredential as error:
                unusable[str(error)] = None
        if _is_lacking(call, wallet, passed, has):
            required = tuple(tuple(alternative) for alternative in call.operation.security)
            wanted = tuple(lacks(call.operation, passed, has))
            key = call.source, call.operation.source_uri, required, wanted
            lacking.setdefault(key, []).append((step, call, passed))
    if unusable:
        raise UsageError(codes.BAD_USAGE.at(None, sentence) for sentence in unusable)
    for steps in lacking.values():
        yield _missing(steps, wallet, own_transport=own_transport)


def _has(wallet: Wallet, call: OperationCall) -> Has:
    return lambda scheme: wallet.has(call, scheme)


def _is_lacking(call: OperationCall, wallet: Wallet, passed: Has, has: Has) -> bool:
    """Whether no alternative is satisfied, nor said to be left so. One that is not understood asks for nothing that
    could be named; the description's flaw has been told.
    """
    known = operation_schemes(call)
    return bool(known) and not any(
        all(passed(scheme) or has(scheme) or wallet.waived(call, scheme) for scheme in schemes)
        for schemes in known
    )


def _missing(
    steps: list[tuple[StepPlan, OperationCall, Has]], wallet: Wallet, *, own_transport: bool
) -> Diagnostic:
    step, call, passed = steps[0]
    has = _has(wallet, call)
    optional = not all(call.operation.security)
    code = codes.CREDENTIAL_NOT_GIVEN if optional or own_transport else codes.CREDENTIAL_MISSING
    lacking = [
        [scheme for scheme in schemes if not passed(scheme) and not has(scheme)]
        for schemes in operation_schemes(call)
    ]
    called = call.operation.operation_id or f"{call.operation.method} {call.operation.path}"
    verb = "can do without, but takes" if optional else "needs"
    wanted = " or ".join(" and ".join(map(describe, schemes)) for schemes in lacking)
    message = f"step {step.step_id!r} calls {called}, which {verb} a credential: {wanted}{_others(steps)}"
    ways = [" and ".join(_ways(call, wallet, schemes)) for schemes in lacking]
    where = step.step.at.get("stepId") or step.step.at
    without = "".join(f" --auth {scheme.name}=" for scheme in lacking[0])
    hint = f"give it with {', or '.join(dict.fromkeys(ways))}; or say that none is sent:{without}"
    return code.at(where.span(), message, hint)


def _others(steps: list[tuple[StepPlan, OperationCall, Has]]) -> str:
    also = [repr(step.step_id) for step, _, _ in steps[1:]]
    if len(also) > _MOST_STEPS:
        also = [*also[: _MOST_STEPS - 1], f"{len(also) - _MOST_STEPS + 1} more"]
    return f"; the same holds for {', '.join(also)}" if also else ""


def operation_schemes(call: OperationCall) -> list[tuple[SecurityScheme, ...]]:
    """The alternatives of an operation that ask for something and are understood."""
    alternatives = (schemes_of(call.operation, alternative) for alternative in call.operation.security)
    return [schemes for schemes in alternatives if schemes]


def describe(scheme: SecurityScheme) -> str:
    """A scheme by name, with its kind and where it travels."""
    place = place_of(scheme)
    return f"{scheme.name!r} ({kind_of(scheme)}{f' in {place}' if place else ''})"


def _ways(call: OperationCall, wallet: Wallet, schemes: list[SecurityScheme]) -> Iterator[str]:
    for scheme in schemes:
        need = find_need(wallet.needs, (call.source, call.operation.source_uri, scheme.name))
        if need is not None:
            yield how_to_give(need, wallet.needs)
