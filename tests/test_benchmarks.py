"""The benchmark's contenders arrive at the same money, on few lines."""

import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import COLD, FLOOR, WARM, measure
from benchmarks.results import chart, table
from benchmarks.workspace import write_workspace


def test_all_contenders_agree(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    path = list(sys.path)
    try:
        write_workspace(tmp_path / "workspace", 10_000, files=30)
    finally:
        sys.path[:] = path
    assert len(list((tmp_path / "workspace/sales").iterdir())) == 30
    measured = measure(tmp_path / "workspace", tmp_path, ["duckdb", "csv"], 1, ["512MB"])
    assert [one.name for one in measured][:2] == [COLD, WARM]
    assert f"{COLD}, 512MB" in [one.name for one in measured]
    assert measured[-1].name == FLOOR
    assert table(measured).count("\n") == len(measured) + 1
    assert chart(measured, "few < many").count("<rect") == len(measured) + 1
