"""Tables of satisfaction and brand awareness."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.insight.metrics.brand import INDEX, MEASURED, METRIC_INDEX
from incentivectl.insight.metrics.figure_cells import beside_earlier, shown_value
from incentivectl.insight.metrics.figures import Scope
from incentivectl.insight.metrics.satisfaction import (
    A_YEAR,
    ANSWERED,
    ANSWERS,
    DETRACTORS,
    DETRACTS,
    INVITED,
    LAST_ASKED,
    NPS,
    PASSIVES,
    PROMOTERS,
    PROMOTES,
    RESPONSE,
    SCORE,
    last_asked,
    surveys_of,
)
from incentivectl.insight.metrics.tables.figures_by import Columns, Row, Told
from incentivectl.output.report import Amount, Section

SCALE = (
    "Scores from 1 to 10: promoters give 9 or 10, passives 7 or 8, detractors 6 or less; NPS = % promoters"
    " - % detractors."
)
_MOST_SURVEYS = 12


def satisfaction_tables(told: Told) -> Iterator[Section]:
    """NPS by region, partner and rep; comments; surveys and questions; who answers, who was not asked."""
    scopes: tuple[Scope, ...] = ("region", "country", "partner", "rep")
    yield from (_nps(told, scope, f"NPS by {scope}") for scope in scopes)
    yield from _comments(told)
    yield from _surveys(told)
    yield _questions(told)
    yield _responses(told)
    yield from _not_asked(told)


def _nps(told: Told, scope: Scope, title: str) -> Section:
    names = told.names(scope, ANSWERS)
    listed = sorted(
        names, key=lambda of: (told.exact(NPS, scope, of), -told.exact(ANSWERS, scope, of), of)
    )
    rows: list[Row] = [
        (
            of,
            *(() if scope in ("region", "country") else (names[of],)),
            *told.values(scope, of, ANSWERS, PROMOTERS, PASSIVES, DETRACTORS, NPS),
        )
        for of in listed
        if told.exact(ANSWERS, scope, of)
    ]
    who = (scope,) if scope in ("region", "country") else (scope, "name")
    columns: Columns = (*who, "answers", "promoters", "passives", "detractors", "NPS")
    nothing = f"{told.why(NPS) or f'No answer names a {scope}'}."
    return told.table(
        f"nps_by_{scope}", f"{title}, the lowest first", columns, rows, nothing=nothing
    )


def _comments(told: Told) -> Iterator[Section]:
    """What was written in PERIOD, the newest first; what detractors write is marked."""
    view = told.views.now
    names = told.views.now.run.channel.tables["partners"]
    partner_names = dict(names.select("partner_id", "name").iter_rows())
    written = view.in_period(surveys_of(view), "answered_on").filter(
        pl.col("comment").is_not_null()
    )
    ordered = written.sort(
        "answered_on", "response_id", "question_id", descending=[True, False, False]
    )
    rows: list[Row] = [
        (
            row["answered_on"],
            _group(row),
            row["survey_id"],
            row["partner_id"],
            partner_names.get(row["partner_id"]),
            row["rep_id"],
            None if row["score"] is None else Decimal(money.plain(row["score"])),
            " ".join(row["comment"].split()),
        )
        for row in ordered.iter_rows(named=True)
    ]
    columns: Columns = ("answered", "who", "survey", "partner", "name", "rep", "score", "comment")
    missing = view.no_table("surveys")
    nothing = f"{missing.why}." if missing else f"Nobody wrote anything in {view.period.label}."
    yield from told.listed("comments", "Comments, the newest first", columns, rows, nothing=nothing)


def _group(row: dict[str, Any]) -> str:
    """The group of an answer to a survey of kind nps, marked where it is a detractor's."""
    score = row["score"]
    if row["kind"] != "nps" or score is None:
        return ""
    if score <= DETRACTS:
        return "! detractor"
    return "promoter" if score >= PROMOTES else "passive"


def _surveys(told: Told) -> Iterator[Section]:
    """The latest surveys: who answered, and how their mean score compares with the one before."""
    view = told.views.now
    answers = surveys_of(view)
    sent = view.run.channel.tables["survey_invitations"].filter(
        pl.col("sent_on") <= view.period.last
    )
    invited = {
        survey: (first, number)
        for survey, first, number in sent.group_by("survey_id")
        .agg(pl.col("sent_on").min(), pl.struct("partner_id", "rep_id").n_unique())
        .rows()
    }
    found = (
        answers.group_by("survey_id")
        .agg(
            pl.col("kind").first(),
            first=pl.col("answered_on").min(),
            answers=pl.col("response_id").n_unique(),
            questions=pl.col("question_id").n_unique(),
            scores=pl.col("score").sum(),
            scored=pl.col("score").count(),
        )
        .sort("first", "survey_id")
    )
    rows: list[Row] = []
    before: dict[tuple[str, int], Decimal] = {}
    for row in found.iter_rows(named=True):
        mean = money.quotient(row["scores"], Decimal(row["scored"]))
        like = (row["kind"], row["questions"])
        then = before.get(like)
        first, number = invited.pop(row["survey_id"], (row["first"], None))
        rows.append(
            (
                row["survey_id"],
                row["kind"],
                first,
                number,
                row["answers"],
                row["questions"],
                None if mean is None else Amount(mean, 2),
                None if mean is None or then is None else Amount(mean - then, 2),
            )
        )
        if mean is not None:
            before[like] = mean
    for survey, (first, number) in invited.items():
        rows.append((survey, None, first, number, 0, None, None, None))
    rows.sort(key=lambda row: (str(row[2]), str(row[0])), reverse=True)
    columns: Columns = (
        "survey", "kind", "sent", "invited", "answers", "questions", "mean score",
        "against the one before",
    )  # fmt: skip
    note = "The one before: the latest earlier survey of the kind with as many questions."
    title = "Surveys, the newest first"
    yield from told.listed("surveys", title, columns, rows[:_MOST_SURVEYS], note=note)


def _questions(told: Told) -> Section:
    rows: list[Row] = []
    for of in told.names("question", SCORE):
        figure = told.at(SCORE, "question", of)
        if figure is None:
            continue
        rows.append(
            (
                of,
                shown_value(figure, figure.value),
                *beside_earlier(figure),
            )
        )
    columns: Columns = ("question", "mean score", told.before, "change", told.year_ago, "change")
    nothing = f"{told.why(SCORE)}."
    return told.table("questions", "Pulses by question", columns, rows, nothing=nothing)


def _responses(told: Told) -> Section:
    names = told.names("partner", INVITED)
    rows: list[Row] = [
        (of, names[of], *told.values("partner", of, INVITED, ANSWERED, RESPONSE, LAST_ASKED))
        for of in sorted(names, key=lambda of: (told.exact(RESPONSE, "partner", of), of))
    ]
    columns: Columns = ("partner", "name", "invited", "answered", "response", "days since asked")
    title = "Partners: response to surveys, the lowest first"
    nothing = f"{told.why(RESPONSE)}."
    return told.table("responses", title, columns, rows, nothing=nothing)


def _not_asked(told: Told) -> Iterator[Section]:
    """Active partners without an invitation for a year."""
    view = told.views.now
    missing = view.no_table("survey_invitations")
    rows: list[Row] = []
    if not missing:
        names = dict(view.run.channel.tables["partners"].select("partner_id", "name").iter_rows())
        last = dict(last_asked(view).iter_rows())
        for partner in sorted(view.active_partners):
            day = last.get(partner)
            if day is None or (view.period.last - day).days >= A_YEAR:
                rows.append((partner, names[partner], day, "never asked" if day is None else ""))
    title = "Partners not asked for a year"
    nothing = f"{missing.why}." if missing else "Everybody was asked."
    columns: Columns = ("partner", "name", "last asked", "note")
    yield from told.listed("not_asked", title, columns, rows, nothing=nothing)


def brand_tables(told: Told) -> Iterator[Section]:
    """Each metric in each region, and the index of channels and regions."""
    rows: list[Row] = []
    for of in told.names("market", MEASURED):
        figure = told.at(MEASURED, "market", of)
        if figure is None:
            continue
        metric, _, region = of.rpartition(", ")
        rows.append(
            (
                metric,
                region,
                shown_value(figure, figure.value),
                *beside_earlier(figure),
                told.value(METRIC_INDEX, "market", of),
            )
        )
    columns: Columns = (
        "measured",
        "region",
        "now",
        told.before,
        "change",
        told.year_ago,
        "change",
        "index",
    )
    nothing = f"{told.why(INDEX)}."
    yield told.table("brand_regions", "Brand by region", columns, rows, nothing=nothing)
    rows = [(of, told.value(INDEX, "channel", of)) for of in told.names("channel", INDEX)]
    rows += [
        (of, told.value(METRIC_INDEX, "channel", of)) for of in told.names("channel", METRIC_INDEX)
    ]
    rows += [(of, told.value(INDEX, "region", of)) for of in told.names("region", INDEX)]
    note = f"100 is {told.year_ago}."
    title = "Brand index by channel, metric and region"
    yield told.table("brand_index", title, ("of", "index"), rows, nothing=nothing, note=note)
