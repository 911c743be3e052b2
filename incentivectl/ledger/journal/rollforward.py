"""Accruals and payables from the beginning of a journal to its end, and what must hold of them.

opening + new - used - released = closing; and what is owed in the end is what the ledger's balances and
the payments under way come to, which another query finds (docs/ledger.md, "Journal").
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from incentivectl.core import money
from incentivectl.ledger import records
from incentivectl.ledger.journal.accounts import ACCRUED, PAYABLE
from incentivectl.ledger.journal.lines import Line
from incentivectl.ledger.journal.sums import Accrued, Sums, Units
from incentivectl.ledger.records import Batch


@dataclass(frozen=True)
class Cut:
    """What is known up to a day, or up to a record of the ledger.

    The bank's answers count from the day on which they were recorded, everything else from its batch's.
    """

    day: date | None = None
    record: int | None = None

    def holds(self, day: date, record: int) -> bool:
        """Whether something of a day and record lies within it."""
        return (self.day is None or day <= self.day) and (
            self.record is None or record <= self.record
        )


@dataclass(frozen=True)
class Movement:
    """One row of a roll-forward, in whole minor units; `of` is a program, or a payout method."""

    of: str
    currency: str
    opening: Units
    new: Units
    used: Units
    released: Units
    closing: Units

    @property
    def adds_up(self) -> bool:
        """Whether opening + new - used - released = closing."""
        return self.opening + self.new - self.used - self.released == self.closing


@dataclass(frozen=True)
class Owed:
    """What is owed by a method in a currency at the end, found without the journal."""

    method: str
    currency: str
    balances: Units
    under_way: Units


@dataclass(frozen=True)
class RollForward:
    """Accruals by program and payables by method, and what is owed as the ledger tells it."""

    accruals: tuple[Movement, ...]
    payables: tuple[Movement, ...]
    owed: tuple[Owed, ...]

    def faults(self) -> Iterator[str]:
        """What does not hold, in words."""
        for what, rows in (("accruals", self.accruals), ("payables", self.payables)):
            for row in rows:
                if not row.adds_up:
                    yield (
                        f"{what} of {row.of} in {row.currency}: opening + new - used - released"
                        f" differ from closing"
                    )
        owed = {(one.method, one.currency): one.balances + one.under_way for one in self.owed}
        closing = {(row.of, row.currency): row.closing for row in self.payables}
        for key in sorted(owed.keys() | closing.keys()):
            if owed.get(key, 0) != closing.get(key, 0):
                yield f"payables of {key[0]} in {key[1]}: closing differs from balances and payments"


def roll_forward(
    connection: sqlite3.Connection,
    sums: Sums,
    lines: Sequence[Line],
    chosen: Collection[int],
    end: Cut,
) -> RollForward:
    """From before the `chosen` records to `end`; `lines` are those of the whole ledger up to `end`."""
    return RollForward(
        tuple(_accruals(records.batches(connection), sums, lines, chosen)),
        tuple(_payables(records.batches(connection), sums, lines, chosen)),
        tuple(_owed(connection, end)),
    )


_NOTHING: list[Units] = [0, 0, 0]  # new, used, released


def _standing(
    lines: Sequence[Line], role: str, of: str, within: Callable[[Line], bool]
) -> dict[tuple[str, str], Units]:
    """What the lines of a liability add up to by `of`, a field of lines, and currency."""
    found: defaultdict[tuple[str, str], Units] = defaultdict(int)
    for line in lines:
        if line.role == role and within(line):
            found[getattr(line, of), line.currency] -= money.minor_units(
                line.amount, money.minor_digits(line.currency)
            )
    return found


def _rows(
    opening: dict[tuple[str, str], Units],
    closing: dict[tuple[str, str], Units],
    moved: Mapping[tuple[str, str], list[Units]],
) -> Iterator[Movement]:
    for key in sorted(opening.keys() | closing.keys() | moved.keys()):
        new, used, released = moved.get(key, _NOTHING)
        row = Movement(*key, opening.get(key, 0), new, used, released, closing.get(key, 0))
        if any((row.opening, row.new, row.used, row.released, row.closing)):
            yield row


def _payables(
    batches: Sequence[Batch], sums: Sums, lines: Sequence[Line], chosen: Collection[int]
) -> Iterator[Movement]:
    """New is what entries add, released what they claw back, used what is paid less what came back."""
    moved: defaultdict[tuple[str, str], list[Units]] = defaultdict(lambda: [0, 0, 0])
    for batch in (one for one in batches if one.record in chosen):
        for row in sums.entries.get(batch.id, ()):
            of = moved[row.method, row.currency]
            if row.units > 0:
                of[0] += row.units
            else:
                of[2] -= row.units
    for answer in sums.answers:
        if answer.record in chosen:
            sign = -1 if answer.returned else 1
            moved[answer.method, answer.currency][1] += sign * answer.units

    before = _standing(lines, PAYABLE, "method", lambda line: line.record not in chosen)
    after = _standing(lines, PAYABLE, "method", lambda _: True)
    yield from _rows(before, after, moved)


def _accruals(
    batches: Sequence[Batch], sums: Sums, lines: Sequence[Line], chosen: Collection[int]
) -> Iterator[Movement]:
    """Used is what was accrued and is booked now; what is left over is new, or released."""
    moved: defaultdict[tuple[str, str], list[Units]] = defaultdict(lambda: [0, 0, 0])
    before: Sequence[Accrued] = ()
    for batch in batches:
        now = sums.accruals.get(batch.id, ())
        if batch.record in chosen:
            for program, currency, *parts in _moves(before, now, sums.earned.get(batch.id, {})):
                of = moved[program, currency]
                for place, units in enumerate(parts):
                    of[place] += units
        before = now

    opening = _standing(lines, ACCRUED, "program_id", lambda line: line.record not in chosen)
    closing = _standing(lines, ACCRUED, "program_id", lambda _: True)
    yield from _rows(opening, closing, moved)


def _moves(
    before: Sequence[Accrued],
    now: Sequence[Accrued],
    earned: Mapping[tuple[str, str, str], Units],
) -> Iterator[tuple[str, str, Units, Units, Units]]:
    """Program, currency, and what of it is new, used and released, from one batch to the next.

    Each measurement period by itself; but what a fund holds is of no period, so all of its program's
    are taken together.
    """
    funds = {row.program_id for row in (*before, *now) if row.status == "fund"}
    opening, closing, booked = (defaultdict[tuple[str, str, str], Units](int) for _ in range(3))
    for rows, sides in ((before, opening), (now, closing)):
        for row in rows:
            start = "" if row.program_id in funds else row.period_start
            sides[row.program_id, start, row.currency] += row.units
    for (program, start, currency), units in earned.items():
        booked[program, "" if program in funds else start, currency] += units
    for key in sorted(opening.keys() | closing.keys()):
        had, has = opening[key], closing[key]
        used = max(min(booked[key], had), 0) if had > 0 else min(max(booked[key], had), 0)
        left = has - had + used
        yield key[0], key[2], max(left, 0), used, max(-left, 0)


_KNOWN = """
  (:day IS NULL OR {day} <= :day) AND (:record IS NULL OR {record} <= :record)
"""
_IN_BATCH = _KNOWN.format(day="b.dated", record="b.record")
_STATE_DAY = "CASE r.kind WHEN 'confirm' THEN substr(r.recorded_at, 1, 10) ELSE r.effective_on END"
_OWED = f"""
SELECT method, currency, sum(balance), sum(under_way) FROM (
  SELECT e.method, e.currency, e.amount_minor AS balance, 0 AS under_way
  FROM entries e JOIN batches b ON b.id = e.batch_id
  WHERE e.kind <> 'opening' AND {_IN_BATCH}
  UNION ALL
  SELECT p.method, p.currency, -p.amount_minor,
         CASE WHEN s.state IN ('reserved', 'released', 'exported') THEN p.amount_minor ELSE 0 END
  FROM payments p JOIN payment_states s ON s.id = (
    SELECT max(l.id) FROM payment_states l JOIN records r ON r.seq = l.record
    WHERE l.payment_id = p.payment_id AND {_KNOWN.format(day=_STATE_DAY, record="r.seq")})
  WHERE p.kind = 'transfer' AND s.state NOT IN ('failed', 'cancelled')
) GROUP BY method, currency ORDER BY method, currency
"""


def _owed(connection: sqlite3.Connection, end: Cut) -> Iterator[Owed]:
    known = {"day": end.day and end.day.isoformat(), "record": end.record}
    for row in connection.execute(_OWED, known):
        yield Owed(*row)
