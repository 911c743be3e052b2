"""Satisfaction: NPS with its three groups, pulses, who answers, and how long ago each was last asked."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import Schema
from incentivectl.insight.metrics.figures import (
    Area,
    Basis,
    Definition,
    Found,
    Scope,
    counted,
    ratio,
    share,
)
from incentivectl.insight.metrics.view import View

AREA = "satisfaction"
BEST, WORST = 10, 0
PROMOTES, DETRACTS = 9, 6
A_YEAR = 365


_counted = partial(counted, AREA)
_share = partial(share, AREA)
ANSWERS = _counted(
    "nps-answers", "NPS answers",
    "scores of surveys of kind nps answered in the period, on the scale from 1 to 10 (a survey that"
    " asks from 0 on may give 0)",
)  # fmt: skip
PROMOTERS = _counted("promoters", "promoters", "scores of 9 and 10", headline=True)
PASSIVES = _counted("passives", "passives", "scores of 7 and 8", headline=True)
DETRACTORS = _counted("detractors", "detractors", "scores of 1 to 6, and 0", headline=True)


PROMOTING = _share("promoter-share", "share of promoters", "promoters / NPS answers")
PASSIVE = _share("passive-share", "share of passives", "passives / NPS answers")
DETRACTING = _share("detractor-share", "share of detractors", "detractors / NPS answers")
NPS = Definition(
    AREA, "nps", "NPS", "points", "100 × (promoters − detractors) / NPS answers", how="formula",
    headline=True,
)  # fmt: skip
SCORE = Definition(
    AREA, "mean-score", "mean score", "number",
    "the mean of the scores in surveys of kind pulse answered in the period", digits=2,
    how="mean", headline=True,
)  # fmt: skip
INVITED = _counted("invited", "invited", "persons invited in the period, each person once a survey")
ANSWERED = _counted(
    "answered", "answered", "those of them who answered that survey by the period's last day"
)
RESPONSE = Definition(
    AREA, "response-rate", "response rate", "share", "answered / invited", how="formula",
    headline=True,
)  # fmt: skip
LAST_ASKED = Definition(
    AREA, "days-since-asked", "days since last asked", "days",
    "from the latest invitation of the partner or its reps to the period's last day; overall the"
    " median of the partners with status active who were ever asked", how="median", headline=True,
)  # fmt: skip
NEVER_ASKED = _counted(
    "never-asked", "partners never asked",
    "partners with status active without any invitation up to the period's last day",
)  # fmt: skip
NOT_FOR_A_YEAR = _counted(
    "not-asked-for-a-year", "partners not asked for a year",
    "partners with status active without an invitation in the 365 days up to the period's last",
    headline=True,
)  # fmt: skip
DEFINITIONS = (
    NPS, PROMOTERS, PASSIVES, DETRACTORS, SCORE, RESPONSE, LAST_ASKED, NOT_FOR_A_YEAR, ANSWERS,
    PROMOTING, PASSIVE, DETRACTING, INVITED, ANSWERED, NEVER_ASKED,
)  # fmt: skip
_OF_NPS: tuple[Scope, ...] = ("whole", "region", "country", "partner", "rep")
_OF_INVITATIONS: tuple[Scope, ...] = ("whole", "region", "country", "partner", "survey")
_NOBODY = "nobody answered a survey of kind nps in {period}"
FORMULAS = (
    ratio(NPS, (PROMOTERS,), ANSWERS, _NOBODY, minus=(DETRACTORS,), times=100, scopes=_OF_NPS),
    ratio(PROMOTING, (PROMOTERS,), ANSWERS, _NOBODY, scopes=_OF_NPS),
    ratio(PASSIVE, (PASSIVES,), ANSWERS, _NOBODY, scopes=_OF_NPS),
    ratio(DETRACTING, (DETRACTORS,), ANSWERS, _NOBODY, scopes=_OF_NPS),
    ratio(
        RESPONSE, (ANSWERED,), INVITED, "nobody was invited to a survey in {period}",
        scopes=_OF_INVITATIONS,
    ),
)  # fmt: skip
_PERSON = ["survey_id", "partner_id", "rep_id"]


def surveys_of(view: View) -> pl.DataFrame:
    """The rows of `surveys` answered by PERIOD's last day, each with the partner of its rep."""
    rows = view.run.channel.tables["surveys"].join(view.rep_partners, on="rep_id", how="left")
    return rows.with_columns(partner_id=pl.coalesce("partner_id", "rep_partner_id")).filter(
        pl.col("answered_on") <= view.period.last
    )


def nps_answers(view: View) -> pl.DataFrame:
    """The answers of PERIOD to surveys of kind nps that give a score from 0 to 10, and the three groups."""
    asked = view.in_period(surveys_of(view), "answered_on").filter(pl.col("kind") == "nps")
    score = pl.col("score")
    return asked.filter(score.is_between(WORST, BEST)).with_columns(
        pl.lit(value=True).alias(ANSWERS.key),
        (score >= PROMOTES).alias(PROMOTERS.key),
        ((score < PROMOTES) & (score > DETRACTS)).alias(PASSIVES.key),
        (score <= DETRACTS).alias(DETRACTORS.key),
    )


def _found(view: View) -> Iterator[Basis | Found]:
    """NPS by partner, rep and place; scores by question and survey; who was invited and answered."""
    missing = view.no_table("surveys")
    if missing:
        groups = (ANSWERS, PROMOTERS, PASSIVES, DETRACTORS, SCORE, NPS)
        yield from (Found(one, missing) for one in groups)
    else:
        yield from _nps(view)
        yield _scores(view)
    yield from _responses(view)
    yield from _last_asked(view)


def _nps(view: View) -> Iterator[Basis]:
    answers = nps_answers(view)
    groups = (ANSWERS, PROMOTERS, PASSIVES, DETRACTORS)
    rows = answers.select(
        pl.col("partner_id").alias("partner"),
        pl.col("rep_id").alias("rep"),
        pl.concat_str("response_id", pl.lit(" "), "question_id").alias("item"),
        *(one.key for one in groups),
    )
    yield Basis("nps", view.with_places(rows), groups, _OF_NPS)


def _scores(view: View) -> Basis:
    rows = view.in_period(surveys_of(view), "answered_on").filter(
        pl.col("kind") == "pulse", pl.col("score").is_not_null()
    )
    return Basis(
        "scores",
        view.with_places(
            rows.select(
                pl.col("partner_id").alias("partner"),
                pl.col("question_id").alias("question"),
                pl.col("survey_id").alias("survey"),
                pl.col("response_id").alias("item"),
                pl.col("score").alias(SCORE.key),
            )
        ),
        (SCORE,),
        ("whole", "region", "country", "partner", "question", "survey"),
        empty=f"nobody answered a pulse in {view.period.label}",
    )


def responses(view: View) -> pl.DataFrame:
    """Who was invited in PERIOD, once a survey (`_PERSON`), and whether they `answered` by its last day.

    An invitation that names a rep is answered by that rep, one that names none by anybody of the
    partner.
    """
    sent = view.in_period(view.run.channel.tables["survey_invitations"], "sent_on")
    answered = surveys_of(view)
    by_rep = answered.select("survey_id", "rep_id", yes=pl.lit(value=True)).drop_nulls().unique()
    by_partner = answered.select("survey_id", "partner_id", yes=pl.lit(value=True)).unique()
    return (
        sent.select(_PERSON)
        .unique()
        .join(by_rep, on=["survey_id", "rep_id"], how="left")
        .join(by_partner, on=["survey_id", "partner_id"], how="left", suffix="_partner")
        .with_columns(
            answered=pl.when(pl.col("rep_id").is_null())
            .then(pl.col("yes_partner"))
            .otherwise(pl.col("yes"))
            .fill_null(value=False)
        )
        .select(*_PERSON, "answered")
        .sort(_PERSON, nulls_last=False)
    )


def _responses(view: View) -> Iterator[Basis | Found]:
    missing = view.no_table("survey_invitations") or view.no_table("surveys")
    if missing:
        yield from (Found(one, missing) for one in (INVITED, ANSWERED))
        return
    rows = responses(view).select(
        pl.col("partner_id").alias("partner"),
        pl.col("survey_id").alias("survey"),
        pl.concat_str(_PERSON, separator=" ", ignore_nulls=True).alias("item"),
        pl.lit(value=True).alias(INVITED.key),
        pl.col("answered").alias(ANSWERED.key),
    )
    yield Basis("invitations", view.with_places(rows), (INVITED, ANSWERED), _OF_INVITATIONS)


def last_asked(view: View) -> pl.DataFrame:
    """`partner_id`, `sent_on`: the latest invitation of each partner or its reps, by PERIOD's last day."""
    return (
        view.run.channel.tables["survey_invitations"]
        .filter(pl.col("sent_on") <= view.period.last)
        .group_by("partner_id")
        .agg(pl.col("sent_on").max())
        .sort("partner_id")
    )


def _last_asked(view: View) -> Iterator[Basis | Found]:
    missing = view.no_table("survey_invitations")
    if missing:
        yield from (Found(one, missing) for one in (LAST_ASKED, NEVER_ASKED, NOT_FOR_A_YEAR))
        return
    days = {
        partner: Decimal((view.period.last - day).days) for partner, day in last_asked(view).rows()
    }
    schema: Schema = {"partner": pl.String, LAST_ASKED.key: money.WHOLE}
    asked = pl.DataFrame(list(days.items()), schema=schema, orient="row")
    active = view.with_places(asked.filter(pl.col("partner").is_in(list(view.active_partners))))
    nobody = f"nobody was invited to a survey by {view.period.last}"
    yield Basis("asked", active, (LAST_ASKED,), ("whole", "region", "country"), empty=nobody)
    yield Basis("asked-partners", asked, (LAST_ASKED,), ("partner",))
    partners = sorted(view.active_partners)
    long_ago = view.period.last - timedelta(days=A_YEAR)
    limit = (view.period.last - long_ago).days
    rows = pl.DataFrame(
        {
            "partner": pl.Series(partners, dtype=pl.String),
            "item": pl.Series(partners, dtype=pl.String),
            NEVER_ASKED.key: pl.Series([one not in days for one in partners], dtype=pl.Boolean),
            NOT_FOR_A_YEAR.key: pl.Series(
                [one not in days or days[one] >= limit for one in partners], dtype=pl.Boolean
            ),
        }
    )
    figures: tuple[Definition, ...] = (NEVER_ASKED, NOT_FOR_A_YEAR)
    unknown = view.no_rows_since("survey_invitations", "sent_on", long_ago)
    if unknown:
        yield Found(NOT_FOR_A_YEAR, unknown)
        figures = (NEVER_ASKED,)
    yield Basis("asked-at-all", view.with_places(rows), figures, ("whole", "region", "country"))


satisfaction = Area(AREA, "Satisfaction", DEFINITIONS, _found, FORMULAS)
