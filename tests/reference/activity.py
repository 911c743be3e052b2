"""Behaviours: training, certification, leads, … paid by the entry they match (rule 28)."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from tests.reference.conditions import all_hold, partner_value
from tests.reference.eligible import Eligibility
from tests.reference.measures import activity_payee, reward_for_activity
from tests.reference.periods import Period
from tests.reference.programs import Program
from tests.reference.rows import Row
from tests.reference.tables import Value


@dataclass(frozen=True)
class Paid:
    """An activity that counts, and what its entry pays for it."""

    row: Row
    payee: str
    amount: Fraction

    @property
    def order(self) -> tuple[object, ...]:
        """(done_on, activity_id), the order of rule 30."""
        return (self.row["done_on"], self.row["activity_id"])


def paid_activities(
    eligibility: Eligibility, program: Program, periods: list[Period]
) -> list[Paid]:
    """The activities that are paid, the earliest first where several count once."""
    facts = eligibility.facts
    rows = sorted(facts.data.accepted("activities"), key=lambda r: (r["done_on"], r["activity_id"]))
    spent: set[tuple[object, ...]] = set()
    out = []
    for row in rows:
        payee = activity_payee(eligibility, program.payee, row)
        period = next((p for p in periods if row["done_on"] in p), None)
        if not row["passed"] or row["done_on"] > facts.as_of or period is None:
            continue
        if payee is None or not _eligible(eligibility, program, row):
            continue
        found = reward_for_activity(eligibility, program, period, payee, row)
        if found is None:
            continue
        index, entry = found
        once = _once(entry.raw.get("once_per", "none"), row, period)
        if once is not None:
            if (payee, index, *once) in spent:
                continue
            spent.add((payee, index, *once))
        out.append(Paid(row, payee, entry.amount("amount") or Fraction(0)))
    return out


def _once(once_per: str, row: Row, period: Period) -> tuple[object, ...] | None:
    """Within what an activity is paid only once; None: as often as it is done."""
    return {
        "none": None,
        "subject": (row["subject"],),
        "period": (period,),
        "program": (),
    }[once_per]


def _eligible(eligibility: Eligibility, program: Program, row: Row) -> bool:
    """`[eligible]` on the activity's own partner and rep, on its day."""
    facts = eligibility.facts
    partner_id = activity_payee(eligibility, "partner", row)
    if program.payee_kind == "partner" and not facts.knows_partner(partner_id):
        return False
    rep = facts.rep_on(row["rep_id"], row["done_on"])
    look_up = _lookup(eligibility, partner_id, rep, row)
    return all_hold(program.eligible, look_up, facts.data.workspace)


def _lookup(
    eligibility: Eligibility, partner_id: str | None, rep: Row | None, row: Row
) -> Callable[[str], Value]:
    partner = eligibility.facts.partner_on(partner_id, row["done_on"])

    def look_up(path: str) -> Value:
        table, _, name = path.partition(".")
        if table == "partner":
            return partner_value(partner, name, row["done_on"])
        if table == "activity":
            return row[name]
        if table == "level":
            return eligibility.facts.level_on(name, partner_id, row["done_on"])
        return rep[name] if rep is not None else None

    return look_up
