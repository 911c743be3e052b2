"""Tables of engagement: who takes part in which program, and who does not any more."""

from collections.abc import Iterator

from incentivectl.insight.metrics.alignment import EARNING
from incentivectl.insight.metrics.clarity import COMPLEXITY
from incentivectl.insight.metrics.engagement import (
    ACHIEVERS,
    ACTIVITIES,
    PARTICIPANTS,
    PARTICIPATORS,
    taking_part,
)
from incentivectl.insight.metrics.figure_cells import change, shown_value
from incentivectl.insight.metrics.growth import REVENUE
from incentivectl.insight.metrics.roi import COST
from incentivectl.insight.metrics.satisfaction import LAST_ASKED, NPS
from incentivectl.insight.metrics.tables.figures_by import Columns, Row, Told
from incentivectl.insight.metrics.timeliness import MEDIAN
from incentivectl.output.report import Section


def engagement_tables(told: Told) -> Iterator[Section]:
    """Who takes part in each program, and what each partner does."""
    rows: list[Row] = [
        (
            one.of,
            shown_value(one, one.value),
            change(one, one.before),
            *told.values("program", one.of, ACHIEVERS, MEDIAN, COMPLEXITY),
        )
        for one in sorted(
            told.of(PARTICIPANTS, "program"),
            key=lambda one: (told.exact(PARTICIPANTS, "program", one.of), one.of),
        )
    ]
    columns: Columns = (
        "program", "participants", "change", "at their goal", "days to posting", "complexity",
    )  # fmt: skip
    title = "Programs: who takes part, the least first"
    nothing = "No program was running."
    yield told.table("program_engagement", title, columns, rows, nothing=nothing)
    yield _not_taking_part(told)
    columns = (
        "partner",
        "name",
        "earned",
        "revenue that earns",
        "activities",
        "NPS",
        "days since asked",
    )
    yield told.table("partner_engagement", "Partners: engagement", columns, _partner_rows(told))


def _not_taking_part(told: Told) -> Section:
    """The partners with status active that take no part, those who did so most recently first."""
    views, now = told.views, told.views.now
    why = told.why(PARTICIPATORS)
    months = [one for one in reversed(views.months) if one.period.last < now.period.first]
    last: dict[str, str] = {}
    earlier = months or [views.before]
    for view in [] if why else earlier:
        last |= {of: view.period.label for of in taking_part(view) if of not in last}
    never = f"in no month since {earlier[-1].period.label}"
    away = [] if why else sorted(now.active_partners - taking_part(now))
    labels = [*(view.period.label for view in earlier), never]
    away.sort(key=lambda of: labels.index(last.get(of, never)))
    names = dict(now.in_force("partners").select("partner_id", "name").iter_rows())
    rows: list[Row] = [
        (of, names.get(of), last.get(of, never), told.value(REVENUE, "partner", of)) for of in away
    ]
    return told.table(
        "not_taking_part",
        "Partners who do not take part",
        ("partner", "name", "last took part", "revenue"),
        rows,
        nothing=f"{why}." if why else "Everybody takes part.",
    )


def _partner_rows(told: Told) -> list[Row]:
    figures = (COST, EARNING, ACTIVITIES, NPS, LAST_ASKED)
    names = told.names("partner", *figures)
    listed = sorted(names, key=lambda of: (-told.exact(COST, "partner", of), of))
    return [(of, names[of], *told.values("partner", of, *figures)) for of in listed]
