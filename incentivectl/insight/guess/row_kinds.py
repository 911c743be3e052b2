"""Rows that are no sales, or credits without a sign, by the words of a column that tells rows apart."""

from collections.abc import Sequence

import polars as pl

from incentivectl.ingest.rows.numbers import read_number
from incentivectl.insight.guess.contents import Contents, present
from incentivectl.insight.guess.dialect import number_style
from incentivectl.insight.guess.guessed import Guess
from incentivectl.insight.guess.names import is_named
from incentivectl.insight.guess.profile import Profile

MOST_KINDS = 12  # different values of a column that tells rows apart
SHOWN = 6
EVERY = 0.95  # of the rows have a value in such a column


def guess_row_kinds(guess: Guess, profile: Profile) -> None:
    """`negate_when`, `skip_when`: credits whose amounts are positive, and freight, tax, voided sales."""
    if guess.table != "sales":
        return
    used = {one.column.place for one in guess.taken.values()}
    for column in profile.columns:
        is_kind = 0 < column.distinct <= MOST_KINDS and not column.is_number and not column.is_date
        if column.place not in used and column.name and is_kind:
            _guess_kinds(guess, profile, column)


def _guess_kinds(guess: Guess, profile: Profile, column: Contents) -> None:
    credits_ = [value for value in column.values if is_named("credit", value)]
    others = [value for value in column.values if is_named("no_sale", value)]
    if column.filled < EVERY * column.rows:  # said of an order once: its other rows would stay
        if credits_ or others:
            text = f'orders with {_listed([*credits_, *others])} in "{column.name}" are read like all others'
            guess.doubt("skip_when", f"{text}: only their first row says so")
        return
    if credits_ and _are_positive(guess, profile, column, credits_):
        _add(guess, "negate_when", column, credits_)
        text = f'amounts of {_listed(credits_)} in "{column.name}" have no sign: they are taken for credits'
        guess.doubt("negate_when", text)
    if others:
        _add(guess, "skip_when", column, others)
        text = f'rows with {_listed(others)} in "{column.name}" are taken for no sales, and skipped'
        guess.doubt("skip_when", text)
    if not (credits_ or others) and column.distinct > 1 and is_named("kind_of_row", column.name):
        text = f'"{column.name}" tells {_listed(column.values)} apart: if some are no sales, name them in'
        guess.doubt(
            "skip_when", f"{text} skip_when, if some are credits without a sign in negate_when"
        )


def _are_positive(guess: Guess, profile: Profile, column: Contents, kinds: Sequence[str]) -> bool:
    """Whether most rows of these kinds have an amount above 0."""
    taken = guess.taken.get("amount") or guess.taken.get("quantity")
    if taken is None:
        return False
    value = read_number(
        present(pl.col(f"c{taken.column.place}")), "amount", number_style(guess)
    ).struct.field("value")
    rows = profile.cells.filter(present(pl.col(f"c{column.place}")).is_in(list(kinds)))
    share = rows.select((value > 0).mean()).collect().item()
    return bool(share and share > 1 / 2)


def _add(guess: Guess, key: str, column: Contents, values: Sequence[str]) -> None:
    stated = guess.keys.get(key, {})
    assert isinstance(stated, dict)
    guess.take(key, {**stated, column.name: [*values]})


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(f'"{value}"' for value in values[:SHOWN])
    return f"{shown} …" if len(values) > SHOWN else shown
