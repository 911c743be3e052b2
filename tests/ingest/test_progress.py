"""What is told while reading, and that telling it changes nothing."""

from pathlib import Path

from incentivectl.ingest import read
from incentivectl.workspace.load import load_workspace
from tests.ingest.conftest import GOOD_SALES, Shop


def test_bytes_then_rows(shop: Shop, way: str) -> None:
    shop.write("sample_data/sales.csv", GOOD_SALES)
    quiet = shop.read()
    workspace, _ = load_workspace(shop.root)
    assert workspace is not None
    told: list[tuple[str, int, int]] = []
    loud = read(
        workspace, scratch=Path(shop.root / "loud"), progress=lambda *step: told.append(step)
    )
    size = sum(path.stat().st_size for path in (shop.root / "sample_data").iterdir())
    assert ("looking at files", size, size) in told
    assert told[-1] == ("reading sales", 2, 2)
    assert loud.sales.collect().equals(quiet.sales.collect())
