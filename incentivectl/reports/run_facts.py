"""What the manifest holds for `report` beyond a run's tables (docs/operation.md, "Files of a run").

A report reads only a run's files, so that what it shows besides earnings and payouts stands here:
budgets, sales by month, rejects by reason, what needs attention, whether the invariants held.
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.calendar import month_label
from incentivectl.engine.engine import Settled
from incentivectl.insight.leaderboard.payee_sales import facts_of
from incentivectl.run.attention import attention
from incentivectl.run.program_costs import adjusted
from incentivectl.run.run import Run, distinct_checks


def cost_facts(run: Run) -> dict[str, Any]:
    """`programs` and `adjustments` of the manifest: what the table of programs is made from."""
    return {
        "programs": [_program(one) for one in run.settled],
        "adjustments": list(_adjustments(run)),
    }


def run_facts(run: Run) -> dict[str, object]:
    """All that `report` needs: costs, `months`, `rejected`, `reject_files`, `attention`, `invariants`."""
    return {
        **cost_facts(run),
        "months": list(_months(run)),
        "rejected": [
            {name: row[name] for name in ("table", "source", "reason", "rows")}
            for row in run.inputs.reasons.filter(pl.col("rows") > 0).iter_rows(named=True)
        ],
        "reject_files": list(_reject_files(run)),
        "attention": list(attention(run)),
        "invariants": [
            {"invariant": name, "held": held, "detail": detail}
            for name, held, detail in distinct_checks(run.checks)
        ],
    }


def _program(one: Settled) -> dict[str, object]:
    program = one.case.program
    found: dict[str, object] = {
        "id": program.id,
        "kind": program.kind,
        "rule_hash": program.hash_with_terms,
        "name": program.name,
        "currency": one.case.currency,
        "starts": program.starts,
        "ends": program.ends,
        "tiers": max((reward.tier_count for reward in program.reward), default=0),
    }
    if program.exclusive_group is not None:
        found["exclusive_group"] = program.exclusive_group
    if program.limits.budget is not None:
        found |= {
            "budget": money.plain(program.limits.budget),
            "over_budget": program.limits.over_budget,
        }
    return found


def _adjustments(run: Run) -> Iterator[dict[str, str]]:
    """What is booked of adjustments, and what this batch books, by currency."""
    found = adjusted(run.channel, run.loaded.programs, run.past)
    for currency, before, new in found.iter_rows():
        yield {
            "currency": currency,
            "booked_before": money.plain(before),
            "this_batch": money.plain(new),
        }


def _months(run: Run) -> Iterator[dict[str, object]]:
    """Accepted lines of each month from the first with any to PERIOD's last, in workspace currency."""
    calendar, nothing = run.channel.calendar, money.literal(0)
    months = (
        facts_of(run)
        .days.group_by(calendar.numbers_of(pl.col("counted_on")).alias("month"))
        .agg(
            lines=pl.col("lines").sum() - pl.col("void").sum(),
            quantity=pl.col("quantity").sum(),
            amount=pl.col("amount").sum(),
        )
        .filter(pl.col("lines") > 0)
        .drop_nulls("month")
    )
    first = months["month"].min()
    if not isinstance(first, int):
        return
    last = calendar.number_of(run.period.last)
    every = pl.DataFrame({"month": range(first, last + 1)}, schema={"month": pl.Int32})
    found = every.join(months, on="month", how="left").sort("month")
    for month, lines, quantity, amount in found.with_columns(
        pl.col("lines").fill_null(0), pl.col("quantity", "amount").fill_null(nothing)
    ).iter_rows():
        yield {
            "month": month_label(month),
            "first_day": calendar.month(month).first,
            "lines": lines,
            "quantity": money.plain(quantity),
            "amount": money.plain(amount),
        }


def _reject_files(run: Run) -> Iterator[dict[str, Any]]:
    """Which source each file of rejects belongs to, and its dialect."""
    sources = {source.name: source for source in run.loaded.workspace.sources}
    rejected = run.inputs.reasons.filter(pl.col("rows") > 0)
    for table, name in rejected.select("table", "source").unique(maintain_order=True).iter_rows():
        source = sources[name]
        yield {
            "path": f"rejects/{name}.csv",
            "table": table,
            "source": name,
            "encoding": source.encoding,
            "delimiter": source.delimiter,
            "lines_before": source.skip_rows + source.header,
        }
