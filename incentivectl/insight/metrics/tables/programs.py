"""Tables by program: objectives, ROI, cost, timeliness, clarity; and partners whose goals are others."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.engine.engine import Settled
from incentivectl.insight.metrics.alignment import (
    MATTERING_SHARE,
    MISALIGNED,
    SOLD,
    earners_in,
    sold_by_category,
    that_matter,
)
from incentivectl.insight.metrics.clarity import COMPLEXITY, unused_rules
from incentivectl.insight.metrics.cost import ACCRUING, BUDGET, BURN, DAYS, RUNS_OUT, SPENT, USED
from incentivectl.insight.metrics.figure_cells import shown_value
from incentivectl.insight.metrics.figures import Definition
from incentivectl.insight.metrics.objectives import (
    BEFORE,
    ON_TRACK,
    REACHED,
    RESULT,
    TARGET,
    is_over,
    state,
)
from incentivectl.insight.metrics.roi import (
    ALONE,
    COST,
    COST_SHARE,
    ELIGIBLE,
    JUDGED_COST,
    MARGIN,
    MARGIN_PART,
    MARGIN_PART_BEFORE,
    ROI,
)
from incentivectl.insight.metrics.tables.figures_by import Columns, Row, Told
from incentivectl.insight.metrics.timeliness import MEDIAN, SLOWEST
from incentivectl.output.report import Amount, Cell, Section
from incentivectl.programs.checks.checks import MOST_COMPLEX
from incentivectl.programs.words.objective import METRIC_WORDS, target_words


def objective_tables(told: Told) -> Iterator[Section]:
    """Target, result and whether it is reached, of each program with a measured objective."""
    rows: list[Row] = []
    now = told.views.now
    for one in now.programs:
        program = one.case.program
        objective = program.objective
        if objective.metric is None or not told.at(RESULT, "program", program.id):
            continue
        rows.append(
            (
                program.id,
                METRIC_WORDS[objective.metric],
                one.case.currency if objective.metric == "revenue" else None,
                *(_sized(told, figure, one) for figure in (BEFORE, TARGET, RESULT)),
                told.value(REACHED, "program", program.id),
                _state(told, program.id, over=is_over(one, now.period.last)),
                target_words(objective),
            )
        )
    columns: Columns = (
        "program", "judged by", "currency", "to compare with", "target", "result", "of the target",
        "state", "wanted",
    )  # fmt: skip
    yield from told.listed(
        "objectives",
        "Objectives of programs",
        columns,
        rows,
        nothing="No running program has a measured objective: set [objective] metric and change in"
        " its file.",
    )
    words: list[Row] = [
        (one.case.program.id, one.case.program.objective.text)
        for one in now.programs
        if one.case.program.objective.text and not one.case.program.objective.is_measured
    ]
    title = "Objectives in words, not measured"
    yield from told.listed("objectives_in_words", title, ("program", "objective"), words)


def _sized(told: Told, figure: Definition, one: Settled) -> Cell:
    """A figure of an objective: money in the program's minor unit, all else as it is."""
    program = one.case.program
    value = told.exact(figure, "program", program.id)
    if not value or program.objective.metric != "revenue":
        return told.value(figure, "program", program.id)
    return Amount(value, one.case.digits)


def _state(told: Told, program: str, *, over: bool) -> str:
    figure = told.at(ON_TRACK, "program", program)
    if figure is None:
        return told.why(TARGET, "program", program)
    return state(reached=bool(figure.value), over=over)


def alignment_tables(told: Told) -> Iterator[Section]:
    """Who earns in no program that matters, and what they sell instead; who earns in which."""
    view = told.views.now
    matter = [one.case.program.id for one in that_matter(view)]
    columns: Columns = (
        "partner",
        "name",
        "revenue",
        "earns where it matters",
        "sells instead",
        "earns in",
    )
    why = told.why(MISALIGNED)
    rows: list[Row] = []
    if not why:
        far = [one.of for one in told.of(MISALIGNED, "partner") if one.value == Decimal(1)]
        instead = _instead(told, matter)
        names = told.names("partner", SOLD)
        elsewhere = [
            one.case.program.id for one in view.programs if one.case.program.id not in matter
        ]
        earners = {program: earners_in(view, [program]) for program in elsewhere}
        rows = [
            (
                partner,
                names.get(partner, partner),
                *told.values("partner", partner, SOLD, MATTERING_SHARE),
                instead.get(partner, ""),
                ", ".join(one for one in elsewhere if partner in earners[one]) or "nothing",
            )
            for partner in sorted(far, key=lambda one: (-told.exact(SOLD, "partner", one), one))
        ]
    title = "Partners who earn in none of the programs that matter"
    note = f"Programs that matter: {', '.join(matter)}." if matter else ""
    nothing = f"{why}." if why else f"Nobody. {note}"
    yield from told.listed("misaligned", title, columns, rows, nothing=nothing, note=note)
    rows = []
    sellers = {one.of for one in told.of(MISALIGNED, "partner")}
    for program in matter:
        earning = earners_in(view, [program]) & sellers
        rows.append((program, len(earning), len(sellers - earning)))
    columns = ("program", "partners who earn", "who sell, and do not earn")
    title = "Programs that matter: who earns in them"
    yield from told.listed("alignment_programs", title, columns, rows)


def _instead(told: Told, matter: list[str]) -> dict[str, str]:
    """The two categories of which each partner sells most without earning where it matters."""
    sums = sold_by_category(told.views.now, matter)
    outside = pl.col("sold") - pl.col("mattering-revenue")
    left = sums.with_columns(left=outside).filter(pl.col("left") > 0)
    found: dict[str, list[str]] = {}
    ordered = left.sort("partner", "left", "category", descending=[False, True, False])
    for partner, category, amount in ordered.select("partner", "category", "left").rows():
        if len(found.setdefault(partner, [])) < 2:
            found[partner].append(f"{category} {money.round_decimal(amount, 0):,f}")
    return {partner: ", ".join(parts) for partner, parts in found.items()}


def roi_tables(told: Told) -> Iterator[Section]:
    """What each program is worth, and how the lines that several share were divided."""
    listed = sorted(
        told.names("program", COST), key=lambda of: (-told.exact(COST, "program", of), of)
    )
    rows: list[Row] = []
    for of in listed:
        roi = told.at(ROI, "program", of)
        rows.append(
            (
                of,
                *told.values("program", of, COST, ELIGIBLE, COST_SHARE, MARGIN, ROI),
                shown_value(roi, roi.before if roi else None),
                shown_value(roi, roi.year_ago if roi else None),
            )
        )
    columns: Columns = (
        "program", "cost", "eligible revenue", "cost of revenue", "incremental margin", "ROI",
        f"ROI {told.before}", f"ROI {told.year_ago}",
    )  # fmt: skip
    nothing = "No program was running."
    yield told.table("program_roi", "Programs: ROI", columns, rows, nothing=nothing)
    figures = (JUDGED_COST, ALONE, MARGIN_PART, MARGIN_PART_BEFORE, MARGIN)
    rows = [
        (of, *told.values("program", of, *figures))
        for of in listed
        if isinstance(getattr(told.at(MARGIN, "program", of), "value", None), Decimal)
    ]
    if rows:
        rows.append(("all", *told.values("whole", "", *figures)))
    columns = (
        "program", "cost", "claimed alone", "attributed margin", "a year before",
        "incremental margin",
    )  # fmt: skip
    note = (
        "A line that is eligible in several of these programs is divided equally among them, so that"
        " the parts add up to the whole and nothing is claimed twice."
    )
    yield told.table(
        "roi_shared",
        "How the increment was shared",
        columns,
        rows if told.every_row or len(rows) <= 11 else rows[-1:] + rows[:-1],
        nothing=f"{told.why(ROI) or 'No program has an ROI'}.",
        note=note,
    )


def cost_tables(told: Told) -> Iterator[Section]:
    """Spent and accruing since each program began, and when its budget runs out."""
    rows: list[Row] = []
    listed = sorted(
        told.of(SPENT, "program"),
        key=lambda one: (-told.exact(USED, "program", one.of), one.of),
    )
    for one in listed:
        runs_out = told.why(RUNS_OUT, "program", one.of) or told.value(RUNS_OUT, "program", one.of)
        rows.append(
            (
                one.of,
                one.currency,
                *told.values("program", one.of, SPENT, ACCRUING, DAYS, BURN, BUDGET, USED),
                runs_out if told.at(BUDGET, "program", one.of) else "no budget",
            )
        )
    columns: Columns = (
        "program", "currency", "spent", "accruing", "days", "per week", "budget", "used",
        "runs out",
    )  # fmt: skip
    title = "Programs: cost since they began"
    yield told.table("program_budgets", title, columns, rows, nothing="No program has begun.")


def timeliness_tables(told: Told) -> Iterator[Section]:
    """How long rewards of each program wait."""
    rows: list[Row] = [
        (of, *told.values("program", of, MEDIAN, SLOWEST)) for of in told.names("program", MEDIAN)
    ]
    columns: Columns = ("program", "days to posting, median", "95 %")
    nothing = f"{told.why(MEDIAN) or 'Nothing is posted yet'}."
    yield told.table("program_days", "Programs: days to posting", columns, rows, nothing=nothing)


def clarity_tables(told: Told) -> Iterator[Section]:
    """The programs that ask most of a partner, and the rules that nobody uses."""
    listed = told.names("program", COMPLEXITY).items()
    rows: list[tuple[Cell, ...]] = [
        (of, name, told.value(COMPLEXITY, "program", of))
        for of, name in sorted(
            listed, key=lambda one: (-told.exact(COMPLEXITY, "program", one[0]), one[0])
        )
    ]
    columns: Columns = ("program", "name", "complexity")
    nothing = "No program was running."
    title = "Programs, the most complicated first"
    adds_up = COMPLEXITY.text.removeprefix("of a program: its ")
    note = f"complexity: {adds_up}; above {MOST_COMPLEX} is too much."
    yield told.table("program_complexity", title, columns, rows, nothing=nothing, note=note)
    unused = list(unused_rules(told.views.now))
    yield told.table(
        "unused_rules",
        "Rules that nobody uses",
        ("program", "rule"),
        unused,
        nothing=nothing
        if told.views.now.no_programs
        else "Every tier is reached, every reward taken, every boost given.",
        note="In the measurement periods that ended in the period, or in the current one, to date.",
    )
