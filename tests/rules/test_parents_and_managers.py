"""Parents, managers and groups: data that cannot be right, what is listed, and what excludes what."""

from pathlib import Path

import pytest

from tests.rules.test_worked_numbers import problems
from tests.small_workspace import incentivectl, read_csv, settle, write_workspace

PROGRAM = """\
id = "p"
name = "P"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
"""
TIERS = 'tiers = [{ from = 0, rate = "1%" }, { from = 100_000, rate = "2%" }]'
FLAT = '[reward]\nrate = "1%"\n'
PARENT = PROGRAM + 'payee = "parent"\n' + FLAT
MANAGER = PROGRAM + 'payee = "manager"\n' + FLAT
SALES = "sale_id,line_id,sold_on,partner_id,rep_id,amount\n"
REPS = "rep_id,name,partner_id,manager_id\n"


def workspace(root: Path, program: str, **tables: str) -> Path:
    return write_workspace(root / "w", programs={"p": program}, tables=tables)


def earned(rows: list[dict[str, str]]) -> dict[str, str]:
    return {row["payee_id"]: row["entitlement"] for row in rows}


@pytest.mark.parametrize(
    ("partners", "told"),
    [
        pytest.param(
            "P01,One,P02,\nP02,Two,P03,\nP03,Three,P01,\nP04,Four,P01,\n",
            ["P01 → P02 → P03 → P01;", "partners.csv:2", "partners.csv:4"],
            id="of-three-with-one-below",
        ),
        pytest.param(
            "P01,One,,\nP02,Two,P01,\nP01,One,P02,2026-08-01\nP01,One,,2026-08-02\n",
            ["circle from 2026-08-01 on: P01 → P02 → P01;", "partners.csv:4"],
            id="of-a-day-in-mid-quarter",
        ),
        pytest.param(
            "P01,One,P02,\nP02,Two,P01,\nP03,Three,P04,\nP04,Four,P03,\n",
            ["P01 → P02 → P01;", "P03 → P04 → P03;"],
            id="two-circles-at-once",
        ),
    ],
)
def test_a_circle_of_parents_ends_the_run_and_names_its_members(
    tmp_path: Path, partners: str, told: list[str]
) -> None:
    tables = {"partners": "partner_id,name,parent_id,valid_from\n" + partners}
    root = workspace(tmp_path, PROGRAM + FLAT, **tables)
    for command in (["run", "2026-09"], ["check"]):
        result = incentivectl(*command, "-w", root)
        assert result.exit_code == 4, result.output
        assert [one for one in told if one not in result.stderr] == []


def test_partners_that_never_stand_under_each_other_on_one_day_are_no_circle(
    tmp_path: Path,
) -> None:
    partners = (
        "partner_id,name,parent_id,valid_from\nP01,One,P02,\nP01,One,,2026-08-01\n"
        "P02,Two,,\nP02,Two,P01,2026-08-01\n"
    )
    sales = SALES + "A,1,2026-07-31,P01,,1000\nB,1,2026-08-01,P02,,2000\n"
    root = workspace(tmp_path, PARENT, partners=partners, sales=sales)
    assert earned(settle(root)) == {"P02": "10", "P01": "20"}


def test_unknown_parents_and_managers_are_told(tmp_path: Path) -> None:
    partners = "partner_id,name,parent_id\nP01,One,GONE\nP02,Itself,P02\n"
    reps = REPS + "R1,One,P01,NOBODY\nR2,Two,P01,R2\nR3,Three,P01,R1\n"
    root = workspace(
        tmp_path, PARENT, partners=partners, reps=reps, sales=SALES + "A,1,2026-07-05,P01,,1000\n"
    )
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 0, result.output
    for told in (
        "partners: 1 row with an unknown parent: `GONE` (sample_data/partners.csv:2)",
        "reps: 1 row with an unknown manager: `NOBODY` (sample_data/reps.csv:2)",
        "reps: 1 row whose manager is the rep itself: `R2` (sample_data/reps.csv:3)",
    ):
        assert told in " ".join(result.stderr.split())
    assert earned(settle(root)) == {"P01": "10"}


def test_a_baseline_is_the_tops_of_last_year(tmp_path: Path) -> None:
    """P02's sales of last year were P01's, those of this year are P04's."""
    partners = (
        "partner_id,name,parent_id,valid_from\nP01,First,,\nP02,Moves,P01,\n"
        "P02,Moves,P04,2026-01-01\nP04,Second,,\n"
    )
    sales = (
        SALES + "A,1,2025-07-05,P02,,1000\nB,1,2025-08-05,P04,,500\n"
        "C,1,2026-07-05,P02,,900\nD,1,2026-07-05,P01,,1500\n"
    )
    program = (
        PROGRAM + 'payee = "parent"\n[baseline]\nfrom = "previous_year"\n'
        '[reward]\npays_on = "increment"\nrate = "10%"\n'
    )
    root = workspace(tmp_path, program, partners=partners, sales=sales)
    assert earned(settle(root)) == {"P01": "50", "P04": "40"}


def test_shares_without_a_manager_are_listed_and_all_lines_add_up(tmp_path: Path) -> None:
    """Of 1,000 the share 0.4 has no manager; B has a rep without one, C has no rep."""
    reps = REPS + "M,Manager,P1,\nR1,One,P1,M\nR2,Two,P1,M\nR3,Three,P1,\n"
    credits = "sale_id,line_id,rep_id,share\nA,1,R1,0.25\nA,1,R2,0.35\nA,1,R3,0.4\n"
    sales = (
        SALES + "A,1,2026-07-05,P1,R1,1000\nB,1,2026-07-05,P1,R3,500\nC,1,2026-07-05,P1,,70\n"
        "D,1,2026-07-06,P1,R2,30\n"
    )
    root = workspace(tmp_path, MANAGER, reps=reps, credits=credits, sales=sales)
    (row,) = settle(root)
    assert (row["payee_kind"], row["payee_id"], row["payee_name"]) == ("rep", "M", "Manager")
    assert (row["metric_value"], row["entitlement"]) == ("630", "6.3")
    (listed,) = read_csv(root / "reports" / "2026-09" / "ineligible.csv")
    assert (listed["reason"], listed["lines"], listed["amount"]) == ("no-manager", "2", "970")


def test_a_rep_is_named_judged_and_counted_by_its_row_of_the_day(tmp_path: Path) -> None:
    reps = (
        "rep_id,name,partner_id,status,valid_from\nR,Old name,P1,active,\n"
        "R,New name,P2,suspended,2026-08-01\nR,Later,P1,active,2026-12-01\n"
    )
    sales = SALES + "A,1,2026-07-31,P1,R,1000\nB,1,2026-08-01,P1,R,2000\nC,1,2026-08-01,P1,R,4000\n"
    program = PROGRAM + 'payee = "rep"\n[eligible]\n"rep.partner_id" = "P2"\n' + FLAT
    root = workspace(tmp_path, program, reps=reps, sales=sales)
    (row,) = settle(root)
    assert (row["payee_name"], row["status"], row["entitlement"]) == ("New name", "held", "60")


BY_GROUP = '[reward]\ntogether = "parent"\n'


@pytest.mark.parametrize(
    ("program", "told"),
    [
        pytest.param(BY_GROUP + 'rate = "1%"', "needs retroactive tiers", id="flat"),
        pytest.param(
            f'{BY_GROUP}tier_mode = "marginal"\n{TIERS}', "needs retroactive tiers", id="marginal"
        ),
        pytest.param(
            f'{BY_GROUP}tiers_by = "growth"\n{TIERS}', "cannot be used with growth", id="growth"
        ),
        pytest.param(
            f"{BY_GROUP}tiers_months = 12\n{TIERS}", "`tiers_months` and `together`", id="a-window"
        ),
        pytest.param(
            BY_GROUP + "tiers = [{ from = 0, bonus = 5 }]", "`bonus` and `together`", id="a-bonus"
        ),
        pytest.param(
            BY_GROUP + "tiers = [{ from = 0, every = 5, pays = 1 }]",
            "`every` and `together`",
            id="steps",
        ),
        pytest.param(
            BY_GROUP + "curve = [{ at = 0, pays = 5 }, { at = 9, pays = 6 }]",
            "`curve` and `together`",
            id="a-curve",
        ),
        pytest.param(
            f'payee = "parent"\n{BY_GROUP}{TIERS}', "only partners in a rebate", id="of-parents"
        ),
        pytest.param(
            f'payee = "rep"\n{BY_GROUP}{TIERS}', "only partners in a rebate", id="of-reps"
        ),
    ],
)
def test_what_excludes_counting_together(tmp_path: Path, program: str, told: str) -> None:
    result = incentivectl("check", "-w", workspace(tmp_path, f"{PROGRAM}{program}\n"))
    assert result.exit_code == 3
    assert told in " ".join(result.stderr.split())


def test_examples_of_parents_managers_and_groups() -> None:
    apart = 'sales = [{ amount = 70_000, payee = "B" }, { amount = 40_000 }]\n'
    assert (
        problems(f'payee = "parent"\n[reward]\n{TIERS}', apart + "expect = { A = 400, B = 700 }")
        == []
    )
    below = (
        'sales = [{ amount = 70_000, payee = "G", partner_id = "P1" },'
        ' { amount = 40_000, payee = "G", partner_id = "P2" }]\nexpect = { G = 2_200 }'
    )
    assert problems(f'payee = "parent"\n[reward]\n{TIERS}', below) == []
    assert (
        problems(f'payee = "manager"\n[reward]\n{TIERS}', apart + "expect = { A = 400, B = 700 }")
        == []
    )
    grouped = (
        'sales = [{ amount = 70_000, payee = "B", top = "G" }, { amount = 40_000, top = "G" },'
        ' { amount = 90_000, payee = "C" }]\nexpect = { A = 800, B = 1_400, C = 900 }'
    )
    assert problems(f'[reward]\ntogether = "parent"\n{TIERS}', grouped) == []


def test_an_explanation_tells_what_the_group_reached_and_what_it_lacks(tmp_path: Path) -> None:
    """P02 sold 70,000 of the group's 90,000; with 10,000 more it would earn 2 % of 80,000."""
    partners = "partner_id,name,parent_id\nP01,Top,\nP02,Left,P01\nP03,Right,P01\n"
    sales = SALES + "A,1,2026-07-05,P02,,70000\nB,1,2026-08-05,P03,,20000\n"
    program = f'{PROGRAM}[reward]\ntogether = "parent"\n{TIERS}\n'
    root = workspace(tmp_path, program, partners=partners, sales=sales)
    told = incentivectl("explain", "2026-08", "P02", "-w", root, "--format", "md")
    assert told.exit_code == 0, told.output
    text = " ".join(told.stdout.split())
    assert "1 % of revenue 70,000" in text
    assert "with 90,000" in text
    assert "10,000" in text
    assert "1,600.00" in text
    told = incentivectl("statement", "2026-08", "P02", "-w", root)
    assert told.exit_code == 0, told.output
    assert (
        "You sold $90,000.00 together with your group: tier 1 of 2, which pays 1% on $70,000.00."
        in " ".join(told.stdout.split())
    )
    assert "to earn 2% on what you sell in this period" in " ".join(told.stdout.split())


def test_the_groups_metric_is_shown_to_a_partner_without_terms_too(tmp_path: Path) -> None:
    partners = "partner_id,name,parent_id\nP01,Top,\nP02,Left,P01\nP03,Right,P01\n"
    sales = SALES + "A,1,2026-07-05,P02,,70000\nB,1,2026-08-05,P03,,40000\n"
    program = (
        PROGRAM + '[reward]\ntogether = "parent"\ntiers_by = "quantity"\nterms = "lists/t.csv"\n'
    )
    root = workspace(tmp_path, program, partners=partners, sales=sales)
    (root / "lists").mkdir()
    (root / "lists/t.csv").write_text("partner.partner_id,from,rate\nP02,0,1%\nP02,2,5%\n")
    found = {row["payee_id"]: row for row in settle(root)}
    assert [found["P02"][name] for name in ("metric", "metric_value", "entitlement")] == [
        "quantity",
        "2",
        "3500",
    ]
    assert [found["P03"][name] for name in ("metric", "metric_value", "entitlement", "tier")] == [
        "quantity",
        "2",
        "0",
        "",
    ]
