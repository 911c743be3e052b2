"""What a figure is: its definition, its value in three periods, or why it cannot be computed."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

# What a value is measured in. A `share` is exact (0.125 is 12.5 %) and has 12 decimals as every quotient;
# `points` are those of an NPS, -100 to 100.
Unit = Literal["money", "number", "share", "points", "days", "index", "date"]
# What a value is about: everything, or one partner, program, category, product, question or channel.
Scope = Literal["whole", "partner", "program", "category", "product", "question", "channel"]


@dataclass(frozen=True, slots=True)
class Definition:
    """One figure of an area: `text` says in a sentence how it is computed.

    A figure that `adds_up` is 0 for a partner, category or product that a period has nothing of. Money
    `to_the_cent` is shown in minor units of its currency, since a ratio of its row follows from it.
    """

    area: str
    key: str
    title: str
    unit: Unit
    text: str
    digits: int = 0
    adds_up: bool = False
    to_the_cent: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that cannot be computed; `why` names what it lacks."""

    why: str


Value = Decimal | date | Missing


@dataclass(frozen=True, slots=True)
class Found:
    """A figure of one period. `of` is the id of what it is about, empty for the whole.

    Money is in `currency`; where that is empty, in the workspace's.
    """

    definition: Definition
    value: Value
    scope: Scope = "whole"
    of: str = ""
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of PERIOD, of the period before, and of the same period a year ago.

    `before` and `year_ago` are None where there was nothing of that id.
    """

    definition: Definition
    scope: Scope
    of: str
    name: str
    currency: str
    value: Value | None
    before: Value | None
    year_ago: Value | None


def number(value: int) -> Decimal:
    """A count as a value."""
    return Decimal(value)
