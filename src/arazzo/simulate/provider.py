"""The simulated provider: answers each request from the API description, and leads a workflow somewhere.

It knows the plan. Of the replies it could give it works out what the workflow would do with each, so that a polling
loop sees a few rounds of "not yet" and then an end, and that each branch is taken under some seed. Seed 0 is the
course an author expects: every step succeeds, and of several ways on the first is taken.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from arazzo.criterion.table import Comparison, CompiledCriterion, comparisons
from arazzo.descriptions.openapi.model import MediaType, Operation, ResponseSpec
from arazzo.descriptions.openapi.nodes import flag
from arazzo.descriptions.openapi.parameters import header_text
from arazzo.descriptions.openapi.references import Resolver
from arazzo.descriptions.openapi.responses import decode_body, is_json_type, is_xml_type, split_content_type
from arazzo.engine.effects import Send
from arazzo.expression.nodes import BodySource, MessagePart
from arazzo.expression.scope import ResponseView, Scope
from arazzo.expression.template import expressions
from arazzo.messages import Headers, Reply, Response
from arazzo.plan.model import ActionPlan, StepPlan, StepTarget
from arazzo.simulate.fitting import Fitting
from arazzo.simulate.sample import Sampler
from arazzo.source import Node
from arazzo.values import UNDEFINED, Maybe, Value, to_json

_MOST_CANDIDATES: Final = 64
_PHRASES: Final = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content"}

Leads: TypeAlias = Literal["on", "back", "end", "fail"]


class _Candidate(Struct, frozen=True):
    """A reply that could be given, and where it would lead: the action it would bring about, if one."""

    response: Response
    leads: Leads
    action: str | None


class SimulatedProvider:
    """Answers the ``Send`` effects of one run. The same seed gives the same run."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._random = Random(seed)  # noqa: S311 - a course of events, not a secret
        self._visits: Counter[tuple[object, str]] = Counter()
        self._rounds: dict[tuple[object, str], int] = {}
        self._known: dict[str, dict[str, Value]] = {}
        self._fitting = Fitting()

    def __call__(self, effect: Send) -> Reply:
        key = (effect.workflow, effect.step.step_id)
        self._visits[key] += 1
        candidates = list(self._candidates(effect))
        chosen = self._choose(key, candidates)
        self._remember(effect, chosen.response)
        return chosen.response

    # --- which reply

    def _choose(self, key: tuple[object, str], candidates: list[_Candidate]) -> _Candidate:
        """A loop goes round a few times first; then one of the ways on is taken, failure only under another seed."""
        back = [candidate for candidate in candidates if candidate.leads == "back"]
        onward = [candidate for candidate in candidates if candidate.leads in ("on", "end")]
        rounds = self._rounds.setdefault(key, 3 if self._seed == 0 else self._random.randrange(4))
        visit = self._visits[key]
        if back and (visit <= rounds or not onward):
            return back[min(visit - 1, len(back) - 1)]
        handled = [c for c in candidates if c.leads == "fail" and c.action is not None]
        if self._seed and handled and (not onward or (visit == 1 and self._random.random() < 0.3)):
            return self._random.choice(handled)
        if not onward:
            return candidates[0]
        if self._seed == 0:
            return onward[0]
        ways = list(dict.fromkeys((candidate.leads, candidate.action) for candidate in onward))
        way = self._random.choice(ways)
        return self._random.choice([c for c in onward if (c.leads, c.action) == way])

    def _candidates(self, effect: Send) -> Iterator[_Candidate]:
        """Replies that differ in what the step's criteria look at, as far as the description allows them."""
        step, operation = effect.step, effect.call.operation
        success = _compared(step.criteria)
        every = success + _compared(c for a in (*step.on_success, *step.on_failure) for c in a.criteria)
        seen: set[tuple[int, bytes]] = set()
        for status in self._statuses(operation, success, every):
            for response in self._replies(effect, status, every):
                if (response.status, response.body) in seen or len(seen) >= _MOST_CANDIDATES:
                    continue
                seen.add((response.status, response.body))
                yield _classify(effect, response)

    def _statuses(
        self, operation: Operation, success: list[Comparison], every: list[Comparison]
    ) -> list[int]:
        """The statuses worth trying: what success asks for, what is documented, what some action asks for."""
        asked = [c.literal for c in success if c.subject == "status" and c.operator == "=="]
        documented = [int(status) for status in operation.responses if status.isdecimal()]
        documented += [int(status[0]) * 100 for status in operation.responses if status[1:].upper() == "XX"]
        good = [status for status in documented if 200 <= status < 300]
        others = [c.literal for c in every if c.subject == "status"]
        bad = [status for status in documented if status >= 400]
        listed = [*asked, *(good or [200]), *others, *bad]
        return list(dict.fromkeys(s for s in listed if isinstance(s, int) and 200 <= s < 600))

    def _replies(self, effect: Send, status: int, every: list[Comparison]) -> Iterator[Response]:
        operation = effect.call.operation
        spec = operation.response(status)
        media_type, media = _media(spec)
        resolver = operation.resolver or Resolver(operation.at.tree, operation.source_uri)
        sampler = Sampler(resolver, self._random)
        headers = self._headers(spec, sampler)
        wanted = (
            [*_read_paths(effect.step), *(c.path for c in every if c.subject == "body")]
            if status < 400
            else []
        )
        if media is None and wanted:
            media_type, media = "application/json", MediaType()
        if media is None:
            yield Response(status, headers, b"", _PHRASES.get(status, ""))
            return
        body = self._fitting.body(operation, resolver, media, sampler, self._seed)
        if status < 300:
            body = self._in_keeping(effect, body, media.schema, sampler)
        for path in wanted:
            body = _filled(body, path, media, sampler)
        for variant in _variants(body, media, every, sampler):
            raw = _encode(variant, media_type, media)
            yield Response(status, (("content-type", media_type), *headers), raw, _PHRASES.get(status, ""))

    def _headers(self, spec: ResponseSpec | None, sampler: Sampler) -> Headers:
        headers: list[tuple[str, str]] = []
        for name, node in spec.headers.items() if spec else ():
            written = sampler.follow(node)
            schema = written.get("schema")
            if schema is not None and name.lower() not in ("content-type", "content-length", "retry-after"):
                value = sampler.value(schema, name.lower())
                headers.append((name, header_text(name, value, explode=flag(written, "explode"))))
        return tuple(headers)

    # --- a world that hangs together

    def _in_keeping(self, effect: Send, body: Value, schema: Node | None, sampler: Sampler) -> Value:
        """``body`` as what was said before has it: what the same URL showed, what the request itself says."""
        if not isinstance(body, dict):
            return body
        told: dict[str, Value] = {}
        last = effect.request.url.partition("?")[0].rsplit("/", 1)[-1]
        request = effect.scope.request
        if request is not None:
            if request.path and last in map(str, request.path.values()):
                told["id"] = next(value for value in request.path.values() if str(value) == last)
            told.update(request.path)
        known = self._known.get(_place(effect.request.url), {})
        told.update(known)
        if request is not None and isinstance(request.body, dict):
            told.update(request.body)
        kept = {name: _fitting(told.get(name, UNDEFINED), value) for name, value in body.items()}
        operation = effect.call.operation
        resolver = operation.resolver or Resolver(operation.at.tree, operation.source_uri)
        if self._fitting.fits(operation, resolver, schema, kept):
            return kept
        return {
            name: value
            if self._fitting.fits(operation, resolver, sampler.at(schema, (name,)), value)
            else body[name]
            for name, value in kept.items()
        }

    def _remember(self, effect: Send, response: Response) -> None:
        body = _decoded(response)
        if not isinstance(body, dict) or response.status >= 300:
            return
        place = _place(effect.request.url)
        self._known[place] = body
        identity = body.get("id")
        if effect.request.method == "POST" and isinstance(identity, (str, int)):
            self._known[f"{place}/{identity}"] = body


def _classify(effect: Send, response: Response) -> _Candidate:
    """What the workflow would do with ``response``."""
    scope = replace(
        effect.scope, response=ResponseView(response.status, response.headers, _decoded(response))
    )
    step = effect.step
    if step.criteria:
        succeeded = _all_hold(step.criteria, scope)
    else:
        succeeded = 200 <= response.status < 300
    action = next(
        (a for a in (step.on_success if succeeded else step.on_failure) if _all_hold(a.criteria, scope)), None
    )
    leads = _leads(step, action) if succeeded else "fail"
    return _Candidate(response, leads, action.name if action else None)


def _leads(step: StepPlan, action: ActionPlan | None) -> Leads:
    match action:
        case None:
            return "on"
        case ActionPlan(type="end"):
            return "end"
        case ActionPlan(type="retry"):
            return "back"
        case ActionPlan(target=StepTarget(index)) if index <= step.index:
            return "back"
        case _:
            return "on"


def _all_hold(criteria: tuple[CompiledCriterion, ...], scope: Scope) -> bool:
    return all(criterion.judge(scope).met for criterion in criteria)


def _compared(criteria: Iterator[CompiledCriterion] | tuple[CompiledCriterion, ...]) -> list[Comparison]:
    return [comparison for criterion in criteria for comparison in comparisons(criterion)]


def _media(spec: ResponseSpec | None) -> tuple[str, MediaType | None]:
    """The media type to answer in: JSON where the description has it, else the first it has."""
    content = spec.content if spec else {}
    for media_type, media in content.items():
        if is_json_type(media_type.partition(";")[0].strip().lower()):
            return _concrete(media_type), media
    for media_type, media in content.items():
        return _concrete(media_type), media
    return "", None


def _concrete(media_type: str) -> str:
    """A media type of the range ``media_type``."""
    kind, _, subtype = media_type.partition("/")
    if "*" not in media_type:
        return media_type
    return (
        f"{kind}/{'plain' if kind == 'text' else 'x-simulated'}"
        if subtype == "*" != kind
        else "application/json"
    )


def _read_paths(step: StepPlan) -> Iterator[tuple[str | int, ...]]:
    """Where in the response body the step's outputs read."""
    for template in step.outputs.values():
        for expression, _ in expressions(template):
            if isinstance(expression, MessagePart) and isinstance(expression.source, BodySource):
                path = (*(expression.source.pointer or ()), *expression.source.trail)
                if expression.message == "response" and path:
                    yield path


def _filled(body: Value, path: tuple[str | int, ...], media: MediaType, sampler: Sampler) -> Value:
    """``body`` with something at ``path``, if the description leaves open what stands there.

    Where it says which members there are, a path to another one is a mistake, and is left to show.
    """
    here: Value = body
    for depth, step in enumerate(path):
        if isinstance(here, dict) and str(step) in here:
            here = here[str(step)]
        elif isinstance(here, list) and str(step).isdecimal() and int(step) < len(here):
            here = here[int(step)]
        elif isinstance(here, dict) and sampler.is_open(sampler.at(media.schema, path[:depth])):
            name = next((str(part) for part in reversed(path) if not str(part).isdecimal()), "value")
            new: Value = f"{name}-simulated"
            for part in reversed(path[depth + 1 :]):
                new = [new] if str(part) == "0" else {str(part): new}
            filled = _with(body, (*path[:depth], str(step)), new)
            return body if filled is UNDEFINED else filled
        else:
            return body
    return body


def _variants(body: Value, media: MediaType, every: list[Comparison], sampler: Sampler) -> Iterator[Value]:
    """``body``, and ``body`` with each value set that a criterion compares with, or that the schema lists there."""
    yield body
    for comparison in every:
        if comparison.subject != "body":
            continue
        listed = sampler.choices(sampler.at(media.schema, comparison.path))
        for value in (*_satisfying(comparison), *listed):
            changed = _with(body, comparison.path, value)
            if changed is not UNDEFINED:
                yield changed


def _satisfying(comparison: Comparison) -> Iterator[Value]:
    literal = comparison.literal
    if isinstance(literal, (int, float)) and not isinstance(literal, bool):
        yield from {">": (literal + 1,), "<": (literal - 1,)}.get(comparison.operator, (literal,))
        yield from {">": (literal,), "<": (literal,), ">=": (literal - 1,), "<=": (literal + 1,)}.get(
            comparison.operator, (literal + 1,)
        )
        return
    yield literal


def _with(value: Value, path: tuple[str | int, ...], new: Value) -> Maybe:
    """A copy of ``value`` with ``new`` at ``path``; UNDEFINED where the path leads through something else."""
    if not path:
        return new
    head, rest = path[0], path[1:]
    if isinstance(head, str) and isinstance(value, dict):
        inner = _with(value.get(head, {} if rest and isinstance(rest[0], str) else []), rest, new)
        return UNDEFINED if inner is UNDEFINED else {**value, head: inner}
    if isinstance(value, list) and str(head).isdecimal() and int(head) <= len(value):
        index = int(head)
        here: Value = value[index] if index < len(value) else {}
        inner = _with(here, rest, new)
        return UNDEFINED if inner is UNDEFINED else [*value[:index], inner, *value[index + 1 :]]
    return UNDEFINED


def _fitting(told: Maybe, sampled: Value) -> Value:
    """``told`` in place of ``sampled``, where it is of the same kind."""
    if told is UNDEFINED or told is None or type(told) is not type(sampled) or isinstance(told, (dict, list)):
        return sampled if not isinstance(told, dict) or not isinstance(sampled, dict) else {**sampled, **told}
    return told


def _encode(value: Value, media_type: str, media: MediaType) -> bytes:
    """A body of the media type; a value that its form cannot have is text, as whatever else is not JSON."""
    name = split_content_type(media_type)[0]
    if is_json_type(name):
        return to_json(value).encode()
    if is_xml_type(name) and isinstance(value, (dict, list)):
        # Imported when needed: the characters of a name are a large table.
        from arazzo.descriptions.openapi.xml_bodies import XmlError, encode_xml

        try:
            return encode_xml(value, media.schema, media.resolver, inferred="response").encode()
        except XmlError:
            pass
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)).encode()


def _decoded(response: Response) -> Maybe:
    try:
        return decode_body(response.headers, response.body)
    except ValueError:
        return UNDEFINED


def _place(url: str) -> str:
    return urlsplit(url).path.rstrip("/")
