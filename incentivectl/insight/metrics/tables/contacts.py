"""Tables of one-to-ones, ideas, support, communication and loyalty: who, when, and who not."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Literal

import polars as pl

from incentivectl.core import money
from incentivectl.insight.metrics.communication import (
    ANSWER,
    CONTACTS,
    LAST_CONTACT,
    STATEMENT,
    contacts,
)
from incentivectl.insight.metrics.growth import REVENUE
from incentivectl.insight.metrics.loyalty import REWARD, tenures
from incentivectl.insight.metrics.meetings import NOT_MET_DAYS, checkins, ideas_of
from incentivectl.insight.metrics.support import (
    CREDITED,
    HOURS_CREDITED,
    HOURS_USED,
    LEARNING,
    PAID,
    SCORE,
    TAKEN,
    UTILISATION,
    learnt,
)
from incentivectl.insight.metrics.tables.figures_by import Columns, Row, Told
from incentivectl.output.report import Amount, Section

ENDS_SOON_DAYS = 180


def _names(told: Told, table: Literal["partners", "reps"]) -> Mapping[str, str]:
    key = f"{table[:-1]}_id"
    return dict(told.views.now.in_force(table).select(key, "name").iter_rows())


def _no_activities(told: Told, nothing: str) -> str:
    missing = told.views.now.no_activities
    return f"{missing.why}." if missing else nothing


def meeting_tables(told: Told) -> Iterator[Section]:
    """Who met whom when and what was noted; who was not met for a while."""
    view = told.views.now
    partners, reps = _names(told, "partners"), _names(told, "reps")
    held = view.in_period(checkins(view), "done_on").sort(
        "done_on", "activity_id", descending=[True, False]
    )
    rows: list[Row] = [
        (
            row["done_on"],
            row["partner_id"],
            partners.get(row["partner_id"]),
            reps.get(row["rep_id"]) or row["rep_id"],
            row["held_by"],
            row["subject"],
            " ".join((row["note"] or "").split()) or None,
        )
        for row in held.iter_rows(named=True)
    ]
    columns: Columns = ("day", "partner", "name", "their rep", "our side", "subject", "noted")
    nothing = _no_activities(told, f"Nobody was met in {view.period.label}.")
    yield from told.listed("meetings", "Who was met", columns, rows, nothing=nothing)
    last = dict(checkins(view).group_by("partner_id").agg(pl.col("done_on").max()).iter_rows())
    rows = []
    for partner in sorted(view.active_partners, key=lambda one: (last.get(one, date.min), one)):
        day = last.get(partner)
        days = None if day is None else (view.period.last - day).days
        if days is None or days >= NOT_MET_DAYS:
            never = "never met" if day is None else ""
            rows.append((partner, partners.get(partner), day, days, never))
    columns = ("partner", "name", "last met", "days ago", "note")
    title = f"Partners not met for {NOT_MET_DAYS} days"
    shown = [] if view.no_activities else rows
    nothing = _no_activities(told, "Everybody was met.")
    yield from told.listed("not_met", title, columns, shown, nothing=nothing)


def idea_tables(told: Told) -> Iterator[Section]:
    """Which ideas came, and what became of them."""
    view = told.views.now
    partners, reps = _names(told, "partners"), _names(told, "reps")
    rows: list[Row] = [
        (
            row["done_on"],
            row["partner_id"],
            partners.get(row["partner_id"]),
            reps.get(row["rep_id"]) or row["rep_id"],
            row["subject"],
            " ".join((row["note"] or "").split()) or None,
            None
            if row["reward"] is None
            else Amount(row["reward"], money.minor_digits(row["currency"])),
            row["currency"],
        )
        for row in ideas_of(view).iter_rows(named=True)
    ]
    columns: Columns = ("day", "partner", "name", "rep", "subject", "noted", "rewarded", "currency")
    nothing = _no_activities(told, f"Nobody had an idea in {view.period.label}.")
    yield from told.listed("ideas", "Ideas, the newest first", columns, rows, nothing=nothing)


def support_tables(told: Told) -> Iterator[Section]:
    """Courses on offer and taken; partners with what they used of our support."""
    view = told.views.now
    year, now = learnt(view), view.in_period(view.activities, "done_on")
    taken = now.filter(pl.col("activity").is_in(LEARNING))
    counts = {
        key: number
        for *key_, number in taken.group_by("activity", "subject").len().rows()
        for key in [tuple(key_)]
    }
    offered = (
        year.drop_nulls("subject")
        .group_by("activity", "subject")
        .agg(people=pl.col("rep_id").n_unique(), times=pl.len(), last=pl.col("done_on").max())
        .sort("times", "activity", "subject", descending=[True, False, False])
    )
    rows: list[Row] = [
        (kind, subject, counts.get((kind, subject), 0), times, people, last)
        for kind, subject, people, times, last in offered.select(
            "activity", "subject", "people", "times", "last"
        ).rows()
    ]
    columns: Columns = ("kind", "subject", "taken", "in 12 months", "people", "last taken")
    nothing = _no_activities(told, "Nobody took any in twelve months.")
    yield from told.listed("courses", "Courses on offer and taken", columns, rows, nothing=nothing)
    yield from _supported(told)


def _supported(told: Told) -> Iterator[Section]:
    view = told.views.now
    partners = _names(told, "partners")
    trained = dict(
        learnt(view)
        .filter(pl.col("activity") == "training")
        .group_by("partner_id")
        .agg(pl.col("done_on").max())
        .iter_rows()
    )
    figures = (TAKEN, CREDITED, PAID, UTILISATION, HOURS_CREDITED, HOURS_USED, SCORE)
    listed = sorted(
        view.active_partners,
        key=lambda of: (of in trained, told.exact(PAID, "partner", of), of),
    )
    rows: list[Row] = [
        (
            of,
            partners.get(of),
            trained.get(of) or "none in 12 months",
            *told.values("partner", of, *figures),
        )
        for of in listed
    ]
    columns: Columns = (
        "partner", "name", "last training", "courses taken", "funds credited", "funds used",
        "used", "hours credited", "hours used", "says of support",
    )  # fmt: skip
    title = "Partners and our support, the untrained first"
    shown = [] if view.no_activities else rows
    nothing = _no_activities(told, "No partner is active.")
    yield from told.listed("support_partners", title, columns, shown, nothing=nothing)


def communication_tables(told: Told) -> Iterator[Section]:
    """When each partner last had a statement, a login, a one-to-one, an answer."""
    view = told.views.now
    partners = _names(told, "partners")
    kinds = (*CONTACTS, ANSWER)
    last = {
        (partner, contact): day
        for partner, contact, day in contacts(view)
        .group_by("partner", "contact")
        .agg(pl.col("day").max())
        .rows()
    }
    listed = sorted(
        view.active_partners,
        key=lambda of: (-told.exact(LAST_CONTACT, "partner", of), of),
    )
    never = [of for of in listed if told.at(LAST_CONTACT, "partner", of) is None]
    rows: list[Row] = [
        (
            of,
            partners.get(of),
            *(last.get((of, kind)) for kind in kinds),
            told.value(LAST_CONTACT, "partner", of) if of not in never else "no contact ever",
        )
        for of in never + [one for one in listed if one not in never]
    ]
    columns: Columns = (
        "partner", "name", "last statement", "last login", "last one-to-one", "last answer",
        "days since contact",
    )  # fmt: skip
    title = "Partners: last contact, the longest ago first"
    why = told.why(LAST_CONTACT) if never == listed else ""
    nothing = f"{why}." if why else "No partner is active."
    yield from told.listed("contacts", title, columns, [] if why else rows, nothing=nothing)
    yield from _without_statement(told, partners)


def _without_statement(told: Told, partners: Mapping[str, str]) -> Iterator[Section]:
    """Active partners to whom no statement was sent in PERIOD, the longest without one first."""
    view = told.views.now
    sent = contacts(view).filter(pl.col("contact") == STATEMENT)
    last = dict(sent.group_by("partner").agg(pl.col("day").max()).rows())
    without = [of for of in view.active_partners if last.get(of, date.min) < view.period.first]
    rows: list[Row] = [
        (of, partners.get(of), last.get(of), "" if of in last else "never sent one")
        for of in sorted(without, key=lambda of: (last.get(of, date.min), of))
    ]
    columns: Columns = ("partner", "name", "last statement", "note")
    title = f"Partners sent no statement in {view.period.label}"
    shown = [] if view.no_activities else rows
    nothing = _no_activities(told, "Everybody was sent one.")
    yield from told.listed("without_statement", title, columns, shown, nothing=nothing)


def loyalty_tables(told: Told) -> Iterator[Section]:
    """Who is with us how long, and which dates of contracts lie ahead."""
    view = told.views.now
    partners = _names(told, "partners")
    rows: list[Row] = [
        (
            partner,
            partners.get(partner),
            joined_on,
            years,
            *told.with_changes(REVENUE, "partner", partner)[::2],
            told.value(REWARD, "partner", partner),
        )
        for partner, joined_on, years in tenures(view).rows()
    ]
    columns: Columns = (
        "partner",
        "name",
        "joined",
        "years",
        "revenue",
        told.year_ago,
        "loyalty earned",
    )
    title = "Partners by how long they have been with us"
    nothing = "No active partner has a `joined_on`."
    yield from told.listed("tenures", title, columns, rows, nothing=nothing)
    yield from _ends_soon(told, partners)


def _ends_soon(told: Told, partners: Mapping[str, str]) -> Iterator[Section]:
    """Dates among the listed attributes of active partners in the next days."""
    view = told.views.now
    day, until = view.period.last, view.period.last + timedelta(days=ENDS_SOON_DAYS)
    rows_of = view.run.channel.partner_rows.filter(
        pl.col("in_force_from") <= day,
        pl.col("in_force_until") > day,
        pl.col("partner_id").is_in(sorted(view.active_partners)),
    )
    kinds = view.run.loaded.workspace.attributes.get("partners", {})
    dates = sorted(name for name, kind in kinds.items() if kind == "date" and name in rows_of)
    found: list[tuple[date, str, str]] = []
    for name in dates:
        ends = pl.col(name).str.to_date("%Y-%m-%d", strict=False)
        soon = rows_of.with_columns(ends=ends).filter(pl.col("ends").is_between(day, until))
        found += [(one, partner, name) for partner, one in soon.select("partner_id", "ends").rows()]
    rows: list[Row] = [
        (partner, partners.get(partner), name, one, (one - day).days)
        for one, partner, name in sorted(found)
    ]
    columns: Columns = ("partner", "name", "what", "day", "days left")
    title = f"Dates of partners in the next {ENDS_SOON_DAYS} days"
    nothing = (
        "None."
        if dates
        else "`partners` has no attribute of kind date, such as contract_ends: see `attributes` of sources."
    )
    yield from told.listed("ends_soon", title, columns, rows, nothing=nothing)
