"""Which payout method each payee is paid by."""

from collections.abc import Sequence

import polars as pl

from incentivectl.programs.model import Program


def method_for(programs: Sequence[Program]) -> pl.Expr:
    """The payee's own choice if the program offers it, else the program's first method.

    Reads `program_id` and `payout_method`; without a program the choice itself, else cash
    (docs/rules.md, "Payouts").
    """
    program, own = pl.col("program_id"), pl.col("payout_method")
    first = {one.id: one.payout.methods[0] for one in programs}
    offered = [f"{method} {one.id}" for one in programs for method in one.payout.methods]
    chosen = pl.when(pl.concat_str(own, program, separator=" ").is_in(offered)).then(own)
    usual = program.replace_strict(first, default=None, return_dtype=pl.String)
    return pl.coalesce(chosen, usual, own, pl.lit("cash"))
