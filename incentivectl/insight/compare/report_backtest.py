"""What `whatif --over` prints: both sides in each past period, in all, and who gains and loses."""

from collections.abc import Iterator

import polars as pl

from incentivectl.insight.compare.backtest import BackTest
from incentivectl.insight.compare.comparison import by_payee, by_program, joined_earnings
from incentivectl.insight.compare.report_whatif import payees_section, rules_section
from incentivectl.output.amounts import cents
from incentivectl.output.report import Cell, Report, Section

_SIDES = ("today", "scenario")


def backtest_report(found: BackTest) -> Report:
    """The report of a back-test."""
    workspace, span = found.known.loaded.workspace, found.span
    earned = joined_earnings(found.today, found.after)
    payees = by_payee(earned).filter(pl.col("change") != 0)
    return Report(
        title=f"{workspace.name}: what if, over {span.start} to {span.end}",
        sections=(
            rules_section(found.known.loaded.programs, found.scenario.programs),
            _programs(earned),
            _periods(found),
            payees_section(payees, "winners", "Who gains most", gains=True),
            payees_section(payees, "losers", "Who loses most", gains=False),
        ),
        main="periods",
        facts={
            "workspace": workspace.name,
            "over_first": span.start,
            "over_last": span.end,
            "as_of": found.known.period.last,
            "differs": "no" if payees.is_empty() else "yes",
        },
        closing=tuple(_closing(found)),
    )


def _closing(found: BackTest) -> Iterator[str]:
    if found.left_out:
        yield f"No whole measurement period lies in these days of {', '.join(found.left_out)}."
    first = found.first_sale
    if first is not None and first > found.span.start:
        yield f"No sale is known before {first}: nothing was earned until then."
    yield "Each program is moved by whole measurement periods, and has its whole budget in each."
    yield "Nothing is booked, and nothing is written to reports/."


def _programs(earned: pl.DataFrame) -> Section:
    """Each program over all periods, and all of them by currency."""
    told, columns = by_program(earned), ("program", *_SIDES, "change", "currency", "periods")
    counts = earned.group_by("program_id").agg(periods=pl.col("period_start").n_unique())
    rows: list[tuple[Cell, ...]] = [
        (
            row["program_id"],
            *(cents(row[name], row["currency"]) for name in ("before", "after", "change")),
            row["currency"],
            row["periods"],
        )
        for row in told.join(counts, on="program_id", maintain_order="left").iter_rows(named=True)
    ]
    sums = told.group_by("currency").agg(pl.col("before", "after", "change").sum()).sort("currency")
    totals: list[tuple[Cell, ...]] = [
        (
            "in all",
            *(cents(row[name], row["currency"]) for name in ("before", "after", "change")),
            row["currency"],
            None,
        )
        for row in sums.iter_rows(named=True)
    ]
    return Section("programs", "Over all periods", columns, rows, totals=totals)


def _periods(found: BackTest) -> Section:
    """Each program in each period that it was moved to."""
    keys = ["program_id", "period_start", "period_end", "currency"]
    sides = [
        frame.group_by(keys).agg(
            pl.col("entitlement").sum().alias(name), pl.col("budget_cut").sum().alias(f"cut_{name}")
        )
        for frame, name in zip((found.today, found.after), _SIDES, strict=True)
    ]
    both = sides[0].join(sides[1], on=keys, how="full", coalesce=True).fill_null(0).sort(keys)
    rows: list[tuple[Cell, ...]] = []
    for row in both.iter_rows(named=True):
        currency, change = row["currency"], row["scenario"] - row["today"]
        amounts = (row["today"], row["scenario"], change, row["cut_today"], row["cut_scenario"])
        rows.append(
            (
                row["program_id"],
                row["period_start"],
                row["period_end"],
                *(cents(amount, currency) for amount in amounts),
                currency,
            )
        )
    columns = (
        "program", "from", "to", *_SIDES, "change", "cut today", "cut scenario", "currency",
    )  # fmt: skip
    note = "cut: what the budget, whole in each period, leaves out." if rows else ""
    return Section("periods", "Period by period", columns, rows, note)
