"""What `metrics` prints: each area as a whole with its trend, then its tables, and what needs attention."""

from collections.abc import Callable, Iterator, Sequence

from incentivectl.core.nouns import counted
from incentivectl.insight.metrics import AREAS, Area, Compared, Figure
from incentivectl.insight.metrics.alignment import MISALIGNED
from incentivectl.insight.metrics.clarity import COMPLEXITY
from incentivectl.insight.metrics.cost import RUNS_OUT
from incentivectl.insight.metrics.figure_cells import change, reason, shown_value
from incentivectl.insight.metrics.figures import Definition, Missing, Value
from incentivectl.insight.metrics.objectives import ON_TRACK
from incentivectl.insight.metrics.sparkline import sparkline
from incentivectl.insight.metrics.tables import contacts, opinions, programs, sales
from incentivectl.insight.metrics.tables.figures_by import FIRST, Told
from incentivectl.output.report import Cell, Report, Section
from incentivectl.programs.checks.checks import MOST_COMPLEX

_TABLES: dict[str, Callable[[Told], Iterator[Section]]] = {
    "growth": sales.growth_tables,
    "markets": sales.market_tables,
    "engagement": programs.engagement_tables,
    "alignment": programs.alignment_tables,
    "objectives": programs.objective_tables,
    "roi": programs.roi_tables,
    "cost": programs.cost_tables,
    "customers": sales.customer_tables,
    "satisfaction": opinions.satisfaction_tables,
    "one-to-ones": contacts.meeting_tables,
    "ideas": contacts.idea_tables,
    "support": contacts.support_tables,
    "communication": contacts.communication_tables,
    "loyalty": contacts.loyalty_tables,
    "brand": opinions.brand_tables,
    "timeliness": programs.timeliness_tables,
    "clarity": programs.clarity_tables,
}
_MACHINES = (
    "area", "figure", "scope", "id", "name", "unit", "currency", "value", "before", "year_ago",
    "why_value", "why_before", "why_year_ago", "basis", "how",
)  # fmt: skip


def metrics_report(
    figures: list[Figure],
    views: Compared,
    *,
    explain: bool,
    areas: Sequence[Area] = AREAS,
    every_row: bool = False,
) -> Report:
    """The report of `metrics`; JSON and CSV have every figure as a row of its own.

    `figures` are those of all areas, since tables look at several; the report has the `areas`. People
    see the first rows of each table, or with `every_row` all of them.
    """
    run = views.now.run
    workspace = run.loaded.workspace
    labels = [view.period.label for view in views.views]
    told = Told(figures, views, every_row)
    asked = {area.key for area in areas}
    figures = [one for one in figures if one.definition.area in asked]
    return Report(
        title=f"{workspace.name}: {labels[0]} against {labels[1]} and {labels[2]}",
        sections=(
            *(section for area in areas for section in _area(area, told, explain=explain)),
            _attention(Told(figures, views, every_row)),
            _not_computed(figures, labels, areas),
            _machines(figures, workspace.currency),
            _trends(figures, views),
            *([_definitions(areas)] if explain else []),
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


def _area(area: Area, told: Told, *, explain: bool) -> Iterator[Section]:
    yield _whole(area, told)
    if explain:
        yield _in_words(area)
    yield from _TABLES[area.key](told)


def _whole(area: Area, told: Told) -> Section:
    """The figures of an area as a whole, the headlines first with their trend."""
    found = [told.at(definition, "whole") for definition in area.definitions]
    figures = [one for one in found if one is not None]
    shown = figures if told.every_row else figures[:FIRST]
    trend = bool(told.views.months)
    rows: list[tuple[Cell, ...]] = [
        (
            one.definition.title,
            shown_value(one, one.value),
            *([sparkline(one.trend)] if trend else []),
            shown_value(one, one.before),
            change(one, one.before),
            shown_value(one, one.year_ago),
            change(one, one.year_ago),
        )
        for one in shown
    ]
    now, before, year_ago = (view.period.label for view in told.views.views)
    spark = ("last 12 months",) if trend else ()
    columns = ("", now, *spark, before, "change", year_ago, "change")
    left = len(figures) - len(shown)
    notes = [f"{counted(left, 'more figure')}: --all shows them."] if left else []
    notes += [opinions.SCALE] if area.key == "satisfaction" else []
    return Section(area.key, area.title, columns, rows, " ".join(notes), audience="people")


def _in_words(area: Area) -> Section:
    """What the figures of an area mean."""
    rows: list[tuple[Cell, ...]] = [(f"{one.title}: {one.text}.",) for one in area.definitions]
    title = f"{area.title}: how it is computed"
    return Section(f"{area.key}_words", title, ("what",), rows, prose=True, audience="people")


def _attention(told: Told) -> Section:
    """Long surveys, complex programs, objectives that are behind, partners with other goals."""
    found = [
        f"{problem.message}: {problem.hint}"
        for problem in told.views.now.run.inputs.problems
        if problem.code == "long-survey"
    ]
    found += [
        f"{one.of}: its complexity is {one.value:f}, above {MOST_COMPLEX}"
        for one in told.of(COMPLEXITY, "program")
        if not isinstance(one.value, Missing | None) and one.value > MOST_COMPLEX  # type: ignore[operator]
    ]
    found += [
        f"{one.of} does not reach its objective: metrics --area objectives"
        for one in told.of(ON_TRACK, "program")
        if one.value == 0
    ]
    found += [
        f"{one.of} {one.name} earns in none of the programs that matter: metrics --area alignment"
        for one in told.of(MISALIGNED, "partner")
        if one.value == 1
    ]
    rows: list[tuple[Cell, ...]] = [(text,) for text in found]
    note = "" if rows else "Nothing."
    return Section(
        "attention", "Needs attention", ("what",), rows, note, prose=True, tone="warning"
    )


def _not_computed(figures: list[Figure], labels: list[str], areas: Sequence[Area]) -> Section:
    """Each reason once, with the figures and periods that it keeps from us."""
    titles = {area.key: area.title for area in areas}
    kept: dict[tuple[str, str], dict[str, None]] = {}
    for one in figures:
        values = zip(labels, (one.value, one.before, one.year_ago), strict=True)
        for label, value in values:
            if isinstance(value, Missing) and _is_listed(one):
                kept.setdefault((value.why, label), {})[_named(one, titles)] = None
    periods: dict[tuple[str, str], list[str]] = {}
    for (why, label), names in kept.items():
        periods.setdefault((why, _listed(list(names))), []).append(label)
    rows: list[tuple[Cell, ...]] = [
        (f"{names} ({', '.join(when)}): {why}.",) for (why, names), when in periods.items()
    ]
    note = "" if rows else "Everything can be computed."
    return Section("not_computed", "What cannot be computed", ("what",), rows, note, prose=True)


def _is_listed(one: Figure) -> bool:
    """Not why a budget lasts: that stands in its table."""
    return one.definition != RUNS_OUT


def _named(one: Figure, titles: dict[str, str]) -> str:
    if one.scope == "program":
        return f"{titles[one.definition.area]} of {one.of}"
    if one.scope in ("whole", "channel", "market"):
        title = one.definition.title
        return title if one.scope == "whole" else f"{title}: {one.of}"
    return f"{one.definition.title} by {one.scope}"


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
    yield one.basis or None
    yield definition.how


def _trends(figures: list[Figure], views: Compared) -> Section:
    """The headlines of each of the last twelve months, as a whole and by region and country."""
    rows: list[tuple[Cell, ...]] = [
        (
            one.definition.area,
            one.definition.key,
            one.scope,
            one.of or None,
            view.period.label,
            None if isinstance(value, Missing) else value,
            reason(value) or None,
        )
        for one in figures
        if one.trend
        for view, value in zip(views.months, one.trend, strict=True)
    ]
    columns = ("area", "figure", "scope", "id", "month", "value", "why")
    return Section("trends", "Trends", columns, rows, audience="machines")


def _definitions(areas: Sequence[Area]) -> Section:
    every: list[Definition] = [one for area in areas for one in area.definitions]
    rows: list[tuple[Cell, ...]] = [
        (one.area, one.key, one.title, one.unit, one.how, one.text) for one in every
    ]
    columns = ("area", "figure", "title", "unit", "how", "definition")
    return Section("definitions", "Definitions", columns, rows, audience="machines")
