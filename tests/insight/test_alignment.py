"""Alignment, timeliness and clarity, worked by hand (docs/questions.md, from "Alignment" on)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from incentivectl.insight.metrics.alignment import (
    EARNING,
    MATTERING,
    MATTERING_SHARE,
    MISALIGNED,
    alignment,
)
from incentivectl.insight.metrics.clarity import COMPLEXITY, MEAN, TOO_COMPLEX, clarity
from incentivectl.insight.metrics.found import covering, median_of
from incentivectl.insight.metrics.timeliness import MEDIAN, SLOWEST, timeliness
from incentivectl.insight.metrics.view import POSTINGS
from incentivectl.run.run import Run
from tests.insight.runs import Answers, rerun, run_of

PROGRAM = """
id = "switches"
name = "Switches"
kind = "rebate"
starts = 2026-01-01
ends = 2026-12-31
period = "month"

[eligible]
"product.category" = "switch"

[reward]
rate = "2%"
"""
# P1: 300 of 400 earn; P2: 10 of 100; P3 only took back.
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,amount
S-1,1,2026-09-01,P1,SW,100
S-1,2,2026-09-01,P1,SW,100
S-2,1,2026-09-11,P1,SW,100
S-2,2,2026-09-11,P1,RT,100
S-3,1,2026-09-21,P2,SW,10
S-3,2,2026-09-21,P2,RT,90
S-4,1,2026-09-21,P3,RT,-5
"""
TABLES = {"sales": SALES, "products": "product_id,category\nSW,switch\nRT,router\n"}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("alignment") / "w"
    return run_of(root, programs={"switches": PROGRAM}, tables=TABLES)


def posted(*rows: tuple[date, str, str, str]) -> pl.DataFrame:
    """Postings of the program: its measurement period, the payee, the batch's date, the day."""
    return pl.DataFrame(
        [
            (
                "switches",
                start,
                "partner",
                payee,
                date.fromisoformat(dated),
                date.fromisoformat(day),
            )
            for start, payee, dated, day in rows
        ],
        schema=POSTINGS,
        orient="row",
    )


SEPTEMBER = date(2026, 9, 1)


def test_the_share_of_revenue_that_earns(run: Run) -> None:
    answers = Answers(alignment, run)
    assert answers(EARNING, "partner", "P1") == Decimal("0.75")
    assert answers(EARNING, "partner", "P2") == Decimal("0.1")
    assert answers.why(EARNING, "partner", "P3") == "there is no revenue above 0"
    assert answers(EARNING) == Decimal("0.626262626263")  # 310 / 495
    assert answers(EARNING, "category", "switch") == 1
    assert answers(EARNING, "category", "router") == 0
    assert answers(EARNING, "program", "switches") == Decimal("0.626262626263")


def test_without_any_objective_nobody_can_have_other_goals(run: Run) -> None:
    assert Answers(alignment, run).why(MISALIGNED) == (
        "no running program has an objective: set `objective` in its file"
    )


ROUTERS = PROGRAM.replace("switches", "routers").replace("Switches", "Routers").replace(
    '"switch"', '"router"'
)  # fmt: skip
MEASURED = """
[objective]
metric = "revenue"
change = "10%"
"""


def test_other_goals_are_judged_by_programs_with_an_objective(tmp_path: Path) -> None:
    """All that P1 and P2 sell earns somewhere; only P1 earns on switches, whose objective is measured."""
    sales = SALES.replace("S-3,1,2026-09-21,P2,SW,10\n", "")
    programs = {"switches": PROGRAM + MEASURED, "routers": ROUTERS}
    answers = Answers(
        alignment, run_of(tmp_path / "w", programs=programs, tables={**TABLES, "sales": sales})
    )
    assert answers(EARNING, "partner", "P2") == 1
    assert answers(MATTERING_SHARE, "partner", "P2") == 0
    assert answers(MATTERING_SHARE, "partner", "P1") == Decimal("0.75")
    assert (answers(MATTERING), answers(MISALIGNED)) == (1, 1)
    assert answers(MISALIGNED, "partner", "P2") == 1
    assert answers(MISALIGNED, "partner", "P1") == 0


def test_words_count_where_no_objective_is_measured(tmp_path: Path) -> None:
    worded = PROGRAM.replace("[eligible]", 'objective = "More switches"\n[eligible]')
    programs = {"switches": worded, "routers": ROUTERS}
    answers = Answers(alignment, run_of(tmp_path / "w", programs=programs, tables=TABLES))
    assert (answers(MATTERING), answers(MISALIGNED)) == (1, 0)


def test_nothing_earns_where_nothing_is_sold(run: Run) -> None:
    answers = Answers(alignment, rerun(run.loaded.workspace.root, "2026-10"))
    assert answers.why(EARNING) == "there is no revenue above 0"


def test_days_from_a_sale_to_its_posting(run: Run) -> None:
    """Posted on 1 October: 30, 30 and 20 days for P1, 10 for P2; the routers earn nothing."""
    at_once = ("2026-09-30", "2026-10-01")
    postings = posted((SEPTEMBER, "P1", *at_once), (SEPTEMBER, "P2", *at_once))
    answers = Answers(timeliness, run, postings)
    assert answers(MEDIAN) == 25
    assert answers(SLOWEST) == 30
    assert answers(MEDIAN, "program", "switches") == 25


def test_a_line_waits_for_the_first_posting_after_it(run: Run) -> None:
    """Two lines were in a batch of 5 September: 4 days each; only the third waits on, 20 days."""
    first = (SEPTEMBER, "P1", "2026-09-05", "2026-09-05")
    answers = Answers(timeliness, run, posted(first, (SEPTEMBER, "P1", "2026-09-30", "2026-10-01")))
    assert answers(MEDIAN) == 4
    assert answers(SLOWEST) == 20


def test_nothing_is_posted(run: Run) -> None:
    assert Answers(timeliness, run).why(MEDIAN) == "nothing is posted yet"
    postings = posted((SEPTEMBER, "P1", "2026-09-30", "2026-10-01"))
    october = rerun(run.loaded.workspace.root, "2026-10")
    assert Answers(timeliness, october, postings).why(SLOWEST) == (
        "no batch of 2026-10 booked the reward of a sale"
    )


def counts(*values: tuple[int, int]) -> list[tuple[Decimal, int]]:
    return [(Decimal(value), times) for value, times in values]


def test_medians_and_percentiles_of_counted_values() -> None:
    assert median_of(counts((1, 1), (2, 1), (9, 1))) == 2
    assert median_of(counts((1, 2), (4, 2))) == Decimal("2.5")
    assert covering(counts((1, 95), (7, 5)), 95) == 1
    assert covering(counts((1, 94), (7, 6)), 95) == 7
    assert covering(counts((3, 1)), 95) == 3


def test_complexity_is_the_mean_of_the_programs_that_run(run: Run) -> None:
    """One condition and one reward."""
    answers = Answers(clarity, run)
    assert (answers(COMPLEXITY, "program", "switches"), answers(MEAN)) == (2, 2)
    assert answers(TOO_COMPLEX) == 0
    earlier = Answers(clarity, rerun(run.loaded.workspace.root, "2025-10"))
    assert earlier.why(MEAN) == "no program was running in 2025-10"
