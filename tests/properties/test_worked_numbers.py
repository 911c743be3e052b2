"""The worked numbers of the contract, settled by the engine, as far as it has their features."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.properties.features import ALL, switched_on
from tests.reference.worked import CASES, Case
from tests.small_workspace import settle

HERE = [case for case in CASES if set(case.feature.split()) <= switched_on()]


@pytest.mark.parametrize("case", HERE, ids=lambda case: case.name)
def test_the_engine_earns_what_was_worked_out_by_hand(case: Case, tmp_path: Path) -> None:
    rows = settle(case.write(tmp_path / "w"), case.period)
    earned = {
        (row["program_id"], row["period_start"], row["payee_id"]): Fraction(row["entitlement"])
        for row in rows
    }
    assert case.differences(earned) == []


def test_every_worked_case_names_a_feature() -> None:
    assert {name for case in CASES for name in case.feature.split()} == ALL
