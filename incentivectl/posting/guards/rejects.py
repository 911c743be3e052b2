"""Too many rejected rows, or other lines and amounts than the sender of an export states."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.calendar import Calendar, month_labels
from incentivectl.core.nouns import counted
from incentivectl.posting.guards.judged_run import Delivered, Refusal

IS_MONTH = pl.col("month").str.contains(r"^\d{4}-(0[1-9]|1[0-2])$")


def rejects(delivered: Delivered) -> Iterator[Refusal]:
    """Refuses by rows for any source, by absolute amount for sales, and by control totals."""
    yield from _over_the_limit(delivered)
    yield from _by_control_totals(delivered)


def _over_the_limit(delivered: Delivered) -> Iterator[Refusal]:
    """A handful of rows that a run tolerates may be most of a small export's money."""
    limit = delivered.loaded.workspace.data.max_reject_rate
    by_amount = dict(_by_amount(delivered, limit))
    for source, by_rows in _by_rows(delivered, limit):
        parts = [part for part in (by_rows, by_amount.get(source)) if part]
        if parts:
            message = (
                f"source {source}: {' and '.join(parts)} are rejected,"
                f" more than max_reject_rate ({money.plain(limit * 100)} %)"
            )
            yield Refusal("rejects", source, message, "correct the rejected rows")


def _by_rows(delivered: Delivered, limit: Decimal) -> Iterator[tuple[str, str]]:
    """Each source, and its share of rejected rows where that exceeds the limit."""
    for row in delivered.inputs.counts.iter_rows(named=True):
        rejected, read = row["rejected"], row["read"]
        share = money.percent_of(Decimal(rejected), Decimal(read)) if read else Decimal(0)
        exceeds = rejected > limit * read
        yield row["source"], f"{rejected:,} of {read:,} rows ({share:f} %)" if exceeds else ""


def _by_amount(delivered: Delivered, limit: Decimal) -> Iterator[tuple[str, str]]:
    """Each source of sales whose rejected rows exceed the limit by absolute amount, and their share."""
    currency = delivered.loaded.workspace.currency
    for row in delivered.inputs.totals.iter_rows(named=True):
        rejected, size = row["rejected_size"], row["size"] + row["rejected_size"]
        if rejected > limit * size:
            part, whole = (money.figure_text(one, currency) for one in (rejected, size))
            share = money.percent_of(rejected, size)
            yield row["source"], f"{part} of {whole} in amount ({share:f} %)"


@dataclass(frozen=True)
class Found:
    """What counts of a source and month: lines, and amount at face value in `currencies`."""

    lines: int = 0
    amount: Decimal = Decimal(0)
    currencies: tuple[str, ...] = ()

    def shown(self, amount: Decimal) -> str:
        """The amount with the decimals of its currencies, or with all of its own."""
        digits = max((money.minor_digits(code) for code in self.currencies), default=2)
        written = -int(amount.normalize().as_tuple().exponent)
        return f"{amount:,.{max(digits, written)}f}"


def _by_control_totals(delivered: Delivered) -> Iterator[Refusal]:
    """Compares what the senders state of the months up to PERIOD's last, of any month without one."""
    stated = delivered.inputs.tables["control_totals"]
    if stated.is_empty():
        return
    sources = sorted(one.name for one in delivered.loaded.workspace.sources if one.table == "sales")
    for source, month in (
        stated.filter(~IS_MONTH)
        .select("source", "month")
        .unique()
        .sort("month", "source")
        .iter_rows()
    ):
        message = f"control_totals: invalid month `{month}`, so nothing is compared with it"
        yield Refusal("rejects", source, message, "use 2026-07")
    unknown = stated.filter(~pl.col("source").is_in(sources))
    for (source,) in unknown.select("source").unique().sort("source").iter_rows():
        message = f"control_totals names source {source}, which does not exist"
        hint = f"sources of sales are {', '.join(sources)}"
        yield Refusal("rejects", source, message, hint)
    due = stated.filter(IS_MONTH & pl.col("source").is_in(sources))
    calendar = delivered.loaded.workspace.calendar
    if delivered.period is not None:
        due = due.filter(pl.col("month") <= calendar.holding(delivered.period.last).label)
    found = _found(delivered, due)
    for row in due.iter_rows(named=True):
        yield from _compared(row, found.get((row["source"], row["month"]), Found()))


def _compared(row: dict[str, object], found: Found) -> Iterator[Refusal]:
    source, month, lines, amount = (row[name] for name in ("source", "month", "lines", "amount"))
    where = f"source {source}, {month}: control_totals states"
    hint = "is the export complete and read correctly?"
    if isinstance(lines, int) and lines != found.lines:
        message = f"{where} {counted(lines, 'line')}, but {found.lines:,} count"
        yield Refusal("rejects", str(source), message, hint)
    if isinstance(amount, Decimal) and amount != found.amount:
        message = (
            f"{where} an amount of {found.shown(amount)}, but {found.shown(found.amount)} count"
        )
        yield Refusal("rejects", str(source), message, hint)


def _found(delivered: Delivered, due: pl.DataFrame) -> dict[tuple[str, str], Found]:
    """Lines and amount, at face value, of each source and month that is stated."""
    if due.is_empty():
        return {}
    calendar = delivered.loaded.workspace.calendar
    found = delivered.inputs.counting.ask(_by_month, _months_together, due["source"], calendar)
    return {
        (source, month): Found(lines, amount, tuple(currencies))
        for source, month, lines, amount, currencies in found.with_columns(
            month_labels(pl.col("month"))
        ).iter_rows()
    }


def _by_month(sales: pl.LazyFrame, sources: pl.Series, calendar: Calendar) -> pl.DataFrame:
    """`source`, `month` (its number), `lines`, `amount`, and the `currencies` of that."""
    return (
        sales.filter(pl.col("source").is_in(sources.unique().implode()))
        .group_by("source", month=calendar.numbers_of(pl.col("sold_on")))
        .agg(
            pl.len().alias("lines"),
            pl.col("amount").sum(),
            currencies=pl.col("currency").unique().sort(),
        )
        .collect(engine="streaming")
    )


def _months_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return (
        pl.concat(parts)
        .group_by("source", "month")
        .agg(
            pl.col("lines", "amount").sum(),
            pl.col("currencies").explode().unique().sort(),
        )
    )
