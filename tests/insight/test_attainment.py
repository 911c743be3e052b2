"""`attainment`, worked by hand: five partners, a quarter and the one before."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from incentivectl.core.calendar import ORDINARY
from incentivectl.engine.engine import case_of
from incentivectl.insight.earlier import by_months, moved
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.known import known_on
from tests.programs.writing import rebate, sound
from tests.small_workspace import REBATE, as_json, incentivectl, write_workspace

PARTNERS = "partner_id,name\n" + "".join(f"P{i},Partner {i}\n" for i in range(1, 6))
# Q3: 9,500, 12,000, 4,000, 9,000, 8,999; Q2: 11,000, 10,000, 300.
SALES = """\
sale_id,line_id,sold_on,partner_id,quantity,amount
A,1,2026-07-01,P1,1,9500
B,1,2026-07-01,P2,1,12000
C,1,2026-08-01,P3,1,4000
D,1,2026-09-30,P4,1,9000
E,1,2026-09-30,P5,1,8999
F,1,2026-04-01,P1,1,11000
G,1,2026-05-01,P2,1,10000
H,1,2026-06-30,P3,1,300
"""


def _told(root: Path, *arguments: str) -> dict[str, Any]:
    report: dict[str, Any] = as_json("attainment", "2026-09", "volume", *arguments, "-w", root)
    return report


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attainment") / "w"
    return write_workspace(folder, tables={"partners": PARTNERS, "sales": SALES})


def test_tiers_and_the_distribution(root: Path) -> None:
    told = _told(root)
    assert [(row["tier"], row["payees"], row["earned"]) for row in told["tiers"]] == [
        ("0", 4, "1574.95"),  # 5 % of 31,499
        ("1", 1, "960"),
    ]
    values = {row["share"]: row["revenue"] for row in told["distribution"]}
    assert values == {"0.1": "4000", "0.25": "8999", "0.5": "9000", "0.75": "9500", "0.9": "12000"}
    assert not (root / "reports").exists()


def test_near_misses_lack_at_most_a_tenth(root: Path) -> None:
    """P4 lacks exactly a tenth of 10,000, P5 one more; 8 % of 10,000 is 800."""
    near = _told(root)["near"]
    assert [(row["payee"], row["missing"], row["brings"]) for row in near] == [
        ("P1", "500", "325"),
        ("P4", "1000", "350"),
    ]
    assert {row["would_earn"] for row in near} == {"800"}


def test_everybody_with_what_the_next_tier_would_bring(root: Path) -> None:
    """8 % of 12,000 is 960; at 10,000 everybody else would earn 800 instead of 5 % of its sales."""
    told = _told(root, "--payees")["everybody"]
    rows = [
        (row["payee"], row["tier"], row["earned"], row["next_tier"], row["missing"], row["brings"])
        for row in told
    ]
    assert rows == [
        ("P2", "1", "960", None, None, None),
        ("P1", "0", "475", "1", "500", "325"),
        ("P4", "0", "450", "1", "1000", "350"),
        ("P5", "0", "449.95", "1", "1001", "350.05"),
        ("P3", "0", "200", "1", "6000", "600"),
    ]
    assert "everybody" not in _told(root)


def test_the_threshold_that_a_share_would_have_reached(root: Path) -> None:
    """40 % of five are two: 9,500; of three in the quarter before, two (more than 1.2): 10,000."""
    this, before, *older = _told(root, "--reach", "40%")["periods"]
    assert (this["threshold"], this["reach_it"], this["payees"]) == ("9500", 2, 5)
    assert (before["from"], before["to"]) == ("2026-04-01", "2026-06-30")
    assert (before["threshold"], before["reach_it"], before["payees"]) == ("10000", 2, 3)
    assert (before["tier_0"], before["tier_1"]) == ("100 %", "66.7 %")
    assert [row["from"] for row in older] == ["2026-01-01", "2025-10-01", "2025-07-01"]
    assert {row["threshold"] for row in older} == {None}
    assert {row["payees"] for row in older} == {None}  # the exports begin in April


def test_growth_counts_near_in_revenue(tmp_path: Path) -> None:
    """From 11,000 a growth of 10 % needs 12,100: 9,500 is far, 11,500 is within a tenth."""
    growth = REBATE.replace("[reward]", '[baseline]\nfrom = "previous_period"\n[reward]')
    growth = growth.replace(
        "tiers = [", 'tiers_by = "growth"\ntiers = [{ from = 0.1, rate = "5%" }]\n# ['
    )
    sales = SALES.replace("P1,1,9500", "P1,1,11500")
    tables = {"partners": PARTNERS, "sales": sales}
    root = write_workspace(tmp_path / "w", programs={"volume": growth}, tables=tables)
    told = _told(root)
    assert [(row["payee"], row["missing"], row["of"]) for row in told["near"]] == [
        ("P1", "600", "revenue")
    ]
    assert told["near"][0]["would_earn"] == "605"
    shown = incentivectl("attainment", "2026-09", "volume", "-w", root).stdout
    assert told["near"][0]["growth"] == "0.045454545455"
    assert " 4.55 % " in shown  # 500 of 11,000, beside a tier from 10 %


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["2026-09", "volum"], "did you mean `volume`?"),
        (["2026-06", "volume"], "has not begun by 2026-06-30"),
        (["2026-09", "volume", "--reach", "130%"], "expected a share"),
    ],
)
def test_what_cannot_be_answered(root: Path, arguments: list[str], message: str) -> None:
    result = incentivectl("attainment", *arguments, "-w", root)
    assert result.exit_code == 2
    assert message in result.stderr


def test_people_count_tiers_from_1_and_json_from_0(tmp_path: Path) -> None:
    """P1 is in the upper of two tiers; P2 and P3 are in the lower one."""
    root = write_workspace(tmp_path / "w")
    arguments = ("attainment", "2026-09", "volume", "-w", root)
    told = json.loads(incentivectl(*arguments, "--format", "json").stdout)
    assert [(row["tier"], row["payees"]) for row in told["tiers"]] == [("0", 2), ("1", 1)]
    assert "tier_0" in told["periods"][0]
    text = incentivectl(*arguments).stdout
    rows = [line.split() for line in text.split("Payees by tier")[0].splitlines()]
    assert [row[:3] for row in rows if row[:1] in (["1"], ["2"])] == [
        ["1", "0", "USD"], ["2", "10,000", "USD"],
    ]  # fmt: skip
    assert "tier 1" in text
    assert "tier 0" not in text


def test_a_program_that_is_moved_takes_its_contracts_with_it(tmp_path: Path) -> None:
    """K-1 holds for P1 from July on, and until August: a quarter earlier, from April to May."""
    header = "contract,partner.partner_id,valid_from,valid_until,rate\n"
    (tmp_path / "contracts.csv").write_text(
        f"{header}K-1,P1,2026-07-01,2026-08-31,2%\nK-2,P1,2026-09-01,,3%\n,,,,1%\n"
    )
    program = sound(rebate(reward='[reward]\nterms = "contracts.csv"\n'), tmp_path)
    workspace = write_workspace(tmp_path / "w")
    known = known_on(workspace, "2026-09", date(2026, 10, 1), tmp_path, lambda _: None)
    case = case_of(program, [program], known.channel, lookups_of(known.channel))
    earlier = moved(case, case.periods[0], by_months(ORDINARY, 3)).program
    assert (earlier.starts, earlier.ends) == (date(2026, 4, 1), date(2026, 6, 30))
    terms = earlier.reward[0].terms
    assert terms is not None
    assert [(one.contract, one.valid_from, one.valid_until) for one in terms.terms] == [
        ("K-1", date(2026, 4, 1), date(2026, 5, 31)),
        ("K-2", date(2026, 6, 1), None),
        ("", None, None),
    ]
