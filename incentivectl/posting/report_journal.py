"""What `journal` prints: the lines in double entry, and the roll-forward of accruals and payables."""

from collections.abc import Sequence
from decimal import Decimal

from incentivectl.core import money
from incentivectl.ledger.journal.journal import Journal
from incentivectl.ledger.journal.rollforward import Movement, Owed
from incentivectl.output.report import Amount, Cell, Report, Section

_MOVES = ("opening", "new", "used", "released", "closing")


def journal_report(journal: Journal) -> Report:
    """A journal that balances, and whose roll-forward closes."""
    return Report(
        title=f"journal {journal.label}",
        sections=(
            _lines(journal),
            _totals(journal),
            _rolled("accruals", "Accruals", "program", journal.rolled.accruals),
            _rolled("payables", "Payables", "method", journal.rolled.payables),
            _owed(journal.rolled.owed),
        ),
        main="lines",
        facts={"journal": journal.label, "currency": journal.home},
    )


def _lines(journal: Journal) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            line.entry,
            line.day,
            line.batch_id,
            line.what,
            journal.account(line),
            line.program_id,
            line.method,
            line.debtor,
            line.currency,
            *_sides(line.amount, line.currency),
            *_sides(line.home_amount, journal.home),
        )
        for line in journal.lines
    ]
    home = journal.home
    columns = (
        "entry", "date", "batch", "what", "account", "program", "method", "debtor", "currency",
        "debit", "credit", f"{home} debit", f"{home} credit",
    )  # fmt: skip
    keys = (*columns[:-2], "home_debit", "home_credit")
    unknown = any(line.home_amount is None for line in journal.lines)
    unvalued = f"Where no amount in {home} stands, no exchange rate of the day is recorded."
    note = unvalued if unknown else ""
    return Section(
        "lines",
        "",
        columns,
        rows,
        note if rows else "Nothing was booked.",
        keys=keys,
        for_machines=0 if any(line.currency != home for line in journal.lines) else 2,
    )


def _sides(amount: Decimal | None, currency: str) -> tuple[Cell, Cell]:
    if not amount:
        return None, None
    shown = Amount(abs(amount), money.minor_digits(currency))
    return (shown, None) if amount > 0 else (None, shown)


def _totals(journal: Journal) -> Section:
    """What all debits and all credits come to in each currency, and in the workspace's."""
    home, whole = journal.home, f"all in {journal.home}"
    is_all_there_is = all(line.currency == home for line in journal.lines)
    sums: dict[tuple[str, str], tuple[Decimal, Decimal]] = {}
    for line in journal.lines:
        for key, amount in (
            ((line.currency, line.currency), line.amount),
            ((whole, home), line.home_amount or Decimal(0)),
        ):
            debit, credit = sums.get(key, (Decimal(0), Decimal(0)))
            sums[key] = (debit + max(amount, Decimal(0)), credit - min(amount, Decimal(0)))
    rows: list[tuple[Cell, ...]] = [
        (what, *(Amount(side, money.minor_digits(currency)) for side in sides))
        for (what, currency), sides in sorted(sums.items())
        if what != whole or not is_all_there_is
    ]
    return Section("totals", "Totals", ("currency", "debit", "credit"), rows)


def _rolled(key: str, title: str, of: str, movements: Sequence[Movement]) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (row.of, row.currency, *(_units(getattr(row, name), row.currency) for name in _MOVES))
        for row in movements
    ]
    note = "opening + new - used - released = closing." if rows else ""
    return Section(key, title, (of, "currency", *_MOVES), rows, note)


def _owed(owed: Sequence[Owed]) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            row.method,
            row.currency,
            _units(row.balances, row.currency),
            _units(row.under_way, row.currency),
            _units(row.balances + row.under_way, row.currency),
        )
        for row in owed
        if row.balances or row.under_way
    ]
    columns = ("method", "currency", "balances", "payments under way", "payables")
    title = "Balances and payments under way"
    return Section("owed", title, columns, rows, "They are the closing payables." if rows else "")


def _units(units: int, currency: str) -> Amount:
    return Amount(money.from_minor(units, currency), money.minor_digits(currency))
