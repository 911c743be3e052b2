"""The charts of the page, each with the rows of the table behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from incentivectl.core import money
from incentivectl.output.report import Worded
from incentivectl.reports.charts import MONEY_COLOURS, TIER_COLOURS, Bar, Picture, bars, columns
from incentivectl.reports.page_figures import bare, figure, whole
from incentivectl.reports.run_figures import Board, Growth, TierCounts
from incentivectl.reports.run_folder import RunFolder
from incentivectl.run.program_rows import ProgramRow, equation, shown_columns, totals, used_text

RECENT = 18  # months that the chart of sales shows
COST_PARTS = ("booked", "held", "accruing", "settled_elsewhere")


@dataclass(frozen=True)
class CostChart:
    """The programs of one currency: their chart and the table behind it.

    `columns` are the amounts of each program and of `totals` that the table shows, `equation` says how
    they add up.
    """

    currency: str
    picture: Picture
    columns: tuple[str, ...]
    equation: str
    programs: tuple[tuple[ProgramRow, Mapping[str, Worded]], ...]
    totals: Mapping[str, Worded]


@dataclass(frozen=True)
class TierChart:
    """Payees by tier: the chart, its legend, and the rows of its table."""

    picture: Picture
    legend: tuple[str, ...]
    rows: tuple[TierCounts, ...]
    widest: int


@dataclass(frozen=True)
class BoardChart:
    """One leaderboard with its chart."""

    board: Board
    title: str
    picture: Picture
    rows: tuple[tuple[Any, Worded, str], ...]


def cost_charts(costs: Iterable[ProgramRow]) -> list[CostChart]:
    """A chart for the programs of each currency."""
    return [_cost_chart(currency, of) for currency, of in _by_currency(costs).items()]


def _by_currency(costs: Iterable[ProgramRow]) -> dict[str, list[ProgramRow]]:
    """The programs of each currency, that of the most expensive ones first."""
    found: dict[str, list[ProgramRow]] = {}
    for one in costs:
        found.setdefault(one.currency, []).append(one)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _cost_chart(currency: str, costs: Sequence[ProgramRow]) -> CostChart:
    def amounts(one: ProgramRow) -> dict[str, Worded]:
        shown = {name: bare(amount, currency) for name, amount in one.amounts.items()}
        shown["cost"] = bare(one.cost, currency)
        if one.budget is not None:
            shown["budget"] = bare(one.budget, currency)
        if one.used is not None:
            shown["used"] = Worded(one.used / 100, used_text(one.used))
        return shown

    columns = shown_columns(costs)
    sums = totals(costs)[currency]
    cost = sum((one.cost for one in costs), Decimal(0))
    drawn = [
        Bar(one.name, _parts(one), _bar_text(one), one.budget)
        for one in costs
        if one.cost or one.budget
    ]
    return CostChart(
        currency,
        bars(drawn, COST_PARTS, MONEY_COLOURS),
        columns,
        equation(columns),
        tuple((one, amounts(one)) for one in costs),
        {name: bare(amount, currency) for name, amount in {**sums, "cost": cost}.items()},
    )


def _parts(one: ProgramRow) -> dict[str, Decimal]:
    """What a bar is made of: booked, this batch included; held; accruing; settled elsewhere."""
    booked = one.amounts["booked_before"] + one.amounts["this_batch"]
    return {"booked": booked} | {name: one.amounts[name] for name in COST_PARTS[1:]}


def _bar_text(one: ProgramRow) -> str:
    used = "" if one.used is None else f" · {used_text(one.used)}"
    return f"{whole(one.cost)}{used}"


def tier_chart(rows: Sequence[TierCounts]) -> TierChart | None:
    """The payees of each program by tier; None where no program has tiers."""
    if not rows:
        return None
    widest = max(len(one.counts) for one in rows)
    legend = ("below the first", *(f"tier {number}" for number in range(1, widest)))
    drawn = [
        Bar(
            one.name,
            dict(zip(legend, one.counts, strict=False)),
            f"{sum(one.counts[1:])} of {sum(one.counts)}",
        )
        for one in rows
    ]
    picture = bars(drawn, legend, tier_colours(widest))
    return TierChart(picture, legend, tuple(rows), widest)


def tier_colours(number: int) -> tuple[str, ...]:
    """Grey for those below the first tier, then a darker shade a tier; from the fifth on the last one."""
    highest = len(TIER_COLOURS) - 1
    return tuple(TIER_COLOURS[min(at, highest)] for at in range(number))


def board_chart(board: Board) -> BoardChart:
    """The leaders of one board."""

    def shown(value: Decimal) -> Worded:
        if board.currency is not None:
            return figure(value, board.currency)
        return Worded(value, f"{Decimal(money.plain(value)):,f}")

    drawn = [
        Bar(f"{one.rank}  {_short(one.name)}", {"value": one.value}, whole(one.value))
        for one in board.leaders
    ]
    unit = f" in {board.currency}" if board.currency else ""
    return BoardChart(
        board,
        f"{board.payee_kind.capitalize()}s by {board.metric}{unit}",
        bars(drawn, ("value",)),
        tuple((one, shown(one.value), _moved(one)) for one in board.leaders),
    )


def _short(name: str, most: int = 40) -> str:
    flat = " ".join(name.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def _moved(leader: Any) -> str:  # noqa: ANN401
    if leader.is_new:
        return "new"
    if leader.movement is None:
        return ""
    if leader.movement == 0:
        return "="
    return f"{'▲' if leader.movement > 0 else '▼'} {abs(leader.movement)}"


def month_chart(run: RunFolder, sold: Growth) -> Picture | None:
    """What was sold in each of the last months; None where nothing was."""
    first = run.manifest["first_day"]
    rows = [
        (f"{date.fromisoformat(f'{one.label}-01'):%b %y}", one.amount, one.first >= first)
        for one in sold.months[-RECENT:]
    ]
    return columns(rows, run.manifest["currency"]) if rows else None


def reason_chart(reasons: Sequence[tuple[str, int]]) -> Picture | None:
    """The rejected rows by reason; None where no row was rejected."""
    if not reasons:
        return None
    return bars([Bar(name, {"rows": rows}, f"{rows:,}") for name, rows in reasons], ("rows",))
