"""Which payout method each payee is paid by."""

from collections.abc import Sequence

import polars as pl

from incentivectl.programs.model import Program


def method_for(programs: Sequence[Program]) -> pl.Expr:
    """The payee's own choice if the program offers it, else the program's first method.

    Reads `program_id` and `payout_method`; without a program the choice itself, else cash
    (docs/rules.md, "Payouts").
    """
    chosen = [
        pl.when(pl.col("program_id") == program.id).then(
            pl.when(pl.col("payout_method").is_in(list(program.payout.methods)))
            .then(pl.col("payout_method"))
            .otherwise(pl.lit(program.payout.methods[0]))
        )
        for program in programs
    ]
    return pl.coalesce(*chosen, "payout_method", pl.lit("cash"))
