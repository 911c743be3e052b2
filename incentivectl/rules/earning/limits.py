"""From a reward to an entitlement: boost, cap per payee, one rounding, budget.

reward x boost - cap_cut, rounded half up once, is `before_budget`; `before_budget - budget_cut` is the
entitlement (docs/rules.md, "Rounding", "Budgets").
"""

from collections.abc import Callable, Sequence
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema, constants_once, in_parts
from incentivectl.programs.payee import payee_kind
from incentivectl.rules.case import Case, Judged
from incentivectl.rules.earning.budget import apply_budget
from incentivectl.rules.earning.measures import BY_PROGRAM
from incentivectl.rules.earning.parameters import Parameters
from incentivectl.rules.lines.payees import names_and_status, period_status
from incentivectl.rules.lines.terms import Blocks

TAKEN = "terms_taken"  # the blocks of the terms that a payee took, in order (list of Int32)
TERM_CUT = "term_cut"  # what the caps of terms leave out, after the boost (24 decimals)
# What of a payee's row goes into its earnings.
_ASKED = (
    *BY_PROGRAM,
    *("metric", "metric_value", "baseline", "tier", "rate", "reward", "boost", "why_nothing"),
    *(TERM_CUT, TAKEN),
)
EARNINGS: Schema = {
    "program_id": pl.String,
    "kind": pl.String,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "payee_kind": pl.String,
    "payee_id": pl.String,
    "payee_name": pl.String,
    "currency": pl.String,
    "status": pl.String,
    "metric": pl.String,
    "metric_value": money.SHARED,
    "baseline": money.SHARED,
    "tier": pl.Int32,
    "rate": money.SHARED,
    "reward": money.EARNED,
    "boost": money.AMOUNT,
    "cap_cut": money.REWARD,
    "before_budget": money.AMOUNT,
    "budget_cut": money.AMOUNT,
    "entitlement": money.AMOUNT,
    "rule_hash": pl.String,
    "why_nothing": pl.String,
    "period": pl.Int32,
    "inactive": pl.Boolean,
}


def entitlements(
    programs: Sequence[Judged],
    payees: pl.DataFrame,
    contributed: Callable[[int, int], pl.LazyFrame],
) -> pl.DataFrame:
    """The earnings of all programs, columns `program` and `EARNINGS`, by program, period and payee.

    `payees` are those of `rules.case.Earned`; `contributed` is asked, by the places of a program and of a
    measurement period, for what `first_come.in_period` finds, where such a budget bursts.
    """
    if payees.is_empty():
        return pl.DataFrame(schema={"program": pl.UInt32, **EARNINGS})
    asked = payees.select(name for name in _ASKED if name in payees.columns).sort(BY_PROGRAM)
    terms = _terms(programs)
    limits = terms.select("program", "cap", "digits")
    limited = asked.hstack(
        in_parts(
            asked,
            lambda some: before_budget(_joined(some, limits, "program")).select(
                "cap_cut", "before_budget"
            ),
        )
    )
    entitled = _within_budgets(programs, limited, contributed)
    still_going_on = pl.col("period_status") == "accruing"
    earnings = (
        _with_rule_hashes(programs, _joined(entitled, terms.drop("cap", "digits"), "program"))
        .pipe(_joined, _periods(programs), "program", "period")
        .pipe(_joined, _names(programs, entitled), "payee_kind", "payee_id")
        .with_columns(
            inactive=~pl.col("is_active") & ~still_going_on,
            budget_cut=pl.col("before_budget") - pl.col("entitlement"),
            status=pl.when(pl.col("is_active") | still_going_on)
            .then("period_status")
            .otherwise(pl.lit("held")),
        )
        .select("program", *(pl.col(name).cast(dtype) for name, dtype in EARNINGS.items()))
    )
    return constants_once(earnings)


def _joined(payees: pl.DataFrame, more: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """`payees` with what a row for each of the keys says of them, in their order."""
    return payees.join(more, on=keys, how="left", maintain_order="left")


def _terms(programs: Sequence[Judged]) -> pl.DataFrame:
    """What a program's entitlements have in common, a row each: its cap and the digits of its currency."""
    return pl.DataFrame(
        [
            (
                one.place,
                one.case.program.id,
                one.case.program.kind,
                payee_kind(one.case.program.payee),
                one.case.currency,
                one.case.program.rule_hash,
                one.case.program.limits.per_payee,
                one.case.digits,
            )
            for one in programs
        ],
        schema={
            "program": pl.UInt32,
            "program_id": pl.String,
            "kind": pl.String,
            "payee_kind": pl.String,
            "currency": pl.String,
            "rule_hash": pl.String,
            "cap": money.AMOUNT,
            "digits": pl.Int32,
        },
        orient="row",
    )


def _with_rule_hashes(programs: Sequence[Judged], payees: pl.DataFrame) -> pl.DataFrame:
    """`rule_hash` with the terms that a payee took, where it took some (docs/rules.md, "Terms")."""
    if TAKEN not in payees.columns:
        return payees
    by_terms = payees.filter(pl.col(TAKEN).list.len() > 0).select("program", TAKEN).unique()
    own = {
        one.place: (Blocks(one.case.program.reward), one.case.program.rule_hash) for one in programs
    }
    hashes = [
        blocks.rule_hash(rule_hash, taken)
        for place, taken in by_terms.iter_rows()
        for blocks, rule_hash in [own[place]]
    ]
    named = by_terms.with_columns(hash_with_terms=pl.Series(hashes, dtype=pl.String))
    return payees.join(
        named, on=["program", TAKEN], how="left", maintain_order="left"
    ).with_columns(rule_hash=pl.coalesce("hash_with_terms", "rule_hash"))


def _periods(programs: Sequence[Judged]) -> pl.DataFrame:
    """`program`, `period`, `period_start`, `period_end`, `period_status` of every measurement period."""
    return pl.DataFrame(
        [
            (one.place, index, period.start, period.end, period_status(one.case, period))
            for one in programs
            for index, period in enumerate(one.case.periods)
        ],
        schema={
            "program": pl.UInt32,
            "period": pl.Int32,
            "period_start": pl.Date,
            "period_end": pl.Date,
            "period_status": pl.String,
        },
        orient="row",
    )


def _names(programs: Sequence[Judged], payees: pl.DataFrame) -> pl.DataFrame:
    """`payee_kind`, `payee_id`, `payee_name`, `is_active` of every partner and rep who earns."""
    found, ids = [], payees.select("program", "payee_id")
    for kind in ("partner", "rep"):
        places = [one.place for one in programs if payee_kind(one.case.program.payee) == kind]
        theirs = ids.filter(pl.col("program").is_in(places))
        named = names_and_status(programs[0].case.channel, kind, theirs)
        found.append(named.with_columns(payee_kind=pl.lit(kind)))
    return pl.concat(found)


def _within_budgets(
    programs: Sequence[Judged],
    payees: pl.DataFrame,
    contributed: Callable[[int, int], pl.LazyFrame],
) -> pl.DataFrame:
    """Adds `entitlement`; each budget is shared out among the payees of its own program.

    `payees` are sorted by period and payee.
    """
    budgeted = [one for one in programs if one.case.program.limits.enforces_budget]
    if not budgeted:
        return payees.with_columns(entitlement=pl.col("before_budget"))
    asking = payees.select(*BY_PROGRAM, "boost", "before_budget")
    cut = [
        apply_budget(
            one.case, asking.filter(pl.col("program") == one.place), partial(contributed, one.place)
        ).select(*BY_PROGRAM, "entitlement")
        for one in budgeted
    ]
    return _joined(payees, pl.concat(cut), *BY_PROGRAM).with_columns(
        pl.coalesce("entitlement", "before_budget").alias("entitlement")
    )


def before_budget(payees: pl.DataFrame) -> pl.DataFrame:
    """Adds `boosted` and `cap_cut` (24 decimals) and `before_budget` (6) to rewards with their boost.

    `payees` have `reward`, `boost`, `cap` (6 decimals, null for none) and `digits`, and where terms have
    caps `term_cut`. What is earned under a term is limited first, then the sum
    (docs/rules.md, "Terms").
    """
    nothing = money.literal(0, money.REWARD_SCALE)
    term_cut = pl.col(TERM_CUT).fill_null(nothing) if TERM_CUT in payees.columns else nothing
    over = pl.col("boosted") - term_cut - money.scale_of(pl.col("cap"), money.REWARD_SCALE)
    exact = pl.col("boosted") - pl.col("cap_cut")
    rounded = [
        pl.when(pl.col("digits") == digits).then(money.round_half_up(exact, digits))
        for digits in payees["digits"].unique()
    ]
    return (
        payees.lazy()
        .with_columns(boosted=money.multiply(pl.col("reward"), pl.col("boost"), scales=(18, 6)))
        .with_columns(cap_cut=term_cut + pl.max_horizontal(over, nothing).fill_null(nothing))
        .with_columns(
            before_budget=pl.coalesce(*rounded, pl.lit(None, money.REWARD)).cast(money.AMOUNT)
        )
        .collect(engine="in-memory")
    )


def with_term_cuts(payees: pl.DataFrame, paid_by: Parameters) -> pl.DataFrame:
    """Adds `term_cut` (24 decimals): what the cap of the term that is taken leaves out, after the boost."""
    caps = paid_by.rewards.select("program", "block", "term_cap").drop_nulls("term_cap")
    nothing = money.literal(0, money.REWARD_SCALE)
    if caps.is_empty():
        return payees.with_columns(term_cut=nothing)
    boosted = money.multiply(pl.col("reward"), pl.col("boost"), scales=(18, 6))
    over = boosted - money.scale_of(pl.col("term_cap"), money.REWARD_SCALE)
    capped = payees.join(caps, on=["program", "block"], how="left", maintain_order="left")
    cut = pl.max_horizontal(over, nothing).fill_null(nothing)
    return capped.with_columns(
        term_cut=pl.when(pl.col("term_cap").is_not_null()).then(cut).otherwise(nothing)
    ).drop("term_cap")


def of_case(case: Case, payees: pl.DataFrame) -> pl.DataFrame:
    """The payees of one program with its `cap` and `digits`."""
    cap = pl.lit(case.program.limits.per_payee, dtype=money.AMOUNT)
    return payees.with_columns(cap=cap, digits=pl.lit(case.digits, dtype=pl.Int32))
