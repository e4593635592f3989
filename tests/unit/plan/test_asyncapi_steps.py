"""Steps that call AsyncAPI: what linking says of them, where, and with which hint."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import arazzo
from arazzo.api.linking import link_leniently
from arazzo.diagnostics import Diagnostic, Severity
from arazzo.plan.model import MessageCall

HEAD = """\
arazzo: 1.1.0
info: {title: Orders, version: 1.0.0}
sourceDescriptions:
  - {name: api, url: ./api.yml, type: openapi}
  - {name: events, url: ./events.yml, type: asyncapi}
workflows:
  - workflowId: go
    inputs: {type: object, properties: {id: {type: string}}}
    steps:
"""
API = """\
openapi: 3.1.0
info: {title: Shop, version: '1'}
servers: [{url: http://provider.test}]
paths:
  /orders: {get: {operationId: listOrders, responses: {'200': {description: Done}}}}
  /both: {get: {operationId: both, responses: {'200': {description: Done}}}}
"""
EVENTS = """\
asyncapi: 3.0.0
info: {title: Events, version: '1'}
channels:
  orders: {address: orders, messages: {placed: {correlationId: {location: '$message.header#/id'}}}}
  plain: {address: plain, messages: {one: {payload: {type: object}}}}
operations:
  placeOrder: {action: send, channel: {$ref: '#/channels/orders'}}
  confirmOrder: {action: receive, channel: {$ref: '#/channels/orders'}}
  hearPlain: {action: receive, channel: {$ref: '#/channels/plain'}}
  both: {action: send, channel: {$ref: '#/channels/orders'}}
  elsewhere: {action: send, channel: {$ref: '#/channels/orders'}, messages: [{$ref: 'messages.yml#/far'}]}
"""
OLDER = """\
asyncapi: 2.6.0
channels:
  orders: {publish: {operationId: placeOrder, message: {name: one}}}
"""


Check = Callable[[str], list[Diagnostic]]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    (tmp_path / "api.yml").write_text(API)
    (tmp_path / "events.yml").write_text(EVENTS)
    (tmp_path / "older.yml").write_text(OLDER)
    (tmp_path / "messages.yml").write_text(
        "far: {name: far, correlationId: {location: '$message.header#/x'}}\n"
    )

    def checked(steps: str) -> list[Diagnostic]:
        lines = "".join(f"      {line}\n" for line in steps.strip().splitlines())
        (tmp_path / "flow.yml").write_text(HEAD + lines)
        return list(arazzo.check(arazzo.load(tmp_path / "flow.yml")))

    return checked


def told(found: list[Diagnostic]) -> list[tuple[str, str | None]]:
    """The code and the text under the caret of each finding, the refusal left out."""
    return [
        (d.code, d.span.excerpt[d.span.column - 1 : d.span.end_column - 1] if d.span else None)
        for d in found
        if d.code != "unsupported"
    ]


EVENT = "$sourceDescriptions.events"


def test_a_right_step_is_no_error_of_validate_and_is_not_run(check: Check) -> None:
    found = check(
        f"""
- stepId: place
  operationId: {EVENT}.placeOrder
  action: send
  parameters: [{{name: id, in: header, value: $inputs.id}}]
  requestBody: {{payload: {{id: $inputs.id}}}}
- stepId: confirm
  operationId: {EVENT}.confirmOrder
  action: receive
  correlationId: $inputs.id
  timeout: 6000
  dependsOn: [place]
  successCriteria: [{{condition: $message.payload.status == 'done'}}]
  outputs: {{id: $message.payload#/id, header: $message.header.id}}
"""
    )
    refusals = [d for d in found if d.code == "unsupported"]
    assert [d.message for d in refusals] == [
        "step 'place' sends messages (AsyncAPI), which this interpreter does not run yet",
        "step 'confirm' waits for messages (AsyncAPI), which this interpreter does not run yet",
    ]
    assert all(d.blocks_run and d.severity is Severity.INFORMATION for d in refusals)
    assert not [d for d in found if d.severity is Severity.ERROR]
    assert not {d.code for d in found} & {
        "operation-action",
        "correlation-id",
        "absent-message",
        "idle-field",
    }


def test_steps_with_messages_are_linked_and_never_run(tmp_path: Path, check: Check) -> None:
    check(
        f"- {{stepId: place, operationId: {EVENT}.placeOrder}}\n- {{stepId: list, operationId: {EVENT}.hearPlain}}"
    )
    document = arazzo.load(tmp_path / "flow.yml")
    plan = link_leniently(document, {}, {})
    (workflow,) = plan.workflows.values()
    calls = [step.call for step in workflow.steps]
    assert [(c.callee, c.action) for c in calls if isinstance(c, MessageCall)] == [
        ("placeOrder", "send"),
        ("hearPlain", "receive"),
    ]
    with pytest.raises(arazzo.DocumentError) as raised:
        arazzo.run(document)
    assert {d.code for d in raised.value.diagnostics if d.blocks_run} == {"unsupported"}


@pytest.mark.parametrize(
    ("step", "code", "excerpt", "hint"),
    [
        (
            f"operationId: {EVENT}.placeOrdr",
            "unknown-operation",
            f"{EVENT}.placeOrdr",
            "did you mean 'placeOrder'?",
        ),
        (
            "operationId: confirmOrdr, action: receive",
            "unknown-operation",
            "confirmOrdr",
            "did you mean 'confirmOrder'?",
        ),
        (
            "channelPath: '{$sourceDescriptions.events.url}#/channels/order', action: send",
            "unknown-channel",
            "'{$sourceDescriptions.events.url}#/channels/order'",
            "did you mean '/channels/orders'?",
        ),
        (
            "channelPath: '{$sourceDescriptions.events.url}#/operations/placeOrder', action: send",
            "unknown-channel",
            "'{$sourceDescriptions.events.url}#/operations/placeOrder'",
            "an operation stands there; write operationId: $sourceDescriptions.events.placeOrder",
        ),
        (
            "channelPath: '{$sourceDescriptions.events.url}#/x/zzzzzzzz', action: send",
            "unknown-channel",
            "'{$sourceDescriptions.events.url}#/x/zzzzzzzz'",
            "its channels: /channels/orders, /channels/plain",
        ),
        (
            "operationPath: '{$sourceDescriptions.events.url}#/channels/orders'",
            "unknown-operation",
            "'{$sourceDescriptions.events.url}#/channels/orders'",
            "a channel stands there; name it with channelPath",
        ),
        (
            "channelPath: '{$sourceDescriptions.evnts.url}#/channels/orders', action: send",
            "unknown-source",
            "'{$sourceDescriptions.evnts.url}#/channels/orders'",
            "did you mean 'events'?",
        ),
        (
            "channelPath: '{$sourceDescriptions.api.url}#/paths/~1orders', action: send",
            "source-type",
            "'{$sourceDescriptions.api.url}#/paths/~1orders'",
            "name an operation of it with operationId or operationPath",
        ),
        (
            "operationId: $sourceDescriptions.api.listOrders, action: send",
            "forbidden-field",
            "action",
            "leave action out",
        ),
        (
            "operationId: $sourceDescriptions.api.listOrders, correlationId: x",
            "forbidden-field",
            "correlationId",
            "leave correlationId out",
        ),
        (
            "operationPath: $sourceDescriptions.api.url",
            "bad-expression",
            "$sourceDescriptions.api.url",
            "#/paths/",
        ),
        ("channelPath: orders, action: send", "bad-expression", "orders", "#/channels/orders"),
        (
            f"operationId: {EVENT}.PLACEORDER, action: send",
            "operation-case",
            f"{EVENT}.PLACEORDER",
            "write operationId: placeOrder",
        ),
        (
            "operationId: $sourceDescriptions.api.placeOrder, action: send",
            "operation-other-source",
            "$sourceDescriptions.api.placeOrder",
            "write operationId: $sourceDescriptions.events.placeOrder",
        ),
        (
            "operationId: placeOrder, action: send",
            "operation-unqualified",
            "placeOrder",
            "write operationId: $sourceDescriptions.events.placeOrder",
        ),
        (
            "operationId: both, action: send",
            "operation-unqualified",
            "both",
            "write operationId: $sourceDescriptions.events.both",
        ),
        (
            "operationId: both",
            "operation-unqualified",
            "both",
            "write operationId: $sourceDescriptions.api.both",
        ),
        (
            "operationPath: $sourceDescriptions.events.placeOrder",
            "operation-path-form",
            "$sourceDescriptions.events.placeOrder",
            "write operationId: $sourceDescriptions.events.placeOrder",
        ),
        (
            "channelPath: $sourceDescriptions.events#/channels/orders, action: send",
            "operation-path-form",
            "$sourceDescriptions.events#/channels/orders",
            "write it as '{$sourceDescriptions.events.url}#/channels/orders'",
        ),
        (
            f"operationId: {EVENT}.placeOrder, action: receive",
            "operation-action",
            "receive",
            "write action: send, unless the description is that of the other end",
        ),
        (
            f"operationId: {EVENT}.hearPlain, action: receive, correlationId: x",
            "correlation-id",
            "x",
            "into the message of the AsyncAPI document",
        ),
        (f"operationId: {EVENT}.placeOrder, correlationId: x", "idle-field", "correlationId", ""),
        (f"operationId: {EVENT}.confirmOrder, requestBody: {{payload: 1}}", "idle-field", "requestBody", ""),
        (
            f"operationId: {EVENT}.confirmOrder, correlationId: $inputs.ide",
            "unknown-input",
            "$inputs.ide",
            "'id'",
        ),
        (
            f"operationId: {EVENT}.confirmOrder, outputs: {{x: $response.body}}",
            "absent-message",
            "$response.body",
            "write `$message.payload`",
        ),
        (
            f"operationId: {EVENT}.confirmOrder, successCriteria: [{{condition: $statusCode == 200}}]",
            "absent-message",
            "$statusCode",
            "write `$message.payload`",
        ),
        (
            "operationId: $sourceDescriptions.api.listOrders, outputs: {x: $message.payload}",
            "absent-message",
            "$message.payload",
            "write `$response.body`",
        ),
        (
            f"operationId: {EVENT}.confirmOrder, onSuccess: [{{name: x, type: goto, stepId: nope}}]",
            "unknown-step",
            "nope",
            "its steps: a",
        ),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    check: Check, step: str, code: str, excerpt: str, hint: str
) -> None:
    found = check(f"- {{stepId: a, {step}}}")
    assert (code, excerpt) in told(found)
    assert [d for d in found if d.code == code and hint in (d.hint or "")]


def test_a_channel_of_version_2_has_the_operations_it_has(check: Check, tmp_path: Path) -> None:
    place = "'{$sourceDescriptions.events.url}#/channels/orders'"
    (tmp_path / "events.yml").write_text(OLDER)
    right = check(f"- {{stepId: a, channelPath: {place}, action: send}}")
    assert "operation-action" not in {code for code, _ in told(right)}
    (found,) = [
        d
        for d in check(f"- {{stepId: a, channelPath: {place}, action: receive}}")
        if d.code == "operation-action"
    ]
    assert found.message == "the channel 'orders' has no operation to receive, only to send"


def test_an_action_that_agrees_is_not_told(check: Check) -> None:
    codes = {
        code for code, _ in told(check(f"- {{stepId: a, operationId: {EVENT}.placeOrder, action: send}}"))
    }
    assert not codes & {"operation-action", "correlation-id", "absent-message", "operation-unqualified"}


def test_references_into_other_files_are_followed(check: Check, tmp_path: Path) -> None:
    step = f"- {{stepId: a, operationId: {EVENT}.elsewhere, action: receive, correlationId: x}}"
    assert "correlation-id" not in {code for code, _ in told(check(step))}
    (tmp_path / "messages.yml").unlink()
    broken = [d for d in check(step) if d.severity is Severity.ERROR]
    assert [d.span.file.rpartition("/")[2] for d in broken if d.span] == ["events.yml"]


def test_the_steps_of_a_workflow_with_messages_are_ordered_and_their_reads_checked(check: Check) -> None:
    found = check(
        f"""
- stepId: confirm
  operationId: {EVENT}.confirmOrder
  action: receive
  correlationId: $steps.place.outputs.id
- stepId: place
  operationId: {EVENT}.placeOrder
  action: send
  requestBody: {{payload: $steps.place.outputs.id}}
  outputs: {{id: $message.payload#/id}}
"""
    )
    assert [text for code, text in told(found) if code == "forward-reference"] == [
        "$steps.place.outputs.id",
        "$steps.place.outputs.id",
    ]


def test_a_split_openapi_description_is_looked_beside_also_when_an_asyncapi_one_comes_first(
    check: Check, tmp_path: Path
) -> None:
    (tmp_path / "more.yml").write_text(API.replace("listOrders", "oneOrder").replace("both", "neither"))
    check("- {stepId: a, operationId: oneOrder}")
    flow = tmp_path / "flow.yml"
    api, events = HEAD.splitlines()[3:5]
    flow.write_text(flow.read_text().replace(f"{api}\n{events}", f"{events}\n{api}"))
    found = arazzo.check(arazzo.load(flow))
    assert "source-elsewhere" in {d.code for d in found}
    assert not [d for d in found if d.severity is Severity.ERROR]


@pytest.mark.parametrize(
    "reading",
    [
        "correlationId: $inputs.id",
        "parameters: [{name: id, in: header, value: $inputs.id}]",
        "requestBody: {payload: {id: '{$inputs.id}'}}",
        "requestBody: {payload: {id: 1}, replacements: [{target: /id, value: $inputs.id}]}",
    ],
)
def test_what_a_message_step_reads_and_where_it_goes_counts_as_used(check: Check, reading: str) -> None:
    steps = f"- stepId: a\n  channelPath: events#/channels/orders\n  action: receive\n  {reading}"
    codes = [(d.code, d.message) for d in check(steps) if d.code.startswith("unused")]
    assert codes == [("unused-source", "nothing uses the source 'api'")]


def test_an_input_and_a_source_that_no_message_step_reads_are_unused(check: Check) -> None:
    found = check("- {stepId: a, operationId: $sourceDescriptions.api.listOrders}")
    assert [d.message for d in found if d.code == "unused-source"] == ["nothing uses the source 'events'"]
    assert "unused-input" in {d.code for d in found}
