"""Rows of side tables that match nothing are told by `check` and by `run` (rule 42.2)."""

from pathlib import Path

import pytest

from tests.small_workspace import PARTNERS, REBATE, incentivectl, write_workspace

SPIF = """\
id = "spif"
name = "SPIF"
kind = "spif"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[reward]
rate = "1%"
"""
REPS = "rep_id,name,partner_id\nR1,Rita,P1\nR2,Sam,P1\n"
SALES = """\
sale_id,line_id,sold_on,partner_id,rep_id,amount
00100,1,2026-07-03,P1,R1,10000.00
"""
CREDITS = "sale_id,rep_id,share\n{sale},R1,0.5\n{sale},R2,0.5\n"


def _said(root: Path, *, run: bool = True) -> list[str]:
    """What `check` and `run` say of rows that match nothing: both the same."""
    checked = incentivectl("check", "-w", root)
    assert checked.exit_code == 0, checked.output
    if run:
        ran = incentivectl("run", "2026-09", "-w", root, "--format", "json")
        assert ran.exit_code == 0, ran.output
    return [" ".join(checked.stderr.split()), " ".join(ran.stdout.split()) if run else ""]


def _assert_told(root: Path, *parts: str) -> None:
    for said in _said(root):
        for part in parts:
            assert part in said


def test_credits_of_a_sale_with_another_id_are_told_with_the_nearest(tmp_path: Path) -> None:
    tables = {"sales": SALES, "reps": REPS, "credits": CREDITS.format(sale="100")}
    root = write_workspace(tmp_path / "w", programs={"spif": SPIF}, tables=tables)
    _assert_told(
        root,
        "credits: 2 rows without an accepted sale or line: `100` (sample_data/credits.csv:2),"
        " `100` (sample_data/credits.csv:3)",
    )
    assert "did you mean `00100` for `100`?" in _said(root)[0]


def test_the_cache_tells_the_same(tmp_path: Path) -> None:
    tables = {"sales": SALES, "reps": REPS, "credits": CREDITS.format(sale="100")}
    root = write_workspace(tmp_path / "w", programs={"spif": SPIF}, tables=tables)
    assert _said(root, run=False) == _said(root, run=False)
    assert "2 rows without an accepted sale" in _said(root, run=False)[0]


def test_credits_of_an_accepted_sale_are_not_told(tmp_path: Path) -> None:
    tables = {"sales": SALES, "reps": REPS, "credits": CREDITS.format(sale="00100")}
    root = write_workspace(tmp_path / "w", programs={"spif": SPIF}, tables=tables)
    assert "credits:" not in _said(root)[0]


def test_a_credit_of_a_line_that_the_sale_lacks_is_told(tmp_path: Path) -> None:
    credits = "sale_id,line_id,rep_id,share\n00100,2,R1,1\n00100,1,R2,1\n"
    tables = {"sales": SALES, "reps": REPS, "credits": credits}
    root = write_workspace(tmp_path / "w", programs={"spif": SPIF}, tables=tables)
    _assert_told(root, "credits: 1 row without an accepted sale or line: `00100 line 2`")


REPS_OF_TWO = "rep_id,name,partner_id\nR1,Rita,P1\n"
TOLD = [
    (
        "targets",
        "program_id,payee_id,period_start,target\nvolume,P1,2026-07-02,100\nvolume,P1,2026-07-01,100\n",
        "targets: 1 row of volume with a `period_start` on which no measurement period begins:"
        " `2026-07-02` (sample_data/targets.csv:2)",
    ),
    (
        "targets",
        "program_id,payee_id,period_start,target\nvolumes,P1,2026-07-01,100\n",
        "targets: 1 row for an unknown program: `volumes` (sample_data/targets.csv:2)",
    ),
    (
        "targets",
        "program_id,payee_id,period_start,target\nvolume,R1,2026-07-01,100\n",
        "targets: 1 row of volume for a payee that is not a partner: `R1`",
    ),
    (
        "adjustments",
        "adjustment_id,program_id,payee_id,on,amount,reason\nA1,bonus,P1,2026-07-02,5,x\nA2,,P1,2026-07-02,5,x\n",
        "adjustments: 1 row for an unknown program: `bonus` (sample_data/adjustments.csv:2)",
    ),
    (
        "aliases",
        "table,alias,id,source\npartners,Alfa,P9,\n",
        "aliases: 1 row for an id that is not in partners: `P9` (sample_data/aliases.csv:2)",
    ),
    (
        "aliases",
        "table,alias,id,source\npartners,Alfa,P1,east\n",
        "aliases: 1 row for an unknown source: `east` (sample_data/aliases.csv:2)",
    ),
    (
        "aliases",
        "table,alias,id,source\npartners,P2,P1,\n",
        "aliases: 1 row whose `alias` is itself an id in partners: `P2` (sample_data/aliases.csv:2)",
    ),
    (
        "mdf_claims",
        "claim_id,request_id,claimed_on,amount\nC1,Q1,2026-07-02,5\n",
        "mdf_claims: 1 row without a request: `Q1` (sample_data/mdf_claims.csv:2)",
    ),
    (
        "mdf_requests",
        "request_id,program_id,partner_id,activity,requested_on,amount,ends_on,status\n"
        "Q1,volume,P1,fair,2026-07-01,5,2026-07-02,requested\n",
        "mdf_requests: 1 row for a program that is not an MDF program: `volume`",
    ),
    (
        "payees",
        "payee_id,account_name\nP1,Alpha\nP7,Nobody\n",
        "payees: 1 row for a payee that is neither a partner nor a rep: `P7`"
        " (sample_data/payees.csv:3)",
    ),
    (
        "opening",
        "program_id,period_start,payee_id,currency,amount\nvolume,2026-06-01,P1,USD,5\n",
        "opening: 1 row of volume with a `period_start` on which no measurement period begins:"
        " `2026-06-01` (sample_data/opening.csv:2)",
    ),
    (
        "control_totals",
        "source,month,lines\nwest,2026-07,5\n",
        "control_totals: 1 row of an unknown source: `west` (sample_data/control_totals.csv:2)",
    ),
    (
        "market",
        "month,region,category,size\nSept 26,,,5\n2026-9,,,5\n",
        "market: 2 rows whose `month` is not a month: `Sept 26` (sample_data/market.csv:2), `2026-9`"
        " (sample_data/market.csv:3)",
    ),
    (
        "market",
        "month,region,category,size\n2026-09,EMAE,,5\n",
        "market: 1 row of a region in which no partner is: `EMAE` (sample_data/market.csv:2)",
    ),
    (
        "market",
        "month,region,category,size\n2026-09,,hub,5\n",
        "market: 1 row of a category of which no product is: `hub` (sample_data/market.csv:2)",
    ),
]


@pytest.mark.parametrize(("table", "rows", "told"), TOLD, ids=[told[:40] for *_, told in TOLD])
def test_what_matches_nothing_is_told(table: str, rows: str, told: str, tmp_path: Path) -> None:
    tables = {table: rows, "reps": REPS_OF_TWO, "partners": PARTNERS}
    root = write_workspace(tmp_path / "w", programs={"volume": REBATE}, tables=tables)
    _assert_told(root, told)


def test_only_the_first_three_rows_are_shown(tmp_path: Path) -> None:
    rows = "".join(f"A{n},lost-{n},P1,2026-07-02,5,x\n" for n in range(1, 6))
    tables = {"adjustments": "adjustment_id,program_id,payee_id,on,amount,reason\n" + rows}
    root = write_workspace(tmp_path / "w", tables=tables)
    said = _said(root)[0]
    assert "adjustments: 5 rows for an unknown program: `lost-1`" in said
    assert "`lost-3` (sample_data/adjustments.csv:4), …" in said
    assert "lost-4" not in said
