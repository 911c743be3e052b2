"""Who earns: the payee of a line, its share, its name, its status, and the reward that it takes."""

from collections.abc import Iterator, Sequence

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.programs.conditions import Condition
from incentivectl.programs.payee import payee_kind
from incentivectl.programs.terms import Terms
from incentivectl.rules.case import Case, Judged, due_day
from incentivectl.rules.lines.conditions import all_hold, holds, holds_if_given, is_given_and_holds
from incentivectl.rules.lines.terms import Blocks, with_terms
from incentivectl.sales.facts import Facts
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.people import is_active


def with_payees(
    case: Case, counted: pl.LazyFrame, shared: Sequence[str] = ("amount", "quantity")
) -> pl.LazyFrame:
    """Counted lines, each once for every payee that it goes to.

    Adds `payee_id` and `share` (6 decimals); the columns `shared` become the payee's share of them
    (12 decimals) (docs/rules.md, "Credits", "Parents and managers").
    """
    program, facts = case.program, case.facts
    if program.payee == "rep":
        return with_reps(facts, counted, shared)
    if program.payee == "manager":
        shares = with_managers(facts, counted, shared)
        return shares.filter(pl.col("payee_id").is_not_null())
    if program.payee == "parent":
        counted = facts.with_top(counted, "partner_id", "counted_on").rename({"_top": "payee_id"})
    else:
        payee = "distributor_id" if program.payee == "distributor" else "partner_id"
        counted = counted.with_columns(pl.col(payee).alias("payee_id"))
    return _whole(counted, shared)


def lines_of_payees(case: Case, lines: pl.LazyFrame, payees: pl.Series) -> pl.LazyFrame:
    """The lines that may go to some of `payees`: all of theirs, and where that is quick no others."""
    of_payees = {
        "partner": pl.col("partner_id").is_in(payees.implode()),
        "distributor": pl.col("distributor_id").is_in(payees.implode()),
    }
    own = of_payees.get(case.program.payee)
    return lines if own is None else lines.filter(own)


def with_reps(facts: Facts, lines: pl.LazyFrame, shared: Sequence[str]) -> pl.LazyFrame:
    """Lines, each once for every rep that it goes to; `payee_id` is null where it has none.

    Adds `payee_id` and `share`, and the columns `shared` become the rep's share of them.
    """
    return _shared_out(lines, pl.col("rep_id"), facts.credited, "rep_id", shared)


def with_managers(facts: Facts, lines: pl.LazyFrame, shared: Sequence[str]) -> pl.LazyFrame:
    """As `with_reps`, for the managers of these reps; `payee_id` is null for a share without one."""
    managed = facts.with_manager(lines, "rep_id")
    return _shared_out(managed, pl.col("_manager"), facts.managed, "_manager", shared).drop(
        "_manager"
    )


def _shared_out(
    lines: pl.LazyFrame, own: pl.Expr, credited: pl.DataFrame, payee: str, shared: Sequence[str]
) -> pl.LazyFrame:
    """Lines by the `payee`s and shares of their rows in `credited`; without any, whole to their `own`."""
    if credited.is_empty():
        return _whole(lines.with_columns(own.alias("payee_id")), shared)
    shares = credited.lazy().rename({payee: "credited_payee"})
    is_credited = pl.col("share").is_not_null()
    return (
        lines.join(shares, on="row", how="left")
        .with_columns(
            payee_id=pl.when(is_credited).then("credited_payee").otherwise(own),
            share=pl.col("share").fill_null(money.literal(1)),
        )
        .with_columns(
            money.multiply(pl.col(name), pl.col("share"), scales=(money.SCALE, money.SCALE))
            for name in shared
        )
    )


def _whole(lines: pl.LazyFrame, shared: Sequence[str]) -> pl.LazyFrame:
    """Lines that go to one payee each."""
    return lines.with_columns(
        *(pl.col(name).cast(money.SHARED) for name in shared), share=money.literal(1)
    )


def activities_of_payees(case: Case) -> pl.DataFrame:
    """`Facts.activities` with the `payee_id` that each counts for, or null.

    A parent's are those of the partners below it on that day, a manager's its own
    (docs/rules.md, "Activities", "Parents and managers").
    """
    done = case.facts.activities
    if case.program.payee == "parent":
        with_top = case.facts.with_top(done.lazy(), "partner_id", "done_on")
        return with_top.rename({"_top": "payee_id"}).collect()
    payee = "rep_id" if payee_kind(case.program.payee) == "rep" else "partner_id"
    return done.with_columns(payee_id=payee)


def with_rewards(
    programs: Sequence[Judged], payees: pl.DataFrame, *, by_line: bool = False
) -> pl.DataFrame:
    """Adds `block` (Int32: which reward or term a payee takes, null for none) and `boost` (6 decimals).

    `payees` are those of all `programs` (`program`, `period`, `payee_id`, …). Where `when` is judged
    `by_line`, there is only a boost. `when`, terms of payees and `[[boost]]` are judged on the payee's row
    in force on the measurement period's last day, or the last day of PERIOD while it accrues
    (docs/rules.md, "Dates"). `lacks_terms` (Boolean): the reward that it takes has terms, and none fits,
    so that the reward itself stands in `block` and pays nothing.
    """
    first = pl.lit(None if by_line else 0, dtype=pl.Int32)
    asking = [
        one
        for one in programs
        if _fields_of_payees(one.case, by_line=by_line) or _terms_of_payees(one.case)
    ]
    if not asking:
        return payees.with_columns(block=first, boost=money.literal(1), lacks_terms=pl.lit(False))
    chosen = [
        _chosen(one.case, viewed.lazy().filter(pl.col("program") == one.place), by_line=by_line)
        for viewed, of_kind in _viewed(asking, payees, by_line=by_line)
        for one in of_kind
    ]
    by_payee = ["program", "period", "payee_id"]
    is_asking = pl.col("program").is_in([one.place for one in asking])
    return (
        payees.lazy()
        .join(
            pl.concat(pl.collect_all(chosen)).lazy(),
            on=by_payee,
            how="left",
            maintain_order="left",
        )
        .with_columns(
            block=pl.when(is_asking).then("block").otherwise(first),
            boost=pl.col("boost").fill_null(money.literal(1)),
            lacks_terms=pl.col("lacks_terms").fill_null(False),
        )
        .collect()
    )


def with_boosts(
    one: Judged, items: pl.DataFrame, whens: Sequence[Sequence[Condition]]
) -> pl.DataFrame:
    """Adds `boost` (6 decimals), and `takes:<i>` (Boolean) for each of `whens`, to what payees did.

    `items` have `period` and `payee_id`; both are judged as `with_rewards` says.
    """
    case = one.case
    fields = {c.field for when in [*whens, *(b.when for b in case.program.boost)] for c in when}
    for_when = holds_if_given if case.channel.given else holds
    takes = [all_hold(when, for_when).alias(f"takes:{i}") for i, when in enumerate(whens)]
    if not fields:  # the same for every payee
        return items.with_columns(*takes, boost=money.literal(1))
    place = pl.lit(one.place, dtype=pl.UInt32).alias("program")
    keys = items.select(place, "period", "payee_id").unique()
    wanted = keys.join(last_days([one]), on=["program", "period"], how="inner")
    viewed = case.channel.payee_view(wanted, payee_kind(case.program.payee), fields)
    terms = viewed.select("period", "payee_id", *takes, boost=_boost(case))
    return items.join(terms, on=["period", "payee_id"], how="left")


def _fields_of_payees(case: Case, *, by_line: bool) -> set[str]:
    """The fields of partners and reps that a program's rewards and boosts ask for."""
    whens = [] if by_line else [reward.when for reward in case.program.reward]
    asked = [*whens, *(boost.when for boost in case.program.boost)]
    fields = {condition.field for when in asked for condition in when}
    return fields.union(*(terms.keys for terms in _terms_of_payees(case).values()))


def _terms_of_payees(case: Case) -> dict[int, Terms]:
    """The terms that are found for a payee, by the place of their reward."""
    if case.program.terms_by_line:
        return {}
    return {i: one.terms for i, one in enumerate(case.program.reward) if one.terms is not None}


def _viewed(
    programs: Sequence[Judged], payees: pl.DataFrame, *, by_line: bool
) -> Iterator[tuple[pl.DataFrame, list[Judged]]]:
    """The payees of programs with all that these ask of them, partners and reps apart."""
    keys = payees.select("program", "period", "payee_id").unique()
    for kind in ("partner", "rep"):
        of_kind = [one for one in programs if payee_kind(one.case.program.payee) == kind]
        if not of_kind:
            continue
        fields = set().union(*(_fields_of_payees(one.case, by_line=by_line) for one in of_kind))
        wanted = keys.join(last_days(of_kind), on=["program", "period"], how="inner")
        yield of_kind[0].case.channel.payee_view(wanted, kind, fields), of_kind


def last_days(programs: Sequence[Judged]) -> pl.DataFrame:
    """`program`, `period`, `judged_on`: the last day of each measurement period, or of PERIOD."""
    return pl.DataFrame(
        [
            (one.place, index, min(period.end, one.case.channel.as_of))
            for one in programs
            for index, period in enumerate(one.case.periods)
        ],
        schema={"program": pl.UInt32, "period": pl.Int32, "judged_on": pl.Date},
        orient="row",
    )


def _chosen(case: Case, payees: pl.LazyFrame, *, by_line: bool) -> pl.LazyFrame:
    """The reward and the boost of one program's payees, which have the fields that it asks for."""
    whens = [] if by_line else [reward.when for reward in case.program.reward]
    # In an example a `when` asks only about what is stated.
    for_when = holds_if_given if case.channel.given else holds
    payees = payees.with_columns(
        block=pl.coalesce(
            *(
                pl.when(all_hold(when, for_when)).then(pl.lit(index, dtype=pl.Int32))
                for index, when in enumerate(whens)
            ),
            pl.lit(None, dtype=pl.Int32),
        ),
        boost=_boost(case),
        lacks_terms=pl.lit(False),
    )
    blocks = Blocks(case.program.reward)
    for index, terms in _terms_of_payees(case).items():
        values = {name: pl.col(name) for name in terms.keys}
        has_terms = pl.col("block") == index
        payees = with_terms(
            payees, terms, blocks.first_of(index), values, "judged_on"
        ).with_columns(
            block=pl.when(has_terms).then(pl.coalesce("term", "block")).otherwise("block"),
            lacks_terms=pl.col("lacks_terms")
            | (has_terms & pl.col("term").is_null()).fill_null(False),
        )
    return payees.select("program", "period", "payee_id", "block", "boost", "lacks_terms")


def _boost(case: Case) -> pl.Expr:
    """The factor of the first boost that holds, else 1; in an example what it asks for must be stated."""
    holds_for_boost = is_given_and_holds if case.channel.given else holds
    return pl.coalesce(
        *(
            pl.when(all_hold(boost.when, holds_for_boost)).then(money.literal(boost.factor))
            for boost in case.program.boost
        ),
        money.literal(1),
    )


def period_status(case: Case, period: MeasurementPeriod) -> str:
    """`due`, `held` (within its hold days) or `accruing` (docs/rules.md, "Settlement")."""
    if period.end > case.channel.as_of:
        return "due" if case.program.settle == "monthly" else "accruing"
    return "due" if due_day(period, case.program.payout.hold_days) <= case.channel.as_of else "held"


def names_and_status(channel: LineSource, payee: str, payees: pl.DataFrame) -> pl.DataFrame:
    """`payee_id`, `payee_name`, `is_active` (Boolean) of each distinct payee, on the last day."""
    ids = payees.select("payee_id").unique().with_columns(judged_on=pl.lit(channel.as_of))
    entity = payee_kind(payee)
    viewed = channel.payee_view(ids, payee, {f"{entity}.name", f"{entity}.status"})
    return viewed.select(
        "payee_id",
        pl.coalesce(f"{entity}.name", "payee_id").alias("payee_name"),
        is_active(pl.col(f"{entity}.status")).alias("is_active"),
    )
