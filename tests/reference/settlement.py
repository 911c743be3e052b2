"""What every kind of program needs to settle itself: lines, periods, totals, boosts."""

from dataclasses import dataclass

from tests.reference.budget import Boosted
from tests.reference.deals import Deals
from tests.reference.eligible import Eligibility, Measured, by_payee, without_spent_serials
from tests.reference.exact import minor_digits
from tests.reference.lines import Facts
from tests.reference.measures import (
    Standing,
    baselines,
    boost_for,
    needs_baseline,
    targets,
    total,
)
from tests.reference.periods import Period, measurement_periods
from tests.reference.programs import Program
from tests.reference.rebate import Earned
from tests.reference.tables import Value


@dataclass
class Settlement:
    """What the kinds of program need to know to settle themselves."""

    config: dict[str, Value]
    facts: Facts
    eligibility: Eligibility
    deals: Deals

    @property
    def fiscal_year_starts(self) -> int:
        """The month in which fiscal years start."""
        return int(self.config["workspace"].get("fiscal_year_starts", 1))

    def periods(self, program: Program) -> list[Period]:
        """The measurement periods that began by the last day of PERIOD (rule 33)."""
        cut = (program.period, program.starts, program.ends, self.fiscal_year_starts)
        return [p for p in measurement_periods(*cut) if p.start <= self.facts.as_of]

    def finish(self, program: Program, period: Period, payee: str, earned: Earned) -> Boosted:
        """An earned reward with its boost and cap."""
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
    compares = compares or program.table("gate").get("metric") == "growth"
    compares = compares or any(reward.raw.get("rank_by") == "growth" for reward in program.rewards)
    base = baselines(eligibility, program, period) if compares else {}
    goals = targets(eligibility, program, period)
    within = by_payee([m for m in measured if m.line.date in period])
    return {
        payee: (
            Standing(total(lines), base.get(payee), goals.get(payee), program.if_missing_full),
            lines,
        )
        for payee, lines in within.items()
    }
