"""What `attainment` prints: tiers reached, the distribution, near misses, thresholds over five periods."""

from collections.abc import Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.insight.attainment.attainment import Attainment
from incentivectl.output.amounts import all_digits, cents, tier_cell, tier_number
from incentivectl.output.report import Amount, Audience, Cell, Report, Section, Worded
from incentivectl.programs.reward import Reward
from incentivectl.programs.words.phrases import percent
from incentivectl.programs.words.terms import Terms, bare

BAR = 30
_PAYEES = "--payees lists everybody with tier, earnings, and what the next tier would bring."
_REACH = "--reach 30% shows the threshold that this share would have reached."
_QUOTIENTS = ("growth", "attainment")


def attainment_report(found: Attainment, *, payees: bool = False) -> Report:
    """The report of `attainment`, with all `payees` where they are asked for."""
    known, program = found.known, found.case.program
    terms = Terms(program, found.case.currency)
    return Report(
        title=f"{known.loaded.workspace.name}: {program.name}, {found.period.start} to"
        f" {found.period.end}, as of {known.period.last}",
        sections=(
            _tiers(found, terms),
            _chart(found),
            _distribution(found),
            _near(found, terms),
            *_windows(found),
            *((_everybody(found, terms),) if payees else ()),
        ),
        main="tiers",
        facts={
            "program": program.id,
            "period_start": found.period.start,
            "period_end": found.period.end,
            "as_of": known.period.last,
            "metric": found.metric,
            "currency": found.case.currency,
            "payees": found.measured,
            "reach": found.reach,
        },
        closing=(
            *(() if payees else (_PAYEES,)),
            *(() if found.reach is not None else (_REACH,)),
        ),
    )


def _tiers(found: Attainment, terms: Terms) -> Section:
    program = terms.program
    several = len(program.reward) > 1
    rows: list[tuple[Cell, ...]] = []
    for one in found.reached:
        reward = program.reward[one.block]
        if one.tier is None and not one.payees:
            continue
        name = (
            "below the first" if reward.tiers else "without a tier" if reward.terms else "no tiers"
        )
        start = _start(reward, one.tier, terms)
        rows.append(
            (
                tier_cell(one.tier) or name,
                start,
                one.payees,
                percent(one.share),
                cents(one.earned, terms.currency),
                Worded(Decimal(one.block), str(one.block + 1)),
            )
        )
    columns = ("tier", "from", "payees", "share", "earned", "reward")
    note = f"{counted(found.measured, 'payee has', 'payees have')} a line that counts."
    hidden = 0 if several else 1
    title = f"Who reaches which tier, by {found.metric}"
    return Section("tiers", title, columns, rows, note, for_machines=hidden)


def _start(reward: Reward, tier: int | None, terms: Terms) -> str | None:
    """Where a tier begins; those of contracts begin where each of them says."""
    if tier is None:
        return None
    if reward.terms is not None:
        return "by contract"
    return bare(reward.tiers_by, reward.tiers[tier].from_, terms)


def _chart(found: Attainment) -> Section:
    most = max((one.payees for one in found.reached), default=0)
    rows: list[tuple[Cell, ...]] = [
        (
            f"{'-' if one.tier is None else tier_number(one.tier)!s:>3}"
            f" {'█' * (one.payees * BAR // most)} {one.payees}",
        )
        for one in found.reached
        if most and (one.payees or one.tier is not None)
    ]
    return Section("chart", "Payees by tier", ("payees",), rows, audience="people")


def _value(found: Attainment, value: Decimal | None) -> Cell:
    """A value of the metric; people see growth and attainment in percent, revenue in minor units."""
    if value is None:
        return None
    if found.metric in _QUOTIENTS:
        return Worded(value, f"{money.round_decimal(value * 100, 2):,f} %")
    return cents(value, found.case.currency) if found.metric == "revenue" else all_digits(value, 0)


def _distribution(found: Attainment) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (f"{percent(Decimal(point))} of the payees have at most", _value(found, value), point)
        for point, value in found.distribution
    ]
    title = f"How {found.metric} is distributed"
    return Section(
        "distribution", title, ("share of payees", found.metric, "share"), rows, for_machines=1
    )


def _near(found: Attainment, terms: Terms) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            row["payee_id"],
            row["payee_name"],
            _value(found, row["metric_value"]),
            tier_cell(row["next_tier"]),
            _missing(found, row["missing"]),
            cents(row["would_earn"] - row["earns_now"], terms.currency),
            cents(row["would_earn"], terms.currency),
            row["missing_in"],
        )
        for row in found.near
    ]
    columns = ("payee", "name", found.metric, "next tier", "missing", "brings", "would earn", "of")
    note = "" if rows else "Nobody is within 10 % of the next tier."
    title = "Near misses: within 10 % of the next tier"
    return Section("near", title, columns, rows, note, for_machines=1)


def _missing(found: Attainment, missing: Decimal) -> Cell:
    """What is missing: revenue in minor units, or the metric."""
    if found.metric in ("revenue", *_QUOTIENTS):
        return Amount(missing, found.case.digits)
    return all_digits(missing, 0)


def _everybody(found: Attainment, terms: Terms) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for row in found.everybody.iter_rows(named=True):
        ahead: tuple[Cell, ...] = (None, None, None, None)
        if row["next_tier"] is not None:
            ahead = (
                tier_cell(row["next_tier"]),
                _missing(found, row["missing"]),
                cents(row["would_earn"] - row["earns_now"], terms.currency),
                row["missing_in"],
            )
        rows.append(
            (
                row["payee_id"],
                row["payee_name"],
                _value(found, row["metric_value"]),
                tier_cell(row["tier"]),
                cents(row["entitlement"], terms.currency),
                *ahead,
            )
        )
    columns = (
        "payee", "name", found.metric, "tier", "earned", "next tier", "missing", "brings", "of",
    )  # fmt: skip
    note = "next tier: empty in the top one, and where growth or attainment cannot be compared."
    title = "Who earns what, and what the next tier would bring"
    return Section("everybody", title, columns, rows, note, for_machines=1)


def _windows(found: Attainment) -> Iterator[Section]:
    """For people with tiers from 1, for JSON and CSV from 0."""
    count = max(len(one.reached) for one in found.windows)
    begin = found.known.inputs.sales.select(pl.col("counted_on").min()).collect().item()
    rows: list[tuple[Cell, ...]] = []
    for one in found.windows:
        shares: list[Cell] = [
            None
            if not one.measurable
            else percent(money.quotient(Decimal(number), Decimal(one.payees), 3) or Decimal(0))
            for number in one.reached
        ]
        known = begin is not None and one.period.end >= begin
        payees = one.payees if known else None
        cells: list[Cell] = [one.period.start, one.period.end, payees, *shares]
        if found.reach is not None:
            cells += [_value(found, one.threshold), one.reaching if known else None]
        rows.append(tuple(cells))
    extra: tuple[str, ...] = ()
    note = (
        "tier 1, tier 2, …: the share that reached at least that tier; empty where unknown, such as"
        " before the exports begin."
    )
    if found.reach is not None:
        share = percent(found.reach)
        extra = ("threshold", "reach it")
        note += f" threshold: what {share} of the payees would have reached."
    title = "This period and those before it, by today's rules"
    sides: tuple[tuple[int, Audience], ...] = ((1, "people"), (0, "machines"))
    for first, audience in sides:
        tiers = (f"tier {index + first}" for index in range(count))
        columns = ("from", "to", "payees", *tiers, *extra)
        yield Section("periods", title, columns, rows, note, audience=audience)
