"""What a figure is: its definition, what it is made of, its value in three periods, or why it has none.

A figure either comes from the rows of a `Basis` (added up, counted, their mean …) or follows from other
figures by a `Formula`. So each can be recomputed: from the figures beside it, or from the rows that
`metrics --basis` writes (docs/questions.md, "Metrics").
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from incentivectl.core import money
from incentivectl.insight.metrics.missing import Missing

if TYPE_CHECKING:
    from incentivectl.insight.metrics.view import View

# What a value is measured in. A `share` is exact (0.125 is 12.5 %) and has 12 decimals as every quotient;
# `points` are those of an NPS, -100 to 100.
Unit = Literal["money", "number", "share", "points", "days", "index", "date"]
# What a value is about: everything, or one region, partner, program …; a `market` is a region and a category
# in it, or a channel of brand awareness.
Scope = Literal[
    "whole", "region", "country", "partner", "rep", "program", "category", "product", "customer",
    "question", "survey", "channel", "market",
]  # fmt: skip
DIMENSIONS: tuple[Scope, ...] = get_args(Scope)[1:]
# Scopes that a trend over the last months has.
PLACES: tuple[Scope, ...] = ("whole", "region", "country")
_ADD_UP_BY: tuple[Scope, ...] = ("partner", "category", "product", "region", "country")
# How the rows of a basis make a figure: `count` counts different items, `covering` is the smallest value
# that is not exceeded by 95 % of them; none: a formula.
How = Literal["sum", "count", "mean", "median", "covering", "formula"]
COVERING = 95


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure of an area: `text` says in a sentence how it is computed.

    A figure that `adds_up` is 0 for a partner, category or product that a period has nothing of. Money
    `to_the_cent` is shown in minor units of its currency, since a ratio of its row follows from it. A
    `headline` comes first, with its trend over the last twelve months.
    """

    area: str
    key: str
    title: str
    unit: Unit
    text: str
    digits: int = 0
    adds_up: bool = False
    to_the_cent: bool = False
    how: How = "sum"
    headline: bool = False

    def adds_up_by(self, scope: Scope) -> bool:
        """Whether it is 0 for those of `scope` that a period has nothing of."""
        return self.adds_up and scope in _ADD_UP_BY


Value = Decimal | date | Missing


@dataclass(frozen=True, slots=True)
class Found:
    """A figure of one period. `of` is the id of what it is about, empty for the whole.

    Money is in `currency`; where that is empty, in the workspace's. `basis` names the rows that it comes
    from; empty where it follows from other figures.
    """

    definition: Definition
    value: Value
    scope: Scope = "whole"
    of: str = ""
    currency: str = ""
    basis: str = ""


@dataclass(frozen=True)
class Basis:
    """Rows that figures are made of, under a `name` of their own.

    `rows` has a column for each figure (under its key), those of `DIMENSIONS` that it knows (String),
    `item` (String: what `count` counts), `times` (Int64: how often a value stands for itself; absent:
    once) and `currency` (String; absent: the workspace's). A null in a column that is added up is
    unknown, and then `unknown` says why. `empty` says why there is no mean or median without rows.
    """

    name: str
    rows: pl.DataFrame
    figures: tuple[Definition, ...]
    scopes: tuple[Scope, ...] = ("whole",)
    empty: str = ""
    unknown: str = ""


@dataclass(frozen=True)
class Formula:
    """A figure that follows from `parts`, figures about the same; `value` takes them in their order.

    With `dated`, it takes the period's last day before them.
    """

    definition: Definition
    parts: tuple[Definition, ...]
    value: Callable[..., Value]
    scopes: tuple[Scope, ...] = ("whole",)
    dated: bool = False


@dataclass(frozen=True)
class Area:
    """One question: its figures, what they are made of in a period, and which follow from others."""

    key: str
    title: str
    definitions: tuple[Definition, ...]
    found: Callable[["View"], Iterator[Basis | Found]]
    formulas: tuple[Formula, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of PERIOD, of the period before, and of the same period a year ago.

    `before` and `year_ago` are None where there was nothing of that id. `trend`: its values in the last
    twelve months, the latest last; empty where it has none.
    """

    definition: Definition
    scope: Scope
    of: str
    name: str
    currency: str
    value: Value | None
    before: Value | None
    year_ago: Value | None
    basis: str = ""
    trend: tuple[Value | None, ...] = ()


def counted(area: str, key: str, title: str, text: str, *, headline: bool = False) -> Definition:
    """A figure that counts items, each once."""
    return Definition(
        area, key, title, "number", text, how="count", adds_up=True, headline=headline
    )


def share(area: str, key: str, title: str, text: str, *, headline: bool = False) -> Definition:
    """A figure that is one figure as a share of another."""
    return Definition(area, key, title, "share", text, how="formula", headline=headline)


def number(value: int) -> Decimal:
    """A count as a value."""
    return Decimal(value)


def ratio(
    definition: Definition,
    plus: tuple[Definition, ...],
    under: Definition,
    nothing: str,
    *,
    minus: tuple[Definition, ...] = (),
    times: int = 1,
    scopes: tuple[Scope, ...] = ("whole",),
) -> Formula:
    """`times` × (Σ `plus` − Σ `minus`) ÷ `under`.

    `nothing` says why there is none where `under` is not above 0; `{period}` in it is the period's label.
    """

    def value(below: Decimal, *parts: Decimal) -> Value:
        if below <= 0:
            return Missing(nothing)
        with money.exactly():
            above = sum(parts[: len(plus)], Decimal(0)) - sum(parts[len(plus) :], Decimal(0))
            found = money.quotient(times * above, below)
        assert found is not None
        return found

    return Formula(definition, (under, *plus, *minus), value, scopes)


def difference(
    definition: Definition,
    plus: Definition,
    minus: Definition,
    scopes: tuple[Scope, ...] = ("whole",),
) -> Formula:
    """`plus` − `minus`."""
    return Formula(definition, (plus, minus), lambda more, less: more - less, scopes)
