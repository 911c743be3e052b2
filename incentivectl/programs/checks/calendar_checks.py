"""What only the workspace's months can tell: windows that are too short, and days that no month has."""

from collections.abc import Iterator

from incentivectl.core.calendar import Calendar
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.programs.checks.tier_checks import window_too_short
from incentivectl.programs.finding import Finding
from incentivectl.programs.model import Program
from incentivectl.toml.positions import KeyPath

OUTSIDE = "outside-calendar"


def calendar_findings(program: Program, calendar: Calendar) -> Iterator[Finding]:
    """Dates, baselines and windows outside the workspace's calendar (docs/rules.md, "Calendars")."""
    if program.ends < program.starts:
        return  # told already
    if missing := calendar.missing_day(program.starts, program.ends):
        date = "starts" if missing == program.starts else "ends"
        message = f"the table `calendar` has no month for {missing}"
        yield Finding((date,), OUTSIDE, message, "add its months, or change the date")
        return
    periods = calendar.measurement_periods(program.starts, program.ends, program.period)
    if program.asks_for_growth and program.baseline is not None:
        source = program.baseline.from_
        windows = [calendar.baseline_window(one, program.period, source) for one in periods]
        yield from _outside(calendar, ("baseline",), "the baseline", windows)
    for at, months in program.windows():
        if program.pays and program.period == "program":
            longest = calendar.months_between(program.starts, program.ends)
            if months < longest:
                yield window_too_short(at, months, longest)
        windows = [calendar.trailing_window(one.end, months, one.end) for one in periods]
        yield from _outside(calendar, at, "the window", windows)


def _outside(
    calendar: Calendar, path: KeyPath, what: str, windows: list[MeasurementPeriod]
) -> Iterator[Finding]:
    for window in windows:
        if missing := calendar.missing_day(window.start, window.end):
            message = (
                f"{what} reaches beyond the table `calendar`, which has no month for {missing}"
            )
            yield Finding(path, OUTSIDE, message, "add the months that are missing")
            return
