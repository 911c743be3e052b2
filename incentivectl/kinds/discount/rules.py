"""Wholesale discounts: a rebate whose conditions and tiers look at lines.

`when` is judged on each line, tiers on each line, each sale, or the measurement period. A linked
return reverses what its line was given: its `[[reward]]` and its tier
(docs/rules.md, "Discounts").
"""

from collections.abc import Collection, Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.kinds.discount.authorised import with_rests, within_quantities
from incentivectl.kinds.discount.line_terms import with_net_price
from incentivectl.kinds.discount.line_tiers import on_lines, on_sales
from incentivectl.kinds.discount.model import DiscountReward
from incentivectl.kinds.rebate import rules as rebate
from incentivectl.programs.payee import payee_kind
from incentivectl.programs.terms import NET_PRICE
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
from incentivectl.rules.earning import measures
from incentivectl.rules.earning.expected import at_the_end
from incentivectl.rules.earning.gate import behind_gates
from incentivectl.rules.earning.parameters import parameters_of
from incentivectl.rules.earning.under_terms import with_terms_of_lines
from incentivectl.rules.lines.eligibility import (
    judged,
    needed_fields,
    reward_of_line,
    term_column,
)
from incentivectl.rules.lines.list_price import pays_on_list, with_list_amount
from incentivectl.rules.lines.payees import with_payees, with_rewards
from incentivectl.rules.lines.reasons import by_reason
from incentivectl.rules.lines.sums import of_program
from incentivectl.sales.returns import ORIGINAL

_NO_TERM = pl.lit(None, dtype=pl.Int32)
_LIST_PRICE = "product.list_price"
_LINE = ("row", *LINE_ORDER, "rep_id", "period")
_OVER_PERIOD = "over_period"  # lines that are paid over the period, each by itself


def judge(case: Case) -> pl.LazyFrame:
    """Every line in the program's dates, with the reward that it takes and what keeps it out."""
    return within_quantities(case, before_quantities, rewards_of(case))


def before_quantities(case: Case) -> pl.LazyFrame:
    """The same before authorised quantities are used up.

    `block` (Int32) is null where no reward holds; `is_linked` marks returns that reverse a known line,
    and take what that line took. A line that is paid on a list price has it and its `list_amount`.
    """
    rewards = rewards_of(case)
    lines = judged(case, case.periods, fields=_fields(case, rewards)).with_columns(
        block=reward_of_line(case, case.program, case.currency),
        is_linked=pl.col(f"{ORIGINAL}row") != pl.col("row"),
        term=_term(case),
    )
    return _with_list_amount(case, lines, rewards)


def asked(one: Judged) -> Asked:
    """What payees bought, what their lines are paid one by one, and what is paid over the period."""
    assert one.lines is not None
    case, rewards = one.case, rewards_of(one.case)
    # Tiers on sales look at all lines beforehand; those on lines need one pass.
    once = one.lines.cache()
    by_sale = any(scope_of(reward) == "sale" for reward in rewards)
    on_lines = _on_lines(case, one.lines if by_sale else once, rewards)
    counted = with_payees(case, once.filter(pl.col("reason").is_null()))
    over_period = _over_period(case, once, rewards)
    of_period: Asked = {}
    if over_period is not None:
        metrics = {reward.tiers_by for reward in rewards if scope_of(reward) == "period"}
        of_period = measures.asked_by_reward(over_period, metrics, rebate.paid_on(rewards))
    return {
        **measures.asked(case, counted),
        **of_period,
        "on_lines": _by_term(case, on_lines, once),
        "reasons": with_rests(by_reason(case, once), once),
    }


def _by_term(case: Case, on_lines: pl.LazyFrame, lines: pl.LazyFrame) -> pl.LazyFrame:
    """What lines contribute, added up by payee and by the term (`block`, Int32) that they take."""
    if not case.program.terms_by_line:
        on_lines = on_lines.with_columns(block=_NO_TERM)
    else:
        terms = lines.select("row", block="term")
        on_lines = on_lines.join(terms, on="row", how="left")
    return on_lines.group_by(*KEYS, "block").agg(pl.col("contribution").sum())


def earned(programs: Sequence[Judged], sums: Sums) -> Earned:
    """What the payees of all these discounts earn, before boosts, caps and budget."""
    paid_by = parameters_of(programs)
    payees = with_rewards(programs, measures.measured(programs, sums), by_line=True)
    on_lines = at_the_end(sums["on_lines"].lazy(), sums, ["contribution"]).collect()
    parts = [on_lines.select(*measures.BY_PROGRAM, "contribution")]
    by_reward = None
    if "by_reward:totals" in sums:
        over_period = measures.measured(programs, sums, by_reward=True)
        by_reward = rebate.by_their_rewards(over_period, paid_by)
        total = (pl.col("earned") + pl.col("bonus_pay")).alias("contribution")
        parts.append(by_reward.select(*measures.BY_PROGRAM, total))
    rewards = (
        pl.concat(parts).group_by(measures.BY_PROGRAM).agg(reward=pl.col("contribution").sum())
    )
    paid = payees.join(rewards, on=measures.BY_PROGRAM, how="left", maintain_order="left")
    behind = behind_gates(
        paid.with_columns(
            pl.col("reward").fill_null(money.NOTHING), why_nothing=pl.lit(None, dtype=pl.String)
        ),
        paid_by.gates,
        ["reward"],
    )
    shown = behind.with_columns(
        metric=pl.lit("revenue"),
        metric_value="revenue",
        tier=pl.lit(None, dtype=pl.Int32),
        rate=pl.lit(None, dtype=money.SHARED),
    )
    return Earned(_with_terms(programs, shown, on_lines), by_reward)


def _with_terms(
    programs: Sequence[Judged], payees: pl.DataFrame, on_lines: pl.DataFrame
) -> pl.DataFrame:
    """The payees with the terms that they took, and what the caps of these leave out."""
    with_terms = [one for one in programs if one.case.program.terms_by_line]
    if not with_terms:
        return payees
    places = [one.place for one in with_terms]
    parts = [payees.filter(~pl.col("program").is_in(places))]
    for one in with_terms:
        own, by_terms = of_program(one, payees), of_program(one, on_lines).drop_nulls("block")
        place = pl.lit(one.place, dtype=pl.UInt32).alias("program")
        found = with_terms_of_lines(own, by_terms.lazy(), one.case.program)
        parts.append(found.select(place, pl.all()))
    return pl.concat(parts, how="diagonal")


def counted(one: Judged, _: Earned) -> Asked:
    """What lines are paid by themselves or by their sale, and those that are paid over the period."""
    assert one.lines is not None
    case, rewards = one.case, rewards_of(one.case)
    found = {ALONE: _on_lines(case, one.lines, rewards)}
    over_period = _over_period(case, one.lines, rewards)
    if over_period is not None:
        name = IN_ORDER if rebate.is_in_order(case) else _OVER_PERIOD
        found[name] = rebate.to_pay(case, over_period, rebate.BY_BLOCK)
    return found


def contributions(case: Case, counted: Asked, of_program: Earned) -> pl.LazyFrame:
    """What every line that counts adds, by the reward that it takes; nothing behind a closed gate."""
    parts = [counted[ALONE]]
    for name in counted.keys() & {IN_ORDER, _OVER_PERIOD}:
        assert of_program.details is not None
        parts.append(rebate.line_pay(case, counted[name], rebate.BY_BLOCK, of_program.details))
    return _behind_the_gate(pl.concat(parts), of_program.payees)


def _term(case: Case) -> pl.Expr:
    """The block of a line's term (Int32); null where the program has none."""
    if not case.program.terms_by_line:
        return _NO_TERM
    return pl.col(term_column(case.program))


def rewards_of(case: Case) -> list[DiscountReward]:
    """The rewards of a discount; a line's `block` is its place among them."""
    return [reward for reward in case.program.reward if isinstance(reward, DiscountReward)]


def _on_list(reward: DiscountReward) -> bool:
    by_terms = reward.terms is not None and NET_PRICE in reward.terms.first_lines
    return reward.net_price is not None or by_terms or pays_on_list([reward])


def _fields(case: Case, rewards: Sequence[DiscountReward]) -> set[str]:
    whens = [condition for reward in rewards for condition in reward.when]
    return needed_fields(case, whens, case.currency) | (
        {_LIST_PRICE} if any(map(_on_list, rewards)) else set()
    )


def _with_list_amount(
    case: Case, lines: pl.LazyFrame, rewards: Sequence[DiscountReward]
) -> pl.LazyFrame:
    """Where some reward pays on list prices, adds them, and the reason of lines that lack theirs.

    A return lacks it too where the line that it reverses does.
    """
    on_list = [index for index, reward in enumerate(rewards) if _on_list(reward)]
    on_list_alone = [
        i for i in on_list if rewards[i].net_price is not None or pays_on_list([rewards[i]])
    ]
    if not on_list:
        return lines
    has_net_price = pl.col("term").is_in(with_net_price(rewards))
    lacks_price = pl.col("list_amount").is_null() | pl.col(_LIST_PRICE).is_null()
    is_on_list = pl.col("block").is_in(on_list_alone) | has_net_price
    no_list_price = pl.when(is_on_list & lacks_price).then(pl.lit("no-list-price"))
    return with_list_amount(case, lines).with_columns(reason=pl.coalesce("reason", no_list_price))


def scope_of(reward: DiscountReward) -> str:
    """What a reward's tiers look at: `line`, `sale` or `period`."""
    return "line" if reward.net_price is not None else reward.tier_scope


def _on_lines(case: Case, lines: pl.LazyFrame, rewards: Sequence[DiscountReward]) -> pl.LazyFrame:
    """What lines contribute whose tier is judged on them or on their sale; 0 where no reward holds."""
    counted = lines.filter(pl.col("reason").is_null())
    none = counted.filter(pl.col("block").is_null())
    parts = [_shared(case, none.with_columns(paid=money.NOTHING), "paid", "line")]
    for scope, pay in (("line", on_lines), ("sale", on_sales)):
        taken = _of_scope(rewards, scope)
        if taken:
            taking = _taking(counted, taken)
            paid = pay(rebate.with_unit_pay(taking, rewards), rewards, taken)
            bonuses = paid.filter(pl.col("bonus") != 0)
            parts += [_shared(case, paid, "paid", "line"), _shared(case, bonuses, "bonus", "bonus")]
    return pl.concat(parts)


def _over_period(
    case: Case, lines: pl.LazyFrame, rewards: Sequence[DiscountReward]
) -> pl.LazyFrame | None:
    """The counted lines, by payee, of the rewards whose tiers look at the measurement period."""
    taken = _of_scope(rewards, "period")
    if not taken:
        return None
    return rebate.shared_out(case, _taking(lines.filter(pl.col("reason").is_null()), taken))


def _of_scope(rewards: Sequence[DiscountReward], scope: str) -> list[int]:
    return [index for index, reward in enumerate(rewards) if scope_of(reward) == scope]


def _taking(counted: pl.LazyFrame, indexes: Collection[int]) -> pl.LazyFrame:
    return counted.filter(pl.col("block").is_in(list(indexes)))


def _shared(case: Case, lines: pl.LazyFrame, pay: str, source: str) -> pl.LazyFrame:
    """The column `pay` of whole lines as contributions of the payees that they go to.

    A share of an average rate may have more than 18 decimals, and is rounded half up to these.
    """
    by_payee = with_payees(case, lines.select(*_LINE, pay), ())
    contribution = pl.col(pay)
    if payee_kind(case.program.payee) == "rep":
        exact = money.multiply(contribution, pl.col("share"), scales=(18, 6))
        contribution = money.round_half_up(exact, 18)
    return as_contributions(by_payee.with_columns(contribution=contribution, source=pl.lit(source)))


def _behind_the_gate(found: pl.LazyFrame, payees: pl.DataFrame) -> pl.LazyFrame:
    """Contributions are nothing where their payee's reward is."""
    why = payees.lazy().select(*KEYS, "why_nothing")
    earning = pl.col("why_nothing").is_null()
    return (
        found.join(why, on=KEYS, how="left")
        .with_columns(
            pl.when(earning).then("contribution").otherwise(money.NOTHING).alias("contribution")
        )
        .drop("why_nothing")
    )
