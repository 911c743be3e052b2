"""The sale lines of payees in one program: which count, what each adds, and what keeps out the others.

Each condition's verdict stands beside the line, so that one can see which of them hold
(docs/questions.md, "Explanations").
"""

from collections.abc import Collection

import polars as pl

from incentivectl.engine.engine import Settled
from incentivectl.rules.case import CONTRIBUTION_ORDER, Case
from incentivectl.rules.lines.eligibility import judged, line_meets, term_column
from incentivectl.rules.lines.payees import with_payees

_LINE = (
    "row", "period", "payee_id", "share", "sale_id", "line_id", "line_key", "counted_on", "sold_on",
    "partner_id", "distributor_id", "product_id", "customer_id", "quantity", "amount",
    "is_return", "return_of", "received_on",
)  # fmt: skip


def verdict(index: int) -> str:
    """The column that tells whether the program's condition of that index holds."""
    return f"holds:{index}"


def with_verdicts(case: Case, lines: pl.LazyFrame) -> pl.LazyFrame:
    """Adds a Boolean column for each condition of `[eligible]` to lines of `eligibility.judged`."""
    return lines.with_columns(
        line_meets(case, condition, case.currency).alias(verdict(index))
        for index, condition in enumerate(case.program.eligible)
    )


def lines_of(one: Settled, payees: Collection[str]) -> pl.DataFrame:
    """Every line within the program's periods that would go to one of `payees`.

    Columns: `period`, `payee_id`, `share`, what names a line, its `quantity` and `amount` (the payee's
    share of them, in the program's currency), `reason` (null where it counts), `term` (Int32: the block of
    the term that it takes, where terms are found for each line) and the verdicts.
    """
    case = one.case
    if one.measured is None or one.measured.judged is None:
        return pl.DataFrame()
    conditions = case.program.eligible
    every = judged(case, case.periods, fields={c.field for c in conditions})
    own = with_payees(case, with_verdicts(case, every)).filter(
        pl.col("payee_id").is_in(list(payees))
    )
    by_line = case.program.terms_by_line
    term = pl.col(term_column(case.program)) if by_line else pl.lit(None, dtype=pl.Int32)
    reasons = one.measured.judged.select("row", final_reason="reason", term=term)
    verdicts = [verdict(index) for index in range(len(conditions))]
    return (
        own.select(*_LINE, *verdicts)
        .collect()
        .lazy()
        .join(reasons, on="row", how="left")
        .rename({"final_reason": "reason"})
        .collect()
        .sort("period", "counted_on", "sale_id", "line_key", "partner_id", "distributor_id")
    )


def contributions_of(one: Settled, payees: Collection[str]) -> pl.DataFrame:
    """What makes up the rewards of `payees`: columns of `rules.case.CONTRIBUTION`, in order."""
    if one.measured is None:
        return pl.DataFrame()
    return (
        one.measured.contributions.filter(pl.col("payee_id").is_in(list(payees)))
        .collect()
        .sort("period", *CONTRIBUTION_ORDER)
    )
