"""What must hold in every run, checked by another way than the one that computed it.

See docs/rules.md, "What always holds". A check that fails ends the run with exit code 1.
"""

from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import total
from incentivectl.core.nouns import counted
from incentivectl.programs.kinds.deal_registration import DealRegistrationProgram
from incentivectl.programs.model import Program
from incentivectl.rules.case import Case, Measured
from incentivectl.rules.kinds.discount_lines import differing_lines


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: a name, whether it held, the figures where it did not.

    Where not all was looked at, `detail` also says how much was.
    """

    name: str
    held: bool
    detail: str = ""


LINES_ADD_UP = "lines in a program's dates = counted + ineligible"
MEASURES_ADD_UP = "measured revenue adds up to the lines that count"
CONTRIBUTIONS_ADD_UP = "contributions add up to the reward"
PAID_ONCE = "no bonus, activity or claim is paid twice"
LINES_WORTH = "discounts, recomputed line by line, are what was paid"
ROUNDED_ONCE = "reward x boost - cap, rounded once, is the entitlement before budget"
WITHIN_BUDGET = "no program over its budget"
SHARES_ADD_UP = "shares of a line add up to 1"
ROWS_ADD_UP = "rows read = accepted + rejected + duplicate + superseded + skipped"
# Of a program with more lines, the contributions of some payees are added up, of about so many lines.
MOST_LINES = 100_000

PAYOUTS_ADD_UP = "brought forward + this batch = payable + carried forward + held"


def check_program(
    case: Case,
    measured: Measured,
    earnings: pl.DataFrame,
    contributed: pl.DataFrame,
    by_reason: pl.DataFrame | None,
) -> tuple[Check, ...]:
    """The invariants of one program; `contributed` is what `added_up` asks for.

    `by_reason` is missing where a program does not look at lines.
    """
    return (
        _lines(case, by_reason),
        _measures(case, measured, by_reason),
        *_contributions(case, earnings, contributed),
        *_discount(case, measured, by_reason),
        _rounding(case, earnings),
        _budget(case, earnings),
    )


def check_shares(case: Case) -> tuple[Check, ...]:
    """Every credited line is shared out exactly once."""
    if case.program.payee != "rep":
        return ()
    sums = case.facts.credited.group_by("row").agg(pl.col("share").sum())
    wrong = sums.filter(pl.col("share") != 1)
    return (
        Check(
            SHARES_ADD_UP, wrong.is_empty(), counted(wrong.height, "line") if wrong.height else ""
        ),
    )


def _lines(case: Case, by_reason: pl.DataFrame | None) -> Check:
    """Counted and ineligible lines together are all lines in each measurement period."""
    if by_reason is None:
        return Check(LINES_ADD_UP, True)
    wrong = []
    found = {
        row["period"]: (row["lines"], row["amount"])
        for row in by_reason.group_by("period")
        .agg(pl.col("lines").sum(), pl.col("amount").sum())
        .iter_rows(named=True)
    }
    by_day = case.facts.by_day(case.periods[0].start, case.periods[-1].end)
    for index, period in enumerate(case.periods):
        days = by_day.filter(pl.col("counted_on").is_between(period.start, period.end))
        expected = (int(days["lines"].sum()), total(days, "amount"))
        if found.get(index, (0, Decimal(0))) != expected:
            lines = found.get(index, (0,))[0]
            wrong.append(f"{case.program.id} {period.start}: {lines} of {expected[0]} lines")
    return Check(LINES_ADD_UP, not wrong, "; ".join(wrong))


def _measures(case: Case, measured: Measured, by_reason: pl.DataFrame | None) -> Check:
    """The payees' revenue is the sum of the lines that count, each shared out exactly once.

    Where deals have a cap, less of their lines may count.
    """
    if by_reason is None or _has_cap(case.program):
        return Check(MEASURES_ADD_UP, True)
    counted = by_reason.filter(pl.col("reason").is_null()).select(
        "period", of_lines=pl.col("in_program").cast(money.SHARED)
    )
    of_payees = measured.payees.group_by("period").agg(of_payees=pl.col("revenue").sum())
    nothing = money.literal(0, money.SHARED_SCALE)
    both = counted.join(of_payees, on="period", how="full", coalesce=True).with_columns(
        pl.col("of_lines", "of_payees").fill_null(nothing)
    )
    wrong = both.filter(pl.col("of_lines") != pl.col("of_payees")).sort("period")
    detail = "; ".join(
        f"{case.program.id} {case.periods[period].start}: {of_payees} of {of_lines}"
        for period, of_lines, of_payees in wrong.iter_rows()
    )
    return Check(MEASURES_ADD_UP, wrong.is_empty(), detail)


def _has_cap(program: Program) -> bool:
    return isinstance(program, DealRegistrationProgram) and program.registration.cap is not None


def added_up(case: Case, measured: Measured, earnings: pl.DataFrame) -> pl.LazyFrame:
    """What the contributions that files and explanations show add up to, for some payees or for all.

    `period`, `payee_id`, `contribution`, and `repeated`: how many items stand there again. Where a
    program has many lines, those of evenly spread payees are added up.
    """
    parts = measured.contributions
    if _every(case) > 1:
        payees = _spread(case, earnings)
        parts = parts.filter(pl.col("payee_id").is_in(payees.implode()))
    item = pl.col("item_id")
    return parts.group_by("period", "payee_id").agg(
        pl.col("contribution").sum(), repeated=item.count() - item.drop_nulls().n_unique()
    )


def _every(case: Case) -> int:
    """Of how many payees the contributions of one are added up."""
    return case.facts.lines_between(case.periods[0].start, case.periods[-1].end) // MOST_LINES + 1


def _spread(case: Case, earnings: pl.DataFrame) -> pl.Series:
    return earnings["payee_id"].unique().sort().gather_every(_every(case))


def _contributions(case: Case, earnings: pl.DataFrame, sums: pl.DataFrame) -> tuple[Check, Check]:
    """Contributions against rewards, which are found from measures; how many are looked at is told."""
    payees, looked_at = earnings["payee_id"].n_unique(), _spread(case, earnings)
    is_all = _every(case) == 1
    sampled = earnings if is_all else earnings.filter(pl.col("payee_id").is_in(looked_at.implode()))
    both = sampled.select("period", "payee_id", "reward").join(
        sums, on=["period", "payee_id"], how="full", coalesce=True
    )
    nothing = money.literal(0, 18)
    wrong = both.filter(
        pl.col("reward").fill_null(nothing) != pl.col("contribution").fill_null(nothing)
    )
    details = [
        f"{case.program.id} {row['payee_id']}: {row['contribution']} for {row['reward']}"
        for row in wrong.sort("period", "payee_id").head(3).iter_rows(named=True)
    ]
    if not is_all:
        details.append(f"{case.program.id}: {looked_at.len():,} of {payees:,} payees checked")
    twice = sums.filter(pl.col("repeated") > 0).sort("period", "payee_id")
    of_payees = ", ".join(f"{case.program.id} {payee}" for payee in twice["payee_id"].head(3))
    return (
        Check(CONTRIBUTIONS_ADD_UP, wrong.is_empty(), "; ".join(details)),
        Check(PAID_ONCE, twice.is_empty(), of_payees),
    )


def _discount(case: Case, measured: Measured, by_reason: pl.DataFrame | None) -> tuple[Check, ...]:
    """The reward of a discount is the sum of its contributions, so its lines are recomputed."""
    if case.program.kind != "discount" or by_reason is None:
        return ()
    counted = int(by_reason.filter(pl.col("reason").is_null())["lines"].sum())
    looked_at, wrong = differing_lines(case, measured, counted)
    details = [f"{case.program.id} {one}" for one in wrong[:3]]
    if looked_at < counted:
        details.append(f"{case.program.id}: {looked_at:,} of {counted:,} lines recomputed")
    return (Check(LINES_WORTH, not wrong, "; ".join(details)),)


def _rounding(case: Case, earnings: pl.DataFrame) -> Check:
    """Each rounded amount is within half a minor unit of the exact one; a tie lies away from zero."""
    exact = money.multiply(pl.col("reward"), pl.col("boost"), scales=(18, 6)) - pl.col("cap_cut")
    rounded = pl.col("before_budget").cast(money.REWARD)
    distance = (exact - rounded).abs()
    half = money.literal(Decimal(5).scaleb(-case.digits - 1), money.REWARD_SCALE)
    is_wrong = (
        (distance > half)
        | ((distance == half) & (rounded.abs() < exact.abs()))
        | (pl.col("before_budget") - pl.col("budget_cut") != pl.col("entitlement"))
    )
    wrong = earnings.filter(is_wrong)
    detail = ", ".join(f"{case.program.id} {payee}" for payee in wrong["payee_id"].head(3))
    return Check(ROUNDED_ONCE, wrong.is_empty(), detail)


def _budget(case: Case, earnings: pl.DataFrame) -> Check:
    limits = case.program.limits
    if limits.budget is None or limits.over_budget == "warn":
        return Check(WITHIN_BUDGET, True)
    spent = total(earnings, "entitlement")
    return Check(
        WITHIN_BUDGET,
        spent <= limits.budget,
        f"{case.program.id}: {spent} of {limits.budget}" if spent > limits.budget else "",
    )
