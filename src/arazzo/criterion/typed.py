"""Conditions of type regex, jsonpath and xpath: read once, judged on a context."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from arazzo import codes
from arazzo.criterion.comparisons import of_logical, of_query
from arazzo.criterion.logical import compile_query, parse_logical, passes
from arazzo.criterion.nodes import Condition, ConditionSyntaxError, Query
from arazzo.criterion.simple import reads
from arazzo.criterion.verdict import MET, NOT_MET, Judge, Place, Reading, Verdict, malformed, never
from arazzo.diagnostics import Findings
from arazzo.document.model import VERSIONS, XPATH_10
from arazzo.expression.parse import Notes
from arazzo.expression.scope import Names, Scope
from arazzo.expression.template import report
from arazzo.patterns import pattern
from arazzo.query.embedding import Language, QueryText, read_query
from arazzo.query.errors import MissingExtraError, QueryError, QuerySyntaxError
from arazzo.query.jsonpath import JsonPath, compile_jsonpath
from arazzo.query.regex import compile_regex
from arazzo.query.singular import singular_end
from arazzo.values import File, Value, to_text

_BEGINS_WITH_FILTER: Final = pattern(r"\$[ \t\r\n]*\[[ \t\r\n]*\?")
_STRING_OR_ROOT: Final = pattern(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\$""", re.DOTALL)
_OPERATORS: Final = ("=", "!", "<", ">", "&", "|")
_BLANKS: Final = " \t\r\n"
_REMEMBERED: Final = 32
"""Conditions kept of one criterion whose text depends on values."""


def read_regex(place: Place, _version: str) -> Reading:
    """A regular expression, searched for in the text of the context."""
    query = read_query(place.node, place.names, place.findings, "plain")
    if query.constant:
        try:
            compile_regex(query.text)
        except QuerySyntaxError as error:
            return malformed(place, error)

    def judge(context: Value, scope: Scope) -> Verdict:
        return _verdict(compile_regex(query.fill(scope)).search(to_text(context)))

    return Reading(_guarded(judge), tuple(query.expressions()))


def read_xpath(place: Place, version: str) -> Reading:
    """An XPath expression, met when its effective boolean value on the context is true."""
    from arazzo.query.xpath import compile_xpath  # here: most conditions are about JSON

    language: Language = "xpath-10" if version == XPATH_10 else "xpath"
    query = read_query(place.node, place.names, place.findings, language)
    try:
        if not query.loose:
            compile_xpath(query.sample(), version)
    except QuerySyntaxError as error:
        return malformed(place, error, exact=query.constant)
    except MissingExtraError as error:
        place.findings.add(codes.UNSUPPORTED.at(place.node.span(), str(error)))
        return never(str(error))

    def judge(context: Value, scope: Scope) -> Verdict:
        return _verdict(compile_xpath(query.fill(scope), version).holds(context))

    return Reading(_guarded(judge), tuple(query.expressions()))


def read_jsonpath(place: Place, version: str) -> Reading:
    """A JSONPath query, met when it selects anything; by kindness also a logical expression over queries."""
    found = Findings()
    query = read_query(place.node, place.names, found, "jsonpath")
    if query.unbraced:
        reading = _read_constant(place, version)
        if reading is not None:
            unbraced = codes.UNBRACED_EXPRESSION.name
            place.findings.extend(finding for finding in found if finding.code != unbraced)
            return reading
    place.findings.extend(found)
    notes = Notes()
    try:
        condition = _read_text(query.sample(), version, place.names, notes)
    except ConditionSyntaxError as error:
        if not query.loose:
            return malformed(place, error, exact=query.constant)
    else:
        if not isinstance(condition, Query):
            _note_logical(place)
    return Reading(_guarded(_filled(query, version, place)), tuple(query.expressions()))


def _read_constant(place: Place, version: str) -> Reading | None:
    """A condition whose text is always the same; None when it is none as it stands."""
    notes = Notes()
    try:
        condition = _read_text(place.text, version, place.names, notes)
    except ConditionSyntaxError:
        return None
    if isinstance(condition, Query):
        return Reading(
            _guarded(_judge_query(condition.query, place)), (), of_query(place.text, place.context), condition
        )
    report(notes.found, place.node, place.findings)
    _note_logical(place)

    def judge(context: Value, scope: Scope) -> Verdict:
        return _verdict(passes(condition, context, scope))

    return Reading(_guarded(judge), reads(condition), of_logical(condition, place.context), condition)


def _read_text(text: str, version: str, names: Names, notes: Notes) -> Condition:
    """A text as a query, or else as a logical expression; raises ``ConditionSyntaxError``."""
    if text[singular_end(text) :].lstrip(_BLANKS).startswith(_OPERATORS):
        return parse_logical(text, names, notes, version=version)  # No query goes on with an operator.
    try:
        return compile_query(text, version)
    except ConditionSyntaxError as no_query:
        try:
            return parse_logical(text, names, notes, version=version)
        except ConditionSyntaxError as no_expression:
            # Whichever got further into the text was meant.
            is_query = (
                no_query.start > no_expression.start
                and text[no_query.start : no_query.start + 1] not in _OPERATORS
            )
            raise (no_query if is_query else no_expression) from None


def _filled(query: QueryText, version: str, place: Place) -> Judge:
    """Judge a condition whose text depends on values, keeping what was compiled for the last of them."""
    compiled: dict[str, Judge] = {}

    def judge(context: Value, scope: Scope) -> Verdict:
        text = query.fill(scope)
        if text not in compiled:
            if len(compiled) >= _REMEMBERED:
                compiled.clear()
            compiled[text] = _judge_text(text, version, place)
        return compiled[text](context, scope)

    return judge


def _judge_text(text: str, version: str, place: Place) -> Judge:
    try:
        condition = _read_text(text, version, place.names, Notes())
    except ConditionSyntaxError as error:
        return never(f"the condition cannot be read once values are filled in: {error.message}").judge
    if isinstance(condition, Query):
        return _judge_query(condition.query, place)
    return lambda context, scope: _verdict(passes(condition, context, scope))


def _judge_query(query: JsonPath, place: Place) -> Judge:
    """Met when the query selects anything.

    A query that begins with a filter and finds nothing in an object is tried on the object itself, as the
    specification's own ``$[?count(@.pets) > 0]`` wants it: a kindness.
    """
    retry: JsonPath | None = None
    if _BEGINS_WITH_FILTER.match(query.text) and not place.findings.strict:
        inside = _STRING_OR_ROOT.sub(lambda match: "$[0]" if match[0] == "$" else match[0], query.text[1:])
        try:
            retry = compile_jsonpath("$" + inside, query.version)
        except QuerySyntaxError:
            retry = None
    message = "the filter was applied to the context itself, since no part of it matches"
    note = (
        codes.FILTER_ON_OBJECT.at(place.node.span(), message, "apply the filter to an array")
        if retry
        else None
    )

    def judge(context: Value, _scope: Scope) -> Verdict:
        if isinstance(context, (str, bytes, File)) and query.text != "$":
            return Verdict(False, "the context is text, and JSONPath applies to JSON")
        if query.values(context):
            return MET
        if retry is not None and isinstance(context, dict) and retry.values([context]):
            return Verdict(True, note=note)
        return NOT_MET

    return judge


def _note_logical(place: Place) -> None:
    message = (
        "this is a logical expression, and a jsonpath condition is a query; it is evaluated all the same"
    )
    hint = "write it as a filter, as in $[?@.status == 'done'], or as a simple condition"
    place.findings.add(codes.LOGICAL_JSONPATH.at(place.node.span(), message, hint))


def _verdict(met: bool) -> Verdict:
    return MET if met else NOT_MET


def _guarded(judge: Callable[[Value, Scope], Verdict]) -> Judge:
    """``judge``, with a condition that cannot be evaluated being not met."""

    def guarded(context: Value, scope: Scope) -> Verdict:
        try:
            return judge(context, scope)
        except QueryError as error:
            return Verdict(False, str(error))
        except RecursionError:
            return Verdict(False, "the value is nested too deeply")

    return guarded


READERS: Final[dict[tuple[str, str], Callable[[Place, str], Reading]]] = {
    ("regex", ""): read_regex,
    **{("jsonpath", version): read_jsonpath for version in VERSIONS["jsonpath"]},
    **{("xpath", version): read_xpath for version in VERSIONS["xpath"]},
}
"""What reads each typed condition that can be judged, by type and version."""
