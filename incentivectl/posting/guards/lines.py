"""Sale lines that earlier batches had and that are not there any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from incentivectl.core.calendar import month_label, month_number
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
        for number in judged:
            month = month_label(number)
            before = [month_label(number - back) for back in range(1, MONTHS_BEFORE + 1)]
            expected = [earlier for earlier in before if earlier >= first]
            has_come = expected and all(now.get((source, earlier)) for earlier in expected)
            if has_come and not now.get((source, month)):
                yield Absence(source, month, len(expected))


def _judged_months(delivered: Delivered, delivered_months: set[str]) -> Iterator[int]:
    """The numbers of the months after the newest batch, as far as anything was delivered."""
    if not delivered_months:
        return
    latest = month_number(max(delivered_months))
    calendar = delivered.loaded.workspace.calendar
    period = delivered.period
    newest = max((one.dated for one in delivered.standing), default=None)
    begin = (
        newest + timedelta(days=1) if newest else first_day_of_ledger(delivered.loaded.workspace)
    )
    first = latest if period is None else calendar.number_of(period.first)
    last = latest if period is None else calendar.number_of(period.last)
    if begin:
        first = min(calendar.number_of(begin), first)
    for month in range(first, last + 1):
        # Of a quarter that goes on only the months that have begun to come in are judged.
        if month == first or month <= latest:
            yield month


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
