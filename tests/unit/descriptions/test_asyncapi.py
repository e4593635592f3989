"""AsyncAPI descriptions: operations, channels and messages, by id and by pointer, in 2.x and 3.x."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arazzo.descriptions.asyncapi.find import AsyncApi
from arazzo.diagnostics import Guesses
from arazzo.source import from_value, parse
from arazzo.values import Value

CORPUS = Path(__file__).resolve().parents[3] / "../shared/corpus"

THIRD = """\
asyncapi: 3.0.0
channels:
  orders:
    address: shop.orders
    messages:
      placed: {$ref: '#/components/messages/placed'}
      cancelled: {payload: {type: object}}
  user/signed~up: {address: null}
  shared: {$ref: '#/components/channels/shared'}
  lost: {$ref: '#/components/channels/nowhere'}
operations:
  placeOrder:
    action: send
    channel: {$ref: '#/channels/orders'}
    messages: [{$ref: '#/channels/orders/messages/placed'}]
  watchOrders: {action: receive, channel: {$ref: '#/channels/orders'}}
  signUp: {action: receive, channel: {$ref: '#/channels/user~1signed~0up'}}
  referred: {$ref: '#/components/operations/referred'}
  loose: {action: send}
  odd: {action: publish, channel: {$ref: '#/components/channels/shared'}}
  broken: {action: send, channel: {$ref: '#/channels/lost'}}
  circle: {$ref: '#/operations/circle'}
  sameid: {action: send, channel: {$ref: '#/channels/orders'}}
  SameId: {action: send, channel: {$ref: '#/channels/orders'}}
  number: 3
components:
  channels:
    shared: {address: shared, messages: {one: {name: one}}}
  operations:
    referred: {action: receive, channel: {$ref: '#/channels/shared'}}
  messages:
    placed:
      traits: [{headers: {type: object}}, {$ref: '#/components/messageTraits/traced'}]
  messageTraits:
    traced: {correlationId: {$ref: '#/components/correlationIds/trace'}}
  correlationIds:
    trace: {location: '$message.header#/trace'}
"""

SECOND = """\
asyncapi: '2.6.0'
channels:
  /orders:
    publish:
      operationId: placeOrder
      message: {$ref: '#/components/messages/placed'}
    subscribe:
      operationId: watchOrders
      message:
        oneOf:
          - {$ref: '#/components/messages/placed'}
          - {messageId: gone, payload: {type: object}}
  /quiet:
    subscribe: {}
  /shared: {$ref: '#/components/channels/shared'}
  /lost: {$ref: 'other.yml#/lost'}
  /twin:
    publish: {operationId: watchOrders}
components:
  channels:
    shared: {subscribe: {operationId: fromShared, message: {name: one}}}
  messages:
    placed: {name: orderPlaced, correlationId: {location: '$message.header#/id'}}
"""


@pytest.fixture
def third() -> AsyncApi:
    return AsyncApi(parse(THIRD, "third.yml"), "file:///third.yml")


@pytest.fixture
def second() -> AsyncApi:
    return AsyncApi(parse(SECOND, "second.yml"), "file:///second.yml")


def test_an_operation_of_version_3_is_named_by_its_key(third: AsyncApi) -> None:
    found = third.operation("placeOrder")
    assert found is not None
    assert (found.operation_id, found.pointer, found.action) == (
        "placeOrder",
        "/operations/placeOrder",
        "send",
    )
    assert found.channel is not None
    assert (found.channel.name, found.channel.address) == ("orders", "shop.orders")
    assert [message.name for message in found.messages] == ["placed"]
    assert found.diagnostics == ()
    assert third.operation("number") is None
    assert third.operation("nope") is None


def test_an_operation_without_messages_may_carry_all_of_its_channel(third: AsyncApi) -> None:
    found = third.operation("watchOrders")
    assert found is not None
    assert [message.name for message in found.messages] == ["placed", "cancelled"]


def test_the_location_of_a_correlation_id_is_found_through_traits_and_references(third: AsyncApi) -> None:
    channel = third.channel_at("#/channels/orders")
    assert channel is not None
    assert [m.correlation_id for m in channel.messages] == ["$message.header#/trace", None]
    assert channel.actions == {"send", "receive"}


def test_operations_and_channels_behind_references_are_read(third: AsyncApi) -> None:
    found = third.operation("referred")
    assert found is not None
    assert (found.action, found.diagnostics) == ("receive", ())
    assert found.channel is not None
    assert (found.channel.name, found.channel.address) == ("shared", "shared")
    assert found.channel.actions == {"receive"}


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("#/channels/orders", "orders"),
        ("/channels/orders", "orders"),
        ("#/channels/user~1signed~0up", "user/signed~up"),
        ("#/channels/user/signed~up", "user/signed~up"),
        ("#/channels/user%2Fsigned~0up", "user/signed~up"),
        ("#/channels/order", None),
        ("#/channels", None),
        ("#/operations/placeOrder", None),
        ("#/components/channels/shared", None),
        ("", None),
    ],
)
def test_a_channel_is_found_by_its_pointer(third: AsyncApi, pointer: str, name: str | None) -> None:
    channel = third.channel_at(pointer)
    assert (channel.name if channel else None) == name
    if channel is not None:
        assert channel.pointer in third.channel_pointers()


def test_an_operation_is_found_by_its_pointer(third: AsyncApi, second: AsyncApi) -> None:
    assert third.operation_at("#/operations/signUp") is third.operation("signUp")
    assert third.operation_at("#/channels/orders") is None
    assert second.operation_at("#/channels/~1orders/publish") is second.operation("placeOrder")
    assert second.operation_at("#/channels//orders/publish") is second.operation("placeOrder")
    quiet = second.operation_at("#/channels/~1quiet/subscribe")
    assert quiet is not None
    assert (quiet.operation_id, quiet.action, quiet.messages) == (None, "receive", ())


@pytest.mark.parametrize(
    ("operation_id", "code", "words"),
    [
        ("loose", "bad-description", "does not refer to a channel"),
        ("odd", "bad-description", "'publish' is no action"),
        ("odd", "bad-description", "leads to none of the channels"),
        ("broken", "unresolved-ref", "leads nowhere"),
        ("circle", "unresolved-ref", "leads in a circle"),
    ],
)
def test_what_is_broken_is_said_where_it_stands(
    third: AsyncApi, operation_id: str, code: str, words: str
) -> None:
    found = third.operation(operation_id)
    assert found is not None
    (told,) = [d for d in found.diagnostics if words in d.message]
    assert told.code == code
    assert told.span is not None
    assert told.span.file == "third.yml"


def test_near_names_are_suggested(third: AsyncApi) -> None:
    assert third.near("placeorders", Guesses())[0] == "placeOrder"
    assert third.near_path("#/operations/placeOrders", Guesses())[0] == "/operations/placeOrder"
    assert third.near_channel("#/channels/order", Guesses())[0] == "/channels/orders"
    found = third.operation_ignoring_case("PLACEORDER")
    assert found is not None
    assert found.operation_id == "placeOrder"
    assert third.operation_ignoring_case("SAMEID") is None


def test_version_2_has_its_operations_in_channels(second: AsyncApi) -> None:
    placing, watching = second.operation("placeOrder"), second.operation("watchOrders")
    assert placing is not None
    assert watching is not None
    assert (placing.action, watching.action) == ("send", "receive")
    assert placing.channel is watching.channel
    assert placing.channel is not None
    assert (placing.channel.name, placing.channel.address) == ("/orders", "/orders")
    assert [m.name for m in placing.channel.messages] == ["orderPlaced", "gone"]
    assert [(m.name, m.correlation_id) for m in watching.messages] == [
        ("orderPlaced", "$message.header#/id"),
        ("gone", None),
    ]
    assert second.says_who_acts


def test_version_2_finds_operations_behind_references(second: AsyncApi) -> None:
    found = second.operation("fromShared")
    assert found is not None
    assert found.channel is not None
    assert found.channel.name == "/shared"
    assert [told.code for told in second.unread] == ["unsupported"]


def test_an_operation_id_that_stands_twice_means_the_first(second: AsyncApi) -> None:
    found = second.operation("watchOrders")
    assert found is not None
    assert found.pointer == "/channels/~1orders/subscribe"
    assert [told.code for told in found.diagnostics] == ["duplicate-operation"]


def test_the_version_is_read_in_any_form() -> None:
    assert AsyncApi(from_value({"asyncapi": "2.0.0"}), "u:x").says_who_acts
    assert not AsyncApi(from_value({"asyncapi": 3}), "u:x").says_who_acts
    assert AsyncApi(from_value({}), "u:x").version == ""


_NAMES = ("channels", "operations", "messages", "message", "publish", "action", "channel", "$ref", "oneOf")
_SCALARS: st.SearchStrategy[Value] = st.one_of(
    st.none(), st.integers(), st.sampled_from(["send", "#/channels/channel", "#/operations/$ref", "#", "x#y"])
)
_VALUES: st.SearchStrategy[Value] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.sampled_from(["2.6.0", "3.0.0"]), st.dictionaries(st.sampled_from(_NAMES), _VALUES, max_size=4))
def test_no_description_makes_reading_raise(version: str, root: dict[str, Value]) -> None:
    api = AsyncApi(from_value({"asyncapi": version, **root}), "u:x")
    for name in api.operation_ids():
        assert api.operation(name) is not None
    for pointer in api.channel_pointers():
        assert api.channel_at(pointer) is not None


@pytest.mark.skipif(not CORPUS.exists(), reason="the shared corpus is not here")
def test_every_asyncapi_document_of_the_corpus_is_read_without_a_flaw() -> None:
    counts = {"descriptions": 0, "operations": 0, "messages": 0}
    for path in sorted(CORPUS.glob("**/*async*.y*ml")):
        tree = parse(path.read_bytes(), path.name)
        if tree.node.get("asyncapi") is None:
            continue
        api = AsyncApi(tree, path.as_uri())
        counts["descriptions"] += 1
        for name in api.operation_ids():
            found = api.operation(name)
            assert found is not None
            assert (found.diagnostics, found.channel is None, found.action is None) == ((), False, False)
            assert api.operation_at(found.pointer) is found
            counts["operations"] += 1
            counts["messages"] += len(found.messages)
        for pointer in api.channel_pointers():
            channel = api.channel_at(pointer)
            assert channel is not None
            assert (channel.pointer, channel.diagnostics) == (pointer, ())
    assert counts["descriptions"] >= 18
    assert counts["operations"] >= 160
    assert counts["messages"] >= counts["operations"]
