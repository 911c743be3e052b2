"""Deal registration: what sale lines earn that a registered deal covers.

A rate and an amount per unit on what counts of each covered line, and a bonus once per deal; a deal
that loses a conflict pays a share of them (docs/rules.md, "Deal registration").
"""

from collections.abc import Callable, Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW, Schema, together
from incentivectl.kinds.deal_registration.cap import capped_parts, count_up_to_registered
from incentivectl.kinds.deal_registration.model import DealRegistrationProgram
from incentivectl.programs.reward import Reward
from incentivectl.rules.case import (
    IN_ORDER,
    KEYS,
    LINE_ORDER,
    Asked,
    Case,
    Earned,
    Judged,
    Sums,
    as_contributions,
)
from incentivectl.rules.earning import measures
from incentivectl.rules.earning.gate import behind_gates
from incentivectl.rules.earning.parameters import parameters_of
from incentivectl.rules.earning.taken import of_reward_taken
from incentivectl.rules.earning.under_terms import pay_of_terms, with_terms_of_lines
from incentivectl.rules.lines.coverage import deal_column, protection_days
from incentivectl.rules.lines.eligibility import judged, term_column
from incentivectl.rules.lines.payees import with_payees, with_rewards
from incentivectl.rules.lines.reasons import by_reason
from incentivectl.rules.lines.sums import of_program
from incentivectl.sales.line_source import LineSource

_BY_TERM = (*KEYS, "block")
_ORDER = (*KEYS, *LINE_ORDER, "row", "source")
_FIRST_DAY: Schema = {  # of the lines that may have a deal's bonus
    "deal": pl.String,
    "period": pl.Int32,
    "payee_id": pl.String,
    "counted_on": pl.Date,
    **dict.fromkeys(LINE_ORDER[1:], pl.String),
    "row": ROW,
    "share": money.AMOUNT,
    "loses": pl.Boolean,
    "block": pl.Int32,
}
_CONTRIBUTED = (*KEYS, *LINE_ORDER, "row", "contribution")


def judge(case: Case) -> pl.LazyFrame:
    """Every line in the program's dates, with what keeps it out.

    Where deals have a cap, `part` (6 decimals) is what counts of a line: an ordered step of its own.
    """
    lines = judged(case, case.periods)
    if _program(case).registration.cap is None:
        return lines
    parts = capped_parts(case, _with_deal(case, lines))
    return lines.join(parts.lazy(), on="row", how="left")


def asked(one: Judged) -> Asked:
    """What payees sold of what deals cover, by deal too, and what became of the lines."""
    assert one.lines is not None
    once = one.lines.cache()
    shares = counted_shares(one.case, once)
    return {
        **measures.asked(one.case, shares),
        "covered": shares.group_by((*KEYS, "loses", "block")).agg(
            pl.col("amount", "quantity").sum()
        ),
        "deals": _by_deal(shares, by_payee=one.case.program.terms_by_line),
        "reasons": by_reason(one.case, once),
    }


def earned(programs: Sequence[Judged], sums: Sums) -> Earned:
    """What payees earn on covered lines; bonuses are assigned program by program."""
    payees = with_rewards(programs, measures.measured(programs, sums)).with_columns(
        earns=money.literal(1, money.EARNED_SCALE),
        why_nothing=pl.when(pl.col("block").is_null()).then(pl.lit("no-reward")),
        metric=pl.lit("revenue"),
        metric_value=pl.col("revenue"),
        tier=pl.lit(None, dtype=pl.Int32),
    )
    payees = behind_gates(payees, parameters_of(programs).gates, ["earns"])
    found = [_of_program(one, of_program(one, payees), sums) for one in programs]
    payees = pl.concat([own for own, _ in found], how="diagonal")
    return Earned(payees, pl.concat([paid for _, paid in found]))


def _of_program(one: Judged, payees: pl.DataFrame, sums: Sums) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A program's payees with their `reward`, and its bonuses."""
    program, place = _program(one.case), pl.lit(one.place, dtype=pl.UInt32)
    bonuses = _bonuses(one, of_program(one, sums["deals"]), payees)
    covered = of_program(one, sums["covered"])
    earned = _earned(covered.lazy(), payees, program)
    rewards = _rewards([earned, bonuses.lazy()])
    paid = payees.join(rewards, on=KEYS, how="left", maintain_order="left").with_columns(
        pl.col("reward").fill_null(money.NOTHING),
        program=place,
        rate=_of_block(program.reward, lambda reward: reward.rate).cast(money.SHARED),
    )
    if program.terms_by_line:
        by_terms = pl.concat(
            [part.select(*_BY_TERM, "contribution") for part in (earned, bonuses.lazy())]
        )
        paid = with_terms_of_lines(paid, by_terms, program)
    return paid, bonuses.with_columns(program=place)


def _program(case: Case) -> DealRegistrationProgram:
    assert isinstance(case.program, DealRegistrationProgram)
    return case.program


def counted_shares(case: Case, lines: pl.LazyFrame) -> pl.LazyFrame:
    """The covered lines, each once for every payee, with what counts of them.

    Columns of the sale lines, `period` (Int32), `payee_id`, `share` (6 decimals), `deal` (Enum: the
    deal that covers it), whether it `loses` a conflict, `block` (Int32: its term, if it has one),
    `amount` and `quantity` (12 decimals: the payee's share of what counts).
    """
    by_term = case.program.terms_by_line
    term = pl.col(term_column(case.program)) if by_term else pl.lit(None, dtype=pl.Int32)
    losers = case.lookups.covered.losing(protection_days(case.program))
    counted = _with_deal(case, lines).with_columns(
        loses=pl.col("deal").cast(pl.String).is_in(losers.implode()), block=term
    )
    if _program(case).registration.cap is None:
        return with_payees(case, counted)
    return count_up_to_registered(case, counted)


def _with_deal(case: Case, lines: pl.LazyFrame) -> pl.LazyFrame:
    """The lines that count, with the deal that covers them."""
    return lines.filter(pl.col("reason").is_null()).with_columns(deal=deal_column(case.program))


def _by_deal(shares: pl.LazyFrame, *, by_payee: bool) -> pl.LazyFrame:
    """`deal`, `period`, `revenue` (12 decimals), `first_day` (Date): of its sales, null without any.

    `by_payee`, for each `payee_id`; else that is null.
    """
    payee = pl.col("payee_id") if by_payee else pl.lit(None, dtype=pl.String)
    by_deal = (
        shares.with_columns(payee_id=payee)
        .group_by("deal", "period", "payee_id")
        .agg(
            pl.col("amount").sum().alias("revenue"),
            pl.col("counted_on").filter(~pl.col("is_return")).min().alias("first_day"),
        )
    )
    return by_deal.with_columns(pl.col("deal").cast(pl.String))


def _terms(program: DealRegistrationProgram, payees: pl.DataFrame) -> pl.DataFrame:
    """What each payee is paid, if it `earns` anything: `rate`, `per_unit` and `bonus` (6 decimals)."""
    return payees.select(
        *KEYS,
        "earns",
        rate=_of_block(program.reward, lambda reward: reward.rate).fill_null(money.literal(0)),
        per_unit=_of_block(program.reward, lambda r: r.per_unit).fill_null(money.literal(0)),
        bonus=_of_block(program.reward, lambda reward: reward.bonus).fill_null(money.literal(0)),
    )


def _priced(
    lines: pl.LazyFrame, payees: pl.DataFrame, program: DealRegistrationProgram
) -> pl.LazyFrame:
    """Lines or sums with what they are paid: by the payee's reward, or by their own term (`block`)."""
    if not program.terms_by_line:
        return lines.join(_terms(program, payees).lazy(), on=KEYS, how="inner")
    earning = payees.lazy().select(*KEYS, "earns")
    rates = pay_of_terms(program, ("rate", "per_unit", "bonus"))
    return lines.join(rates.lazy(), on="block", how="left").join(earning, on=KEYS, how="inner")


def _earned(
    lines: pl.LazyFrame, payees: pl.DataFrame, program: DealRegistrationProgram
) -> pl.LazyFrame:
    """Adds `contribution` (24 decimals) to lines or sums with `KEYS`, `loses`, `amount` and `quantity`."""
    earned = money.multiply(pl.col("amount"), pl.col("rate"), scales=(12, 6)) + money.multiply(
        pl.col("quantity"), pl.col("per_unit"), scales=(12, 6)
    )
    return _priced(lines, payees, program).with_columns(contribution=_paid(earned, program))


def _paid(earned: pl.Expr, program: DealRegistrationProgram) -> pl.Expr:
    """What is paid of what is earned (18 decimals): of a deal that loses a share (24 decimals)."""
    share = pl.when("loses").then(money.literal(program.registration.loser_share))
    return money.multiply(
        pl.when(pl.col("earns") == 0).then(money.NOTHING).otherwise(earned),
        share.otherwise(money.literal(1)),
        scales=(18, 6),
    )


def _bonuses(one: Judged, by_deal: pl.DataFrame, payees: pl.DataFrame) -> pl.DataFrame:
    """The bonuses: on the first covered sale of each deal whose revenue in that period is above 0.

    Each payee of that line has its share; where lines have terms, the bonus is that of its term, and the
    revenue that of the payee. Columns `deal`, `KEYS`, `LINE_ORDER`, `row`, `block`, `contribution`
    (24 decimals).
    """
    program = _program(one.case)
    if not _has_bonuses(program):
        by_deal = by_deal.clear()
    firsts = (
        by_deal.group_by("deal").agg(counted_on=pl.col("first_day").min()).drop_nulls("counted_on")
    )
    whose = ["deal", "period", *(["payee_id"] if program.terms_by_line else [])]
    with_revenue = by_deal.filter(pl.col("revenue") > 0).select(whose)
    of_first_day = pl.DataFrame(schema=_FIRST_DAY)
    if not firsts.is_empty():
        of_first_day = one.case.channel.ask(_of_first_day, together, one, firsts)
    first_lines = of_first_day.sort(*LINE_ORDER, "row").unique(
        "deal", keep="first", maintain_order=True
    )
    earned = money.multiply(pl.col("bonus"), pl.col("share"), scales=(12, 6))
    return (
        _priced(of_first_day.join(first_lines, on="row", how="semi").lazy(), payees, program)
        .join(with_revenue.lazy(), on=whose, how="semi")
        .filter(earned != 0)
        .select("deal", *KEYS, *LINE_ORDER, "row", "block", contribution=_paid(earned, program))
        .collect()
    )


def _of_first_day(_: LineSource, one: Judged, firsts: pl.DataFrame) -> pl.DataFrame:
    """The sales of each deal on the day of its first one (`deal`, `counted_on`), by payee."""
    assert one.lines is not None
    return (
        counted_shares(one.case, one.lines)
        .filter(pl.col("counted_on").is_in(firsts["counted_on"].unique().implode()))
        .filter(~pl.col("is_return"))
        .with_columns(pl.col("deal").cast(pl.String))
        .join(firsts.lazy(), on=["deal", "counted_on"], how="semi")
        .select(*_FIRST_DAY)
        .collect(engine="streaming")
    )


def _has_bonuses(program: DealRegistrationProgram) -> bool:
    terms = [reward.terms for reward in program.reward if reward.terms is not None]
    return any(reward.bonus for reward in program.reward) or any(
        "bonus" in one.first_lines for one in terms
    )


def _rewards(parts: Sequence[pl.LazyFrame]) -> pl.DataFrame:
    """`period`, `payee_id`, `reward` (18 decimals): what is earned, rounded once."""
    exact = pl.concat([part.select(*KEYS, "contribution") for part in parts])
    total = money.round_half_up(pl.col("contribution").sum(), 18)
    return exact.group_by(KEYS).agg(reward=money.scale_of(total, 18)).collect(engine="streaming")


def counted(one: Judged, of_program: Earned) -> Asked:
    """The covered lines, by payee, with what they earn (24 decimals)."""
    assert one.lines is not None
    shares = counted_shares(one.case, one.lines)
    paid = _earned(shares, of_program.payees, _program(one.case))
    return {IN_ORDER: paid.select(*_CONTRIBUTED)}


def contributions(_: Case, counted: Asked, of_program: Earned) -> pl.LazyFrame:
    """One row per line and payee, and one per bonus.

    With a loser's share a contribution can have 24 decimals. The payee's running total is rounded
    to 18, so that the total is rounded once and the parts add up to it.
    """
    assert of_program.details is not None
    paid = counted[IN_ORDER].with_columns(
        source=pl.lit("line"), item_id=pl.lit(None, dtype=pl.String)
    )
    of_bonus = of_program.details.lazy().select(
        *_CONTRIBUTED, source=pl.lit("bonus"), item_id=pl.col("deal")
    )
    without_row = of_bonus.with_columns(row=pl.lit(None, dtype=ROW))
    upto = money.round_half_up(pl.col("contribution").cum_sum().over(KEYS), 18)
    running = (
        pl.concat([paid, without_row])
        .sort(_ORDER, nulls_last=True)
        .with_columns(upto=money.scale_of(upto, 18))
        .with_columns(
            contribution=pl.col("upto")
            - pl.col("upto").shift(1).over(KEYS).fill_null(money.NOTHING)
        )
    )
    return as_contributions(running)


def _of_block(rewards: Sequence[Reward], value: Callable[[Reward], object]) -> pl.Expr:
    """A value of the `[[reward]]` that a payee takes (6 decimals); null where it has none."""
    amounts = (pl.lit(value(reward), dtype=money.AMOUNT) for reward in rewards)
    return of_reward_taken(dict(enumerate(amounts)), pl.lit(None, dtype=money.AMOUNT))
