"""What `run` prints: one screen for an analyst at month end."""

from pathlib import Path

import polars as pl

from incentivectl.frames import total
from incentivectl.ingest.inputs import Inputs
from incentivectl.insight.attention import attention, attention_to_data
from incentivectl.money import minor_digits, rounded_to
from incentivectl.nouns import counted
from incentivectl.reports.report import Amount, Cell, Report, Section
from incentivectl.run import Loaded, Run, distinct_checks
from incentivectl.settlement.bookings import CLOSED_STATUS, ELSEWHERE

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
            balances_section(run),
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
        closing=(f"Files in {near(folder)}; took {seconds:.1f} s; a run books nothing.",),
    )


def near(folder: Path) -> str:
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
    found = attention_to_data(inputs)
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
                [(text,) for text in found],
                "" if found else "Nothing.",
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
                one.case.currency,
                *(
                    rounded_to(amount, one.case.digits)
                    for amount in (
                        by_status["due"],
                        total(rows_of, "booked_before"),
                        total(rows_of, "this_batch"),
                        by_status["held"],
                        by_status["accruing"],
                    )
                ),
                earning,
                used,
            )
        )
    columns = (
        "program", "currency", "due", "booked before", "this batch", "held", "accruing", "payees",
        "budget used",
    )  # fmt: skip
    return Section("programs", "Programs", columns, rows, " ".join(_out_of_the_window(run)))


def _out_of_the_window(run: Run) -> list[str]:
    """What the ledger does not book: before its first period, or too old to be corrected."""
    rules, notes = run.loaded.workspace.settlement, []
    elsewhere = run.earnings.filter(pl.col("status") == ELSEWHERE).height
    if elsewhere:
        notes.append(
            f"{elsewhere} rows of earnings.csv ended before {rules.first_period}: settled elsewhere."
        )
    closed = run.earnings.filter(pl.col("status") == CLOSED_STATUS).height
    if closed:
        notes.append(f"{closed} rows are older than {rules.correct_for_months} months: closed.")
    return notes


def balances_section(run: Run) -> Section:
    """What was brought forward, what this batch books, and what becomes of it, by currency."""
    amounts = ("brought_forward", "this_batch", "payable", "carried_forward", "held")
    sums = run.payouts.group_by("currency").agg(pl.col(amounts).sum()).sort("currency")
    rows: list[tuple[Cell, ...]] = [
        (currency, *(Amount(value, minor_digits(currency)) for value in values))
        for currency, *values in sums.iter_rows()
    ]
    columns = ("currency", *(name.replace("_", " ") for name in amounts))
    return Section("balances", "Balances", columns, rows)


def payees_section(run: Run) -> Section:
    """Who is paid most in this batch."""
    paid = run.payouts.filter(pl.col("payable") > 0)
    top = paid.sort("payable", "payee_id", descending=[True, False]).head(TOP_PAYEES)
    rows: list[tuple[Cell, ...]] = [
        (
            row["payee_id"],
            row["payee_name"],
            row["currency"],
            row["method"],
            rounded_to(row["payable"], minor_digits(row["currency"])),
        )
        for row in top.iter_rows(named=True)
    ]
    totals = ", ".join(
        f"{rounded_to(row['payable'], minor_digits(row['currency'])):,f} {row['currency']}"
        for row in paid.group_by("currency").agg(pl.col("payable").sum()).sort("currency")
        .iter_rows(named=True)
    )  # fmt: skip
    note = (
        f"{counted(paid['payee_id'].n_unique(), 'payee')}, payable in all {totals}"
        if totals
        else ""
    )
    columns = ("payee", "name", "currency", "method", "payable")
    return Section("payees", "Top payees", columns, rows, note or "Nobody is paid.")


def attention_section(run: Run) -> Section:
    """What needs attention, worst first."""
    rows: list[tuple[Cell, ...]] = [(text,) for text in attention(run)]
    return Section("attention", "Needs attention", ("what",), rows, "" if rows else "Nothing.")
