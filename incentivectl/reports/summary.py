"""What `run` prints: one screen for an analyst at month end."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.core.errors import Problem, errors_in
from incentivectl.core.money import minor_digits, money_text, rounded_to
from incentivectl.core.nouns import counted
from incentivectl.core.periods import Period
from incentivectl.ingest.inputs import Inputs
from incentivectl.ledger.batch_totals import Booked
from incentivectl.output.report import Amount, Cell, Report, Section, Worded
from incentivectl.reports.booked import booked_section, left_text
from incentivectl.reports.run_facts import cost_facts
from incentivectl.run.attention import attention, attention_of_check
from incentivectl.run.loading import Loaded
from incentivectl.run.program_rows import equation, program_rows, shown_columns, totals, used_text
from incentivectl.run.run import Run, distinct_checks
from incentivectl.settlement.bookings import CLOSED_STATUS, ELSEWHERE

TOP_PAYEES = 8
_FATES = ("read", "accepted", "rejected", "duplicate", "superseded", "skipped")


def run_report(
    run: Run,
    folder: Path,
    seconds: float,
    booked: Booked,
    posted: tuple[Run, str] | None = None,
    changes: Sequence[Section] = (),
) -> Report:
    """The report of a run whose files stand in `folder`; `booked` is what PERIOD's batches booked.

    Once all is `posted`, the money shown is that of the newest batch: the run as it was then, and the
    batch's id. `changes` say what changed since the batch before.
    """
    shown, batch = posted or (run, None)
    workspace = run.loaded.workspace
    return Report(
        title=f"{workspace.name}: {run.period.label}, as of {run.period.last.isoformat()}"
        + (f", as known on {run.known_on}" if run.known_on is not None else "")
        + (f", posted as {batch}" if batch else ""),
        sections=(
            programs_section(shown),
            *changes,
            *([booked_section(booked, run.period.label, _left(run))] if booked.totals else []),
            balances_section(shown),
            payees_section(
                shown,
                "Nothing more is payable." if booked.totals else "Nobody is paid.",
                f"Payments of {batch}" if batch else "Payable",
            ),
            attention_section(run),
            rows_section(run.inputs, _periods(run)),
            _checks_section(run),
        ),
        main="programs",
        facts={
            "workspace": workspace.name,
            "period": run.period.label,
            "as_of": run.period.last,
            **({} if run.known_on is None else {"as_known_on": run.known_on}),
            "currency": workspace.currency,
            **({} if batch is None else {"posted_as": batch}),
            "folder": str(folder),
            "seconds": f"{seconds:.2f}",
        },
        closing=(
            f"Files in {near(folder)}; took {seconds:.1f} s; a run books nothing.",
            *_next_step(run),
        ),
    )


def _checks_section(run: Run) -> Section:
    """How many integrity checks passed; all of them are listed once one has failed."""
    checks = distinct_checks(run.checks)
    passed = sum(1 for _, ok, _ in checks if ok)
    all_passed = passed == len(checks)
    return Section(
        "invariants",
        "Integrity checks",
        ("check", "passed", "detail"),
        []
        if all_passed
        else [(name, "yes" if ok else "NO", detail) for name, ok, detail in checks],
        note=f"{passed} of {len(checks)} passed.",
        keys=("invariant", "holds", "detail"),
        tone="" if all_passed else "error",
    )


def _next_step(run: Run) -> tuple[str, ...]:
    """How what is left is booked, where something is and nothing is in the way."""
    books = run.settlement.entries.height or (run.payouts["payable"] > 0).any()
    if not books or run.broken or run.known_on is not None:
        return ()
    if errors_in(run.objections):
        return ("Posting is blocked: see what needs attention.",)
    begins = run.past.has_begun or run.loaded.workspace.settlement.first_period is not None
    needed = "" if begins else "set [settlement] first_period, then "
    return (f"Next: {needed}`incentivectl batch post {run.period.label}`.",)


def _periods(run: Run) -> tuple[Period, Period]:
    """PERIOD, and the one before it."""
    return run.period, run.loaded.workspace.calendar.before(run.period)


def near(folder: Path) -> str:
    """The folder as seen from here, where that is shorter."""
    here = Path.cwd()
    return str(folder.relative_to(here)) if folder.is_relative_to(here) else str(folder)


def check_report(loaded: Loaded, inputs: Inputs, objections: Sequence[Problem]) -> Report:
    """The report of `check`: programs and rows, where nothing stands in the way of a run.

    `objections` say what posting would refuse, as far as that can be said without a PERIOD.
    """
    examples = sum(len(program.example) for program in loaded.programs)
    programs: list[tuple[Cell, ...]] = [
        (p.id, p.kind, p.starts.isoformat(), p.ends.isoformat(), len(p.example))
        for p in loaded.programs
    ]
    found = attention_of_check(loaded, inputs, objections)
    return Report(
        title=f"{loaded.workspace.name}: config, programs and data are sound",
        sections=(
            Section(
                "programs",
                "Programs",
                ("program", "kind", "starts", "ends", "examples"),
                programs,
                f"{counted(examples, 'example')} checked",
            ),
            rows_section(inputs),
            Section(
                "attention",
                "Needs attention",
                ("what",),
                [(text,) for text in found],
                "" if found else "Nothing.",
                tone="warning",
            ),
        ),
        main="programs",
        facts={"workspace": loaded.workspace.name, "examples": examples},
    )


def rows_section(inputs: Inputs, periods: Sequence[Period] = ()) -> Section:
    """Rows read and what became of them: each sales source, and the other tables together.

    Before these counts of all history stand the accepted lines sold in each of `periods`.
    """
    counts = inputs.counts.filter(pl.col("read") > 0)
    sales = counts.filter(pl.col("table") == "sales")
    others = counts.filter(pl.col("table") != "sales")
    sold = _sold_lines(inputs.days, periods)
    rows: list[tuple[Cell, ...]] = [
        (
            f"sales: {row['source']}" if sales.height > 1 else "sales",
            *sold.get(row["source"], (0,) * len(periods)),
            *(row[fate] for fate in _FATES),
        )
        for row in sales.iter_rows(named=True)
    ]
    if sales.height > 1:
        sums = [sum(numbers[at] for numbers in sold.values()) for at in range(len(periods))]
        rows.append(("all sales", *sums, *sales.select(_FATES).sum().row(0)))
    if others.height:
        tables = counted(others["table"].n_unique(), "other table")
        fates = others.select(_FATES).sum().row(0)
        rows.append((tables, *(None for _ in periods), *fates))
    labels = [f"sold in {one.label}" for one in periods]
    return Section(
        "rows",
        "Rows",
        ("source", *labels, *_FATES),
        rows,
        "read to skipped: all history." if periods else "",
        keys=("source", *("sold", "sold_before")[: len(periods)], *_FATES),
    )


def _sold_lines(days: pl.DataFrame, periods: Sequence[Period]) -> dict[str, tuple[int, ...]]:
    """The accepted lines of each source that were sold in each of the periods."""
    if not periods:
        return {}
    day, lines = pl.col("sold_on"), pl.col("lines")
    counted_lines = days.group_by("source").agg(
        lines.filter(day.is_between(one.first, one.last)).sum().alias(str(at))
        for at, one in enumerate(periods)
    )
    return {source: tuple(numbers) for source, *numbers in counted_lines.iter_rows()}


def programs_section(run: Run) -> Section:
    """What each program costs, in columns that add up, its payees, and its budget."""
    listed = program_rows(cost_facts(run), run.earnings)
    amounts = shown_columns(listed)
    sums = totals(listed)
    return Section(
        "programs",
        "Programs",
        (
            "program", "currency", *(name.replace("_", " ") for name in amounts), "payees",
            "budget used", "due",
        ),
        [
            (
                one.program_id,
                one.currency,
                *(_amount(one.amounts[name], one.currency) for name in amounts),
                one.payees,
                None if one.used is None else Worded(one.used / 100, used_text(one.used)),
                _amount(one.due, one.currency),
            )
            for one in listed
        ],
        " ".join([f"{equation(amounts)}.", *_out_of_the_window(run)]),
        for_machines=1,
        totals=[
            ("total", currency, *(_amount(of[name], currency) for name in amounts), None, None, None)
            for currency, of in sums.items()
        ],
    )  # fmt: skip


def _amount(value: Decimal, currency: str) -> Decimal | None:
    return rounded_to(value, minor_digits(currency))


def _out_of_the_window(run: Run) -> list[str]:
    """What the ledger does not book: before its first period, or too old to be corrected."""
    rules, notes = run.loaded.workspace.settlement, []
    elsewhere = run.earnings.filter(pl.col("status") == ELSEWHERE).height
    if elsewhere:
        rows = counted(elsewhere, "earnings row predates", "earnings rows predate")
        notes.append(f"{rows} {rules.first_period} (settled outside this ledger).")
    closed = run.earnings.filter(pl.col("status") == CLOSED_STATUS).height
    if closed:
        rows = counted(closed, "earnings row is", "earnings rows are")
        months = counted(rules.correct_for_months or 0, "month")
        notes.append(f"{rows} older than {months} (closed).")
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
    note = "brought forward + this batch = payable + carried forward + held (inactive payees)."
    return Section("balances", "Balances", columns, rows, note if rows else "")


def _left(run: Run) -> str:
    """What another batch of PERIOD would book and pay."""
    sums = run.settlement.entries.group_by("currency").agg(pl.col("amount").sum()).sort("currency")
    paid = (
        run.payouts.filter(pl.col("payable") > 0).group_by("currency").agg(pl.col("payable").sum())
    )
    return left_text(
        dict(sums.iter_rows()), dict(paid.sort("currency").iter_rows()), run.period.label
    )


def payees_section(run: Run, nobody: str = "Nobody is paid.", paid_by: str = "Payable") -> Section:
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
    sums = paid.group_by("currency").agg(pl.col("payable").sum()).sort("currency")
    payable = ", ".join(money_text(amount, currency) for currency, amount in sums.iter_rows())
    payees = counted(paid.select("payee_kind", "payee_id").n_unique(), "payee")
    note = f"{paid_by} to {payees}: {payable}." if payable else ""
    columns = ("payee", "name", "currency", "method", "payable")
    return Section("payees", "Top payees", columns, rows, note or nobody)


def attention_section(run: Run) -> Section:
    """What needs attention, worst first."""
    rows: list[tuple[Cell, ...]] = [(text,) for text in attention(run)]
    note = "" if rows else "Nothing."
    return Section("attention", "Needs attention", ("what",), rows, note, tone="warning")
