"""A program, and the words that all sentences about its rules share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from incentivectl.core.nouns import agreeing
from incentivectl.programs.model import Program
from incentivectl.programs.terms import Term
from incentivectl.programs.words.phrases import number, percent

Cell = str | int | Decimal | None
_PERIODS = {"half": "half-year", "program": "program's life"}
NOUNS = {
    "revenue": "revenue",
    "quantity": "units",
    "lines": "lines",
    "sales": "sales",
    "customers": "different customers",
    "products": "different products",
    "growth": "growth",
    "attainment": "the target",
    "bundles": "bundles",
}


@dataclass(frozen=True)
class Part:
    """One part of a description: sentences, or a small table."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True)
class Terms:
    """A program, and the words that its sentences share.

    `own` says which terms of its contracts a payee is shown; None for whoever may see all.
    """

    program: Program
    currency: str
    own: Callable[[Term], bool] | None = None

    @property
    def period(self) -> str:
        """The measurement period as a noun."""
        return _PERIODS.get(self.program.period, self.program.period)

    def money(self, amount: Decimal) -> str:
        """An amount with the program's currency, or its hours."""
        unit = "hours" if self.program.pays_hours else self.currency
        return f"{number(amount)} {unit}"

    def files(self, *path: str | int) -> dict[str, str]:
        """Field → the file that its condition below `path` takes values from."""
        found: dict[str, str] = {}
        table = self.raw(*path)
        for key, body in table.items() if isinstance(table, Mapping) else ():
            nested = body if isinstance(body, Mapping) else {}
            for name, inner in ({key: body} | {f"{key}.{k}": v for k, v in nested.items()}).items():
                if isinstance(inner, Mapping):
                    for operator in ("in", "not_in"):
                        if isinstance(inner.get(operator), str):
                            found[name] = inner[operator]
        return found

    def raw(self, *path: str | int) -> Any:  # noqa: ANN401
        """What the program's file has at `path`, or none; a single `[reward]` is a list of one."""
        at: Any = self.program.toml
        for step in path:
            if isinstance(at, Mapping):
                at = at.get(str(step), at if step == 0 else None)
            elif isinstance(at, list) and isinstance(step, int) and step < len(at):
                at = at[step]
            else:
                return None
        return at


def at_least(metric: str, value: Decimal, terms: Terms) -> str:
    """The least of a metric that is asked for: "at least 80 units"."""
    if metric.startswith("activity."):
        name = metric.removeprefix("activity.")
        return f"at least {number(value)} {agreeing(value, name)} passed in it"
    if metric == "revenue":
        return f"revenue of at least {terms.money(value)}"
    if metric == "growth":
        return f"growth of at least {percent(value)}"
    return f"at least {amount_of(metric, value, terms)}"


def bare(metric: str, value: Decimal, terms: Terms) -> str:
    """A value of a metric without its noun: "135,000 USD", "80"."""
    if metric == "revenue":
        return terms.money(value)
    return percent(value) if metric in ("growth", "attainment") else number(value)


def amount_of(metric: str, value: Decimal, terms: Terms) -> str:
    """A value of a metric with its noun: "135,000 USD of revenue", "80 units"."""
    if metric == "revenue":
        return f"{terms.money(value)} of revenue"
    if metric in ("growth", "attainment"):
        return f"{percent(value)} of {NOUNS[metric]}"
    return f"{number(value)} {NOUNS[metric]}"
