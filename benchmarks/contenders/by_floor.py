"""No program at all: Polars types every mapped column and adds up. Nothing that reads can be faster."""

import sys
from pathlib import Path

import polars as pl

NUMBERS = ("quantity", "unit_price", "amount")
DATES = ("sold_on", "received_on")


def main(workspace: Path, out: Path) -> None:
    """Scans the sales and writes one line of totals."""
    sales = pl.scan_csv(workspace / "sales" / "*.csv", infer_schema=False)
    totals = sales.select(
        pl.len(),
        pl.col(NUMBERS).cast(pl.Decimal(38, 6), strict=False).sum(),
        pl.col(DATES).str.to_date("%Y-%m-%d", strict=False).max(),
        pl.exclude(*NUMBERS, *DATES).null_count(),
    )
    totals.collect(engine="streaming").write_csv(out)


main(Path(sys.argv[1]), Path(sys.argv[2]))
