"""All payees of a period at a glance, for whoever sends the statements."""

from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.money import minor_digits
from incentivectl.core.nouns import counted
from incentivectl.insight.statement.earned import earning_row
from incentivectl.insight.statement.statement import unit_of
from incentivectl.insight.statement.statements import Statements
from incentivectl.output.language import POINTS
from incentivectl.output.report import Amount, Cell, Report, Rows, Section
from incentivectl.programs.words.statements import EarningRow

NEAR_PERCENT = 80


def overview(statements: Statements) -> Report:
    """A row for each payee and balance, and who is near its next tier."""
    run = statements.run
    payouts = statements.payouts
    rows = Rows(payouts, _balance)
    columns = (
        "payee", "name", "locale", "currency", "method", "this batch", "payable",
        "carried forward", "held",
    )  # fmt: skip
    period, batch = run.period.label, statements.batch
    of = f"for {period}" if batch is None else f"of batch {batch.id}"
    named = period if batch is None else f"--batch {batch.id}"
    return Report(
        title=f"{run.loaded.workspace.name}: {counted(len(statements), 'statement')} {of}",
        sections=(
            Section(
                "payees", "Payees", columns, rows, "" if payouts.height else "Nobody has a balance."
            ),
            _near(statements),
        ),
        main="payees",
        facts={
            "workspace": run.loaded.workspace.name,
            "period": period,
            "batch": None if batch is None else batch.id,
            "as_of": run.period.last,
            "statements": len(statements),
            "posted": _posted(statements),
        },
        closing=(
            *_draft(statements),
            *_reverses(statements),
            *_ways_on(statements, named),
        ),
    )


def _ways_on(statements: Statements, named: str) -> list[str]:
    """How single statements, and all as pages, are asked for; nothing where there is none."""
    if not len(statements):
        return []
    return [
        f"One of them: incentivectl statement {named} PAYEE."
        f" All as pages: incentivectl statement {named} --html DIR."
    ]


def _balance(row: dict[str, Any]) -> tuple[Cell, ...]:
    unit = unit_of(row["currency"], row["method"])
    digits = 0 if unit == POINTS else minor_digits(unit)
    amounts = ("this_batch", "payable", "carried_forward", "held")
    return (
        row["payee_id"],
        row["payee_name"],
        row["locale"],
        unit,
        row["method"],
        *(Amount(row[name], digits) for name in amounts),
    )


def _posted(statements: Statements) -> str:
    """`yes` if all of them are posted, `no` if none is, else `changed`."""
    if not statements.drafts:
        return "yes" if len(statements) else "no"
    return "changed" if statements.has_posted else "no"


def _draft(statements: Statements) -> list[str]:
    drafts = statements.drafts
    told = "not posted yet, or changed since it was posted"
    return [f"{drafts:,} of {len(statements):,} are drafts: {told}."] if drafts else []


def _reverses(statements: Statements) -> list[str]:
    batch = statements.batch
    return (
        [f"Batch {batch.id} reverses batch {batch.reverses}."] if batch and batch.reverses else []
    )


def _near(statements: Statements) -> Section:
    """Who has come at least four fifths of the way to a next tier, gate or minimum."""
    have, goal = (
        money.multiply(pl.col(name), money.literal(percent), scales=(12, 6))
        for name, percent in (("have", 100), ("goal", NEAR_PERCENT))
    )
    near = [
        (row["payee_kind"], row["payee_id"], number, row["payee_name"], earning_row(case, row))
        for number, (case, rows) in enumerate(statements.earned(0, len(statements)))
        for row in rows.filter(have >= goal).iter_rows(named=True)
    ]
    rows: list[tuple[Cell, ...]] = [
        (payee, name, earned.program.id, *_distance(earned))
        for _, payee, _, name, earned in sorted(near, key=lambda one: one[:3])
    ]
    columns = ("payee", "name", "program", "metric", "missing", "by", "about more")
    note = "" if rows else "Nobody, or no period is still open."
    return Section("near", f"{NEAR_PERCENT} % of the way to the next tier", columns, rows, note)


def _distance(earned: EarningRow) -> tuple[Cell, ...]:
    step = earned.next_step
    assert step is not None
    digits = minor_digits(earned.currency)
    is_money = step.metric in ("revenue", "growth", "attainment")
    more = None if step.more is None else Amount(step.more, digits)
    return step.metric, Amount(step.missing, digits if is_money else 0), step.until, more
