"""Market development funds: what is paid are claims for marketing activities, not sales.

Sales only fill the funds, with a share of a partner's revenue; what each fund then does, day by day,
is in `rules.funds` (docs/rules.md, "Funds").
"""

from collections.abc import Collection

import polars as pl

from incentivectl import money
from incentivectl.frames import Schema
from incentivectl.rules import measures
from incentivectl.rules.case import Case, Measured, as_contributions
from incentivectl.rules.eligibility import judged
from incentivectl.rules.fund_sources import claims_of, credits_of, fund_program, requests_of
from incentivectl.rules.fund_statement import Funds, fund_frames, period_of
from incentivectl.rules.funds import Fund, reimbursed, run_fund
from incentivectl.rules.measures import KEYS
from incentivectl.rules.payees import with_payees, with_terms
from incentivectl.rules.reasons import by_reason, together

_NOTHING = money.literal(0, 18)


def measure(case: Case) -> Measured:
    """What each partner is paid for its claims in each measurement period.

    A partner has a row where it has an eligible line or a paid claim. Funds in hours are support in
    kind: their claims pay nothing.
    """
    lines = judged(case, case.periods)
    counted = with_payees(case, lines.filter(pl.col("reason").is_null()))
    once = lines.cache()
    counted_once = with_payees(case, once.filter(pl.col("reason").is_null()))
    revenue, reasons = together(measures.measured(counted_once, (), ()), by_reason(once))
    found = partner_funds(case, revenue, requests_of(case))
    pays_money = fund_program(case).fund.unit == "money"
    no_claim = pl.when(pl.col("reward").is_null()).then(pl.lit("no-claim"))
    payees = (
        _reimbursed(case, found)
        .join(revenue, on=KEYS, how="full", coalesce=True)
        .with_columns(
            reward=pl.col("reward").fill_null(_NOTHING) if pays_money else _NOTHING,
            why_nothing=no_claim if pays_money else pl.lit("hours"),
            metric=pl.lit("revenue"),
            metric_value=pl.col("revenue").fill_null(money.literal(0, money.SHARED_SCALE)),
            baseline=pl.lit(None, dtype=money.SHARED),
            tier=pl.lit(None, dtype=pl.Int32),
            rate=pl.lit(None, dtype=money.AMOUNT),
        )
    )
    of_lines = as_contributions(counted.with_columns(contribution=_NOTHING, source=pl.lit("line")))
    of_claims = as_contributions(_paid(case, found).lazy())
    return Measured(
        payees=with_terms(case, payees),
        contributions=pl.concat([of_lines, of_claims]) if pays_money else of_lines,
        judged=lines,
        by_reason=reasons,
    )


def funds(case: Case) -> Funds:
    """Every partner's fund on the last day of PERIOD, as frames for people to look at."""
    lines = judged(case, case.periods).filter(pl.col("reason").is_null())
    revenue = measures.measured(with_payees(case, lines), (), ()).collect(engine="streaming")
    known = case.channel.partner_rows
    partners = {*requests_of(case), *revenue["payee_id"]}
    if "partner_id" in known.columns:
        partners |= set(known["partner_id"])
    return fund_frames(case, partner_funds(case, revenue, partners), claims_of(case))


def partner_funds(case: Case, revenue: pl.DataFrame, partners: Collection[str]) -> dict[str, Fund]:
    """The funds of `partners` by id, sorted, run up to the last day of PERIOD.

    `revenue` has `period`, `payee_id` and `revenue` (12 decimals): what accruals are a share of.
    """
    program = fund_program(case)
    wanted = sorted(partners)
    credits = credits_of(case, revenue, wanted)
    requests = requests_of(case)
    claims = claims_of(case)
    found = {}
    for partner_id in wanted:
        of_partner = {request.request_id: request for request in requests.get(partner_id, ())}
        claimed = [claim for request_id in of_partner for claim in claims.get(request_id, ())]
        fund = Fund(program.claims, program.fund.expires_after_months, of_partner)
        found[partner_id] = run_fund(fund, credits.get(partner_id, ()), claimed, case.channel.as_of)
    return found


def _reimbursed(case: Case, found: dict[str, Fund]) -> pl.DataFrame:
    """`period`, `payee_id`, `reward` (18 decimals): the claims that requests' commitments pay."""
    claims = claims_of(case)
    rows = [
        (period_of(case, claim.claimed_on), partner_id, paid)
        for partner_id, fund in found.items()
        for claim, paid in reimbursed(
            fund, [claim for request_id in fund.requests for claim in claims.get(request_id, ())]
        )
    ]
    schema: Schema = {"period": pl.Int32, "payee_id": pl.String, "reward": pl.Decimal(38, 18)}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by(KEYS).agg(pl.col("reward").sum())


def _paid(case: Case, found: dict[str, Fund]) -> pl.DataFrame:
    """Contributions of paid claims: `period`, `payee_id`, `contribution` (18 decimals), its day and id."""
    rows = [
        (period_of(case, one.day), partner_id, one.amount, one.day, one.item_id)
        for partner_id, fund in found.items()
        for one in fund.movements
        if one.kind == "paid"
    ]
    return pl.DataFrame(
        rows,
        schema={
            "period": pl.Int32,
            "payee_id": pl.String,
            "contribution": pl.Decimal(money.PRECISION, 18),
            "counted_on": pl.Date,
            "item_id": pl.String,
        },
        orient="row",
    ).with_columns(source=pl.lit("claim"), partner_id=pl.col("payee_id"))
