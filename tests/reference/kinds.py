"""One calculation for each kind of program: what each payee earns in each measurement period."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from tests.reference.activity import Paid, paid_activities
from tests.reference.budget import Boosted
from tests.reference.contest import prizes_of, rank_by, takes_part
from tests.reference.deals import (
    covered_lines,
    deal_bonus,
    deal_parts,
    pay_covered,
    reward_of_line,
    share_out,
)
from tests.reference.discount import Discount, caps_of_terms, earned_on_lines
from tests.reference.eligible import Measured
from tests.reference.exact import minor_digits
from tests.reference.mdf import credits_of, period_of_claim, run_fund
from tests.reference.measures import ZERO, Standing, gates_reached, reward_for, total
from tests.reference.periods import Period
from tests.reference.programs import Program
from tests.reference.rebate import Earned, Part, earned_by_terms, earned_on_totals
from tests.reference.settlement import (
    Settlement,
    measured_lines,
    standings,
    totals_that_pick,
)

Calculation = Callable[[Settlement, Program], list[dict[str, Boosted]]]


def settle_rebate(settlement: Settlement, program: Program) -> list[dict[str, Boosted]]:
    """Rebates and SPIFs: the reward on each payee's totals, or on those of each of its terms."""
    eligibility = settlement.eligibility
    measured = measured_lines(settlement, program)
    out = []
    for period in settlement.periods(program):
        boosted = {}
        within = standings(settlement, program, period, measured)
        picking = {
            (entry.tiers_months, entry.together): totals_that_pick(
                settlement, program, period, entry, within
            )
            for entry in program.rewards
        }
        for payee, (standing, lines) in within.items():
            gate = gates_reached(eligibility, program, period, payee, standing, lines)
            if program.terms_by_line:
                earned = earned_by_terms(eligibility, program, standing, lines, gate)
            else:
                reward = reward_for(eligibility, program, period, payee)
                earned = Earned(ZERO, "", standing.totals.revenue, standing.baseline)
                if reward is not None:
                    picked = picking[reward.tiers_months, reward.together].get(payee)
                    earned = earned_on_totals(
                        reward, replace(standing, picking=picked), lines, gate
                    )
            boosted[payee] = settlement.finish(program, period, payee, earned)
        out.append(boosted)
    return out


def settle_discount(settlement: Settlement, program: Program) -> list[dict[str, Boosted]]:
    """Wholesale discounts: the sum over a payee's lines."""
    eligibility = settlement.eligibility
    discount = Discount(eligibility, program, eligibility.counted_lines(program))
    measured = discount.measured()
    out = []
    for period in settlement.periods(program):
        boosted = {}
        for payee, (standing, lines) in standings(settlement, program, period, measured).items():
            gate = gates_reached(eligibility, program, period, payee, standing, lines)
            earned = earned_on_lines(discount, lines, gate)
            earned.baseline = standing.baseline
            boosted[payee] = settlement.finish(program, period, payee, earned)
        out.append(boosted)
    return out


def settle_deals(settlement: Settlement, program: Program) -> list[dict[str, Boosted]]:
    """Deal registration: what counts of the covered lines, and a bonus a deal."""
    eligibility = settlement.eligibility
    lines = eligibility.counted_lines(program)
    covered = covered_lines(eligibility, settlement.deals, program, lines)
    measured = share_out(eligibility, program, covered)
    out = []
    for period in settlement.periods(program):
        boosted = {}
        for payee, (standing, own) in standings(settlement, program, period, measured).items():
            earned = Earned(metric_value=standing.totals.revenue, baseline=standing.baseline)
            reward = reward_for(eligibility, program, period, payee)
            gate = gates_reached(eligibility, program, period, payee, standing, own)
            if reward is not None and gate:
                parts = deal_parts(eligibility, settlement.deals, program, covered)
                for one, (line, to, share, factor) in parts:
                    if to == payee and line.date in period:
                        own_reward = reward_of_line(eligibility, program, reward, line)
                        paid = pay_covered(own_reward, one)
                        if deal_bonus(eligibility, program, covered, period, one.deal, to) is line:
                            paid += own_reward.flat.bonus
                        earned.parts.append(Part(line.order, paid * share * factor, line))
                earned.reward = sum((part.amount for part in earned.parts), ZERO)
                earned.capped = caps_of_terms(eligibility, program, earned.parts)
            boosted[payee] = settlement.finish(program, period, payee, earned)
        out.append(boosted)
    return out


def settle_activity(settlement: Settlement, program: Program) -> list[dict[str, Boosted]]:
    """Behaviours: the activities that are paid in each measurement period."""
    eligibility = settlement.eligibility
    periods = settlement.periods(program)
    paid = paid_activities(eligibility, program, periods)
    out = []
    for period in periods:
        of_payee: dict[str, list[Paid]] = defaultdict(list)
        for one in paid:
            if one.row["done_on"] in period:
                of_payee[one.payee].append(one)
        boosted = {}
        for payee, done in of_payee.items():
            earned = Earned(metric="lines", metric_value=Fraction(len(done)))
            nothing = Standing(total([]), None, None, False)
            if gates_reached(eligibility, program, period, payee, nothing):
                earned.parts = [Part(one.order, one.amount) for one in done]
                earned.reward = sum((one.amount for one in done), ZERO)
            boosted[payee] = settlement.finish(program, period, payee, earned)
        out.append(boosted)
    return out


def settle_contest(settlement: Settlement, program: Program) -> list[dict[str, Boosted]]:
    """Contests: prizes by rank; payees of different `[[reward]]`s are ranked apart."""
    eligibility = settlement.eligibility
    measured = measured_lines(settlement, program)
    out = []
    for period in settlement.periods(program):
        earned: dict[str, Earned] = {}
        ranked: dict[int, dict[str, Fraction]] = defaultdict(dict)
        for payee, (standing, lines) in standings(settlement, program, period, measured).items():
            reward = reward_for(eligibility, program, period, payee)
            base = standing.baseline
            earned[payee] = Earned(metric="", metric_value=standing.totals.revenue, baseline=base)
            if reward is None:
                continue
            metric = rank_by(reward)
            value = standing.value(metric)
            earned[payee] = Earned(metric=metric, metric_value=value, baseline=base)
            gate = gates_reached(eligibility, program, period, payee, standing, lines)
            if value is not None and takes_part(reward, standing, gate):
                ranked[program.rewards.index(reward)][payee] = value
        for index, values in ranked.items():
            decimals = minor_digits(program.currency)
            for payee, prize in prizes_of(program.rewards[index], values, decimals).items():
                earned[payee].reward = prize
        out.append({p: settlement.finish(program, period, p, e) for p, e in earned.items()})
    return out


def settle_mdf(settlement: Settlement, program: Program) -> list[dict[str, Boosted]]:
    """Market development funds: the claims that are paid, never the sales."""
    eligibility = settlement.eligibility
    periods = settlement.periods(program)
    measured = measured_lines(settlement, program)
    revenue = _revenue(periods, measured)
    earned = {key: Earned(metric_value=amount) for key, amount in revenue.items()}
    in_kind = program.table("fund").get("unit", "money") == "hours"
    for partner_id in sorted(settlement.facts.partner_rows):
        credits = credits_of(eligibility, program, periods, revenue, partner_id)
        fund = run_fund(eligibility, program, partner_id, credits)
        for claim, amount in fund.paid:
            key = (period_of_claim(periods, claim["claimed_on"]), partner_id)
            one = earned.setdefault(key, Earned(metric_value=ZERO))
            if not in_kind:
                one.reward += amount
                one.parts.append(Part((claim["claimed_on"], claim["claim_id"]), amount))
    out = []
    for period in periods:
        of_payee = {payee: e for (p, payee), e in earned.items() if p == period}
        out.append({p: settlement.finish(program, period, p, e) for p, e in of_payee.items()})
    return out


def _revenue(periods: list[Period], measured: list[Measured]) -> dict[tuple[Period, str], Fraction]:
    """Each partner's eligible revenue of each measurement period."""
    out: dict[tuple[Period, str], Fraction] = {}
    for one in measured:
        for period in periods:
            if one.line.date in period:
                key = (period, one.payee)
                out[key] = out.get(key, ZERO) + one.amount
    return out


CALCULATIONS: dict[str, Calculation] = {
    "rebate": settle_rebate,
    "spif": settle_rebate,
    "discount": settle_discount,
    "deal_registration": settle_deals,
    "activity": settle_activity,
    "contest": settle_contest,
    "mdf": settle_mdf,
}
