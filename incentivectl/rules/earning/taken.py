"""Values of the `[[reward]]` that a payee or a line takes (`block`: its place in the file)."""

from collections.abc import Mapping

import polars as pl


def of_reward_taken(values: Mapping[int, pl.Expr], otherwise: pl.Expr | None = None) -> pl.Expr:
    """The value of the reward that is taken; `otherwise`, by default null, without one."""
    taken = [pl.when(pl.col("block") == place).then(value) for place, value in values.items()]
    return pl.coalesce(*taken, *([] if otherwise is None else [otherwise]))
