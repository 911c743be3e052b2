"""A small workspace to read exports in, written in a few lines by each test."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest

from incentivectl.core.errors import Problem
from incentivectl.ingest import read
from incentivectl.ingest.files import records
from incentivectl.ingest.inputs import Inputs
from incentivectl.workspace.load import load_workspace
from incentivectl.workspace.workspace import Workspace
from tests.object_server import bucket, server  # noqa: F401  (fixtures)

PARTNERS = "partner_id,name\nP1,Acme\nP2,Beta Ltd\nP3,Gamma\n"
GOOD_SALES = "sale_id,sold_on,partner_id,amount\nS1,2026-08-01,P1,1\nS2,2026-08-01,P2,2\n"
SALES_COLUMNS = "sale_id,line_id,sold_on,partner_id,product_id,quantity,unit_price,amount"


@dataclass
class Shop:
    """A workspace in a folder; `write` files, then `read` it."""

    root: Path
    config: str = ""
    data: str = ""
    currency: str = "USD"
    reads: int = field(default=0)

    def write(
        self, name: str, content: str | bytes | pl.DataFrame, encoding: str = "utf-8"
    ) -> Path:
        """A file of the workspace; `.gz` and `.parquet` are packed as their name says."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, pl.DataFrame):
            content.write_parquet(path)
            return path
        raw = content.encode(encoding) if isinstance(content, str) else content
        path.write_bytes(gzip.compress(raw) if path.suffix == ".gz" else raw)
        return path

    def sales(self, *rows: str, columns: str = SALES_COLUMNS, name: str = "sales.csv") -> Path:
        """A file of sales in `sample_data` with these rows."""
        return self.write(f"sample_data/{name}", "\n".join([columns, *rows]) + "\n")

    def workspace(self) -> Workspace:
        """The workspace with its config; partners P1 to P3 unless the test wrote others."""
        if not (self.root / "sample_data/partners.csv").exists():
            self.write("sample_data/partners.csv", PARTNERS)
        (self.root / "incentivectl.toml").write_text(
            f'[workspace]\nname = "Test"\ncurrency = "{self.currency}"\n'
            f"[data]\n{self.data}\n{self.config}\n",
            encoding="utf-8",
        )
        workspace, problems = load_workspace(self.root)
        assert workspace is not None, problems
        return workspace

    def read(self) -> Inputs:
        """The workspace read."""
        self.reads += 1
        return read(self.workspace(), scratch=self.root / f"scratch-{self.reads}")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """An empty workspace."""
    return Shop(tmp_path)


@pytest.fixture(params=["scan", "split"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Files are read in both ways: scanned by Polars, and split record by record."""
    chosen = str(request.param)
    monkeypatch.setattr(records, "SMALL", -1 if chosen == "scan" else 1 << 40)
    return chosen


def counted(inputs: Inputs, source: str = "sales") -> dict[str, int]:
    """What became of a source's rows; asserts that they add up."""
    row = inputs.counts.row(by_predicate=pl.col("source") == source, named=True)
    fates = ("accepted", "rejected", "duplicate", "superseded", "skipped")
    assert row["read"] == sum(row[fate] for fate in fates)
    return {fate: row[fate] for fate in fates if row[fate]}


def reasons(inputs: Inputs, source: str = "sales") -> dict[str, int]:
    """The reasons of a source's rejected rows with their number."""
    some = inputs.reasons.filter(pl.col("source") == source)
    return dict(some.select("reason", "rows").rows())


def lines(inputs: Inputs, *columns: str) -> list[tuple[object, ...]]:
    """These columns of the counting sale lines, in reading order."""
    return inputs.sales.sort("row").select(columns).collect().rows()


def errors(inputs: Inputs) -> list[Problem]:
    """The problems that forbid going on."""
    return [problem for problem in inputs.problems if problem.severity == "error"]


Reader = Callable[[], Inputs]
