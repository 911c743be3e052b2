"""Satisfaction and brand awareness, worked by hand (docs/questions.md, "Satisfaction", "Brand awareness")."""

from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.insight.metrics.brand import INDEX, MEASURED, METRIC_INDEX, brand
from incentivectl.insight.metrics.satisfaction import (
    ANSWERED,
    ANSWERS,
    DETRACTING,
    DETRACTORS,
    INVITED,
    LAST_ASKED,
    NEVER_ASKED,
    NOT_FOR_A_YEAR,
    NPS,
    PASSIVES,
    PROMOTERS,
    PROMOTING,
    RESPONSE,
    SCORE,
    satisfaction,
)
from incentivectl.run.run import Run
from tests.insight.runs import Answers, rerun, run_of

# Scores of September: 10, 9, 9 promote, 3 detracts, 7 does not count; 11 is none. R1 stands at P1.
SURVEYS = """\
response_id,survey_id,kind,answered_on,partner_id,rep_id,question_id,score
A1,N3,nps,2026-09-02,P1,,recommend,10
A2,N3,nps,2026-09-30,P2,R2,recommend,9
A3,N3,nps,2026-09-30,,,recommend,9
A4,N3,nps,2026-09-30,,R1,recommend,3
A5,N3,nps,2026-09-30,P3,,recommend,7
A6,N3,nps,2026-09-30,P3,,recommend,11
A7,N3,nps,2026-10-01,P3,,recommend,0
B1,U1,pulse,2026-09-10,,R1,clear,4
B1,U1,pulse,2026-09-10,,R1,quick,2
B2,U2,,2026-09-10,P4,,clear,5
B3,U2,,2026-09-10,,R3,clear,
"""
# In September three reps are asked for U1 and two partners for N3: five persons, R1 twice.
INVITATIONS = """\
survey_id,sent_on,partner_id,rep_id
U1,2026-09-01,P1,R1
U1,2026-09-08,P1,R1
U1,2026-09-01,P2,R2
U1,2026-09-01,P3,R3
N3,2026-09-02,P1,
N3,2026-09-02,P2,
N2,2026-03-02,P3,
N4,2026-10-02,P4,
"""
PARTNERS = """\
partner_id,name,status
P1,Alpha,active
P2,Beta,active
P3,Gamma,suspended
P4,Delta,active
"""
TABLES = {
    "partners": PARTNERS,
    "reps": "rep_id,name,partner_id\nR1,Rosa,P1\nR2,Ravi,P2\nR3,Rui,P3\n",
    "surveys": SURVEYS,
    "survey_invitations": INVITATIONS,
}
BRAND = """\
measured_on,channel,metric,region,value
2025-09-30,web,visits,EMEA,120
2025-09-30,web,signups,,40
2025-09-30,social,followers,,100
2025-09-30,media,articles,,0
2026-09-15,web,visits,EMEA,100
2026-09-15,web,visits,APAC,200
2026-09-15,web,signups,,30
2026-09-15,social,followers,,110
2026-09-15,media,articles,,5
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("satisfaction") / "w"
    return run_of(root, tables={**TABLES, "brand": BRAND})


def test_nps_is_promoters_less_detractors(run: Run) -> None:
    """3 of 5 promote, 1 detracts: 60 - 20. P1: 10 and the 3 of its rep: 50 - 50."""
    answers = Answers(satisfaction, run)
    assert (answers(NPS), answers(ANSWERS)) == (40, 5)
    assert answers(NPS, "partner", "P1") == 0
    assert answers(NPS, "partner", "P2") == 100


def test_the_three_groups_of_an_nps(run: Run) -> None:
    """10, 9 and 9 promote, 7 is passive, 3 detracts; 11 is on no scale."""
    answers = Answers(satisfaction, run)
    groups = (PROMOTERS, PASSIVES, DETRACTORS)
    assert [answers(one) for one in groups] == [3, 1, 1]
    assert [answers(one, "partner", "P1") for one in groups] == [1, 0, 1]
    assert [answers(one, "rep", "R1") for one in groups] == [0, 0, 1]
    assert (answers(PROMOTING), answers(DETRACTING)) == (Decimal("0.6"), Decimal("0.2"))


def test_who_was_invited_and_answered(run: Run) -> None:
    """P1 is asked for N3 itself and for U1 through R1: both answered. P4 is asked in October."""
    answers = Answers(satisfaction, run)
    assert (answers(INVITED), answers(ANSWERED)) == (5, 3)
    assert answers(RESPONSE, "partner", "P1") == 1
    assert answers(RESPONSE, "partner", "P3") == 0
    assert answers(RESPONSE, "survey", "U1") == Decimal("0.333333333333")
    assert answers.why(NOT_FOR_A_YEAR) == "`survey_invitations` begins in 2026-03, after 2025-09-30"


def test_not_asked_for_a_year_is_365_days(tmp_path: Path) -> None:
    """Until 30 September: 365 days since 30 September 2025, 364 since 1 October; P4 never."""
    asked = "survey_id,sent_on,partner_id\nA,2025-09-30,P1\nA,2025-10-01,P2\n"
    answers = Answers(
        satisfaction, run_of(tmp_path / "w", tables={**TABLES, "survey_invitations": asked})
    )
    assert (answers(NOT_FOR_A_YEAR), answers(NEVER_ASKED)) == (2, 1)


def test_mean_scores_of_pulses(run: Run) -> None:
    """`clear` has 4 and 5, an empty score is none; all three together make 11 / 3."""
    answers = Answers(satisfaction, run)
    assert answers(SCORE, "question", "clear") == Decimal("4.5")
    assert answers(SCORE, "question", "quick") == 2
    assert answers(SCORE) == Decimal("3.666666666667")


def test_response_rate_counts_a_person_once_a_survey(run: Run) -> None:
    """R1 answered U1, R2 and R3 did not; P1 and (through R2) P2 answered N3: 3 of 5."""
    assert Answers(satisfaction, run)(RESPONSE) == Decimal("0.6")


def test_a_survey_nobody_answered_has_a_response_rate_of_0(tmp_path: Path) -> None:
    nobody = SURVEYS.splitlines()[0] + "\n"
    run = run_of(tmp_path / "w", tables={**TABLES, "surveys": nobody})
    answers = Answers(satisfaction, run)
    assert answers(RESPONSE) == 0
    assert answers.why(NPS) == "nobody answered a survey of kind nps in 2026-09"
    assert answers.why(SCORE) == "nobody answered a pulse in 2026-09"


def test_how_long_ago_each_partner_was_asked(run: Run) -> None:
    """P1 on 8 September, P2 on the 2nd: 22 and 28 days; P4 is asked in October."""
    answers = Answers(satisfaction, run)
    assert answers(LAST_ASKED, "partner", "P1") == 22
    assert answers(LAST_ASKED, "partner", "P3") == 29
    assert answers(LAST_ASKED) == 25
    assert answers(NEVER_ASKED) == 1


def test_nobody_was_asked(run: Run) -> None:
    answers = Answers(satisfaction, rerun(run.loaded.workspace.root, "2026-02"))
    assert answers.why(RESPONSE) == "nobody was invited to a survey in 2026-02"
    assert answers.why(LAST_ASKED) == "nobody was invited to a survey by 2026-02-28"
    assert answers(NEVER_ASKED) == 3


def test_without_the_tables(tmp_path: Path) -> None:
    run = run_of(tmp_path / "w")
    answers = Answers(satisfaction, run)
    assert "sample_data/surveys.csv" in answers.why(NPS)
    assert "sample_data/survey_invitations.csv" in answers.why(RESPONSE)
    assert "sample_data/brand.csv" in Answers(brand, run).why(INDEX)


def test_the_brand_index(run: Run) -> None:
    """Visits: 100 over 120 in EMEA, APAC is new; signups 75; web the mean of both; social 110."""
    answers = Answers(brand, run)
    assert answers(MEASURED, "market", "web: visits, EMEA") == 100
    assert answers(MEASURED, "market", "web: visits, APAC") == 200
    assert answers(METRIC_INDEX, "channel", "web: visits") == Decimal("83.333333333333")
    assert answers(METRIC_INDEX, "channel", "web: signups") == 75
    assert answers(INDEX, "channel", "web") == Decimal("79.166666666667")
    assert answers(INDEX) == Decimal("94.583333333334")  # and 110, rounded once each
    assert answers(INDEX, "region", "EMEA") == Decimal("83.333333333333")
    assert ("brand-index", "region", "APAC") not in answers.found


def test_regions_are_added_up_and_never_averaged(tmp_path: Path) -> None:
    """Together 100 + 10 were 50 + 20 a year ago: 157.1; a mean of 200 and 50 would be 125."""
    rows = "measured_on,channel,metric,region,value\n" + "".join(
        f"{day},web,visits,{region},{value}\n"
        for day, region, value in (
            ("2025-09-30", "EMEA", 50), ("2025-09-30", "APAC", 20),
            ("2026-09-15", "EMEA", 100), ("2026-09-15", "APAC", 10),
        )
    )  # fmt: skip
    answers = Answers(brand, run_of(tmp_path / "w", tables={"brand": rows}))
    assert answers(INDEX) == Decimal("157.142857142857")
    assert answers(INDEX, "region", "APAC") == 50


def test_a_metric_that_was_0_a_year_ago_has_no_index(run: Run) -> None:
    answers = Answers(brand, run)
    assert answers.why(METRIC_INDEX, "channel", "media: articles") == (
        "nothing above 0 was measured a year before 2026-09"
    )
    assert ("brand-index", "channel", "media") not in answers.found
    earlier = Answers(brand, rerun(run.loaded.workspace.root, "2025-09"))
    assert earlier.why(INDEX) == "`brand` has nothing above 0 measured in 2024-09"
    none = Answers(brand, rerun(run.loaded.workspace.root, "2026-08"))
    assert none.why(INDEX) == "`brand` has nothing measured in 2026-08"
