"""Back-tests: today's rules and a scenario's over periods that are past (docs/questions.md, 110).

Each program is moved by whole measurement periods, and has its whole budget in each of them.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.periods import MeasurementPeriod, Period
from incentivectl.engine.engine import cases_of, settle_cases
from incentivectl.insight.compare.scenario import Scenario
from incentivectl.insight.compare.whatif import affected_programs, changed_programs
from incentivectl.insight.earlier import Move, by_length, moved
from incentivectl.programs.model import Program
from incentivectl.rules.case import Case
from incentivectl.rules.earning.limits import EARNINGS
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.known import Known
from incentivectl.run.loading import period_of

_FORM = "such as --over 2025-Q1..2026-Q2"


@dataclass(frozen=True)
class BackTest:
    """Earnings (columns `limits.EARNINGS`) of both sides in each past measurement period.

    `left_out` are the programs of which no whole measurement period lies in the span; `first_sale` is the
    day of the first accepted line, if there is any.
    """

    known: Known
    scenario: Scenario
    span: MeasurementPeriod
    today: pl.DataFrame
    after: pl.DataFrame
    left_out: tuple[str, ...]
    first_sale: date | None


def span_of(written: str, known: Known, today: date) -> MeasurementPeriod:
    """`FIRST..LAST`, or one PERIOD, as days; refuses what is not over on the last day of PERIOD."""
    first, dots, last = written.partition("..")
    workspace = known.loaded.workspace
    ends: list[Period] = [
        period_of(text.strip(), workspace, today) for text in ((first, last) if dots else (first,))
    ]
    span = MeasurementPeriod(ends[0].first, ends[-1].last)
    if span.start > span.end:
        raise _refused(f"--over {written}: {ends[0].label} is after {ends[-1].label}", _FORM)
    if span.end > known.period.last:
        message = f"--over {written}: {ends[-1].label} is not over on {known.period.last}"
        raise _refused(message, "name a later PERIOD, or an earlier end")
    return span


def _refused(message: str, hint: str) -> Refused:
    return Refused([Problem("bad-span", message, hint)], ExitCode.USAGE)


def back_tested(
    known: Known,
    scenario: Scenario,
    span: MeasurementPeriod,
    progress: Callable[[str], None],
    *,
    everything: bool,
) -> BackTest:
    """The programs that the scenario changes, and their groups; all, if it changes none or `everything`."""
    today = known.loaded.programs
    changed = changed_programs(today, scenario.programs)
    tested = affected_programs(today, scenario.programs, changed)
    if everything or not tested:
        tested = frozenset(one.id for one in (*today, *scenario.programs) if one.pays)
    before, after = (
        _earned(known, programs, tested, span, progress) for programs in (today, scenario.programs)
    )
    every = (one for one in (*today, *scenario.programs) if one.id in tested)
    left_out = sorted({one.id for one in every if not any(_periods(one, span, known))})
    first = known.channel.lines.select(pl.col("counted_on").min()).collect().item()
    return BackTest(known, scenario, span, before, after, tuple(left_out), first)


def _earned(
    known: Known,
    programs: Sequence[Program],
    tested: Collection[str],
    span: MeasurementPeriod,
    progress: Callable[[str], None],
) -> pl.DataFrame:
    wanted = [one for one in programs if one.id in tested and one.pays]
    cases = cases_of(wanted, programs, known.channel, lookups_of(known.channel))
    then = [one for case in cases for one in _moved(case, span, known)]
    settled = settle_cases(then, progress=progress)
    return pl.concat([pl.DataFrame(schema=EARNINGS), *(one.earnings for one in settled)])


def _moved(case: Case, span: MeasurementPeriod, known: Known) -> Iterator[Case]:
    for period, move in _periods(case.program, span, known):
        yield moved(case, period, move)


def _periods(
    program: Program, span: MeasurementPeriod, known: Known
) -> Iterator[tuple[MeasurementPeriod, Move]]:
    """The program's latest measurement period, or its first, and each move that puts it into the span."""
    calendar = known.channel.calendar
    every = calendar.measurement_periods(program.starts, program.ends, program.period)
    begun = [one for one in every if one.start <= known.period.last]
    if not every:
        return
    period = begun[-1] if begun else every[0]
    times = 0
    while True:
        move = by_length(calendar, period, program.period, times)
        start, end = move(period.start), move(period.end)
        if start < span.start or calendar.missing_day(start, end):
            return
        if end <= span.end:
            yield period, move
        times += 1
