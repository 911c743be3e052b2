"""Payees are found by id or by name, in the same way in every command that takes one."""

from pathlib import Path

import polars as pl
import pytest

from incentivectl.core.errors import Refused
from incentivectl.insight.payee import PAYEES, find_payees
from tests.posting.booked import BOOKS, post
from tests.small_workspace import incentivectl, write_workspace

KNOWN = pl.DataFrame(
    [
        ("partner", "P1", "Alpha Ltd"),
        ("partner", "P2", "Beta GmbH"),
        ("partner", "P3", "Beta GmbH"),
        ("partner", "X", "Both"),
        ("rep", "X", "Both"),
        ("rep", "Omar K.", "Omar K."),
        ("rep", "R2", "P1"),
    ],
    schema=PAYEES,
    orient="row",
)


@pytest.mark.parametrize(
    ("asked", "kind", "found"),
    [
        ("P1", "partner", "P1"),  # an id goes before the name of somebody else
        ("Alpha Ltd", "partner", "P1"),
        ("  alpha   LTD ", "partner", "P1"),
        ("Omar K.", "rep", "Omar K."),
        ("rep:X", "rep", "X"),
        ("partner:Both", "partner", "X"),
    ],
)
def test_found(asked: str, kind: str, found: str) -> None:
    (payee,) = find_payees(KNOWN, [asked])
    assert (payee.kind, payee.id) == (kind, found)


def test_everything_that_is_unknown_or_ambiguous_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        find_payees(KNOWN, ["P1", "beta gmbh", "X", "Alpha", "Omar", "zzz"])
    told = [(one.code, one.message, one.hint) for one in refused.value.problems]
    assert told == [
        (
            "ambiguous-payee",
            "`beta gmbh` is ambiguous: it fits 2 payees",
            "name one of partner:P2 (Beta GmbH), partner:P3 (Beta GmbH)",
        ),
        (
            "ambiguous-payee",
            "`X` is ambiguous: it fits 2 payees",
            "name one of partner:X (Both), rep:X (Both)",
        ),
        ("unknown-payee", "Unknown payee `Alpha`", "did you mean `P1` (Alpha Ltd)?"),
        ("unknown-payee", "Unknown payee `Omar`", "did you mean `Omar K.`?"),
        ("unknown-payee", "Unknown payee `zzz`", "use the id or the name of a payee"),
    ]


REPS_EARN = """
id = "spiff"
name = "Reps"
kind = "spif"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
payee = "rep"

[reward]
per_unit = 10
"""
SALES = """\
sale_id,line_id,sold_on,partner_id,rep_id,quantity,amount
S1,1,2026-07-03,P1,Omar K.,3,100.00
"""


def test_every_command_finds_a_payee_of_no_master_and_one_by_name(tmp_path: Path) -> None:
    """Omar K. stands in the exports only, and earns 30; Alpha Ltd is P1."""
    root = write_workspace(
        tmp_path / "w", config=BOOKS, programs={"spiff": REPS_EARN}, tables={"sales": SALES}
    )
    assert post(root, "2026-09") == "2026-09.1"
    for asked, name in (
        ("Omar K.", "Omar K."),
        ("rep:omar k.", "Omar K."),
        ("alpha ltd", "Alpha Ltd"),
    ):
        for command in (("explain", "2026-09"), ("statement", "2026-09"), ("ledger", "balance")):
            told = incentivectl(*command, asked, "-w", root)
            assert told.exit_code == 0, told.output
            assert name in told.stdout
    for command in (("explain", "2026-09"), ("statement", "2026-09"), ("ledger", "balance")):
        told = incentivectl(*command, "Omar", "-w", root)
        assert told.exit_code == 2
        assert "Unknown payee `Omar`" in told.stderr
        assert "did you mean `Omar K.`?" in told.stderr
