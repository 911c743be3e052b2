"""Engagement: who sells, who takes part, who reaches a goal, who learns, and whom we meet."""

from collections.abc import Iterator
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.insight.leaderboard.payee_sales import sold_lines, within
from incentivectl.insight.leaderboard.tiers_reached import has_goal
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

AREA = "engagement"
SENT = "statement"  # an activity of ours, not of the partner


_counted = partial(counted, AREA)
_share = partial(share, AREA, headline=True)
PARTNERS = _counted(
    "partners", "partners with status active",
    "partners whose row in force on the period's last day says active, and who have joined by then",
    headline=True,
)  # fmt: skip
SELLERS = _counted(
    "sellers", "of them with a sale", "those that had a line in the period that is not a return"
)
PARTICIPATORS = _counted(
    "participators", "of them taking part",
    "those that, themselves or through a rep, earned something or did an activity in the period",
)  # fmt: skip
ACHIEVING_PARTNERS = _counted(
    "achieving-partners", "of them at a goal",
    "those that, themselves or through a rep, reached the top tier of a program or their target",
)  # fmt: skip
TRAINED_PARTNERS = _counted(
    "trained-partners", "of them with a training", "those with a passed training in the period"
)
MET_PARTNERS = _counted(
    "met-partners", "of them with a one-to-one", "those with a checkin in the period"
)
SELLING = _share(
    "active-share", "active partners", "partners with a sale / partners with status active"
)
PARTICIPATING = _share(
    "participating-share", "participating partners",
    "partners taking part / partners with status active",
)  # fmt: skip
ACHIEVING = _share(
    "achieving-share", "goal achievers", "partners at a goal / partners with status active"
)
TRAINED = _share(
    "trained-share", "partners with a training",
    "partners with a training / partners with status active",
)  # fmt: skip
MET = _share(
    "checkin-share", "partners with a one-to-one",
    "partners with a one-to-one / partners with status active",
)  # fmt: skip
PARTICIPANTS = _counted(
    "participants", "participants",
    "partners who earned something in the program, themselves or through a rep",
)  # fmt: skip
ACHIEVERS = _counted(
    "achievers", "payees at their goal",
    "payees who reached the top tier of the program, or their target",
)  # fmt: skip
ACTIVITIES = _counted(
    "activities", "activities",
    "passed activities in the period but for `statement`; of a partner its own and its reps'", headline=True,
)  # fmt: skip
PER_PARTNER = Definition(
    AREA, "activities-per-partner", "activities per partner", "number",
    "activities / partners with status active", digits=2, how="formula",
)  # fmt: skip
TRAINED_NOW = Definition(
    AREA, "trained-revenue", "revenue of trained partners", "money",
    "that of the partners with any passed training up to the period's last day",
)  # fmt: skip
TRAINED_THEN = Definition(
    AREA, "trained-revenue-before", "the same a year before", "money",
    "revenue of the same partners in the same period a year ago",
)  # fmt: skip
UNTRAINED_NOW = Definition(
    AREA, "untrained-revenue", "revenue of untrained partners", "money",
    "that of all other known partners",
)  # fmt: skip
UNTRAINED_THEN = Definition(
    AREA, "untrained-revenue-before", "the same a year before, untrained", "money",
    "revenue of these partners in the same period a year ago",
)  # fmt: skip
TRAINED_GROWTH = Definition(
    AREA, "trained-growth", "growth of trained partners", "share",
    "(revenue of trained partners − that a year before) / that a year before", how="formula",
)  # fmt: skip
UNTRAINED_GROWTH = Definition(
    AREA, "untrained-growth", "growth of untrained partners", "share",
    "(revenue of untrained partners − that a year before) / that a year before", how="formula",
)  # fmt: skip
DEFINITIONS = (
    PARTNERS, SELLING, PARTICIPATING, ACHIEVING, ACTIVITIES, PER_PARTNER, TRAINED, MET,
    TRAINED_GROWTH, UNTRAINED_GROWTH, SELLERS, PARTICIPATORS, ACHIEVING_PARTNERS,
    TRAINED_PARTNERS, MET_PARTNERS, TRAINED_NOW, TRAINED_THEN, UNTRAINED_NOW, UNTRAINED_THEN,
    PARTICIPANTS, ACHIEVERS,
)  # fmt: skip
_NOBODY = "`partners` has nobody with status active"
FORMULAS = (
    ratio(SELLING, (SELLERS,), PARTNERS, _NOBODY, scopes=PLACES),
    ratio(PARTICIPATING, (PARTICIPATORS,), PARTNERS, _NOBODY, scopes=PLACES),
    ratio(ACHIEVING, (ACHIEVING_PARTNERS,), PARTNERS, _NOBODY, scopes=PLACES),
    ratio(PER_PARTNER, (ACTIVITIES,), PARTNERS, _NOBODY, scopes=PLACES),
    ratio(TRAINED, (TRAINED_PARTNERS,), PARTNERS, _NOBODY, scopes=PLACES),
    ratio(MET, (MET_PARTNERS,), PARTNERS, _NOBODY, scopes=PLACES),
    ratio(
        TRAINED_GROWTH, (TRAINED_NOW,), TRAINED_THEN, minus=(TRAINED_THEN,),
        nothing="trained partners had no revenue above 0 a year before {period}",
    ),
    ratio(
        UNTRAINED_GROWTH, (UNTRAINED_NOW,), UNTRAINED_THEN, minus=(UNTRAINED_THEN,),
        nothing="untrained partners had no revenue above 0 a year before {period}",
    ),
)  # fmt: skip


def _found(view: View) -> Iterator[Basis | Found]:
    """Partners with what they did, activities, and sales with and without training."""
    known = {
        PARTNERS: None,
        SELLERS: view.no_sales_on(view.period.first),
        PARTICIPATORS: view.no_programs if view.no_activities else None,
        ACHIEVING_PARTNERS: _no_goals(view),
        TRAINED_PARTNERS: view.no_activities,
        MET_PARTNERS: view.no_activities,
    }
    yield from (Found(one, why) for one, why in known.items() if why)
    told = tuple(one for one, why in known.items() if not why)
    yield Basis("partners", view.with_places(_partners(view)), told, PLACES)
    if view.no_activities:
        yield Found(ACTIVITIES, view.no_activities)
    else:
        yield Basis(
            "activities", view.with_places(_activities(view)), (ACTIVITIES,), (*PLACES, "partner")
        )
    yield from _by_training(view)
    yield from _by_program(view)


def _no_goals(view: View) -> Missing | None:
    if any(has_goal(one) for one in view.programs) or view.earnings["achieved"].any():
        return None
    return Missing(f"no program running in {view.period.label} has a tier to reach or a target")


def taking_part(view: View) -> frozenset[str]:
    """The partners with status active that earned something or did an activity in the period."""
    return frozenset(_partners(view).filter(PARTICIPATORS.key)["item"])


def _partners(view: View) -> pl.DataFrame:
    """The partners with status active as `partner` and `item`, and what is true of each."""
    done = _done(view)
    earning = view.earnings.filter(pl.col("entitlement") > 0)["of_partner"]
    sold = view.lines.filter(~pl.col("is_return")).select("partner_id").unique()
    who = {
        PARTNERS: pl.Series(sorted(view.active_partners), dtype=pl.String),
        SELLERS: sold.collect(engine="streaming")["partner_id"],
        PARTICIPATORS: pl.concat([earning, done["partner_id"]]),
        ACHIEVING_PARTNERS: view.earnings.filter("achieved")["of_partner"],
        TRAINED_PARTNERS: done.filter(pl.col("activity") == "training")["partner_id"],
        MET_PARTNERS: done.filter(pl.col("activity") == "checkin")["partner_id"],
    }
    item = pl.col("item")
    return pl.DataFrame({"partner": who[PARTNERS], "item": who[PARTNERS]}).with_columns(
        item.is_in(those.drop_nulls().unique().implode()).alias(one.key)
        for one, those in who.items()
    )


def _done(view: View) -> pl.DataFrame:
    """The passed activities of the period; a statement that was sent is our doing."""
    done = view.in_period(view.activities, "done_on")
    return done.filter(pl.col("activity") != SENT)


def _activities(view: View) -> pl.DataFrame:
    """Each of them as `item` of a `partner`."""
    return _done(view).select(
        pl.col("partner_id").alias("partner"),
        pl.col("activity_id").alias("item"),
        pl.lit(value=True).alias(ACTIVITIES.key),
    )


def _by_program(view: View) -> Iterator[Basis]:
    rows = view.earnings.select(
        pl.col("program_id").alias("program"),
        pl.col("of_partner").alias("item"),
        (pl.col("of_partner").is_not_null() & (pl.col("entitlement") > 0)).alias(PARTICIPANTS.key),
    )
    yield Basis("participants", _of_every(view, rows), (PARTICIPANTS,), ("program",))
    at_goal = view.earnings.select(
        pl.col("program_id").alias("program"),
        pl.col("payee_id").alias("item"),
        pl.col("achieved").alias(ACHIEVERS.key),
    )
    with_goal = [one.case.program.id for one in view.programs if has_goal(one)]
    with_goal += at_goal.filter(ACHIEVERS.key)["program"].to_list()
    at_goal = _of_every(view, at_goal).filter(pl.col("program").is_in(with_goal))
    yield Basis("achievers", at_goal, (ACHIEVERS,), ("program",))


def _of_every(view: View, rows: pl.DataFrame) -> pl.DataFrame:
    """`rows` and one for each running program, so that one in which nobody earns has 0."""
    ids = [one.case.program.id for one in view.programs]
    every = pl.DataFrame({"program": pl.Series(ids, dtype=pl.String)})
    return pl.concat([rows, every], how="diagonal")


def _by_training(view: View) -> Iterator[Basis | Found]:
    """Revenue of the period and of a year ago, of trained and of untrained partners."""
    figures = (TRAINED_NOW, TRAINED_THEN, UNTRAINED_NOW, UNTRAINED_THEN)
    run = view.run
    year_ago = run.channel.calendar.year_before(view.period)
    missing = view.no_activities or view.no_sales_on(year_ago.first)
    if missing:
        yield from (Found(one, missing) for one in figures)
        return
    trained = view.activities.filter(pl.col("activity") == "training")["partner_id"].drop_nulls()
    is_trained = pl.col("partner").is_in(trained.unique().implode())
    amounts = [
        within(sold_lines(run.channel), window)
        .filter("partner_known")
        .group_by(partner="partner_id")
        .agg(pl.col("amount").sum().alias(name))
        for name, window in (("now", view.period), ("then", year_ago))
    ]
    rows = (
        amounts[0]
        .join(amounts[1], on="partner", how="full", coalesce=True)
        .with_columns(pl.col("now", "then").fill_null(money.literal(0)))
        .collect(engine="streaming")
        .sort("partner")
    )
    nothing = money.literal(0)
    yield Basis(
        "trained",
        rows.select(
            "partner",
            *(
                pl.when(which).then(pl.col(name)).otherwise(nothing).alias(one.key)
                for one, which, name in zip(
                    figures,
                    (is_trained, is_trained, ~is_trained, ~is_trained),
                    ("now", "then", "now", "then"),
                    strict=True,
                )
            ),
        ),
        figures,
    )


engagement = Area(AREA, "Engagement", DEFINITIONS, _found, FORMULAS)
