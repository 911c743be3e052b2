"""What `mdf` prints: statements of funds, open commitments, claims, and what expires when."""

from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.insight.funds.brought import EFFECT_DAYS
from incentivectl.insight.funds.funds import EXPIRING_DAYS, FundsView
from incentivectl.output.report import Amount, Cell, Report, Section, percent
from incentivectl.run.known import Known

_MOVES = ("opening", "credited", "paid", "expired", "closing", "committed", "available")
# Why a claim was refused, in words (docs/rules.md, "Funds").
_REASONS = {
    "no-request": "no such request",
    "not-approved": "the request was not approved in time",
    "late": "claimed after the deadline",
    "no-proof": "proof is missing",
    "activity": "the activity is not listed, or was over before its approval",
    "no-balance": "the commitment is used up",
}


def funds_report(view: FundsView, known: Known) -> Report:
    """The report of `mdf`; amounts are exact, each in the unit of its fund."""
    workspace = known.loaded.workspace
    whose = f" of {view.partner_id}" if view.partner_id else ""
    missing = [table for table in ("mdf_requests", "mdf_claims") if not known.has(table)]
    return Report(
        title=f"{workspace.name}: funds{whose} as of {view.as_of.isoformat()}",
        sections=(
            _totals(view),
            _waiting(view),
            _brought(view, known),
            _commitments(view),
            _claims(view),
            _expiries(view),
            _statement(view),
        ),
        main="statement",
        facts={
            "workspace": workspace.name,
            "period": known.period.label,
            "as_of": view.as_of,
            "partner": view.partner_id,
        },
        closing=tuple(f"The table `{table}` is missing." for table in missing),
    )


def _totals(view: FundsView) -> Section:
    """What each program's funds come to, and how much of what was credited is used."""
    moves = ("credited", "paid", "expired", "committed", "available")
    rows: list[tuple[Cell, ...]] = [
        (
            row["program_id"],
            view.units[row["program_id"]].name,
            row["partners"],
            *_amounts(view, row, *moves),
            "nothing was credited" if row["utilisation"] is None else percent(row["utilisation"]),
        )
        for row in view.totals.iter_rows(named=True)
    ]
    columns = ("program", "unit", "partners", *moves, "used")
    note = (
        "used: paid / credited, since each program began." if rows else "Nothing was ever credited."
    )
    return Section("totals", "Funds in all", columns, rows, note)


def _waiting(view: FundsView) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            *_fund(view, row),
            row["request_id"],
            row["activity"],
            row["requested_on"],
            row["days"],
            row["ends_on"],
            *_amounts(view, row, "amount"),
        )
        for row in view.waiting.iter_rows(named=True)
    ]
    columns = (
        "program", "partner", "unit", "request", "activity", "requested on", "days waiting",
        "ends on", "amount",
    )  # fmt: skip
    title = "Requests that wait for a decision, the longest first"
    return Section("waiting", title, columns, rows, "" if rows else "Nothing waits.")


def _brought(view: FundsView, known: Known) -> Section:
    """Leads and sales after each activity, beside as many days before it."""
    currency = known.loaded.workspace.currency
    digits = money.minor_digits(currency)
    rows: list[tuple[Cell, ...]] = []
    for row in view.brought.iter_rows(named=True):
        before, after = row["sales_before"], row["sales_after"]
        grown = money.growth(after, before) if row["days"] else None
        rows.append(
            (
                *_fund(view, row),
                row["request_id"],
                row["activity"],
                row["ends_on"],
                *_amounts(view, row, "paid"),
                row["leads"],
                row["days"],
                "before the exports" if before is None else Amount(before, digits),
                Amount(after, digits),
                None if grown is None else percent(grown, signed=True),
            )
        )
    columns = (
        "program", "partner", "unit", "request", "activity", "ended on", "paid", "leads",
        "days since", "sales before", "sales after", "change",
    )  # fmt: skip
    note = (
        f"Sales of the partner in {currency} in the {EFFECT_DAYS} days after the activity, or as many as"
        " have passed, and in as many days before it; leads from its first day on. What else happened"
        " then is in them, too."
    )
    title = "What activities brought, the newest first"
    return Section("brought", title, columns, rows, note if rows else "No activity is over.")


def _statement(view: FundsView) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            *_fund(view, row),
            row["period_start"],
            row["period_end"],
            *_amounts(view, row, *_MOVES),
        )
        for row in view.statement.iter_rows(named=True)
    ]
    columns = ("program", "partner", "unit", "from", "to", *_MOVES)
    note = (
        "opening + credited - paid - expired = closing, of which committed and available;"
        " rounded here, exact in JSON and CSV."
        if rows
        else "Nothing was ever credited."
    )
    return Section("statement", "Statement", columns, rows, note)


def _commitments(view: FundsView) -> Section:
    amounts = ("committed", "paid", "left")
    rows: list[tuple[Cell, ...]] = [
        (
            *_fund(view, row),
            row["request_id"],
            row["activity"],
            row["approved_on"],
            row["ends_on"],
            row["deadline"],
            *_amounts(view, row, *amounts),
        )
        for row in view.commitments.iter_rows(named=True)
    ]
    columns = (
        "program", "partner", "unit", "request", "activity", "approved on", "ends on",
        "claim by", *amounts,
    )  # fmt: skip
    return Section(
        "commitments", "Open commitments", columns, rows, "" if rows else "Nothing is committed."
    )


def _claims(view: FundsView) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            *_fund(view, row),
            row["claim_id"],
            row["request_id"],
            row["claimed_on"],
            *_amounts(view, row, "amount", "paid"),
            row["refused"],
            _REASONS.get(row["refused"] or ""),
        )
        for row in view.claims.iter_rows(named=True)
    ]
    columns = (
        "program", "partner", "unit", "claim", "request", "claimed on", "amount", "paid",
        "refused", "why",
    )  # fmt: skip
    refused = view.claims.filter(pl.col("refused").is_not_null()).height
    note = f"{refused:,} of {len(rows):,} claims were refused." if rows else "Nothing was claimed."
    return Section("claims", "Claims", columns, rows, note)


def _expiries(view: FundsView) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            *_fund(view, row),
            row["credited_on"],
            row["usable_through"],
            (row["usable_through"] - view.as_of).days,
            *_amounts(view, row, "available"),
        )
        for row in view.expiries.iter_rows(named=True)
    ]
    columns = (
        "program", "partner", "unit", "credited on", "usable through", "days left", "available",
    )  # fmt: skip
    title = f"Expiring in the next {EXPIRING_DAYS} days unless committed"
    return Section("expiries", title, columns, rows, "" if rows else "Nothing.")


def _fund(view: FundsView, row: dict[str, Any]) -> tuple[Cell, ...]:
    unit = view.units.get(row["program_id"])
    return row["program_id"], row["partner_id"], unit.name if unit else None


def _amounts(view: FundsView, row: dict[str, Any], *names: str) -> tuple[Cell, ...]:
    unit = view.units.get(row["program_id"])
    return tuple(Amount(row[name], unit.digits if unit else 2) for name in names)
