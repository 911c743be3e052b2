"""The tables of `metrics` by program, category and partner, and what needs attention."""

from collections.abc import Iterator
from decimal import Decimal

from incentivectl.insight.metrics import Compared, Figure
from incentivectl.insight.metrics.alignment import EARNING, FAR
from incentivectl.insight.metrics.clarity import COMPLEXITY
from incentivectl.insight.metrics.cost import ACCRUING, BUDGET, BURN, RUNS_OUT, SPENT, USED
from incentivectl.insight.metrics.engagement import ACHIEVERS, ACTIVITIES, PARTICIPANTS
from incentivectl.insight.metrics.figure_cells import change, reason, shown_value
from incentivectl.insight.metrics.figures import Definition, Scope
from incentivectl.insight.metrics.growth import NEW_REVENUE, QUANTITY, REVENUE
from incentivectl.insight.metrics.roi import COST, COST_SHARE, ELIGIBLE, MARGIN, ROI
from incentivectl.insight.metrics.satisfaction import LAST_ASKED, NPS
from incentivectl.insight.metrics.timeliness import MEDIAN
from incentivectl.output.report import Cell, Section
from incentivectl.programs.checks.checks import MOST_COMPLEX

MOVERS = 10


class Figures:
    """Figures by what they are about."""

    def __init__(self, figures: list[Figure]) -> None:
        self._every = figures
        self._by_key = {(one.definition.key, one.scope, one.of): one for one in figures}

    def at(self, definition: Definition, scope: Scope, of: str) -> Figure | None:
        """One figure, or none."""
        return self._by_key.get((definition.key, scope, of))

    def of(self, definition: Definition, scope: Scope) -> list[Figure]:
        """A figure of each partner, program, category or product."""
        return [one for one in self._every if one.definition == definition and one.scope == scope]

    def names(self, scope: Scope) -> dict[str, str]:
        """Each id that any figure of PERIOD is about, and its name, by id."""
        named = {one.of: one.name for one in self._every if one.scope == scope}
        return dict(sorted(named.items()))

    def value(self, definition: Definition, scope: Scope, of: str) -> Cell:
        """The value of PERIOD as people see it."""
        figure = self.at(definition, scope, of)
        return shown_value(figure, figure.value if figure else None)

    def changes(self, definition: Definition, scope: Scope, of: str) -> tuple[Cell, Cell]:
        """The changes against the period before and a year ago."""
        figure = self.at(definition, scope, of)
        if figure is None:
            return None, None
        return change(figure, figure.before), change(figure, figure.year_ago)


def breakdowns(figures: Figures, views: Compared) -> Iterator[Section]:
    """Movers, then programs, categories and partners."""
    yield _movers(figures, views, "partner")
    yield _movers(figures, views, "product")
    yield _returns(figures, views)
    yield _budgets(figures)
    yield _participation(figures)
    yield _program_sales(figures, views)
    yield _categories(figures, views)
    yield _partner_sales(figures, views)
    yield _partner_engagement(figures)


def _movers(figures: Figures, views: Compared, scope: Scope) -> Section:
    """Those whose revenue moved most against the period before, up or down."""
    moved: list[tuple[Decimal, Figure]] = []
    can_compare = views.now.no_sales_on(views.before.period.first) is None
    for one in figures.of(REVENUE, scope):
        now, then = (
            value if isinstance(value, Decimal) else Decimal(0) for value in (one.value, one.before)
        )
        if can_compare and now != then:
            moved.append((now - then, one))
    moved.sort(key=lambda item: (-abs(item[0]), item[1].of))
    rows: list[tuple[Cell, ...]] = [
        (
            one.of,
            one.name,
            shown_value(one, difference),
            shown_value(one, one.value),
            shown_value(one, one.before),
            change(one, one.before),
        )
        for difference, one in moved[:MOVERS]
    ]
    columns = (scope, "name", "moved", "revenue", views.before.period.label, "change")
    note = "" if rows else "There is nothing to compare with."
    title = f"The {scope}s whose revenue moved most"
    return Section(f"moved_{scope}s", title, columns, rows, note, audience="people")


def _returns(figures: Figures, views: Compared) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in figures.of(COST, "program"):
        roi = figures.at(ROI, "program", one.of)
        rows.append(
            (
                one.of,
                shown_value(one, one.value),
                *(
                    figures.value(key, "program", one.of)
                    for key in (ELIGIBLE, COST_SHARE, MARGIN, ROI)
                ),
                shown_value(roi, roi.before if roi else None),
                shown_value(roi, roi.year_ago if roi else None),
            )
        )
    columns = (
        "program", "cost", "eligible revenue", "cost of revenue", "incremental margin", "ROI",
        f"ROI {views.before.period.label}", f"ROI {views.year_ago.period.label}",
    )  # fmt: skip
    note = "" if rows else "No program was running."
    return Section("program_roi", "Programs: ROI", columns, rows, note, audience="people")


def _budgets(figures: Figures) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in figures.of(SPENT, "program"):
        runs_out = figures.at(RUNS_OUT, "program", one.of)
        when = figures.value(RUNS_OUT, "program", one.of)
        rows.append(
            (
                one.of,
                one.currency,
                *(
                    figures.value(key, "program", one.of)
                    for key in (SPENT, ACCRUING, BURN, BUDGET, USED)
                ),
                reason(runs_out.value) or when if runs_out else None,
            )
        )
    columns = (
        "program", "currency", "spent", "accruing", "per week", "budget", "used", "runs out",
    )  # fmt: skip
    return Section(
        "program_budgets", "Programs: cost since they began", columns, rows, audience="people"
    )


def _participation(figures: Figures) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            one.of,
            shown_value(one, one.value),
            change(one, one.before),
            *(figures.value(key, "program", one.of) for key in (ACHIEVERS, MEDIAN, COMPLEXITY)),
        )
        for one in figures.of(PARTICIPANTS, "program")
    ]
    columns = (
        "program", "participants", "change", "at their goal", "days to posting", "complexity",
    )  # fmt: skip
    return Section(
        "program_engagement", "Programs: who takes part", columns, rows, audience="people"
    )


def _program_sales(figures: Figures, views: Compared) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            one.of,
            *_with_changes(figures, REVENUE, "program", one.of),
            figures.value(QUANTITY, "program", one.of),
            figures.value(EARNING, "program", one.of),
        )
        for one in figures.of(REVENUE, "program")
    ]
    columns = (
        "program", "revenue", views.before.period.label, views.year_ago.period.label,
        "quantity", "of the whole earns",
    )  # fmt: skip
    title = "Programs: sales that count in them"
    return Section("program_sales", title, columns, rows, audience="people")


def _categories(figures: Figures, views: Compared) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            of,
            *_with_changes(figures, REVENUE, "category", of),
            *_with_changes(figures, QUANTITY, "category", of)[:2],
            figures.value(EARNING, "category", of),
        )
        for of in figures.names("category")
    ]
    before, year_ago = views.before.period.label, views.year_ago.period.label
    columns = ("category", "revenue", before, year_ago, "quantity", before, "earns")
    return Section("categories", "Categories", columns, rows, audience="people")


def _partner_sales(figures: Figures, views: Compared) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            of,
            name,
            *_with_changes(figures, REVENUE, "partner", of),
            figures.value(QUANTITY, "partner", of),
            figures.value(NEW_REVENUE, "partner", of),
        )
        for of, name in figures.names("partner").items()
    ]
    columns = (
        "partner", "name", "revenue", views.before.period.label, views.year_ago.period.label,
        "quantity", "new customers",
    )  # fmt: skip
    return Section("partners", "Partners: sales", columns, rows, audience="people")


def _partner_engagement(figures: Figures) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            of,
            name,
            *(
                figures.value(key, "partner", of)
                for key in (COST, EARNING, ACTIVITIES, NPS, LAST_ASKED)
            ),
        )
        for of, name in figures.names("partner").items()
    ]
    columns = (
        "partner", "name", "earned", "revenue that earns", "activities", "NPS", "days since asked",
    )  # fmt: skip
    return Section("partner_engagement", "Partners: engagement", columns, rows, audience="people")


def _with_changes(
    figures: Figures, definition: Definition, scope: Scope, of: str
) -> tuple[Cell, Cell, Cell]:
    return figures.value(definition, scope, of), *figures.changes(definition, scope, of)


def attention(figures: Figures, views: Compared) -> Section:
    """Surveys that are too long, programs that are too complex, partners with other goals."""
    found = [
        f"{problem.message}: {problem.hint}"
        for problem in views.now.run.inputs.problems
        if problem.code == "long-survey"
    ]
    found += [
        f"{one.of}: its complexity is {one.value:f}, above {MOST_COMPLEX}"
        for one in figures.of(COMPLEXITY, "program")
        if isinstance(one.value, Decimal) and one.value > MOST_COMPLEX
    ]
    found += [
        f"{one.of} {one.name}: only {100 * one.value:.1f} % of its revenue earns anything; its goals"
        " and those of the programs differ"
        for one in figures.of(EARNING, "partner")
        if isinstance(one.value, Decimal) and one.value < FAR
    ]
    rows: list[tuple[Cell, ...]] = [(text,) for text in found]
    note = "" if rows else "Nothing."
    return Section(
        "attention", "Needs attention", ("what",), rows, note, prose=True, tone="warning"
    )
