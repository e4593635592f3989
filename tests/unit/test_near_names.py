"""Names that a wrong one was probably meant to be."""

from __future__ import annotations

import pytest

from arazzo.api.arguments import check_keywords
from arazzo.diagnostics import near_names, nearest, suggest
from arazzo.errors import UsageError


def test_case_does_not_count() -> None:
    assert nearest("BUCKET", ["object", "bucket"]) == "bucket"
    assert nearest("STATUSCOD", ["statusCode"]) == "statusCode"


def test_of_names_that_differ_in_case_only_the_nearest_case_is_meant() -> None:
    assert nearest("orderld", ["orderId", "ORDERID"]) == "orderId"
    assert nearest("orderld", ["ORDERID", "orderId"]) == "orderId"
    assert nearest("ORDERLD", ["ORDERID", "orderId"]) == "ORDERID"
    assert near_names("orderld", ["ORDERID", "orderId", "orderIds"], 3) == ("orderId", "orderIds")


def test_long_names_are_compared_to_their_ends() -> None:
    base = "/paths/~1organizations~1{organizationId}~1projects~1{projectId}~1environments~1{environmentId}~1deploys"
    known = [base + end for end in ("/get", "~1logs/get", "~1events/get", "~1artifacts~1{artifactId}/get")]
    assert len(base) > 100
    assert nearest(f"{base}~1artifact~1{{artifactId}}/get", known) == known[-1]


def test_a_name_without_end_takes_no_time() -> None:
    assert near_names("ab" * 100_000, [f"{'ab' * 100_000}{number}" for number in range(50)], 3) == ()


def test_what_is_like_nothing_is_answered_with_what_there_is() -> None:
    assert suggest("zzz", ["a", "b"], "there are") == "there are: a, b"
    assert suggest("zzz", [], "there are") == "there are: none"


def test_an_argument_that_is_like_none_is_answered_with_all_there_are() -> None:
    known = [f"name_{number}" for number in range(20)]
    with pytest.raises(UsageError, match=r"there are: name_0, .*, name_19$"):
        check_keywords({"zzzz": 1}, known)
    with pytest.raises(UsageError, match="did you mean 'offline'"):
        check_keywords({"Offline": True}, ["offline"])
