"""Sale lines that earlier batches had and that are not there any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from incentivectl.core.periods import add_months
from incentivectl.posting.guards.judged_run import Delivered, Refusal
from incentivectl.run.loading import first_day_of_ledger

MONTHS_BEFORE = 3
LEAST_MONTHS = 2  # in which a source must have come, for a guard to expect it
HINT = "is an export missing or incomplete?"


@dataclass(frozen=True)
class Absence:
    """A month without lines of a source that had some in each of the `before` months just before."""

    source: str
    month: str
    before: int

    @property
    def message(self) -> str:
        """What is told of it."""
        if self.before == 1:
            came = "has its first lines in the month before"
        else:
            came = f"has lines in each of the {self.before} months before"
        return f"source {self.source} {came}, and none in {self.month}"


def missing_lines(delivered: Delivered) -> Iterator[Refusal]:
    """Refuses where a booked month lost half its lines, or a source that always came stays away."""
    now = _lines_now(delivered)
    for source, month, before in _booked(delivered):
        lines = now.get((source, month), 0)
        if 2 * lines < before:
            left = f"only {lines:,} of {before:,} lines are left" if lines else "no line is left"
            message = f"source {source}, {month}: {left} of a booked month"
            yield Refusal("missing-lines", source, message, HINT)
    for absence in absences(delivered):
        if absence.before >= LEAST_MONTHS:
            yield Refusal("missing-lines", absence.source, absence.message, HINT)


def absences(delivered: Delivered) -> Iterator[Absence]:
    """Where a source stays away in a month that would be booked for the first time.

    It is expected after lines in each of the three months before, or in each month since its first
    one (docs/ledger.md, rule 56.2).
    """
    now = _lines_now(delivered)
    judged = list(_judged_months(delivered, {month for (_, month), lines in now.items() if lines}))
    for source in sorted({source for source, _ in now}):
        first = min(month for name, month in now if name == source)
        for day in judged:
            before = [_month(add_months(day, -back)) for back in range(1, MONTHS_BEFORE + 1)]
            expected = [month for month in before if month >= first]
            has_come = expected and all(now.get((source, month)) for month in expected)
            if has_come and not now.get((source, _month(day))):
                yield Absence(source, _month(day), len(expected))


def _judged_months(delivered: Delivered, delivered_months: set[str]) -> Iterator[date]:
    """The first days of the months after the newest batch, as far as anything was delivered."""
    if not delivered_months:
        return
    latest = max(delivered_months)
    period = delivered.period
    newest = max((one.dated for one in delivered.standing), default=None)
    begin = (
        newest + timedelta(days=1) if newest else first_day_of_ledger(delivered.loaded.workspace)
    )
    if period is None:
        end = date.fromisoformat(f"{latest}-01")
        first = min(begin.replace(day=1), end) if begin else end
    else:
        end = period.last
        first = min(begin.replace(day=1), period.first) if begin else period.first
    month = first
    while month <= end:
        # Of a quarter that goes on only the months that have begun to come in are judged.
        if month == first or _month(month) <= latest:
            yield month
        month = add_months(month, 1)


def _lines_now(delivered: Delivered) -> dict[tuple[str, str], int]:
    rows = delivered.deliveries.iter_rows()
    return {(source, month): lines for source, month, lines in rows}


def _booked(delivered: Delivered) -> list[tuple[str, str, int]]:
    """The lines of each source and month in the newest batch that knew it."""
    known: dict[tuple[str, str], int] = {}
    for batch in delivered.standing:
        rows = delivered.connection.execute(
            "SELECT source, month, lines FROM deliveries WHERE batch_id = ?", (batch.id,)
        )
        known.update({(source, month): lines for source, month, lines in rows})
    return [(source, month, lines) for (source, month), lines in sorted(known.items())]


def _month(day: date) -> str:
    return f"{day.year:04d}-{day.month:02d}"
