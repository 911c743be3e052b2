"""Which lines count, and with which n, as in the reference: bad rows corrected and sent again among them."""

import os
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings

from incentivectl.ingest import read
from incentivectl.workspace.load import load_workspace
from tests.properties.exports import Export
from tests.properties.sale_rows import sales_exports
from tests.properties.workspaces import Workspace
from tests.reference.programs import read_toml
from tests.reference.reading import Data
from tests.reference.sales import amount_of, read_everything

EXAMPLES = int(os.environ.get("REFERENCE_EXAMPLES", "8")) * 3
COLUMNS = ("sale_id", "line_id", "partner_id", "product_id", "n", "amount")
FATES = ("read", "accepted", "rejected", "duplicate", "superseded")
PRODUCTS = Export("sample_data/products.csv", [{"product_id": name} for name in ("RT1", "SW1")])
PARTNERS = Export(
    "sample_data/partners.csv",
    [{"partner_id": f"P{number}", "name": "N"} for number in (1, 2, 3, 10)],
)


def written(exports: Sequence[Export], folder: Path) -> None:
    """A workspace of these exports of sales, and of a few partners and products."""
    dialect = exports[0].dialect
    config = {
        "workspace": {"name": "Reading", "currency": "USD"},
        "data": {"unknown_product": "reject"},
        "sources": {
            "sales": {
                "path": f"sample_data/sales/*.csv{'.gz' if dialect.zipped else ''}",
                "attributes": ["channel"],
                **dialect.options(),
            }
        },
    }
    Workspace("2026-09", config, [], [PARTNERS, PRODUCTS, *exports]).write(folder)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(exports=sales_exports("USD", 8))
def test_lines_count_as_in_the_reference(exports: Sequence[Export]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(exports, folder)
        data = Data(folder, read_toml(folder / "incentivectl.toml"))
        read_everything(data)
        workspace, problems = load_workspace(folder)
        assert workspace is not None, problems
        inputs = read(workspace, scratch=folder / "scratch")
        lines = inputs.sales.select(COLUMNS).collect().rows()
    expected = [
        (*(row[column] for column in COLUMNS[:-1]), amount_of(row))
        for row in data.accepted("sales")
    ]
    found = [(*line[:-1], Fraction(line[-1])) for line in lines]
    assert sorted(found, key=str) == sorted(expected, key=str)
    counted = inputs.counts.row(by_predicate=pl.col("source") == "sales", named=True)
    account = data.accounts["sales"]
    assert {fate: counted[fate] for fate in FATES} == {f: getattr(account, f) for f in FATES}
