"""Journals balance and close, whatever is booked, reversed, paid, returned, and in which order.

Batches are booked straight into a ledger, so that many histories fit into a second. What the journal must
come to is kept beside it as plain sums.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import polars as pl
from beancount import loader
from beancount.core.inventory import Inventory
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from incentivectl.core.rates import RatesOfDay
from incentivectl.ledger import books, records
from incentivectl.ledger.connection import commit, reading
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.journal.beancount import beancount_text
from incentivectl.ledger.journal.journal import Journal, journal_of
from incentivectl.ledger.journal.lines import Line
from incentivectl.ledger.verify import verify
from incentivectl.ledger.writing import NewBatch, Remittance, Stamp, State, book, note
from incentivectl.posting.lost_batches import keep_head
from incentivectl.posting.post import PAYMENT_COLUMNS, next_id
from incentivectl.posting.voiding import void
from incentivectl.run.loading import load_config
from incentivectl.settlement.accruals import ACCRUALS
from incentivectl.settlement.entries import ENTRIES
from incentivectl.workspace.folders import places_of
from tests.small_workspace import CONFIG, write_workspace

MACHINES = int(os.environ.get("MACHINES", "2")) * 5
JOURNAL = '\n[journal]\npayable = { cash = "cash", points = "points" }\nexpense = "6400"\n'
MONTHS = [(2026, month) for month in range(7, 13)] + [(2027, month) for month in range(1, 13)]
DIGITS = {"USD": 2, "EUR": 2, "JPY": 0}
LEAST = 2_000  # minor units: a smaller balance is carried forward
RATES = st.fixed_dictionaries(
    {
        "EUR": st.sampled_from(["1.1", "1.2345", "0.98", None]),
        "JPY": st.sampled_from(["0.0067", "0.0071", None]),
    }
)
ENTRY = st.tuples(
    st.sampled_from(["loyal", "fund", None]),  # None: an adjustment
    st.sampled_from(["P1", "P2"]),
    st.sampled_from(["USD", "EUR", "JPY"]),
    st.sampled_from(["cash", "points"]),
    st.integers(-15_000, 30_000).filter(bool),
)
ACCRUAL = st.tuples(
    st.sampled_from(["loyal", "fund"]),
    st.sampled_from(["held", "accruing", "fund"]),
    st.sampled_from(["USD", "EUR"]),
    st.integers(-500, 9_000).filter(bool),
)


def last_day(month: tuple[int, int]) -> date:
    year, number = month
    return date(year + number // 12, number % 12 + 1, 1) - timedelta(days=1)


def amount_of(units: int, currency: str) -> Decimal:
    return Decimal(units).scaleb(-DIGITS[currency])


class Journals(RuleBasedStateMachine):
    """A ledger whose entries, accruals, rates and answers are drawn."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.config = load_config(write_workspace(self.folder / "w", config=CONFIG + JOURNAL))
        self.places = places_of(self.config)
        self.month, self.now, self.label = 0, datetime(2026, 7, 31, 12, tzinfo=UTC), 0
        self.booked: dict[str, Counter[Any]] = {}  # of a batch: (program, method, currency) → units
        self.recorded: dict[str, Counter[Any]] = {}  # of a batch: (program, currency) → units
        self.entered: Counter[Any] = Counter()
        self.settled: Counter[Any] = Counter()  # paid less returned, by method and currency
        self.withheld: Counter[Any] = Counter()
        self.kept_back: dict[str, int] = {}  # of a payment: what its export withholds
        self.standing: list[str] = []
        self.last = ""

    def teardown(self) -> None:
        if self.last:
            of_batches, of_months = self.journals()
            self.come_to_what_was_booked(of_batches, of_months)
            imported_into_beancount(of_months, self.owed())
        shutil.rmtree(self.folder)

    def stamp(self) -> Stamp:
        return Stamp(self.now, "ana", "host")

    @rule(
        ahead=st.sampled_from([0, 0, 1, 1, 3]),
        drawn=st.lists(ENTRY, max_size=4),
        accrued=st.lists(ACCRUAL, max_size=3, unique_by=lambda one: one[:3]),
        rates=RATES,
        opening=st.booleans(),
        debtor=st.sampled_from([None, "A Ltd", "B GmbH"]),
    )
    def post(
        self,
        ahead: int,
        drawn: list[tuple[Any, ...]],
        accrued: list[tuple[Any, ...]],
        rates: dict[str, str | None],
        opening: bool,
        debtor: str | None,
    ) -> None:
        self.month = min(self.month + ahead, len(MONTHS) - 4)
        dated = last_day(MONTHS[self.month])
        start = date(dated.year, (dated.month - 1) // 3 * 3 + 1, 1)  # of a quarter
        self.now = max(self.now, datetime(dated.year, dated.month, dated.day, 12, tzinfo=UTC))
        period = f"{dated:%Y-%m}"
        rows = [("earning", *one) for one in drawn]
        if opening and not self.last:
            rows.append(("opening", "loyal", "P1", "EUR", "cash", 70_000))
        entries = pl.DataFrame(
            [
                {
                    "kind": kind if program else "adjustment", "program_id": program,
                    "period_start": start if program else None,
                    "period_end": dated if program else None,
                    "payee_kind": "partner", "payee_id": payee, "currency": currency,
                    "method": method, "amount": amount_of(units, currency),
                    "adjustment_id": None if program else f"A{len(self.booked)}-{place}",
                    "debtor": debtor,
                }
                for place, (kind, program, payee, currency, method, units) in enumerate(rows)
            ],
            schema=ENTRIES,
        )  # fmt: skip
        accruals = pl.DataFrame(
            [
                {
                    "program_id": program, "period_start": start, "period_end": dated,
                    "status": status, "currency": currency, "debtor": debtor,
                    "amount": amount_of(units, currency),
                }
                for program, status, currency, units in accrued
            ],
            schema=ACCRUALS,
        )  # fmt: skip
        known = {code: Decimal(rate) for code, rate in rates.items() if rate is not None}
        with writing_to(self.places.ledger, lambda _: None, create=True) as connection:
            batch_id = next_id(connection, period)
            moved = Counter(
                {
                    (row["payee_id"], row["currency"], row["method"]): int(
                        row["brought_forward"].scaleb(DIGITS[row["currency"]])
                    )
                    for row in books.balances(connection, dated).iter_rows(named=True)
                }
            )
            for _, payee, currency, method, units in drawn:
                moved[payee, currency, method] += units
            paid = [("transfer", *key, units) for key, units in moved.items() if units >= LEAST]
            if len(rows) > len(drawn):
                paid.append(("opening", "P1", "EUR", "cash", 70_000))
            payments = pl.DataFrame(
                [
                    {
                        "kind": kind, "payee_kind": "partner", "payee_id": payee,
                        "currency": currency, "method": method,
                        "amount": amount_of(units, currency), "debtor_name": debtor,
                    }
                    for kind, payee, currency, method, units in paid
                ],
                schema={name: pl.Decimal(38, 6) if name in ("amount", "points") else pl.String
                        for name in PAYMENT_COLUMNS},
            )  # fmt: skip
            new = NewBatch(
                batch_id, period, dated.replace(day=1), dated, "x", entries, payments, accruals,
                RatesOfDay("USD", {"USD": Decimal(1), **known}),
                rules={"loyal": ("x", "rebate"), "fund": ("x", "mdf")},
            )  # fmt: skip
            book(connection, new, self.stamp(), {})
            commit(connection)
            keep_head(connection, self.places.archive)
        self.booked[batch_id] = Counter()
        for program, _, currency, method, units in drawn:
            self.booked[batch_id][program, method, currency] += units
        self.entered.update(self.booked[batch_id])
        self.recorded[batch_id] = Counter()
        for program, _, currency, units in accrued:
            self.recorded[batch_id][program, currency] += units
        self.standing.append(batch_id)
        self.last = batch_id

    @rule(data=st.data())
    @precondition(lambda self: self.standing)
    def reverse(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(self.standing))
        done = void(self.places, name, "a test", self.stamp(), lambda _: None, keep=True)
        self.standing.remove(name)
        self.entered.subtract(self.booked[name])
        self.recorded[done.by] = self.recorded[self.standing[-1]] if self.standing else Counter()
        self.last = done.by
        newest = max(
            (MONTHS.index((int(one[:4]), int(one[5:7]))) for one in self.standing), default=0
        )
        self.month = newest

    def payments(self, *states: str) -> list[records.BookedPayment]:
        with reading(self.places.ledger) as connection:
            every = records.payments(connection)
        return [one for one in every if one.state in states and one.kind == "transfer"]

    @rule(data=st.data(), rate=st.sampled_from(["0", "0.24", "0.3"]), wait=st.integers(0, 20))
    @precondition(lambda self: self.last and self.payments("reserved"))
    def export(self, data: st.DataObject, rate: str, wait: int) -> None:
        self.now += timedelta(days=wait)
        name = data.draw(st.sampled_from(sorted({p.batch_id for p in self.payments("reserved")})))
        going = [one for one in self.payments("reserved") if one.batch_id == name]
        sent = []
        for one in going:
            exact = Decimal(one.amount_minor) * Decimal(rate)
            kept = int(exact.quantize(Decimal(1), ROUND_HALF_UP)) if one.method == "cash" else 0
            self.kept_back[one.payment_id] = kept
            if one.method == "cash":
                sent.append(
                    Remittance(
                        one.payment_id, self.now.date(), "W-9", Decimal(rate), one.amount_minor,
                        kept, one.amount_minor - kept,
                    )
                )  # fmt: skip
        states = [State(one.payment_id, "exported") for one in going]
        self.note("export", name, states, remittances=sent)

    @rule(
        data=st.data(), failed=st.booleans(), wait=st.integers(0, 40), rates=RATES,
        has_rates=st.booleans(),
    )  # fmt: skip
    @precondition(lambda self: self.last and self.payments("exported", "paid"))
    def answer(
        self, data: st.DataObject, failed: bool, wait: int, rates: dict[str, str | None],
        has_rates: bool,
    ) -> None:  # fmt: skip
        """The bank pays or refuses what is on its way, or brings back what it had paid."""
        self.now = min(self.now + timedelta(days=wait), datetime(2027, 12, 30, tzinfo=UTC))
        one = data.draw(st.sampled_from(self.payments("exported", "paid")))
        is_back = one.state == "paid"
        failed = failed or is_back
        known = {code: Decimal(rate) for code, rate in rates.items() if rate is not None}
        kept = RatesOfDay("USD", {"USD": Decimal(1), **known}) if has_rates else None
        state = State(one.payment_id, "failed" if failed else "paid")
        self.note("confirm", one.batch_id, [state], rates=kept)
        sign = -1 if is_back else 0 if failed else 1
        key = (one.method, one.currency)
        self.settled[key] += sign * one.amount_minor
        self.withheld[one.currency] += sign * self.kept_back[one.payment_id]

    def note(
        self,
        kind: str,
        batch_id: str,
        states: list[State],
        rates: RatesOfDay | None = None,
        remittances: Sequence[Remittance] = (),
    ) -> None:
        with writing_to(self.places.ledger, lambda _: None) as connection:
            newest = max(one.dated for one in records.batches(connection))
            day = newest if kind == "confirm" else records.batch(connection, batch_id).dated
            note(
                connection, kind, batch_id, day, self.stamp(), {}, states,
                rates=rates, remittances=remittances,
            )  # fmt: skip
            commit(connection)
            keep_head(connection, self.places.archive)

    # What must hold of the journals.

    def journals(self) -> tuple[list[Journal], list[Journal]]:
        """Those of all batches, and those of all months; each refuses when it does not close."""
        with reading(self.places.ledger) as connection:
            assert connection is not None
            assert verify(connection).faults == ()
            of_batches = [
                journal_of(connection, self.config, one) for one in records.batches(connection)
            ]
            months = [
                self.config.calendar.named(f"{y}-{m:02}", date(2028, 1, 1)) for y, m in MONTHS
            ]
            of_months = [journal_of(connection, self.config, one) for one in months if one]
        return of_batches, of_months

    @invariant()
    def the_newest_journal_closes(self) -> None:
        if getattr(self, "last", ""):
            with reading(self.places.ledger) as connection:
                assert connection is not None
                journal_of(connection, self.config, records.batch(connection, self.last))

    def owed(self) -> Counter[Any]:
        """Entries less payments that were paid, by method and currency."""
        found: Counter[Any] = Counter()
        for (_, method, currency), units in self.entered.items():
            found[method, currency] += units
        found.subtract(self.settled)
        return found

    def come_to_what_was_booked(self, of_batches: list[Journal], of_months: list[Journal]) -> None:
        lines = [line for journal in of_months for line in journal.lines]
        single = Counter((line.entry, line) for line in lines)
        assert all((line.entry, line) in single for journal in of_batches for line in journal.lines)
        recorded = self.recorded[self.last]
        owed = Counter({key: -units for key, units in self.owed().items()})
        assert sums(lines, "payable", "method") == nonzero(owed)
        assert sums(lines, "accrued", "program_id") == nonzero(
            Counter({key: -units for key, units in recorded.items()})
        )
        expense: Counter[Any] = Counter()
        for (program, _, currency), units in self.entered.items():
            expense[program, currency] += units
        expense.update(recorded)
        assert sums(lines, "expense", "program_id") == nonzero(expense)
        assert sums(lines, "withheld", "role") == nonzero(
            Counter({("withheld", code): -units for code, units in self.withheld.items()})
        )
        self.in_home_currency(lines)

    def in_home_currency(self, lines: list[Line]) -> None:
        """Nothing of a liability stays in the books when nothing is owed; home amounts are the amounts."""
        for line in lines:
            if line.currency == "USD":
                assert line.home_amount == line.amount
        for role, key in (("payable", "method"), ("accrued", "program_id")):
            owed: dict[Any, list[Line]] = {}
            for line in lines:
                if line.role == role:
                    of = (getattr(line, key), line.debtor, line.currency)
                    owed.setdefault(of, []).append(line)
            for of in owed.values():
                if not sum(line.amount for line in of) and all(
                    line.home_amount is not None for line in of
                ):
                    assert sum(line.home_amount or 0 for line in of) == 0


def imported_into_beancount(of_months: list[Journal], owed: Counter[Any]) -> None:
    """All months in one file: no error, and its balance sheet shows what is owed."""
    texts = [beancount_text(journal) for journal in of_months if journal.lines]
    found, errors, _ = loader.load_string("\n".join(texts))
    assert errors == []
    sheet: dict[str, Inventory] = {}
    for entry in found:
        for posting in getattr(entry, "postings", ()):
            sheet.setdefault(posting.account, Inventory()).add_position(posting)
    for (method, currency), units in owed.items():
        account = sheet.get(f"Liabilities:{method.capitalize()}", Inventory())
        assert account.get_currency_units(currency).number == -amount_of(units, currency)


def sums(lines: list[Line], role: str, key: str) -> Counter[Any]:
    """What the lines of a role add up to, in minor units, by a field and currency; without zeros."""
    found: Counter[Any] = Counter()
    for line in lines:
        if line.role == role:
            of = (getattr(line, key), line.currency)
            found[of] += int(line.amount.scaleb(DIGITS[line.currency]))
    return nonzero(found)


def nonzero(counted: Counter[Any]) -> Counter[Any]:
    return Counter({key: units for key, units in counted.items() if units})


TestJournals = Journals.TestCase
TestJournals.settings = settings(
    max_examples=MACHINES,
    stateful_step_count=12,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
