"""What `ledger verify` and `ledger balance` print."""

from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.insight.payee import Payee
from incentivectl.ledger.verify import Verdict
from incentivectl.output.report import Amount, Cell, Report, Section


def verdict_report(verdict: Verdict) -> Report:
    """Whether the ledger is whole, and every fault with its place."""
    rows: list[tuple[Cell, ...]] = [(one.where, one.what) for one in verdict.faults]
    looked_at = (
        f"Checked {counted(verdict.batches, 'batch', 'batches')},"
        f" {counted(verdict.entries, 'entry', 'entries')} and {counted(verdict.records, 'record')}."
    )
    title = (
        "The ledger is intact"
        if not rows
        else f"THE LEDGER IS NOT INTACT: {counted(len(rows), 'fault')}"
    )
    return Report(
        title=title,
        sections=(Section("faults", "Faults", ("where", "what"), rows, tone="error"),),
        main="faults",
        facts={
            "whole": "no" if rows else "yes",
            "batches": verdict.batches,
            "entries": verdict.entries,
            "records": verdict.records,
            "head": verdict.newest,
        },
        closing=(looked_at, *([f"head {verdict.newest}"] if verdict.newest else [])),
    )


def balance_report(balances: pl.DataFrame, as_of: date) -> Report:
    """What is owed to each payee; balances of 0 are left out."""
    owed = balances.filter(pl.col("brought_forward") != 0)
    rows: list[tuple[Cell, ...]] = [
        (
            row["payee_id"],
            row["payee_kind"],
            row["currency"],
            row["method"],
            _amount(row["brought_forward"], row["currency"]),
        )
        for row in owed.iter_rows(named=True)
    ]
    sums = owed.group_by("currency").agg(pl.col("brought_forward").sum()).sort("currency")
    total = ", ".join(
        f"{_amount(amount, currency).rounded:,f} {currency}"
        for currency, amount in sums.iter_rows()
    )
    note = f"{counted(len(rows), 'balance')}, in all {total}" if rows else "Every balance is 0."
    columns = ("payee", "kind", "currency", "method", "balance")
    return Report(
        f"Balances{_until(as_of)}",
        (Section("balances", "Balances", columns, rows, note),),
        "balances",
        {"as_of": None if as_of == date.max else as_of},
    )


def movements_report(
    payee: Payee, balances: pl.DataFrame, movements: pl.DataFrame, as_of: date
) -> Report:
    """Every movement of one payee with the balance after it: a section for each balance."""
    sections = [
        _movements(rows, payee.kind, *(str(part) for part in key))
        for key, rows in movements.group_by(_BALANCE, maintain_order=True)
    ]
    owed = balances.filter(payee.who)
    now = [
        f"Balance: {_amount(amount, currency).rounded:,f} {currency} ({method})."
        for amount, currency, method in owed.select(
            "brought_forward", "currency", "method"
        ).iter_rows()
    ]
    nothing = Section("movements", "", (), (), f"No movements for {payee.name}.")
    return Report(
        f"{payee.kind} {payee.id}, {payee.name}: movements{_until(as_of)}",
        tuple(sections or [nothing]),
        "movements",
        {"payee": payee.id, "as_of": None if as_of == date.max else as_of},
        tuple(now),
    )


_BALANCE = ["currency", "method"]


def _movements(movements: pl.DataFrame, kind: str, currency: str, method: str) -> Section:
    running = Decimal(0)
    rows: list[tuple[Cell, ...]] = []
    for row in movements.iter_rows(named=True):
        running += row["amount"]
        rows.append(
            (
                row["dated"],
                row["batch_id"],
                row["what"],
                row["program_id"] or row["reference"],
                row["period_start"],
                _amount(row["amount"], currency),
                _amount(running, currency),
            )
        )
    columns = ("dated", "batch", "what", "for", "period", "amount", "balance")
    about: dict[str, Cell] = {"kind": kind, "currency": currency, "method": method}
    return Section("movements", f"{currency}, {method}", columns, rows, about=about)


def _until(as_of: date) -> str:
    return "" if as_of == date.max else f" as of {as_of.isoformat()}"


def _amount(value: Decimal, currency: str) -> Amount:
    return Amount(value, money.minor_digits(currency))
