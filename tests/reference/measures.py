"""Metrics, baselines, targets, gates and tiers (section 4, rules 17 to 20)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from tests.reference.bundles import bundles_in
from tests.reference.conditions import all_hold, payee_lookup
from tests.reference.eligible import Eligibility, Measured, by_payee
from tests.reference.exact import number
from tests.reference.periods import Period
from tests.reference.programs import Program, Reward, Tier, reward_of_term
from tests.reference.rows import Row
from tests.reference.tables import Value

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
    bundles: int = 0

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


def total_of(eligibility: Eligibility, program: Program, measured: Sequence[Measured]) -> Totals:
    """The same with the bundles that the lines make."""
    return replace(total(measured), bundles=bundles_in(eligibility, program, measured))


@dataclass(frozen=True)
class Standing:
    """A payee's totals with the baseline and the target that they are compared with.

    `picking` are the totals that pick the tier where those are not the payee's own of the
    measurement period: those of a trailing window, or of all partners with the same top.
    """

    totals: Totals
    baseline: Fraction | None
    target: Fraction | None
    full: bool
    picking: Totals | None = None

    @property
    def picks(self) -> "Standing":
        """The standing whose metric picks the tier."""
        return replace(self, totals=self.picking or self.totals, picking=None)

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
    window = eligibility.facts.calendar.baseline_window(program.period, period, source)
    return {
        payee: total(lines).revenue
        for payee, lines in in_window(eligibility, program, window).items()
    }


def in_window(
    eligibility: Eligibility, program: Program, window: Period
) -> dict[str, list[Measured]]:
    """Each payee's lines of a window: they meet `[eligible]` on their own dates (rule 18)."""
    lines = eligibility.baseline_lines(program, window)
    return by_payee(eligibility.measure(program, lines))


def trailing_window(eligibility: Eligibility, end: date, months: int) -> Period:
    """The months that end with a measurement period, up to the last day of PERIOD."""
    whole = eligibility.facts.calendar.trailing_window(end, months)
    return Period(whole.start, min(whole.end, eligibility.facts.as_of))


def targets(eligibility: Eligibility, program: Program, period: Period) -> dict[str, Fraction]:
    """Each payee's target of a period, found by the period's cut first day (rule 3)."""
    return {
        row["payee_id"]: row["target"]
        for row in eligibility.facts.data.accepted("targets")
        if row["program_id"] == program.id and row["period_start"] == period.start
    }


def gates_reached(
    eligibility: Eligibility,
    program: Program,
    period: Period,
    payee: str,
    standing: Standing,
    measured: Sequence[Measured] = (),
) -> bool:
    """Nothing is earned until all gates are reached, in the same measurement period."""
    return all(
        _reached(eligibility, program, gate, period, payee, standing, measured)
        for gate in program.gates
    )


def _reached(
    eligibility: Eligibility,
    program: Program,
    gate: dict[str, Value],
    period: Period,
    payee: str,
    standing: Standing,
    measured: Sequence[Measured],
) -> bool:
    at_least = number(gate["at_least"])
    metric = str(gate.get("metric", "revenue"))
    if "share_of" in gate:
        share = [m for m in measured if eligibility.meets(program, m.line, gate["share_of"])]
        part, whole = total(share).metric(metric), standing.totals.metric(metric)
        return whole > 0 and part >= at_least * whole
    if metric.startswith("activity."):
        wanted = metric.removeprefix("activity.")
        done = passed_activities(eligibility, program.payee, payee, wanted, period)
        return done >= at_least
    return standing.reaches(metric, at_least)


def activity_payee(eligibility: Eligibility, payee: str, row: Row) -> str | None:
    """Whose an activity is: the rep's, or the partner's, or its rep's partner's (rule 28).

    A parent's are those of the partners below it on the day; a manager's are its own.
    """
    rep_id: str | None = row["rep_id"]
    if payee in ("rep", "manager"):
        return rep_id
    partner_id: str | None = row["partner_id"]
    if partner_id is None:
        rep = eligibility.facts.rep_on(rep_id, row["done_on"])
        partner_id = None if rep is None else rep["partner_id"]
    if payee == "parent":
        return eligibility.facts.top_of(partner_id, row["done_on"])
    return partner_id


def passed_activities(
    eligibility: Eligibility, payee_as: str, payee: str, activity: str, period: Period
) -> int:
    """How many passed activities of one kind a payee has in a period."""
    return sum(
        row["activity"] == activity
        and row["passed"]
        and row["done_on"] in period
        and row["done_on"] <= eligibility.facts.as_of
        and activity_payee(eligibility, payee_as, row) == payee
        for row in eligibility.facts.data.accepted("activities")
    )


def judged_day(eligibility: Eligibility, period: Period) -> date:
    """The day on which `when` and `[[boost]]` are judged (rule 4)."""
    return min(period.end, eligibility.facts.as_of)


def reward_for(
    eligibility: Eligibility, program: Program, period: Period, payee: str
) -> Reward | None:
    """The first reward whose conditions hold for the payee.

    Where its terms go by payee, the one that fits the payee stands in its place; where none fits,
    the entry itself, which pays nothing.
    """
    day = judged_day(eligibility, period)
    look_up = payee_lookup(eligibility.facts, program.payee_kind, payee, day)
    for reward in program.rewards:
        if all_hold(reward.when, look_up, eligibility.facts.data.workspace):
            if reward.terms is None or program.terms_by_line:
                return reward
            term = reward.terms.term_for(look_up, day)
            return reward if term is None else reward_of_term(reward, term)
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
        named = entry.raw.get("activity", row["activity"]) == row["activity"]
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
    metric, standing = reward.tiers_by, standing.picks
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
