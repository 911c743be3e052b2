"""Common mistakes in payout files, each as a way to recompute everything with just that mistake.

Rules: docs/questions.md, "Audits".
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW
from incentivectl.core.periods import Period
from incentivectl.core.rates import DayRates
from incentivectl.engine.engine import Settled, settle
from incentivectl.ingest.sale_lines.versions import LINE, line_identity
from incentivectl.program_files.loading import parse_program
from incentivectl.programs.lists import Lists
from incentivectl.programs.model import Program
from incentivectl.rules.case import Judged
from incentivectl.rules.earning.limits import EARNINGS, entitlements
from incentivectl.rules.lines.line_order import with_places
from incentivectl.run.known import Known, channel_of
from incentivectl.sales.channel import Channel
from incentivectl.sales.facts import Facts
from incentivectl.sales.signs import with_is_return
from incentivectl.toml.source import TomlSource

Earnings = Callable[[Sequence[Program], Channel, Collection[str]], pl.DataFrame]


@dataclass(frozen=True)
class Mistake:
    """A mistake and the earnings that result from it; `deducts`: whether earlier earnings are deducted."""

    code: str
    earnings: Earnings
    deducts: bool = True


def rightly(programs: Sequence[Program], channel: Channel, only: Collection[str]) -> pl.DataFrame:
    """The earnings of the programs `only` as they should be (columns `rules.earning.limits.EARNINGS`)."""
    return _stacked(settle(programs, channel, audit=False, only=only))


def mistakes(known: Known) -> Iterator[Mistake]:
    """The mistakes that can make a difference in this workspace, the most specific first."""
    root = known.loaded.workspace.root

    def reruled(change: Callable[[dict[str, Any]], bool]) -> Earnings:
        return lambda programs, channel, only: rightly(
            [_changed(one, change, Lists((root, one.file.parent))) for one in programs],
            channel,
            only,
        )

    yield Mistake("rounded-per-line", _rounded_per_line)
    yield Mistake("tier-per-line", reruled(_judge_lines))
    yield Mistake("returns-ignored", _on(_without_returns))
    yield Mistake("marginal-tiers", reruled(lambda data: _tier_mode(data, "marginal")))
    yield Mistake("retroactive-tiers", reruled(lambda data: _tier_mode(data, "retroactive")))
    twice = _duplicated(known)
    if twice.height:
        yield Mistake("duplicates-counted", _on(lambda channel: _with_copies(channel, twice)))
    if not known.channel.rates.days.is_empty():
        yield Mistake("currency-unconverted", _unconverted)
        for code, day in _other_days(known.period).items():
            yield Mistake(code, _on(lambda channel, day=day: _at_rates_of(channel, day)))  # type: ignore[misc]
    yield Mistake("earlier-not-deducted", rightly, deducts=False)


def channel_before(known: Known) -> Channel:
    """The data as of the day before PERIOD."""
    eve = date.fromordinal(known.period.first.toordinal() - 1)
    return channel_of(known.loaded.workspace, known.inputs, Period("before", eve, eve))


def _stacked(settled: Sequence[Settled]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=EARNINGS), *(one.earnings for one in settled)])


def _on(change: Callable[[Channel], Channel]) -> Earnings:
    return lambda programs, channel, only: rightly(programs, change(channel), only)


def _rounded_per_line(
    programs: Sequence[Program], channel: Channel, only: Collection[str]
) -> pl.DataFrame:
    """Each contribution is rounded to the minor unit before they are added up."""
    found = [pl.DataFrame(schema=EARNINGS)]
    for one in settle(programs, channel, audit=False, only=only):
        if one.measured is None:
            continue
        digits = one.case.digits
        rounded = one.measured.contributions.with_columns(
            contribution=money.round_half_up(pl.col("contribution"), digits)
        )
        sums = rounded.group_by("period", "payee_id").agg(pl.col("contribution").sum()).collect()
        judged = Judged(0, one.case, one.measured.one.judge)
        payees = (
            one.measured.payees.join(sums, on=["period", "payee_id"], how="left")
            .with_columns(
                program=pl.lit(judged.place, dtype=pl.UInt32),
                reward=pl.coalesce("contribution", "reward"),
            )
            .drop("contribution")
        )
        contributed = partial(_in_period, one.case.facts, rounded)
        found.append(entitlements([judged], payees, contributed).drop("program"))
    return pl.concat(found)


def _in_period(facts: Facts, contributions: pl.LazyFrame, _: int, period: int) -> pl.LazyFrame:
    return with_places(facts, contributions.filter(pl.col("period") == period))


def _changed(program: Program, change: Callable[[dict[str, Any]], bool], lists: Lists) -> Program:
    """The program with changed rules; unchanged if the change does not apply or is invalid."""
    data = deepcopy(dict(program.toml))
    data.pop("example", None)
    if not change(data):
        return program
    changed, _ = parse_program(TomlSource(program.file, data), lists)
    if changed is None or any(found.severity == "error" for found in changed.own_findings()):
        return program
    return changed


def _rewards(data: dict[str, Any]) -> list[dict[str, Any]]:
    rewards = data.get("reward", {})
    return rewards if isinstance(rewards, list) else [rewards]


def _judge_lines(data: dict[str, Any]) -> bool:
    """Tiers are found on each line by itself, as in a discount."""
    tiered = [reward for reward in _rewards(data) if "tiers" in reward]
    if data.get("kind") not in ("rebate", "discount") or not tiered:
        return False
    data["kind"] = "discount"
    for reward in tiered:
        reward["tier_scope"] = "line"
    return True


def _tier_mode(data: dict[str, Any], mode: str) -> bool:
    """Every reward whose tiers have the other mode takes this one, if they allow it."""
    other = [
        reward
        for reward in _rewards(data)
        if "tiers" in reward and reward.get("tier_mode", "retroactive") != mode
    ]
    for reward in other:
        reward["tier_mode"] = mode
    key = {"revenue": "rate", "quantity": "per_unit"}
    fits = all(
        reward.get("tiers_by", "revenue") in key
        and reward.get("pays_on", "revenue") == "revenue"
        and all(
            key[reward.get("tiers_by", "revenue")] in tier
            and len({"rate", "per_unit"} & {*tier}) == 1
            for tier in reward["tiers"]
        )
        for reward in other
    )
    return bool(other) and fits


def _without_returns(channel: Channel) -> Channel:
    kept = with_is_return(channel.lines).filter(~pl.col("is_return")).drop("is_return")
    return replace(channel, lines=kept)


def _unconverted(
    programs: Sequence[Program], channel: Channel, only: Collection[str]
) -> pl.DataFrame:
    """Foreign amounts are taken as if they were in the program's currency."""
    found = [pl.DataFrame(schema=EARNINGS)]
    for currency in sorted({one.currency or channel.currency for one in programs}):
        own = {one.id for one in programs if (one.currency or channel.currency) == currency}
        face = [pl.col("amount").alias("amount_ws"), pl.lit(currency).alias("currency")]
        as_it_stands = replace(channel, lines=channel.lines.with_columns(face))
        found.append(_stacked(settle(programs, as_it_stands, audit=False, only=own & {*only})))
    return pl.concat(found)


def _other_days(period: Period) -> dict[str, Callable[[pl.Expr], pl.Expr]]:
    """Days whose rate is taken by mistake, each as an expression of the right day."""
    return {
        "fx-of-period-end": lambda _: pl.lit(period.last),
        "fx-of-period-start": lambda _: pl.lit(period.first),
        "fx-of-month-end": lambda day: day.dt.month_end(),
        "fx-of-month-start": lambda day: day.dt.month_start(),
    }


def _at_rates_of(channel: Channel, day: Callable[[pl.Expr], pl.Expr]) -> Channel:
    """Every line converted at the rate of another day, or of its own day without one."""
    days, last = channel.rates.days, channel.rates.last
    other = days.select("_currency", _other="_day", _taken="_rate")
    moved = (
        days.with_columns(_other=pl.min_horizontal(day(pl.col("_day")), pl.lit(last)))
        .join(other, on=["_currency", "_other"], how="left")
        .select("_currency", "_day", _rate=pl.coalesce("_taken", "_rate"))
    )
    rates = DayRates(moved, last)

    moved_to = rates.in_workspace(
        pl.col("amount"), pl.col("currency"), pl.col("counted_on"), home=channel.currency
    )
    converted = channel.lines.with_columns(amount_ws=pl.coalesce(moved_to, "amount_ws"))
    return replace(channel, lines=converted, rates=rates)


def _duplicated(known: Known) -> pl.DataFrame:
    """`row` of each accepted line, as often as a duplicate of it was read."""
    rows = known.inputs.rows["sales"]
    again = rows.decided.filter(pl.col("fate") == "duplicate").select("row")
    if again.is_empty():
        return again
    copies = rows.rows.join(again.lazy(), on="row", how="semi")
    n = pl.coalesce("n", "occurrence", pl.lit(1))
    named = copies.join(rows.numbers.lazy(), on="row", how="left").select(*line_identity(n))
    lines = known.inputs.sales.select("row", *line_identity(pl.col("n")))
    return named.join(lines, on=list(LINE), how="inner", nulls_equal=True).select("row").collect()


def _with_copies(channel: Channel, twice: pl.DataFrame) -> Channel:
    """The channel with some lines once more, as lines of their own."""
    most = channel.lines.select(pl.col("row").max()).collect().item()
    numbered = twice.with_row_index("_copy").with_columns(
        _copy=(pl.col("_copy") + most + 1).cast(ROW)
    )
    copies = channel.lines.join(numbered.lazy(), on="row", how="inner").with_columns(row="_copy")
    return replace(channel, lines=pl.concat([channel.lines, copies.drop("_copy")]))
