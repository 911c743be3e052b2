"""A run says which programs look further back than there is data."""

from pathlib import Path

import pytest

from tests.small_workspace import REBATE, incentivectl, write_workspace

SAID = "volume: it looks back to {}, and the first accepted sale is of 2026-07-03"


@pytest.mark.parametrize(
    ("keys", "back_to"),
    [
        ("tiers_months = 12\n", "2025-10-01"),
        ("tiers_months = 3\n", ""),  # from 1 July on, as the data
        ('tiers_by = "growth"\n', "2025-07-01"),
        ("", ""),
    ],
)
def test_a_run_names_programs_that_look_back_too_far(
    tmp_path: Path, keys: str, back_to: str
) -> None:
    text = REBATE.replace("[reward]\n", f"[reward]\n{keys}")
    sold_early = {"sales": "sale_id,line_id,sold_on,partner_id,amount\nS1,1,2026-07-03,P1,10\n"}
    if keys.startswith("tiers_months = 3"):
        sold_early["sales"] = sold_early["sales"].replace("07-03", "07-01")
    root = write_workspace(tmp_path, programs={"volume": text}, tables=sold_early)
    said = " ".join(incentivectl("run", "2026-09", "-w", root).stdout.split())
    assert (SAID.format(back_to) in said) == bool(back_to)
    assert ("it looks back to" in said) == bool(back_to)
