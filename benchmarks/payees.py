"""Many payees: partners with two lines each, under one rebate with tiers, or with contracts of their own."""

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from benchmarks.comparing import differences, earned
from benchmarks.workspace import CONFIG

PROGRAM = """\
id = "volume"
name = "Volume rebate"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[reward]
tiers = [
  { from = 0, rate = "1%" },
  { from = 1_000, rate = "2.5%" },
  { from = 5_000, rate = "4%" },
]
"""
START = date(2026, 7, 1)
DAYS = 92
COLUMNS = (
    "sale_id", "line_id", "sold_on", "return_of", "partner_id", "distributor_id", "rep_id", "customer_id",
    "currency", "order_channel", "product_id", "quantity", "unit_price", "amount", "serial", "received_on",
)  # fmt: skip


def write_workspace(folder: Path, payees: int) -> None:
    """Writes partners P0, P1 … with a sale of two lines each."""
    for name in ("programs", "sample_data", "sales"):
        (folder / name).mkdir(parents=True)
    (folder / "incentivectl.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "programs" / "volume.toml").write_text(PROGRAM, encoding="utf-8")
    ids = pl.select(partner_id=pl.format("P{}", pl.int_range(payees)))
    ids.with_columns(name=pl.format("Partner {}", "partner_id")).write_csv(
        folder / "sample_data" / "partners.csv"
    )
    line, payee = pl.col("line"), pl.col("line") // 2
    quantity = line % 3 + 1
    price = line * 7_919 % 400_000 + 1  # cents, up to 4,000 dollars, in no order that payees share
    stated = {
        "sale_id": pl.format("S{}", payee),
        "line_id": line % 2 + 1,
        "sold_on": pl.lit(START).dt.offset_by(pl.format("{}d", payee % DAYS)),
        "partner_id": pl.format("P{}", payee),
        "currency": pl.lit("USD"),
        "product_id": pl.format("A{}", line % 500),
        "quantity": quantity,
        "unit_price": _dollars(price),
        "amount": _dollars(price * quantity),
    }
    pl.LazyFrame({"line": pl.int_range(2 * payees, eager=True)}).select(
        stated.get(name, pl.lit("")).alias(name) for name in COLUMNS
    ).sink_csv(folder / "sales" / "0001.csv")


def sign_contracts(workspace: Path, out: Path, contracts: int) -> None:
    """Writes the workspace with a contract for each of its first partners; the others keep the tiers."""
    shutil.copytree(workspace, out, ignore=shutil.ignore_patterns("sales", "reports"))
    (out / "sales").mkdir()
    (out / "sales" / "0001.csv").hardlink_to(workspace / "sales" / "0001.csv")
    head = PROGRAM.partition("tiers")[0]
    program = f'{head}terms = "lists/contracts.csv"\n'
    (out / "programs" / "volume.toml").write_text(program, encoding="utf-8")
    signed = "".join(f"K-{number},P{number},,2%\n" for number in range(contracts))
    (out / "lists").mkdir()
    (out / "lists" / "contracts.csv").write_text(
        f"contract,partner.partner_id,from,rate\n{signed},,0,1%\n,,1000,2.5%\n,,5000,4%\n"
    )


def _dollars(cents: pl.Expr) -> pl.Expr:
    return pl.format("{}.{}", cents // 100, (cents % 100).cast(pl.String).str.zfill(2))


def mistakes(workspace: Path, results: Path, *, contracts: int = 0) -> list[str]:
    """Where a run's earnings differ from whole cents that Polars adds up, in words."""
    has_contract = pl.col("partner_id").str.slice(1).cast(pl.Int64) < contracts
    cents = pl.col("amount").str.replace(".", "", literal=True).cast(pl.Int64).sum()
    permille = (
        pl.when(has_contract)
        .then(20)
        .when(pl.col("cents") >= 500_000)
        .then(40)
        .when(pl.col("cents") >= 100_000)
        .then(25)
    )
    sums = (
        pl.scan_csv(workspace / "sales" / "*.csv", infer_schema=False)
        .group_by("partner_id")
        .agg(cents=cents)
        .select("partner_id", reward=(pl.col("cents") * permille.otherwise(10) + 500) // 1_000)
        .filter(pl.col("reward") != 0)
        .collect(engine="streaming")
    )
    expected = {("volume", payee): Decimal(reward) / 100 for payee, reward in sums.iter_rows()}
    return differences(expected, earned(results))
