"""The returns with the lines that they reverse, found once and kept beside the snapshot.

Whatever judges a return asks for its original's values (`sales.facts`); on disk it need not look for them
among all lines again.
"""

from pathlib import Path

import polars as pl

from incentivectl.core import memory
from incentivectl.core.input_frames import scan_parquet
from incentivectl.core.rates import DayRates
from incentivectl.ingest.sale_lines.resolving import finished_sales, reversing_sales
from incentivectl.ingest.sale_lines.sale_rows import SaleRows
from incentivectl.sales.returns import ORIGINAL, with_originals

REVERSING = "reversing"  # a folder of the snapshot
PAIR_BYTES = 2_500  # of a return with its original, while they are put together


def write_reversing(
    rows: SaleRows, rates: DayRates, currency: str, attributes: tuple[str, ...], snapshot: Path
) -> pl.LazyFrame:
    """Writes the returns that reverse a line, and gives them as `Inputs.returns`.

    As many as there is memory for are taken at a time; the lines that they reverse are looked for once.
    """
    sales = finished_sales(rows, rates, currency, attributes)
    returns = reversing_sales(rows, rates, currency, attributes)
    originals = rows.links["original"].drop_nulls()
    count = originals.len()
    parts = count // memory.rows_within(PAIR_BYTES, share=4) + 1
    if parts > 1:
        is_wanted = pl.col("row").is_in(originals.unique().implode())
        sales = rows.aside(sales.filter(is_wanted), "reversed")
    folder = snapshot / REVERSING
    folder.mkdir(parents=True, exist_ok=True)
    for part in range(parts) if count else ():
        mine = returns.filter(pl.col("original") % parts == part) if parts > 1 else returns
        pairs = with_originals(mine, sales)
        pairs.write_parquet(
            folder / f"{part:06}.parquet", compression="uncompressed", statistics=False
        )
    return scanned_reversing(sales, snapshot)


def scanned_reversing(sales: pl.LazyFrame, snapshot: Path) -> pl.LazyFrame:
    """What `write_reversing` wrote; no rows where there was no return."""
    files = sorted((snapshot / REVERSING).glob("*.parquet"))
    if files:
        return scan_parquet(files)
    own = sales.collect_schema()
    return pl.LazyFrame(schema={**own, **{f"{ORIGINAL}{name}": own[name] for name in own}})
