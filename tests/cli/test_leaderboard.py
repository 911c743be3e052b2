"""`leaderboard` as its user sees it, and the file that `run` writes."""

import json
from pathlib import Path

import pytest

from tests.insight.test_leaderboard import MONTHLY, TABLES
from tests.small_workspace import incentivectl, read_csv, settle, write_workspace

NAMES = {
    "P1": "[red]x[/red]",
    "P2": "שלום עולם",
    "P3": "🚀 Rocket 株式会社",
    "P4": "N" * 500,
    "P5": '"Two\nlines\x1b[2J"',
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workspace(
        tmp_path_factory.mktemp("board") / "w", programs={"monthly": MONTHLY}, tables=TABLES
    )


def test_the_board_has_ranks_movements_bars_and_a_legend(root: Path) -> None:
    printed = incentivectl("leaderboard", "2026-09", "-w", root).stdout
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert "1 ▲ 1 P1 Alpha 500.00 +66.7 % ██████████ ◆+" in lines
    assert "2 = P2 Beta 300.00 +0.0 % ██████" in lines
    assert "2 new P4 Delta 300.00 ██████ ●" in lines
    assert "4 ▼ 3 P3 Gamma 100.00 -88.9 % ██" in lines
    assert "◆ tier reached, + new customer, ● first sale" in lines


def test_top_keeps_the_ranks_of_the_whole_board(root: Path) -> None:
    result = incentivectl(
        "leaderboard", "2026-09", "-w", root, "--top", "2", "--format", "json", "--by", "quantity"
    )
    report = json.loads(result.stdout)
    assert [(row["rank"], row["payee_id"], row["value"]) for row in report["leaderboard"]] == [
        (1, "P4", "5"),
        (2, "P1", "3"),
        (2, "P2", "3"),
    ]
    assert (report["metric"], report["before"]) == ("quantity", "2026-08")


def test_groups_are_added_up(root: Path) -> None:
    printed = incentivectl("leaderboard", "2026-09", "-w", root, "--group-by", "partner.region")
    lines = [" ".join(line.split()) for line in printed.stdout.splitlines()]
    assert "EMEA 2 800.00 +33.3 % ██████████" in lines
    assert "APAC 2 400.00 -55.6 % █████" in lines


def test_a_board_of_nobody_says_so(root: Path) -> None:
    assert "No rep sold anything in 2026-05." in (
        incentivectl("leaderboard", "2026-05", "-w", root, "--for", "rep").stdout
    )
    assert "No measurement period with targets ended in 2026-09." in (
        incentivectl("leaderboard", "2026-09", "-w", root, "--by", "attainment").stdout
    )


def test_a_wrong_question_is_refused_with_what_is_known(root: Path) -> None:
    result = incentivectl(
        "leaderboard", "2026-09", "-w", root, "--by", "groth", "--group-by", "region"
    )
    assert result.exit_code == 2
    assert "did you mean growth?" in result.stderr
    assert "did you mean partner.region?" in result.stderr


def test_run_writes_partners_and_reps(root: Path) -> None:
    settle(root)
    rows = read_csv(root / "reports/2026-09/leaderboard.csv")
    assert [(row["payee_kind"], row["rank"], row["payee_id"]) for row in rows] == [
        ("partner", "1", "P1"),
        ("partner", "2", "P2"),
        ("partner", "2", "P4"),
        ("partner", "4", "P3"),
        ("partner", "5", "P5"),
        ("rep", "1", "R1"),
        ("rep", "2", "R2"),
        ("rep", "3", "R3"),
    ]
    assert rows[0] == {
        "payee_kind": "partner", "metric": "revenue", "rank": "1", "payee_id": "P1",
        "payee_name": "Alpha", "value": "500", "value_before": "300", "rank_before": "2",
        "movement": "1", "badges": "new-customer tier-reached", "levels": "",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["table", "md"])
def test_odd_names_stay_in_their_place(tmp_path: Path, form: str) -> None:
    partners = "partner_id,name\n" + "".join(
        '{},"{}"\n'.format(key, name.replace('"', '""')) for key, name in NAMES.items()
    )
    root = write_workspace(tmp_path / "w", tables={**TABLES, "partners": partners})
    printed = incentivectl("leaderboard", "2026-09", "-w", root, "--format", form).stdout
    printed = printed.replace("\\", "")  # what Markdown reads as itself
    assert "[red]x[/red]" in printed
    assert "🚀 Rocket 株式会社" in printed
    assert "\u2068שלום עולם\u2069" in printed
    assert '"Two lines\ufffd[2J"' in printed
    assert "N" * 500 in printed  # no name is cut
    assert "\x1b" not in printed
    if form == "table":
        others = [line for line in printed.splitlines() if "NNN" not in line]
        assert max(map(len, others)) < 320  # it widens no row but its own


def test_a_partner_without_the_field_is_in_a_group_of_its_own(root: Path) -> None:
    printed = incentivectl("leaderboard", "2026-09", "-w", root, "--group-by", "partner.region")
    assert "\n(none)\n" in printed.stdout


def test_a_board_without_any_rank_says_why(root: Path) -> None:
    """In August nobody has a year before; --top leaves out who has no rank."""
    for options in ([], ["--top", "3"]):
        printed = incentivectl("leaderboard", "2026-08", "-w", root, "--by", "growth", *options)
        assert "there is no revenue above 0 a year before" in printed.stdout


def test_a_board_by_earnings_says_what_ended(root: Path) -> None:
    printed = incentivectl("leaderboard", "2026-09", "-w", root, "--by", "earnings").stdout
    assert "a measurement period that ended: 1 in 2026-09, 1 in 2026-08." in printed
