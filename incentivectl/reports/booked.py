"""What is booked in a period, and what is left: beside every report of that period."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from incentivectl.core.money import money_text
from incentivectl.core.nouns import counted
from incentivectl.ledger.batch_totals import ENTRIES, BatchTotal, Booked
from incentivectl.output.amounts import cents
from incentivectl.output.report import Cell, Section
from incentivectl.reports.run_figures import paid
from incentivectl.reports.run_folder import RunFolder
from incentivectl.run.program_rows import program_rows, totals

COLUMNS = ("batch", "what", "currency", "number", "amount")


def booked_section(booked: Booked, period: str, left: str) -> Section:
    """Entries and payments by state of each batch; `left` says what is not booked yet."""
    return Section("booked", f"Booked in {period}", COLUMNS, booked_rows(booked.totals), left)


def left_of_folder(run: RunFolder) -> str:
    """What the run of a report left to book, as far as it knew of the batches."""
    period = run.manifest["period"]
    if run.booked.since:
        named = ", ".join(run.booked.since)
        return f"The run is older than batch {named}: `run {period}` says what is left."
    entries = {
        currency: sums["this_batch"]
        for currency, sums in totals(program_rows(run.manifest, run.earnings)).items()
        if sums["this_batch"]
    }
    return left_text(entries, paid(run), period)


def booked_rows(booked: Iterable[BatchTotal]) -> list[tuple[Cell, ...]]:
    """A row for the entries of each batch and currency, and one for its payments of each state."""
    return [
        (one.batch_id, what_text(one), one.currency, one.number, cents(one.amount, one.currency))
        for one in booked
    ]


def what_text(one: BatchTotal) -> str:
    """`entries`, `payments reserved`, `payments paid`."""
    return one.what if one.what == ENTRIES else f"payments {one.what}"


def left_text(entries: Mapping[str, Decimal], payable: Mapping[str, Decimal], period: str) -> str:
    """What another batch of the period would book and pay."""
    if not entries and not payable:
        return "Nothing is left to book or pay."
    booked = ", ".join(money_text(amount, code) for code, amount in entries.items())
    paid = ", ".join(money_text(amount, code) for code, amount in payable.items())
    return (
        f"Left to book: {booked or 'nothing'}; left to pay: {paid or 'nothing'}"
        f" (`batch post {period}`)."
    )


def payments_by_currency(booked: Iterable[BatchTotal]) -> dict[str, Decimal]:
    """What the payments come to that have not failed and were not cancelled."""
    sums: dict[str, Decimal] = {}
    for one in booked:
        if one.is_payment:
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount
    return sums


def payments_text(booked: Sequence[BatchTotal]) -> str:
    """`batch 2026-09.1: 140 payments reserved, 6 paid`."""
    names = ", ".join(dict.fromkeys(one.batch_id for one in booked))
    states: dict[str, int] = {}
    for one in booked:
        if one.what != ENTRIES:
            states[one.what] = states.get(one.what, 0) + one.number
    told = [
        f"{counted(number, 'payment') if at == 0 else number} {state}"
        for at, (state, number) in enumerate(states.items())
    ]
    return f"batch {names}: {', '.join(told) or 'no payments'}"
