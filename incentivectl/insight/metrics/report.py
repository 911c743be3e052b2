"""What `metrics` prints: each area as a whole, then programs, categories and partners."""

from collections.abc import Iterator

from incentivectl.insight.metrics import AREAS, DEFINITIONS, Compared, Figure
from incentivectl.insight.metrics.cost import RUNS_OUT
from incentivectl.insight.metrics.figure_cells import change, reason, shown_value
from incentivectl.insight.metrics.figures import Missing, Value
from incentivectl.insight.metrics.report_tables import Figures, attention, breakdowns
from incentivectl.output.report import Cell, Report, Section

TITLES = {
    "growth": "Sales growth",
    "engagement": "Engagement",
    "roi": "ROI",
    "cost": "Cost",
    "satisfaction": "Satisfaction",
    "brand": "Brand awareness",
    "alignment": "Alignment",
    "timeliness": "Timeliness",
    "clarity": "Clarity",
}
_WITH_THE_WHOLE = ("whole", "question", "channel")
_MACHINES = (
    "area", "figure", "scope", "id", "name", "unit", "currency", "value", "before", "year_ago",
    "why_value", "why_before", "why_year_ago",
)  # fmt: skip


def metrics_report(figures: list[Figure], views: Compared, *, explain: bool) -> Report:
    """The report of `metrics`; JSON and CSV have every figure as a row of its own."""
    run = views.now.run
    workspace = run.loaded.workspace
    labels = [view.period.label for view in views.views]
    found = Figures(figures)
    wholes = [
        section
        for area in AREAS
        for section in (_area(area, figures, views), *_in_words(area, explain=explain))
    ]
    return Report(
        title=f"{workspace.name}: {labels[0]} against {labels[1]} and {labels[2]}",
        sections=(
            *wholes,
            *breakdowns(found, views),
            attention(found, views),
            _not_computed(figures, labels),
            _machines(figures, workspace.currency),
            *([_definitions()] if explain else []),
        ),
        main="figures",
        facts={
            "workspace": workspace.name,
            "period": labels[0],
            "before": labels[1],
            "year_ago": labels[2],
            "currency": workspace.currency,
        },
        closing=(f"Amounts in {workspace.currency} unless a currency is named; {_hint(explain)}",),
    )


def _hint(explain: bool) -> str:
    return "exact in JSON and CSV." if explain else "--explain says how each figure is computed."


def _area(area: str, figures: list[Figure], views: Compared) -> Section:
    """The figures of an area as a whole, by question and by channel."""
    of_area = [
        one for one in figures if one.definition.area == area and one.scope in _WITH_THE_WHOLE
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            _named(one),
            shown_value(one, one.value),
            shown_value(one, one.before),
            change(one, one.before),
            shown_value(one, one.year_ago),
            change(one, one.year_ago),
        )
        for one in of_area
    ]
    now, before, year_ago = (view.period.label for view in views.views)
    columns = ("", now, before, "change", year_ago, "change")
    return Section(area, TITLES[area], columns, rows, audience="people")


def _in_words(area: str, *, explain: bool) -> list[Section]:
    """What the figures of an area mean, where that is asked for."""
    if not explain:
        return []
    rows: list[tuple[Cell, ...]] = [
        (f"{one.title}: {one.text}.",) for one in DEFINITIONS if one.area == area
    ]
    title = f"{TITLES[area]}: how it is computed"
    return [Section(f"{area}_words", title, ("what",), rows, prose=True, audience="people")]


def _not_computed(figures: list[Figure], labels: list[str]) -> Section:
    """Each reason once, with the figures and periods that it keeps from us."""
    kept: dict[tuple[str, str], dict[str, None]] = {}
    for one in figures:
        values = zip(labels, (one.value, one.before, one.year_ago), strict=True)
        for label, value in values:
            if isinstance(value, Missing) and _is_listed(one):
                kept.setdefault((value.why, label), {})[_named(one)] = None
    periods: dict[tuple[str, str], list[str]] = {}
    for (why, label), titles in kept.items():
        periods.setdefault((why, _listed(list(titles))), []).append(label)
    rows: list[tuple[Cell, ...]] = [
        (f"{titles} ({', '.join(when)}): {why}.",) for (why, titles), when in periods.items()
    ]
    note = "" if rows else "Everything can be computed."
    return Section("not_computed", "What cannot be computed", ("what",), rows, note, prose=True)


def _is_listed(one: Figure) -> bool:
    """Not of single partners and categories; why a budget lasts stands in its table."""
    return one.scope in (*_WITH_THE_WHOLE, "program") and one.definition != RUNS_OUT


def _named(one: Figure) -> str:
    if one.scope == "program":
        return f"{TITLES[one.definition.area]} of {one.of}"
    return one.definition.title if one.scope == "whole" else f"{one.definition.title}: {one.of}"


def _listed(titles: list[str]) -> str:
    more = len(titles) - 6
    return ", ".join(titles[:6]) + (f" and {more} more" if more > 0 else "")


def _machines(figures: list[Figure], currency: str) -> Section:
    rows = [tuple(_machine_row(one, currency)) for one in figures]
    return Section("figures", "Figures", _MACHINES, rows, audience="machines")


def _machine_row(one: Figure, currency: str) -> Iterator[Cell]:
    definition = one.definition
    yield from (definition.area, definition.key, one.scope, one.of or None, one.name or None)
    yield definition.unit
    yield (one.currency or currency) if definition.unit == "money" else None
    values: tuple[Value | None, ...] = (one.value, one.before, one.year_ago)
    yield from (None if isinstance(value, Missing) else value for value in values)
    yield from (reason(value) or None for value in values)


def _definitions() -> Section:
    rows: list[tuple[Cell, ...]] = [
        (one.area, one.key, one.title, one.unit, one.text) for one in DEFINITIONS
    ]
    columns = ("area", "figure", "title", "unit", "definition")
    return Section("definitions", "Definitions", columns, rows, audience="machines")
