"""Which terms payees took: kept in the archive, compared by a guard, named behind a change.

A program's terms are told apart by the place of their `[[reward]]` and their hash (docs/rules.md, "Terms").
"""

from collections.abc import Sequence

import polars as pl

from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled
from incentivectl.programs.model import Program
from incentivectl.rules.earning.limits import TAKEN
from incentivectl.rules.lines.terms import Blocks

# What identifies a term: the place of its [[reward]] and its hash; for people its file and line, and
# its contract.
TERM: Schema = {
    "reward": pl.Int32,
    "term": pl.String,
    "file": pl.String,
    "line": pl.Int64,
    "contract": pl.String,
}
TERMS_TAKEN: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "payee_id": pl.String,
    **TERM,
}


def terms_of(program: Program) -> pl.DataFrame:
    """Every term of a program by its `block` (Int32), with the columns of `TERM`."""
    rows = []
    for block, index, term in Blocks(program.reward).terms():
        terms = program.reward[index].terms
        assert terms is not None
        rows.append((block, index, term.hash(), terms.path, term.line, term.contract))
    return pl.DataFrame(rows, schema={"block": pl.Int32, **TERM}, orient="row")


def terms_taken(settled: Sequence[Settled]) -> pl.DataFrame:
    """The terms that each payee took in each measurement period (columns `TERMS_TAKEN`)."""
    found = [pl.DataFrame(schema=TERMS_TAKEN)]
    for one in settled:
        program, measured = one.case.program, one.measured
        if measured is None or TAKEN not in measured.payees.columns or not has_terms(program):
            continue
        starts = pl.DataFrame(
            list(enumerate(period.start for period in one.case.periods)),
            schema={"period": pl.Int32, "period_start": pl.Date},
            orient="row",
        )
        rows = (
            measured.payees.select("period", "payee_id", block=TAKEN)
            .explode("block")
            .join(terms_of(program), on="block")
            .join(starts, on="period")
            .with_columns(program_id=pl.lit(program.id))
        )
        found.append(rows.select(TERMS_TAKEN.keys()))
    return pl.concat(found)


def has_terms(program: Program) -> bool:
    """Whether a program pays by terms."""
    return any(reward.terms is not None for reward in program.reward)
