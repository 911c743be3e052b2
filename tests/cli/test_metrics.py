"""`metrics` as its user sees it."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from incentivectl.insight.metrics import AREAS
from incentivectl.insight.metrics.headlines import TEN
from tests.cli.test_leaderboard import NAMES
from tests.insight.test_growth import TABLES as SALES_TABLES
from tests.insight.test_satisfaction import BRAND, INVITATIONS, SURVEYS
from tests.insight.test_satisfaction import TABLES as SURVEY_TABLES
from tests.small_workspace import incentivectl, write_workspace

TABLES = {
    **SALES_TABLES, "partners": SURVEY_TABLES["partners"], "reps": SURVEY_TABLES["reps"],
    "surveys": SURVEYS, "survey_invitations": INVITATIONS, "brand": BRAND,
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workspace(tmp_path_factory.mktemp("metrics") / "w", tables=TABLES)


@pytest.fixture(scope="module")
def printed(root: Path) -> list[str]:
    text = incentivectl("metrics", "2026-09", "-w", root, "--all", "--explain").stdout
    return [" ".join(line.split()) for line in text.splitlines()]


def figures(root: Path, period: str = "2026-09") -> dict[tuple[str, str, str], dict[str, Any]]:
    report = json.loads(incentivectl("metrics", period, "-w", root, "--format", "json").stdout)
    return {(one["figure"], one["scope"], one["id"] or ""): one for one in report["figures"]}


def test_a_figure_stands_beside_the_period_before_and_a_year_ago(printed: list[str]) -> None:
    """995 against 200 in August (+397.5 %) and 400 a year ago (+148.75 %)."""
    revenue = next(line for line in printed if line.startswith("revenue 995"))
    assert revenue.endswith(" 200 +397.5 % 400 +148.8 %")
    assert re.fullmatch(
        r"NPS 40\.0( \S+)? – –", next(line for line in printed if line[:3] == "NPS")
    )


def test_explain_puts_the_definition_below_the_figures(root: Path, printed: list[str]) -> None:
    assert "Sales growth: how it is computed" in printed
    assert "quantity: the quantities of those lines, returns included." in printed
    plain = incentivectl("metrics", "2026-09", "-w", root).stdout
    assert "how it is computed" not in plain


def test_ten_figures_come_first_and_the_rest_behind_an_option(root: Path) -> None:
    """Without options the ten, why some are missing, and where the others are; JSON has everything."""
    text = incentivectl("metrics", "2026-09", "-w", root).stdout
    lines = [" ".join(line.split()) for line in text.splitlines()]
    first = lines.index("In short")
    ten = lines[first + 2 : first + 12]
    assert all(line.startswith(one.title) for line, one in zip(ten, TEN, strict=True))
    assert "The partners whose revenue moved most" not in lines
    assert any(line.startswith("--area growth shows an area, --all all of them") for line in lines)
    assert "The partners whose revenue moved most" in incentivectl(
        "metrics", "2026-09", "-w", root, "--area", "growth"
    ).stdout  # fmt: skip


def test_what_cannot_be_computed_is_said_with_what_would_allow_it(printed: list[str]) -> None:
    text = " ".join(printed)
    assert "the table `activities` is missing: add sample_data/activities.csv" in text
    assert "NPS (2026-08, 2025-09): nobody answered" not in text  # each period has its own reason
    assert "of detractors (2026-08): nobody answered a survey of kind nps in 2026-08." in text
    assert "(2026-09, 2026-08, 2025-09): nothing is posted yet." in text


def test_json_has_every_figure_with_exact_values_and_reasons(root: Path) -> None:
    found = figures(root)
    revenue = found["revenue", "whole", ""]
    assert (revenue["value"], revenue["before"], revenue["year_ago"]) == ("995", "200", "400")
    assert (revenue["unit"], revenue["currency"]) == ("money", "USD")
    assert found["nps", "whole", ""]["why_before"] == (
        "nobody answered a survey of kind nps in 2026-08"
    )
    assert found["nps", "whole", ""]["before"] is None


def test_a_partner_that_sold_nothing_now_has_fallen_to_0(root: Path) -> None:
    """P2 sold nothing in August; before the exports begin nothing is known of it."""
    assert figures(root)["revenue", "partner", "P2"]["before"] == "0"
    assert figures(root, "2026-08")["revenue", "partner", "P1"]["year_ago"] is None
    assert figures(root, "2026-10")["revenue", "partner", "P2"]["value"] == "0"


def test_csv_holds_the_figures(root: Path) -> None:
    text = incentivectl("metrics", "2026-09", "-w", root, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == len(figures(root))
    assert {row["area"] for row in rows} == {area.key for area in AREAS}


def test_movers_come_by_the_size_of_their_move(printed: list[str]) -> None:
    """P1 went from 200 to 620, P2 from nothing to 375."""
    start = printed.index("The partners whose revenue moved most")
    assert printed[start + 2 : start + 4] == ["P1 Alpha 420 620 200 +210.0 %", "P2 Beta 375 375 0"]


def test_a_long_pulse_is_warned_of(tmp_path: Path) -> None:
    """Eleven questions are too many for a pulse; ten are not, and an NPS is none."""
    head = "response_id,survey_id,kind,answered_on,partner_id,question_id,score\n"
    rows = [
        f"A,{survey},{kind},2026-09-01,P1,q{number},3\n"
        for survey, kind, questions in (
            ("LONG", "pulse", 11),
            ("OK", "pulse", 10),
            ("N", "nps", 12),
        )
        for number in range(questions)
    ]
    rows = [row.replace("A,", f"A{row.split(',')[1]},", 1) for row in rows]
    root = write_workspace(tmp_path / "w", tables={"surveys": head + "".join(rows)})
    warned = "the pulse LONG asks 11 questions, more than 10"
    printed = incentivectl("metrics", "2026-09", "-w", root).stdout
    assert warned in printed
    assert "pulse OK" not in printed
    assert "pulse N" not in printed
    checked = incentivectl("check", "-w", root)
    assert checked.exit_code == 0
    assert warned in checked.output


def test_odd_names_stay_in_their_place(tmp_path: Path) -> None:
    partners = "partner_id,name\n" + "".join(
        '{},"{}"\n'.format(key, name.replace('"', '""')) for key, name in NAMES.items()
    )
    sales = "sale_id,sold_on,partner_id,amount\n" + "".join(
        f"S{key},2026-09-01,{key},100\n" for key in NAMES
    )
    root = write_workspace(tmp_path / "w", tables={"partners": partners, "sales": sales})
    for form in ("table", "md", "json"):
        printed = incentivectl("metrics", "2026-09", "-w", root, "--all", "--format", form).stdout
        assert "[red]x[/red]" in printed.replace("\\", "")
        assert "🚀 Rocket 株式会社" in printed
        assert "\x1b" not in printed
