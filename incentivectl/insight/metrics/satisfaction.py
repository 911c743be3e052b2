"""Satisfaction: NPS, pulses, response rate, and how long ago each partner was last asked."""

from collections.abc import Iterator
from decimal import Decimal
from statistics import median

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import total
from incentivectl.insight.metrics.figures import Definition, Found, Missing, Value, number
from incentivectl.insight.metrics.view import View

AREA = "satisfaction"
NPS = Definition(
    AREA, "nps", "NPS", "points",
    "of the scores of surveys of kind nps answered in the period: % from 9 to 10 − % from 0 to 6",
)  # fmt: skip
ANSWERS = Definition(AREA, "nps-answers", "NPS answers", "number", "how many scores that is")
SCORE = Definition(
    AREA, "mean-score", "mean score", "number",
    "the mean of a question's scores in surveys of kind pulse answered in the period, of whatever"
    " survey", digits=2,
)  # fmt: skip
RESPONSE = Definition(
    AREA, "response-rate", "response rate", "share",
    "of the invitations sent in the period, each person once a survey: how many answered by its last"
    " day",
)  # fmt: skip
LAST_ASKED = Definition(
    AREA, "days-since-asked", "days since last asked", "days",
    "from the latest invitation of the partner or its reps to the period's last day; overall the"
    " median of the partners with status active who were ever asked",
)  # fmt: skip
NEVER_ASKED = Definition(
    AREA, "never-asked", "partners never asked", "number",
    "partners with status active without any invitation up to the period's last day",
)  # fmt: skip
DEFINITIONS = (NPS, ANSWERS, SCORE, RESPONSE, LAST_ASKED, NEVER_ASKED)
BEST, WORST = 10, 0


def satisfaction(view: View) -> Iterator[Found]:
    """NPS of the whole and of partners, mean scores by question, responses, last invitations."""
    yield from _nps(view)
    yield from _scores(view)
    yield Found(RESPONSE, _response_rate(view))
    yield from _last_asked(view)


def surveys_of(view: View) -> pl.DataFrame:
    """The rows of `surveys` answered by PERIOD's last day, each with the partner of its rep."""
    rows = view.run.channel.tables["surveys"].join(view.rep_partners, on="rep_id", how="left")
    return rows.with_columns(partner_id=pl.coalesce("partner_id", "rep_partner_id")).filter(
        pl.col("answered_on") <= view.period.last
    )


def nps(scores: pl.Series) -> Decimal | None:
    """% promoters (9 to 10) − % detractors (0 to 6), 12 decimals; None without any score."""
    promoters, detractors = int((scores >= 9).sum()), int((scores <= 6).sum())
    return money.quotient(number(100 * (promoters - detractors)), number(len(scores)))


def _nps(view: View) -> Iterator[Found]:
    missing = view.no_table("surveys")
    if missing:
        yield from (Found(one, missing) for one in (NPS, ANSWERS))
        return
    asked = view.in_period(surveys_of(view), "answered_on").filter(pl.col("kind") == "nps")
    scored = asked.filter(pl.col("score").is_between(WORST, BEST))
    points = nps(scored["score"])
    nobody = Missing(f"nobody answered a survey of kind nps in {view.period.label}")
    yield Found(NPS, nobody if points is None else points)
    yield Found(ANSWERS, number(scored.height))
    for (partner,), part in scored.drop_nulls("partner_id").group_by("partner_id"):
        theirs = nps(part["score"])
        assert theirs is not None
        yield Found(NPS, theirs, "partner", str(partner))
        yield Found(ANSWERS, number(part.height), "partner", str(partner))


def _scores(view: View) -> Iterator[Found]:
    missing = view.no_table("surveys")
    if missing:
        yield Found(SCORE, missing)
        return
    rows = view.in_period(surveys_of(view), "answered_on").filter(
        pl.col("kind") == "pulse", pl.col("score").is_not_null()
    )
    if rows.is_empty():
        yield Found(SCORE, Missing(f"nobody answered a pulse in {view.period.label}"))
        return
    sums = rows.group_by("question_id").agg(pl.col("score").sum(), pl.len()).sort("question_id")
    for question, score, count in sums.rows():
        mean = money.quotient(score, number(count))
        assert mean is not None
        yield Found(SCORE, mean, "question", question)
    mean = money.quotient(total(rows, "score"), number(rows.height))
    assert mean is not None
    yield Found(SCORE, mean)


def _response_rate(view: View) -> Value:
    missing = view.no_table("survey_invitations") or view.no_table("surveys")
    if missing:
        return missing
    person = ["survey_id", "partner_id", "rep_id"]
    sent = view.in_period(view.run.channel.tables["survey_invitations"], "sent_on")
    invited = sent.select(person).unique()
    if invited.is_empty():
        return Missing(f"nobody was invited to a survey in {view.period.label}")
    answered = surveys_of(view).select(person).unique()
    by_rep = invited.filter(pl.col("rep_id").is_not_null()).join(
        answered, on=["survey_id", "rep_id"], how="semi"
    )
    by_partner = invited.filter(pl.col("rep_id").is_null()).join(
        answered, on=["survey_id", "partner_id"], how="semi"
    )
    rate = money.quotient(number(by_rep.height + by_partner.height), number(invited.height))
    assert rate is not None
    return rate


def _last_asked(view: View) -> Iterator[Found]:
    missing = view.no_table("survey_invitations")
    if missing:
        yield from (Found(one, missing) for one in (LAST_ASKED, NEVER_ASKED))
        return
    last = dict(
        view.run.channel.tables["survey_invitations"]
        .filter(pl.col("sent_on") <= view.period.last)
        .group_by("partner_id")
        .agg(pl.col("sent_on").max())
        .iter_rows()
    )
    days = {partner: (view.period.last - day).days for partner, day in last.items()}
    among = [number(days[partner]) for partner in sorted(view.active_partners & days.keys())]
    nobody = Missing(f"nobody was invited to a survey by {view.period.last}")
    yield Found(LAST_ASKED, median(among) if among else nobody)
    yield Found(NEVER_ASKED, number(len(view.active_partners - days.keys())))
    for partner in sorted(days):
        yield Found(LAST_ASKED, number(days[partner]), "partner", partner)
