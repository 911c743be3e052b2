"""What a table and its columns are made of, and the columns that several tables have."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

OTHER_IDS = ("return_of", "serial", "alias", "id")
Kind = Literal["text", "date", "amount", "fx_rate", "whole", "flag", "currency"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table, under our own name.

    `amount` has at most 6 decimals, `fx_rate` 12, `whole` none; a `flag` is true or false. An amount that
    `is_rate` is from 0 to below 1, and may be a percentage.
    `default` is the text that a missing value stands for. `choices` are all words that it takes,
    `words` those of an open list that count in any case. `refers_to` names the master table of an id,
    for aliases and references.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    refers_to: str | None = None
    words: tuple[str, ...] = ()
    is_rate: bool = False

    @property
    def is_id(self) -> bool:
        """Whether it holds what somebody or something is identified by."""
        return self.name.endswith("_id") or self.name in OTHER_IDS


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns in order, and those that say which rows are versions of one another."""

    name: str
    columns: tuple[Column, ...]
    identity: tuple[str, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns' names, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column | None:
        """The column of that name, or none."""
        return next((column for column in self.columns if column.name == name), None)


def text(name: str, *, required: bool = False, refers_to: str | None = None) -> Column:
    """A text, or an id of the master table `refers_to`."""
    return Column(name, "text", required, refers_to=refers_to)


def date(name: str, *, required: bool = False) -> Column:
    """A day."""
    return Column(name, "date", required)


def amount(name: str, *, required: bool = False, default: str | None = None) -> Column:
    """A number with at most 6 decimals."""
    return Column(name, "amount", required, default)


def choice(
    name: str, choices: str, *, required: bool = False, default: str | None = None
) -> Column:
    """One of the words in `choices`, which spaces separate."""
    return Column(name, "text", required, default, tuple(choices.split()))


STATUS = choice("status", "active suspended terminated", default="active")
REP_STATUS = Column("status", default="active", words=STATUS.choices)
PARTNER = text("partner_id", refers_to="partners")
REQUIRED_PARTNER = text("partner_id", required=True, refers_to="partners")
DISTRIBUTOR = text("distributor_id", refers_to="partners")
REP = text("rep_id", refers_to="reps")
PRODUCT = text("product_id", refers_to="products")
CURRENCY = Column("currency", "currency")
REQUIRED_CURRENCY = Column("currency", "currency", required=True)


def table(name: str, columns: Iterable[Column], identity: str = "") -> Table:
    """A table whose rows are told apart by the columns in `identity`, by default the first one."""
    listed = tuple(columns)
    return Table(name, listed, tuple(identity.split()) or (listed[0].name,))
