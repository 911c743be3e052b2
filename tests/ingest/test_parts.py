"""What is read and settled in parts, as little memory forces it to, is the same as all at once."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from incentivectl.core import memory
from incentivectl.ingest import read
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.sale_lines import snapshot, typing
from incentivectl.sales.returns import with_originals
from incentivectl.workspace.load import load_workspace
from tests.ingest.conftest import Shop, errors

REPOSITORY = Path(__file__).resolve().parents[2]


def sample(scratch: Path) -> Inputs:
    workspace, _ = load_workspace(REPOSITORY)
    assert workspace is not None
    return read(workspace, scratch=scratch)


def lines(inputs: Inputs) -> pl.DataFrame:
    return inputs.sales.sort("row").collect()


def returns(inputs: Inputs) -> pl.DataFrame:
    assert inputs.returns is not None
    return inputs.returns.sort("row").collect()


def among_all(inputs: Inputs) -> pl.DataFrame:
    """The returns as they are found among all lines, where reading has not found them."""
    linked = inputs.sales.filter(pl.col("original").is_not_null())
    return with_originals(linked, inputs.sales).sort("row")


def test_in_parts_as_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sample(tmp_path / "whole")
    monkeypatch.setattr(memory, "rows_within", lambda _, share: 1_500)
    monkeypatch.setattr(typing, "LINES_AT_ONCE", 1_000)
    monkeypatch.setattr(typing, "OTHERS_AT_ONCE", 100)
    monkeypatch.setattr(snapshot, "LINES_AT_ONCE", 1_000)
    parts = sample(tmp_path / "parts")
    assert whole.rows["sales"].opened.rows > 15_000
    assert len([*(tmp_path / "parts").rglob("*.parquet")]) > 15
    assert_frame_equal(lines(parts), lines(whole))
    assert_frame_equal(returns(parts), returns(whole))
    assert_frame_equal(returns(whole), among_all(whole))
    for name in ("counts", "reasons", "unknown", "files"):
        assert_frame_equal(getattr(parts, name), getattr(whole, name))
    assert parts.problems == whole.problems
    of_whole = {path.name: path.read_bytes() for path in whole.write_rejects(tmp_path / "a")}
    of_parts = {path.name: path.read_bytes() for path in parts.write_rejects(tmp_path / "b")}
    assert of_whole
    assert of_parts == of_whole


def test_usual_lines_are_what_the_whole_way_makes_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = sample(tmp_path / "usual")
    typed = typing.typed_and_cells
    monkeypatch.setattr(
        typing,
        "typed_and_cells",
        lambda *all_of: typed(*all_of).with_columns(_is_usual=pl.lit(value=False)),
    )
    whole_way = sample(tmp_path / "whole_way")
    assert_frame_equal(lines(usual), lines(whole_way))
    assert_frame_equal(usual.tallies, whole_way.tallies)
    assert_frame_equal(usual.unknown, whole_way.unknown)


def test_nothing_is_left_of_a_reading_that_came_upon_damage(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sales("S1,1,2026-08-01,P1,,1,,5", "S2,1,2026-08-01,P2,,1,,7")
    batches = typing._Reading.batches

    def damaged(self: typing._Reading) -> Iterator[pl.DataFrame]:
        yield from batches(self)
        raise pl.exceptions.ComputeError("cut off")

    monkeypatch.setattr(snapshot, "LINES_AT_ONCE", 1)
    monkeypatch.setattr(typing._Reading, "batches", damaged)
    inputs = shop.read()
    assert [problem.code for problem in errors(inputs)] == ["damaged-file"]
    assert inputs.sales.collect().is_empty()
