"""The driver reads no lines (docs/cluster.md, 111.3): buckets are there only while a task runs.

`test_spread` and `test_merging` run with such an engine too.
"""

import tempfile
from pathlib import Path

import polars as pl
import pytest

from incentivectl.cluster.reading import SpreadReading
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.store.archived import store
from incentivectl.run.loading import load, read_inputs
from tests.cluster.channel import write_channel
from tests.cluster.hiding import EXCEPTIONS, Hiding


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_channel(tmp_path / "w")


def inputs_of(root: Path, scratch: Path, engine: Hiding | None) -> Inputs:
    scratch.mkdir()
    elsewhere = None if engine is None else SpreadReading(engine, scratch, 3)
    return read_inputs(load(root), scratch, lambda _: None, cached=False, elsewhere=elsewhere)


def test_lines_that_lie_elsewhere_are_asked(root: Path, tmp_path: Path) -> None:
    """Whoever reads them all the same is told so, and does not find none."""
    inputs = inputs_of(root, tmp_path / "scratch", Hiding(tmp_path))
    assert inputs.returns is not None
    for lines in (inputs.sales, inputs.returns):
        with pytest.raises(AssertionError, match="ask for what they tell"):
            lines.filter(pl.col("row") > 0).select("row").collect(engine="streaming")


def test_the_archive_is_a_copy_of_the_lines(root: Path, tmp_path: Path) -> None:
    """It is the one exception; its lines are those that one machine archives, byte for byte."""
    assert list(EXCEPTIONS) == ["LinesInParts.scanned"]
    store(inputs_of(root, tmp_path / "s1", None), tmp_path / "one", root)
    engine = Hiding(tmp_path)
    inputs = inputs_of(root, tmp_path / "s2", engine)
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.raises((OSError, pl.exceptions.PolarsError)),
    ):
        store(inputs, Path(folder) / "archive", root)
    with engine.revealed():
        store(inputs, tmp_path / "many", root)
    one, many = tmp_path / "one", tmp_path / "many"
    assert (many / "sales.parquet").read_bytes() == (one / "sales.parquet").read_bytes()
