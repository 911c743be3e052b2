"""What a statement says where an earlier batch had booked something else."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.insight.statement.printed import statement_report
from incentivectl.insight.statement.statements import Statements
from incentivectl.insight.statement.view import View, view_of
from incentivectl.output.formats import rendered
from incentivectl.output.language import language_of
from incentivectl.run.loading import load, period_of, read_inputs
from incentivectl.run.run import calculate
from tests.small_workspace import write_workspace


def view(root: Path, booked: str) -> View:
    """P1's view: 832 are earned (10,400 x 8 %), `booked` was booked before."""
    loaded = load(write_workspace(root / "w"))
    period = period_of("2026-09", loaded.workspace, date(2026, 10, 1))
    inputs = read_inputs(loaded, root / "scratch", lambda _: None)
    run = calculate(loaded, period, inputs, lambda _: None)
    (found,) = Statements(run, ["P1"])
    (earned,) = found.earned
    before = Decimal(booked)
    again = replace(earned, booked_before=before, this_batch=earned.entitlement - before)
    return view_of(replace(found, earned=(again,)), language_of("en_US"))


@pytest.mark.parametrize(
    ("booked", "said"),
    [
        (
            "520",
            "$520.00 was booked before; with the sales and corrections known now you have earned"
            " $832.00, so $312.00 is added.",
        ),
        (
            "900.25",
            "$900.25 was booked before; with the returns, corrections and late sales known now you"
            " have earned $832.00, so $68.25 is reversed.",
        ),
    ],
)
def test_booked_before_against_what_is_earned(tmp_path: Path, booked: str, said: str) -> None:
    found = view(tmp_path, booked)
    (line,) = found.corrected
    assert line.correction == said
    plain = rendered(statement_report(found), "table")
    assert "booked before" in plain
    assert said in " ".join(plain.split())


def test_what_was_booked_as_it_is_needs_no_word(tmp_path: Path) -> None:
    found = view(tmp_path, "832")
    assert found.corrected == ()
    (line,) = found.earned
    assert (line.entitlement.text, line.this_batch.text) == ("$832.00", "$0.00")
