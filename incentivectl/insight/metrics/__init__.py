"""How the channel does, in figures: one module an area (docs/questions.md, "Metrics")."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core.periods import Period, period_before, year_before
from incentivectl.ingest.inputs import Inputs
from incentivectl.insight.metrics import (
    alignment,
    brand,
    clarity,
    cost,
    engagement,
    growth,
    roi,
    satisfaction,
    timeliness,
)
from incentivectl.insight.metrics.figures import Definition, Figure, Found, Missing, Scope, Value
from incentivectl.insight.metrics.view import POSTINGS, View, no_postings
from incentivectl.run.run import Loaded, Progress, Run, calculate

__all__ = [
    "AREAS", "DEFINITIONS", "POSTINGS", "Compared", "Definition", "Figure", "Missing", "View",
    "compared", "metrics", "no_postings",
]  # fmt: skip

AREAS: dict[str, Callable[[View], Iterator[Found]]] = {
    growth.AREA: growth.growth,
    engagement.AREA: engagement.engagement,
    roi.AREA: roi.roi,
    cost.AREA: cost.cost,
    satisfaction.AREA: satisfaction.satisfaction,
    brand.AREA: brand.brand,
    alignment.AREA: alignment.alignment,
    timeliness.AREA: timeliness.timeliness,
    clarity.AREA: clarity.clarity,
}
DEFINITIONS: tuple[Definition, ...] = (
    *growth.DEFINITIONS, *engagement.DEFINITIONS, *roi.DEFINITIONS, *cost.DEFINITIONS,
    *satisfaction.DEFINITIONS, *brand.DEFINITIONS, *alignment.DEFINITIONS,
    *timeliness.DEFINITIONS, *clarity.DEFINITIONS,
)  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """PERIOD, the period before of the same length, and the same period a year ago."""

    now: View
    before: View
    year_ago: View

    @property
    def views(self) -> tuple[View, View, View]:
        """The three, in the order of a figure's values."""
        return self.now, self.before, self.year_ago


def compared(
    run: Run, progress: Progress = lambda _: None, postings: pl.DataFrame | None = None
) -> Compared:
    """A run of PERIOD beside runs of the two periods that it is compared with.

    These are computed from what is known now. `postings` (columns `POSTINGS`) says when rewards
    were posted; without it nothing was.
    """
    starts = run.channel.fiscal_year_starts
    posted = no_postings() if postings is None else postings

    def view_of(period: Period) -> View:
        progress(f"settling {period.label}")
        return View(_run_of(run.loaded, period, run.inputs), posted)

    return Compared(
        View(run, posted),
        view_of(period_before(run.period, fiscal_year_starts=starts)),
        view_of(year_before(run.period, fiscal_year_starts=starts)),
    )


def _run_of(loaded: Loaded, period: Period, inputs: Inputs) -> Run:
    return calculate(loaded, period, inputs, lambda _: None)


def metrics(views: Compared, progress: Progress = lambda _: None) -> list[Figure]:
    """Every figure of every area: in the order of the areas and their definitions, then by id.

    Whole figures are always there; those of a partner, program, category, product, question or
    channel where at least one of the three periods has one.
    """
    figures: list[Figure] = []
    names = _names(views.now)
    for area, find in AREAS.items():
        progress(area)
        figures += _merged([list(find(view)) for view in views.views], names)
    return figures


_Key = tuple[str, Scope, str]


def _merged(found: list[list[Found]], names: dict[tuple[Scope, str], str]) -> list[Figure]:
    by_key: list[dict[_Key, Found]] = [
        {(one.definition.key, one.scope, one.of): one for one in of_view} for of_view in found
    ]
    order = {definition.key: index for index, definition in enumerate(DEFINITIONS)}
    every = {key: one for of_view in reversed(by_key) for key, one in of_view.items()}
    figures = []
    for key in sorted(every, key=lambda key: (order[key[0]], key[1] != "whole", key[1], key[2])):
        one = every[key]
        value, before, year_ago = (_value(of_view, key, one) for of_view in by_key)
        name = names.get((one.scope, one.of), one.of)
        figures.append(
            Figure(one.definition, one.scope, one.of, name, one.currency, value, before, year_ago)
        )
    return figures


def _value(found: dict[_Key, Found], key: _Key, like: Found) -> Value | None:
    """A period's value; of what adds up 0 where it has nothing of that id and can tell."""
    if key in found:
        return found[key].value
    whole = found.get((like.definition.key, "whole", ""))
    can_tell = whole is None or not isinstance(whole.value, Missing)
    adds_up = like.definition.adds_up and like.scope in ("partner", "category", "product")
    return Decimal(0) if adds_up and can_tell and found else None


def _names(view: View) -> dict[tuple[Scope, str], str]:
    """What partners, products and programs are called on PERIOD's last day."""
    day: date = view.period.last
    rows = view.run.channel.partner_rows.filter(
        pl.col("in_force_from") <= day, pl.col("in_force_until") > day
    )
    names: dict[tuple[Scope, str], str] = {}
    for partner, name in rows.select("partner_id", "name").rows():
        names["partner", partner] = name
    for product, name in view.run.channel.tables["products"].select("product_id", "name").rows():
        names["product", product] = name or product
    for program in view.run.loaded.programs:
        names["program", program.id] = program.name
    return names
