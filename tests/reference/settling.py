"""The whole calculation: read a workspace, settle every program, keep what each payee earns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.reference.budget import Boosted, apply_budget
from tests.reference.eligible import (
    Eligibility,
    Measured,
    by_payee,
    without_spent_serials,
)
from tests.reference.exact import minor_digits
from tests.reference.lines import Facts, Line, gather_facts
from tests.reference.measures import (
    Standing,
    baselines,
    boost_for,
    gate_reached,
    needs_baseline,
    reward_for,
    targets,
    total,
)
from tests.reference.periods import Period, measurement_periods, named_period
from tests.reference.programs import Program, read_programs, read_toml
from tests.reference.reading import Account, Data
from tests.reference.rebate import Earned, earned_on_totals
from tests.reference.sales import read_everything

Key = tuple[str, date, date, str]


@dataclass(frozen=True)
class Earning:
    """One row of earnings: a payee's entitlement for one program and measurement period."""

    program_id: str
    kind: str
    period: Period
    payee_kind: str
    payee_id: str
    currency: str
    status: str
    metric: str
    metric_value: Fraction | None
    baseline: Fraction | None
    tier: int | None
    reward: Fraction
    boost: Fraction
    before_budget: Fraction
    entitlement: Fraction


@dataclass
class Settled:
    """What a workspace settles to as of the last day of a period."""

    earnings: dict[Key, Earning] = field(default_factory=dict)
    rows: dict[str, Account] = field(default_factory=dict)


@dataclass
class Settlement:
    """What the kinds of program need to know to settle themselves."""

    config: dict[str, Any]
    facts: Facts
    eligibility: Eligibility

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


Calculation = Callable[[Settlement, Program], list[dict[str, Boosted]]]


def no_deals(program: Program, line: Line) -> str | None:
    """Only deal registrations ask for a deal that covers the line."""
    return None


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


def settle_rebate(settlement: Settlement, program: Program) -> list[dict[str, Boosted]]:
    """Rebates and SPIFs: the reward on each payee's totals."""
    measured = measured_lines(settlement, program)
    out = []
    for period in settlement.periods(program):
        boosted = {}
        for payee, (standing, lines) in standings(settlement, program, period, measured).items():
            eligibility = settlement.eligibility
            reward = reward_for(eligibility, program, period, payee)
            gate = gate_reached(eligibility, program, period, payee, standing)
            earned = earned_on_totals(reward, standing, lines, gate)
            boosted[payee] = settlement.finish(program, period, payee, earned)
        out.append(boosted)
    return out


CALCULATIONS: dict[str, Calculation] = {"rebate": settle_rebate, "spif": settle_rebate}


def status(settlement: Settlement, program: Program, period: Period, payee: str) -> str:
    """due, accruing or held (section 5, rule 6)."""
    as_of = settlement.facts.as_of
    monthly = program.raw.get("settle", "end") == "monthly"
    first = settlement.config.get("settlement", {}).get("first_period")
    if first is not None:
        begins = named_period(first, settlement.fiscal_year_starts).start
        if period.end < begins:
            return "settled-elsewhere"
    if period.end > as_of and not monthly:
        return "accruing"
    hold = int(program.table("payout").get("hold_days", 0))
    if period.end + timedelta(days=hold) > as_of and not monthly:
        return "held"
    return "due" if _is_active(settlement.facts, program.payee_kind, payee) else "held"


def _is_active(facts: Facts, payee_kind: str, payee: str) -> bool:
    """Whether a payee is active on the last day of PERIOD (rule 6)."""
    row = facts.reps.get(payee) if payee_kind == "rep" else facts.partner_on(payee, facts.as_of)
    return row is None or row["status"] in (None, "active")


def settle(workspace: Path, period: str) -> Settled:
    """Everything that a workspace's programs owe as of the last day of `period`."""
    config = read_toml(workspace / "incentivectl.toml")
    data = Data(workspace, config)
    read_everything(data)
    as_of = named_period(period, int(config["workspace"].get("fiscal_year_starts", 1))).end
    facts = gather_facts(data, as_of)
    programs = read_programs(workspace, config)
    settlement = Settlement(config, facts, Eligibility(facts, programs, no_deals))
    settled = Settled(rows=data.accounts)
    for program in programs:
        if program.kind not in CALCULATIONS:
            continue
        periods = settlement.periods(program)
        boosted = CALCULATIONS[program.kind](settlement, program)
        granted = apply_budget(program, boosted)
        for window, of_payee, entitlements in zip(periods, boosted, granted, strict=True):
            for payee, one in of_payee.items():
                settled.earnings[(program.id, window.start, window.end, payee)] = Earning(
                    program.id,
                    program.kind,
                    window,
                    program.payee_kind,
                    payee,
                    program.currency,
                    status(settlement, program, window, payee),
                    one.earned.metric,
                    one.earned.metric_value,
                    one.earned.baseline,
                    one.earned.tier,
                    one.earned.reward,
                    one.boost,
                    one.before_budget,
                    entitlements[payee],
                )
    return settled
