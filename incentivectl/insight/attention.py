"""What of a run needs attention, in sentences, worst first."""

from pathlib import Path

import polars as pl

from incentivectl.errors import Problem
from incentivectl.frames import total
from incentivectl.ingest.inputs import Inputs
from incentivectl.insight.side_rows import side_rows
from incentivectl.money import rounded_to
from incentivectl.nouns import counted
from incentivectl.run import Loaded, Run, distinct_checks
from incentivectl.settlement.budgets import kept_beyond_budget
from incentivectl.settlement.entries import changed_adjustments


def attention(run: Run) -> list[str]:
    """Every sentence, worst first; none where all is well."""
    return [
        *_broken(run),
        *_rejected(run.inputs),
        *_unknown(run.inputs),
        *_budgets(run),
        *_kept(run),
        *_closed(run),
        *_adjustments(run),
        *_held(run),
        *_negative(run),
        *(_line(problem, run.loaded.workspace.root) for problem in run.inputs.problems),
        *(
            _line(problem, run.loaded.workspace.root)
            for problem in side_rows(run.loaded, run.inputs)
        ),
        *_warnings(run.loaded),
    ]


def attention_to_data(inputs: Inputs) -> list[str]:
    """What of the exports alone needs attention."""
    return [*_rejected(inputs), *_unknown(inputs)]


def _broken(run: Run) -> list[str]:
    return [
        f"BROKEN: {name}: {detail}" for name, ok, detail in distinct_checks(run.checks) if not ok
    ]


def _rejected(inputs: Inputs) -> list[str]:
    reasons = inputs.reasons.group_by("source").agg(
        pl.col("rows").sum(),
        pl.format("{} {}", "rows", "reason").sort_by("rows", descending=True).alias("why"),
    ).sort("rows", descending=True)  # fmt: skip
    return [
        f"{counted(row['rows'], 'row')} of {row['source']} rejected ({', '.join(row['why'][:4])}"
        f"{', …' if len(row['why']) > 4 else ''}): rejects/{row['source']}.csv"
        for row in reasons.iter_rows(named=True)
    ]


def _unknown(inputs: Inputs) -> list[str]:
    counts = inputs.unknown.group_by("table").agg(
        pl.len().alias("ids"), pl.col("lines").sum()
    ).sort("lines", descending=True)  # fmt: skip
    return [
        f"{counted(row['ids'], 'unknown ' + row['table'].removesuffix('s'))}"
        f" on {counted(row['lines'], 'line')}: unknown.csv"
        for row in counts.iter_rows(named=True)
    ]


def _budgets(run: Run) -> list[str]:
    found = []
    for one in run.settled:
        limits = one.case.program.limits
        if not limits.budget:
            continue
        spent = total(one.earnings, "entitlement")
        cut = total(one.earnings, "budget_cut")
        money_text = f"{one.case.currency}"
        name = one.case.program.id
        if cut:
            found.append(
                f"{name}: the budget of {limits.budget:,f} {money_text} is used up;"
                f" {limits.over_budget} cut {rounded_to(cut, one.case.digits):,f}"
            )
        elif spent > limits.budget:
            over = rounded_to(spent - limits.budget, one.case.digits)
            found.append(f"{name}: {over:,f} {money_text} over its budget (over_budget = warn)")
        elif spent * 10 >= limits.budget * 9:
            found.append(f"{name}: {100 * spent / limits.budget:.0f} % of the budget is used")
    return found


def _kept(run: Run) -> list[str]:
    """Budgets that are passed by what is kept, and payees that they leave no room for."""
    found = []
    for one in run.settled:
        program, currency = one.case.program, one.case.currency
        beyond = kept_beyond_budget(run.earnings, program)
        if beyond:
            amount = rounded_to(beyond, one.case.digits)
            found.append(f"{program.id}: what is kept passes the budget by {amount:,f} {currency}")
        limited = run.earnings.filter((pl.col("program_id") == program.id) & pl.col("limited"))
        if limited.height:
            found.append(
                f"{program.id}: {counted(limited.height, 'payee gets', 'payees get')} less than earned:"
                " others keep what was booked before, and the budget leaves no more"
            )
    return found


def _closed(run: Run) -> list[str]:
    count = run.settlement.closed.height
    return (
        [f"{counted(count, 'closed amount')} would be computed differently now: closed.csv"]
        if count
        else []
    )


def _adjustments(run: Run) -> list[str]:
    changed = changed_adjustments(run.channel, run.loaded.programs, run.past)
    if not changed:
        return []
    listed = ", ".join(changed[:5]) + (", …" if len(changed) > 5 else "")
    return [f"adjustments are booked once: {listed} changed since; write a new one instead"]


def _held(run: Run) -> list[str]:
    held = run.earnings.filter(pl.col("inactive") & (pl.col("entitlement") > 0))
    names = held["payee_id"].unique().sort()
    if names.is_empty():
        return []
    listed = ", ".join(names.head(5)) + (", …" if len(names) > 5 else "")
    return [
        f"{counted(len(names), 'payee is', 'payees are')} not active, what they earn is held: {listed}"
    ]


def _negative(run: Run) -> list[str]:
    below = run.payouts.filter(pl.col("carried_forward") < 0)
    if below.is_empty():
        return []
    worst = below.sort("carried_forward").row(0, named=True)
    return [
        f"{counted(below.height, 'negative balance')} carried forward, the largest"
        f" {worst['payee_id']} {worst['carried_forward'].normalize():,f} {worst['currency']}"
    ]


def _warnings(loaded: Loaded) -> list[str]:
    number = len(loaded.warnings)
    return (
        [f"{counted(number, 'warning')} on config and programs: incentivectl check"]
        if number
        else []
    )


def _line(problem: Problem, root: Path) -> str:
    place = problem.place(root)
    return f"{problem.message}{f' ({place})' if place else ''}"
