"""Windows and baselines that begin before the data (docs/rules.md, "Windows")."""

from collections.abc import Iterator
from datetime import date

from incentivectl.engine.engine import Settled
from incentivectl.rules.case import Case
from incentivectl.rules.earning.windows import windows_of
from incentivectl.run.run import Run


def short_history(run: Run) -> list[str]:
    """A sentence for each program that looks further back in PERIOD than the first accepted sale."""
    return [sentence for one in run.settled for sentence in _of(one, run.period.first)]


def _of(one: Settled, since: date) -> Iterator[str]:
    """Of the measurement periods that end on `since` or later."""
    case = one.case
    current = [place for place, period in enumerate(case.periods) if period.end >= since]
    begins = [start for start in (_window(case, current), _baseline(case, current)) if start]
    if not begins or case.facts.days.is_empty():
        return
    first_sale = case.facts.days["counted_on"][0]
    if min(begins) < first_sale:
        yield (
            f"{case.program.id}: it looks back to {min(begins)}, and the first accepted sale is of"
            f" {first_sale}; what was sold before is missing from what it measures"
        )


def _window(case: Case, current: list[int]) -> date | None:
    starts = [window.start for _, place, window in windows_of(case) if place in current]
    return min(starts, default=None)


def _baseline(case: Case, current: list[int]) -> date | None:
    program = case.program
    if program.baseline is None or not program.asks_for_growth:
        return None
    calendar, source = case.channel.calendar, program.baseline.from_
    starts = [
        calendar.baseline_window(case.periods[place], program.period, source).start
        for place in current
    ]
    return min(starts, default=None)
