"""A payout file of another system against our own numbers: each difference under a cause that is proven.

A cause is proven where computing everything with just that mistake gives the file's amount, to the minor
unit (docs/questions.md, "Audits").
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import polars as pl

from incentivectl.core import money
from incentivectl.insight.audit.mistakes import Mistake, channel_before, mistakes, rightly
from incentivectl.insight.audit.payout_file import PayoutRow
from incentivectl.programs.model import Program
from incentivectl.run.known import Known, known_program
from incentivectl.run.run import Run
from incentivectl.sales.channel import Channel
from incentivectl.settlement.adjustments import adjustments_up_to

UNEXPLAINED, UNKNOWN_PAYEE = "unexplained", "unknown-payee"
MISSING, HELD = "missing-in-file", "held-paid"

Key = tuple[str | None, str, str]  # program (none: all together), payee, currency
Amounts = dict[Key, Decimal]


@dataclass(frozen=True)
class Difference:
    """One payee (and program, where the file tells it) whose amount is not ours.

    `cause` is proven, or `unexplained`; `program` says in which program alone the mistake was made, where
    the file adds programs up and not all have it.
    """

    program_id: str | None
    payee_id: str
    payee_name: str
    currency: str
    theirs: Decimal
    ours: Decimal
    cause: str
    program: str | None = None


@dataclass(frozen=True)
class Audit:
    """The file, how many payees agree, and every difference, by cause and size."""

    known: Known
    file: Path
    rows: int
    agree: int
    differences: tuple[Difference, ...]


def audited(
    known: Known,
    run: Run,
    file: Path,
    rows: Sequence[PayoutRow],
    program_id: str | None,
    progress: Callable[[str], None],
) -> Audit:
    """The file's rows against what became due in PERIOD; `run` tells what was booked before."""
    by_program = any(row.program_id is not None for row in rows)
    wanted = _programs(known, rows, program_id)
    theirs = _theirs(known, rows, wanted, by_program=by_program)
    settling = _Settling(known, run, wanted)
    progress("computing what is due")
    ours = settling.due(Mistake("none", rightly))
    keyed = _grouped(ours, by_program=by_program)
    digits = {currency: money.minor_digits(currency) for _, _, currency in {*theirs, *keyed}}

    def same(left: Decimal, right: Decimal, currency: str) -> bool:
        places = digits[currency]
        return money.round_decimal(left, places) == money.round_decimal(right, places)

    nothing = Decimal(0)
    differing = [
        key
        for key in sorted({*theirs, *keyed}, key=str)
        if not same(theirs.get(key, nothing), keyed.get(key, nothing), key[2])
    ]
    in_file = [key for key in differing if key in theirs]  # a mistake made an amount: there is one
    proven: dict[Key, list[tuple[str, str | None]]] = {key: [] for key in in_file}
    if in_file:
        for mistake in (*mistakes(known), settling.held()):
            progress(f"trying {mistake.code}")
            wrong = settling.due(mistake)
            for key in in_file:
                for amount, where in _candidates(key, ours, wrong):
                    if same(theirs.get(key, nothing), amount, key[2]):
                        proven[key].append((mistake.code, where))
                        break
    found = _differences(known, run, theirs, keyed, differing, proven)
    agree = len({*theirs, *keyed}) - len(differing)
    return Audit(known, file, len(rows), agree, tuple(found))


def _programs(
    known: Known, rows: Sequence[PayoutRow], program_id: str | None
) -> tuple[Program, ...]:
    """The programs that the file is about; all of them where it does not say."""
    named = {row.program_id for row in rows if row.program_id is not None}
    if program_id is not None:
        named.add(program_id)
    if not named:
        return known.loaded.programs
    return tuple(known_program(known.loaded, one) for one in sorted(named))


def _theirs(
    known: Known, rows: Sequence[PayoutRow], programs: Sequence[Program], *, by_program: bool
) -> Amounts:
    """The file's amounts by key; payees after aliases, a missing currency as the program's or ours."""
    home = known.loaded.workspace.currency
    currencies = {one.id: one.currency or home for one in programs}
    alone = next(iter(currencies.values())) if len(currencies) == 1 else home
    aliases = _aliases(known)
    found: Amounts = {}
    for row in rows:
        currency = row.currency or currencies.get(row.program_id or "", alone)
        key = (
            row.program_id if by_program else None,
            aliases.get(row.payee_id, row.payee_id),
            currency,
        )
        found[key] = found.get(key, Decimal(0)) + row.amount
    return found


def _aliases(known: Known) -> Mapping[str, str]:
    """Other names that exports use for partners and reps."""
    tables = known.inputs.tables
    ids = {*tables["partners"]["partner_id"], *tables["reps"]["rep_id"]}
    rows = tables["aliases"].filter(pl.col("table").is_in(["partners", "reps"]))
    return {
        alias: real for alias, real in rows.select("alias", "id").iter_rows() if alias not in ids
    }


class _Settling:
    """What became due in PERIOD: due on its last day, less what was booked or due before it."""

    def __init__(self, known: Known, run: Run, programs: Sequence[Program]) -> None:
        self.known = known
        self.every = known.loaded.programs
        self.wanted = {one.id for one in programs}
        self.before = channel_before(known)
        first = run.earnings.filter(pl.col("status") == "settled-elsewhere")
        self.elsewhere = first.select("program_id", "period_start").unique()
        booked = run.earnings.filter(pl.col("booked_before") != 0)
        self.booked = self._sums(booked, "booked_before") if booked.height else None
        due_before = self._due(Mistake("none", rightly), self.before, self.wanted)
        self.settled_before = {*due_before["program_id"]}
        self.adjusted, self.adjusted_before = (
            self._adjustments(channel) for channel in (known.channel, self.before)
        )

    def due(self, mistake: Mistake) -> Amounts:
        """Program, payee and currency → what is due with a mistake made throughout."""
        now = self._sums(self._due(mistake, self.known.channel, self.wanted), "entitlement")
        if not mistake.deducts:
            return _together(now, self.adjusted, 1)
        earlier = self.booked
        if earlier is None:
            before = self._due(mistake, self.before, self.settled_before)
            earlier = self._sums(before, "entitlement")
        new = _together(self.adjusted, self.adjusted_before, -1)
        return _together(_together(now, earlier, -1), new, 1)

    def _adjustments(self, channel: Channel) -> Amounts:
        """Adjustments up to the channel's day; those without a program where all are asked for."""
        rows = adjustments_up_to(channel, self.every)
        if len(self.wanted) < len(self.every):
            rows = rows.filter(pl.col("program_id").is_in(self.wanted))
        return self._sums(rows, "amount")

    def held(self) -> Mistake:
        """What is held is paid all the same."""
        is_due = pl.when("inactive").then(pl.lit("due")).otherwise("status")
        return Mistake(
            HELD,
            lambda programs, channel, only: rightly(programs, channel, only).with_columns(
                status=is_due
            ),
        )

    def _due(self, mistake: Mistake, channel: Channel, only: Collection[str]) -> pl.DataFrame:
        earnings = mistake.earnings(self.every, channel, only)
        return earnings.filter(pl.col("status") == "due").join(
            self.elsewhere, on=["program_id", "period_start"], how="anti"
        )

    @staticmethod
    def _sums(earnings: pl.DataFrame, column: str) -> Amounts:
        sums = earnings.group_by("program_id", "payee_id", "currency").agg(pl.col(column).sum())
        return {(program, payee, cur): amount for program, payee, cur, amount in sums.iter_rows()}


def _together(left: Amounts, right: Amounts, sign: int) -> Amounts:
    """The sums of both, or with a `sign` of -1 the differences."""
    nothing = Decimal(0)
    return {key: left.get(key, nothing) + sign * right.get(key, nothing) for key in {*left, *right}}


def _grouped(amounts: Amounts, *, by_program: bool) -> Amounts:
    """Amounts at the grain of the file, without those that are 0."""
    found: Amounts = {}
    for (program, payee, currency), amount in amounts.items():
        key = (program if by_program else None, payee, currency)
        found[key] = found.get(key, Decimal(0)) + amount
    return {key: amount for key, amount in found.items() if amount}


def _candidates(key: Key, ours: Amounts, wrong: Amounts) -> Iterator[tuple[Decimal, str | None]]:
    """What the key amounts to with the mistake in all programs, then in one alone."""
    program, payee, currency = key
    nothing = Decimal(0)
    if program is not None:
        if wrong.get(key, nothing) != ours.get(key, nothing):
            yield wrong.get(key, nothing), None
        return
    own = [k for k in {*ours, *wrong} if k[1] == payee and k[2] == currency]
    right = sum((ours.get(k, nothing) for k in own), nothing)
    changes = {k: wrong.get(k, nothing) - ours.get(k, nothing) for k in own}
    moved = {k: change for k, change in changes.items() if change}
    if moved:
        alone = str(next(iter(moved))[0]) if len(moved) == 1 else None
        yield right + sum(moved.values(), nothing), alone
    if len(moved) > 1:
        for k, change in sorted(moved.items(), key=lambda item: str(item[0])):
            yield right + change, k[0]


def _differences(
    known: Known,
    run: Run,
    theirs: Amounts,
    ours: Amounts,
    differing: Sequence[Key],
    proven: Mapping[Key, Sequence[tuple[str, str | None]]],
) -> Iterator[Difference]:
    """Of several proven causes the one that explains most differences in the file is named."""
    votes = Counter(code for causes in proven.values() for code, _ in causes)
    names = _names(known, run)
    found = []
    for key in differing:
        program, payee, currency = key
        causes = sorted(proven.get(key, ()), key=lambda cause: -votes[cause[0]])
        if causes:
            cause, where = causes[0]
        elif key not in theirs:
            cause, where = MISSING, None
        elif payee not in names:
            cause, where = UNKNOWN_PAYEE, None
        else:
            cause, where = UNEXPLAINED, None
        found.append(
            Difference(
                program, payee, names.get(payee, payee), currency,
                theirs.get(key, Decimal(0)), ours.get(key, Decimal(0)), cause, where,
            )
        )  # fmt: skip
    order = [code for code, _ in votes.most_common()]
    yield from sorted(
        found,
        key=lambda one: (
            order.index(one.cause) if one.cause in order else len(order),
            one.cause,
            -abs(one.theirs - one.ours),
            one.payee_id,
            one.program_id or "",
        ),
    )


def _names(known: Known, run: Run) -> dict[str, str]:
    tables = known.inputs.tables
    names: dict[str, str] = {}
    for table, key in (("reps", "rep_id"), ("partners", "partner_id")):
        latest = tables[table].sort("valid_from", nulls_last=False)
        names |= dict(latest.select(key, "name").iter_rows())
    return names | dict(run.earnings.select("payee_id", "payee_name").iter_rows())
