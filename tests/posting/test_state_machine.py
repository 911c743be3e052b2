"""Any order of posts, late lines, returns, corrections, voids, exports and answers of the bank.

After every step the ledger verifies, and plain Python (tests/reference), which knows no ledger, tells
what must have been booked: of programs without a budget exactly the entitlements of all the data.
"""

import os
import shutil
import tempfile
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from incentivectl.ledger import records
from incentivectl.ledger.connection import reading
from incentivectl.ledger.journal.journal import journal_of
from incentivectl.run.loading import load_config
from tests.posting.booked import (
    BOOKS,
    REVERSE,
    asked,
    assert_computed_again,
    assert_explained,
    assert_whole,
    batch_ids,
    booked,
)
from tests.properties.features import switched_on
from tests.reference import Earning
from tests.reference import settle as reference
from tests.small_workspace import incentivectl, write_workspace

MACHINES = int(os.environ.get("MACHINES", "2"))
STEPS = int(os.environ.get("MACHINE_STEPS", "12"))
MONTHS = ("2026-07", "2026-08", "2026-09", "2026-10", "2026-11", "2026-12")
PAYEES = ("P1", "P2", "P3")
AMOUNTS = st.sampled_from(["0.50", "99.99", "500", "1250.25", "4000", "10000"])
BUDGET = '\n[limits]\nbudget = 900\nover_budget = "{}"\n'
KINDS = {
    "open": ("quarter", "", "end"),
    "monthly": ("quarter", "", "monthly"),
    "prorate": ("month", BUDGET.format("prorate"), "end"),
    "first-come": ("month", BUDGET.format("first_come"), "end"),
}
# What programs without a budget do beyond rates and tiers: feature, measurement period, text.
EXTRAS = {
    "steps": ("steps", "quarter", '[reward]\nrate = "{}"\nevery = 1_000\npays = 12.5\n'),
    "curve": (
        "curves",
        "month",
        '[reward]\ncurve = [{{ at = 0, rate = "{}" }}, {{ at = 9_000, rate = "9%" }}]\n',
    ),
    "bundle": (
        "bundles",
        "quarter",
        '[bundle]\nneeds = [{{ when = {{ "sale.amount" = {{ max = 500 }} }}, quantity = 1 }},'
        ' {{ when = {{ "sale.amount" = {{ min = 501 }} }}, quantity = 1 }}]\n'
        '[reward]\nrate = "{}"\nper_bundle = 30\n',
    ),
    "window": (
        "windows",
        "month",
        '[reward]\ntiers_months = 3\ntiers = [{{ from = 0, rate = "{}" }},'
        ' {{ from = 5_000, rate = "8%", bonus = 10 }}]\n',
    ),
    "top": ("parents", "quarter", 'payee = "parent"\n[reward]\nrate = "{}"\n'),
    "group": (
        "together",
        "month",
        '[reward]\ntogether = "parent"\ntiers = [{{ from = 0, rate = "{}" }},'
        ' {{ from = 5_000, rate = "8%" }}]\n',
    ),
    "contract": ("terms", "month", '[reward]\nterms = "lists/contracts.csv"\n'),
    "rate-card": (
        "terms",
        "quarter",
        '[reward]\nterms = "lists/contracts.csv"\nterms_by = "line"\n',
    ),
    "loyal": (
        "levels",
        "month",
        '[[boost]]\nwhen = {{ "level.status" = "gold" }}\nfactor = 2\n[reward]\nrate = "{}"\n',
    ),
}
EXTRAS = {name: extra for name, extra in EXTRAS.items() if extra[0] in switched_on()}
UNLIMITED = ("open", "monthly", *EXTRAS)
# Guards may object to several programs at once: each is named.
OVERRULED = tuple(
    word
    for allowed in (
        "missing-lines",
        "clawbacks:total",
        *(
            f"{guard}:{name}"
            for guard in ("clawbacks", "surge", "changed-rules")
            for name in (*KINDS, *EXTRAS)
        ),
    )
    for word in ("--allow", allowed)
)
LEVELS = """\
id = "status"
name = "Status"
kind = "level"
starts = 2026-07-01
ends = 2026-12-31
period = "month"

[level]
metric = "revenue"
months = 2
levels = [{ name = "gold", at_least = 5_000 }]
"""
HAS_PARENTS = bool({"parents", "together"} & switched_on())
Key = tuple[str, str, str, str]


def program(name: str, rate: str) -> str:
    if name in EXTRAS:
        _, period, text = EXTRAS[name]
        return (
            f'id = "{name}"\nname = "{name}"\nkind = "rebate"\nstarts = 2026-07-01\n'
            f'ends = 2026-12-31\nperiod = "{period}"\n' + text.format(rate)
        )
    period, limits, settle = KINDS[name]
    reward = f'tiers = [{{ from = 0, rate = "{rate}" }}, {{ from = 5_000, rate = "8%" }}]\n'
    if name == "first-come":  # there the reference pays flat rates only
        reward = f'rate = "{rate}"\n'
    return (
        f'id = "{name}"\nname = "{name}"\nkind = "rebate"\nstarts = 2026-07-01\n'
        f'ends = 2026-12-31\nperiod = "{period}"\nsettle = "{settle}"\n\n[reward]\n'
        f"{reward}{limits}"
    )


class Books(RuleBasedStateMachine):
    """A channel of three partners whose data change while it is settled month by month."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.lines: dict[str, tuple[str, str, str, str]] = {}  # id: day, partner, amount, return_of
        self.number, self.month, self.restated = 0, 0, ""
        self.rates = dict.fromkeys([*KINDS, *EXTRAS], "5%")
        self.parents: dict[tuple[str, str], str] = {}  # partner and day: parent
        self.contracts: dict[str, tuple[str, str]] = {}  # partner: rate, last day
        self.status = dict.fromkeys(PAYEES, "active")
        self.seen: set[object] = set()
        self.root = write_workspace(
            self.folder / "w",
            config=BOOKS.replace("[payout]", "[payout]\nminimum = 20"),
            programs={name: program(name, rate) for name, rate in self.rates.items()},
        )
        (self.root / "lists").mkdir()
        if "levels" in switched_on():
            (self.root / "programs/status.toml").write_text(LEVELS)
        self.sale("P1", "4000", 0, 3)
        self.sale("P2", "1250.25", 0, 4)
        self.write()

    def teardown(self) -> None:
        if batch_ids(self.root):
            assert_computed_again(self.root)
        shutil.rmtree(self.folder)

    # What is in the exports.

    def sale(self, payee: str, amount: str, month: int, day: int, of: str = "") -> None:
        self.number += 1
        when = f"{MONTHS[month]}-{day:02}"
        self.lines[f"S{self.number:03}"] = (when, payee, amount, of)

    def write(self) -> None:
        rows = [
            f"{name},1,{day},{payee},A,{amount},{of}"
            for name, (day, payee, amount, of) in self.lines.items()
        ]
        data = self.root / "sample_data"
        header = "sale_id,line_id,sold_on,partner_id,product_id,amount,return_of"
        (data / "sales.csv").write_text("\n".join([header, *rows]) + "\n" + self.restated)
        partners = [f"{payee},{payee},{status},," for payee, status in self.status.items()]
        partners += [
            f"{payee},{payee},{self.status[payee]},{parent},{day}"
            for (payee, day), parent in self.parents.items()
        ]
        header = "partner_id,name,status,parent_id,valid_from\n"
        (data / "partners.csv").write_text(header + "\n".join(partners) + "\n")
        terms = [
            f"K-{payee},{payee},{until},{rate}" for payee, (rate, until) in self.contracts.items()
        ]
        header = "contract,partner.partner_id,valid_until,rate\n"
        contracts = self.root / "lists/contracts.csv"
        contracts.write_text(header + "\n".join([*terms, ",,,1%"]) + "\n")
        for name, rate in self.rates.items():
            (self.root / f"programs/{name}.toml").write_text(program(name, rate))

    @rule(
        payee=st.sampled_from(PAYEES),
        amount=AMOUNTS,
        day=st.integers(1, 28),
        back=st.integers(0, 3),
    )
    def late_or_new_line(self, payee: str, amount: str, day: int, back: int) -> None:
        self.sale(payee, amount, max(self.month - back, 0), day)
        self.write()

    @rule(data=st.data(), share=st.sampled_from([1, 2, 4]))
    def take_back(self, data: st.DataObject, share: int) -> None:
        sales = sorted(name for name, line in self.lines.items() if not line[3])
        name = data.draw(st.sampled_from(sales))
        _, payee, amount, _ = self.lines[name]
        self.sale(payee, f"-{Decimal(amount) / share:.2f}", self.month, 28, name)
        self.write()

    @rule(data=st.data(), amount=AMOUNTS)
    def restate(self, data: st.DataObject, amount: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.lines)))
        day, payee, _, of = self.lines[name]
        self.restated += f"{name},1,{day},{payee},A,{'-' if of else ''}{amount},{of}\n"
        self.write()

    @rule(
        name=st.sampled_from(sorted([*KINDS, *EXTRAS])), rate=st.sampled_from(["2%", "5%", "6.5%"])
    )
    def change_a_rate(self, name: str, rate: str) -> None:
        self.rates[name] = rate
        self.write()

    @rule(payee=st.sampled_from(PAYEES), status=st.sampled_from(["active", "suspended"]))
    def change_a_status(self, payee: str, status: str) -> None:
        self.status[payee] = status
        self.write()

    @rule(
        payee=st.sampled_from(PAYEES[1:]),
        parent=st.sampled_from(["P1", "", "P1"]),
        month=st.sampled_from(MONTHS[:3]),
    )
    @precondition(lambda _: HAS_PARENTS)
    def change_a_parent(self, payee: str, parent: str, month: str) -> None:
        self.parents[payee, f"{month}-15"] = parent
        self.write()

    @rule(
        payee=st.sampled_from(PAYEES),
        rate=st.sampled_from(["3%", "7%", None]),
        until=st.sampled_from(["", "2026-08-15", "2026-09-30"]),
    )
    @precondition(lambda _: "terms" in switched_on())
    def sign_change_or_end_a_contract(self, payee: str, rate: str | None, until: str) -> None:
        self.contracts.pop(payee, None)
        if rate is not None:
            self.contracts[payee] = (rate, until)
        self.write()

    # What is done with the books.

    def command(self, *arguments: str | Path, code: int = 0) -> str:
        result = incentivectl(*arguments, "-w", self.root)
        assert result.exit_code == code, result.output
        return result.output

    @rule(ahead=st.sampled_from([0, 0, 1, 1, 2]))
    def post(self, ahead: int) -> None:
        """Posts the month that it is, or a later one; twice books nothing twice."""
        before = booked(self.root)
        self.month = min(self.month + ahead, len(MONTHS) - 1)
        period = MONTHS[self.month]
        known = batch_ids(self.root)
        self.command("run", period, "--no-changes")
        self.command("batch", "post", period, *OVERRULED)
        earnings = reference(self.root, period).earnings
        self.agree(earnings, before)
        again = batch_ids(self.root)
        told = self.command("run", period)
        for batch in again[len(known) :]:
            assert_explained(self.root, batch)
            assert f"posted as {batch}" in told
        assert "nothing left to book" in self.command("batch", "post", period, *OVERRULED)
        assert batch_ids(self.root) == again
        self.agree(earnings, booked(self.root))

    def agree(
        self, earnings: dict[tuple[str, date, date, str], Earning], before: dict[Key, Decimal]
    ) -> None:
        """What is booked now, against what it was and what plain Python computes from scratch."""
        now = booked(self.root)
        rows = {
            (program, str(start), payee, one.currency): one
            for (program, start, _, payee), one in earnings.items()
        }
        for key in before.keys() | now.keys() | rows.keys():
            one, was, is_now = rows.get(key), before.get(key, Decimal(0)), now.get(key, Decimal(0))
            entitlement = one.entitlement if one else Fraction(0)
            status = one.status if one else "due"
            if status == "accruing":
                assert is_now == was, key
            elif key[0] in UNLIMITED:
                inactive = self.status[key[2]] != "active"
                goal = min(entitlement, Fraction(was)) if inactive else entitlement
                assert Fraction(is_now) == goal, (key, was, is_now, entitlement, status)
        for name in ("prorate", "first-come"):
            self.keeps(name, rows, before, now)

    def keeps(
        self,
        name: str,
        rows: dict[Key, Earning],
        before: dict[Key, Decimal],
        now: dict[Key, Decimal],
    ) -> None:
        """Nothing is taken for another's sake; new money fits beside what is kept, and uses it up."""
        kept, new, wanted = Fraction(0), Fraction(0), Fraction(0)
        for key in (key for key in before.keys() | now.keys() | rows.keys() if key[0] == name):
            one, was = rows.get(key), Fraction(before.get(key, 0))
            own = one.before_budget if one else Fraction(0)
            entitlement = one.entitlement if one else Fraction(0)
            change = Fraction(now.get(key, 0)) - was
            keeps = min(was, own)
            is_due = one is None or one.status == "due"
            if one is not None and one.status == "accruing":
                assert change == 0, key
                continue
            inactive = self.status[key[2]] != "active"
            goal = max(entitlement, keeps) - was
            kept += keeps if is_due or inactive or was else 0
            if inactive:
                assert change == min(goal, 0), key
            elif goal <= 0:
                assert change == goal, key
            else:
                assert 0 <= change <= goal, key
                new += change
                wanted += goal
        assert new == min(wanted, max(900 - kept, Fraction(0))), (name, new, wanted, kept)

    @rule(data=st.data(), keep=st.booleans())
    @precondition(lambda self: self.standing())
    def void(self, data: st.DataObject, keep: bool) -> None:
        name = data.draw(st.sampled_from(self.standing()))
        out = asked(self.root, STATES, name)
        gone_out = any(state in ("exported", "paid") for _, state in out)
        options = ("--keep-payments",) if keep else ()
        code = 5 if gone_out and not keep else 0
        self.command("batch", "void", name, *REVERSE, *options, code=code)
        assert_explained(self.root, batch_ids(self.root)[-1])

    def standing(self) -> list[str]:
        rows = asked(
            self.root,
            "SELECT id FROM batches b WHERE reverses IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM batches v WHERE v.reverses = b.id) ORDER BY record",
        )
        return [str(row[0]) for row in rows]

    @rule(data=st.data())
    @precondition(lambda self: self.standing())
    def export(self, data: st.DataObject) -> None:
        """Twice: the same file, and the payments in it add up to what the ledger says."""
        name = data.draw(st.sampled_from(self.standing()))
        self.command("batch", "export", name)
        files = {path: path.read_bytes() for path in (self.root / "payments").glob(f"{name}-*.csv")}
        self.command("batch", "export", name)
        again = (self.root / "payments").glob(f"{name}-*.csv")
        assert {path: path.read_bytes() for path in again} == files

    @rule(data=st.data(), outcome=st.sampled_from(["paid", "paid", "failed"]))
    @precondition(lambda self: self.exported())
    def confirm(self, data: st.DataObject, outcome: str) -> None:
        payment = data.draw(st.sampled_from(self.exported()))
        answer = self.folder / "answer.csv"
        answer.write_text(f"payment_id,status,reason\n{payment},{outcome},told so\n")
        self.command("batch", "confirm", answer)
        records = asked(self.root, "SELECT count(*) FROM records")
        self.command("batch", "confirm", answer)  # known already
        assert asked(self.root, "SELECT count(*) FROM records") == records

    def exported(self) -> list[str]:
        rows = asked(self.root, "SELECT payment_id FROM payments")
        return sorted(
            str(name) for (name,) in rows if asked(self.root, STATE, name) == [("exported",)]
        )

    # What holds after every step.

    @invariant()
    def the_ledger_is_whole(self) -> None:
        if not batch_ids(self.root):
            return
        assert_whole(self.root)

    @invariant()
    def the_newest_journal_closes(self) -> None:
        if not (names := batch_ids(self.root)):
            return
        config = load_config(self.root)
        with reading(config.ledger) as ledger:
            assert ledger is not None
            journal_of(ledger, config, records.batch(ledger, names[-1]))
            month = config.calendar.named(names[-1].partition(".")[0], date.min)
            assert month is not None
            journal_of(ledger, config, month)

    @invariant()
    def each_payment_is_the_balance_of_its_day(self) -> None:
        """Entries less payments, as far as they were known when it was made, and at least 20.00."""
        for name, record, dated in asked(self.root, "SELECT id, record, dated FROM batches"):
            if name in self.seen:
                continue
            self.seen.add(name)
            balance: defaultdict[object, int] = defaultdict(int)
            for payee, units in asked(self.root, ENTERED, dated, record):
                balance[payee] += int(str(units))
            for payee, units, payment, batch in asked(self.root, PAID, dated, record):
                (state,) = asked(self.root, STATE_THEN, payment, dated, record)
                if batch != name and state not in (("failed",), ("cancelled",)):
                    balance[payee] -= int(str(units))
            made = asked(
                self.root, "SELECT payee_id, amount_minor FROM payments WHERE batch_id = ?", name
            )
            assert all(units == balance[payee] and balance[payee] >= 2000 for payee, units in made)

    @invariant()
    def every_payment_id_is_used_once(self) -> None:
        ids = [row[0] for row in asked(self.root, "SELECT payment_id FROM payments")]
        assert len(ids) == len(set(ids))


STATE = "SELECT state FROM payment_states WHERE payment_id = ? ORDER BY id DESC LIMIT 1"
STATES = (
    "SELECT payment_id, (SELECT state FROM payment_states s WHERE s.payment_id = p.payment_id"
    " ORDER BY s.id DESC LIMIT 1) FROM payments p WHERE batch_id = ?"
)
ENTERED = (
    "SELECT payee_id, amount_minor FROM entries e JOIN batches b ON b.id = e.batch_id"
    " WHERE b.dated <= ? AND b.record <= ?"
)
PAID = (
    "SELECT payee_id, amount_minor, payment_id, batch_id FROM payments p"
    " JOIN batches b ON b.id = p.batch_id WHERE b.dated <= ? AND b.record <= ?"
)
STATE_THEN = (
    "SELECT state FROM payment_states s JOIN records r ON r.seq = s.record"
    " WHERE payment_id = ? AND r.effective_on <= ? AND r.seq <= ? ORDER BY s.id DESC LIMIT 1"
)

TestBooks = Books.TestCase
TestBooks.settings = settings(
    max_examples=MACHINES,
    stateful_step_count=STEPS,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
