"""Laws that comparisons keep for any two values."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from arazzo.criterion.compare import loosely, strictly, truth
from arazzo.values import UNDEFINED, File, Maybe, is_number

scalars = st.one_of(
    st.none(),
    st.just(UNDEFINED),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(2**53 - 2, 2**53 + 2),
    st.floats(-2, 2, width=16),
    st.sampled_from(
        ["", "a", "A", "ß", "SS", "1", "1.0", "01", "1e0", "-0", " 1", "true", "null", "NaN", "9" * 500]
    ),
)
values: st.SearchStrategy[Maybe] = st.one_of(
    scalars,
    st.lists(st.integers(0, 2), max_size=2),
    st.dictionaries(st.sampled_from("ab"), st.integers(0, 1), max_size=2),
)


@given(values, values)
def test_unequal_is_the_negation_of_equal(left: Maybe, right: Maybe) -> None:
    assert loosely("!=", left, right) is not loosely("==", left, right)
    assert strictly("!=", left, right) is not strictly("==", left, right)


@given(values, values)
def test_equality_has_no_direction(left: Maybe, right: Maybe) -> None:
    assert loosely("==", left, right) is loosely("==", right, left)
    assert strictly("==", left, right) is strictly("==", right, left)


@given(values)
def test_everything_equals_itself(value: Maybe) -> None:
    assert loosely("==", value, value)
    assert strictly("==", value, value)


@given(values, values)
def test_order_mirrors(left: Maybe, right: Maybe) -> None:
    assert loosely("<", left, right) is loosely(">", right, left)
    assert loosely("<=", left, right) is loosely(">=", right, left)
    assert strictly("<", left, right) is strictly(">", right, left)
    assert strictly("<=", left, right) is strictly(">=", right, left)


@given(values, values)
def test_what_has_an_order_is_smaller_equal_or_larger(left: Maybe, right: Maybe) -> None:
    smaller, larger = loosely("<", left, right), loosely(">", left, right)
    assert not (smaller and larger)
    if loosely("<=", left, right) and not smaller:
        assert loosely("==", left, right)
    if smaller or larger:
        assert loosely("<=", left, right) is smaller
        assert loosely(">=", left, right) is larger


@given(values)
def test_null_and_what_is_missing_equal_nothing_but_each_other(value: Maybe) -> None:
    for nothing in (None, UNDEFINED):
        assert loosely("==", nothing, value) is (value is None or value is UNDEFINED)
        assert strictly("==", nothing, value) is (value is None or value is UNDEFINED)
        assert not any(loosely(operator, nothing, value) for operator in ("<", "<=", ">", ">="))


@given(values, values)
def test_strict_comparison_knows_no_conversion(left: Maybe, right: Maybe) -> None:
    if strictly("<", left, right):
        assert (is_number(left) and is_number(right)) or (isinstance(left, str) and isinstance(right, str))


@given(st.text(max_size=5), st.text(max_size=5))
def test_text_is_compared_by_its_folded_form_or_as_numbers(left: str, right: str) -> None:
    if left.casefold() == right.casefold():
        assert loosely("==", left, right)
    assert strictly("==", left, right) is (left == right)


def test_numbers_in_text_compare_exactly() -> None:
    assert loosely("<", "9007199254740992", 9007199254740993)
    assert not loosely("==", "9007199254740993", "9007199254740992")
    assert loosely("==", "1" + "0" * 300, "1" + "0" * 300)
    assert not loosely("==", "1" * 5000, "1" * 4999 + "2")
    assert not loosely("==", "1e400", "1e401")


def test_binary_data_compares_as_its_text() -> None:
    assert loosely("==", b"abc", "ABC")
    assert loosely("==", File("f", b"12"), 12)
    assert strictly("==", b"abc", "abc")


def test_bare_operands_are_true_but_for_the_five_that_are_not() -> None:
    empty: tuple[Maybe, ...] = (False, None, UNDEFINED, "", 0)
    assert not any(truth(value) for value in empty)
    assert not truth(0.0)
    assert not truth(-0.0)
    full: tuple[Maybe, ...] = (True, "0", "false", " ", 1, -1, 0.5, [], {}, [0], b"x")
    assert all(truth(value) for value in full)
