"""What waits in the exports: deals, requests, claims, disputes, rejected rows and unknown ids."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.core.nouns import counted
from incentivectl.insight.deals import cycle
from incentivectl.insight.deals.deals import status_on
from incentivectl.insight.disputes import disputes_of
from incentivectl.insight.funds.funds import funds_of, keeps_funds
from incentivectl.insight.todo.item import Item
from incentivectl.run.known import Known
from incentivectl.workspace.folders import places_of

REASONS = 3  # so many are told of a source's rejected rows
# Of the reasons for which a claim is not paid (docs/rules.md, "Funds"), those that somebody can still settle.
# Why, and the table that cures it.
_CURABLE = {
    "no-request": ("there is no such request", "mdf_claims"),
    "not-approved": ("its request waits", "mdf_requests"),
    "no-proof": ("its proof is missing", "mdf_claims"),
}


def waiting_rows(known: Known) -> Iterator[Item]:
    """Everything in the tables of a workspace that waits on the last day of PERIOD, in no order."""
    yield from _deals(known)
    yield from _funds(known)
    yield from _disputes(known)
    yield from _rejected(known)
    yield from _unknown(known)


def _deals(known: Known) -> Iterator[Item]:
    as_of, currency = known.channel.as_of, known.channel.currency
    registered = known.channel.tables["deals"].filter(pl.col("registered_on") <= as_of)
    deals = cycle.waiting(registered.with_columns(status=status_on(as_of)), as_of)
    for row in deals.iter_rows(named=True):
        yield Item(
            "deal",
            row["deal_id"],
            f"deal with {row['customer_id']} to approve or turn down",
            f"`status` in {_files(known, 'deals')}",
            row["partner_id"],
            row["registered_on"],
            {} if row["amount"] is None else {currency: row["amount"]},
        )


def _funds(known: Known) -> Iterator[Item]:
    """Requests to decide, and claims that are not paid for want of something."""
    if not keeps_funds(known):
        return
    view = funds_of(known, None)
    undecided = set(view.waiting["request_id"])
    for row in view.waiting.iter_rows(named=True):
        yield Item(
            "request",
            row["request_id"],
            f"request for {row['activity']} to approve or turn down",
            f"`status` in {_files(known, 'mdf_requests')}",
            row["partner_id"],
            row["requested_on"],
            _in_unit(view.units[row["program_id"]].name, row["amount"]),
        )
    for row in view.claims.filter(pl.col("refused").is_in(list(_CURABLE))).iter_rows(named=True):
        if row["refused"] == "not-approved" and row["request_id"] not in undecided:
            continue  # it was turned down, or approved only after the claim
        unit = view.units[row["program_id"]].name if row["program_id"] else known.channel.currency
        why, table = _CURABLE[row["refused"]]
        yield Item(
            "claim",
            row["claim_id"],
            f"claim on {row['request_id']}: {why}",
            _files(known, table),
            row["partner_id"],
            row["claimed_on"],
            _in_unit(unit, row["amount"]),
        )


def _in_unit(unit: str, amount: Decimal) -> dict[str, Decimal]:
    """Money, but not hours."""
    return {} if unit == "hours" else {unit: amount}


def _disputes(known: Known) -> Iterator[Item]:
    """Open ones, and accepted ones for which no adjustment is there."""
    for row in disputes_of(known.channel, known.loaded.programs).iter_rows(named=True):
        amounts = {} if row["amount"] is None else {row["currency"]: abs(row["amount"])}
        about = (row["dispute_id"], row["payee_id"], amounts)
        if row["status"] == "open":
            settle = f"`status` and `answer` in {_files(known, 'disputes')}"
            yield _dispute(*about, f"dispute: {row['reason']}", settle, row["opened_on"])
        elif row["status"] == "accepted" and not row["is_adjusted"]:
            settle = f"`adjustment_id` {row['dispute_id']} in {_files(known, 'adjustments')}"
            what = f"accepted dispute without an adjustment: {row['reason']}"
            yield _dispute(*about, what, settle, row["closed_on"] or row["opened_on"])


def _dispute(
    id_: str, payee: str, amounts: dict[str, Decimal], what: str, settle: str, since: date
) -> Item:
    return Item("dispute", id_, what, settle, payee, since, amounts)


def _rejected(known: Known) -> Iterator[Item]:
    """One item a source."""
    reasons = known.inputs.reasons
    waiting = known.inputs.details["waiting"].filter(pl.col("what") == "rejected")
    for (table, source), rows in waiting.group_by("table", "source", maintain_order=True):
        mine = reasons.filter(pl.col("table") == table, pl.col("source") == source)
        codes = (
            mine.group_by("reason")
            .agg(pl.col("rows").sum())
            .sort("rows", "reason", descending=[True, False])
        )
        told = [f"{row['rows']:,} {row['reason']}" for row in codes.iter_rows(named=True)]
        named = ", ".join([*told[:REASONS], *(["…"] if told[REASONS:] else [])])
        number = counted(int(rows["rows"].sum()), "rejected row")
        what = f"{number} ({named})"
        yield Item(
            "rejects", str(source), what, _run_file(known, f"rejects/{source}.csv"), None,
            _earliest(rows), _face_values(rows, known),
        )  # fmt: skip


def _unknown(known: Known) -> Iterator[Item]:
    """One item an unknown id, whatever the sources that name it."""
    waiting = known.inputs.details["waiting"].filter(pl.col("what") == "unknown")
    for (table, id_), rows in waiting.group_by("table", "id", maintain_order=True):
        lines = counted(int(rows["rows"].sum()), "line")
        sources = ", ".join(rows["source"].unique().sort())
        what = f"unknown {str(table).removesuffix('s')} on {lines} of {sources}"
        yield Item(
            "unknown-id", str(id_), what, _run_file(known, "unknown.csv"), None,
            _earliest(rows), _face_values(rows, known),
        )  # fmt: skip


def _earliest(rows: pl.DataFrame) -> date | None:
    days: list[date] = rows["day"].drop_nulls().to_list()
    return min(days, default=None)


def _face_values(rows: pl.DataFrame, known: Known) -> dict[str, Decimal]:
    """Amount by currency; what has none counts in the workspace's."""
    home = pl.col("currency").fill_null(known.channel.currency)
    sums = rows.group_by(home).agg(pl.col("amount").sum()).filter(pl.col("amount") != 0)
    return dict(sums.sort("currency").iter_rows())


def _run_file(known: Known, name: str) -> str:
    """A file of PERIOD's run; the run itself where it has not been made."""
    places = places_of(known.loaded.workspace)
    path = places.reports / known.period.label / name
    if not path.is_file():
        return f"`incentivectl run {known.period.label}` writes {name}"
    return (
        path.relative_to(places.root).as_posix() if path.is_relative_to(places.root) else str(path)
    )


def _files(known: Known, table: str) -> str:
    """Where the rows of a table come from."""
    sources = known.loaded.workspace.sources_of(table)
    return ", ".join(dict.fromkeys(path for one in sources for path in one.paths))
