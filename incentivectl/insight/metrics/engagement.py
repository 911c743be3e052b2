"""Engagement: who sells, who takes part, who reaches a goal, who learns, and whom we meet."""

from collections.abc import Collection, Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import year_before
from incentivectl.insight.leaderboard.payee_sales import sold_lines, within
from incentivectl.insight.leaderboard.tiers_reached import has_goal
from incentivectl.insight.metrics.figures import Definition, Found, Missing, Value, number
from incentivectl.insight.metrics.view import View

AREA = "engagement"
PARTNERS = Definition(
    AREA, "partners", "partners with status active", "number",
    "partners whose row in force on the period's last day says active, and who have joined by then",
)  # fmt: skip
SELLING = Definition(
    AREA, "active-share", "active partners", "share",
    "share of partners with status active that had a sale in the period",
)  # fmt: skip
PARTICIPATING = Definition(
    AREA, "participating-share", "participating partners", "share",
    "share of partners with status active that, themselves or through a rep, earned something or did an"
    " activity in the period",
)  # fmt: skip
PARTICIPANTS = Definition(
    AREA, "participants", "participants", "number",
    "partners who earned something in the program, themselves or through a rep",
)  # fmt: skip
ACHIEVING = Definition(
    AREA, "achieving-share", "goal achievers", "share",
    "share of partners with status active that, themselves or through a rep, reached the top tier of a"
    " program or their target",
)  # fmt: skip
ACHIEVERS = Definition(
    AREA, "achievers", "payees at their goal", "number",
    "payees who reached the top tier of the program, or their target",
)  # fmt: skip
ACTIVITIES = Definition(
    AREA, "activities", "activities", "number",
    "passed activities in the period; of a partner its own and its reps'", adds_up=True,
)  # fmt: skip
PER_PARTNER = Definition(
    AREA, "activities-per-partner", "activities per partner", "number",
    "passed activities in the period / partners with status active", digits=2,
)  # fmt: skip
TRAINED = Definition(
    AREA, "trained-share", "partners with a training", "share",
    "share of partners with status active with a passed training in the period",
)  # fmt: skip
MET = Definition(
    AREA, "checkin-share", "partners with a one-to-one", "share",
    "share of partners with status active with a checkin in the period",
)  # fmt: skip
TRAINED_GROWTH = Definition(
    AREA, "trained-growth", "growth of trained partners", "share",
    "revenue against the same period a year ago of the partners with any passed training up to the"
    " period's last day",
)  # fmt: skip
UNTRAINED_GROWTH = Definition(
    AREA, "untrained-growth", "growth of untrained partners", "share",
    "the same of all other partners",
)  # fmt: skip
DEFINITIONS = (
    PARTNERS, SELLING, PARTICIPATING, ACHIEVING, ACTIVITIES, PER_PARTNER, TRAINED, MET,
    TRAINED_GROWTH, UNTRAINED_GROWTH, PARTICIPANTS, ACHIEVERS,
)  # fmt: skip


def engagement(view: View) -> Iterator[Found]:
    """Shares of the partners with status active, activities, and growth with and without training."""
    active = view.active_partners
    yield Found(PARTNERS, number(len(active)))
    yield Found(SELLING, view.no_sales_on(view.period.first) or _share(_selling(view), active))
    no_activities = view.no_activities
    done = view.in_period(view.activities, "done_on")
    earning = set(view.earnings.filter(pl.col("entitlement") > 0)["of_partner"])
    nothing_known = view.no_programs if no_activities else None
    participating = _share(earning | set(done["partner_id"]), active)
    yield Found(PARTICIPATING, nothing_known or participating)
    achievers = view.earnings.filter("achieved")
    with_goals = any(has_goal(one) for one in view.programs) or not achievers.is_empty()
    yield Found(
        ACHIEVING,
        _share(set(achievers["of_partner"]), active)
        if with_goals
        else Missing(f"no program running in {view.period.label} has a tier to reach or a target"),
    )
    per_partner = money.quotient(number(done.height), number(len(active)))
    yield Found(ACTIVITIES, no_activities or number(done.height))
    yield Found(PER_PARTNER, no_activities or _or_no_partners(per_partner))
    for definition, kind in ((TRAINED, "training"), (MET, "checkin")):
        whose = set(done.filter(pl.col("activity") == kind)["partner_id"])
        yield Found(definition, no_activities or _share(whose, active))
    yield from _growth_by_training(view, no_activities)
    yield from _by_program(view)
    if not no_activities:
        for partner, count in done.drop_nulls("partner_id").group_by("partner_id").len().rows():
            yield Found(ACTIVITIES, number(count), "partner", partner)


def _selling(view: View) -> set[str]:
    sold = view.lines.filter(~pl.col("is_return")).select("partner_id").unique()
    return set(sold.collect(engine="streaming")["partner_id"])


def _share(whose: Collection[str], active: frozenset[str]) -> Value:
    among = sum(1 for partner in set(whose) if partner in active)
    return _or_no_partners(money.quotient(number(among), number(len(active))))


def _or_no_partners(value: Decimal | None) -> Value:
    return Missing("`partners` has nobody with status active") if value is None else value


def _by_program(view: View) -> Iterator[Found]:
    for one in view.programs:
        rows = view.earnings.filter(pl.col("program_id") == one.case.program.id)
        earning = rows.filter(pl.col("entitlement") > 0)["of_partner"].drop_nulls().n_unique()
        yield Found(PARTICIPANTS, number(earning), "program", one.case.program.id)
        if has_goal(one) or rows["achieved"].any():
            achievers = rows.filter("achieved")["payee_id"].n_unique()
            yield Found(ACHIEVERS, number(achievers), "program", one.case.program.id)


def _growth_by_training(view: View, no_activities: Missing | None) -> Iterator[Found]:
    run = view.run
    year_ago = year_before(view.period, fiscal_year_starts=run.channel.fiscal_year_starts)
    missing = no_activities or view.no_sales_on(year_ago.first)
    if missing:
        yield from (Found(one, missing) for one in (TRAINED_GROWTH, UNTRAINED_GROWTH))
        return
    trained = view.activities.filter(pl.col("activity") == "training")["partner_id"].drop_nulls()
    is_trained = pl.col("partner_id").is_in(trained.unique().implode())
    for definition, who in ((TRAINED_GROWTH, is_trained), (UNTRAINED_GROWTH, ~is_trained)):
        now, then = (
            within(sold_lines(run), window)
            .filter("partner_known", who)
            .select(pl.col("amount").sum())
            .collect(engine="streaming")
            .item()
            for window in (view.period, year_ago)
        )
        which = "trained" if definition is TRAINED_GROWTH else "untrained"
        nothing = Missing(f"{which} partners had no revenue above 0 in {year_ago.label}")
        grown = money.growth(now, then)
        yield Found(definition, nothing if grown is None else grown)
