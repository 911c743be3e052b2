"""Market development funds: what is paid are claims for marketing activities, not sales.

Sales only fill the funds, with a share of a partner's revenue; what each fund then does, day by day,
is in `kinds.mdf.fund` (docs/rules.md, "Funds").
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.kinds.mdf.fund import Fund, reimbursed, run_fund
from incentivectl.kinds.mdf.fund_frames import Funds, fund_frames, measurement_period_of
from incentivectl.kinds.mdf.sources import claims_of, credits_of, fund_program, requests_of
from incentivectl.rules.case import (
    ALONE,
    KEYS,
    Asked,
    Case,
    Earned,
    Judged,
    Measured,
    Sums,
    as_contributions,
)
from incentivectl.rules.earning import measures
from incentivectl.rules.lines.eligibility import judged
from incentivectl.rules.lines.payees import with_payees, with_rewards
from incentivectl.rules.lines.reasons import by_reason
from incentivectl.rules.lines.sums import answered, merged, of_program
from incentivectl.sales.line_source import LineSource


def judge(case: Case) -> pl.LazyFrame:
    """Every line in the program's dates, with what keeps it out of what funds accrue from."""
    return judged(case, case.periods)


def asked(one: Judged) -> Asked:
    """The revenue that funds accrue from, and what became of the lines."""
    assert one.lines is not None
    once = one.lines.cache()
    return {
        "totals": measures.totals(_counted(one.case, once)),
        "reasons": by_reason(one.case, once),
    }


def earned(programs: Sequence[Judged], sums: Sums) -> Earned:
    """What partners are paid for their claims: a row for an eligible line or a paid claim.

    Each fund is run day by day; those in hours are support in kind, whose claims pay nothing.
    """
    found = [_of_program(one, of_program(one, sums["totals"])) for one in programs]
    payees = pl.concat([payees for payees, _ in found])
    return Earned(with_rewards(programs, payees), pl.concat([paid for _, paid in found]))


def _of_program(one: Judged, revenue: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A program's payees, and its paid claims as contributions (`period`, `payee_id`, …)."""
    case, place = one.case, pl.lit(one.place, dtype=pl.UInt32)
    found = partner_funds(case, revenue, requests_of(case))
    paid = _paid(case, found)
    pays_money = fund_program(case).fund.unit == "money"
    no_claim = pl.when(pl.col("reward").is_null()).then(pl.lit("no-claim"))
    payees = (
        _reimbursed(case, found)
        .join(revenue.drop("lines"), on=KEYS, how="full", coalesce=True)
        .with_columns(
            program=place,
            reward=pl.col("reward").fill_null(money.NOTHING) if pays_money else money.NOTHING,
            why_nothing=no_claim if pays_money else pl.lit("hours"),
            metric=pl.lit("revenue"),
            metric_value=pl.col("revenue").fill_null(money.literal(0, money.SHARED_SCALE)),
            baseline=pl.lit(None, dtype=money.SHARED),
            tier=pl.lit(None, dtype=pl.Int32),
            rate=pl.lit(None, dtype=money.SHARED),
        )
    )
    return payees, (paid if pays_money else paid.clear()).with_columns(program=place)


def counted(one: Judged, _: Earned) -> Asked:
    """The lines that a fund accrues from; they contribute 0."""
    assert one.lines is not None
    of_lines = _counted(one.case, one.lines).with_columns(
        contribution=money.NOTHING, source=pl.lit("line")
    )
    return {ALONE: as_contributions(of_lines)}


def contributions(_: Case, counted: Asked, of_program: Earned) -> pl.LazyFrame:
    """Lines contribute 0; each paid claim is a contribution of its own."""
    assert of_program.details is not None
    return pl.concat([counted[ALONE], as_contributions(of_program.details.lazy())])


def _counted(case: Case, lines: pl.LazyFrame) -> pl.LazyFrame:
    return with_payees(case, lines.filter(pl.col("reason").is_null()))


def funds(case: Case) -> Funds:
    """Every partner's fund on the last day of PERIOD, as frames for people to look at."""
    revenue = case.channel.ask(_revenue, merged, case)["totals"].drop("program")
    found = partner_funds(case, revenue, _partners(case, revenue))
    return fund_frames(case, found, claims_of(case))


def _partners(case: Case, revenue: pl.DataFrame) -> set[str]:
    """Everybody who may have a fund."""
    known = case.channel.partner_rows
    partners = {*requests_of(case), *revenue["payee_id"]}
    if "partner_id" in known.columns:
        partners |= set(known["partner_id"])
    return partners


def promised(case: Case, measured: Measured) -> pl.DataFrame:
    """What funds hold on the last day of PERIOD, committed or available; those in hours hold no money.

    `payee_id`, `amount`: each fund rounded half up to whole minor units.
    """
    held: list[tuple[str, Decimal]] = []
    if fund_program(case).fund.unit == "money":
        revenue = measured.payees.select(*KEYS, revenue="metric_value")
        found = partner_funds(case, revenue, _partners(case, revenue))
        held = [(partner_id, fund.balance) for partner_id, fund in found.items()]
    frame = pl.DataFrame(held, schema={"payee_id": pl.String, "amount": money.EARNED}, orient="row")
    return frame.with_columns(amount=money.round_half_up(pl.col("amount"), case.digits)).cast(
        {"amount": money.AMOUNT}
    )


def _revenue(_: LineSource, case: Case) -> Sums:
    return answered([(0, {"totals": measures.totals(_counted(case, judge(case)))})])


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
        (measurement_period_of(case, claim.claimed_on), partner_id, paid)
        for partner_id, fund in found.items()
        for claim, paid in reimbursed(
            fund, [claim for request_id in fund.requests for claim in claims.get(request_id, ())]
        )
    ]
    schema: Schema = {"period": pl.Int32, "payee_id": pl.String, "reward": money.EARNED}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.group_by(KEYS).agg(pl.col("reward").sum())


def _paid(case: Case, found: dict[str, Fund]) -> pl.DataFrame:
    """Contributions of paid claims: `period`, `payee_id`, `contribution` (18 decimals), its day and id."""
    rows = [
        (measurement_period_of(case, one.day), partner_id, one.amount, one.day, one.item_id)
        for partner_id, fund in found.items()
        for one in fund.movements
        if one.kind == "paid"
    ]
    return pl.DataFrame(
        rows,
        schema={
            "period": pl.Int32,
            "payee_id": pl.String,
            "contribution": money.EARNED,
            "counted_on": pl.Date,
            "item_id": pl.String,
        },
        orient="row",
    ).with_columns(source=pl.lit("claim"), partner_id=pl.col("payee_id"))
