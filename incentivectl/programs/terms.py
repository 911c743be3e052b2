"""Terms: what contracts and rate cards say beside a program, as rows of a table (docs/rules.md, "Terms")."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import NamedTuple

from incentivectl.core.money import plain
from incentivectl.programs.conditions import Value

FROM = "from"
NET_PRICE, PER_PAYEE, MAX_QUANTITY = "net_price", "per_payee", "max_quantity"
PAYS = ("rate", "per_unit", "bonus", "every", "pays", "per_bundle")


class TermTier(NamedTuple):
    """One row of a term: where it begins (None without tiers), its line in the file, what it pays."""

    from_: Decimal | None
    line: int
    pays: Mapping[str, Decimal]


class Term(NamedTuple):
    """The rows that agree in all keys and both dates: one without `from`, or tiers in their order.

    `keys` are the filled ones, in the order of their columns.
    """

    keys: tuple[tuple[str, Value], ...]
    valid_from: date | None
    valid_until: date | None
    contract: str
    per_payee: Decimal | None
    max_quantity: Decimal | None
    tiers: tuple[TermTier, ...]

    @property
    def line(self) -> int:
        """The line of its first row in the file."""
        return min(tier.line for tier in self.tiers)

    @property
    def is_tiered(self) -> bool:
        """Whether it has tiers."""
        return self.tiers[0].from_ is not None

    @property
    def net_price(self) -> Decimal | None:
        """Down to which price it pays, in ship and debit."""
        return self.tiers[0].pays.get(NET_PRICE)

    def canonical(self) -> str:
        """Everything in it that can change money, in one spelling; its contract's name cannot."""
        return repr(
            (
                sorted((key, _spelled(value)) for key, value in self.keys),
                (_spelled(self.valid_from), _spelled(self.valid_until)),
                (_spelled(self.per_payee), _spelled(self.max_quantity)),
                *(
                    (
                        _spelled(start),
                        sorted((name, _spelled(value)) for name, value in pays.items()),
                    )
                    for start, _, pays in self.tiers
                ),
            )
        )

    def hash(self) -> str:
        """The sha256 of `canonical`."""
        return sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True)
class Terms:
    """A terms file: its path as the program names it, its key columns, and its terms by line."""

    path: str
    keys: tuple[str, ...]
    terms: tuple[Term, ...]
    first_lines: Mapping[str, int] = field(
        default_factory=dict
    )  # of each filled value, for messages

    def key_values(self) -> Iterator[tuple[int, str, Value]]:
        """Every filled key with the line of its term: line, field, value."""
        for term in self.terms:
            for name, value in term.keys:
                yield term.line, name, value

    def why_no_single_lines(self) -> str:
        """Why what is paid does not belong to single lines; empty if it does."""
        for name in ("bonus", "every", "per_bundle", PER_PAYEE):
            if name in self.first_lines:
                return f"`{name}` of a term is not tied to a line"
        return ""

    @cached_property
    def hash(self) -> str:
        """The sha256 of all terms, whatever their order in the file."""
        return sha256("\n".join(sorted(one.canonical() for one in self.terms)).encode()).hexdigest()

    @cached_property
    def by_keys(self) -> Mapping[tuple[tuple[str, Value], ...], list[Term]]:
        """The terms with the same keys, by these."""
        found: dict[tuple[tuple[str, Value], ...], list[Term]] = {}
        for term in self.terms:
            found.setdefault(term.keys, []).append(term)
        return found


@lru_cache(maxsize=4096, typed=True)
def _spelled(value: object) -> str:
    return "" if value is None else plain(value) if isinstance(value, Decimal) else str(value)
