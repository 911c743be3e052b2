"""What is kept of the sales for the archive: in reading order, the same bytes however it was sorted."""

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from incentivectl.core import memory
from incentivectl.ingest.store import archived
from tests.ingest.conftest import Shop

LINES = 30_000


@pytest.fixture
def many(shop: Shop) -> Shop:
    rows = (f"S{n},1,2026-0{1 + n % 9}-0{1 + n % 7},P{1 + n % 3},,1,,{n}.25" for n in range(LINES))
    shop.sales(*rows)
    return shop


def test_sales_are_kept_in_reading_order(many: Shop, tmp_path: Path) -> None:
    inputs = many.read()
    archived.store(inputs, tmp_path / "kept", many.root)
    again = archived.load(tmp_path / "kept", many.root)
    kept = again.sales.collect()
    assert_frame_equal(kept, inputs.sales.sort("row").collect())
    assert kept["row"].is_sorted()
    names = {path.name for path in (tmp_path / "kept").iterdir()}
    assert "sales.parquet" in names
    assert "parts" not in names


def test_parts_make_no_difference(
    many: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs = many.read()
    written = []
    for at_once in (LINES + 1, 10_000, 7_001):
        monkeypatch.setattr(memory, "rows_within", lambda *_, share, rows=at_once: rows)
        archived.store(inputs, tmp_path / f"kept-{at_once}", many.root)
        written.append((tmp_path / f"kept-{at_once}/sales.parquet").read_bytes())
    assert written[0] == written[1] == written[2]


def test_no_sales_at_all(shop: Shop, tmp_path: Path) -> None:
    shop.sales()
    archived.store(shop.read(), tmp_path / "kept", shop.root)
    assert pl.read_parquet(tmp_path / "kept/sales.parquet").is_empty()
