"""The whole calculation: read a workspace, settle every program, keep what each payee earns."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from tests.reference.budget import apply_budget
from tests.reference.deals import Deals
from tests.reference.eligible import Eligibility
from tests.reference.kinds import CALCULATIONS
from tests.reference.levels import LevelRow, level_book
from tests.reference.lines import Facts, gather_facts
from tests.reference.periods import Period
from tests.reference.programs import Program, read_programs, read_toml
from tests.reference.reading import Account, Data
from tests.reference.sales import read_everything
from tests.reference.settlement import Settlement

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
    levels: list[LevelRow] = field(default_factory=list)


def status(settlement: Settlement, program: Program, period: Period, payee: str) -> str:
    """due, accruing or held (section 5, rule 6)."""
    as_of = settlement.facts.as_of
    monthly = program.raw.get("settle", "end") == "monthly"
    first = settlement.config.get("settlement", {}).get("first_period")
    if first is not None:
        begins = settlement.facts.calendar.period(first).start
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
    find = facts.rep_on if payee_kind == "rep" else facts.partner_on
    row = find(payee, facts.as_of)
    return row is None or row["status"] == "active"


def settle(workspace: Path, period: str) -> Settled:
    """Everything that a workspace's programs owe as of the last day of `period`."""
    config = read_toml(workspace / "incentivectl.toml")
    data = Data(workspace, config)
    programs = read_programs(workspace, config)
    data.level_names = {p.id: set(p.level_names) for p in programs if p.kind == "level"}
    read_everything(data)
    facts = gather_facts(data, period)
    deals = Deals(facts)
    eligibility = Eligibility(facts, programs, deals.reason)
    book = level_book(eligibility, programs)
    facts.level_on = book.on
    settlement = Settlement(config, facts, eligibility, deals)
    settled = Settled(rows=data.accounts)
    settled.levels = [row for levels in book.programs.values() for row in levels.rows()]
    for program in programs:
        if program.kind == "level":
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
