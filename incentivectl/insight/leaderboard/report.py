"""What `leaderboard` prints: ranks, movements, bars and badges."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import total
from incentivectl.core.periods import Period
from incentivectl.insight.leaderboard.badges import (
    FIRST_SALE,
    NEW_CUSTOMER,
    THREE_MONTHS_UP,
    TIER_REACHED,
    TOP_TENTH,
)
from incentivectl.insight.leaderboard.bars import bar
from incentivectl.insight.leaderboard.cells import EARNINGS, MONEY, RATIOS, value_cell
from incentivectl.insight.leaderboard.leaderboard import BOARD
from incentivectl.output.report import Cell, Report, Rows, Section, Worded, percent
from incentivectl.run.run import Run

MARKS: Mapping[str, tuple[str, str]] = {
    TOP_TENTH: ("★", "top tenth"),
    TIER_REACHED: ("◆", "tier reached"),
    THREE_MONTHS_UP: ("▲", "three months of growth in a row"),
    NEW_CUSTOMER: ("+", "new customer"),
    FIRST_SALE: ("●", "first sale"),
}
_ADD_UP = ("revenue", "quantity", "lines", "sales", EARNINGS)
_NOBODY = {
    EARNINGS: "Nobody earned anything in a measurement period that ended in {period}.",
    "attainment": "No measurement period with targets ended in {period}.",
}
_WITHOUT_RANK = {
    "growth": "there is no revenue above 0 a year before",
    EARNINGS: "a currency has no exchange rate",
    "attainment": "a currency has no exchange rate",
}


def leaderboard_report(
    board: pl.DataFrame,
    run: Run,
    *,
    by: str,
    payee: str,
    group_by: str | None,
    category: str | None,
    top: int | None,
) -> Report:
    """The report of `leaderboard` on the frame of `insight.leaderboard.leaderboard`."""
    workspace = run.loaded.workspace
    before = workspace.calendar.before(run.period)
    shown = board if top is None else board.filter(pl.col("rank") <= top)
    whose = board_title(by, payee, category)
    title = f"{workspace.name}: {whose}, {run.period.label} against {before.label}"
    groups = [
        _group(part, board, run, by, payee, called(name) if group_by else "Ranks")
        for (name,), part in shown.group_by("group", maintain_order=True)
    ]
    if not groups:
        groups = [_nobody(board, run, by, payee)]
    return Report(
        title=title,
        sections=(
            *([_groups(board, run, by, group_by)] if group_by and by in _ADD_UP else []),
            *groups,
            _legend(shown),
            _machines(shown),
        ),
        main="leaderboard",
        facts={
            "workspace": workspace.name,
            "period": run.period.label,
            "before": before.label,
            "metric": by,
            "for": payee,
            "group_by": group_by,
            "category": category,
            "currency": workspace.currency if by in MONEY else None,
        },
        closing=(_ended(run, payee, before),) if by == EARNINGS else (),
    )


def board_title(by: str, payee: str, category: str | None) -> str:
    """Who is ranked by what: `partners by revenue in switch`."""
    return f"{payee}s by {by}" + (f" in {category}" if category else "")


def _ended(run: Run, payee: str, before: Period) -> str:
    """How many programs a board by earnings is about: quarters end in one month out of three."""
    rows = run.earnings.filter(pl.col("payee_kind") == payee)
    number = [
        rows.filter(pl.col("period_end").is_between(window.first, window.last))[
            "program_id"
        ].n_unique()
        for window in (run.period, before)
    ]
    return (
        f"Programs with a measurement period that ended: {number[0]} in {run.period.label},"
        f" {number[1]} in {before.label}."
    )


def _group(
    part: pl.DataFrame, board: pl.DataFrame, run: Run, by: str, payee: str, title: str
) -> Section:
    """The ranks of one group, or of everybody."""
    everybody = board.filter(pl.col("group").eq_missing(pl.lit(part["group"][0], pl.String)))
    best = everybody["value"].max()
    best = best if isinstance(best, Decimal) else Decimal(0)

    has_levels = board["levels"].list.len().sum() > 0

    def cells(row: dict[str, Any]) -> tuple[Cell, ...]:
        return (
            row["rank"],
            moved(row),
            row["payee_id"],
            row["payee_name"],
            _value(row["value"], by, run),
            against(row, by),
            bar(row["value"], best),
            "".join(MARKS[name][0] for name in MARKS if name in row["badges"]),
            *([", ".join(row["levels"])] if has_levels else []),
        )

    without = everybody["rank"].null_count()
    left_out = everybody.height - part.height
    notes = []
    if left_out:
        notes.append(f"{left_out:,} more are not shown (--top).")
    if without:
        why = _why_without_rank(by)
        notes.append(f"{without:,} of {everybody.height:,} without a rank: {why}.")
    columns = (
        "rank", "moved", payee, "name", by, "before" if by in RATIOS else "change", "", "badges",
        *(["levels"] if has_levels else []),
    )  # fmt: skip
    rows = Rows(part, cells)
    return Section("people", title, columns, rows, " ".join(notes), audience="people")


def _nobody(board: pl.DataFrame, run: Run, by: str, payee: str) -> Section:
    """Why no rank is shown at all."""
    if board.height:
        note = f"Nobody has a rank: {_why_without_rank(by)}."
    else:
        nobody = _NOBODY.get(by, f"No {payee} sold anything in {{period}}.")
        note = nobody.format(period=run.period.label)
    return Section("people", "Ranks", (), [], note, audience="people")


def _why_without_rank(by: str) -> str:
    return _WITHOUT_RANK.get(by, "there is no value")


def called(group: object) -> str:
    """A group by its name."""
    return "(none)" if group is None else str(group)


def moved(row: dict[str, Any]) -> str:
    """▲ and ▼ with the number of ranks, = for none, `new` for who was not ranked before."""
    if row["rank"] is None:
        return ""
    if row["movement"] is None:
        return "new"
    if row["movement"] == 0:
        return "="
    return f"{'▲' if row['movement'] > 0 else '▼'} {abs(row['movement'])}"


def _value(value: Decimal | None, by: str, run: Run) -> Cell:
    return value_cell(value, by, money.minor_digits(run.channel.currency))


def against(row: dict[str, Any], by: str) -> Worded | None:
    """How much more or less than before; of a ratio what it was before."""
    now, then = row["value"], row["value_before"]
    if by in RATIOS:
        return None if then is None else percent(then)
    change = money.growth(now, then)
    return None if change is None else percent(change, signed=True)


def _groups(board: pl.DataFrame, run: Run, by: str, group_by: str | None) -> Section:
    """What each group has together, the best first."""
    found = []
    for (name,), part in board.group_by("group", maintain_order=True):
        found.append((total(part, "value"), total(part, "value_before"), name, part.height))
    found.sort(key=lambda one: (-one[0], str(one[2])))
    rows: list[tuple[Cell, ...]] = []
    for value, then, name, payees in found:
        change = money.growth(value, then)
        rows.append(
            (
                called(name),
                payees,
                _value(value, by, run),
                None if change is None else percent(change, signed=True),
                bar(value, found[0][0]),
            )
        )
    columns = (group_by or "group", "ranked", by, "change", "")
    return Section("groups", "Groups", columns, rows, audience="people")


def _legend(shown: pl.DataFrame) -> Section:
    awarded = set(shown["badges"].explode().drop_nulls())
    marks = [f"{mark} {words}" for name, (mark, words) in MARKS.items() if name in awarded]
    rows: list[tuple[Cell, ...]] = [(", ".join(marks),)] if marks else []
    return Section("badges", "Badges", ("what",), rows, prose=True, audience="people")


def _machines(shown: pl.DataFrame) -> Section:
    listed = shown.select(*BOARD).with_columns(
        pl.col("badges").list.join(" "), pl.col("levels").list.join("; ")
    )
    rows = Rows(listed, lambda row: tuple(row.values()))
    return Section("leaderboard", "Ranks", tuple(BOARD), rows, audience="machines")
