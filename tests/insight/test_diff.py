"""`diff` of program folders and of runs, worked by hand; what it ends with."""

import shutil
from pathlib import Path
from typing import Any

from tests.small_workspace import REBATE, SALES, as_json, incentivectl, settle, write_workspace


def _diff(*arguments: str | Path) -> dict[str, Any]:
    told: dict[str, Any] = as_json("diff", *arguments)
    return told


def test_two_folders_of_programs(tmp_path: Path) -> None:
    """P1 loses 80 of 832; a program beside it is new and pays 5 % of everything."""
    root = write_workspace(tmp_path / "w")
    other = tmp_path / "other"
    other.mkdir()
    less = REBATE.replace("from = 10_000", "from = 10_500").replace("8%", "9%")
    (other / "volume.toml").write_text(less)
    flat = REBATE.split("[reward]")[0].replace('"volume"', '"flat"') + '[reward]\nrate = "5%"\n'
    (other / "flat.toml").write_text(flat)
    told = _diff(root / "programs", other, "-w", root, "--period", "2026-09")
    money = {row["program"]: (row["A"], row["B"], row["change"]) for row in told["programs"]}
    assert money == {
        "flat": ("0", "570.03", "570.03"),
        "volume": ("882.03", "570.03", "-312"),
    }
    assert [(row["program"], row["key"], row["A"], row["B"]) for row in told["rules"]] == [
        ("flat", "the program", "", "new"),
        ("volume", "reward.tiers.1.from", "10000", "10500"),
        ("volume", "reward.tiers.1.rate", "0.08", "0.09"),
    ]
    assert told["payees"][0] == {
        "payee": "P1",
        "name": "Alpha Ltd",
        "A": "832",
        "B": "1040",
        "change": "208",
        "currency": "USD",
    }
    assert not (root / "reports").exists()


def test_a_program_of_the_same_group_differs_through_it(tmp_path: Path) -> None:
    first = REBATE.replace('"volume"', '"first"') + '[eligible]\n"partner.tier" = "gold"\n'
    first = first.replace("period", 'exclusive_group = "g"\npriority = 1\nperiod')
    second = REBATE.replace("period", 'exclusive_group = "g"\npriority = 2\nperiod')
    root = write_workspace(tmp_path / "w", programs={"first": first, "second": second})
    shutil.copytree(root / "programs", tmp_path / "b")
    (tmp_path / "b/first.toml").write_text(first.replace('"gold"', '"silver"'))
    told = _diff(root / "programs", tmp_path / "b", "-w", root, "--period", "2026-09")
    because = {row["program"]: row["because_of"] for row in told["programs"]}
    assert because == {
        "first": "its rules",
        "volume": "rules of first, of the same exclusive group",
    }


def test_two_runs_name_the_inputs_that_changed(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    settle(root)
    shutil.copytree(root / "reports/2026-09", tmp_path / "before")
    late = SALES + "S4,1,2026-09-30,P2,SKU-1,C2,1,100.00\n"
    (root / "sample_data/sales.csv").write_text(late)
    settle(root)
    told = _diff(tmp_path / "before", root / "reports/2026-09")
    assert told["inputs"] == [{"file": "sample_data/sales.csv", "what": "changed"}]
    assert [(row["payee"], row["change"]) for row in told["payees"]] == [("P2", "5")]
    assert told["programs"][0]["because_of"] == "changed inputs: sales"
    assert told["rules"] == []


def _causes(before: Path, after: Path) -> dict[str, str]:
    return {row["program"]: row["because_of"] for row in _diff(before, after)["programs"]}


def test_two_runs_name_the_cause_of_each_program(tmp_path: Path) -> None:
    """Monthly programs get new periods, others go on; P1 is taken by the program of higher priority."""
    monthly = REBATE.replace('"volume"', '"monthly"').replace('"quarter"', '"month"')
    ranks = {"first": 1, "second": 2}
    grouped = {
        name: REBATE.replace('"volume"', f'"{name}"').replace(
            "period", f'exclusive_group = "g"\npriority = {rank}\nperiod'
        )
        for name, rank in ranks.items()
    }
    programs = {"volume": REBATE, "monthly": monthly, **grouped}
    root = write_workspace(tmp_path / "w", programs=programs)
    for period in ("2026-08", "2026-09"):
        settle(root, period)
    assert _causes(root / "reports/2026-08", root / "reports/2026-09") == {
        "monthly": "only in B: measurement periods from 2026-09-01",
        "volume": "new rows dated 2026-09-01 to 2026-09-30",
        "first": "new rows dated 2026-09-01 to 2026-09-30",
    }
    shutil.copytree(root / "reports/2026-09", tmp_path / "before")
    (root / "programs/first.toml").write_text(
        programs["first"] + '[eligible]\n"partner.tier" = "silver"\n'
    )
    settle(root)
    assert _causes(tmp_path / "before", root / "reports/2026-09") == {
        "first": "its rules",
        "second": "rules of first, of the same exclusive group",
    }


def test_the_exit_code_tells_only_when_asked(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    other = tmp_path / "other"
    other.mkdir()
    (other / "volume.toml").write_text(REBATE.replace("8%", "9%"))
    same = ("diff", root / "programs", root / "programs", "-w", root, "--period", "2026-09")
    differs = ("diff", root / "programs", other, "-w", root, "--period", "2026-09")
    assert incentivectl(*same, "--exit-code").exit_code == 0
    assert "No difference" in incentivectl(*same).stdout
    assert incentivectl(*differs).exit_code == 0
    told = incentivectl(*differs, "--exit-code", "--format", "md")
    assert told.exit_code == 10
    assert "| volume | reward.tiers.1.rate | 0.08 | 0.09 |" in told.stdout
    assert "In all +104.00 USD." in told.stdout


def test_folders_that_cannot_be_compared(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    settle(root)
    mixed = incentivectl("diff", root / "programs", root / "reports/2026-09", "-w", root)
    nothing = incentivectl("diff", root, root / "programs", "-w", root)
    missing = incentivectl("diff", tmp_path / "no", root / "programs", "-w", root)
    assert [one.exit_code for one in (mixed, nothing, missing)] == [2, 2, 2]
    assert "one folder holds programs and the other a run" in mixed.stderr
    assert "folder not found" in missing.stderr


CONTRACTS = """\
contract,partner.partner_id,valid_from,valid_until,from,rate
K-1,P1,2026-01-01,,0,1%
K-1,P1,2026-01-01,,10000,2%
K-2,P2,,,,3%
,,,,,0.5%
"""
CHANGED = """\
contract,partner.partner_id,valid_from,valid_until,from,rate
,,,,,0.5%
K-3,P3,,,,4%
K-1,P1,2026-01-01,2026-12-31,10000,2.5%
K-1,P1,2026-01-01,2026-12-31,0,1%
"""
BY_TERMS = REBATE.split("[reward]", maxsplit=1)[0] + '[reward]\nterms = "contracts.csv"\n'


def test_contracts_are_compared_by_their_keys(tmp_path: Path) -> None:
    """P1 sold 10,400: 2.5 % instead of 2 %. P2 loses 3 % of 900.50 for 0.5 % (27.02, 4.50), P3 gains 3.50."""
    root = write_workspace(tmp_path / "w", programs={"volume": BY_TERMS})
    (root / "programs/contracts.csv").write_text(CONTRACTS)
    shutil.copytree(root / "programs", tmp_path / "b")
    (tmp_path / "b/contracts.csv").write_text(CHANGED)
    told = _diff(root / "programs", tmp_path / "b", "-w", root, "--period", "2026-09")
    k1 = "reward.terms[K-1, partner.partner_id = P1, valid_from = 2026-01-01]"
    assert [(row["key"], row["A"], row["B"]) for row in told["rules"]] == [
        (f"{k1}.tiers.1.rate", "0.02", "0.025"),
        (f"{k1}.valid_until", "", "2026-12-31"),
        ("reward.terms[K-2, partner.partner_id = P2]", "rate 0.03", ""),
        ("reward.terms[K-3, partner.partner_id = P3]", "", "rate 0.04"),
    ]
    assert {row["payee"]: row["change"] for row in told["payees"]} == {
        "P1": "52",
        "P2": "-22.52",
        "P3": "3.5",
    }
    assert {row["because_of"] for row in told["programs"]} == {"its rules"}
