"""Objectives: what programs were to bring, what they brought, and whether they are on track."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.engine.engine import Settled
from incentivectl.insight.earlier import by_length, by_months
from incentivectl.insight.metrics.figures import (
    Area,
    Basis,
    Definition,
    Formula,
    Found,
    Value,
    ratio,
)
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.view import View
from incentivectl.rules.earning.measures import of_lines
from incentivectl.rules.lines.eligibility import judged

AREA = "objectives"
RESULT = Definition(
    AREA, "objective-result", "result", "number",
    "the metric of [objective] over the program's eligible lines, in the measurement periods that ended"
    " in the period, or in the current one, to date; money in the program's currency",
)  # fmt: skip
BEFORE = Definition(
    AREA, "objective-before", "to compare with", "number",
    "the same over the same days a year before, or in the measurement periods before",
)  # fmt: skip
CHANGE = Definition(AREA, "objective-change", "wanted change", "share", "[objective] change")
TARGET = Definition(
    AREA, "objective-target", "target", "number", "to compare with × (1 + wanted change)",
    how="formula",
)  # fmt: skip
REACHED = Definition(
    AREA, "objective-reached", "of the target", "share", "result / target", how="formula"
)
ON_TRACK = Definition(
    AREA, "objectives-on-track", "objectives on track", "number",
    "programs whose result is at least their target", how="count", headline=True,
)  # fmt: skip
MEASURED = Definition(
    AREA, "objectives-measured", "objectives measured", "number",
    "programs with an [objective] metric whose target can be computed", how="count",
    headline=True,
)  # fmt: skip
DEFINITIONS = (ON_TRACK, MEASURED, RESULT, BEFORE, CHANGE, TARGET, REACHED)


def _target(before: Decimal, change: Decimal) -> Value:
    return money.product(before, 1 + change)


FORMULAS = (
    Formula(TARGET, (BEFORE, CHANGE), _target, ("program",)),
    ratio(REACHED, (RESULT,), TARGET, "the target is 0", scopes=("program",)),
)
_NUMBERS: Schema = {
    "program": pl.String,
    "item": pl.String,
    RESULT.key: money.SHARED,
    BEFORE.key: money.SHARED,
    CHANGE.key: money.AMOUNT,
}


def _found(view: View) -> Iterator[Basis | Found]:
    """Result, target and whether it is reached, of each running program with a measured objective."""
    asked = [one for one in view.programs if one.case.program.objective.is_measured and _sells(one)]
    if not asked:
        nothing = Missing(
            "no running program has a measured objective: set [objective] metric and change"
        )
        yield from (Found(one, nothing) for one in (ON_TRACK, MEASURED))
        return
    rows = []
    reasons: list[Missing] = []
    for one in asked:
        result, before = _measured(view, one)
        name = one.case.program.id
        if isinstance(result, Missing) or isinstance(before, Missing):
            why = result if isinstance(result, Missing) else before
            assert isinstance(why, Missing)
            reasons.append(why)
            told = {RESULT: result, BEFORE: before}
            for figure in (RESULT, BEFORE, TARGET, REACHED):
                yield Found(figure, told.get(figure, why), "program", name)
        else:
            rows.append((name, name, result, before, one.case.program.objective.change))
    frame = pl.DataFrame(rows, schema=_NUMBERS, orient="row")
    target = money.multiply(
        pl.col(BEFORE.key), 1 + pl.col(CHANGE.key), scales=(money.SHARED_SCALE, money.SCALE)
    )
    frame = frame.with_columns(
        pl.lit(value=True).alias(MEASURED.key),
        (money.scale_of(pl.col(RESULT.key), 18) >= target).alias(ON_TRACK.key),
    )
    yield Basis("objectives", frame, (RESULT, BEFORE, CHANGE), ("program",))
    if rows:
        yield Basis("objectives", frame, (ON_TRACK, MEASURED), ("whole", "program"))
        return
    same = len(set(reasons)) == 1
    unknown = reasons[0] if same else Missing("no objective has anything to compare with")
    yield Found(ON_TRACK, unknown)
    yield Basis("objectives", frame, (MEASURED,))


def _sells(one: Settled) -> bool:
    return "sales" in one.case.program.tables


def _measured(view: View, one: Settled) -> tuple[Value, Value]:
    """The metric over the measurement periods that PERIOD is about, and over those to compare with."""
    windows = view.windows_of(one)
    earlier = tuple(_earlier(one, window) for window in windows)
    first = earlier[0].start
    before: Value = view.no_sales_on(first) or _metric(one, earlier)
    if isinstance(before, Decimal) and before <= 0:
        before = Missing(f"there is nothing above 0 to compare with from {first} on")
    return view.no_sales_on(windows[0].start) or _metric(one, windows), before


def _earlier(one: Settled, window: MeasurementPeriod) -> MeasurementPeriod:
    """The same days a year before, or in the measurement period before."""
    program, calendar = one.case.program, one.case.channel.calendar
    if program.objective.against == "previous_year":
        back = by_months(calendar, 12)
    else:
        whole = MeasurementPeriod(program.starts, program.ends)
        back = by_length(calendar, whole, program.period, 1)
    return MeasurementPeriod(back(window.start), back(window.end))


def _metric(one: Settled, windows: tuple[MeasurementPeriod, ...]) -> Decimal:
    metric = one.case.program.objective.metric
    assert metric is not None
    lines = judged(one.case, windows, baseline=True, needs=True).filter(pl.col("reason").is_null())
    found = of_lines(lines.with_columns(all=pl.lit(1)), [metric], ["all"])
    values = found.collect(engine="streaming")[metric]
    return Decimal(str(values[0])) if len(values) else Decimal(0)


def state(*, reached: bool, over: bool) -> str:
    """How an objective stands: while its periods go on, and once they are over."""
    if reached:
        return "reached" if over else "on track"
    return "missed" if over else "behind"


def is_over(one: Settled, last: date) -> bool:
    """Whether the measurement periods that an objective is judged by have ended by `last`."""
    return one.case.periods[-1].end <= last


objectives = Area(AREA, "Objectives", DEFINITIONS, _found, FORMULAS)
