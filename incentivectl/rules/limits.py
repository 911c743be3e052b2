"""From a reward to an entitlement: boost, cap per payee, one rounding, budget.

reward x boost - cap_cut, rounded half up once, is `before_budget`; `before_budget - budget_cut` is the
entitlement (docs/rules.md, "Rounding", "Budgets").
"""

import polars as pl

from incentivectl import money
from incentivectl.frames import Schema
from incentivectl.rules.budget import apply_budget
from incentivectl.rules.case import Case, Measured
from incentivectl.rules.payees import names_and_status, payee_kind, period_status

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
    "rate": money.AMOUNT,
    "reward": pl.Decimal(money.PRECISION, 18),
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


def entitlements(case: Case, measured: Measured) -> pl.DataFrame:
    """The earnings of one program, columns as `EARNINGS`, sorted by period and payee."""
    payees = before_budget(case, measured.payees)
    payees = apply_budget(case, payees.sort("period", "payee_id"), measured.contributions)
    named = names_and_status(case.channel, case.program.payee, payees)
    periods = pl.DataFrame(
        [
            (index, period.start, period.end, period_status(case, period))
            for index, period in enumerate(case.periods)
        ],
        schema={
            "period": pl.Int32,
            "period_start": pl.Date,
            "period_end": pl.Date,
            "period_status": pl.String,
        },
        orient="row",
    )
    still_going_on = pl.col("period_status") == "accruing"
    return (
        payees.lazy()
        .join(periods.lazy(), on="period", how="left")
        .join(named.lazy(), on="payee_id", how="left")
        .with_columns(
            program_id=pl.lit(case.program.id),
            kind=pl.lit(case.program.kind),
            payee_kind=pl.lit(payee_kind(case.program.payee)),
            currency=pl.lit(case.currency),
            rule_hash=pl.lit(case.program.rule_hash),
            inactive=~pl.col("is_active") & ~still_going_on,
            budget_cut=pl.col("before_budget") - pl.col("entitlement"),
            status=pl.when(pl.col("is_active") | still_going_on)
            .then(pl.col("period_status"))
            .otherwise(pl.lit("held")),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in EARNINGS.items())
        .sort("period_start", "payee_id")
        .collect()
    )


def before_budget(case: Case, payees: pl.DataFrame) -> pl.DataFrame:
    """Adds `boosted` and `cap_cut` (24 decimals) and `before_budget` (6) to rewards with their boost."""
    exact = pl.col("boosted") - pl.col("cap_cut")
    return (
        payees.lazy()
        .with_columns(boosted=money.multiply(pl.col("reward"), pl.col("boost"), scales=(18, 6)))
        .with_columns(cap_cut=_cap_cut(case))
        .with_columns(before_budget=money.round_half_up(exact, case.digits).cast(money.AMOUNT))
        .collect()
    )


def _cap_cut(case: Case) -> pl.Expr:
    cap = case.program.limits.per_payee
    nothing = money.literal(0, money.REWARD_SCALE)
    if cap is None:
        return nothing
    over = pl.col("boosted") - money.literal(cap, money.REWARD_SCALE)
    return pl.max_horizontal(over, nothing)
