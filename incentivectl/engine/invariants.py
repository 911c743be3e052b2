"""Integrity checks of every run, each computed in another way than the result it checks.

See docs/rules.md, "Integrity checks". A check that fails ends the run with exit code 1.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.engine.samples import Sample, looked_at
from incentivectl.engine.single_lines import SingleLines
from incentivectl.programs.payee import payee_kind
from incentivectl.rules.case import Case, Judged


@dataclass(frozen=True, slots=True)
class Check:
    """One integrity check: its name, whether it held, and the figures if it did not.

    Where not all was looked at, `detail` also says how much was.
    """

    name: str
    held: bool
    detail: str = ""


LINES_ADD_UP = "lines in a program's dates = counted + ineligible"
MEASURES_ADD_UP = "measured revenue adds up to the lines that count"
CONTRIBUTIONS_ADD_UP = "contributions add up to the reward"
PAID_ONCE = "no bonus, activity or claim is paid twice"
LINES_WORTH = "discounts, recomputed line by line, match what was paid"
ROUNDED_ONCE = "reward x boost - cap, rounded once, equals the entitlement before budget"
WITHIN_BUDGET = "no program over its budget"
SHARES_ADD_UP = "shares of a line add up to 1"
ROWS_ADD_UP = "rows read = accepted + rejected + duplicate + superseded + skipped"
PAYOUTS_ADD_UP = "brought forward + this batch = payable + carried forward + held"


Wrong = dict[int, list[str]]  # by a program's place, what is wrong with it, in words


@dataclass(frozen=True)
class Found:
    """What all programs came to, stacked: `program` is the place of each.

    `payees` as in `rules.case.Earned`; `earnings` with the columns of `rules.earning.limits.EARNINGS`;
    `reasons` as in `rules.lines.reasons`; `lines` what was found of whole programs or of their `samples`.
    """

    payees: pl.DataFrame
    earnings: pl.DataFrame
    reasons: pl.DataFrame
    lines: SingleLines
    samples: Mapping[int, Sample]


def check_programs(programs: Sequence[Judged], found: Found) -> dict[int, tuple[Check, ...]]:
    """The invariants of each program, by place; all programs are looked at at once."""
    by_name = {
        LINES_ADD_UP: _lines(programs, found.reasons),
        MEASURES_ADD_UP: _measures(programs, found),
        CONTRIBUTIONS_ADD_UP: _contributions(programs, found),
        PAID_ONCE: _paid_once(programs, found.lines.contributed),
        ROUNDED_ONCE: _rounding(programs, found.earnings),
        WITHIN_BUDGET: _budgets(programs, found.earnings),
    }
    of_many = {one.place: _sampled(one, found) for one in programs}
    checks = {}
    for one in programs:
        told = []
        for name, wrong in by_name.items():
            details = wrong.get(one.place, [])
            sampled = of_many[one.place] if name == CONTRIBUTIONS_ADD_UP else []
            told.append(Check(name, not details, "; ".join([*details, *sampled])))
        checks[one.place] = (*told, *_recomputed(one, found), *_shares(one.case, found))
    return checks


def _shares(case: Case, found: Found) -> tuple[Check, ...]:
    """Every credited line is shared out exactly once."""
    if payee_kind(case.program.payee) != "rep":
        return ()
    wrong = found.lines.shared_wrongly
    return (Check(SHARES_ADD_UP, not wrong, counted(wrong, "line") if wrong else ""),)


def _lines(programs: Sequence[Judged], reasons: pl.DataFrame) -> Wrong:
    """Counted and ineligible lines together are all lines in each measurement period."""
    looking = [one for one in programs if "sales" in one.case.program.reads]
    if not looking:
        return {}
    periods = pl.DataFrame(
        [
            (one.place, one.case.program.id, index, period.start, period.end)
            for one in looking
            for index, period in enumerate(one.case.periods)
        ],
        schema={
            "program": pl.UInt32,
            "program_id": pl.String,
            "period": pl.Int32,
            "start": pl.Date,
            "end": pl.Date,
        },
        orient="row",
    )
    days = looking[0].case.facts.days
    in_dates = (
        periods.select("start", "end")
        .unique()
        .join_where(
            days, pl.col("counted_on") >= pl.col("start"), pl.col("counted_on") <= pl.col("end")
        )
        .group_by("start", "end")
        .agg(all_lines=pl.col("lines").sum(), all_amount=pl.col("amount").sum())
    )
    judged = reasons.group_by("program", "period").agg(pl.col("lines", "amount").sum())
    both = periods.join(in_dates, on=["start", "end"], how="left").join(
        judged, on=["program", "period"], how="left"
    )
    lines, amount = pl.col("lines").fill_null(0), pl.col("amount").fill_null(0)
    wrong = both.filter(
        (lines != pl.col("all_lines").fill_null(0)) | (amount != pl.col("all_amount").fill_null(0))
    )
    return _told(
        wrong.sort("program", "period"),
        lambda row: (
            f"{row['program_id']} {row['start']}:"
            f" {row['lines'] or 0} of {row['all_lines'] or 0} lines"
        ),
    )


def _told(
    wrong: pl.DataFrame, words: Callable[[dict[str, Any]], str], most: int | None = None
) -> Wrong:
    """The rows of each program in words, the first `most` of them."""
    told: Wrong = {}
    for row in wrong.iter_rows(named=True):
        of_program = told.setdefault(row["program"], [])
        if most is None or len(of_program) < most:
            of_program.append(words(row))
    return told


def _measures(programs: Sequence[Judged], found: Found) -> Wrong:
    """The payees' revenue is the sum of the lines that count, each credited exactly once.

    Where deals have a cap, less of their lines may count.
    """
    judged = {one.place: one.case for one in programs if "sales" in one.case.program.reads}
    looking = [place for place, case in judged.items() if not case.program.counts_lines_in_part]
    if not looking:
        return {}
    keys = ["program", "period"]
    of_lines = found.reasons.filter(
        pl.col("program").is_in(looking), pl.col("reason").is_null()
    ).select(*keys, of_lines="in_program")
    of_payees = (
        found.payees.filter(pl.col("program").is_in(looking))
        .group_by(keys)
        .agg(of_payees=pl.col("revenue").sum())
    )
    nothing = money.literal(0, money.SHARED_SCALE)
    both = of_lines.join(of_payees, on=keys, how="full", coalesce=True).with_columns(
        pl.col("of_lines", "of_payees").fill_null(nothing)
    )
    wrong = both.filter(pl.col("of_lines") != pl.col("of_payees")).sort(keys)

    def words(row: dict[str, Any]) -> str:
        case = judged[row["program"]]
        start = case.periods[row["period"]].start
        return f"{case.program.id} {start}: {row['of_payees']} of {row['of_lines']}"

    return _told(wrong, words)


def _sampled(one: Judged, found: Found) -> list[str]:
    """How many payees were looked at, where not all were."""
    sample = found.samples.get(one.place)
    if sample is None:
        return []
    return [f"{one.case.program.id}: {sample.payees.len():,} of {sample.of:,} payees checked"]


def _contributions(programs: Sequence[Judged], found: Found) -> Wrong:
    """Contributions against rewards, which are found from measures."""
    keys = ["program", "period", "payee_id"]
    rewards = looked_at(found.earnings.select(*keys, "reward"), found.samples)
    both = rewards.join(found.lines.contributed, on=keys, how="full", coalesce=True)
    nothing = money.NOTHING
    wrong = both.filter(
        pl.col("reward").fill_null(nothing) != pl.col("contribution").fill_null(nothing)
    )
    ids = {one.place: one.case.program.id for one in programs}
    return _told(
        wrong.sort(keys),
        lambda row: (
            f"{ids[row['program']]} {row['payee_id']}: {row['contribution']} for {row['reward']}"
        ),
        most=3,
    )


def _paid_once(programs: Sequence[Judged], contributed: pl.DataFrame) -> Wrong:
    """Bonuses, activities and claims each contribute once."""
    ids = {one.place: one.case.program.id for one in programs}
    twice = contributed.filter(pl.col("repeated") > 0).sort("program", "period", "payee_id")
    return _told(twice, lambda row: f"{ids[row['program']]} {row['payee_id']}", most=3)


def _recomputed(one: Judged, found: Found) -> tuple[Check, ...]:
    """Where the reward is the sum of its contributions, as in discounts, lines are recomputed."""
    case, recomputed = one.case, found.lines.recomputed.get(one.place)
    if recomputed is None:
        return ()
    counting = found.reasons.filter(pl.col("program") == one.place, pl.col("reason").is_null())
    in_all = int(counting["lines"].sum())
    wrong = recomputed.differing["told"].head(3)
    details = [f"{case.program.id} {told}" for told in wrong]
    if recomputed.lines < in_all:
        details.append(f"{case.program.id}: {recomputed.lines:,} of {in_all:,} lines recomputed")
    return (Check(LINES_WORTH, wrong.is_empty(), "; ".join(details)),)


def _rounding(programs: Sequence[Judged], earnings: pl.DataFrame) -> Wrong:
    """Each rounded amount is within half a minor unit of the exact one; a tie lies away from zero."""
    halves = {one.place: Decimal(5).scaleb(-one.case.digits - 1) for one in programs}
    half = pl.col("program").replace_strict(halves, default=Decimal(0), return_dtype=money.REWARD)
    exact = money.multiply(pl.col("reward"), pl.col("boost"), scales=(18, 6)) - pl.col("cap_cut")
    rounded = pl.col("before_budget").cast(money.REWARD)
    distance = (exact - rounded).abs()
    is_wrong = (
        (distance > half)
        | ((distance == half) & (rounded.abs() < exact.abs()))
        | (pl.col("before_budget") - pl.col("budget_cut") != pl.col("entitlement"))
    )
    return _told(
        earnings.filter(is_wrong), lambda row: f"{row['program_id']} {row['payee_id']}", most=3
    )


def _budgets(programs: Sequence[Judged], earnings: pl.DataFrame) -> Wrong:
    """What a program is entitled to in all its life is within its budget, but where it only warns."""
    budgets = {
        one.place: one.case.program.limits.budget
        for one in programs
        if one.case.program.limits.enforces_budget
    }
    spent = earnings.group_by("program").agg(
        pl.col("program_id").first(), pl.col("entitlement").sum()
    )
    wrong: Wrong = {}
    for place, program_id, entitled in spent.iter_rows():
        budget = budgets.get(place)
        if budget is not None and entitled > budget:
            wrong[place] = [f"{program_id}: {entitled} of {budget}"]
    return wrong
