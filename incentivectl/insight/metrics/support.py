"""Support: trainings on offer and taken, funds used, and what partners say of our support."""

from collections.abc import Iterator
from datetime import date
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.insight.leaderboard.leaderboard import in_workspace_currency
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
from incentivectl.insight.metrics.satisfaction import surveys_of
from incentivectl.insight.metrics.view import View
from incentivectl.kinds.mdf.model import MdfProgram
from incentivectl.kinds.mdf.rules import funds

AREA = "support"
LEARNING = ("training", "certification", "webinar")
_counted = partial(counted, AREA)
COURSES = _counted(
    "courses", "courses on offer",
    "subjects of trainings, certifications and webinars that anybody took in the twelve months up to"
    " the period's last day",
)  # fmt: skip
TAKEN = _counted(
    "courses-taken", "courses taken",
    "passed trainings, certifications and webinars in the period", headline=True,
)  # fmt: skip
ACTIVE = _counted("support-partners", "partners with status active", "as in engagement")
UNTRAINED = _counted(
    "untrained-partners", "partners without a training",
    "partners with status active without a passed training in the twelve months up to the period's"
    " last day", headline=True,
)  # fmt: skip
CREDITED = Definition(
    AREA, "funds-credited", "funds credited", "money",
    "what funds of money were credited up to the period's last day, in the workspace's currency",
)  # fmt: skip
PAID = Definition(
    AREA, "funds-paid", "funds used", "money", "what they paid up to that day", headline=True
)
UTILISATION = share(
    AREA, "funds-used", "utilisation of funds", "funds used / funds credited", headline=True
)
HOURS_CREDITED = Definition(
    AREA, "hours-credited", "hours credited", "number",
    "what funds of hours were credited up to the period's last day", digits=1,
)  # fmt: skip
HOURS_USED = Definition(
    AREA, "hours-used", "hours used", "number", "what was used of them up to that day", digits=1,
    headline=True,
)  # fmt: skip
SCORE = Definition(
    AREA, "support-score", "what partners say of our support", "number",
    "the mean of the scores that questions tagged `support` in [metrics.questions] got in the period",
    digits=2, how="mean", headline=True,
)  # fmt: skip
DEFINITIONS = (
    TAKEN, UNTRAINED, UTILISATION, PAID, HOURS_USED, SCORE, COURSES, CREDITED, HOURS_CREDITED, ACTIVE,
)  # fmt: skip
FORMULAS = (
    ratio(
        UTILISATION, (PAID,), CREDITED, "nothing was credited to any fund of money",
        scopes=(*PLACES, "partner", "program"),
    ),
)  # fmt: skip
_BALANCES: Schema = {
    "program": pl.String,
    "partner": pl.String,
    "currency": pl.String,
    "credited": pl.Decimal(money.PRECISION, 18),
    "paid": pl.Decimal(money.PRECISION, 18),
}


def _found(view: View) -> Iterator[Basis | Found]:
    if view.no_activities:
        known = (COURSES, TAKEN, UNTRAINED, ACTIVE)
        yield from (Found(one, view.no_activities) for one in known)
    else:
        unknown = view.no_rows_since("activities", "done_on", year_of(view))
        if unknown:
            yield from (Found(one, unknown) for one in (COURSES, UNTRAINED))
        yield from _courses(view, () if unknown else (COURSES,))
        yield _untrained(view, (ACTIVE,) if unknown else (ACTIVE, UNTRAINED))
    yield from _funds(view)
    yield from tagged_scores(view, "support", SCORE)


def year_of(view: View) -> date:
    """The first day of the twelve months up to PERIOD's last day."""
    return view.run.channel.calendar.months_back(view.period.last, 12)


def learnt(view: View) -> pl.DataFrame:
    """Passed trainings, certifications and webinars of the twelve months up to PERIOD's last day."""
    is_recent = pl.col("done_on") >= year_of(view)
    return view.activities.filter(pl.col("activity").is_in(LEARNING), is_recent)


def _courses(view: View, figures: tuple[Definition, ...]) -> Iterator[Basis]:
    offered = learnt(view).drop_nulls("subject")
    yield Basis(
        "courses",
        offered.select(item="subject")
        .unique()
        .sort("item")
        .with_columns(pl.lit(value=True).alias(COURSES.key)),
        figures,
    )
    taken = view.in_period(view.activities, "done_on").filter(pl.col("activity").is_in(LEARNING))
    rows = taken.select(
        pl.col("partner_id").alias("partner"),
        pl.col("activity_id").alias("item"),
        pl.lit(value=True).alias(TAKEN.key),
    )
    yield Basis("courses-taken", view.with_places(rows), (TAKEN,), (*PLACES, "partner"))


def _untrained(view: View, figures: tuple[Definition, ...]) -> Basis:
    trained = set(learnt(view).filter(pl.col("activity") == "training")["partner_id"])
    partners = sorted(view.active_partners)
    ids = pl.Series(partners, dtype=pl.String)
    rows = pl.DataFrame(
        {
            "partner": ids,
            "item": ids,
            ACTIVE.key: pl.Series([True] * len(partners), dtype=pl.Boolean),
            UNTRAINED.key: pl.Series([one not in trained for one in partners], dtype=pl.Boolean),
        }
    )
    return Basis("untrained", view.with_places(rows), figures, PLACES)


def balances(view: View, unit: str) -> pl.DataFrame:
    """What each fund of this unit was credited and paid so far (`_BALANCES`)."""
    frames = [pl.DataFrame(schema=_BALANCES)]
    for one in view.run.settled:
        program = one.case.program
        if one.case.periods and isinstance(program, MdfProgram) and program.fund.unit == unit:
            frames.append(
                funds(one.case)
                .statement.group_by(program="program_id", partner="partner_id")
                .agg(pl.col("credited", "paid").sum())
                .with_columns(currency=pl.lit(one.case.currency))
                .select(*_BALANCES)
            )
    return pl.concat(frames).sort("program", "partner")


def _funds(view: View) -> Iterator[Basis | Found]:
    money_funds, hour_funds = balances(view, "money"), balances(view, "hours")
    scopes = (*PLACES, "partner", "program")
    if money_funds.is_empty():
        nothing = Missing(f"no fund of money has been filled by {view.period.last}")
        yield from (Found(one, nothing) for one in (CREDITED, PAID))
    else:
        rows = in_workspace_currency(view.run, money_funds, "credited").rename(
            {"in_ws": CREDITED.key}
        )
        rows = in_workspace_currency(view.run, rows, "paid").rename({"in_ws": PAID.key})
        lacking = rows.filter(pl.col(PAID.key).is_null())["currency"].unique().sort()
        unknown = f"`fx` has no rate for {', '.join(lacking)} on {view.period.last}"
        yield Basis(
            "funds",
            view.with_places(rows.drop("currency", "credited", "paid")),
            (CREDITED, PAID),
            scopes,
            unknown=unknown if lacking.len() else "",
        )
    if hour_funds.is_empty():
        nothing = Missing(f"no fund of hours has been filled by {view.period.last}")
        yield from (Found(one, nothing) for one in (HOURS_CREDITED, HOURS_USED))
    else:
        hours = hour_funds.drop("currency").rename(
            {"credited": HOURS_CREDITED.key, "paid": HOURS_USED.key}
        )
        yield Basis("hours", view.with_places(hours), (HOURS_CREDITED, HOURS_USED), scopes)


def tagged_scores(view: View, tag: str, definition: Definition) -> Iterator[Basis | Found]:
    """The scores of PERIOD that questions of this tag got, or why there are none."""
    questions: tuple[str, ...] = getattr(view.run.loaded.workspace.metrics.questions, tag)
    missing = view.no_table("surveys")
    if missing or not questions:
        told = f"no question is tagged: set [metrics.questions] {tag} in incentivectl.toml"
        yield Found(definition, missing or Missing(told))
        return
    rows = view.in_period(surveys_of(view), "answered_on").filter(
        pl.col("question_id").is_in(list(questions)), pl.col("score").is_not_null()
    )
    named = rows.select(
        pl.col("partner_id").alias("partner"),
        pl.col("question_id").alias("question"),
        pl.col("response_id").alias("item"),
        pl.col("score").alias(definition.key),
    )
    yield Basis(
        f"{tag}-scores",
        view.with_places(named),
        (definition,),
        (*PLACES, "partner", "question"),
        empty=f"nobody answered {', '.join(questions)} in {view.period.label}",
    )


support = Area(AREA, "Support", DEFINITIONS, _found, FORMULAS)
