"""ROI and cost, worked by hand (docs/questions.md, "ROI", "Cost")."""

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.insight.metrics.cost import (
    ACCRUING,
    BUDGET,
    BURN,
    RUNS_OUT,
    SPENT,
    USED,
    cost,
    runs_out,
)
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.roi import (
    ALONE,
    COST,
    COST_SHARE,
    ELIGIBLE,
    INCREMENTAL,
    JUDGED_COST,
    MARGIN,
    OTHER_COST,
    ROI,
    roi,
)
from incentivectl.run.run import Run
from tests.insight.runs import Answers, rerun, run_of
from tests.small_workspace import CONFIG, incentivectl

MARGINS = CONFIG + '[metrics]\nmargin = "30%"\n'
PROGRAM = """
id = "main"
name = "Main"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
exclusive_group = "g"
priority = 2

[eligible]
"product.category" = "switch"

[reward]
rate = "10%"
"""
RIVAL = (
    PROGRAM.replace('"main"', '"rival"')
    .replace("priority = 2", "priority = 1")
    .replace('"product.category" = "switch"', '"partner.partner_id" = "P2"')
)
NEVER = """
id = "never"
name = "Never"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30

[reward]
tiers = [{ from = 1_000_000, rate = "1%" }]
"""
LEARNING = """
id = "learning"
name = "Learning"
kind = "activity"
starts = 2026-07-01
ends = 2026-09-30

[[reward]]
activity = "training"
amount = 5
"""
PROGRAMS = {"main": PROGRAM, "rival": RIVAL, "never": NEVER, "learning": LEARNING}
# SW costs 60; SW-2 is a switch without a cost: 30 % of its amount is margin. The router is no switch.
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,quantity,amount
Y-1,1,2025-07-05,P1,SW,5,450
Y-2,1,2025-09-09,P1,SW-2,1,100
S-1,1,2026-07-10,P1,SW,10,1000
S-1,2,2026-07-10,P1,RT,1,900
S-2,1,2026-08-03,P2,SW,1,100
S-3,1,2026-09-01,P1,SW-2,1,500
"""
TABLES = {
    "sales": SALES,
    "products": "product_id,category,unit_cost\nSW,switch,60\nSW-2,switch,\nRT,router,1\n",
    "reps": "rep_id,name,partner_id\nR1,Rosa,P1\n",
    "activities": "activity_id,activity,rep_id,done_on\nA-1,training,R1,2026-07-01\n",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("roi") / "w"
    return run_of(root, config=MARGINS, programs=PROGRAMS, tables=TABLES)


def test_a_program_against_the_year_before(run: Run) -> None:
    """Eligible are 1,000 + 100 + 500, also the line that the rival takes; 450 + 100 a year before.

    Half of that line is the rival's: margins 400 + 20 + 150 less 150 + 30. Cost: 10 % of 1,500.
    (390 - 150) / 150.
    """
    answers = Answers(roi, run)
    main = ("program", "main")
    assert answers(COST, *main) == 150
    assert answers(ELIGIBLE, *main) == 1600
    assert answers(INCREMENTAL, *main) == 1000  # 1,000 + 50 + 500 - 550
    assert answers(ALONE, *main) == 410
    assert answers(MARGIN, *main) == 390
    assert answers(ROI, *main) == Decimal("1.6")
    assert answers(COST_SHARE, *main) == Decimal("0.09375")
    assert answers(ROI, "program", "rival") == 1  # (20 - 10) / 10


def test_the_whole_counts_each_line_once(run: Run) -> None:
    """Main and rival: (410 - 160) / 160, claimed alone 410 + 40. The others have no ROI; they cost 5."""
    answers = Answers(roi, run)
    assert answers(ELIGIBLE) == 2500  # every line counts in `never`, also the router
    assert answers(ROI) == Decimal("1.5625")
    assert answers(MARGIN) == 410
    assert answers(ALONE) == 450
    assert (answers(COST), answers(JUDGED_COST), answers(OTHER_COST)) == (165, 160, 5)
    assert answers(COST, "partner", "P1") == 155  # 150, and 5 for its rep
    assert answers(COST, "partner", "P2") == 10


def test_every_roi_recomputes_from_the_figures_beside_it(run: Run) -> None:
    """(incremental margin - cost) / cost, exactly in the JSON and to a tenth of a percent in print."""
    root = run.loaded.workspace.root
    told = json.loads(incentivectl("metrics", "2026-09", "-w", root, "--format", "json").stdout)
    exact: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for row in told["figures"]:
        if row["area"] == "roi" and row["value"] is not None:
            exact[row["scope"], row["id"]][row["figure"]] = Decimal(row["value"])
    with_roi = {key: one for key, one in exact.items() if "roi" in one}
    assert set(with_roi) == {("whole", None), ("program", "main"), ("program", "rival")}
    for one in with_roi.values():
        margin, cost = one["incremental-margin"], one["cost-with-roi"]
        assert one["roi"] == round((margin - cost) / cost, 12)
        assert one["cost-share"] == round(one["cost"] / one["eligible-revenue"], 12)

    printed = incentivectl("metrics", "2026-09", "-w", root, "--all", "--format", "md").stdout
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines()]
    programs = {row[0]: row[1:6] for row in rows if row[0] in ("main", "rival") and len(row) == 8}
    assert programs["main"] == ["150.00", "1,600.00", "9.4 %", "390.00", "160.0 %"]
    assert programs["rival"] == ["10.00", "100.00", "10.0 %", "20.00", "100.0 %"]
    whole = {row[0]: row[1] for row in rows if len(row) == 7}
    assert (whole["cost with an ROI"], whole["incremental margin"]) == ("160.00", "410.00")
    assert (whole["ROI"], whole["cost without an ROI"]) == ("156.3 %", "5.00")  # 250 / 160


def test_of_a_deal_registration_only_covered_lines_are_eligible(tmp_path: Path) -> None:
    """The deal covers C1's 1,000; C2's 400 is no deal's, and last year's 300 had none."""
    deals = """
id = "deals"
name = "Deals"
kind = "deal_registration"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[reward]
rate = "5%"
"""
    sales = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount
Y,1,2025-07-05,P1,RT,C1,1,300
S-1,1,2026-08-01,P1,RT,C1,1,1000
S-2,1,2026-08-02,P1,RT,C2,1,400
"""
    registered = """\
deal_id,partner_id,customer_id,registered_on,approved_on,status
D0,P1,C2,2025-07-01,,lost
D1,P1,C1,2026-07-10,2026-07-15,approved
"""
    customers = "customer_id,name\nC1,One\nC2,Two\n"
    tables = {**TABLES, "sales": sales, "deals": registered, "customers": customers}
    run = run_of(tmp_path / "w", config=MARGINS, programs={"deals": deals}, tables=tables)
    answers = Answers(roi, run)
    assert answers(COST, "program", "deals") == 50
    assert answers(ELIGIBLE, "program", "deals") == 1000
    assert answers(INCREMENTAL, "program", "deals") == 1000
    # Where nobody could register anything a year before, all that counts now would seem to be gained.
    (run.loaded.workspace.root / "sample_data/deals.csv").write_text(
        "".join(line for line in registered.splitlines(keepends=True) if "D0" not in line)
    )
    young = Answers(roi, rerun(run.loaded.workspace.root, "2026-09"))
    assert young(COST, "program", "deals") == 50
    assert young.why(ROI, "program", "deals") == "`deals` begins in 2026-07, after 2025-07-01"


def test_what_has_no_roi_says_why(run: Run) -> None:
    answers = Answers(roi, run)
    assert answers.why(ROI, "program", "never") == "nothing was earned, so it cost nothing"
    assert answers.why(ROI, "program", "learning") == "it pays activities: no sales belong to it"


def test_a_period_that_goes_on_is_compared_to_date(run: Run) -> None:
    """July and August: 1,000 and half of the 100 that the rival shares, against the 450 of July 2025."""
    answers = Answers(roi, rerun(run.loaded.workspace.root, "2026-08"))
    assert answers(INCREMENTAL, "program", "main") == 600
    assert answers(COST, "program", "main") == 100


def test_without_programs_running_without_margin_without_a_year(run: Run, tmp_path: Path) -> None:
    early = Answers(roi, rerun(run.loaded.workspace.root, "2026-06"))
    assert early.why(ROI) == "no program was running in 2026-06"
    blind = run_of(tmp_path / "blind", programs={"main": PROGRAM}, tables=TABLES)
    assert "[metrics] margin" in Answers(roi, blind).why(ROI, "program", "main")
    recent = "\n".join(line for line in SALES.splitlines() if "2025" not in line) + "\n"
    young = run_of(
        tmp_path / "young",
        config=MARGINS,
        programs={"main": PROGRAM},
        tables={**TABLES, "sales": recent},
    )
    answers = Answers(roi, young)
    assert answers.why(ROI, "program", "main") == (
        "`sales` would have to reach back to 2025-07-01, and they begin in 2026-07"
    )
    assert answers.why(ROI) == answers.why(ROI, "program", "main")
    assert (answers(COST), answers(ELIGIBLE)) == (160, 1600)  # no year before is needed for these
    assert answers(COST_SHARE, "program", "main") == Decimal("0.1")


def test_other_currencies_need_a_rate(tmp_path: Path) -> None:
    """10 % of 1,000 USD at 1.25 USD per EUR are 80 EUR, which cost 100 USD."""
    euros = PROGRAM.replace("priority = 2", 'priority = 2\ncurrency = "EUR"')
    sales = SALES.replace("S-2,1,2026-08-03,P2,SW,1,100\n", "").replace(
        "S-3,1,2026-09-01,P1,SW-2,1,500\n", ""
    )
    fx = "on,currency,rate\n2025-01-01,EUR,1.25\n"
    run = run_of(
        tmp_path / "w",
        config=MARGINS,
        programs={"main": euros},
        tables={**TABLES, "sales": sales, "fx": fx},
    )
    assert Answers(roi, run)(COST) == 100
    assert Answers(cost, run)(SPENT) == 100
    assert Answers(cost, run)(SPENT, "program", "main") == 80


def test_cost_against_the_budget(tmp_path: Path) -> None:
    """To October: Q3 is over and cost 100, Q4 accrues 50; 123 days have passed since 1 July."""
    program = PROGRAM.replace("ends = 2026-09-30", "ends = 2026-12-31").replace(
        "[reward]", "[limits]\nbudget = 200\n\n[reward]"
    )
    sales = "sale_id,sold_on,partner_id,product_id,amount\n" + (
        "S-1,2026-09-30,P1,SW,1000\nS-2,2026-10-01,P1,SW,500\n"
    )
    run = run_of(
        tmp_path / "w", "2026-10", programs={"main": program}, tables={**TABLES, "sales": sales}
    )
    answers = Answers(cost, run)
    main = ("program", "main")
    assert (answers(SPENT, *main), answers(ACCRUING, *main)) == (100, 50)
    assert (answers(BUDGET, *main), answers(USED, *main)) == (200, Decimal("0.75"))
    assert answers(BURN, *main) == Decimal("8.536585365854")  # 150 x 7 / 123
    assert answers(RUNS_OUT, *main) == date(2026, 12, 11)  # 50 x 123 / 150 = 41 days on
    assert (answers(SPENT), answers(ACCRUING)) == (100, 50)


def test_a_budget_runs_out_on_the_first_day_that_needs_more() -> None:
    assert runs_out(Decimal(500), Decimal(1000), 50, 92) == 50
    assert runs_out(Decimal(333), Decimal(1000), 30, 92) == 61  # 60.09
    assert runs_out(Decimal(1000), Decimal(1000), 50, 92) == Missing("used up")
    assert runs_out(Decimal(0), Decimal(1000), 50, 92) == Missing("nothing spent yet")
    assert runs_out(Decimal(500), Decimal(1000), 50, 49) == Missing("not before the program ends")
