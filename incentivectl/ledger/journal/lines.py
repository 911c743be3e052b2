"""The journal of a ledger as lines in double entry (docs/ledger.md, "Journal").

A batch makes three journal entries: it reverses what the batch before it recorded as unbooked, books its
own entries, and records what is unbooked now. Each answer of the bank makes one for what it paid and one
for what came back.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from incentivectl.core import money
from incentivectl.ledger import records
from incentivectl.ledger.journal.accounts import (
    ACCRUED,
    CLEARING,
    EXPENSE,
    FX,
    PAYABLE,
    WITHHELD,
)
from incentivectl.ledger.journal.sums import Accrued, Answered, Booked, Sums
from incentivectl.ledger.journal.values import NOTHING, Held, Home
from incentivectl.ledger.records import Batch

REVERSED, ENTERED, RECORDED = "accruals reversed", "entries", "accruals"
PAID, RETURNED = "paid", "returned"
Pool = tuple[str, str | None, str]  # what is owed by method, debtor and currency


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal; amounts are debits, credits are negative.

    `entry` numbers the journal entry: its record in the ledger and its place in it. `home_amount` is in
    the workspace's currency, None where no rate is known. `method` is that of a payable or a payment,
    `program_id` is missing where money belongs to no program or to several.
    """

    entry: str
    record: int
    day: date
    batch_id: str
    what: str
    role: str
    program_id: str | None
    method: str | None
    debtor: str | None
    currency: str
    amount: Decimal
    home_amount: Decimal | None


def lines_of(connection: sqlite3.Connection, sums: Sums, home: str) -> list[Line]:
    """Every line of the ledger's journal, in the order of its records; `home` is the workspace's currency."""
    return list(_Journal(home).lines(connection, sums))


class _Journal:
    """Goes through the records and keeps what is owed, with its book value."""

    def __init__(self, home: str) -> None:
        self._currency, self._digits = home, money.minor_digits(home)
        self._owed: defaultdict[Pool, Held] = defaultdict(Held)

    def lines(self, connection: sqlite3.Connection, sums: Sums) -> Iterator[Line]:
        """Record by record."""
        answers: defaultdict[int, list[Answered]] = defaultdict(list)
        for answer in sums.answers:
            answers[answer.record].append(answer)
        batches = {batch.record: batch for batch in records.batches(connection)}
        before: list[Line] = []
        for record in sorted({*batches, *answers}):
            home = Home(self._currency, records.rates(connection, record))
            if record in answers:
                yield from self._answered(answers[record], home)
                continue
            batch = batches[record]
            yield from self._reversed(batch, before, home)
            yield from self._entered(batch, sums.entries.get(batch.id, ()), home)
            before = list(self._recorded(batch, sums.accruals.get(batch.id, ()), home))
            yield from before

    def _reversed(self, batch: Batch, before: Sequence[Line], home: Home) -> Iterator[Line]:
        """Reverses the last accruals: the liability at book value, the expense at today's rate."""
        found = []
        for line in before:
            if line.role == FX:
                continue
            amount, worth = -line.amount, None if line.home_amount is None else -line.home_amount
            if line.role == EXPENSE and worth is not None:
                today = home.worth(amount, line.currency)
                worth = worth if today is None else today
            found.append(replace(_line(batch, 1, REVERSED, line), amount=amount, home_amount=worth))
        yield from _balanced(found)

    def _recorded(self, batch: Batch, rows: Sequence[Accrued], home: Home) -> Iterator[Line]:
        sides: defaultdict[tuple[str, str | None, str, bool], int] = defaultdict(int)
        for row in rows:
            sides[row.program_id, row.debtor, row.currency, row.units > 0] += row.units
        for (program_id, debtor, currency, _), units in sides.items():
            amount = money.from_minor(units, currency)
            worth = home.worth(amount, currency)
            line = Line(
                f"{batch.record}-3", batch.record, batch.dated, batch.id, RECORDED, EXPENSE,
                program_id, None, debtor, currency, amount, worth,
            )  # fmt: skip
            yield line
            yield _opposite(line, ACCRUED)

    def _entered(self, batch: Batch, rows: Sequence[Booked], home: Home) -> Iterator[Line]:
        """Expense to payable; a clawback leaves the payable at book value."""
        found = []
        for row in rows:
            amount = money.from_minor(row.units, row.currency)
            pool = (row.method, row.debtor, row.currency)
            line = Line(
                f"{batch.record}-2", batch.record, batch.dated, batch.id, ENTERED, EXPENSE,
                row.program_id, row.method, row.debtor, row.currency, amount,
                self._worth(home, pool, amount, leaves=amount < 0),
            )  # fmt: skip
            found.append(line)
        owed: dict[tuple[Pool, bool], Line] = {}
        for line in found:
            side = replace(_opposite(line, PAYABLE), program_id=None)
            key = (_pool(line), line.amount > 0)
            owed[key] = _added(owed[key], side) if key in owed else side
        adding_first = sorted(owed.values(), key=lambda line: line.amount > 0)
        yield from _balanced([*found, *map(self._moved, adding_first)])

    def _answered(self, answers: Sequence[Answered], home: Home) -> Iterator[Line]:
        """Payable to clearing, and to what is withheld; or back."""
        for returned in (False, True):
            found: list[Line] = []
            for one in (answer for answer in answers if answer.returned == returned):
                sides = list(self._sides(one, home))
                found += [self._moved(sides[0]), *sides[1:]]
            yield from _balanced(found)

    def _sides(self, one: Answered, home: Home) -> Iterator[Line]:
        gross, withheld = (money.from_minor(it, one.currency) for it in (one.units, one.withheld))
        pool = (one.method, one.debtor, one.currency)
        for role, paid in (
            (PAYABLE, gross),
            (WITHHELD, -withheld),
            (CLEARING, withheld - gross),
        ):
            amount = -paid if one.returned else paid
            if amount:
                yield Line(
                    f"{one.record}-{1 + one.returned}", one.record, one.day, one.batch_id,
                    RETURNED if one.returned else PAID, role, None, one.method, one.debtor,
                    one.currency, amount, self._worth(home, pool, amount, leaves=not one.returned),
                )  # fmt: skip

    def _worth(self, home: Home, pool: Pool, amount: Decimal, *, leaves: bool) -> Decimal | None:
        """An amount at the day's rate; without one, what leaves the books leaves at book value."""
        worth, owed = home.worth(amount, pool[2]), self._owed[pool]
        if worth is None and leaves and owed.amount:
            return owed.share(amount, self._digits)
        return worth

    def _moved(self, line: Line) -> Line:
        """A line of a payable with the change of its book value."""
        before = self._owed[_pool(line)]
        worth = None if line.home_amount is None else -line.home_amount
        after = before.after(-line.amount, worth, self._digits)
        self._owed[_pool(line)] = after
        known = before.worth is not None and after.worth is not None
        moved = before.worth - after.worth if known else None  # type: ignore[operator]
        return replace(line, home_amount=moved)


def _line(batch: Batch, place: int, what: str, like: Line) -> Line:
    return replace(
        like,
        entry=f"{batch.record}-{place}",
        record=batch.record,
        day=batch.dated,
        batch_id=batch.id,
        what=what,
    )


def _opposite(line: Line, role: str) -> Line:
    worth = None if line.home_amount is None else -line.home_amount
    return replace(line, role=role, amount=-line.amount, home_amount=worth)


def _added(one: Line, other: Line) -> Line:
    known = one.home_amount is not None and other.home_amount is not None
    return replace(
        one,
        amount=one.amount + other.amount,
        home_amount=one.home_amount + other.home_amount if known else None,  # type: ignore[operator]
    )


def _pool(line: Line) -> Pool:
    assert line.method is not None
    return line.method, line.debtor, line.currency


def _balanced(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines of one journal entry, balanced in the workspace's currency by a line on `fx`.

    Where the worth of one line is unknown, the others of its debtor and currency have none either.
    """
    sides: dict[tuple[str | None, str], list[Line]] = {}
    for line in lines:
        sides.setdefault((line.debtor, line.currency), []).append(line)
    for (debtor, currency), own in sides.items():
        known = [line.home_amount for line in own if line.home_amount is not None]
        if len(known) < len(own):
            yield from (replace(line, home_amount=None) for line in own)
            continue
        yield from own
        if difference := -sum(known, NOTHING):
            yield replace(
                own[0], role=FX, program_id=None, method=None, debtor=debtor,
                currency=currency, amount=NOTHING, home_amount=difference,
            )  # fmt: skip
