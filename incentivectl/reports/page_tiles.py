"""The headline figures of the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.output.report import Worded
from incentivectl.reports.booked import left_of_folder, payments_by_currency, payments_text
from incentivectl.reports.page_figures import figure, growth_text
from incentivectl.reports.run_figures import Growth, ended_within, paid
from incentivectl.reports.run_folder import RunFolder
from incentivectl.run.program_rows import ProgramRow


@dataclass(frozen=True)
class Tile:
    """One headline figure with a sentence below it."""

    label: str
    figures: tuple[Worded, ...]
    note: str


def tiles_of(
    run: RunFolder, costs: Sequence[ProgramRow], sold: Growth, sources: Sequence[Mapping[str, Any]]
) -> list[Tile]:
    """The tiles in the order of the page."""
    return [
        *_money_tiles(run),
        _sales_tile(run, sold),
        _ended_tile(run),
        *_budget_tiles(costs),
        _rejected_tile(sources),
    ]


def _sales_tile(run: RunFolder, sold: Growth) -> Tile:
    before = _compared(sold, sold.before, "the period before")
    year_ago = _compared(sold, sold.year_ago, "a year ago")
    return Tile("Sales", (figure(sold.now, run.manifest["currency"]),), f"{before}, {year_ago}")


def _budget_tiles(costs: Sequence[ProgramRow]) -> list[Tile]:
    """How many budgets are used up; no tile where no program has one."""
    budgeted = [one for one in costs if one.budget]
    if not budgeted:
        return []
    over = [one for one in budgeted if one.used is not None and one.used >= 100]
    count = Worded(Decimal(len(over)), f"{len(over)} of {len(budgeted)}")
    names = ", ".join(one.name for one in over)
    return [Tile("Budgets used up", (count,), names or "none of them")]


def _rejected_tile(sources: Sequence[Mapping[str, Any]]) -> Tile:
    read, rejected = (sum(row[fate] for row in sources) for fate in ("read", "rejected"))
    share = money.round_decimal(Decimal(rejected) / Decimal(read), 4) if read else Decimal(0)
    note = f"of {read:,} rows read, {money.round_decimal(share * 100, 2)} %"
    return Tile("Rows rejected", (Worded(Decimal(rejected), f"{rejected:,}"),), note)


def _compared(sold: Growth, base: Decimal | None, when: str) -> str:
    """The growth over another period, or why there is none."""
    change = sold.against(base)
    if change is not None:
        return f"{growth_text(change)} on {when}"
    return f"{'the exports do not reach' if base is None else 'nothing sold in'} {when}"


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
