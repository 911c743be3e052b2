"""What every program made of one sale: each line, condition by condition, and what it adds.

Rules: docs/questions.md, "Explanations".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.nouns import counted
from incentivectl.engine.engine import Settled
from incentivectl.insight.explain.explain import TermTaken, term_taken
from incentivectl.insight.explain.payee_lines import verdict, with_verdicts
from incentivectl.programs.conditions import Condition
from incentivectl.rules.case import LINE_ORDER, Case
from incentivectl.rules.earning.limits import TAKEN
from incentivectl.rules.lines.eligibility import OUTSIDE_DATES, field_value, judged, term_column
from incentivectl.run.run import Run

NOT_MEASURED = "not-measured"
PAYS_NOTHING = "pays-nothing"


@dataclass(frozen=True)
class Verdict:
    """One condition on one line: the line's own value, and whether it holds."""

    condition: Condition
    value: object
    holds: bool


@dataclass(frozen=True)
class Added:
    """What a line adds to one payee, why the payee's reward is missing, and the term that pays."""

    payee: str
    amount: Decimal
    why_nothing: str | None
    term: TermTaken | None


@dataclass(frozen=True)
class Outcome:
    """What one program made of one line.

    `reason` says why the line does not count or adds nothing; `paid` has what it adds to each payee.
    `verdicts` are missing where the line is not judged itself.
    """

    case: Case
    row: int
    reason: str | None
    paid: tuple[Added, ...]
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class SaleExplained:
    """A sale, its lines with the returns that name it, and every program's outcome of each."""

    run: Run
    sale_id: str
    lines: list[dict[str, Any]]
    outcomes: tuple[Outcome, ...]


def sale_explained(run: Run, sale_id: str, program_id: str | None = None) -> SaleExplained:
    """All lines of the sale at any partner; refuses a sale that has no accepted line."""
    is_of_sale = (pl.col("sale_id") == sale_id) | (pl.col("return_of") == sale_id).fill_null(False)
    lines = run.inputs.sales.filter(is_of_sale).collect().sort(*LINE_ORDER)
    if lines.is_empty():
        raise Refused([_no_sale(run, sale_id)], ExitCode.USAGE)
    wanted = [one for one in run.settled if program_id in (None, one.case.program.id)]
    outcomes = [outcome for one in wanted for outcome in _outcomes(one, lines)]
    return SaleExplained(run, sale_id, lines.to_dicts(), tuple(outcomes))


def _no_sale(run: Run, sale_id: str) -> Problem:
    rejected = run.inputs.rows["sales"].rejected().filter(pl.col("sale_id") == sale_id)
    count = int(rejected.select(pl.len()).collect().item())
    message = f"no accepted line has the sale_id `{sale_id}`"
    if count:
        hint = f"{counted(count, 'row')} of it rejected: see rejects/ of a run"
        return Problem("no-sale", message, hint)
    return Problem("no-sale", message, "ids are spelled exactly as in the export")


def _outcomes(one: Settled, lines: pl.DataFrame) -> Iterator[Outcome]:
    case = one.case
    rows = lines["row"].to_list()
    if one.measured is None:
        return
    of_lines = pl.col("row").is_in(rows)
    if one.measured.judged is None:
        yield from (Outcome(case, row, NOT_MEASURED, (), ()) for row in rows)
        return
    reasons = dict(
        one.measured.judged.filter(of_lines).select("row", "reason").collect().iter_rows()
    )
    verdicts = _verdicts(case, rows)
    why = one.earnings.select("period", "payee_id", "why_nothing", "tier")
    paid: dict[int, list[Added]] = {}
    found = (
        one.measured.contributions.filter(of_lines)
        .collect()
        .join(why, on=["period", "payee_id"], how="left")
        .join(_terms(one, of_lines), on=_BY[case.program.terms_by_line], how="left")
        .sort("row", "payee_id", "source")
    )
    for row in found.iter_rows(named=True):
        tier = None if case.program.terms_by_line else row["tier"]
        term = None if row["term"] is None else term_taken(case, row["term"], tier)
        added = Added(row["payee_id"], row["contribution"], row["why_nothing"], term)
        paid.setdefault(row["row"], []).append(added)
    for row in rows:
        reason = reasons.get(row, OUTSIDE_DATES)
        yield Outcome(case, row, reason, tuple(paid.get(row, ())), verdicts.get(row, ()))


# What a term is found by: the line, or the payee.
_BY = {True: ["row"], False: ["period", "payee_id"]}


def _terms(one: Settled, of_lines: pl.Expr) -> pl.DataFrame:
    """`term` (Int32: its block) of each line, or of each payee, by `_BY`."""
    program, measured = one.case.program, one.measured
    assert measured is not None
    assert measured.judged is not None
    if program.terms_by_line:
        return measured.judged.filter(of_lines).select("row", term=term_column(program)).collect()
    has_terms = TAKEN in measured.payees.columns
    taken = pl.col(TAKEN).list.first() if has_terms else pl.lit(None, dtype=pl.Int32)
    return measured.payees.select("period", "payee_id", term=taken)


def _verdicts(case: Case, rows: Sequence[int]) -> dict[int, tuple[Verdict, ...]]:
    conditions = case.program.eligible
    fields = {one.field for one in conditions}
    lines = judged(case, case.periods, fields=fields).filter(pl.col("row").is_in(rows))
    named = [verdict(index) for index in range(len(conditions))]
    values = [field_value(case, field).alias(f"value:{field}") for field in sorted(fields)]
    seen = with_verdicts(case, lines).select("row", *values, *named).collect()
    return {
        row["row"]: tuple(
            Verdict(one, row[f"value:{one.field}"], row[verdict(index)])
            for index, one in enumerate(conditions)
        )
        for row in seen.iter_rows(named=True)
    }
