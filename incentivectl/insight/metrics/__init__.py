"""How the channel does, in figures: one module an area (docs/questions.md, "Metrics")."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.periods import Period
from incentivectl.engine.engine import settle
from incentivectl.insight.metrics.alignment import alignment
from incentivectl.insight.metrics.brand import brand
from incentivectl.insight.metrics.clarity import clarity
from incentivectl.insight.metrics.communication import communication
from incentivectl.insight.metrics.cost import cost
from incentivectl.insight.metrics.customers import customers
from incentivectl.insight.metrics.engagement import engagement
from incentivectl.insight.metrics.figures import (
    PLACES,
    Area,
    Definition,
    Figure,
    Found,
    Scope,
    Value,
)
from incentivectl.insight.metrics.found import Key, basis_rows, found_in
from incentivectl.insight.metrics.growth import growth
from incentivectl.insight.metrics.loyalty import loyalty
from incentivectl.insight.metrics.markets import markets
from incentivectl.insight.metrics.meetings import ideas, one_to_ones
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.objectives import objectives
from incentivectl.insight.metrics.roi import roi
from incentivectl.insight.metrics.satisfaction import satisfaction
from incentivectl.insight.metrics.support import support
from incentivectl.insight.metrics.timeliness import timeliness
from incentivectl.insight.metrics.view import POSTINGS, View, no_postings
from incentivectl.run.loading import Progress
from incentivectl.run.run import Run, from_settled
from incentivectl.toml.wrong import nearest_hint

__all__ = [
    "AREAS", "POSTINGS", "Area", "Compared", "Definition", "Figure", "Missing", "View", "areas_named",
    "basis_rows", "compared", "metrics", "no_postings",
]  # fmt: skip

AREAS: tuple[Area, ...] = (
    growth, markets, engagement, alignment, objectives, roi, cost, customers, satisfaction,
    one_to_ones, ideas, support, communication, loyalty, brand, timeliness, clarity,
)  # fmt: skip
TREND_MONTHS = 12


@dataclass(frozen=True)
class Compared:
    """PERIOD, the period before of the same length, and the same period a year ago.

    `months`: the twelve months up to PERIOD's last, in order; empty where no trend is asked for.
    """

    now: View
    before: View
    year_ago: View
    months: tuple[View, ...] = ()

    @property
    def views(self) -> tuple[View, View, View]:
        """The three, in the order of a figure's values."""
        return self.now, self.before, self.year_ago


def areas_named(names: Collection[str]) -> tuple[Area, ...]:
    """The areas of these keys in their usual order, all without any; refuses an unknown one."""
    known = [area.key for area in AREAS]
    problems = [
        Problem(
            "unknown-area",
            f"unknown area `{name}`",
            nearest_hint(name, known) or f"choose from {', '.join(known)}",
        )
        for name in names
        if name not in known
    ]
    if problems:
        raise Refused(problems, ExitCode.USAGE)
    return tuple(area for area in AREAS if not names or area.key in names)


def compared(
    run: Run,
    progress: Progress = lambda _: None,
    postings: pl.DataFrame | None = None,
    *,
    trend: bool = True,
) -> Compared:
    """A run of PERIOD beside runs of the two periods that it is compared with, and of twelve months.

    These are computed from what is known now. `postings` (columns `POSTINGS`) says when rewards
    were posted; without it nothing was.
    """
    calendar = run.channel.calendar
    posted = no_postings() if postings is None else postings
    known: dict[tuple[date, date], View] = {(run.period.first, run.period.last): View(run, posted)}

    def view_of(period: Period) -> View:
        days = (period.first, period.last)
        if days not in known:
            progress(f"settling {period.label}")
            known[days] = View(_settled_on(run, period), posted)
        return known[days]

    return Compared(
        view_of(run.period),
        view_of(calendar.before(run.period)),
        view_of(calendar.year_before(run.period)),
        tuple(map(view_of, calendar.months_through(run.period.last, TREND_MONTHS)))
        if trend
        else (),
    )


def _settled_on(run: Run, period: Period) -> Run:
    """The same data and programs as of the last day of an earlier period; nothing is audited twice."""
    counting = run.channel.lines.filter(pl.col("counted_on") <= period.last)
    channel = replace(run.channel, as_of=period.last, lines=counting)
    settled = settle(run.loaded.programs, channel, audit=False)
    return from_settled(run.loaded, period, run.inputs, channel, settled)


def metrics(
    views: Compared,
    progress: Progress = lambda _: None,
    trends: Sequence[Area] = AREAS,
    areas: Sequence[Area] = AREAS,
) -> list[Figure]:
    """Every figure of `areas`: in the order of the areas and their definitions, then by id.

    Whole figures are always there; those about something else where at least one of the three periods
    has one. Headlines of `trends` have one, as a whole and by region and country.
    """
    figures: list[Figure] = []
    names = _names(views.now)
    for area in areas:
        progress(area.title)
        known = {id(view): found_in(area, view) for view in views.views}
        with_trend = views.months if area in trends else ()
        months = [
            known.get(id(view)) or found_in(area, view, for_trends=True) for view in with_trend
        ]
        figures += _merged(area, [known[id(view)] for view in views.views], months, names)
    return figures


def _merged(
    area: Area,
    found: list[dict[Key, Found]],
    months: list[dict[Key, Found]],
    names: dict[tuple[Scope, str], str],
) -> list[Figure]:
    order = {definition.key: index for index, definition in enumerate(area.definitions)}
    every = {key: one for of_view in reversed(found) for key, one in of_view.items()}
    figures = []
    for key in sorted(every, key=lambda key: (order[key[0]], key[1] != "whole", key[1], key[2])):
        one = every[key]
        value, before, year_ago = (_value(of_view, key, one) for of_view in found)
        name = names.get((one.scope, one.of), one.of)
        trend: tuple[Value | None, ...] = ()
        if one.definition.headline and one.scope in PLACES:
            trend = tuple(_value(of_view, key, one) for of_view in months)
        figures.append(
            Figure(
                one.definition, one.scope, one.of, name, one.currency, value, before, year_ago,
                one.basis, trend,
            )
        )  # fmt: skip
    return figures


def _value(found: dict[Key, Found], key: Key, like: Found) -> Value | None:
    """A period's value; of what adds up 0 where it has nothing of that id and can tell."""
    if key in found:
        return found[key].value
    whole = found.get((like.definition.key, "whole", ""))
    can_tell = whole is None or not isinstance(whole.value, Missing)
    adds_up = like.definition.adds_up_by(like.scope)
    return Decimal(0) if adds_up and can_tell and found else None


def _names(view: View) -> dict[tuple[Scope, str], str]:
    """What partners, reps, products, customers and programs are called on PERIOD's last day."""
    names: dict[tuple[Scope, str], str] = {}
    tables = view.run.channel.tables
    masters: tuple[tuple[Scope, pl.DataFrame], ...] = (
        ("partner", view.in_force("partners")),
        ("rep", view.in_force("reps")),
        ("product", tables["products"]),
        ("customer", tables["customers"]),
    )
    for scope, rows in masters:
        for of, name in rows.select(f"{scope}_id", "name").rows():
            names[scope, of] = name or of
    for program in view.run.loaded.programs:
        names["program", program.id] = program.name
    return names
