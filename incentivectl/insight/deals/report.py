"""What `deals` prints: the pipeline, what was sold, conflicts, and what should be looked at."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import total
from incentivectl.core.nouns import agreeing, counted
from incentivectl.insight.deals.deals import EXPIRING_DAYS, Deals
from incentivectl.output.report import Amount, Cell, Report, Section, percent
from incentivectl.run.known import Known

_DEAL = ("program", "deal", "partner", "customer", "status", "protected until")


def deals_report(deals: Deals, known: Known) -> Report:
    """The report of `deals`; amounts are in workspace currency."""
    workspace = known.loaded.workspace
    digits = money.minor_digits(workspace.currency)
    return Report(
        title=f"{workspace.name}: deals as of {deals.as_of.isoformat()}, in {workspace.currency}",
        sections=(
            _pipeline(deals, digits),
            _waiting(deals, known, digits),
            *(_cycle(deals, by, known, digits) for by in ("quarter", "category", "partner")),
            _conflicts(deals),
            _expiring(deals, digits),
            _late(deals, digits),
            _unsold(deals, digits),
            _sold(deals, digits),
        ),
        main="deals",
        facts={
            "workspace": workspace.name,
            "period": known.period.label,
            "as_of": deals.as_of,
            "currency": workspace.currency,
            "won": deals.won,
            "lost": deals.lost,
            "win_rate": deals.win_rate,
            "median_days_to_close": deals.median_days,
        },
        closing=()
        if deals.programs
        else (
            "No program of kind deal_registration has begun: no deal protects or pays anything,"
            " and what was sold into deals is not known.",
        ),
    )


def _pipeline(deals: Deals, digits: int) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (row["status"], row["deals"], _amount(row["amount"], digits))
        for row in deals.pipeline.iter_rows(named=True)
    ]
    told = []
    if deals.win_rate is not None:
        share = money.plain(deals.win_rate * 100)
        told.append(f"Win rate {share} %: {deals.won:,} won, {deals.lost:,} lost.")
    if deals.median_days is not None:
        days = agreeing(deals.median_days, "day")
        told.append(f"{money.plain(deals.median_days)} {days} from registration to close (median).")
    without = int(deals.pipeline["without_amount"].sum())
    if without:
        told.append(f"{counted(without, 'deal')} without an amount.")
    note = " ".join(told) or ("" if rows else "No deal was registered by then.")
    return Section("pipeline", "Pipeline", ("status", "deals", "amount"), rows, note)


def _waiting(deals: Deals, known: Known, digits: int) -> Section:
    """What waits for us: submitted, and neither approved nor turned down."""
    names = partner_names(known)
    rows: list[tuple[Cell, ...]] = [
        (
            row["deal_id"],
            row["partner_id"],
            names.get(row["partner_id"]),
            row["customer_id"],
            row["registered_on"],
            row["days"],
            row["category"],
            _amount(row["amount"], digits),
        )
        for row in deals.waiting.iter_rows(named=True)
    ]
    columns = (
        "deal", "partner", "name", "customer", "registered", "days waiting", "category", "amount",
    )  # fmt: skip
    title = "Waiting for approval, the longest first"
    return Section("waiting", title, columns, rows, "" if rows else "Nothing waits.")


def _cycle(deals: Deals, by: str, known: Known, digits: int) -> Section:
    """How long deals take and what becomes of them, by partner, category or quarter."""
    names = partner_names(known) if by == "partner" else {}
    rows: list[tuple[Cell, ...]] = [
        (
            row["group"],
            *((names.get(row["group"]),) if by == "partner" else ()),
            row["deals"],
            row["approved"],
            _days(row["days_to_approve"]),
            row["won"],
            row["lost"],
            None if row["win_rate"] is None else percent(row["win_rate"]),
            _days(row["days_to_close"]),
            _amount(row["registered"], digits),
            _amount(row["sold"], digits),
        )
        for row in deals.cycles[by].iter_rows(named=True)
    ]
    who = (by, "name") if by == "partner" else (by,)
    columns = (
        *who, "deals", "approved", "days to approve", "won", "lost", "win rate", "days to close",
        "registered", "sold",
    )  # fmt: skip
    note = "days: medians from registration; win rate: won / (won + lost); empty where no deal got so far."
    plural = {"partner": "partners", "category": "product categories", "quarter": "quarters"}[by]
    title = f"Buying cycle by {by}" if rows else "Buying cycle"
    nothing = f"No deal was registered, so that {plural} have none."
    return Section(f"cycle_by_{by}", title, columns, rows, note if rows else nothing)


def partner_names(known: Known) -> Mapping[str, str]:
    """What each partner is called."""
    rows = known.channel.tables["partners"].select("partner_id", "name")
    return dict(rows.iter_rows())


def _days(days: Decimal | None) -> Decimal | None:
    return None if days is None else Decimal(money.plain(days))


def _conflicts(deals: Deals) -> Section:
    columns = (
        "program", "customer", "winner", "winner partner", "winner registered",
        "loser", "loser partner", "loser registered", "why",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (
            row["program_id"],
            row["customer_id"],
            row["winner"],
            row["winner_partner_id"],
            row["winner_registered_on"],
            row["loser"],
            row["loser_partner_id"],
            row["loser_registered_on"],
            _why(row),
        )
        for row in deals.conflicts.iter_rows(named=True)
    ]
    return Section("conflicts", "Conflicts", columns, rows, _none(deals, rows, "No two deals"))


def _why(row: dict[str, Any]) -> str:
    days = (row["loser_registered_on"] - row["winner_registered_on"]).days
    if days:
        why = f"registered {counted(days, 'day')} earlier"
    else:
        why = f"registered on the same day: {row['winner']} comes before {row['loser']}"
    return f"{why}; loses another conflict itself" if row["winner_loses"] else why


def _expiring(deals: Deals, digits: int) -> Section:
    columns = (*_DEAL, "days left", "registered", "sold")
    rows: list[tuple[Cell, ...]] = [
        (
            *_deal(row),
            (row["protected_until"] - deals.as_of).days,
            _amount(row["registered"], digits),
            _amount(row["sold"], digits),
        )
        for row in deals.expiring.iter_rows(named=True)
    ]
    title = f"Protections that end within {EXPIRING_DAYS} days"
    return Section("expiring", title, columns, rows, _none(deals, rows, "No protection"))


def _late(deals: Deals, digits: int) -> Section:
    columns = (
        "program", "deal", "protected until", "partner", "customer",
        "sale", "line", "sold on", "product", "amount",
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = [
        (*row[:-1], _amount(row[-1], digits)) for row in deals.late.iter_rows()
    ]
    title = "Sold one day after the protection ended"
    return Section("late", title, columns, rows, _none(deals, rows, "No sale"))


def _unsold(deals: Deals, digits: int) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (*_deal(row), row["approved_on"], _amount(row["registered"], digits))
        for row in deals.unsold.iter_rows(named=True)
    ]
    columns = (*_DEAL, "approved on", "registered")
    note = _sum(deals.unsold, digits) if rows else _none(deals, rows, "No deal")
    return Section("unsold", "Deals without sales", columns, rows, note)


def _sold(deals: Deals, digits: int) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            *_deal(row),
            row["sales"],
            *(_amount(row[name], digits) for name in ("registered", "sold", "counted")),
        )
        for row in deals.protected.iter_rows(named=True)
    ]
    columns = (*_DEAL, "lines", "registered", "sold", "counted")
    note = (
        "sold: all lines covered by the deal, less returns;"
        " counted: those that count in the program, before its cap."
        if rows
        else _none(deals, rows, "No approved deal")
    )
    return Section("deals", "Registered against sold", columns, rows, note)


def _deal(row: dict[str, Any]) -> tuple[Cell, ...]:
    names = ("program_id", "deal_id", "partner_id", "customer_id", "status", "protected_until")
    return tuple(row[name] for name in names)


def _none(deals: Deals, rows: Iterable[object], nothing: str) -> str:
    """What stands where a section is empty; without any program the closing line says why."""
    return "" if rows or not deals.programs else f"{nothing}."


def _sum(unsold: pl.DataFrame, digits: int) -> str:
    distinct = unsold.unique("deal_id")
    amount = Amount(total(distinct, "registered"), digits).rounded
    return f"{counted(distinct.height, 'deal')}, registered for {amount:,f}."


def _amount(amount: Decimal | None, digits: int) -> Amount | None:
    return None if amount is None else Amount(amount, digits)
