"""`metrics --html`: a card for each headline with its trend, by region and country, and the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from incentivectl.core.money import plain
from incentivectl.core.periods import Period
from incentivectl.insight.metrics import Area, Compared, Figure
from incentivectl.insight.metrics.figure_cells import change, reason, shown_value
from incentivectl.insight.metrics.figures import PLACES, Definition, Value
from incentivectl.insight.metrics.headlines import TEN
from incentivectl.insight.metrics.report import metrics_report
from incentivectl.insight.metrics.tables.figures_by import Told
from incentivectl.output.language import language_of
from incentivectl.output.page_table import PageTable, page_table
from incentivectl.output.report import Report, shown
from incentivectl.output.templates import template

HEIGHT = 40  # of a trend, in the units of its drawing
_CLOSING = ("attention", "not_computed")


@dataclass(frozen=True)
class Bar:
    """One month of a trend: its value as text, and where its bar stands in the drawing."""

    label: str
    is_known: bool
    exact: str = ""
    text: str = ""
    top: str = ""
    height: str = ""


@dataclass(frozen=True)
class Card:
    """A figure of PERIOD, or `why` there is none; its changes, and its trend as a whole and by place."""

    key: str
    title: str
    exact: str
    value: str
    why: str
    changes: tuple[str, ...]
    bars: tuple[Bar, ...]
    places: tuple[tuple[str, tuple[Bar, ...]], ...]


@dataclass(frozen=True)
class Part:
    """An area: its headlines, and its tables."""

    key: str
    title: str
    cards: tuple[Card, ...]
    tables: tuple[PageTable, ...]


@dataclass(frozen=True)
class Page:
    """All that the page shows; `closing` are tables of the whole."""

    workspace: str
    title: str
    before: str
    year_ago: str
    currency: str
    parts: tuple[Part, ...]
    closing: tuple[PageTable, ...]


def metrics_html(
    figures: list[Figure], views: Compared, areas: Sequence[Area], *, every_row: bool
) -> str:
    """The page as text; `areas` are those that it has."""
    run = views.now.run
    told = Told(figures, views, every_row)
    report = metrics_report(figures, views, explain=False, areas=areas, every_row=every_row)
    programs = {one.id: one.name for one in run.loaded.programs}
    first = Part("first", "In short", cards_of(told, TEN), ())
    tables = _tables(report, areas, programs)
    parts = [
        Part(area.key, area.title, cards_of(told, _headlines(area)), tables[area.key])
        for area in areas
    ]
    now, before, year_ago = (_title(view.period) for view in views.views)
    page = Page(
        workspace=run.loaded.workspace.name,
        title=now,
        before=before,
        year_ago=year_ago,
        currency=run.channel.currency,
        parts=(first, *parts),
        closing=tuple(
            page_table(one, programs) for one in report.for_people if one.key in _CLOSING
        ),
    )
    return template("metrics.html").render(page=page)


def _title(period: Period) -> str:
    return language_of(None).days(period.first, period.last)


def _headlines(area: Area) -> tuple[Definition, ...]:
    """Those of an area that do not stand among the first ten."""
    return tuple(one for one in area.definitions if one.headline and one not in TEN)


def _tables(
    report: Report, areas: Sequence[Area], programs: dict[str, str]
) -> dict[str, tuple[PageTable, ...]]:
    """The tables of each area: what follows its figures in the report, up to the next area's."""
    keys = {area.key for area in areas}
    found: dict[str, list[PageTable]] = {area.key: [] for area in areas}
    current = ""
    for section in report.for_people:
        current = section.key if section.key in keys else current
        if current and section.key not in _CLOSING:
            found[current].append(page_table(section, programs))
    return {key: tuple(tables) for key, tables in found.items()}


def cards_of(told: Told, definitions: Sequence[Definition]) -> tuple[Card, ...]:
    """A card for each of these figures that PERIOD, or one that it is compared with, knows of."""
    found = [told.at(definition, "whole") for definition in definitions]
    return tuple(_card(one, told) for one in found if one is not None)


def _card(figure: Figure, told: Told) -> Card:
    labels = [view.period.label for view in told.views.months]
    places = [
        (one.name or "everywhere", _bars(one, labels))
        for scope in PLACES
        for one in told.of(figure.definition, scope)
        if one.trend
    ]
    return Card(
        key=figure.definition.key,
        title=figure.definition.title,
        exact=_exact(figure.value),
        value=shown(shown_value(figure, figure.value)),
        why=reason(figure.value),
        changes=tuple(_changes(figure, told)),
        bars=_bars(figure, labels) if figure.trend else (),
        places=tuple(places),
    )


def _changes(figure: Figure, told: Told) -> Iterator[str]:
    """Against the period before and a year ago, where there is something to compare with."""
    before, year_ago = (_title(view.period) for view in told.views.views[1:])
    for then, when in ((figure.before, before), (figure.year_ago, year_ago)):
        if reason(then):
            continue
        changed = change(figure, then)
        value = shown(shown_value(figure, then))
        if changed is not None:
            yield f"{changed.text} on {when} ({value})"
        elif value and isinstance(figure.value, Decimal):
            yield f"{when}: {value}"


def _exact(value: Value | None) -> str:
    return plain(value) if isinstance(value, Decimal) else ""


def _bars(figure: Figure, labels: Sequence[str]) -> tuple[Bar, ...]:
    """A bar for each month, upwards from 0 or downwards; positions are precise enough as drawn."""
    known = [value for value in figure.trend if isinstance(value, Decimal)]
    most, least = max([Decimal(0), *known]), min([Decimal(0), *known])
    unit = HEIGHT / float(most - least) if most > least else 0.0

    def bar(label: str, value: Value | None) -> Bar:
        if not isinstance(value, Decimal):
            return Bar(label, is_known=False)
        height = max(abs(float(value)) * unit, 0.5)
        top = float(most - max(value, Decimal(0))) * unit
        text = shown(shown_value(figure, value))
        shown_top = min(top, HEIGHT - height)
        return Bar(label, True, _exact(value), text, f"{max(shown_top, 0):.1f}", f"{height:.1f}")

    return tuple(bar(label, value) for label, value in zip(labels, figure.trend, strict=True))
