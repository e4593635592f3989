"""Credentials on the command line: ``--auth``, ``ARAZZO_AUTH_…``, and what ``arazzo show`` tells of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from arazzo.api.credentials import calls_of, describe, operation_schemes
from arazzo.cli.options import read_text, usage
from arazzo.http.auth.credentials import PREFIX, Given, Need, flag_for, how_to_give, needs_of
from arazzo.http.auth.requirement import passes, scopes_of
from arazzo.plan.model import OperationCall, Plan


def gather_credentials(flags: Sequence[str], environment: Mapping[str, str]) -> Given:
    """The credentials given by ``--auth`` flags, over ``ARAZZO_AUTH_…``. Raises ``UsageError``.

    An empty variable is none: that is what a secret looks like which a CI job does not have.
    """
    own = dict(_from_flag(text) for text in flags)
    given = {name: text for name, text in environment.items() if name.startswith(PREFIX) and text.strip()}
    return Given(own, given)


def _from_flag(text: str) -> tuple[str, str]:
    """``NAME=VALUE``, or ``NAME=@FILE`` for what a file holds."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        # What is wrong may be a credential and is not repeated.
        raise usage("--auth: a name, '=' and a value are wanted", "write --auth NAME=VALUE, or NAME=@FILE")
    if value.startswith("@"):
        value = read_text(value[1:], f"--auth {name}=@").strip()
    return name, value


def credentials_shown(plan: Plan) -> Iterator[str]:
    """What the operations of ``plan`` require, by source, and how to give it."""
    calls = [(step.step_id, call) for step, call in calls_of(plan)]
    needs = needs_of(call for _, call in calls)
    required: dict[tuple[str, str], list[str]] = {}
    for step_id, call in calls:
        if any(call.operation.security):
            required.setdefault((call.source, _requirement(call)), []).append(step_id)
    for (source, requirement), steps in required.items():
        named = ", ".join(dict.fromkeys(steps))
        yield f"{source}  takes {requirement}  ({'step' if len(set(steps)) == 1 else 'steps'} {named})"
    for need in needs:
        yield from _need_shown(need, needs, [call for _, call in calls if need.is_of(call)], plan)


def flags_needed(plan: Plan) -> str:
    """The flags that give the first alternative of everything that the document does not pass itself."""
    calls = [call for _, call in calls_of(plan)]
    needs, flags = needs_of(calls), dict[str, None]()
    for call in calls:
        passed = passes(call, plan.headers)
        alternatives = operation_schemes(call)
        if not all(call.operation.security) or any(all(map(passed, schemes)) for schemes in alternatives):
            continue
        lacking = [scheme.name for schemes in alternatives[:1] for scheme in schemes if not passed(scheme)]
        flags |= {
            flag_for(need, needs): None for need in needs if need.is_of(call) and need.scheme.name in lacking
        }
    return "".join(f" {flag}" for flag in flags)


def _requirement(call: OperationCall) -> str:
    """The alternatives of an operation: ``a, or b and c, or nothing``."""
    known = [" and ".join(scheme.name for scheme in schemes) for schemes in operation_schemes(call)]
    if not known:
        return "something that its description does not say"
    return ", or ".join([*known, *(["nothing"] if not all(call.operation.security) else [])])


def _need_shown(
    need: Need, needs: tuple[Need, ...], calls: Sequence[OperationCall], plan: Plan
) -> Iterator[str]:
    several = sum(other.scheme.name == need.scheme.name for other in needs) > 1
    scopes = dict.fromkeys(scope for call in calls for scope in scopes_of(call.operation, need.scheme))
    asked = f"; scopes: {', '.join(scopes)}" if scopes else ""
    yield f"{describe(need.scheme)}{f', of {need.source}' if several else ''}{asked}"
    passed = [passes(call, plan.headers)(need.scheme) for call in calls]
    if all(passed):
        yield "  passed by the document itself"
        return
    if any(passed):
        yield "  passed by the document itself in some steps"
    yield f"  {how_to_give(need, needs)}"
