"""Frames that are worked on in parts say the same as whole ones."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from incentivectl.core import money
from incentivectl.core.csv_output import csv_of_frame
from incentivectl.core.frames import constants_once, in_parts, in_runs

ROWS = pl.DataFrame(
    {
        "payee_id": ["A", "B", "C", "D", "E"],
        "program": [2, 2, 5, 5, 2],
        "reward": [Decimal("0.1"), Decimal(-3), Decimal(0), None, Decimal(7)],
        "nothing": [Decimal(0)] * 5,
        "reason": [None, None, "gate", None, None],
        "never": [None] * 5,
        "kind": ["partner"] * 5,
        "ends": [date(2026, 9, 30)] * 5,
        "taken": [[1], [], [1], [1], [1]],
    },
    schema_overrides={"nothing": money.EARNED, "reward": money.EARNED, "never": pl.String},
)


@pytest.fixture(params=[1, 2, 3, 5])
def parts_of(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of so many rows."""
    monkeypatch.setattr("incentivectl.core.frames.AT_ONCE", request.param)


@pytest.mark.usefixtures("parts_of")
def test_parts_come_back_in_their_order() -> None:
    """Each row is worked on once."""
    done = in_parts(ROWS, lambda some: some.select("payee_id", twice=pl.col("program") * 2))
    assert done.rows() == [("A", 4), ("B", 4), ("C", 10), ("D", 10), ("E", 4)]


@pytest.mark.usefixtures("parts_of")
def test_constants_are_the_same_values() -> None:
    """Whatever is chosen or put in another order afterwards; rows and types stay as they are."""
    once = constants_once(ROWS)
    assert_frame_equal(once, ROWS)
    assert_frame_equal(constants_once(ROWS.select("payee_id")), ROWS.select("payee_id"))
    chosen = pl.col("program") == 2
    assert_frame_equal(
        once.filter(chosen).sort("payee_id", descending=True),
        ROWS.filter(chosen).sort("payee_id", descending=True),
    )
    assert_frame_equal(pl.concat([once, ROWS]), pl.concat([ROWS, ROWS]))


def test_runs_are_rows_that_follow_each_other() -> None:
    """The same value further down begins another run."""
    runs = [(value, rows["payee_id"].to_list()) for value, rows in in_runs(ROWS, "program")]
    assert runs == [(2, ["A", "B"]), (5, ["C", "D"]), (2, ["E"])]
    assert list(in_runs(ROWS.clear(), "program")) == []


@pytest.mark.usefixtures("parts_of")
def test_csv_of_parts_has_one_header() -> None:
    """A file is the same whatever the parts; without rows it is the header."""
    rows = ROWS.select("payee_id", "reward", "ends").head(3)
    expected = "payee_id,reward,ends\nA,0.1,2026-09-30\nB,-3,2026-09-30\nC,0,2026-09-30\n"
    assert csv_of_frame(rows).decode() == expected
    assert csv_of_frame(rows.clear()).decode() == "payee_id,reward,ends\n"
