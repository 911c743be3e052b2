"""One-to-ones, ideas, support, communication, loyalty, customers and markets, worked by hand."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incentivectl.insight.metrics.communication import (
    ANSWERING,
    LAST_CONTACT,
    LOGINS,
    SILENT,
    STATEMENTS,
    communication,
)
from incentivectl.insight.metrics.customers import (
    BOUGHT,
    BUYERS,
    customers,
)
from incentivectl.insight.metrics.loyalty import (
    LOYAL,
    REWARD,
    TENURE,
    loyalty,
)
from incentivectl.insight.metrics.markets import (
    NEW_COUNTRIES,
    NEW_MARKET_REVENUE,
    NEW_REGIONS,
    SHARE,
    markets,
)
from incentivectl.insight.metrics.meetings import (
    EVERY_IDEA,
    MEETINGS,
    MET,
    MET_SHARE,
    NOT_MET,
    REWARDED,
    ideas,
    one_to_ones,
)
from incentivectl.insight.metrics.support import (
    COURSES,
    PAID,
    TAKEN,
    UNTRAINED,
    support,
)
from incentivectl.insight.metrics.support import (
    SCORE as SUPPORT_SCORE,
)
from incentivectl.run.run import Run
from tests.insight.runs import Answers, rerun, run_of
from tests.small_workspace import CONFIG, as_json, incentivectl, write_workspace

PARTNERS = """\
partner_id,name,status,joined_on,region,country
P1,Alpha,active,2020-01-01,EMEA,DE
P2,Beta,active,2021-10-01,EMEA,FR
P3,Gamma,active,2012-02-29,APAC,JP
P4,Delta,suspended,2012-01-01,APAC,JP
"""
# P1 was met in September, P2 on 3 July: 89 days before the 30th; on 2 July P3: 90 days. A4 failed.
ACTIVITIES = """\
activity_id,activity,subject,partner_id,rep_id,done_on,passed,held_by,note
A1,checkin,review,P1,,2026-09-10,true,Ines,Wants more stock
A2,checkin,review,P2,,2026-07-03,true,Tom,
A3,checkin,review,P3,,2026-07-02,true,Tom,
A4,checkin,review,P3,,2026-09-02,false,,
A5,idea,,,R1,2026-09-03,true,,A bundle
A6,idea,,P2,,2026-09-04,true,,A page
A7,training,switching,,R1,2026-09-05,true,,
A8,training,wireless,P2,,2025-10-01,true,,
A9,training,routing,P3,,2025-09-30,true,,
B1,statement,,P1,,2026-09-05,true,,
B2,login,,,R1,2026-09-12,true,,
B3,statement,,P2,,2026-08-05,true,,
"""
IDEAS = """
id = "ideas"
name = "Ideas"
kind = "activity"
starts = 2026-01-01
ends = 2026-12-31
period = "month"

[eligible]
"partner.tenure_years" = { min = 5 }

[[reward]]
activity = "idea"
amount = 50
"""
SURVEYS = """\
response_id,survey_id,kind,answered_on,partner_id,question_id,score
S1,U,pulse,2026-09-20,P3,support-helps,4
S2,U,pulse,2026-09-20,P2,support-helps,1
S3,U,pulse,2026-09-20,P2,other,5
"""
# Twelve months from 1 October 2025. C1 buys from two partners; C2 only took back; JP buys since September.
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount
S-0,1,2025-09-30,P1,SW,C1,1,1000
S-1,1,2025-10-01,P1,SW,C1,1,100
S-2,1,2026-09-01,P2,SW,C1,1,300
S-3,1,2026-09-02,P2,RT,C1,-1,-50
S-4,1,2026-09-02,P2,RT,C2,-1,-10
S-5,1,2026-09-03,P3,RT,C3,1,40
S-6,1,2026-09-03,P3,RT,,1,7
"""
MARKET = """\
month,region,category,size
2026-09,EMEA,switch,1200
2026-09,APAC,,470
2026-08,EMEA,switch,999
"""
TABLES = {
    "partners": PARTNERS,
    "reps": "rep_id,name,partner_id\nR1,Rosa,P1\n",
    "activities": ACTIVITIES,
    "surveys": SURVEYS,
    "sales": SALES,
    "products": "product_id,category\nSW,switch\nRT,router\n",
    "market": MARKET,
}
TAGS = CONFIG + '[metrics]\nquestions = { support = ["support-helps"] }\n'


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("contacts") / "w"
    return run_of(root, config=TAGS, programs={"ideas": IDEAS}, tables=TABLES)


@pytest.fixture(scope="module")
def told(run: Run) -> dict[str, Any]:
    root = run.loaded.workspace.root
    report: dict[str, Any] = as_json("metrics", "2026-09", "-w", root, "--no-trend")
    return report


def test_who_was_met_and_who_was_not(run: Run, told: dict[str, Any]) -> None:
    answers = Answers(one_to_ones, run)
    assert (answers(MEETINGS), answers(MET)) == (1, 1)
    assert answers(MET_SHARE) == Decimal("0.333333333333")
    assert answers(NOT_MET) == 1
    assert answers(MEETINGS, "region", "EMEA") == 1
    (met,) = told["meetings"]
    assert (met["day"], met["name"], met["our_side"]) == ("2026-09-10", "Alpha", "Ines")
    assert met["noted"] == "Wants more stock"
    assert [(row["partner"], row["days_ago"]) for row in told["not_met"]] == [("P3", 90)]


def test_ideas_and_what_became_of_them(run: Run, told: dict[str, Any]) -> None:
    """R1's partner is with us for six years and is paid; P2's fifth is only full on 1 October."""
    answers = Answers(ideas, run)
    assert (answers(EVERY_IDEA), answers(REWARDED)) == (2, 1)
    rows = [(row["partner"], row["noted"], row["rewarded"]) for row in told["ideas"]]
    assert rows == [("P2", "A page", None), ("P1", "A bundle", "50")]


def test_support(run: Run, told: dict[str, Any]) -> None:
    """Wireless on 1 October 2025 is in the twelve months, routing the day before is not."""
    answers = Answers(support, run)
    assert answers(COURSES) == 2
    assert answers(TAKEN) == 1
    assert answers(UNTRAINED) == 1
    assert answers(SUPPORT_SCORE) == Decimal("2.5")
    assert answers(SUPPORT_SCORE, "partner", "P3") == 4
    assert answers.why(PAID) == "no fund of money has been filled by 2026-09-30"
    assert told["support_partners"][0]["partner"] == "P3"


def test_communication(run: Run, told: dict[str, Any]) -> None:
    """P1 has a statement, and a login on the 12th; P2 and P3 answered on the 20th."""
    answers = Answers(communication, run)
    found = [answers(one) for one in (STATEMENTS, LOGINS, ANSWERING)]
    assert found == [1, 1, 2]
    assert answers(SILENT) == 0
    assert answers(LAST_CONTACT) == 10  # 18, 10 and 10 days
    august = Answers(communication, rerun(run.loaded.workspace.root, "2026-08"))
    assert august(SILENT) == 2
    row = next(one for one in told["contacts"] if one["partner"] == "P2")
    assert (row["last_statement"], row["last_login"]) == ("2026-08-05", None)
    without = [(one["partner"], one["last_statement"]) for one in told["without_statement"]]
    assert without == [("P3", None), ("P2", "2026-08-05")]


def test_without_its_tables_no_contact_is_denied(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    report = incentivectl("metrics", "2026-09", "-w", root, "--no-trend", "--area", "communication")
    assert "no contact ever" not in report.stdout
    assert report.stdout.count("  the table `activities` is missing") == 2


def test_loyalty(run: Run) -> None:
    """6, 4 and 14 completed years; the ideas program asks for tenure and pays 50."""
    answers = Answers(loyalty, run)
    assert answers(TENURE) == 6
    assert answers(LOYAL) == 2
    assert answers(REWARD) == 50


def test_what_customers_bought_in_twelve_months(run: Run, told: dict[str, Any]) -> None:
    """C1 100 + 300 - 50 from two partners, C3 40, C2 -10: 380 in all; C2 bought nothing."""
    answers = Answers(customers, run)
    assert (answers(BUYERS), answers(BOUGHT)) == (2, 380)
    rows = [
        (row["customer"], row["bought_in_12_months"], row["partners"]) for row in told["customers"]
    ]
    assert rows == [("C1", "350", 2), ("C3", "40", 1), ("C2", "-10", 1)]


def test_new_markets_and_share_of_market(run: Run) -> None:
    """APAC and Japan first bought in September. EMEA's switches: 300 of 1,200; APAC: 47 of 470."""
    answers = Answers(markets, run)
    assert (answers(NEW_REGIONS), answers(NEW_COUNTRIES)) == (1, 2)  # JP and FR
    assert answers(NEW_MARKET_REVENUE) == 287  # 300 - 50 - 10 and 47
    assert answers(SHARE, "market", "EMEA, switch") == Decimal("0.25")
    assert answers(SHARE, "market", "APAC, all") == Decimal("0.1")
    assert answers(SHARE) == Decimal("0.207784431138")  # 347 of 1,670


def test_where_the_exports_begin_nothing_is_new(run: Run) -> None:
    early = Answers(markets, rerun(run.loaded.workspace.root, "2025-09"))
    assert early.why(NEW_REGIONS) == ("`sales` begin in 2025-09: what was sold before is not known")


DISCOUNT = """
id = "price"
name = "Price"
kind = "discount"
starts = 2026-09-01
ends = 2026-09-30
period = "month"

[[reward]]
when = { "product.category" = "switch" }
rate = "2%"

[[reward]]
rate = "1%"
"""


def test_discounts_by_customer(tmp_path: Path) -> None:
    """C1: 2 % of 300 and 1 % of -50; what names no customer is in no row."""
    root = write_workspace(
        tmp_path / "w", programs={"price": DISCOUNT, "ideas": IDEAS}, tables=TABLES
    )
    report = incentivectl("metrics", "2026-09", "-w", root, "--no-trend", "--format", "json")
    rows = [
        (row["program"], row["customer"], row["sold"], row["discount"], row["rate"])
        for row in json.loads(report.stdout)["discounts"]
    ]
    assert rows == [
        ("price", "C1", "250", "5.5", "0.022"),
        ("price", "C3", "40", "0.4", "0.01"),
        ("price", "C2", "-10", "-0.1", None),
    ]
