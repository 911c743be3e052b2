"""How a large ledger behaves: `python benchmarks/ledger.py` writes LEDGER.md beside this file.

A ledger of a million entries in a hundred batches (ten thousand payees, a program settled monthly) is
written through the program's own functions. Then a month with ten thousand new entries is run and
posted, and the ledger is asked for balances and verified, each as a whole process.
"""

import argparse
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from incentivectl.core.periods import add_months
from incentivectl.ledger import archive, writing
from incentivectl.ledger.connection import commit
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.writing import NewBatch, Stamp
from incentivectl.posting.post import DEBTOR_COLUMNS
from incentivectl.settlement.accruals import ACCRUALS
from incentivectl.settlement.entries import ENTRIES
from incentivectl.settlement.payouts import PAYOUTS_AND_POINTS

NEW_MONTH = datetime(2026, 9, 1, tzinfo=UTC).date()
CONFIG = """
[workspace]
name = "Large ledger"
currency = "USD"

[settlement]
first_period = "2018-01"
correct_for_months = 0
"""
PROGRAM = """
id = "volume"
name = "Volume rebate"
kind = "rebate"
starts = 2018-01-01
ends = 2026-12-31
period = "month"

[reward]
rate = "5%"
"""


def write_workspace(root: Path, payees: int) -> None:
    """A line of 100 for every payee, in the new month only."""
    (root / "programs").mkdir(parents=True)
    (root / "sample_data").mkdir()
    (root / "incentivectl.toml").write_text(CONFIG, encoding="utf-8")
    (root / "programs" / "volume.toml").write_text(PROGRAM, encoding="utf-8")
    ids = pl.select(partner_id=pl.format("P{}", pl.int_range(payees)))
    ids.with_columns(name="partner_id").write_csv(root / "sample_data" / "partners.csv")
    ids.with_columns(
        sale_id=pl.format("S{}", pl.int_range(payees)),
        line_id=pl.lit(1),
        sold_on=pl.lit(NEW_MONTH),
        amount=pl.lit(100),
    ).write_csv(root / "sample_data" / "sales.csv")


def fill(ledger: Path, batches: int, payees: int) -> None:
    """`batches` months of `payees` entries of 5.00 each, all of them paid."""
    stamp = Stamp(datetime.now(UTC), "benchmark", "here")
    with writing_to(ledger, print, create=True) as connection:
        for back in range(batches, 0, -1):
            first = add_months(NEW_MONTH, -back)
            entries = _entries(first, payees)
            payments = entries.with_columns(
                pl.lit(None, dtype=pl.String).alias(name) for name in DEBTOR_COLUMNS
            ).with_columns(kind=pl.lit("transfer"))
            label = f"{first.year}-{first.month:02d}"
            with tempfile.TemporaryDirectory() as gathered:
                (Path(gathered) / "note").write_text("filled by a benchmark", encoding="utf-8")
                kept = archive.store(ledger.parent / "archive", f"{label}.1", Path(gathered))
            new = NewBatch(
                id=f"{label}.1",
                period=label,
                first_day=first,
                dated=add_months(first, 1) - timedelta(days=1),
                archive_hash=kept,
                entries=entries,
                payments=payments,
                accruals=pl.DataFrame(schema=ACCRUALS),
                rates=None,
            )
            writing.book(connection, new, stamp, {})
        commit(connection)


def _entries(first: object, payees: int) -> pl.DataFrame:
    known = {
        "kind": pl.lit("earning"),
        "program_id": pl.lit("volume"),
        "period_start": pl.lit(first),
        "period_end": pl.lit(first).dt.month_end(),
        "payee_kind": pl.lit("partner"),
        "payee_id": pl.format("P{}", pl.int_range(payees)),
        "currency": pl.lit("USD"),
        "method": pl.lit("cash"),
        "amount": pl.lit(5),
    }
    columns = {**ENTRIES, "amount": PAYOUTS_AND_POINTS["payable"]}
    return pl.select(
        known.get(name, pl.lit(None)).cast(dtype).alias(name) for name, dtype in columns.items()
    )


def timed(*arguments: str) -> tuple[float, float]:
    """Seconds and peak memory (MB) of one command; ends the benchmark where it fails."""
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "incentivectl", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    seconds = time.monotonic() - started
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}\n{done.stdout}{done.stderr}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return seconds, peak


def main() -> None:
    """Fills, measures, writes LEDGER.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--payees", type=int, default=10_000)
    asked = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="large-ledger-"))
    try:
        write_workspace(root / "w", asked.payees)
        started = time.monotonic()
        fill(root / "w" / "ledger.db", asked.batches, asked.payees)
        filled = time.monotonic() - started
        place = ("-w", str(root / "w"))
        rows = [
            (" ".join(command), *timed(*command, *place))
            for command in (
                ("run", "2026-09", "-q"),
                ("batch", "post", "2026-09"),
                ("ledger", "balance"),
                ("ledger", "balance", "P77"),
                ("ledger", "verify"),
            )
        ]
        size = (root / "w" / "ledger.db").stat().st_size / 1e6
    finally:
        shutil.rmtree(root, ignore_errors=True)
    entries = asked.batches * asked.payees
    lines = [
        "# A large ledger",
        "",
        f"{entries:,} entries and as many payments in {asked.batches} batches ({size:,.0f} MB), written"
        f" in {filled:.0f} s; then a month with {asked.payees:,} new entries. `python"
        " benchmarks/ledger.py` on two cores; each command is a whole process. Memory is the peak of"
        " the largest one so far.",
        "",
        "| command | seconds | peak MB |",
        "|---|---:|---:|",
        *(f"| `{name}` | {seconds:.1f} | {peak:,.0f} |" for name, seconds, peak in rows),
        "",
    ]
    Path(__file__).with_name("LEDGER.md").write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
