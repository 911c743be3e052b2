"""Loyalty: how long partners have been with us, and what programs that ask for it pay."""

from collections.abc import Collection, Iterator
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.insight.metrics.figures import (
    PLACES,
    Area,
    Basis,
    Definition,
    Found,
    counted,
    ratio,
    share,
)
from incentivectl.insight.metrics.missing import Missing
from incentivectl.insight.metrics.view import View
from incentivectl.programs.model import Program
from incentivectl.sales.in_force import completed_years

AREA = "loyalty"
LONG = 5
_counted = partial(counted, AREA)
ACTIVE = _counted(
    "dated-partners",
    "partners with a joining date",
    "partners with status active and a `joined_on`",
)
TENURE = Definition(
    AREA, "tenure-years", "years with us", "number",
    "the median of the completed years from `joined_on` to the period's last day, of partners with"
    " status active", digits=1, how="median", headline=True,
)  # fmt: skip
LOYAL = _counted(
    "loyal-partners", f"partners with us for {LONG} years",
    f"partners with status active that have completed {LONG} years", headline=True,
)  # fmt: skip
LOYAL_SHARE = share(
    AREA, "loyal-share", f"share with us for {LONG} years",
    f"partners with us for {LONG} years / partners with a joining date",
)  # fmt: skip
REWARD = Definition(
    AREA, "loyalty-cost", "what loyalty earns", "money",
    "cost of the programs whose rewards or boosts ask for a partner's tenure, joining date or listed"
    " attributes", to_the_cent=True, headline=True,
)  # fmt: skip
DEFINITIONS = (TENURE, LOYAL, REWARD, LOYAL_SHARE, ACTIVE)
FORMULAS = (
    ratio(LOYAL_SHARE, (LOYAL,), ACTIVE, "no active partner has a `joined_on`", scopes=PLACES),
)
_TENURE = frozenset({"partner.tenure_years", "partner.joined_on"})


def tenures(view: View) -> pl.DataFrame:
    """`partner`, `joined_on`, `years` (Int32) of partners with status active that have a date."""
    day = view.period.last
    return (
        view.run.channel.partner_rows.filter(
            pl.col("in_force_from") <= day,
            pl.col("in_force_until") > day,
            pl.col("partner_id").is_in(sorted(view.active_partners)),
        )
        .drop_nulls("joined_on")
        .select(
            partner="partner_id",
            joined_on="joined_on",
            years=completed_years(pl.col("joined_on"), pl.lit(day)),
        )
        .sort("joined_on", "partner")
    )


def asks_for_loyalty(program: Program, attributes: Collection[str]) -> bool:
    """Whether a program pays more, or only, for how long a partner is bound to us."""
    fields = _TENURE | {f"partner.{name}" for name in attributes}
    conditions = [
        *program.eligible,
        *(one for reward in program.reward for one in reward.when),
        *(one for boost in program.boost for one in boost.when),
    ]
    return any(one.field in fields for one in conditions)


def _found(view: View) -> Iterator[Basis | Found]:
    rows = tenures(view)
    years = pl.col("years").cast(money.WHOLE)
    frame = rows.select(
        "partner",
        pl.col("partner").alias("item"),
        pl.lit(value=True).alias(ACTIVE.key),
        years.alias(TENURE.key),
        (pl.col("years") >= LONG).alias(LOYAL.key),
    )
    empty = "no active partner has a `joined_on`"
    yield Basis("tenure", view.with_places(frame), (ACTIVE, TENURE, LOYAL), PLACES, empty=empty)
    yield Basis("tenure", frame, (TENURE,), ("partner",))
    attributes = view.run.loaded.workspace.attributes.get("partners", {})
    programs = [
        one.case.program.id
        for one in view.programs
        if asks_for_loyalty(one.case.program, attributes)
    ]
    if not programs:
        why = "no running program asks for a partner's tenure, joining date or attributes"
        yield Found(REWARD, view.no_programs or Missing(why))
        return
    earned = view.earnings.filter(pl.col("program_id").is_in(programs))
    lacking = earned.filter(pl.col("in_ws").is_null())["currency"].unique().sort()
    schema: Schema = {"program": pl.String, "partner": pl.String, REWARD.key: money.AMOUNT}
    costs = earned.select(
        program="program_id", partner="of_partner", **{REWARD.key: pl.col("in_ws")}
    )
    unknown = f"`fx` has no rate for {', '.join(lacking)} on {view.period.last}"
    yield Basis(
        "loyalty-cost",
        view.with_places(pl.concat([pl.DataFrame(schema=schema), costs])),
        (REWARD,),
        (*PLACES, "partner", "program"),
        unknown=unknown if lacking.len() else "",
    )


loyalty = Area(AREA, "Loyalty", DEFINITIONS, _found, FORMULAS)
