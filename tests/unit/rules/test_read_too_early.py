"""What a step needs from an earlier one that some path leaves out."""

from __future__ import annotations

from pathlib import Path

import pytest

import arazzo

ERRORS = Path(__file__).resolve().parents[2] / "errors"
DOCUMENT = (ERRORS / "maybe-unset.arazzo.yaml").read_text(encoding="utf-8")
PARAMETER = DOCUMENT[DOCUMENT.index("        parameters:") :]
PRICE = "$steps.ask.outputs.price"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (f"{PRICE} == 3", True),
        (f"$statusCode == 200 && {PRICE} < 3", True),
        (f"{PRICE} == null", False),
        (f"{PRICE} != 3", False),
        (f"$statusCode == 200 || {PRICE} == 3", False),
        (f"!({PRICE} == 3)", False),
        ("$statusCode == 200", False),
    ],
)
def test_a_criterion_that_cannot_be_met_without_it_needs_it(condition: str, found: bool) -> None:
    text = DOCUMENT.replace(PARAMETER, f'        successCriteria:\n          - condition: "{condition}"\n')
    findings = arazzo.check(arazzo.load(text), sources={"shop": str(ERRORS / "shop.openapi.yaml")})
    told = [finding for finding in findings if finding.code == "maybe-unset"]
    assert len(told) == found
    assert all(finding.span is not None and finding.span.line == 27 for finding in told)
