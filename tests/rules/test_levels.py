"""Levels: reviews and what is in force because of them, as `levels.csv` tells, and what `check` says."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tests.properties.features import switched_on
from tests.reference.settling import settle as settled_by_reference
from tests.reference.worked.case import YEAR, Case
from tests.reference.worked.levels import CASES, CERTIFIED, PAYS, ROUTERS, SALES, STATUS
from tests.small_workspace import as_json, incentivectl, read_csv, settle, write_workspace

HERE = [case for case in CASES if set(case.feature.split()) <= switched_on()]
GOLD = PAYS + ROUTERS + '"level.partner-status" = "gold"\n[reward]\nrate = "10%"\n'


def _case(**more: str) -> Case:
    return Case(
        "partner status",
        "levels",
        {"partner-status": STATUS, "gold": GOLD, **more},
        {},
        sales=SALES,
        tables={"activities": CERTIFIED},
    )


def test_each_review_tells_what_it_reached_and_what_is_in_force(tmp_path: Path) -> None:
    """Twelve months of 260,000 and two certifications; then 180,000; then 150,000; then 150,000 so far.

    The certification of April 2025 is in Q1's window and in no later one: one is left.
    """
    root = _case().write(tmp_path / "w")
    settle(root, "2026-11")
    rows = read_csv(root / "reports/2026-11/levels.csv")
    columns = ("period_start", "metric_value", "reached", "in_force", "next_level", "missing")
    assert [tuple(row[name] for name in columns) for row in rows] == [
        ("2026-01-01", "260000", "gold", "gold", "", "0"),
        ("2026-04-01", "180000", "silver", "gold", "gold", "70000"),
        ("2026-07-01", "150000", "silver", "silver", "gold", "100000"),
        ("2026-10-01", "150000", "silver", "", "gold", "100000"),
    ]
    assert {(row["program_id"], row["payee_id"], row["payee_name"]) for row in rows} == {
        ("partner-status", "P01", "Partner 1")
    }


def test_a_level_pays_nothing(tmp_path: Path) -> None:
    root = _case().write(tmp_path / "w")
    assert {row["program_id"] for row in settle(root, "2026-11")} == {"gold"}


@pytest.mark.parametrize("case", HERE, ids=lambda case: case.name)
def test_levels_csv_agrees_with_the_reference(case: Case, tmp_path: Path) -> None:
    root = case.write(tmp_path / "w")
    settle(root, case.period)
    rows = [
        (
            row["program_id"],
            row["payee_id"],
            date.fromisoformat(row["period_start"]),
            Fraction(row["metric_value"]),
            row["reached"] or None,
            row["in_force"] or None,
            row["next_level"] or None,
            Fraction(row["missing"]),
        )
        for row in read_csv(root / f"reports/{case.period}/levels.csv")
    ]
    wanted = [
        (
            row.program_id,
            row.payee_id,
            row.period.start,
            row.metric_value,
            row.reached,
            row.in_force,
            row.next_level,
            row.missing,
        )
        for row in settled_by_reference(root, case.period).levels
    ]
    assert sorted(rows, key=str) == sorted(wanted, key=str)


def test_a_level_that_the_program_does_not_have_is_rejected(tmp_path: Path) -> None:
    root = _case().write(tmp_path / "w")
    granted = "program_id,payee_id,level,valid_from\npartner-status,P01,platinum,2026-01-01\n"
    (root / "sample_data/levels.csv").write_text(granted, encoding="utf-8")
    settle(root, "2026-11")
    (row,) = read_csv(next((root / "reports/2026-11/rejects").glob("levels*.csv")))
    assert (row["reject_reason"], row["level"]) == ("bad-value", "platinum")
    # Renaming a level is told of, though the export has not changed.
    program = root / "programs/partner-status.toml"
    text = program.read_text(encoding="utf-8").replace('"silver"', '"platinum"')
    program.write_text(text, encoding="utf-8")
    settle(root, "2026-11")
    assert not [*(root / "reports/2026-11/rejects").glob("levels*.csv")]


def test_the_hash_of_a_program_covers_the_levels_that_it_names(tmp_path: Path) -> None:
    root = _case(other=PAYS + '[reward]\nrate = "1%"\n').write(tmp_path / "w")

    def hashes() -> dict[str, str]:
        return {row["program_id"]: row["rule_hash"] for row in settle(root, "2026-11")}

    before = hashes()
    program = root / "programs/partner-status.toml"
    text = program.read_text(encoding="utf-8").replace("250_000", "255_000")
    program.write_text(text, encoding="utf-8")
    after = hashes()
    assert before["other"] == after["other"]
    assert before["gold"] != after["gold"]


CHECKED = (
    (
        '[eligible]\n"level.status" = "gold"\n[reward]\nrate = 0.1\n',
        "unknown-level-program",
        "there is no program of levels `status`",
    ),
    (
        '[[reward]]\nwhen = { "level.partner-status" = "golden" }\nrate = 0.1\n',
        "unknown-level",
        'partner-status has no level "golden"',
    ),
    (
        '[eligible]\n"level.partner-status" = "gold"\n[baseline]\nfrom = "previous_year"\n'
        '[reward]\ntiers_by = "growth"\ntiers = [{ from = 0, rate = 0.1 }]\n',
        "before-first-review",
        "it looks back to 2025-01-01, and before 2026-04-01 nobody has a level in partner-status",
    ),
    (
        '[eligible]\n"level.partner-status" = "gold"\n[reward]\ntiers_months = 12\n'
        "tiers = [{ from = 0, rate = 0.1 }]\n",
        "before-first-review",
        "it looks back to 2025-02-01, and before 2026-04-01 nobody has a level in partner-status",
    ),
)


@pytest.mark.parametrize(("rules", "code", "message"), CHECKED)
def test_check_knows_the_levels_of_other_programs(
    rules: str, code: str, message: str, tmp_path: Path
) -> None:
    root = _case(asking=PAYS + rules).write(tmp_path / "w")
    result = incentivectl("check", "-w", root, "--format", "json")
    assert code in result.stdout, result.output
    assert message in result.stdout.replace('\\"', '"')


WRONG = (
    ('[eligible]\n"level.partner-status" = "gold"\n', "is not allowed here"),
    ("[limits]\nbudget = 5\n", "a program of levels pays nothing"),
    ('[reward]\nrate = "5%"\n', "a program of levels pays nothing"),
    ('settle = "monthly"\n', "a program of levels pays nothing"),
)


@pytest.mark.parametrize(("keys", "message"), WRONG)
def test_what_has_no_meaning_for_levels_is_an_error(
    keys: str, message: str, tmp_path: Path
) -> None:
    status = STATUS.replace("[eligible]\n", "") if "[eligible]" in keys else STATUS
    text = status.replace("[level]", f"{keys}[level]") if "[" in keys else keys + status
    root = Case("wrong", "levels", {"partner-status": text}, {}).write(tmp_path / "w")
    result = incentivectl("check", "-w", root)
    assert result.exit_code != 0
    assert message in result.output


EXAMPLE = """
[[example]]
name = "the revenue of gold with one certification, and with two"
sales = [{ amount = 260_000 }, { payee = "B", amount = 260_000 }, { payee = "C", amount = 99_999 }]
activities = [
  { activity = "certification" },
  { activity = "certification", payee = "B" },
  { activity = "certification", payee = "B" },
]
expect = { A = "silver", B = "%s", C = "" }
"""


@pytest.mark.parametrize(("expected", "code"), [("gold", 0), ("silver", 3)])
def test_an_example_expects_the_level_of_the_last_review(
    expected: str, code: int, tmp_path: Path
) -> None:
    level = f'id = "partner-status"\nname = "Status"\n{STATUS}{EXAMPLE % expected}'
    pays = f'id = "pays"\nname = "Pays"\n{YEAR}kind = "rebate"\n[reward]\nrate = "1%"\n'
    root = write_workspace(tmp_path / "w", programs={"partner-status": level, "pays": pays})
    result = incentivectl("check", "-w", root)
    assert result.exit_code == code, result.output
    assert ('B: expected "silver", got "gold"' in result.output) == bool(code)


def test_statements_tell_the_level_until_when_and_what_is_missing(tmp_path: Path) -> None:
    """In November: silver since Q3's review, kept until Q4's, which has 150,000 of gold's 250,000."""
    root = _case().write(tmp_path / "w")
    settle(root, "2026-11")
    pages = tmp_path / "pages"
    result = incentivectl("statement", "2026-11", "--html", pages, "-w", root)
    assert result.exit_code == 0, result.output
    page = (pages / "partner-P01.html").read_text(encoding="utf-8")
    assert "You have the level silver, at least until December 31, 2026." in page
    assert "At the review of December 31, 2026, $100,000.00 is missing for gold." in page
    printed = incentivectl("statement", "2026-11", "P01", "-w", root, "--format", "json")
    (statement,) = json.loads(printed.stdout)
    (level,) = statement["levels"]
    assert level == {
        "program": "partner-status",
        "level": "silver",
        "until": "2026-12-31",
        "next_level": "gold",
        "missing": "100000",
    }


def test_a_leaderboard_shows_the_levels_of_partners(tmp_path: Path) -> None:
    root = _case().write(tmp_path / "w")
    settle(root, "2026-09")
    (row,) = read_csv(root / "reports/2026-09/leaderboard.csv")
    assert (row["payee_id"], row["levels"]) == ("P01", "partner-status: silver")
    assert "partner-status: silver" in incentivectl("leaderboard", "2026-09", "-w", root).stdout


def test_whatif_changes_the_rules_of_levels(tmp_path: Path) -> None:
    """Without grace, gold ends with Q2's review: 10 % of April's 200, and not of September's 400."""
    root = _case().write(tmp_path / "w")
    change = ("--set", "partner-status.level.grace_periods=0")
    (cost,) = as_json("whatif", "2026-09", *change, "-w", root)["cost"]
    assert (cost["today"], cost["scenario"]) == ("60", "20")
    sweep = ("--sweep", "partner-status.level.grace_periods=0..1/1")
    swept = incentivectl("whatif", "2026-09", *sweep, "-w", root)
    assert swept.exit_code == 0, swept.output


def test_a_workspace_may_have_nothing_but_levels(tmp_path: Path) -> None:
    """And a level by hand for nobody, or of no level program, is told of."""
    granted = (
        "program_id,payee_id,level,valid_from\n"
        "other,P01,gold,2026-01-01\npartner-status,P77,gold,2026-01-01\n"
    )
    tables = {"activities": CERTIFIED, "levels": granted}
    case = Case("alone", "levels", {"partner-status": STATUS}, {}, sales=SALES, tables=tables)
    root = case.write(tmp_path / "w")
    assert settle(root, "2026-09", "--lines") == []
    assert len(read_csv(root / "reports/2026-09/levels.csv")) == 3
    checked = incentivectl("check", "-w", root).output
    assert "levels: 1 row for no level program: `other`" in checked
    assert "levels: 1 row of no partner: `P77`" in checked
