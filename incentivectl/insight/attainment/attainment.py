"""Who reaches which tier, who nearly does, and which threshold a given share would have reached.

Rules: docs/questions.md, "Attainable tiers".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.engine.engine import Settled, case_of, settle, settle_cases
from incentivectl.insight.earlier import by_length, moved
from incentivectl.insight.next_tier import next_tiers
from incentivectl.programs.checks.calendar_checks import OUTSIDE, calendar_findings
from incentivectl.programs.model import Program
from incentivectl.rules.case import Case
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.known import Known

EARLIER_PERIODS = 4
NEAR = Decimal("0.1")
# How many of all payees lie at or above each of these points of the distribution.
POINTS = ("0.1", "0.25", "0.5", "0.75", "0.9")


@dataclass(frozen=True)
class Reached:
    """One tier of one `[[reward]]`, or of all its terms: how many payees are in it now.

    None is below the first, and in terms without tiers.
    """

    block: int
    tier: int | None
    payees: int
    share: Decimal
    earned: Decimal


@dataclass(frozen=True)
class Window:
    """A measurement period, this one or an earlier: who was measured, and what would be reached.

    `reached` has for each tier how many payees reached at least it; `threshold` is the value that the
    wanted share reached, `reaching` how many did. It is not `measurable` where nobody has the metric,
    such as growth without any sales the year before.
    """

    period: MeasurementPeriod
    payees: int
    measurable: bool
    reached: tuple[int, ...]
    threshold: Decimal | None
    reaching: int


@dataclass(frozen=True)
class Attainment:
    """How a tiered program stands in the measurement period that PERIOD's last day lies in.

    `everybody` are the rows of `everybody_of`, `near` those that are near the next tier, the nearest first;
    `distribution` the values that a share of the payees lies at or below.
    """

    known: Known
    case: Case
    metric: str
    period: MeasurementPeriod
    measured: int
    reached: tuple[Reached, ...]
    distribution: tuple[tuple[str, Decimal], ...]
    everybody: pl.DataFrame
    near: list[dict[str, Any]]
    reach: Decimal | None
    windows: tuple[Window, ...]


def has_tiers(program: Program) -> bool:
    """Whether payees reach tiers of a program over a period, so that an attainment can be told."""
    over_period = program.tiers_over_period and not program.terms_by_line
    return over_period and any(reward.tier_count for reward in program.reward)


def near_misses(one: Settled) -> list[dict[str, Any]]:
    """Who is within a tenth of the next tier in the latest measurement period (`Attainment.near`)."""
    return _near(everybody_of(one))


def everybody_of(one: Settled) -> pl.DataFrame:
    """Who has a line that counts in the latest measurement period, those who earn most first.

    The columns of `next_tiers`, null where no tier lies ahead, after `payee_id`, `payee_name`,
    `metric_value`, `tier` (Int32) and `entitlement` (the program's currency).
    """
    assert one.measured is not None
    is_latest = pl.col("period") == len(one.case.periods) - 1
    told = ("payee_id", "payee_name", "metric_value", "tier", "entitlement")
    return (
        one.measured.payees.filter(is_latest)
        .select("payee_id")
        .join(one.earnings.filter(is_latest).select(told), on="payee_id", how="left")
        .join(
            next_tiers(one).filter(is_latest, pl.col("step") == "tier"), on="payee_id", how="left"
        )
        .sort("entitlement", "metric_value", "payee_id", descending=[True, True, False])
    )


def _near(everybody: pl.DataFrame) -> list[dict[str, Any]]:
    return everybody.filter(_is_near()).sort("missing", "payee_id").to_dicts()


def attainment_of(known: Known, program: Program, reach: Decimal | None) -> Attainment:
    """The attainment of a tiered program; refuses one without tiers that payees reach."""
    if not has_tiers(program):
        hint = "attainment covers rebates and SPIFs with tiers, also of contracts that are found by payee"
        message = f"{program.id} has no tiers that a payee reaches over a period"
        raise Refused([Problem("no-tiers", message, hint, file=program.file)], ExitCode.USAGE)
    lookups = lookups_of(known.channel)
    programs = known.loaded.programs
    case = case_of(program, programs, known.channel, lookups)
    if not case.periods:
        message = f"{program.id} has not begun by {known.period.last}"
        hint = f"it begins on {program.starts}: name a later PERIOD"
        raise Refused([Problem("not-begun", message, hint)], ExitCode.USAGE)
    (one,) = settle(programs, known.channel, audit=False, only=[program.id], lookups=lookups)
    index = len(case.periods) - 1
    period = case.periods[index]
    assert one.measured is not None
    payees = one.measured.payees.filter(pl.col("period") == index)
    earned = one.earnings.filter(pl.col("period") == index)
    values = _values(payees)
    everybody = everybody_of(one)
    return Attainment(
        known=known,
        case=case,
        metric=program.reward[0].tiers_by,
        period=period,
        measured=payees.height,
        reached=tuple(_reached(case, payees, earned)),
        distribution=tuple((point, _at(values, Decimal(point))) for point in POINTS if values),
        everybody=everybody,
        near=_near(everybody),
        reach=reach,
        windows=tuple(_windows(case, period, reach)),
    )


def _is_near() -> pl.Expr:
    """What is missing is at most a tenth of the whole that the next tier asks for."""
    tenth = money.multiply(pl.col("wanted"), money.literal(NEAR), scales=(12, 6))
    return pl.col("missing") <= tenth


def _values(payees: pl.DataFrame) -> list[Decimal]:
    """The metric of everybody who has one, in order."""
    return sorted(payees["metric_value"].drop_nulls().to_list())


def _at(values: Sequence[Decimal], share: Decimal) -> Decimal:
    """The smallest value that at least `share` of all lie at or below."""
    return values[_at_least(share, len(values)) - 1]


def _at_least(share: Decimal, count: int) -> int:
    """The smallest number that is at least `share` of `count`, and at least 1."""
    exact = money.product(share, Decimal(count))
    return max(int(exact.to_integral_value(rounding=ROUND_CEILING)), 1)


def _reached(case: Case, payees: pl.DataFrame, earned: pl.DataFrame) -> list[Reached]:
    """Every tier of every reward, from below the first upwards; the terms of a reward stand together."""
    taken = case.blocks.reward_of().alias("block")
    paid = payees.select("payee_id", taken).join(
        earned.select("payee_id", "tier", "entitlement"), on="payee_id", how="left"
    )
    found = []
    for block, reward in enumerate(case.program.reward):
        for tier in (None, *range(reward.tier_count)):
            own = paid.filter(pl.col("block") == block, pl.col("tier").eq_missing(tier))
            share = money.quotient(Decimal(own.height), Decimal(payees.height), 4) or Decimal(0)
            entitled = sum(own["entitlement"].to_list(), Decimal(0))
            found.append(Reached(block, tier, own.height, share, entitled))
    return found


def _windows(case: Case, period: MeasurementPeriod, reach: Decimal | None) -> Iterator[Window]:
    """The period and earlier ones, as far back as the workspace's months go."""
    calendar = case.channel.calendar
    for times in range(EARLIER_PERIODS + 1):
        move = by_length(calendar, period, case.program.period, times)
        then = moved(case, period, move)
        if any(found.code == OUTSIDE for found in calendar_findings(then.program, calendar)):
            return
        yield _window(then, reach)


def _window(then: Case, reach: Decimal | None) -> Window:
    """What a case that was moved would reach."""
    (one,) = settle_cases([then])
    assert one.measured is not None
    payees = one.measured.payees
    values = _values(payees)
    tiers = max(len(reward.tiers) for reward in then.program.reward)
    reached = tuple(payees.filter(pl.col("tier") >= tier).height for tier in range(tiers))
    threshold = _reached_by(values, payees.height, reach) if reach is not None else None
    reaching = 0 if threshold is None else sum(value >= threshold for value in values)
    window = MeasurementPeriod(then.program.starts, then.program.ends)
    return Window(window, payees.height, bool(values), reached, threshold, reaching)


def _reached_by(values: Sequence[Decimal], measured: int, share: Decimal) -> Decimal | None:
    """The highest value that at least `share` of all who are measured reach; None if there is none."""
    wanted = _at_least(share, measured)
    return values[-wanted] if wanted <= len(values) else None
