"""What `run` prints: one screen for an analyst at month end."""

from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.errors import Problem
from incentivectl.frames import total
from incentivectl.ingest.inputs import Inputs
from incentivectl.reports.output import Cell, Report, Section
from incentivectl.run import Loaded, Run, distinct_checks

TOP_PAYEES = 8
_FATES = ("read", "accepted", "rejected", "duplicate", "superseded", "skipped")


def run_report(run: Run, folder: Path, seconds: float) -> Report:
    """The report of a run whose files stand in `folder`."""
    workspace = run.loaded.workspace
    checks = distinct_checks(run.checks)
    held = sum(1 for _, ok, _ in checks if ok)
    return Report(
        title=f"{workspace.name}: {run.period.label}, as of {run.period.last.isoformat()}"
        + (f", as known on {run.known_on}" if run.known_on is not None else ""),
        sections=(
            rows_section(run.inputs),
            programs_section(run),
            payees_section(run),
            attention_section(run),
            Section(
                "invariants",
                "Invariants",
                ("invariant", "holds", "detail"),
                [(name, "yes" if ok else "NO", detail) for name, ok, detail in checks]
                if held < len(checks)
                else [],
                note=f"{held} of {len(checks)} hold.",
            ),
        ),
        main="programs",
        facts={
            "workspace": workspace.name,
            "period": run.period.label,
            "as_of": run.period.last,
            **({} if run.known_on is None else {"as_known_on": run.known_on}),
            "currency": workspace.currency,
            "folder": str(folder),
            "seconds": f"{seconds:.2f}",
        },
        closing=(f"Files in {_near(folder)}; took {seconds:.1f} s; a run books nothing.",),
    )


def _near(folder: Path) -> str:
    """The folder as seen from here, where that is shorter."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else str(folder)


def check_report(loaded: Loaded, inputs: Inputs) -> Report:
    """The report of `check`: programs and rows, where nothing stands in the way of a run."""
    examples = sum(len(program.example) for program in loaded.programs)
    programs: list[tuple[Cell, ...]] = [
        (p.id, p.kind, p.starts.isoformat(), p.ends.isoformat(), len(p.example))
        for p in loaded.programs
    ]
    attention = [*_rejected(inputs), *_unknown(inputs)]
    return Report(
        title=f"{loaded.workspace.name}: config, programs and data are sound",
        sections=(
            Section(
                "programs",
                "Programs",
                ("program", "kind", "starts", "ends", "examples"),
                programs,
                f"{examples} examples earn what they expect",
            ),
            rows_section(inputs),
            Section(
                "attention",
                "Needs attention",
                ("what",),
                [(text,) for text in attention],
                "" if attention else "Nothing.",
            ),
        ),
        main="programs",
        facts={"workspace": loaded.workspace.name, "examples": examples},
    )


def rows_section(inputs: Inputs) -> Section:
    """Rows read and what became of them: each sales source, and the other tables together."""
    counts = inputs.counts.filter(pl.col("read") > 0)
    sales = counts.filter(pl.col("table") == "sales")
    others = counts.filter(pl.col("table") != "sales")
    rows: list[tuple[Cell, ...]] = [
        (f"sales: {row['source']}" if sales.height > 1 else "sales", *(row[f] for f in _FATES))
        for row in sales.iter_rows(named=True)
    ]
    if sales.height > 1:
        rows.append(("sales in all", *sales.select(_FATES).sum().row(0)))
    if others.height:
        tables = others["table"].n_unique()
        rows.append((f"{tables} other tables", *others.select(_FATES).sum().row(0)))
    return Section("rows", "Rows", ("source", *_FATES), rows)


def programs_section(run: Run) -> Section:
    """Each program's cost by status, its payees, and its budget."""
    rows: list[tuple[Cell, ...]] = []
    for one in run.settled:
        program = one.case.program
        rows_of = run.earnings.filter(pl.col("program_id") == program.id)
        by_status = {
            status: total(rows_of.filter(pl.col("status") == status), "entitlement")
            for status in ("due", "held", "accruing")
        }
        earning = one.earnings.filter(pl.col("entitlement") != 0)["payee_id"].n_unique()
        spent = total(one.earnings, "entitlement")
        budget = program.limits.budget
        used = f"{100 * spent / budget:.0f} %" if budget else ""
        rows.append(
            (
                program.id,
                program.kind,
                one.case.currency,
                *(money_cell(total, one.case.digits) for total in by_status.values()),
                earning,
                used,
            )
        )
    columns = ("program", "kind", "currency", "due", "held", "accruing", "payees", "budget used")
    elsewhere = run.earnings.filter(pl.col("status") == "settled-elsewhere")
    note = ""
    if elsewhere.height:
        first = run.loaded.workspace.settlement.first_period
        note = f"{elsewhere.height} rows of earnings.csv ended before {first}: settled elsewhere."
    return Section("programs", "Programs", columns, rows, note)


def money_cell(amount: Decimal | int, digits: int) -> Decimal | None:
    """An amount with the digits of its currency, nothing for zero."""
    return Decimal(amount).quantize(Decimal(1).scaleb(-digits)) if amount else None


def payees_section(run: Run) -> Section:
    """Who is paid most in this batch."""
    from incentivectl.money import minor_digits

    paid = run.payouts.filter(pl.col("payable") > 0)
    top = paid.sort("payable", "payee_id", descending=[True, False]).head(TOP_PAYEES)
    rows: list[tuple[Cell, ...]] = [
        (
            row["payee_id"],
            row["payee_name"],
            row["currency"],
            row["method"],
            money_cell(row["payable"], minor_digits(row["currency"])),
        )
        for row in top.iter_rows(named=True)
    ]
    totals = ", ".join(
        f"{money_cell(row['payable'], minor_digits(row['currency'])):,f} {row['currency']}"
        for row in paid.group_by("currency").agg(pl.col("payable").sum()).sort("currency")
        .iter_rows(named=True)
    )  # fmt: skip
    note = f"{paid['payee_id'].n_unique()} payees, payable in all {totals}" if totals else ""
    columns = ("payee", "name", "currency", "method", "payable")
    return Section("payees", "Top payees", columns, rows, note or "Nobody is paid.")


def attention_section(run: Run) -> Section:
    """What needs attention, worst first."""
    found = [
        *_broken(run),
        *_rejected(run.inputs),
        *_unknown(run.inputs),
        *_budgets(run),
        *_held(run),
        *_negative(run),
        *(_line(problem, run.loaded.workspace.root) for problem in run.inputs.problems),
        *_warnings(run.loaded),
    ]
    rows: list[tuple[Cell, ...]] = [(text,) for text in found]
    return Section("attention", "Needs attention", ("what",), rows, "" if rows else "Nothing.")


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
        f"{row['rows']:,} rows of {row['source']} rejected ({', '.join(row['why'][:4])}"
        f"{', …' if len(row['why']) > 4 else ''}): rejects/{row['source']}.csv"
        for row in reasons.iter_rows(named=True)
    ]


def _unknown(inputs: Inputs) -> list[str]:
    counts = inputs.unknown.group_by("table").agg(
        pl.len().alias("ids"), pl.col("lines").sum()
    ).sort("lines", descending=True)  # fmt: skip
    return [
        f"{row['ids']:,} unknown {row['table']} on {row['lines']:,} lines: unknown.csv"
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
                f" {limits.over_budget} cut {money_cell(cut, one.case.digits):,f}"
            )
        elif spent > limits.budget:
            over = money_cell(spent - limits.budget, one.case.digits)
            found.append(f"{name}: {over:,f} {money_text} over its budget (over_budget = warn)")
        elif spent * 10 >= limits.budget * 9:
            found.append(f"{name}: {100 * spent / limits.budget:.0f} % of the budget is used")
    return found


def _held(run: Run) -> list[str]:
    held = run.earnings.filter(pl.col("inactive") & (pl.col("entitlement") > 0))
    names = held["payee_id"].unique().sort()
    if names.is_empty():
        return []
    listed = ", ".join(names.head(5)) + (", …" if len(names) > 5 else "")
    return [f"{len(names)} payees are not active, their earnings are held: {listed}"]


def _negative(run: Run) -> list[str]:
    below = run.payouts.filter(pl.col("carried_forward") < 0)
    if below.is_empty():
        return []
    worst = below.sort("carried_forward").row(0, named=True)
    return [
        f"{below.height} negative balances are carried forward, the largest"
        f" {worst['payee_id']} {worst['carried_forward'].normalize():,f} {worst['currency']}"
    ]


def _warnings(loaded: Loaded) -> list[str]:
    number = len(loaded.warnings)
    return [f"{number} warnings on config and programs: incentivectl check"] if number else []


def _line(problem: Problem, root: Path) -> str:
    place = problem.place(root)
    return f"{problem.message}{f' ({place})' if place else ''}"
