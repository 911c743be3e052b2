"""What `program list` and `program show` print."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.output.report import Cell, Report, Section
from incentivectl.program_files.plain_words import plain_words
from incentivectl.programs.checks.checks import complexity
from incentivectl.programs.model import Program
from incentivectl.programs.terms import Term
from incentivectl.run.run_results import EARNINGS, newest_run, results_in
from incentivectl.workspace.workspace import Workspace


@dataclass(frozen=True)
class Costs:
    """What each program cost by the newest run: (program, currency) → Σ entitlements."""

    period: str = ""
    by_program: dict[tuple[str, str], Decimal] = field(default_factory=dict)


def newest_costs(reports: Path) -> Costs:
    """The entitlements of the run of the latest period in `reports`, summed; none without a run.

    Refuses (`DATA`) a run whose files are damaged.
    """
    newest = newest_run(reports)
    if newest is None:
        return Costs()
    folder, manifest = newest
    earnings = results_in(folder / EARNINGS, ("program_id", "currency", "entitlement"))
    sums = earnings.group_by("program_id", "currency").agg(pl.col("entitlement").sum())
    by_program = {(program, currency): sum_ for program, currency, sum_ in sums.iter_rows()}
    return Costs(manifest["period"], by_program)


def list_report(workspace: Workspace, programs: Sequence[Program]) -> Report:
    """Each program with its dates, its complexity, and what it cost by the newest run."""
    costs = newest_costs(workspace.reports)
    rows: list[tuple[Cell, ...]] = []
    for program in programs:
        currency = program.currency or workspace.currency
        cost = costs.by_program.get((program.id, currency))
        unit = Decimal(1).scaleb(-money.minor_digits(currency))
        rows.append(
            (
                program.id,
                program.name,
                program.kind,
                program.starts.isoformat(),
                program.ends.isoformat(),
                complexity(program),
                None if cost is None else cost.quantize(unit),
                currency,
            )
        )
    note = (
        f"Cost: what is earned so far, by the run of {costs.period}."
        if costs.period
        else "No cost yet: `incentivectl run PERIOD` computes it."
    )
    columns = ("program", "name", "kind", "starts", "ends", "complexity", "cost", "currency")
    return Report(
        title=f"{workspace.name}: {counted(len(programs), 'program')}",
        sections=(Section("programs", "Programs", columns, rows, note),),
        main="programs",
        facts={"workspace": workspace.name, "cost_period": costs.period or None},
    )


def show_report(
    workspace: Workspace,
    program: Program,
    *more: Section,
    own: Callable[[Term], bool] | None = None,
) -> Report:
    """A program's rules in plain English, with its tables and its first example, and `more` sections.

    Of its contracts' terms only a payee's `own` are shown, where they are named.
    """
    currency = program.currency or workspace.currency
    sections = [
        Section(part.key, part.title, part.columns, part.rows)
        if part.rows
        else Section(
            part.key, part.title, ("sentence",), [(one,) for one in part.sentences], prose=True
        )
        for part in plain_words(program, workspace.currency, workspace.calendar, own)
    ]
    return Report(
        title=program.name,
        sections=(*sections, *more),
        main="about",
        facts={
            "program": program.id,
            "name": program.name,
            "kind": program.kind,
            "starts": program.starts,
            "ends": program.ends,
            "currency": currency,
        },
    )
