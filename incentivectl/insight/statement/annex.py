"""The annex of a statement: each of a payee's lines with what it earned, or why it did not.

Rules: docs/questions.md, rule 102.
"""

from collections.abc import Iterator

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.engine.engine import Settled
from incentivectl.insight.explain.payee_lines import contributions_of, lines_of
from incentivectl.insight.statement.by_payee import WHO
from incentivectl.insight.statement.statements import TOGETHER, Statements

ANNEX: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "source": pl.String,
    "item_id": pl.String,
    "counted_on": pl.Date,
    "sale_id": pl.String,
    "line_id": pl.String,
    "partner_id": pl.String,
    "product_id": pl.String,
    "quantity": money.AMOUNT,
    "amount": money.AMOUNT,
    "currency": pl.String,
    "earned": money.EARNED,
    "reason": pl.String,
}
_OWN = ["period", "payee_id"]
_NOTHING = money.literal(0, money.EARNED_SCALE)


def annexes(statements: Statements) -> Iterator[pl.DataFrame]:
    """The annex of each statement (columns `ANNEX`), in their order.

    `earned` is exact, in `currency`, before boost, cap and budget; `reason` says why a line earned nothing.
    """
    for first in range(0, len(statements), TOGETHER):
        whose = statements.payees.slice(first, TOGETHER).select(WHO)
        lines = _lines(statements, first).partition_by(WHO, as_dict=True, include_key=False)
        for who in whose.iter_rows():
            yield lines.get(who, pl.DataFrame(schema=ANNEX))


def _lines(statements: Statements, first: int) -> pl.DataFrame:
    """`WHO` and the columns `ANNEX` of so many payees, from one on, program by program."""
    frames = [pl.DataFrame(schema={**dict.fromkeys(WHO, pl.String), **ANNEX})]
    if statements.batch is None or not statements.batch.reverses:
        settled = {one.case.program.id: one for one in statements.run.settled}
        for case, rows in statements.earned(first, TOGETHER):
            frames.append(_of_program(settled[case.program.id], rows))
    return pl.concat(frames)


def _of_program(one: Settled, rows: pl.DataFrame) -> pl.DataFrame:
    """The lines of some earnings of a program, and what earns without a line, by period and day."""
    case, payees = one.case, rows["payee_id"].unique().to_list()
    told = rows.select("payee_kind", *_OWN, "period_start", "why_nothing")
    lines, paid = lines_of(one, payees), contributions_of(one, payees)
    parts = []
    if lines.width:
        of_lines = paid.filter(pl.col("row").is_not_null())
        earned = of_lines.group_by(*_OWN, "row").agg(earned=pl.col("contribution").sum())
        parts.append(
            lines.with_columns(source=pl.lit("line")).join(earned, on=[*_OWN, "row"], how="left")
        )
        paid = paid.filter(pl.col("row").is_null())
    if paid.width:
        parts.append(paid.rename({"contribution": "earned"}))
    empty = pl.DataFrame(schema={"period": pl.Int32, "payee_id": pl.String})
    every = pl.concat(_as_annex(part, case.program.id, case.currency) for part in (empty, *parts))
    is_nothing = pl.col("earned").fill_null(_NOTHING) == 0
    why = pl.coalesce("reason", "why_nothing", pl.lit("pays-nothing"))
    return (
        every.join(told, on=_OWN)
        .with_columns(
            earned=pl.col("earned").fill_null(_NOTHING),
            reason=pl.when(is_nothing).then(why),
        )
        .sort(*WHO, "period", "counted_on", maintain_order=True)
        .select(*WHO, *ANNEX)
    )


def _as_annex(part: pl.DataFrame, program_id: str, currency: str) -> pl.DataFrame:
    """Lines or contributions with the columns `ANNEX`; `period` in place of its first day."""
    whole = part.with_columns(program_id=pl.lit(program_id), currency=pl.lit(currency))
    wanted = {"period": pl.Int32(), "payee_id": pl.String(), **ANNEX}
    return whole.select(
        (pl.col(name) if name in whole.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in wanted.items()
        if name != "period_start"
    )
