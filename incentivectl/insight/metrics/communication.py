"""Communication: statements and logins, when we last heard of each partner, and who answers."""

from collections.abc import Iterator
from functools import partial

import polars as pl

from incentivectl.core import money
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
from incentivectl.insight.metrics.satisfaction import surveys_of
from incentivectl.insight.metrics.support import tagged_scores
from incentivectl.insight.metrics.view import View

AREA = "communication"
_counted = partial(counted, AREA)
ACTIVE = _counted("contact-partners", "partners with status active", "as in engagement")
STATEMENTS = _counted(
    "statements", "partners sent a statement",
    "partners with status active with an activity `statement` in the period, their own or a rep's",
    headline=True,
)  # fmt: skip
LOGINS = _counted(
    "logins", "partners with a login",
    "partners with status active with an activity `login` in the period, their own or a rep's",
    headline=True,
)  # fmt: skip
ANSWERING = _counted(
    "answering-partners", "partners with an answer",
    "partners with status active that answered any survey in the period, themselves or through a rep",
    headline=True,
)  # fmt: skip
SILENT = _counted(
    "silent-partners", "partners without any contact",
    "partners with status active without a statement, login, one-to-one or answer in the period",
    headline=True,
)  # fmt: skip
SILENT_SHARE = share(
    AREA, "silent-share", "share without any contact",
    "partners without any contact / partners with status active",
)  # fmt: skip
LAST_CONTACT = Definition(
    AREA, "days-since-contact", "days since last contact", "days",
    "from the latest statement, login, one-to-one or answer of the partner or its reps to the period's"
    " last day; overall the median of the partners with status active that ever had one",
    how="median", headline=True,
)  # fmt: skip
SCORE = Definition(
    AREA, "communication-score", "what partners say of it", "number",
    "the mean of the scores that questions tagged `communication` in [metrics.questions] got in the"
    " period", digits=2, how="mean",
)  # fmt: skip
DEFINITIONS = (
    STATEMENTS, LOGINS, ANSWERING, SILENT, LAST_CONTACT, SILENT_SHARE, SCORE, ACTIVE,
)  # fmt: skip
FORMULAS = (
    ratio(
        SILENT_SHARE, (SILENT,), ACTIVE, "`partners` has nobody with status active", scopes=PLACES
    ),
)
STATEMENT = "statement"
CONTACTS = (STATEMENT, "login", "checkin")
ANSWER = "answer"


def contacts(view: View) -> pl.DataFrame:
    """`partner`, `contact` (one of `CONTACTS` or `ANSWER`), `day`: all of them up to PERIOD's last day."""
    done = view.activities.filter(pl.col("activity").is_in(CONTACTS)).select(
        partner="partner_id", contact="activity", day="done_on"
    )
    answers = surveys_of(view).select(
        partner="partner_id", contact=pl.lit(ANSWER), day="answered_on"
    )
    return pl.concat([done, answers]).drop_nulls("partner").unique()


def _found(view: View) -> Iterator[Basis | Found]:
    no_answers = view.no_table("surveys")
    known = {
        ACTIVE: None,
        STATEMENTS: view.no_activities,
        LOGINS: view.no_activities,
        ANSWERING: no_answers,
        SILENT: view.no_activities if no_answers else None,
    }
    yield from (Found(one, why) for one, why in known.items() if why)
    told = tuple(one for one, why in known.items() if not why)
    every = contacts(view)
    yield Basis("contacts", view.with_places(_partners(view, every)), told, PLACES)
    if view.no_activities and no_answers:
        yield Found(LAST_CONTACT, view.no_activities)
    else:
        yield from _last_contact(view, every)
    yield from tagged_scores(view, "communication", SCORE)


def _partners(view: View, every: pl.DataFrame) -> pl.DataFrame:
    now = view.in_period(every, "day")

    def had(*kinds: str) -> pl.Expr:
        those = now.filter(pl.col("contact").is_in(kinds))["partner"].unique()
        return pl.col("item").is_in(those.implode())

    ids = pl.Series(sorted(view.active_partners), dtype=pl.String)
    return pl.DataFrame({"partner": ids, "item": ids}).with_columns(
        pl.lit(value=True).alias(ACTIVE.key),
        had("statement").alias(STATEMENTS.key),
        had("login").alias(LOGINS.key),
        had(ANSWER).alias(ANSWERING.key),
        (~had(*CONTACTS, ANSWER)).alias(SILENT.key),
    )


def _last_contact(view: View, every: pl.DataFrame) -> Iterator[Basis]:
    days = (pl.lit(view.period.last) - pl.col("day").max()).dt.total_days()
    last = every.group_by("partner").agg(days.cast(money.WHOLE).alias(LAST_CONTACT.key))
    last = last.sort("partner")
    active = last.filter(pl.col("partner").is_in(sorted(view.active_partners)))
    empty = f"no contact with anybody is known up to {view.period.last}"
    yield Basis("last-contact", view.with_places(active), (LAST_CONTACT,), PLACES, empty=empty)
    yield Basis("last-contact-partners", last, (LAST_CONTACT,), ("partner",))


communication = Area(AREA, "Communication", DEFINITIONS, _found, FORMULAS)
