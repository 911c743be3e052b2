"""Rebates and SPIFs: tiers or a flat reward per payee and measurement period.

A SPIF is a rebate for reps in which a serial number earns once (docs/rules.md, "Rebates", "SPIFs").
"""

from collections.abc import Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.programs.reward import Reward
from incentivectl.rules.case import (
    ALONE,
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
from incentivectl.rules.earning import measures, windows
from incentivectl.rules.earning.earn import EARNED, OWN_PAY, earn
from incentivectl.rules.earning.gate import behind_gates
from incentivectl.rules.earning.limits import TERM_CUT, with_term_cuts
from incentivectl.rules.earning.line_pay import basis_of, flat, is_running, running
from incentivectl.rules.earning.parameters import Parameters, parameters_of
from incentivectl.rules.earning.taken import of_reward_taken
from incentivectl.rules.earning.together import with_groups
from incentivectl.rules.earning.under_terms import (
    closed_with_payees,
    earned_by_terms,
    with_sums_of_terms,
    with_terms_taken,
)
from incentivectl.rules.lines.eligibility import judged, term_column
from incentivectl.rules.lines.list_price import pays_on_list, with_list_amount
from incentivectl.rules.lines.payees import with_payees, with_rewards
from incentivectl.rules.lines.reasons import by_reason
from incentivectl.rules.lines.serials import refuse_repeated_serials
from incentivectl.rules.lines.terms import Blocks

BY_BLOCK = (*KEYS, "block")


def judge(case: Case) -> pl.LazyFrame:
    """Every line in the program's dates, with what keeps it out."""
    lines = judged(case, case.periods)
    return refuse_repeated_serials(lines, case) if case.program.serials_earn_once else lines


def asked(one: Judged) -> Asked:
    """What payees sold, the amounts that they are paid on, and what became of the lines."""
    assert one.lines is not None
    once = one.lines.cache()
    rewards = one.case.program.reward
    metrics = {reward.tiers_by for reward in rewards}
    counted = counted_lines(one.case, once)
    sums = measures.asked(one.case, counted, metrics, paid_on(rewards))
    if one.case.program.terms_by_line:
        under_terms = _under_terms(one.case, counted)
        sums = {**sums, **measures.asked_by_reward(under_terms, metrics, paid_on(rewards))}
    return {**sums, **windows.asked(one.case), "reasons": by_reason(one.case, once)}


def earned(programs: Sequence[Judged], sums: Sums) -> Earned:
    """What the payees of all these programs earn, before boosts, caps and budget."""
    payees = with_terms_taken(programs, with_rewards(programs, measures.measured(programs, sums)))
    payees = with_groups(programs, windows.with_windows(programs, payees, sums), sums)
    paid_by = parameters_of(programs)
    if not any(one.case.program.terms_by_line for one in programs):
        return Earned(rewarded(payees, paid_by))
    by_terms = earned_by_terms(programs, payees, sums, paid_by)
    paid = with_sums_of_terms(by_their_rewards(payees, paid_by), by_terms)
    behind = behind_gates(paid, paid_by.gates, (*EARNED, TERM_CUT)).rename({TERM_CUT: "of_lines"})
    rewards = (
        with_term_cuts(behind.with_columns(reward=pl.sum_horizontal(EARNED)), paid_by)
        .with_columns(pl.col(TERM_CUT) + pl.col("of_lines"))
        .drop("of_lines")
    )
    return Earned(rewards, closed_with_payees(by_terms, rewards))


def rewarded(payees: pl.DataFrame, paid_by: Parameters) -> pl.DataFrame:
    """Payees with what they earn by the reward that they take (`block`) behind the gates: `reward`."""
    paid = behind_gates(by_their_rewards(payees, paid_by), paid_by.gates)
    return with_term_cuts(paid.with_columns(reward=pl.sum_horizontal(EARNED)), paid_by)


def by_their_rewards(payees: pl.DataFrame, paid_by: Parameters) -> pl.DataFrame:
    """`rules.earning.earn.earn` for payees whose products may have their own pay (`unit_pay:<block>`)."""
    return earn(
        payees.with_columns(unit_pay=_unit_pay_taken(payees), list_amount=_listed(payees)), paid_by
    )


def _unit_pay_taken(payees: pl.DataFrame) -> pl.Expr:
    """The sum of the products' own pay under the reward that is taken (18 decimals)."""
    by_product = {
        int(name.removeprefix("unit_pay:")): pl.col(name)
        for name in payees.columns
        if name.startswith("unit_pay:")
    }
    return of_reward_taken(by_product, money.NOTHING)


def _listed(payees: pl.DataFrame) -> pl.Expr:
    known = "list_amount" in payees.columns
    return pl.col("list_amount") if known else pl.lit(None, dtype=money.SHARED)


def counted_lines(case: Case, lines: pl.LazyFrame) -> pl.LazyFrame:
    """The judged lines that count, by payee, with all that rewards pay on."""
    counted = lines.filter(pl.col("reason").is_null())
    if pays_on_list(case.program.reward):
        counted = with_list_amount(case, counted)
    return shared_out(case, counted)


def shared_out(case: Case, counted: pl.LazyFrame) -> pl.LazyFrame:
    """Counted lines by payee, with the payee's part of `list_amount` (0 without a list price)."""
    rewards, amounts = case.program.reward, ["amount", "quantity"]
    if pays_on_list(rewards):
        counted = counted.with_columns(pl.col("list_amount").fill_null(money.literal(0)))
        amounts.append("list_amount")
    return with_unit_pay(with_payees(case, counted, amounts), rewards)


def with_unit_pay(counted: pl.LazyFrame, rewards: Sequence[Reward]) -> pl.LazyFrame:
    """Adds `unit_pay:<block>` (18 decimals): quantity x the product's own per_unit."""
    for index, reward in enumerate(rewards):
        if reward.per_product is None:
            continue
        prices = pl.LazyFrame(
            {"_product": list(reward.per_product), "_pay": list(reward.per_product.values())},
            schema={"_product": pl.String, "_pay": money.AMOUNT},
        )
        pay = money.multiply(pl.col("quantity"), pl.col("_pay"), scales=(12, 6))
        counted = (
            counted.join(prices, left_on="product_id", right_on="_product", how="left")
            .with_columns(pay.fill_null(money.NOTHING).alias(f"unit_pay:{index}"))
            .drop("_pay")
        )
    return counted


def paid_on(rewards: Sequence[Reward]) -> list[pl.Expr]:
    """The sums that rewards pay on besides revenue and quantity."""
    by_product = [i for i, reward in enumerate(rewards) if reward.per_product is not None]
    listed = ["list_amount"] if pays_on_list(rewards) else []
    return [pl.col(name).sum() for name in [*(f"unit_pay:{i}" for i in by_product), *listed]]


def counted(one: Judged, of_program: Earned) -> Asked:
    """The lines that count, by payee, with what they are paid on."""
    assert one.lines is not None
    case, (keys, _) = one.case, _paid_by(one.case, of_program)
    lines = counted_lines(case, one.lines)
    if keys == BY_BLOCK:
        lines = _under_terms(case, lines)
    return {IN_ORDER if is_in_order(case) else ALONE: to_pay(case, lines, keys)}


def contributions(case: Case, counted: Asked, of_program: Earned) -> pl.LazyFrame:
    """One row per counted line and payee, and one for each bonus, steps and what a curve pays."""
    (lines,) = counted.values()
    return line_pay(case, lines, *_paid_by(case, of_program))


def is_in_order(case: Case) -> bool:
    """Whether what lines add depends on the lines before them."""
    return any(map(is_running, case.program.reward))


def _paid_by(case: Case, of_program: Earned) -> tuple[tuple[str, ...], pl.DataFrame]:
    """By what keys a line finds what it is paid by, and the payees, or their terms, that tell it."""
    if case.program.terms_by_line and of_program.details is not None:
        return BY_BLOCK, of_program.details
    return KEYS, of_program.payees


def to_pay(case: Case, lines: pl.LazyFrame, keys: Sequence[str]) -> pl.LazyFrame:
    """Of lines of `shared_out` what `line_pay` asks for."""
    rewards = case.program.reward
    listed = ["list_amount"] if pays_on_list(rewards) else []
    by_product = [f"unit_pay:{i}" for i, one in enumerate(rewards) if one.per_product is not None]
    columns = (*keys, *LINE_ORDER, "row", "amount", "quantity", *listed, *by_product)
    return lines.select(columns)


def _under_terms(case: Case, counted: pl.LazyFrame) -> pl.LazyFrame:
    """Counted lines with the term that each takes as its `block`."""
    return counted.with_columns(block=pl.col(term_column(case.program)))


def line_pay(
    case: Case, lines: pl.LazyFrame, keys: Sequence[str], payees: pl.DataFrame
) -> pl.LazyFrame:
    """What each line of `to_pay` adds to what its payee earns, and what it earns besides its lines.

    `payees` are as `rewarded` returns them, one row for each of the `keys`. Where pay is not
    proportional (marginal tiers, growth over a baseline, rates of curves), a line adds the difference
    between what is earned with it and without it, in the order of lines (docs/rules.md,
    "Contributions").
    """
    rewards = case.program.reward
    paid_by = payees.lazy().select(
        *dict.fromkeys((*keys, "block", "why_nothing", "baseline", "rate", "per_unit"))
    )
    lines = lines.join(paid_by, on=list(keys), how="inner")
    if is_in_order(case):
        summed = ["amount", "quantity", *(["list_amount"] if pays_on_list(rewards) else [])]
        lines = lines.sort(*keys, *LINE_ORDER, "row").with_columns(
            pl.col(name).cum_sum().over(keys).alias(f"upto_{name}") for name in summed
        )
    if any(reward.terms is not None for reward in rewards):
        lines = lines.with_columns(block=Blocks(rewards).reward_of())
    pay = {
        place: _added_by_line(reward) + _unit_pay(place, reward)
        for place, reward in enumerate(rewards)
    }
    earned = (
        pl.when(pl.col("why_nothing").is_null()).then(of_reward_taken(pay)).otherwise(money.NOTHING)
    )
    paid = lines.with_columns(contribution=earned, source=pl.lit("line"))
    beside_lines = [
        as_contributions(
            payees.lazy()
            .filter(pl.col(name) != 0)
            .select(*KEYS, contribution=name, source=pl.lit(source))
        )
        for source, name in OWN_PAY.items()
        if (payees[name] != 0).any()
    ]
    return pl.concat([as_contributions(paid), *beside_lines])


def _added_by_line(reward: Reward) -> pl.Expr:
    basis, quantity = pl.col(basis_of(reward)), pl.col("quantity")
    if not is_running(reward):
        return flat(reward, basis, quantity)
    upto_basis, upto_quantity = pl.col(f"upto_{basis_of(reward)}"), pl.col("upto_quantity")
    without_line = running(reward, upto_basis - basis, upto_quantity - quantity)
    return running(reward, upto_basis, upto_quantity) - without_line


def _unit_pay(place: int, reward: Reward) -> pl.Expr:
    return pl.col(f"unit_pay:{place}") if reward.per_product is not None else money.NOTHING
