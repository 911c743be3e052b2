"""`report.html`: one page for managers, without scripts or anything from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.output.language import language_of
from incentivectl.output.report import Worded
from incentivectl.output.templates import template
from incentivectl.reports.booked import (
    booked_rows,
    left_of_folder,
    payments_by_currency,
    payments_text,
)
from incentivectl.reports.charts import (
    MONEY_COLOURS,
    TIER_COLOURS,
    Bar,
    Picture,
    bars,
    columns,
)
from incentivectl.reports.pointed import pointed
from incentivectl.reports.report_answers import Answers
from incentivectl.reports.run_figures import (
    FATES,
    Board,
    Growth,
    TierCounts,
    attention,
    boards,
    ended_within,
    fates,
    growth,
    paid,
    program_costs,
    rejected_by_reason,
    tier_counts,
)
from incentivectl.reports.run_folder import RunFolder
from incentivectl.run.program_rows import ProgramRow, equation, shown_columns, totals, used_text

RECENT = 18  # months that the chart of sales shows
COST_PARTS = ("booked", "held", "accruing", "settled_elsewhere")


@dataclass(frozen=True)
class Tile:
    """One headline figure with a sentence below it."""

    label: str
    figures: tuple[Worded, ...]
    note: str


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


def report_html(run: RunFolder, answers: Answers) -> str:
    """The page as text."""
    sold = growth(run)
    costs = program_costs(run)
    found = boards(run)
    reasons = rejected_by_reason(run)
    sources = fates(run)
    days = language_of(None)
    first, last = run.manifest["first_day"], run.manifest["last_day"]
    return template("report.html").render(
        manifest=run.manifest,
        tiles=_tiles(run, costs, sold, sources),
        batches=run.booked.batches,
        is_draft=not run.booked.is_posted,
        booked=booked_rows(run.booked.totals),
        left=left_of_folder(run) if run.booked.totals else "",
        title=days.days(first, last),
        as_of=days.day(last),
        attention=pointed(attention(run), run.manifest["programs"], _payees(run)),
        costs=[_cost_chart(code, of) for code, of in _by_currency(costs).items()],
        tiers=_tier_chart(tier_counts(run)),
        boards=[_board_chart(board) for board in found],
        from_leaderboard=run.leaderboard is not None,
        sold=sold,
        months=_month_chart(run, sold),
        growth_rows=_growth_rows(run, sold),
        sources=sources,
        all_fates={fate: sum(row[fate] for row in sources) for fate in FATES},
        fate_names=FATES,
        reasons=reasons,
        reason_chart=_reason_chart(reasons),
        ineligible=_ineligible(run),
        invariants=run.manifest["invariants"],
        figure=figure,
        answers=answers,
    )


def _payees(run: RunFolder) -> dict[str, str]:
    """What payees are called, by id."""
    named = run.earnings.select("payee_id", "payee_name").drop_nulls().unique("payee_id")
    return dict(named.iter_rows())


def figure(value: Decimal, currency: str) -> Worded:
    """An amount with its currency, rounded half up to its minor unit."""
    rounded = money.round_decimal(value, money.minor_digits(currency))
    return Worded(value, f"{rounded:,f} {currency}")


def bare(value: Decimal, currency: str) -> Worded:
    """An amount without its currency, for a table that names it; a dash for nothing."""
    rounded = money.round_decimal(value, money.minor_digits(currency))
    return Worded(value, f"{rounded:,f}" if value else "–")


def _whole(value: Decimal) -> str:
    return f"{money.round_decimal(value, 0):,f}"


def _percent(value: Decimal | None, *, signed: bool = False) -> str:
    if value is None:
        return "–"
    shown = money.round_decimal(value * 100, 1)
    return f"{shown:{'+' if signed else ''},f} %"


def _compared(sold: Growth, base: Decimal | None, when: str) -> str:
    """The growth over another period, or why there is none."""
    change = sold.against(base)
    if change is not None:
        return f"{_percent(change, signed=True)} on {when}"
    return f"{'the exports do not reach' if base is None else 'nothing sold in'} {when}"


def _tiles(
    run: RunFolder, costs: Sequence[ProgramRow], sold: Growth, sources: Sequence[Mapping[str, Any]]
) -> list[Tile]:
    currency = run.manifest["currency"]
    tiles = [
        *_money_tiles(run),
        Tile(
            "Sales",
            (figure(sold.now, currency),),
            f"{_compared(sold, sold.before, 'the period before')},"
            f" {_compared(sold, sold.year_ago, 'a year ago')}",
        ),
    ]
    tiles.append(_ended_tile(run))
    budgeted = [one for one in costs if one.budget]
    if budgeted:
        over = [one for one in budgeted if one.used is not None and one.used >= 100]
        tiles.append(
            Tile(
                "Budgets used up",
                (Worded(Decimal(len(over)), f"{len(over)} of {len(budgeted)}"),),
                ", ".join(one.name for one in over) or "none of them",
            )
        )
    read, rejected = (sum(row[fate] for row in sources) for fate in ("read", "rejected"))
    share = money.round_decimal(Decimal(rejected) / Decimal(read), 4) if read else Decimal(0)
    tiles.append(
        Tile(
            "Rows rejected",
            (Worded(Decimal(rejected), f"{rejected:,}"),),
            f"of {read:,} rows read, {money.round_decimal(share * 100, 2)} %",
        )
    )
    return tiles


def _ended_tile(run: RunFolder) -> Tile:
    """What the measurement periods cost that ended in PERIOD, and in the period before."""
    home, before = run.manifest["currency"], run.manifest["before"]
    now = ended_within(run, run.manifest["first_day"], run.manifest["last_day"])
    then = ended_within(run, before["first_day"], before["last_day"])
    cost = ", ".join(one.text for one in _figures(then.amounts, home))
    note = (
        f"in {counted(now.programs, 'program')} with a measurement period that ended;"
        f" the period before {cost} in {then.programs:,}"
    )
    return Tile("Cost of ended periods", _figures(now.amounts, home), note)


def _money_tiles(run: RunFolder) -> list[Tile]:
    """What is payable; once PERIOD is posted, what its batches pay and what is left."""
    home = run.manifest["currency"]
    payees = run.payouts.filter(run.payouts["payable"] > 0)["payee_id"].n_unique()
    if not run.booked.totals:
        batch = run.manifest.get("batch")
        label = f"Payable by {batch}" if batch else "Payable now"
        return [Tile(label, _figures(paid(run), home), f"to {counted(payees, 'payee')}")]
    payments = payments_by_currency(run.booked.totals)
    note = f"{payments_text(run.booked.totals)}. {left_of_folder(run)}"
    return [Tile("Payments booked", _figures(payments, home), note)]


def _figures(amounts: Mapping[str, Decimal], home: str) -> tuple[Worded, ...]:
    """Amounts by currency, the workspace's first."""
    ordered = sorted(amounts.items(), key=lambda one: one[0] != home)
    return tuple(figure(amount, code) for code, amount in ordered) or (figure(Decimal(0), home),)


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
    return f"{_whole(one.cost)}{used}"


def _tier_chart(rows: Sequence[TierCounts]) -> TierChart | None:
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


def _board_chart(board: Board) -> BoardChart:
    def shown(value: Decimal) -> Worded:
        if board.currency is not None:
            return figure(value, board.currency)
        return Worded(value, f"{Decimal(money.plain(value)):,f}")

    drawn = [
        Bar(f"{one.rank}  {_short(one.name)}", {"value": one.value}, _whole(one.value))
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


def _month_chart(run: RunFolder, sold: Growth) -> Picture | None:
    first = run.manifest["first_day"]
    rows = [
        (f"{date.fromisoformat(f'{one.label}-01'):%b %y}", one.amount, one.first >= first)
        for one in sold.months[-RECENT:]
    ]
    return columns(rows, run.manifest["currency"]) if rows else None


def _growth_rows(run: RunFolder, sold: Growth) -> list[tuple[str, Worded | None, str]]:
    currency = run.manifest["currency"]

    def row(label: str, value: Decimal | None, *, base: bool) -> tuple[str, Worded | None, str]:
        shown = None if value is None else figure(value, currency)
        return label, shown, _percent(sold.against(value), signed=True) if base else ""

    return [
        row("this period", sold.now, base=False),
        row("the period before", sold.before, base=True),
        row("a year ago", sold.year_ago, base=True),
    ]


def _reason_chart(reasons: Sequence[tuple[str, int]]) -> Picture | None:
    if not reasons:
        return None
    return bars([Bar(name, {"rows": rows}, f"{rows:,}") for name, rows in reasons], ("rows",))


def _ineligible(run: RunFolder) -> list[tuple[str, int, Worded]]:
    """Lines that do not count, by reason over all programs, the largest numbers first."""
    sums: dict[str, tuple[int, Decimal]] = {}
    for row in run.ineligible.iter_rows(named=True):
        lines, amount = sums.get(row["reason"], (0, Decimal(0)))
        sums[row["reason"]] = (lines + row["lines"], amount + row["amount"])
    currency = run.manifest["currency"]
    return [
        (reason, lines, figure(amount, currency))
        for reason, (lines, amount) in sorted(sums.items(), key=lambda one: (-one[1][0], one[0]))
    ]
