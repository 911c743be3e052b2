"""Splitting minor units in frames is splitting them one by one."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from incentivectl.core import money
from incentivectl.rules.earning.splitting import by_largest_remainder

SMALL = st.integers(0, 9)
LARGE = st.integers(0, 10**18)  # products of these do not fit into 128 bits
ROWS = st.lists(st.tuples(SMALL | LARGE, st.text("abcü", max_size=2)), max_size=8)


@given(total=SMALL | LARGE | st.just(10**21), rows=ROWS)
def test_frames_split_as_numbers_do(total: int, rows: list[tuple[int, str]]) -> None:
    """Ids may be equal: then the first row comes first."""
    weights, ids = [weight for weight, _ in rows], [id for _, id in rows]
    found = by_largest_remainder(
        total, pl.Series(weights, dtype=pl.Int128), pl.Series(ids, dtype=pl.String)
    )
    assert found.to_list() == money.largest_remainder(total, weights, ids)
    assert found.dtype == pl.Int128
