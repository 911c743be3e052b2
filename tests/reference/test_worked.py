"""The worked numbers of the contract, settled by the reference."""

from pathlib import Path

import pytest

from tests.reference import settle
from tests.reference.worked import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_reference_earns_what_was_worked_out_by_hand(case: Case, tmp_path: Path) -> None:
    settled = settle(case.write(tmp_path / "w"), case.period)
    earned = {(key[0], str(key[1]), key[3]): e.entitlement for key, e in settled.earnings.items()}
    assert case.differences(earned) == []
