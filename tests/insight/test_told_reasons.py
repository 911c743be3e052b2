"""No dash without its reason, and no figure that misleads, however little data there is."""

import json
from pathlib import Path
from typing import Any

import pytest

from incentivectl.insight.metrics import AREAS
from tests.small_workspace import CONFIG, PARTNERS, as_json, incentivectl, write_workspace

Told = dict[str, Any]
SAMPLE = Path(__file__).parents[2]
HEADER = "sale_id,line_id,sold_on,partner_id,product_id,customer_id,quantity,amount\n"
FIRST_YEAR = HEADER + "".join(
    f"S{month},1,2026-{month:02d}-10,P{1 + month % 2},SW,C{month % 4},1,{month}00.00\n"
    for month in range(3, 10)
)
PROGRAM = """
id = "year"
name = "Year"
kind = "rebate"
starts = 2026-03-01
ends = 2026-12-31
period = "quarter"

[objective]
metric = "revenue"
change = "10%"

[reward]
rate = "5%"
"""
ACTIVITIES = """\
activity_id,activity,subject,partner_id,done_on
A1,training,one,P1,2026-05-01
A2,checkin,,P1,2026-08-20
"""
INVITATIONS = "survey_id,sent_on,partner_id\nU1,2026-06-01,P1\n"


def first_year(root: Path) -> Path:
    tables = {
        "sales": FIRST_YEAR,
        "activities": ACTIVITIES,
        "survey_invitations": INVITATIONS,
        "surveys": "response_id,survey_id,answered_on,partner_id,question_id,score\n",
    }
    return write_workspace(root, programs={"year": PROGRAM}, tables=tables)


def told(root: Path) -> Told:
    report: Told = as_json("metrics", "2026-09", "-w", root, "--no-trend")
    return report


@pytest.fixture(
    scope="module", params=["sample", "empty", "tiny", "first-year", "nobody"], name="report"
)
def _report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Told:
    root = tmp_path_factory.mktemp("told") / "w"
    match request.param:
        case "sample":
            return told(SAMPLE)
        case "empty":
            return told(write_workspace(root, tables={"sales": HEADER}))
        case "tiny":
            return told(write_workspace(root))
        case "first-year":
            return told(first_year(root))
    partners = PARTNERS.splitlines()[0] + "\n"
    config = CONFIG.replace('"100%"', '"100%"\nunknown_partner = "keep"')
    return told(write_workspace(root, config=config, tables={"partners": partners}))


def test_every_figure_has_a_value_or_a_reason(report: Told) -> None:
    """As a whole always; about a partner or region at least where it is known to be unknown."""
    keys = {one.key for area in AREAS for one in area.definitions}
    for one in report["figures"]:
        for name in ("value", "before", "year_ago"):
            has_value, has_reason = one[name] is not None, one[f"why_{name}"] is not None
            assert not (has_value and has_reason), one
            assert has_value or has_reason or one["scope"] != "whole", one
    assert {one["figure"] for one in report["figures"]} <= keys


def test_each_reason_is_told_once_at_the_end(report: Told) -> None:
    sentences = [row["what"] for row in report["not_computed"]]
    reasons = {
        one[f"why_{name}"]
        for one in report["figures"]
        for name in ("value", "before", "year_ago")
        if one[f"why_{name}"] and one["figure"] != "runs-out-on"
    }
    for why in reasons:
        assert any(sentence.endswith(f": {why}.") for sentence in sentences), why


def test_a_share_is_none_of_nothing(report: Told) -> None:
    for one in report["figures"]:
        if one["unit"] == "share" and one["figure"].endswith("-share") and one["value"] is not None:
            assert -10 <= float(one["value"]) <= 10, one


def value(report: Told, figure: str, *, why: bool = False) -> str | None:
    (one,) = [
        row for row in report["figures"] if row["figure"] == figure and row["scope"] == "whole"
    ]
    found: str | None = one["why_value" if why else "value"]
    return found


def test_without_sales_nothing_is_0(tmp_path: Path) -> None:
    report = told(write_workspace(tmp_path / "w", tables={"sales": HEADER}))
    for figure in ("revenue", "active-share", "new-customers", "customers-12m", "new-regions"):
        assert "there are none at all" in (value(report, figure, why=True) or "")


def test_in_a_first_year_what_needs_no_year_before_is_there(tmp_path: Path) -> None:
    """Q3: P1 sold 800 in August, P2 700 and 900: 5 % of 2,400 cost 120."""
    report = told(first_year(tmp_path / "w"))
    assert value(report, "revenue") == "900"
    assert (value(report, "cost"), value(report, "eligible-revenue")) == ("120", "2400")
    assert value(report, "cost-share") == "0.05"
    before = "`sales` would have to reach back to 2025-07-01, and they begin in 2026-03"
    assert value(report, "roi", why=True) == before
    (objective,) = report["objectives"]
    assert objective["result"] == "2400"
    assert objective["state"] == before


def test_who_bought_nobody_knows_when_is_not_new(tmp_path: Path) -> None:
    """In March, the first month, everybody would be new; in April C0 is, and C3 of March is not."""
    root = first_year(tmp_path / "w")
    figures = {}
    for period in ("2026-03", "2026-04"):
        result = incentivectl("metrics", period, "-w", root, "--no-trend", "--format", "json")
        figures[period] = json.loads(result.stdout)
    why = value(figures["2026-03"], "new-customers", why=True)
    assert why is not None
    assert "so that everybody would be new" in why
    assert value(figures["2026-04"], "new-customers") == "1"


def test_what_nobody_did_for_a_year_needs_a_year(tmp_path: Path) -> None:
    report = told(first_year(tmp_path / "w"))
    assert value(report, "untrained-partners", why=True) == (
        "`activities` begins in 2026-05, after 2025-10-01"
    )
    assert value(report, "not-asked-for-a-year", why=True) == (
        "`survey_invitations` begins in 2026-06, after 2025-09-30"
    )
    assert value(report, "partners-not-met") == "1"  # P2; P3 is suspended, and 90 days are known


def test_a_trend_shows_what_it_knows(tmp_path: Path) -> None:
    """Sales begin in March: five months are unknown, then seven rise from 300 to 900.

    Of 900, in sevenths: 300 are 2.3, 400 3.1, 500 3.9, 600 4.7, 700 5.4, 800 6.2.
    """
    root = first_year(tmp_path / "w")
    printed = incentivectl("metrics", "2026-09", "-w", root, "--area", "growth").stdout
    (revenue,) = [line for line in printed.splitlines() if line.startswith("  revenue  ")]
    assert "·····▃▄▄▅▆▇█" in revenue
    result = incentivectl("metrics", "2026-09", "-w", root, "--area", "growth", "--format", "json")
    rows = [
        row
        for row in json.loads(result.stdout)["trends"]
        if (row["figure"], row["scope"]) == ("revenue", "whole")
    ]
    assert [row["value"] for row in rows][-7:] == ["300", "400", "500", "600", "700", "800", "900"]
    assert all("they begin in 2026-03" in row["why"] for row in rows[:5])


def test_ten_rows_come_first_and_all_on_demand(tmp_path: Path) -> None:
    sales = (
        HEADER
        + "A,1,2026-08-10,P1,,C1,1,1\n"
        + "".join(
            f"S{number},1,2026-09-10,P1,SW-{number:02d},C1,1,{100 + number}\n"
            for number in range(12)
        )
    )
    root = write_workspace(tmp_path / "w", tables={"sales": sales})
    options = ("metrics", "2026-09", "-w", root, "--no-trend", "--area", "growth")
    short, long = incentivectl(*options).stdout, incentivectl(*options, "--all").stdout
    assert "SW-11" in short
    assert "SW-01" not in short
    assert "2 more rows: --all shows them." in short
    assert "SW-01" in long
    assert "--all" not in long


def test_an_unknown_area_is_refused(tmp_path: Path) -> None:
    result = incentivectl("metrics", "2026-09", "-w", tmp_path, "--area", "satisfactoin")
    assert result.exit_code == 2
    assert "did you mean `satisfaction`?" in result.output
