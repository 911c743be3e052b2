"""The rows of the table of programs: the same in `run`, on the page and in the workbook."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.run.program_costs import AMOUNTS, LEFT, RIGHT, program_costs

ADJUSTMENTS = "adjustments"
ALWAYS = ("earned", "booked_before", "this_batch", "held", "accruing")
ZERO = Decimal(0)


@dataclass(frozen=True)
class ProgramRow:
    """One program with its `amounts` (`program_costs.AMOUNTS`), or all adjustments of a currency.

    `due` are the entitlements of due rows. `kind` is empty for adjustments, and for a program with
    booked money and no file.
    """

    program_id: str
    name: str
    kind: str
    currency: str
    amounts: Mapping[str, Decimal]
    due: Decimal = ZERO
    payees: int | None = None
    budget: Decimal | None = None

    @property
    def cost(self) -> Decimal:
        """All entitlements, also those settled elsewhere: what counts against the budget."""
        return self.amounts["earned"] + self.amounts["settled_elsewhere"]

    @property
    def used(self) -> Decimal | None:
        """How much of the budget is used, in percent with one decimal; None without a budget."""
        return money.percent_of(self.cost, self.budget) if self.budget else None


def program_rows(facts: Mapping[str, Any], earnings: pl.DataFrame) -> list[ProgramRow]:
    """Every program of a run, those without a file but with booked money, and the adjustments.

    `facts` are those of `run_facts.cost_facts`, of a run or of its manifest.
    """
    costs = {
        (row["program_id"], row["currency"]): row
        for row in program_costs(earnings).iter_rows(named=True)
    }
    found = []
    for one in facts["programs"]:
        row = costs.pop((one["id"], one["currency"]), _NO_EARNINGS)
        budget = Decimal(one["budget"]) if "budget" in one else None
        found.append(_row(one["id"], one["name"], one["kind"], one["currency"], row, budget))
    found += [_row(name, name, "", currency, row) for (name, currency), row in costs.items()]
    return [*found, *map(_adjusted, facts.get("adjustments", ()))]


def _row(
    program_id: str,
    name: str,
    kind: str,
    currency: str,
    costs: Mapping[str, Any],
    budget: Decimal | None = None,
) -> ProgramRow:
    amounts = {amount: costs[amount] for amount in AMOUNTS}
    due, payees = costs["due"], costs["payees"]
    return ProgramRow(program_id, name, kind, currency, amounts, due, payees, budget)


def _adjusted(row: Mapping[str, str]) -> ProgramRow:
    before, new = Decimal(row["booked_before"]), Decimal(row["this_batch"])
    amounts = {**_NOTHING, "earned": before + new, "booked_before": before, "this_batch": new}
    return ProgramRow(ADJUSTMENTS, ADJUSTMENTS, "", row["currency"], amounts)


def shown_columns(rows: Iterable[ProgramRow]) -> tuple[str, ...]:
    """The amounts that any row needs to add up, in order: most runs keep nothing."""
    every = list(rows)
    return tuple(
        name
        for name in (*LEFT, *RIGHT)
        if name in ALWAYS or any(row.amounts[name] for row in every)
    )


def used_text(percent: Decimal) -> str:
    """How much of a budget is used, as people read it: `99.6 %`."""
    return f"{percent:,f} %"


def equation(columns: Sequence[str]) -> str:
    """How the columns of a row add up: `earned = booked before + this batch + held + accruing`."""
    sides = [
        " + ".join(name.replace("_", " ") for name in side if name in columns)
        for side in (LEFT, RIGHT)
    ]
    return " = ".join(sides)


def totals(rows: Iterable[ProgramRow]) -> dict[str, dict[str, Decimal]]:
    """The sums of all amounts by currency, sorted by currency."""
    found: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        sums = found.setdefault(row.currency, dict(_NOTHING))
        for name, amount in row.amounts.items():
            sums[name] += amount
    return dict(sorted(found.items()))


_NOTHING = dict.fromkeys(AMOUNTS, ZERO)
_NO_EARNINGS: dict[str, Any] = {**_NOTHING, "due": ZERO, "payees": 0}
