"""Engagement, worked by hand (docs/questions.md, "Engagement")."""

from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.insight.metrics.engagement import (
    ACHIEVERS,
    ACHIEVING,
    ACTIVITIES,
    MET,
    PARTICIPANTS,
    PARTICIPATING,
    PARTNERS,
    PER_PARTNER,
    SELLING,
    TRAINED,
    TRAINED_GROWTH,
    UNTRAINED_GROWTH,
    engagement,
)
from incentivectl.run.run import Run
from tests.insight.runs import Answers, rerun, run_of
from tests.insight.test_leaderboard import MONTHLY
from tests.small_workspace import incentivectl

# Active are P1, P2 and P4: P3 is suspended, P5 joins in October.
PARTNERS_CSV = """\
partner_id,name,status,joined_on
P1,Alpha,active,2020-01-01
P2,Beta,active,2020-01-01
P3,Gamma,suspended,2020-01-01
P4,Delta,active,
P5,Epsilon,active,2026-10-01
"""
SALES = """\
sale_id,line_id,sold_on,partner_id,amount
Y-1,1,2025-09-04,P1,400
Y-2,1,2025-09-04,P2,400
Y-3,1,2025-09-04,P3,-5
S-1,1,2026-09-02,P1,500
S-2,1,2026-09-03,P2,-20
S-3,1,2026-09-03,P3,100
"""
# R1 stands at P1. A-2 is failed, A-5 was in May.
ACTIVITIES_CSV = """\
activity_id,activity,partner_id,rep_id,done_on,passed
A-1,training,,R1,2026-09-05,true
A-2,training,P4,,2026-09-05,false
A-3,checkin,P2,,2026-09-20,true
A-4,training,P3,,2026-09-01,true
A-5,training,P4,,2026-05-01,true
"""
TABLES = {
    "partners": PARTNERS_CSV,
    "sales": SALES,
    "reps": "rep_id,name,partner_id\nR1,Rosa,P1\n",
    "activities": ACTIVITIES_CSV,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("engagement") / "w"
    return run_of(root, programs={"monthly": MONTHLY}, tables=TABLES)


def third(parts: int) -> Decimal:
    return (Decimal(parts) / 3).quantize(Decimal("1e-12"))


def test_shares_are_of_the_partners_with_status_active(run: Run) -> None:
    """P1 sold; P2 only took back. P1 earned 10, P3 too but it is suspended; P2 had a check-in."""
    answers = Answers(engagement, run)
    assert answers(PARTNERS) == 3
    assert answers(SELLING) == third(1)
    assert answers(PARTICIPATING) == third(2)
    assert answers(TRAINED) == third(1)
    assert answers(MET) == third(1)


def test_goal_achievers_are_in_the_top_tier(run: Run) -> None:
    """P1 reached the tier from 400, P3 is in the first one, in which everybody begins."""
    answers = Answers(engagement, run)
    assert answers(ACHIEVING) == third(1)
    assert answers(ACHIEVERS, "program", "monthly") == 1
    assert answers(PARTICIPANTS, "program", "monthly") == 2


def test_activities_are_passed_ones_of_the_partner_or_its_reps(run: Run) -> None:
    answers = Answers(engagement, run)
    assert answers(ACTIVITIES) == 3
    assert answers(PER_PARTNER) == 1
    assert answers(ACTIVITIES, "partner", "P1") == 1
    assert ("activities", "partner", "P4") not in answers.found


def test_growth_of_trained_and_untrained_partners(run: Run) -> None:
    """Trained up to now: P1, P3, P4: (600 - 395) / 395. Untrained: P2: (-20 - 400) / 400."""
    answers = Answers(engagement, run)
    assert answers(TRAINED_GROWTH) == Decimal("0.518987341772")
    assert answers(UNTRAINED_GROWTH) == Decimal("-1.05")


def test_a_year_without_revenue_gives_no_growth(run: Run) -> None:
    answers = Answers(engagement, rerun(run.loaded.workspace.root, "2026-10"))
    assert answers.why(TRAINED_GROWTH) == (
        "trained partners had no revenue above 0 a year before 2026-10"
    )


def test_a_period_before_the_activities_began(run: Run) -> None:
    answers = Answers(engagement, rerun(run.loaded.workspace.root, "2025-09"))
    assert answers.why(TRAINED) == "`activities` begins in 2026-05, after 2025-09-01"
    assert answers.why(PARTICIPATING) == "no program was running in 2025-09"
    assert answers.why(ACHIEVING) == (
        "no program running in 2025-09 has a tier to reach or a target"
    )


def test_without_the_table_and_without_active_partners(tmp_path: Path) -> None:
    tables = {**TABLES, "partners": "partner_id,name,status\nP1,A,suspended\nP2,B,terminated\n"}
    del tables["activities"]
    answers = Answers(engagement, run_of(tmp_path / "w", tables=tables))
    assert answers.why(SELLING) == "`partners` has nobody with status active"
    assert answers.why(PER_PARTNER) == (
        "the table `activities` is missing: add sample_data/activities.csv"
    )


def test_a_target_reached_is_a_goal(tmp_path: Path) -> None:
    """500 of 500 is on target, though the top tier starts at 120 %; 100 of 200 is not."""
    program = MONTHLY.replace("[reward]", '[reward]\ntiers_by = "attainment"').replace(
        "{ from = 0, rate", '{ from = "50%", rate'
    ).replace("{ from = 400,", '{ from = "120%",')  # fmt: skip
    targets = "program_id,payee_id,period_start,target\n" + "".join(
        f"monthly,{payee},2026-09-01,{target}\n" for payee, target in (("P1", 500), ("P3", 200))
    )
    run = run_of(
        tmp_path / "w", programs={"monthly": program}, tables={**TABLES, "targets": targets}
    )
    assert Answers(engagement, run)(ACHIEVERS, "program", "monthly") == 1


def test_who_does_not_take_part_and_when_it_last_did(run: Run) -> None:
    """P4's training of May passed, that of September did not."""
    root = run.loaded.workspace.root
    shown = incentivectl("metrics", "2026-09", "-w", root, "--area", "engagement").stdout
    table = shown.split("Partners who do not take part")[1].split("\n\n")[0]
    assert [line.split() for line in table.strip().splitlines()[1:]] == [
        ["P4", "Delta", "2026-05", "0"]
    ]
