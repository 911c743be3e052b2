"""What needs attention after a run, as sentences, worst first."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import polars as pl

from incentivectl.core.errors import Problem
from incentivectl.core.frames import total
from incentivectl.core.money import money_text, percent_of
from incentivectl.core.nouns import counted
from incentivectl.ingest.inputs import Inputs
from incentivectl.run.loading import Loaded
from incentivectl.run.named_values import unknown_values
from incentivectl.run.paid_nobody import paid_nobody
from incentivectl.run.replaced_money import replaced_in_booked_periods, replaced_lines
from incentivectl.run.run import Run, distinct_checks
from incentivectl.run.short_history import short_history
from incentivectl.run.unmatched_rows import unmatched_rows
from incentivectl.settlement.budgets import kept_beyond_budgets
from incentivectl.settlement.entries import changed_adjustments

NAMED = 3  # unknown ids in a sentence: unknown.csv has all
REASONS = 4  # of one source, named in a sentence
WARNINGS_SHOWN = 3  # on config and programs: `check` shows all


@lru_cache(maxsize=1)  # the screen, the manifest and --fail-on ask for the same run
def attention(run: Run) -> tuple[str, ...]:
    """All sentences, worst first; empty if nothing needs attention."""
    return (
        *_broken(run),
        *_objections(run.objections),
        *_rejected(run.inputs),
        *_unknown(run.inputs),
        *_duplicates(run.loaded, run.inputs),
        *_budgets(run),
        *_kept(run),
        *_closed(run),
        *_adjustments(run),
        *_held(run),
        *_negative(run),
        *paid_nobody(run),
        *short_history(run),
        *replaced_in_booked_periods(run),
        *_about_data(run.loaded, run.inputs),
        *_warnings(run.loaded, WARNINGS_SHOWN),
    )


def attention_of_check(loaded: Loaded, inputs: Inputs, objections: Sequence[Problem]) -> list[str]:
    """What needs attention before any PERIOD is asked for; every warning is named, and no file."""
    return [
        *_objections(objections),
        *_rejected(inputs, written=False),
        *_unknown(inputs, written=False),
        *_duplicates(loaded, inputs),
        *_about_data(loaded, inputs),
        *_warnings(loaded, len(loaded.warnings)),
    ]


def warnings_of(loaded: Loaded, inputs: Inputs) -> list[Problem]:
    """Every warning: on config, programs, data, and rows of small tables that match nothing."""
    return [*loaded.warnings, *warnings_on_data(loaded, inputs)]


def _broken(run: Run) -> list[str]:
    return [
        f"FAILED integrity check: {name}: {detail}"
        for name, ok, detail in distinct_checks(run.checks)
        if not ok
    ]


def _objections(objections: Iterable[Problem]) -> list[str]:
    """What `batch post` would refuse, and what else to look at before posting."""
    return [
        f"{'posting is blocked: ' if problem.severity == 'error' else ''}{problem.message};"
        f" {problem.hint}"
        for problem in objections
    ]


def _rejected(inputs: Inputs, *, written: bool = True) -> list[str]:
    reasons = inputs.reasons.group_by("source").agg(
        pl.col("rows").sum(),
        pl.struct("rows", "reason").sort_by("rows", "reason", descending=[True, False])
        .alias("why"),
    ).sort("rows", "source", descending=[True, False])  # fmt: skip
    return [
        f"{counted(row['rows'], 'row')} of {row['source']} rejected ({_why(row['why'])})"
        + (f": rejects/{row['source']}.csv" if written else "")
        for row in reasons.iter_rows(named=True)
    ]


def _why(reasons: Sequence[Mapping[str, Any]]) -> str:
    """The most frequent reasons, each with its rows."""
    named = [f"{one['rows']:,} {one['reason']}" for one in reasons[:REASONS]]
    return ", ".join(named) + (", …" if len(reasons) > REASONS else "")


def _unknown(inputs: Inputs, *, written: bool = True) -> list[str]:
    largest = pl.col("alias").sort_by("lines", "alias", descending=[True, False])
    counts = inputs.unknown.group_by("table").agg(
        pl.len().alias("ids"), largest.head(NAMED).alias("named"), pl.col("lines").sum()
    ).sort("lines", "table", descending=[True, False])  # fmt: skip
    return [
        f"{counted(row['ids'], 'unknown ' + row['table'].removesuffix('s'))}"
        f" on {counted(row['lines'], 'line')} ({', '.join(row['named'])}"
        f"{', …' if row['ids'] > NAMED else ''}){': unknown.csv' if written else ''}"
        for row in counts.iter_rows(named=True)
    ]


def _duplicates(loaded: Loaded, inputs: Inputs) -> list[str]:
    """Sources with more rows sent twice than may be rejected: a file was exported again."""
    sales = inputs.counts.filter(pl.col("table") == "sales")
    files = {row["source"]: row for row in inputs.details["repeated"].iter_rows(named=True)}
    found = []
    for row in sales.iter_rows(named=True):
        if loaded.workspace.data.tolerates(row["duplicate"], row["read"]):
            continue
        most = files[row["source"]]
        found.append(
            f"{counted(row['duplicate'], 'row')} of {row['source']} repeated, {most['rows']:,} of them"
            f" in {most['file']}; each counts once: is a file there twice?"
        )
    return found


def _budgets(run: Run) -> list[str]:
    found = []
    for one in run.settled:
        limits = one.case.program.limits
        if not limits.budget:
            continue
        spent = total(one.earnings, "entitlement")
        cut = total(one.earnings, "budget_cut")
        budget = money_text(limits.budget, one.case.currency)
        used = f"{percent_of(spent, limits.budget):,f} % of the budget of {budget} is used"
        if cut and spent >= limits.budget:
            used = f"the budget of {budget} is used up"
        elif spent > limits.budget:
            over = money_text(spent - limits.budget, one.case.currency)
            used = f"{over} over its budget of {budget} (over_budget = warn)"
        elif not cut and spent * 10 < limits.budget * 9:
            continue
        by = f"; {limits.over_budget} cut {money_text(cut, one.case.currency)}" if cut else ""
        found.append(f"{one.case.program.id}: {used}{by}")
    return found


def _kept(run: Run) -> list[str]:
    """Budgets exceeded by what payees keep, and payees for whom nothing is left."""
    without_room = run.earnings.filter("limited").group_by("program_id")
    payees_kept = run.earnings.select(
        "program_id", "payee_id", "kept", "entitlement", "booked_before"
    )
    limited = dict(without_room.agg(pl.col("payee_id").n_unique()).iter_rows())
    beyond = kept_beyond_budgets(run.earnings, [one.case.program for one in run.settled])
    found = []
    for one in run.settled:
        program, currency = one.case.program, one.case.currency
        if program.id in beyond:
            amount = money_text(beyond[program.id], currency)
            found.append(
                f"{program.id}: booked amounts that are kept exceed the budget by {amount}"
            )
        if program.id in limited:
            rows = payees_kept.filter(pl.col("program_id") == program.id)
            payees = counted(limited[program.id], "payee gets", "payees get")
            found.append(f"{program.id}: {payees} less than earned: {_why_no_room(rows)}")
    return found


def _why_no_room(rows: pl.DataFrame) -> str:
    """Why a budget that covers all entitlements leaves too little: what is kept, or never booked."""
    more = rows.filter(pl.col("kept") > pl.col("entitlement"))
    keep = more.filter(pl.col("booked_before") > 0)["payee_id"].n_unique()
    if keep:
        others = counted(keep, "other keeps", "others keep")
        return f"{others} what was booked before, and the budget leaves no more"
    names = ", ".join(more["payee_id"].unique().sort().head(3))
    if names:
        return f"negative earnings of {names} free no budget: there is no booking to reverse"
    return "the budget leaves no more"


def _closed(run: Run) -> list[str]:
    count = run.settlement.closed.height
    return (
        [f"{counted(count, 'closed amount')} would be different today: closed.csv"] if count else []
    )


def _adjustments(run: Run) -> list[str]:
    changed = changed_adjustments(run.channel, run.loaded.programs, run.past)
    if not changed:
        return []
    listed = ", ".join(changed[:5]) + (", …" if len(changed) > 5 else "")
    return [f"adjustments are booked once: {listed} changed since; add a new adjustment instead"]


def _held(run: Run) -> list[str]:
    held = run.earnings.filter(pl.col("inactive") & (pl.col("entitlement") > 0))
    names = held["payee_id"].unique().sort()
    if names.is_empty():
        return []
    listed = ", ".join(names.head(5)) + (", …" if len(names) > 5 else "")
    inactive = counted(len(names), "inactive payee")
    return [f"{inactive}; earnings on hold until active again: {listed}"]


def _negative(run: Run) -> list[str]:
    below = run.payouts.filter(pl.col("carried_forward") < 0)
    if below.is_empty():
        return []
    worst = below.sort("carried_forward", "payee_kind", "payee_id", "currency").row(0, named=True)
    return [
        f"{counted(below.height, 'negative balance')} carried forward, the largest"
        f" {worst['payee_id']} with {money_text(worst['carried_forward'], worst['currency'])}"
    ]


@lru_cache(maxsize=1)
def warnings_on_data(loaded: Loaded, inputs: Inputs) -> tuple[Problem, ...]:
    """Every warning on the exports."""
    return (
        *inputs.problems,
        *replaced_lines(loaded, inputs),
        *unmatched_rows(loaded, inputs),
        *unknown_values(loaded, inputs),
    )


def _about_data(loaded: Loaded, inputs: Inputs) -> list[str]:
    """Every warning on the exports, and what to do about it."""
    return [_advice(problem, loaded) for problem in warnings_on_data(loaded, inputs)]


def _warnings(loaded: Loaded, shown: int) -> list[str]:
    """The first warnings on config and programs, and where the others are."""
    named = [_advice(problem, loaded) for problem in loaded.warnings[:shown]]
    more = len(loaded.warnings) - len(named)
    rest = f"{counted(more, 'more warning')} on config and programs: incentivectl check"
    return [*named, *([rest] if more > 0 else [])]


def _advice(problem: Problem, loaded: Loaded) -> str:
    """A warning on one line, with its place and what to do."""
    place = problem.place(loaded.workspace.root)
    where = f" ({place})" if place else ""
    return f"{problem.message}{where}{f'; {problem.hint}' if problem.hint else ''}"
