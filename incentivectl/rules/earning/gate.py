"""The gate of one program, for those who look at it by itself (docs/rules.md, "Gates")."""

import polars as pl

from incentivectl.core import money
from incentivectl.rules.case import Case
from incentivectl.rules.earning.earn import reaches_gate
from incentivectl.rules.earning.parameters import missing_counts_as_top


def reached(case: Case) -> pl.Expr:
    """Whether a row of `measures.measured` reaches the program's gate; true where it has none."""
    gate = case.program.gate
    if gate is None:
        return pl.lit(True)
    is_full = pl.lit(missing_counts_as_top(case))
    return reaches_gate(pl.lit(gate.metric), money.literal(gate.at_least), is_full)
