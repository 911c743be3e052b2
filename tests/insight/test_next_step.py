"""The next step of a payee: what is missing, and about what it brings; worked by hand."""

import json
from pathlib import Path

import pytest

from tests.small_workspace import as_json, incentivectl, write_workspace

HEAD = """
id = "p"
name = "P"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
"""
# P1 sold 8 units for 4,000 to two customers in two sales; in the quarter before for 5,000.
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount
S0,1,2026-05-03,P1,SKU-1,C1,10,5000.00
S1,1,2026-07-03,P1,SKU-1,C1,3,1500.00
S2,1,2026-08-03,P1,SKU-2,C2,5,2500.00
"""
TARGETS = """\
program_id,payee_id,period_start,target
p,P1,2026-07-01,8000
"""
ACTIVITIES = """\
activity_id,activity,partner_id,done_on
A1,certification,P1,2026-07-10
"""
CASES = {
    "the next rate pays on everything: 10,000 x 8 % less 4,000 x 5 %": (
        '[reward]\ntiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }]',
        "Sell $6,000.00 more by September 30, 2026 to earn 8% on everything, about $600 more.",
    ),
    "marginal: 8 % only on what lies beyond 5,000, so that 5,000 x 5 % are 50 more": (
        '[reward]\ntier_mode = "marginal"\n'
        'tiers = [{ from = 0, rate = "5%" }, { from = 5_000, rate = "8%" }]',
        "Sell $1,000.00 more by September 30, 2026 to earn 8% on everything beyond,"
        " about $50.00 more.",
    ),
    "below the first tier: 6,000 x 2 % and 100": (
        '[reward]\ntiers = [{ from = 6_000, rate = "2%", bonus = 100 }]',
        "Sell $2,000.00 more by September 30, 2026 to earn 2% on everything"
        " and a bonus of $100, about $220 more.",
    ),
    "units: 12 units at 500 are 6,000, x 3 % = 180, less 4,000 x 1 %": (
        '[reward]\ntiers_by = "quantity"\n'
        'tiers = [{ from = 0, rate = "1%" }, { from = 12, rate = "3%" }]',
        "Sell 4 more units by September 30, 2026 to earn 3% on all of them, about $140 more.",
    ),
    "per unit: 10 x 7 less 8 x 2": (
        '[reward]\ntiers_by = "quantity"\n'
        "tiers = [{ from = 0, per_unit = 2 }, { from = 10, per_unit = 7 }]",
        "Sell 2 more units by September 30, 2026 to earn $7 for each of them, about $54.00 more.",
    ),
    "customers: 3 for 6,000 at 10 % are 600": (
        '[reward]\ntiers_by = "customers"\ntiers = [{ from = 3, rate = "10%" }]',
        "Sell to 1 more customer by September 30, 2026 to earn 10% on everything, about $600 more.",
    ),
    "sales: 4 for 8,000 at 1 %": (
        '[reward]\ntiers_by = "sales"\ntiers = [{ from = 4, rate = "1%" }]',
        "Make 2 more sales by September 30, 2026 to earn 1% on everything, about $80.00 more.",
    ),
    "growth of 20 % over 5,000 is 6,000, x 2 %": (
        '[baseline]\nfrom = "previous_period"\n'
        '[reward]\ntiers_by = "growth"\ntiers = [{ from = "20%", rate = "2%" }]',
        "Sell $2,000.00 more by September 30, 2026 to earn 2% on everything, about $120 more.",
    ),
    "attainment of 75 % of 8,000 is 6,000, x 2 %": (
        '[reward]\ntiers_by = "attainment"\ntiers = [{ from = "75%", rate = "2%" }]',
        "Sell $2,000.00 more by September 30, 2026 to earn 2% on everything, about $120 more.",
    ),
    "a gate comes first: 10 units at 500 are 5,000, x 5 %": (
        '[gate]\nmetric = "quantity"\nat_least = 10\n'
        '[reward]\ntiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }]',
        "Sell 2 more units by September 30, 2026 to start earning in this program, about $250 more.",
    ),
    "a gate of activities pays what is there already: 4,000 x 5 %": (
        '[gate]\nmetric = "activity.certification"\nat_least = 2\n[reward]\nrate = "5%"',
        "Complete 1 more certification by September 30, 2026 to start earning in this program,"
        " about $200 more.",
    ),
    "boost and cap: 10,000 x 8 % x 1.5 is 1,200, capped at 900; less 4,000 x 5 % x 1.5": (
        '[reward]\ntiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }]\n'
        '[[boost]]\nwhen = { "partner.tier" = "gold" }\nfactor = 1.5\n[limits]\nper_payee = 900',
        "Sell $6,000.00 more by September 30, 2026 to earn 8% on everything, about $600 more.",
    ),
    "where the cap is reached nothing more is promised": (
        '[reward]\ntiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }]\n'
        "[limits]\nper_payee = 150",
        "Sell $6,000.00 more by September 30, 2026 to earn 8% on everything.",
    ),
    "the second of the steps: 4,000 holds one of 3,000": (
        "[reward]\nevery = 3_000\npays = 100",
        "Sell $2,000.00 more by September 30, 2026 to earn another $100, about $100 more.",
    ),
    "a curve: half-way between 100 and 500 are 300": (
        "[reward]\ncurve = [{ at = 2_000, pays = 100 }, { at = 6_000, pays = 500 }]",
        "Sell $2,000.00 more by September 30, 2026 to earn $500, about $200 more.",
    ),
    "before a curve": (
        "[reward]\ncurve = [{ at = 5_000, pays = 100 }, { at = 6_000, pays = 500 }]",
        "Sell $1,000.00 more by September 30, 2026 to earn $100, about $100 more.",
    ),
    "a curve of rates: 8,000 x 3 % less 4,000 x 2 %": (
        '[reward]\ncurve = [{ at = 0, rate = "1%" }, { at = 8_000, rate = "3%" }]',
        "Sell $4,000.00 more by September 30, 2026 to earn 3% on everything, about $160 more.",
    ),
    "a bundle: 3 and 5 units hold one of 2 + 2, and with one unit more two": (
        "[bundle]\nneeds = ["
        '{ when = { "product.product_id" = "SKU-1" }, quantity = 2 },'
        ' { when = { "product.product_id" = "SKU-2" }, quantity = 2 }]\n'
        "[reward]\nper_bundle = 40",
        "Sell 1 × SKU-1 more by September 30, 2026 to earn another $40, about $40.00 more.",
    ),
    "bundles of customers: none of them has both": (
        '[bundle]\nper = "customer"\nneeds = ['
        '{ when = { "product.product_id" = "SKU-1" }, quantity = 2 },'
        ' { when = { "product.product_id" = "SKU-2" }, quantity = 2 }]\n'
        "[reward]\nper_bundle = 40",
        "Sell 1 more bundle by September 30, 2026 to earn another $40, about $40.00 more.",
    ),
    "a share: 3,750 of 3,750 + 2,500 are 60 %": (
        '[gate]\nat_least = "60%"\nshare_of = { "product.product_id" = "SKU-1" }\n'
        '[reward]\nrate = "1%"',
        "Sell $2,250.00 more of SKU-1 by September 30, 2026 to start earning in this program.",
    ),
    "a window of six months holds 9,000; 7,000 x 2 % less 4,000 x 1 %": (
        "[reward]\ntiers_months = 6\n"
        'tiers = [{ from = 0, rate = "1%" }, { from = 12_000, rate = "2%" }]',
        "Sell $3,000.00 more by September 30, 2026 to earn 2% on what you sell in this period,"
        " about $100 more.",
    ),
    "the top tier": (
        '[reward]\ntiers = [{ from = 0, rate = "5%" }, { from = 100, rate = "8%" }]',
        "",
    ),
    "no tiers": ('[reward]\nrate = "5%"', ""),
}


def advice(root: Path, program: str, kind: str = "rebate") -> list[str]:
    write_workspace(
        root,
        programs={"p": HEAD.replace('"rebate"', f'"{kind}"') + program},
        tables={"sales": SALES, "targets": TARGETS, "activities": ACTIVITIES},
    )
    (body,) = as_json("statement", "2026-08", "P1", "-w", root)
    return [row["what_to_do"] for row in body["next"]]


@pytest.mark.parametrize("case", CASES)
def test_what_to_do(case: str, tmp_path: Path) -> None:
    program, expected = CASES[case]
    assert advice(tmp_path / "w", program) == ([expected] if expected else [])


def test_returns_do_not_make_the_first_point_of_a_curve_a_goal(tmp_path: Path) -> None:
    """2,000 more is returned than sold; the next point is at 8,000, not the first at 0."""
    sales = SALES + "R1,1,2026-08-04,P1,SKU-1,C1,-12,-6000.00\n"
    curve = '[reward]\ncurve = [{ at = 0, rate = "1%" }, { at = 8_000, rate = "3%" }]'
    root = write_workspace(tmp_path / "w", programs={"p": HEAD + curve}, tables={"sales": sales})
    result = incentivectl("statement", "2026-08", "P1", "-w", root, "--format", "json")
    (body,) = json.loads(result.stdout)
    assert [row["goal"] for row in body["next"]] == ["8000"]


def test_who_has_too_little_for_a_contest(tmp_path: Path) -> None:
    found = advice(tmp_path / "w", "[reward]\nminimum = 5_000\nprizes = [100]", "contest")
    assert found == ["Sell $1,000.00 more by September 30, 2026 to take part in the contest."]


def test_without_a_baseline_or_target_there_is_no_goal(tmp_path: Path) -> None:
    growth = '[reward]\ntiers_by = "growth"\ntiers = [{ from = "20%", rate = "2%" }]'
    assert advice(tmp_path / "growth", growth) == []
    attained = '[reward]\ntiers_by = "attainment"\ntiers = [{ from = "20%", rate = "2%" }]'
    other = TARGETS.replace("p,P1", "p,P2")
    root = write_workspace(
        tmp_path / "target",
        programs={"p": HEAD + attained},
        tables={"sales": SALES, "targets": other},
    )
    result = incentivectl("statement", "2026-08", "P1", "-w", root, "--format", "json")
    (body,) = json.loads(result.stdout)
    assert body["next"] == []
    assert [row["why"] for row in body["nothing"]] == ["No target was set."]


def test_doing_it_brings_what_was_said(tmp_path: Path) -> None:
    """200 are earned of 4,000; after 6,000 more there are 800: the 600 that were told."""
    program = '[reward]\ntiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }]'
    assert "about $600 more" in advice(tmp_path / "w", program)[0]
    more = SALES + "S3,1,2026-08-20,P1,SKU-1,C1,12,6000.00\n"
    (tmp_path / "w/sample_data/sales.csv").write_text(more, encoding="utf-8")
    result = incentivectl("statement", "2026-08", "P1", "-w", tmp_path / "w", "--format", "json")
    (body,) = json.loads(result.stdout)
    assert body["accruing"][0]["entitlement"] == "800"
