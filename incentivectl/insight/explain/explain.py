"""From a payee's payout back to its lines (docs/questions.md, "Explanations").

Nothing is computed anew but what a run does not keep: the verdict of each condition on each line. The
parts add up exactly: contributions to the reward, its steps to the entitlement, that to the payout.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.engine.engine import Settled
from incentivectl.insight.explain.payee_lines import contributions_of, lines_of
from incentivectl.insight.next_tier import next_tiers
from incentivectl.insight.payee import Payee
from incentivectl.programs.payee import payee_kind
from incentivectl.programs.payout_rules import Boost
from incentivectl.programs.terms import Term
from incentivectl.rules.case import Case
from incentivectl.rules.earning.earn import EARNED
from incentivectl.rules.earning.limits import TAKEN
from incentivectl.rules.lines.conditions import all_hold
from incentivectl.run.run import Run

Row = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One step from lines to this batch: `amount` is what it adds; in a sum it is missing."""

    name: str
    amount: Decimal | None
    so_far: Decimal
    count: int = 0


@dataclass(frozen=True)
class TermTaken:
    """A term that a payee took: the file that it stands in, its tier, and what it earns under it.

    `earned` is before boosts and caps; it and `tier` are None where they are the payee's own.
    """

    file: str
    term: Term
    tier: int | None
    earned: Decimal | None

    @property
    def line(self) -> int:
        """The line of the file that pays: that of the tier that is reached, or of the first one."""
        return self.term.line if self.tier is None else self.term.tiers[self.tier].line

    @property
    def place(self) -> str:
        """Its file and line."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Entry:
    """One payee in one program and measurement period.

    `earned` is its row of earnings, `measured` that of `Measured.payees` (with `block` where rewards
    have one); both are missing where no line counts. `lines` are those of `payee_lines.lines_of`,
    `contributions` those of `payee_lines.contributions_of`; `next_tier` a row of `NEXT_TIERS`; `terms` those
    that it took, by their block.
    """

    case: Case
    period: MeasurementPeriod
    earned: Row | None
    measured: Row | None
    lines: pl.DataFrame
    contributions: pl.DataFrame
    next_tier: Row | None
    boost: Boost | None
    terms: Mapping[int, TermTaken] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Step, ...]:
        """From the lines to this batch; the amounts add up to it."""
        with money.exactly():
            return tuple(_steps(self.earned, self.contributions)) if self.earned else ()


@dataclass(frozen=True)
class Explained:
    """What one payee gets as of the last day of PERIOD, and why.

    `payouts` and `earnings` are its rows of the run; `adjustments` those that this batch books;
    `entries` tell those programs and periods in detail that still move. With `is_one_program` all of
    it is about that program, and a run of it alone is enough; its payouts are then no answer.
    """

    run: Run
    payee: Payee
    payouts: list[Row]
    earnings: list[Row]
    adjustments: list[Row]
    entries: tuple[Entry, ...]
    is_one_program: bool = False


def corrects(run: Run, payee: Payee) -> bool:
    """Whether something of the payee that is booked would be booked differently now."""
    own = (pl.col("payee_kind") == payee.kind) & (pl.col("payee_id") == payee.id)
    changed = (pl.col("booked_before") != 0) & (pl.col("this_batch") != 0)
    return not run.earnings.filter(own & changed).is_empty()


def explained(
    run: Run, payees: Sequence[Payee], program_id: str | None = None
) -> Iterator[Explained]:
    """Each of `payees`, in all programs or in one.

    Without `program_id`, periods that were settled elsewhere, or that are over and book nothing in this
    batch, are left to the overview.
    """
    entries: dict[Payee, list[Entry]] = {payee: [] for payee in payees}
    for one in run.settled:
        if program_id is not None and one.case.program.id != program_id:
            continue
        kind = payee_kind(one.case.program.payee)
        wanted = [payee for payee in payees if payee.kind == kind]
        if one.measured is not None and wanted:
            for payee, entry in _entries(run, one, wanted, every_period=program_id is not None):
                entries[payee].append(entry)
    entries_now = run.settlement.entries.filter(pl.col("kind") == "adjustment")
    adjusted = entries_now.rename({"amount": "this_batch"})
    reasons = run.channel.tables["adjustments"].select("adjustment_id", "reason", "on")
    adjusted = adjusted.join(reasons, on="adjustment_id", how="left")
    for payee in payees:
        is_own = (pl.col("payee_kind") == payee.kind) & (pl.col("payee_id") == payee.id)
        earnings = run.earnings.filter(is_own)
        own_adjustments = adjusted.filter(is_own)
        if program_id is not None:
            earnings = earnings.filter(pl.col("program_id") == program_id)
            own_adjustments = own_adjustments.filter(pl.col("program_id") == program_id)
        yield Explained(
            run,
            payee,
            run.payouts.filter(is_own).to_dicts(),
            earnings.to_dicts(),
            own_adjustments.to_dicts(),
            tuple(entries[payee]),
            is_one_program=program_id is not None,
        )


def _entries(
    run: Run, one: Settled, payees: Sequence[Payee], *, every_period: bool
) -> Iterator[tuple[Payee, Entry]]:
    assert one.measured is not None
    ids = [payee.id for payee in payees]
    keys = ("period", "payee_id")
    of_program = pl.col("program_id") == one.case.program.id
    own = pl.col("payee_id").is_in(ids)
    earnings = run.earnings.filter(of_program, own)
    earned = _by_key(earnings, keys)
    measured = _by_key(one.measured.payees.filter(own), keys)
    lines = _parts(lines_of(one, ids), keys)
    contributions = _parts(contributions_of(one, ids), keys)
    following = _by_key(next_tiers(one, own), keys)
    boosts = _boosts(one.case, earnings)
    details = _parts(_by_term(one, own), keys)
    empty_lines, empty = pl.DataFrame(), pl.DataFrame()
    for payee in payees:
        for index, period in enumerate(one.case.periods):
            key = (index, payee.id)
            row = earned.get(key)
            if row is None and key not in lines:
                continue
            if not every_period and not _moves(run, row, period):
                continue
            yield (
                payee,
                Entry(
                    case=one.case,
                    period=period,
                    earned=row,
                    measured=measured.get(key),
                    lines=lines.get(key, empty_lines),
                    contributions=contributions.get(key, empty),
                    next_tier=following.get(key),
                    boost=boosts.get(key),
                    terms=_terms(one.case, row, measured.get(key), details.get(key, empty)),
                ),
            )


def _by_term(one: Settled, own: pl.Expr) -> pl.DataFrame:
    """`period`, `payee_id`, `block`, `tier`, `earned` of payees whose lines are measured term by term."""
    program, measured = one.case.program, one.measured
    if not (program.terms_by_line and program.tiers_over_period):
        return pl.DataFrame()
    if measured is None or measured.details is None:
        return pl.DataFrame()
    return measured.details.filter(own).select(
        "period", "payee_id", "block", "tier", earned=pl.sum_horizontal(EARNED)
    )


def _terms(
    case: Case, row: Row | None, measured: Row | None, by_term: pl.DataFrame
) -> dict[int, TermTaken]:
    """The terms that a payee took, by their block."""
    if row is None or measured is None:
        return {}
    own = {one["block"]: one for one in by_term.iter_rows(named=True)}
    found = {}
    for block in measured.get(TAKEN) or ():
        detail = own.get(block, {})
        taken = term_taken(case, block, detail.get("tier", row["tier"]), detail.get("earned"))
        if taken is not None:
            found[block] = taken
    return found


def term_taken(
    case: Case, block: int, tier: int | None, earned: Decimal | None = None
) -> TermTaken | None:
    """The term at a block, with the tier of it that is reached; None where that is a reward."""
    term, file = case.blocks.term(block), case.blocks.file(block)
    if term is None or file is None:
        return None
    return TermTaken(file.path, term, tier if term.is_tiered else None, earned)


def _moves(run: Run, row: Row | None, period: MeasurementPeriod) -> bool:
    """Whether a period belongs into an answer about PERIOD: it books something, or was open in it."""
    if row is not None and row["status"] == "settled-elsewhere":
        return False
    if row is not None and row["this_batch"] != 0:
        return True
    return period.end >= run.period.first


def _by_key(frame: pl.DataFrame, keys: tuple[str, ...]) -> dict[tuple[Any, ...], Row]:
    return {tuple(row[key] for key in keys): row for row in frame.iter_rows(named=True)}


def _parts(frame: pl.DataFrame, keys: tuple[str, ...]) -> dict[tuple[Any, ...], pl.DataFrame]:
    return dict(frame.partition_by(keys, as_dict=True)) if frame.height else {}


def _boosts(case: Case, earnings: pl.DataFrame) -> dict[tuple[Any, ...], Boost]:
    """The `[[boost]]` that applies to each row of earnings, by period and payee."""
    boosts = case.program.boost
    if not boosts or earnings.is_empty():
        return {}
    fields = {condition.field for boost in boosts for condition in boost.when}
    days = earnings.select("period", "payee_id", judged_on="period_end").with_columns(
        pl.min_horizontal("judged_on", pl.lit(case.channel.as_of)).alias("judged_on")
    )
    first = pl.coalesce(
        pl.when(all_hold(boost.when)).then(pl.lit(index)) for index, boost in enumerate(boosts)
    )
    viewed = case.channel.payee_view(days, case.program.payee, fields)
    return {
        (period, payee): boosts[index]
        for period, payee, index in viewed.select("period", "payee_id", first).iter_rows()
        if index is not None
    }


def _steps(row: Row, contributions: pl.DataFrame) -> Iterator[Step]:
    """The steps of one row of earnings; those that change nothing are left out."""
    so_far = Decimal(0)
    for (source,), part in sorted(
        contributions.partition_by("source", as_dict=True).items(),
        key=lambda item: (item[0][0] != "line", str(item[0][0])),
    ):
        amount = _sum(part["contribution"])
        so_far += amount
        yield Step(str(source), amount, so_far, part.height)
    yield Step("reward", None, so_far)
    boosted = money.product(row["reward"], row["boost"])
    capped = boosted - row["cap_cut"]
    parts = [
        ("boost", boosted - row["reward"]),
        ("cap", -row["cap_cut"]),
        ("rounding", row["before_budget"] - capped),
        ("budget", -row["budget_cut"]),
    ]
    for name, amount in parts:
        if amount:
            so_far += amount
            yield Step(name, amount, so_far)
    yield Step("entitlement", None, so_far)
    kept = max(row["kept"] - row["entitlement"], Decimal(0))
    change = row["entitlement"] + kept - row["booked_before"]
    for name, amount in (
        ("kept", kept),
        ("booked-before", -row["booked_before"]),
        ("not-booked", row["this_batch"] - change),
    ):
        if amount:
            so_far += amount
            yield Step(name, amount, so_far)
    yield Step("this-batch", None, so_far)


def _sum(values: pl.Series) -> Decimal:
    return sum(values.to_list(), Decimal(0))
