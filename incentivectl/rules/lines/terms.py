"""Which term of a contract or rate card fits a line or a payee (docs/rules.md, "Terms").

Every term is a `block` of its own, after those of the program's `[[reward]]`s, so that what is paid under
it is found as what is paid by a reward.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import sha256

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.programs.conditions import Value
from incentivectl.programs.reward import Reward, Tier
from incentivectl.programs.terms import Term, Terms
from incentivectl.sales.in_force import BEGINNING, END

_KEY = "_key:"


@dataclass(frozen=True)
class Blocks:
    """The `block`s of a program: its rewards from 0, then the terms of each reward, one after the other."""

    rewards: Sequence[Reward]

    def first_of(self, index: int) -> int:
        """The block of the first term of the reward at `index`."""
        before = (reward.terms for reward in self.rewards[:index])
        return len(self.rewards) + sum(len(terms.terms) for terms in before if terms is not None)

    def terms(self) -> Iterator[tuple[int, int, Term]]:
        """Each term with its block and the place of its reward."""
        for index, reward in enumerate(self.rewards):
            if reward.terms is not None:
                for block, term in enumerate(reward.terms.terms, start=self.first_of(index)):
                    yield block, index, term

    def reward(self, block: int) -> Reward:
        """The reward at a block, or the one that a term stands for."""
        if block < len(self.rewards):
            return self.rewards[block]
        index, term = self._by_block[block]
        reward = self.rewards[index].model_copy(update={"terms": None})
        if not term.is_tiered:
            return reward.model_copy(update=dict(term.tiers[0].pays))
        tiers = [Tier(from_=one.from_ or Decimal(0), **dict(one.pays)) for one in term.tiers]
        return reward.model_copy(update={"tiers": tuple(tiers)})

    def term(self, block: int) -> Term | None:
        """The term at a block; None where that is a reward."""
        return self._by_block[block][1] if block in self._by_block else None

    @cached_property
    def _by_block(self) -> dict[int, tuple[int, Term]]:
        return {block: (index, term) for block, index, term in self.terms()}

    def file(self, block: int) -> Terms | None:
        """The file of the term at a block; None where that is a reward."""
        return self.rewards[self._by_block[block][0]].terms if block in self._by_block else None

    def taken(self) -> pl.Expr:
        """The block of the term that a row takes, as a list (Int32); empty where it takes no term."""
        is_term = (pl.col("block") >= len(self.rewards)).fill_null(False)
        none = pl.lit([], dtype=pl.List(pl.Int32))
        return pl.when(is_term).then(pl.concat_list("block")).otherwise(none)

    def rule_hash(self, own: str, taken: Sequence[int]) -> str:
        """The hash of a program's `own` rules and of the terms at the blocks that are taken."""
        terms = sorted(self._by_block[block][1].hash() for block in taken)
        return sha256("\n".join([own, *terms]).encode()).hexdigest() if terms else own

    def reward_of(self) -> pl.Expr:
        """The place of the reward that a row's `block` is, or is a term of (Int32)."""
        block, found = pl.col("block"), pl.col("block")
        for index, reward in enumerate(self.rewards):
            if reward.terms is not None:
                first = self.first_of(index)
                is_term = (block >= first) & (block < first + len(reward.terms.terms))
                found = pl.when(is_term).then(pl.lit(index, dtype=pl.Int32)).otherwise(found)
        return found


def with_terms(
    rows: pl.LazyFrame, terms: Terms, first_block: int, fields: Mapping[str, pl.Expr], day: str
) -> pl.LazyFrame:
    """Adds `term` (Int32): the block of the term that fits a row on its `day`; null where none does.

    `fields` are the values of the key columns. Of the terms that fit, one with the first key column
    filled comes before one without, then the second column decides, and so on: each set of filled
    columns is one join.
    """
    keys = [f"{_KEY}{place}" for place in range(len(terms.keys))]
    rows = rows.with_columns(
        fields[name].cast(_dtype(terms, name)).alias(key)
        for name, key in zip(terms.keys, keys, strict=True)
    )
    fits = []
    for index, (filled, frame, versions) in enumerate(_by_filled_keys(terms, first_block)):
        on = [f"{_KEY}{place}" for place in filled]
        own = frame.rename(
            {
                f"{name}:{i}": f"{name}:{index}:{i}"
                for name in ("from", "until", "block")
                for i in range(versions)
            }
        )
        rows = (
            rows.join(own.lazy(), on=on, how="left") if on else rows.join(own.lazy(), how="cross")
        )
        fits += [
            pl.when(pl.col(day).is_between(f"from:{index}:{i}", f"until:{index}:{i}")).then(
                f"block:{index}:{i}"
            )
            for i in range(versions)
        ]
    found = pl.coalesce(*fits, pl.lit(None, dtype=pl.Int32)).alias("term")
    added = pl.selectors.starts_with(_KEY, "from:", "until:", "block:")
    return rows.with_columns(found).drop(added)


def _by_filled_keys(
    terms: Terms, first_block: int
) -> Iterator[tuple[tuple[int, ...], pl.DataFrame, int]]:
    """The terms by which key columns they fill, the most specific first.

    Each with a row for each combination of key values and, side by side, the dates and blocks of its
    versions: `from:<i>`, `until:<i>` (Date, inclusive), `block:<i>` (Int32).
    """
    places = {name: place for place, name in enumerate(terms.keys)}
    by_mask: dict[tuple[int, ...], dict[tuple[Value, ...], list[tuple[date, date, int]]]] = {}
    for block, term in enumerate(terms.terms, start=first_block):
        mask = tuple(places[name] for name, _ in term.keys)
        version = (term.valid_from or BEGINNING, term.valid_until or END, block)
        values = tuple(value for _, value in term.keys)
        by_mask.setdefault(mask, {}).setdefault(values, []).append(version)
    for mask in sorted(
        by_mask, key=lambda mask: [place not in mask for place in range(len(places))]
    ):
        rows = by_mask[mask]
        most = max(len(versions) for versions in rows.values())
        schema: Schema = {f"{_KEY}{place}": _dtype(terms, terms.keys[place]) for place in mask}
        for i in range(most):
            schema |= {f"from:{i}": pl.Date, f"until:{i}": pl.Date, f"block:{i}": pl.Int32}
        nothing = (None, None, None)
        data = [
            (
                *values,
                *(
                    part
                    for i in range(most)
                    for part in (versions[i] if i < len(versions) else nothing)
                ),
            )
            for values, versions in rows.items()
        ]
        yield mask, pl.DataFrame(data, schema=schema, orient="row"), most


def _dtype(terms: Terms, name: str) -> pl.DataType | type[pl.DataType]:
    """How the values of a key column are compared: by value, text exactly."""
    for term in terms.terms:
        for key, value in term.keys:
            if key == name:
                if isinstance(value, bool):
                    return pl.Boolean
                if isinstance(value, Decimal):
                    return money.AMOUNT
                return pl.Date if isinstance(value, date) else pl.String
    return pl.String
