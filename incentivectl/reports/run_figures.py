"""The figures of a report, out of a run's files: cost, tiers, payees, growth, data quality."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.reports.run_folder import RunFolder
from incentivectl.run.program_rows import ADJUSTMENTS, ProgramRow, program_rows

TOP = 10
FATES = ("read", "accepted", "rejected", "duplicate", "superseded", "skipped")


@dataclass(frozen=True)
class TierCounts:
    """How many payees reached which tier of a program in its latest measurement period.

    `counts` begins with those below the first tier.
    """

    program_id: str
    name: str
    period_start: date
    period_end: date
    counts: tuple[int, ...]


@dataclass(frozen=True)
class Leader:
    """One row of the leaderboard."""

    rank: int
    payee_id: str
    name: str
    value: Decimal
    movement: int | None
    is_new: bool
    badges: str


@dataclass(frozen=True)
class Board:
    """The best payees of one kind by a metric, in a currency where it is money."""

    payee_kind: str
    metric: str
    currency: str | None
    leaders: tuple[Leader, ...]
    others: int


@dataclass(frozen=True)
class Month:
    """Accepted sales of a month, in workspace currency; `label` names it, such as `2026-09`."""

    label: str
    first: date
    lines: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Growth:
    """Sales of PERIOD, of the period before and of the same one a year ago."""

    now: Decimal
    before: Decimal | None
    year_ago: Decimal | None
    months: tuple[Month, ...]

    def against(self, base: Decimal | None) -> Decimal | None:
        """The growth over `base` with four decimals; None unless `base` is above 0."""
        if base is None or base <= 0:
            return None
        return money.round_decimal((self.now - base) / base, 4)


def program_costs(run: RunFolder) -> list[ProgramRow]:
    """Every program: those in workspace currency first, the most expensive ones before others."""
    home = run.manifest["currency"]
    return sorted(
        program_rows(run.manifest, run.earnings),
        key=lambda one: (
            one.currency != home, one.currency, one.program_id == ADJUSTMENTS, -one.cost,
            one.program_id,
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """What was earned in the measurement periods that ended within a window, and by how many programs."""

    amounts: Mapping[str, Decimal]
    programs: int


def ended_within(run: RunFolder, first: date, last: date) -> Ended:
    """Entitlements by currency, including those settled elsewhere."""
    rows = run.earnings.filter(
        pl.col("period_end").is_between(first, last), pl.col("entitlement") != 0
    )
    sums = rows.group_by("currency", maintain_order=True).agg(pl.col("entitlement").sum())
    return Ended(dict(sums.iter_rows()), rows["program_id"].n_unique())


def tier_counts(run: RunFolder) -> list[TierCounts]:
    """The programs with tiers whose latest measurement period reaches into PERIOD."""
    first = run.manifest["first_day"]
    found = []
    for program in run.manifest["programs"]:
        rows = run.earnings.filter(
            pl.col("program_id") == program["id"], pl.col("period_end") >= first
        )
        if not program["tiers"] or rows.is_empty() or rows["tier"].null_count() == rows.height:
            continue
        start = rows["period_start"].max()
        latest = rows.filter(pl.col("period_start") == start)
        reached: dict[int | None, int] = dict(latest.group_by("tier").agg(pl.len()).iter_rows())
        found.append(
            TierCounts(
                program_id=program["id"],
                name=program["name"],
                period_start=latest["period_start"][0],
                period_end=latest["period_end"][0],
                counts=(
                    reached.get(None, 0),
                    *(reached.get(tier, 0) for tier in range(program["tiers"])),
                ),
            )
        )
    return sorted(found, key=lambda one: -sum(one.counts[2:]))


def boards(run: RunFolder) -> list[Board]:
    """The leaderboards of the run; without leaderboard.csv those by earnings, due and held."""
    if run.leaderboard is None:
        return list(_by_earnings(run))
    return [
        _board(rows, str(kind), str(metric), _currency_of(str(metric), run.manifest["currency"]))
        for (kind, metric), rows in run.leaderboard.group_by(
            "payee_kind", "metric", maintain_order=True
        )
    ]


def _currency_of(metric: str, currency: str) -> str | None:
    return currency if metric in ("revenue", "earnings") else None


def _by_earnings(run: RunFolder) -> Iterator[Board]:
    earned = (
        run.earnings.filter(pl.col("status").is_in(["due", "held"]))
        .group_by("payee_kind", "payee_id", "payee_name", "currency")
        .agg(value=pl.col("entitlement").sum())
        .filter(pl.col("value") > 0)
        .with_columns(
            rank=pl.col("value").rank("min", descending=True).over("payee_kind", "currency")
        )
        .sort("payee_kind", "currency", "rank", "payee_id")
    )
    for (kind, currency), rows in earned.group_by("payee_kind", "currency", maintain_order=True):
        yield _board(rows, str(kind), "earnings", str(currency))


def _board(rows: pl.DataFrame, kind: str, metric: str, currency: str | None) -> Board:
    ranked = rows.filter(pl.col("rank").is_not_null()).sort("rank", "payee_id")
    leaders = tuple(_leader(row) for row in ranked.head(TOP).iter_rows(named=True))
    return Board(kind, metric, currency, leaders, ranked.height - len(leaders))


def _leader(row: Mapping[str, Any]) -> Leader:
    return Leader(
        rank=row["rank"],
        payee_id=row["payee_id"],
        name=row["payee_name"] or row["payee_id"],
        value=row["value"],
        movement=row.get("movement"),
        is_new="rank_before" in row and row["rank_before"] is None,
        badges=row.get("badges") or "",
    )


def growth(run: RunFolder) -> Growth:
    """Sales by month; PERIOD and those that it is compared with consist of whole months."""
    months = tuple(
        Month(
            one["month"], one["first_day"], one["lines"], Decimal(one["quantity"]), Decimal(one["amount"])
        )
        for one in run.manifest["months"]
    )  # fmt: skip

    def sold(days: Mapping[str, date]) -> Decimal | None:
        first, last = days["first_day"], days["last_day"]
        if not months or not months[0].first <= first <= last:
            return None
        amounts = (one.amount for one in months if first <= one.first <= last)
        return sum(amounts, Decimal(0))

    manifest = run.manifest
    now, before, year_ago = map(sold, (manifest, manifest["before"], manifest["year_ago"]))
    return Growth(now or Decimal(0), before, year_ago, months)


def paid(run: RunFolder) -> dict[str, Decimal]:
    """What is payable in each currency."""
    sums = run.payouts.group_by("currency").agg(pl.col("payable").sum()).sort("currency")
    return {code: amount for code, amount in sums.iter_rows() if amount}


def fates(run: RunFolder) -> list[dict[str, Any]]:
    """Each source with rows: its table, its name and the rows by fate; sales first."""
    rows = [row for row in run.manifest["rows"] if row["read"]]
    return sorted(rows, key=lambda row: (row["table"] != "sales",))


def rejected_by_reason(run: RunFolder) -> list[tuple[str, int]]:
    """Rejected rows of all sources by reason, the most frequent first."""
    counts: dict[str, int] = {}
    for one in run.manifest["rejected"]:
        counts[one["reason"]] = counts.get(one["reason"], 0) + one["rows"]
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def attention(run: RunFolder) -> list[str]:
    """What needs attention, worst first."""
    changed = [f"{name} is no longer what the run wrote: run it again" for name in run.changed]
    broken = [
        f"BROKEN: {one['invariant']}: {one['detail']}"
        for one in run.manifest["invariants"]
        if not one["held"]
    ]
    listed = [text for text in run.manifest["attention"] if text not in broken]
    return [*changed, *broken, *listed]
