"""What `metrics` prints: each area as a whole with its trend, then its tables, and what needs attention."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from incentivectl.core.nouns import counted
from incentivectl.insight.metrics import AREAS, Area, Compared, Figure
from incentivectl.insight.metrics.alignment import MISALIGNED
from incentivectl.insight.metrics.clarity import COMPLEXITY
from incentivectl.insight.metrics.cost import RUNS_OUT
from incentivectl.insight.metrics.figure_cells import beside_earlier, reason, shown_value
from incentivectl.insight.metrics.figures import Definition, Value
from incentivectl.insight.metrics.growth import NEW_CUSTOMERS, seem_new
from incentivectl.insight.metrics.headlines import TEN
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.objectives import ON_TRACK
from incentivectl.insight.metrics.sparkline import sparkline
from incentivectl.insight.metrics.tables import contacts, engagement, opinions, programs, sales
from incentivectl.insight.metrics.tables.figures_by import FIRST, Told
from incentivectl.output.report import Cell, Report, Section
from incentivectl.programs.checks.checks import MOST_COMPLEX

_TABLES: dict[str, Callable[[Told], Iterator[Section]]] = {
    "growth": sales.growth_tables,
    "markets": sales.market_tables,
    "engagement": engagement.engagement_tables,
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
    areas: Sequence[Area] = (),
    every_row: bool = False,
) -> Report:
    """The report of `metrics`; JSON and CSV have every figure as a row of its own.

    `figures` are those of all areas, since tables look at several. People see the `areas` that are named,
    with the first rows of each table; with `every_row` all rows, and without names all areas. Where
    neither is asked for, they see the ten figures that matter first.
    """
    run = views.now.run
    workspace = run.loaded.workspace
    labels = [view.period.label for view in views.views]
    told = Told(figures, views, every_row)
    shown = tuple(areas) or AREAS
    asked = {area.key for area in shown}
    figures = [one for one in figures if one.definition.area in asked]
    in_short = not areas and not every_row
    return Report(
        title=f"{workspace.name}: {labels[0]} against {labels[1]} and {labels[2]}",
        sections=(
            *(_in_short(told, explain=explain) if in_short else ()),
            *_areas(shown, told, explain=explain, in_short=in_short),
            _attention(Told(figures, views, every_row)),
            *_not_computed(figures, labels, shown, in_short=in_short),
            _machines(figures, workspace.currency),
            _trends(figures, views),
            *([_definitions(shown)] if explain else []),
        ),
        main="figures",
        facts={
            "workspace": workspace.name,
            "period": labels[0],
            "before": labels[1],
            "year_ago": labels[2],
            "currency": workspace.currency,
        },
        closing=(
            f"Amounts in {workspace.currency} unless a currency is named; {_hint(explain)}",
            *([_more(shown)] if in_short else []),
        ),
    )


def _more(areas: Sequence[Area]) -> str:
    return (
        f"--area {areas[0].key} shows an area, --all all of them:"
        f" {', '.join(area.key for area in areas)}."
    )


def _hint(explain: bool) -> str:
    return "exact in JSON and CSV." if explain else "--explain says how each figure is computed."


def _in_short(told: Told, *, explain: bool) -> Iterator[Section]:
    """The ten figures, and what they mean."""
    figures = [one for one in (told.at(each, "whole") for each in TEN) if one is not None]
    yield _compared("in_short", "In short", figures, told)
    if explain:
        yield _in_words("in_short", "In short", TEN)


def _areas(
    areas: Sequence[Area], told: Told, *, explain: bool, in_short: bool
) -> Iterator[Section]:
    """Each area with its tables; in short only what JSON has of them."""
    for area in areas:
        sections = _area(area, told, explain=explain)
        yield from (one for one in sections if not in_short or one.audience != "people")


def _area(area: Area, told: Told, *, explain: bool) -> Iterator[Section]:
    yield _whole(area, told)
    if explain:
        yield _in_words(area.key, area.title, area.definitions)
    yield from _TABLES[area.key](told)


def _whole(area: Area, told: Told) -> Section:
    """The figures of an area as a whole, the headlines first with their trend."""
    found = [told.at(definition, "whole") for definition in area.definitions]
    figures = [one for one in found if one is not None]
    shown = figures if told.every_row else figures[:FIRST]
    left = len(figures) - len(shown)
    notes = [f"{counted(left, 'more figure')}: --all shows them."] if left else []
    notes += [opinions.SCALE] if area.key == "satisfaction" else []
    return _compared(area.key, area.title, shown, told, " ".join(notes))


def _compared(
    key: str, title: str, figures: Sequence[Figure], told: Told, note: str = ""
) -> Section:
    """Figures with their trend, beside those of the period before and a year ago."""
    trend = bool(told.views.months)
    rows: list[tuple[Cell, ...]] = [
        (
            one.definition.title,
            shown_value(one, one.value),
            *([sparkline(one.trend)] if trend else []),
            *beside_earlier(one),
        )
        for one in figures
    ]
    now, before, year_ago = (view.period.label for view in told.views.views)
    spark = ("last 12 months",) if trend else ()
    columns = ("", now, *spark, before, "change", year_ago, "change")
    return Section(key, title, columns, rows, note, audience="people")


def _in_words(key: str, title: str, definitions: Sequence[Definition]) -> Section:
    """What figures mean."""
    rows: list[tuple[Cell, ...]] = [(f"{one.title}: {one.text}.",) for one in definitions]
    title = f"{title}: how it is computed"
    return Section(f"{key}_words", title, ("what",), rows, prose=True, audience="people")


def _attention(told: Told) -> Section:
    """Long surveys, complex programs, objectives that are behind, partners with other goals."""
    found = [
        f"{problem.message}: {problem.hint}"
        for problem in told.views.now.run.inputs.problems
        if problem.code == "long-survey"
    ]
    if told.at(NEW_CUSTOMERS, "whole") and (young := seem_new(told.views.now)):
        found.append(young)
    found += [
        f"{one.name}: its complexity is {one.value:f}, above {MOST_COMPLEX}"
        for one in told.of(COMPLEXITY, "program")
        if not isinstance(one.value, Missing | None) and one.value > MOST_COMPLEX  # type: ignore[operator]
    ]
    found += [
        f"{one.name} does not reach its objective: metrics --area objectives"
        for one in told.of(ON_TRACK, "program")
        if one.value == 0
    ]
    far = [one.name for one in told.of(MISALIGNED, "partner") if one.value == 1]
    if far:
        earn = counted(len(far), "partner earns", "partners earn")
        found.append(
            f"{earn} in none of the programs that matter, {_listed(far)}: metrics --area alignment"
        )
    rows: list[tuple[Cell, ...]] = [(text,) for text in found]
    note = "" if rows else "Nothing."
    return Section(
        "attention", "Needs attention", ("what",), rows, note, prose=True, tone="warning"
    )


def _not_computed(
    figures: list[Figure], labels: list[str], areas: Sequence[Area], *, in_short: bool
) -> Iterator[Section]:
    """Each reason once, with the figures and periods that it keeps from us; in short, of the ten."""
    if not in_short:
        yield _reasons(figures, labels, areas)
        return
    of_ten = [one for one in figures if one.definition in TEN and one.scope == "whole"]
    yield replace(_reasons(of_ten, labels, areas), audience="people")
    yield replace(_reasons(figures, labels, areas), audience="machines")


def _reasons(figures: list[Figure], labels: list[str], areas: Sequence[Area]) -> Section:
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
