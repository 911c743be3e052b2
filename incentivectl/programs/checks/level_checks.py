"""Static checks of what programs ask of levels: programs that exist, names, reviews in time (98.2)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from incentivectl.core.calendar import Calendar
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.programs.conditions import Condition
from incentivectl.programs.fields import LEVEL
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.toml.positions import KeyPath
from incentivectl.toml.wrong import nearest_hint


def level_findings(
    program: Program, programs: Sequence[Program], calendar: Calendar
) -> Iterator[Finding]:
    """What is wrong with the levels that a program asks for; `programs` are all of the workspace."""
    known = {other.id: other for other in programs if other.levels}
    for path, level_id in program.levels_named():
        if level_id not in known:
            hint = nearest_hint(level_id, known)
            if not hint:
                choices = f"choose from {', '.join(known)}"
                hint = choices if known else 'write one with kind = "level"'
            message = f"there is no program of levels `{level_id}`"
            yield Finding(path, "unknown-level-program", message, hint, at_key=True)
    for path, condition in program.conditions():
        if condition.entity == LEVEL and condition.column in known:
            yield from _unknown_names(path, condition, known[condition.column])
    yield from _before_first_review(program, known, calendar)


def _unknown_names(path: KeyPath, condition: Condition, levels: Program) -> Iterator[Finding]:
    named = (condition.any_of, condition.none_of, condition.not_in)
    for value in (value for values in named for value in values or ()):
        if value not in levels.levels:
            hint = nearest_hint(str(value), levels.levels)
            hint = hint or f"choose from {', '.join(levels.levels)}"
            message = f'{levels.id} has no level "{value}"'
            yield warning(path, "unknown-level", message, hint)


def _before_first_review(
    program: Program, known: Mapping[str, Program], calendar: Calendar
) -> Iterator[Finding]:
    """A baseline or a window that begins when there was no level yet, where lines need one."""
    own = _first_period(program, calendar)
    asked = {c.column for _, c in program.line_conditions() if c.entity == LEVEL}
    for level_id in sorted(asked & known.keys()):
        in_force = _first_period(known[level_id], calendar).end + timedelta(days=1)
        for path, day in _earlier_days(program, own, calendar):
            if day < in_force:
                message = f"it looks back to {day}, and before {in_force} nobody has a level in {level_id}"
                hint = "let that program start earlier, or grant levels in the table `levels`"
                yield warning(path, "before-first-review", message, hint)


def _first_period(program: Program, calendar: Calendar) -> MeasurementPeriod:
    if program.ends < program.starts or calendar.missing_day(program.starts, program.ends):
        return MeasurementPeriod(program.starts, program.starts)  # an error of its own
    return calendar.measurement_periods(program.starts, program.ends, program.period)[0]


def _earlier_days(
    program: Program, first: MeasurementPeriod, calendar: Calendar
) -> Iterator[tuple[KeyPath, date]]:
    """From which day on a program's baseline, and each of its windows, takes lines."""
    if program.baseline is not None:
        source = program.baseline.from_
        yield ("baseline",), calendar.baseline_window(first, program.period, source).start
    for path, months in program.windows():
        yield path, calendar.trailing_window(first.end, months, first.end).start
