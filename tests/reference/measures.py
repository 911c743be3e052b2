"""Metrics, baselines, targets, gates and tiers (section 4, rules 17 to 20)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.reference.conditions import all_hold, payee_lookup
from tests.reference.eligible import Eligibility, Measured, by_payee
from tests.reference.exact import number
from tests.reference.periods import Period, baseline_window
from tests.reference.programs import Program, Reward, Tier
from tests.reference.rows import Row

ZERO = Fraction(0)


@dataclass(frozen=True)
class Totals:
    """What one payee's lines of one measurement period come to."""

    revenue: Fraction
    quantity: Fraction
    lines: int
    sales: int
    customers: int
    products: int
    listed: Fraction

    def metric(self, name: str) -> Fraction:
        """A metric that needs neither baseline nor target."""
        return Fraction(getattr(self, name))


def total(measured: Sequence[Measured]) -> Totals:
    """Sums with returns; distinct counts without them, a shared line fully (rule 17)."""
    sold = [m.line for m in measured if not m.line.is_return]
    return Totals(
        revenue=sum((m.amount for m in measured), ZERO),
        quantity=sum((m.quantity for m in measured), ZERO),
        lines=len(sold),
        sales=len({line.sale for line in sold}),
        customers=len({line["customer_id"] for line in sold} - {None}),
        products=len({line["product_id"] for line in sold} - {None}),
        listed=sum((m.list_amount or ZERO for m in measured), ZERO),
    )


@dataclass(frozen=True)
class Standing:
    """A payee's totals with the baseline and the target that they are compared with."""

    totals: Totals
    baseline: Fraction | None
    target: Fraction | None
    full: bool

    def ratio(self, name: str) -> tuple[Fraction, Fraction] | None:
        """Growth or attainment as numerator and denominator; None where there is none."""
        if name == "growth":
            if self.baseline is None or self.baseline <= 0:
                return None
            return (self.totals.revenue - self.baseline, self.baseline)
        if self.target is None or self.target <= 0:
            return None
        return (self.totals.revenue, self.target)

    def value(self, name: str) -> Fraction | None:
        """A metric's value."""
        if name not in ("growth", "attainment"):
            return self.totals.metric(name)
        ratio = self.ratio(name)
        return None if ratio is None else ratio[0] / ratio[1]

    def reaches(self, name: str, limit: Fraction) -> bool:
        """Whether a metric is at least `limit`, compared without division (section 4)."""
        if name not in ("growth", "attainment"):
            return self.totals.metric(name) >= limit
        ratio = self.ratio(name)
        if ratio is None:
            return name == "growth" and self.full
        return ratio[0] >= limit * ratio[1]

    @property
    def increment(self) -> Fraction:
        """max(revenue - baseline, 0), no baseline counting as 0 (rule 19)."""
        return max(self.totals.revenue - max(self.baseline or ZERO, ZERO), ZERO)


def needs_baseline(reward: Reward) -> bool:
    """Whether a reward compares with a baseline."""
    return reward.tiers_by == "growth" or reward.pays_on == "increment"


def baselines(eligibility: Eligibility, program: Program, period: Period) -> dict[str, Fraction]:
    """Each payee's revenue in the window that a period is compared with (rule 18)."""
    source = str(program.table("baseline").get("from", "previous_year"))
    window = baseline_window(program.period, period, source)
    measured = eligibility.measure(program, eligibility.baseline_lines(program, window))
    return {payee: total(lines).revenue for payee, lines in by_payee(measured).items()}


def targets(eligibility: Eligibility, program: Program, period: Period) -> dict[str, Fraction]:
    """Each payee's target of a period, found by the period's cut first day (rule 3)."""
    return {
        row["payee_id"]: row["target"]
        for row in eligibility.facts.data.accepted("targets")
        if row["program_id"] == program.id and row["period_start"] == period.start
    }


def gate_reached(
    eligibility: Eligibility, program: Program, period: Period, payee: str, standing: Standing
) -> bool:
    """Nothing is earned until the gate is reached, in the same measurement period."""
    gate = program.table("gate")
    if not gate:
        return True
    metric, at_least = str(gate["metric"]), number(gate["at_least"])
    if metric.startswith("activity."):
        wanted = metric.removeprefix("activity.")
        done = passed_activities(eligibility, program.payee_kind, payee, wanted, period)
        return done >= at_least
    return standing.reaches(metric, at_least)


def activity_payee(eligibility: Eligibility, payee_kind: str, row: Row) -> str | None:
    """Whose an activity is: the rep's, or the partner's, or its rep's partner's (rule 28)."""
    rep_id: str | None = row["rep_id"]
    partner_id: str | None = row["partner_id"]
    if payee_kind == "rep" or partner_id is not None:
        return rep_id if payee_kind == "rep" else partner_id
    rep = eligibility.facts.reps.get(rep_id or "")
    return str(rep["partner_id"]) if rep is not None and rep["partner_id"] else None


def passed_activities(
    eligibility: Eligibility, payee_kind: str, payee: str, activity: str, period: Period
) -> int:
    """How many passed activities of one kind a payee has in a period."""
    return sum(
        row["activity"] == activity
        and row["passed"]
        and row["done_on"] in period
        and row["done_on"] <= eligibility.facts.as_of
        and activity_payee(eligibility, payee_kind, row) == payee
        for row in eligibility.facts.data.accepted("activities")
    )


def judged_day(eligibility: Eligibility, period: Period) -> date:
    """The day on which `when` and `[[boost]]` are judged (rule 4)."""
    return min(period.end, eligibility.facts.as_of)


def reward_for(
    eligibility: Eligibility, program: Program, period: Period, payee: str
) -> Reward | None:
    """The first reward whose conditions hold for the payee."""
    look_up = payee_lookup(
        eligibility.facts, program.payee_kind, payee, judged_day(eligibility, period)
    )
    for reward in program.rewards:
        if all_hold(reward.when, look_up, eligibility.facts.data.workspace):
            return reward
    return None


def reward_for_activity(
    eligibility: Eligibility, program: Program, period: Period, payee: str, row: Row
) -> tuple[int, Reward] | None:
    """The first entry that an activity matches, and its index (rule 28)."""
    facts = eligibility.facts
    day = judged_day(eligibility, period)
    look_up = payee_lookup(facts, program.payee_kind, payee, day)
    for index, entry in enumerate(program.rewards):
        min_score = entry.amount("min_score")
        scored = min_score is None or (row["score"] is not None and row["score"] >= min_score)
        named = entry.raw["activity"] == row["activity"]
        if named and scored and all_hold(entry.when, look_up, facts.data.workspace):
            return index, entry
    return None


def boost_for(eligibility: Eligibility, program: Program, period: Period, payee: str) -> Fraction:
    """The factor of the first boost that holds, else 1."""
    look_up = payee_lookup(
        eligibility.facts, program.payee_kind, payee, judged_day(eligibility, period)
    )
    for boost in program.raw.get("boost", []):
        if all_hold(boost.get("when", {}), look_up, eligibility.facts.data.workspace):
            return number(boost["factor"])
    return Fraction(1)


def tier_reached(reward: Reward, standing: Standing) -> int | None:
    """The index of the tier that the metric reaches, None below the first (rules 19, 33)."""
    metric = reward.tiers_by
    if metric == "growth" and standing.ratio(metric) is None:
        return len(reward.tiers) - 1 if standing.full else None
    reached = [i for i, t in enumerate(reward.tiers) if standing.reaches(metric, t.starts_at)]
    if reached:
        return reached[-1]
    if metric not in ("growth", "attainment") and reward.tiers[0].starts_at == 0:
        return 0
    return None


def tier_of(tiers: Sequence[Tier], value: Fraction) -> int | None:
    """The tier of a plain number; the first covers negative ones where it starts at 0."""
    reached = [i for i, tier in enumerate(tiers) if tier.starts_at <= value]
    if reached:
        return reached[-1]
    return 0 if tiers[0].starts_at == 0 else None


def slices(tiers: Sequence[Tier], value: Fraction, key: str) -> Fraction:
    """Marginal: each slice of `value` pays its own tier's `rate` or `per_unit`."""
    if value < 0:
        return value * getattr(tiers[0], key) if tiers[0].starts_at == 0 else ZERO
    paid = ZERO
    for index, tier in enumerate(tiers):
        top = tiers[index + 1].starts_at if index + 1 < len(tiers) else None
        upper = value if top is None else min(value, top)
        if upper > tier.starts_at:
            paid += (upper - tier.starts_at) * getattr(tier, key)
    return paid
