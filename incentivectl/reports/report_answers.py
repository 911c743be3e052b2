"""What the report answers beside its run's files: the figures of `metrics`, near misses, expiring funds.

They are computed by what `metrics`, `attainment` and `mdf` compute them by, from the exports and rules of the
run; where these have changed since, the report says so instead (docs/questions.md, "Reports").
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from incentivectl.core.errors import Refused
from incentivectl.core.input_files import sha256
from incentivectl.core.nouns import counted
from incentivectl.engine.engine import Settled
from incentivectl.insight.attainment.attainment import has_tiers, near_misses
from incentivectl.insight.funds.funds import EXPIRING_DAYS, funds_of, keeps_funds
from incentivectl.insight.metrics import AREAS, areas_named, compared, metrics
from incentivectl.insight.metrics.figure_cells import reason, shown_value
from incentivectl.insight.metrics.growth import REVENUE
from incentivectl.insight.metrics.headlines import TEN, areas_of_ten
from incentivectl.insight.metrics.page import Card, cards_of
from incentivectl.insight.metrics.roi import COST, MARGIN, ROI
from incentivectl.insight.metrics.tables.engagement import engagement_tables
from incentivectl.insight.metrics.tables.figures_by import Told
from incentivectl.insight.metrics.tables.opinions import brand_tables, satisfaction_tables
from incentivectl.insight.metrics.tables.programs import objective_tables
from incentivectl.insight.metrics.timeliness import MEDIAN
from incentivectl.output.amounts import all_digits, cents, tier_cell
from incentivectl.output.page_table import PageTable, page_table
from incentivectl.output.report import Amount, Cell, Section
from incentivectl.run.known import Known
from incentivectl.run.loading import Progress
from incentivectl.run.run import Run, calculate

MOST_NEAR = 10
_ELSEWHERE = (REVENUE, COST, MEDIAN)  # of the ten: what the head of the page or the ledger tells
# The columns that a manager is shown of tables that `metrics` has with more of them.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "objectives": ("program", "currency", "target", "result", "of the target", "state"),
    "program_engagement": ("program", "participants", "change", "at their goal"),
    "comments": ("answered", "name", "who", "score", "comment"),
}


def _roi_table(told: Told) -> Iterator[Section]:
    """What each program cost and brought, the most expensive first; where that is not known, why."""
    listed = sorted(
        told.names("program", COST), key=lambda of: (-told.exact(COST, "program", of), of)
    )
    rows: list[tuple[Cell, ...]] = []
    for of in listed:
        why = told.why(ROI, "program", of)
        figure = told.at(ROI, "program", of)
        margin, roi = (None, None) if why else told.values("program", of, MARGIN, ROI)
        before = None if figure is None or reason(figure.before) else figure.before
        cost = told.value(COST, "program", of)
        rows.append((of, roi, shown_value(figure, before), cost, margin, why))
    columns = ("program", "ROI", f"ROI {told.before}", "cost", "incremental margin", "why none")
    currency = told.views.now.run.channel.currency
    note = (
        f"In {currency}. ROI = (incremental margin - cost) / cost; the margin is that over the same days a"
        " year before, and a line that several programs share is divided among them."
    )
    yield Section("roi", "ROI", columns, rows, note if rows else "No program was running.")


# The parts of the page, and the keys of the sections that each has of those of `metrics`.
_PARTS: tuple[tuple[str, str, Callable[[Told], Iterator[Section]], tuple[str, ...]], ...] = (
    ("objectives", "Objectives of programs", objective_tables, ("objectives",)),
    ("roi", "Return on investment", _roi_table, ("roi",)),
    ("engagement", "Who takes part", engagement_tables, ("program_engagement",)),
    ("satisfaction", "Satisfaction", satisfaction_tables, ("nps_by_region", "comments")),
    ("brand", "Brand awareness", brand_tables, ("brand_regions",)),
)


@dataclass(frozen=True)
class Part:
    """One part of the page."""

    key: str
    title: str
    tables: tuple[PageTable, ...]


@dataclass(frozen=True)
class Answers:
    """The parts of the page, and its figures as cards; or `why` there are none."""

    cards: tuple[Card, ...] = ()
    parts: tuple[Part, ...] = ()
    why: str = ""


def answers_now(
    known: Callable[[], Known], manifest: Mapping[str, Any], progress: Progress
) -> Answers:
    """The answers from what the workspace holds now, if that is what the run of `manifest` was made of."""
    try:
        now = known()
    except Refused as error:
        return Answers(why=f"They cannot be computed now: {error.problems[0].message}.")
    changed = list(_changed(now, manifest))
    if changed:
        what = " and ".join(changed)
        return Answers(why=f"Since this run {what} changed: run {manifest['period']} again.")
    return answers(calculate(now.loaded, now.period, now.inputs, progress), progress)


def _changed(now: Known, manifest: Mapping[str, Any]) -> Iterator[str]:
    """What is no longer what a run was made of."""
    workspace = now.loaded.workspace
    if now.inputs.files.to_dicts() != manifest["inputs"]:
        yield "the exports"
    if sha256(workspace.config_file) != manifest["config_sha256"]:
        yield "the config"
    rules = {one["id"]: one["rule_hash"] for one in manifest["programs"]}
    if {one.id: one.hash_with_terms for one in now.loaded.programs if one.pays} != rules:
        yield "the programs"


def answers(run: Run, progress: Progress) -> Answers:
    """The answers of a run that was just computed; when rewards were posted is not asked."""
    views = compared(run, progress, trend=False)
    areas = (*areas_of_ten(AREAS), *areas_named(["cost"]))
    told = Told(metrics(views, progress, (), areas), views, every_row=False)
    programs = {one.id: one.name for one in run.loaded.programs}
    parts = [
        Part(key, title, _of_metrics(tables(told), wanted, programs))
        for key, title, tables, wanted in _PARTS
    ]
    parts += [
        Part("near", "Near the next tier", (page_table(near_section(run), programs),)),
        Part("funds", "Funds that expire", (page_table(funds_section(run), programs),)),
    ]
    shown = tuple(one for one in TEN if one not in _ELSEWHERE)
    return Answers(cards_of(told, shown), tuple(parts))


def _of_metrics(
    sections: Iterator[Section], wanted: tuple[str, ...], programs: Mapping[str, str]
) -> tuple[PageTable, ...]:
    found = [one for one in sections if one.key in wanted and one.audience != "machines"]
    return tuple(page_table(_here(one), programs) for one in found)


def _here(section: Section) -> Section:
    """A section with the columns of a page, whose note points to the command that has the other rows."""
    told = replace(section, note=section.note.replace("--all shows", "`metrics --all` shows"))
    if section.key not in _COLUMNS:
        return told
    columns = _COLUMNS[section.key]
    kept = [section.columns.index(name) for name in columns]
    rows = [tuple(row[at] for at in kept) for row in section.rows]
    return replace(told, columns=columns, rows=rows)


def near_section(run: Run) -> Section:
    """Who misses the next tier of any program by a tenth or less, what it would bring most first."""
    found = [(one, row) for one in run.settled if _is_about(one, run) for row in near_misses(one)]
    found.sort(key=lambda each: (each[1]["earns_now"] - each[1]["would_earn"], each[1]["payee_id"]))
    rows = [_near_row(one, row, run) for one, row in found[:MOST_NEAR]]
    left = len(found) - len(rows)
    note = f"{counted(left, 'more near miss', 'more near misses')}: `attainment` shows them."
    return Section(
        "near",
        "Within 10 % of the next tier",
        ("name", "program", "brings", "currency", "missing", "of", "next tier", "until"),
        rows,
        note if left else "" if rows else "Nobody is within 10 % of a next tier.",
    )


def _is_about(one: Settled, run: Run) -> bool:
    """Whether payees reach tiers of a program, and its latest measurement period reaches into PERIOD."""
    periods = one.case.periods
    return bool(periods) and has_tiers(one.case.program) and periods[-1].end >= run.period.first


def _near_row(one: Settled, row: dict[str, Any], run: Run) -> tuple[Cell, ...]:
    case = one.case
    ends = case.periods[-1].end
    is_money = row["missing_in"] in ("revenue", "list_amount")
    missing = row["missing"]
    return (
        row["payee_name"] or row["payee_id"],
        case.program.id,
        cents(row["would_earn"] - row["earns_now"], case.currency),
        case.currency,
        Amount(missing, case.digits) if is_money else all_digits(missing, 0),
        row["missing_in"],
        tier_cell(row["next_tier"]),
        ends.isoformat() if ends > run.period.last else f"{ends.isoformat()}, it is over",
    )


def funds_section(run: Run) -> Section:
    """What of partners' funds expires soon unless it is committed, the earliest first."""
    title = f"Expiring in the next {counted(EXPIRING_DAYS, 'day')} unless committed"
    columns = ("name", "program", "available", "unit", "usable through", "days left")
    if not keeps_funds(run):
        return Section("funds", title, columns, [], "No program keeps a fund.")
    view = funds_of(run, None)
    names = dict(run.channel.tables["partners"].select("partner_id", "name").iter_rows())
    rows: list[tuple[Cell, ...]] = []
    for row in view.expiries.iter_rows(named=True):
        unit = view.units[row["program_id"]]
        rows.append(
            (
                names.get(row["partner_id"]) or row["partner_id"],
                row["program_id"],
                Amount(row["available"], unit.digits),
                unit.name,
                row["usable_through"],
                (row["usable_through"] - view.as_of).days,
            )
        )
    return Section("funds", title, columns, rows, "" if rows else "Nothing expires.")
