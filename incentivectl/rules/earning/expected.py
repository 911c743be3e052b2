"""What totals to date come to at the end of a measurement period that goes on (docs/questions.md, 108).

A forecast hands on the sums with one more frame, `SHARES`: which share of its totals at the end each payee
has already. Sums without it are those to date.
"""

from collections.abc import Collection

import polars as pl

from incentivectl.core import money
from incentivectl.rules.case import KEYS, Sums

# `program`, `period`, `payee_id`, `share` (18 decimals, above 0); payees without a row are complete.
SHARES = "shares"
_BY_PROGRAM = ["program", *KEYS]


def at_the_end(
    found: pl.LazyFrame, sums: Sums, totals: Collection[str], counts: Collection[str] = ()
) -> pl.LazyFrame:
    """`found` with `totals` and `counts` as they will be at the end; counts are cut to whole ones."""
    shares = sums.get(SHARES)
    if shares is None:
        return found
    types, share = found.collect_schema(), pl.col("_share")
    known = shares.lazy().select(*_BY_PROGRAM, _share="share")
    one = money.literal(1, money.EARNED_SCALE)
    wholes = {name: money.whole_of(pl.col(name), share) for name in (*totals, *counts)}
    cut = {name: money.whole_units(wholes[name]) for name in counts}
    return (
        found.join(known, on=_BY_PROGRAM, how="left", maintain_order="left")
        .with_columns(share.fill_null(one))
        .with_columns(
            whole.cast(types[name]).alias(name) for name, whole in {**wholes, **cut}.items()
        )
        .drop("_share")
    )
