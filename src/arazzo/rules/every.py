"""Every rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from arazzo.diagnostics import Diagnostic
from arazzo.plan.model import Plan
from arazzo.rules import (
    absent,
    answers,
    constants,
    control,
    declared,
    feeds,
    order,
    path_variables,
    reads,
    slips,
    text_bodies,
)
from arazzo.rules.infer import Inference
from arazzo.rules.rule import Rule, Subject, criteria

RULES: Final[tuple[Rule, ...]] = (
    reads.fields_that_are_nowhere,
    reads.outputs_of_a_call,
    absent.messages_that_are_not_there,
    absent.outputs_that_name_themselves,
    slips.texts_that_look_like_expressions,
    slips.outputs_that_are_constants,
    slips.pointers_that_are_none,
    slips.pointers_in_comments,
    text_bodies.parts_of_a_text,
    feeds.required_parameters,
    path_variables.places_that_nothing_fills,
    feeds.parameter_values,
    feeds.bodies,
    feeds.arguments,
    declared.inputs_required_and_undeclared,
    declared.defaults_that_do_not_fit,
    declared.words_that_schemas_have_not,
    answers.undeclared_statuses,
    answers.unhandled_statuses,
    answers.comparisons_that_never_hold,
    constants.conditions_that_say_nothing,
    constants.patterns_in_slashes,
    control.steps_never_reached,
    control.loops_without_end,
    control.calls_without_end,
    control.gotos_without_bound,
    control.actions_never_chosen,
    control.replaced_by_a_step,
    control.waits_in_milliseconds,
    control.outputs_read_too_early,
    control.dependencies_not_completed,
    order.components_that_nothing_uses,
    order.inputs_that_nothing_reads,
    order.outputs_that_nothing_reads,
    order.sources_that_nothing_uses,
    order.secrets_in_the_document,
    order.deprecated_operations,
    order.servers_without_encryption,
)

_ABOUT_WHOLE_STEPS: Final = frozenset(
    (
        control.steps_never_reached,
        control.loops_without_end,
        control.calls_without_end,
        control.gotos_without_bound,
        control.actions_never_chosen,
        control.outputs_read_too_early,
        control.dependencies_not_completed,
        feeds.required_parameters,
        path_variables.places_that_nothing_fills,
        feeds.bodies,
        feeds.arguments,
    )
)


def examine(plan: Plan) -> Iterator[Diagnostic]:
    """What the rules find in ``plan``, besides what linking found."""
    subject = Subject(plan, Inference(plan))
    # Of steps that could not be read in full nobody knows what is missing, or where they lead.
    in_full = not any(found.blocks_run for found in plan.document.diagnostics)
    for rule in RULES:
        if in_full or rule not in _ABOUT_WHOLE_STEPS:
            yield from rule(subject)
    if any(call.body is not None for _, call in subject.calls()):
        # Imported here, because many documents send no body and the check of one is mostly start-up.
        from arazzo.rules import media, payloads

        yield from media.content_types_not_taken(subject)
        if in_full:
            yield from payloads.body_values(subject)
            yield from payloads.replacements_without_a_place(subject)
    if any(
        judged.criterion.type in ("jsonpath", "xpath")
        for workflow in subject.workflows()
        for judged in criteria(workflow)
    ):
        from arazzo.rules.formats import conditions_on_another_format

        yield from conditions_on_another_format(subject)
