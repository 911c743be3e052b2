"""What every kind of program needs to settle itself: lines, periods, totals, boosts."""

from collections import defaultdict
from dataclasses import dataclass

from tests.reference.budget import Boosted
from tests.reference.deals import Deals
from tests.reference.eligible import Eligibility, Measured, by_payee, without_spent_serials
from tests.reference.exact import minor_digits
from tests.reference.lines import Facts
from tests.reference.measures import (
    Standing,
    Totals,
    baselines,
    boost_for,
    in_window,
    judged_day,
    needs_baseline,
    targets,
    total_of,
    trailing_window,
)
from tests.reference.periods import Period
from tests.reference.programs import Program, Reward
from tests.reference.rebate import Earned
from tests.reference.tables import Value


@dataclass
class Settlement:
    """What the kinds of program need to know to settle themselves."""

    config: dict[str, Value]
    facts: Facts
    eligibility: Eligibility
    deals: Deals

    def periods(self, program: Program) -> list[Period]:
        """The measurement periods that began by the last day of PERIOD (rule 33)."""
        cut = self.facts.calendar.measurement_periods(program.period, program.starts, program.ends)
        return [period for period in cut if period.start <= self.facts.as_of]

    def finish(self, program: Program, period: Period, payee: str, earned: Earned) -> Boosted:
        """An earned reward with its boost and caps."""
        return Boosted(
            earned,
            boost_for(self.eligibility, program, period, payee),
            program.limit("per_payee"),
            minor_digits(program.currency),
        )


def measured_lines(settlement: Settlement, program: Program) -> list[Measured]:
    """The lines that count in a program, shared out to its payees."""
    lines = settlement.eligibility.counted_lines(program)
    if program.kind == "spif":
        lines = without_spent_serials(lines)
    return settlement.eligibility.measure(program, lines)


def standings(
    settlement: Settlement, program: Program, period: Period, measured: list[Measured]
) -> dict[str, tuple[Standing, list[Measured]]]:
    """Each payee's totals, baseline and target in one measurement period."""
    eligibility = settlement.eligibility
    compares = any(map(needs_baseline, program.rewards))
    compares = compares or any(gate.get("metric") == "growth" for gate in program.gates)
    compares = compares or any(reward.raw.get("rank_by") == "growth" for reward in program.rewards)
    base = baselines(eligibility, program, period) if compares else {}
    goals = targets(eligibility, program, period)
    within = by_payee([m for m in measured if m.line.date in period])
    return {
        payee: (
            Standing(
                total_of(eligibility, program, lines),
                base.get(payee),
                goals.get(payee),
                program.if_missing_full,
            ),
            lines,
        )
        for payee, lines in within.items()
    }


def totals_that_pick(
    settlement: Settlement,
    program: Program,
    period: Period,
    reward: Reward,
    within: dict[str, tuple[Standing, list[Measured]]],
) -> dict[str, Totals]:
    """The totals that pick the tier where a reward looks further than a payee's own lines.

    With `tiers_months` those of the payee's lines of a trailing window; with `together` those of
    the counted lines of all partners with the same top on the judged day.
    """
    eligibility = settlement.eligibility
    if reward.tiers_months is not None:
        window = trailing_window(eligibility, period.end, reward.tiers_months)
        seen = in_window(eligibility, program, window)
        return {payee: total_of(eligibility, program, seen.get(payee, [])) for payee in within}
    if not reward.together:
        return {}
    day = judged_day(eligibility, period)
    tops = {payee: settlement.facts.top_of(payee, day) for payee in within}
    groups: dict[str | None, list[Measured]] = defaultdict(list)
    for payee, (_, lines) in within.items():
        groups[tops[payee]] += lines
    return {payee: total_of(eligibility, program, groups[top]) for payee, top in tops.items()}
