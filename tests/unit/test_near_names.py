"""Names that a wrong one was probably meant to be."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest

from arazzo.api.arguments import check_keywords
from arazzo.diagnostics import Guesses, near_names, nearest, suggest
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


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("passenger_name", "bank_name"),
        ("trip_id", "trip_date"),
        ("customerId", "customerName"),
        ("start-date", "end-date"),
        ("nonExistentWorkflow", "mainWorkflow"),
        ("redirectAuthToken", "redirectUrl"),
        ("createTicket", "createUser"),
    ],
)
def test_a_name_that_shares_some_words_only_is_not_meant(name: str, known: str) -> None:
    assert near_names(name, [known], 3) == ()
    assert suggest(name, [known], "there is") == f"there is: {known}"


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("stauts", "status"),
        ("statuses", "status"),
        ("petid", "petId"),
        ("pet_ids", "petId"),
        ("PETID", "pet-id"),
        ("pet_di", "pet_id"),
        ("petn_ame", "pet_name"),
        ("petNaem", "pet_name"),
        ("username", "user_name"),
        ("usernmae", "user_name"),
        ("sucess-criterea", "successCriteria"),
        ("operation", "operationId"),
        ("desc_text", "descriptionText"),
        ("petIdent", "petId"),
        ("getPetById", "findPetById"),
        ("adopt-a-pet", "adopt-pet"),
        ("id_pets", "ids_of_pets"),
        ("größe_id", "größen_id"),
        ("__x__", "__y__x__"),
        ("step1_outputs", "step2_outputs"),
    ],
)
def test_a_name_whose_words_are_alike_may_be_meant(name: str, known: str) -> None:
    assert nearest(name, ["zzzz", known]) == known


def test_the_nearest_whose_words_are_alike_is_told() -> None:
    known = ["pet_name", "pet_fame", "pets_names", "pet_date"]
    assert near_names("pet_nam", known, 3) == ("pet_name", "pets_names")


def test_long_names_of_many_words_take_no_time() -> None:
    known = [f"{'ab_' * 60}{number}" for number in range(100)]
    assert len(near_names("ab_" * 59 + "zz_ba", known, 3)) == 3


def test_what_is_near_is_found_without_comparing_every_name_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    ratio = SequenceMatcher.ratio

    def noted(self: SequenceMatcher[str]) -> float:
        compared.append("")
        return ratio(self)

    monkeypatch.setattr(SequenceMatcher, "ratio", noted)
    assert nearest("getOrdre17", [f"getOrder{number}" for number in range(500)]) == "getOrder17"
    assert len(compared) < 100


def test_of_very_many_unknown_names_not_all_are_guessed() -> None:
    known = [f"getOrder{number}" for number in range(500)]
    guesses = Guesses(200_000)
    hints = [guesses.suggest(f"getOrdre{number}", known, "it has") for number in range(500)]
    told = [hint.startswith("did you mean") for hint in hints]
    assert told[0]
    assert 1 < told.count(True) < 50
    assert hints[-1].startswith("it has: getOrder0, getOrder1, ")
    # What is used beyond the bound is no more than one look at every name.
    assert -20 * len(known) < guesses.left <= 0


def test_an_empty_name_is_like_an_empty_one_only() -> None:
    assert near_names("", ["", "a"], 3) == ("",)
