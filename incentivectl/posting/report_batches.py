"""What the `batch` commands print."""

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.ledger.records import Approval, Batch, BookedPayment
from incentivectl.output.report import Amount, Cell, Report, Rows, Section
from incentivectl.posting.post import Posted
from incentivectl.posting.recompute import Recomputed
from incentivectl.posting.voiding import Voided
from incentivectl.reports.summary import balances_section, near

ENTRY_COLUMNS = (
    "kind", "program", "period", "payee", "currency", "method", "amount", "adjustment",
)  # fmt: skip
PAYMENT_COLUMNS = ("payment", "payee", "currency", "method", "amount", "points", "state", "reason")


def posted_report(posted: Posted, *, dry_run: bool) -> Report:
    """What `batch post` booked, or with `dry_run` would book."""
    run = posted.run
    entries = run.settlement.entries
    name = posted.batch_id or run.period.label
    if not posted.books:
        title = f"{run.period.label}: nothing left to book"
    elif dry_run:
        title = f"{run.period.label}: what would be posted (dry run; nothing is booked)"
    else:
        title = f"batch {name} is booked"
    closing = []
    if posted.batch_id:
        closing.append(f"hash {posted.hash}")
        closing.append(f"`batch export {posted.batch_id}` writes its payment file.")
    if posted.overridden:
        closing.append(f"Guards overruled: {', '.join(posted.overridden)}.")
    return Report(
        title=title,
        sections=(
            Section(
                "entries",
                "Entries",
                ENTRY_COLUMNS if dry_run else ("kind", "currency", "entries", "amount"),
                _entry_rows(entries) if dry_run else _by_kind(entries),
                "" if entries.height else "No entries.",
            ),
            balances_section(run),
            _new_payments(posted.payments),
            _accruals(run.settlement.accruals),
            Section(
                "refusals",
                "Guards that would block posting",
                ("what",),
                [(f"{problem.message}; {problem.hint}",) for problem in posted.refused],
                tone="error",
            ),
        ),
        main="entries",
        facts={
            "batch": posted.batch_id,
            "hash": posted.hash or None,
            "period": run.period.label,
            "dated": run.period.last,
            "entries_booked": 0 if dry_run else entries.height,
        },
        closing=tuple(closing),
    )


def _entry_rows(entries: pl.DataFrame) -> Rows:
    return Rows(
        entries,
        lambda row: (
            row["kind"],
            row["program_id"],
            row["period_start"],
            row["payee_id"],
            row["currency"],
            row["method"],
            _amount(row["amount"], row["currency"]),
            row["adjustment_id"],
        ),
    )


def _by_kind(entries: pl.DataFrame) -> list[tuple[Cell, ...]]:
    sums = (
        entries.group_by("kind", "currency")
        .agg(pl.len().alias("entries"), pl.col("amount").sum())
        .sort("kind", "currency")
    )
    return [
        (kind, currency, count, _amount(amount, currency))
        for kind, currency, count, amount in sums.iter_rows()
    ]


def _new_payments(payments: pl.DataFrame) -> Section:
    transfers = payments.filter(pl.col("kind") == "transfer")
    sums = (
        transfers.group_by("method", "currency")
        .agg(pl.len().alias("payments"), pl.col("amount").sum())
        .sort("method", "currency")
    )
    rows: list[tuple[Cell, ...]] = [
        (method, currency, count, _amount(amount, currency))
        for method, currency, count, amount in sums.iter_rows()
    ]
    columns = ("method", "currency", "payments", "amount")
    return Section("payments", "Payments", columns, rows, "" if rows else "No payments.")


def _accruals(accruals: pl.DataFrame) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            row["program_id"],
            row["period_start"],
            row["status"],
            row["currency"],
            row["debtor"],
            _amount(row["amount"], row["currency"]),
        )
        for row in accruals.iter_rows(named=True)
    ]
    columns = ("program", "period", "status", "currency", "debtor", "amount")
    return Section("accruals", "Accruals: what stands unbooked", columns, rows)


def batches_report(
    batches: Sequence[Batch], totals: dict[str, list[tuple[str, int, Decimal]]]
) -> Report:
    """`batch list`: each batch, what it booked by currency, and whether it stands."""
    rows: list[tuple[Cell, ...]] = []
    for batch in batches:
        for currency, entries, amount in totals.get(batch.id) or [("", 0, Decimal(0))]:
            shown = _amount(amount, currency) if currency else None
            rows.append(
                (
                    batch.id,
                    batch.dated,
                    entries,
                    currency,
                    shown,
                    _standing(batch),
                    batch.recorded_by,
                    batch.recorded_at[:10],
                )
            )
    columns = ("batch", "dated", "entries", "currency", "amount", "status", "by", "on")
    note = "" if rows else "Nothing is booked yet: `batch post PERIOD`."
    return Report("Batches", (Section("batches", "", columns, rows, note),), "batches")


def _standing(batch: Batch) -> str:
    if batch.reverses:
        return f"reverses {batch.reverses}"
    return f"void: {batch.voided_by}" if batch.voided_by else "booked"


def batch_report(
    batch: Batch,
    entries: pl.DataFrame,
    payments: Sequence[BookedPayment],
    accruals: pl.DataFrame,
    approvals: Sequence[Approval],
) -> Report:
    """`batch show`: a batch with all that it booked, paid and recorded, and who approved it."""
    paid: list[tuple[Cell, ...]] = [payment_row(one) for one in payments]
    signed: list[tuple[Cell, ...]] = [(one.name, one.user, one.host, one.at) for one in approvals]
    overruled, reopened = (_listed(batch, name) for name in ("allowed", "reopened"))
    reason = str(batch.details.get("reason", ""))
    return Report(
        title=f"batch {batch.id}: {_standing(batch)}",
        sections=(
            Section("entries", "Entries", ENTRY_COLUMNS, _entry_rows(entries)),
            Section("payments", "Payments", PAYMENT_COLUMNS, paid),
            _accruals(accruals),
            Section("approvals", "Approvals", ("name", "user", "host", "at"), signed),
        ),
        main="entries",
        facts={
            "batch": batch.id,
            "period": batch.period,
            "dated": batch.dated,
            "hash": batch.hash,
            "booked_by": batch.recorded_by,
            "booked_at": batch.recorded_at,
            "host": batch.host,
            "overruled": overruled,
            "reopened": reopened,
            "reverses": batch.reverses,
            "voided_by": batch.voided_by,
            "reason": reason,
        },
        closing=(
            f"Booked by {batch.recorded_by} on {batch.host}, {batch.recorded_at}.",
            *([f"Guards overruled: {overruled}."] if overruled else []),
            *([f"Measurement periods reopened: {reopened}."] if reopened else []),
            *([f"Reason: {reason}"] if reason else []),
            f"hash {batch.hash}",
        ),
    )


def _listed(batch: Batch, name: str) -> str:
    """A list among what a batch's record tells, as text."""
    named = batch.details.get(name)
    return ", ".join(map(str, named)) if isinstance(named, list) else ""


def payment_row(one: BookedPayment) -> tuple[Cell, ...]:
    """A payment as a row of `PAYMENT_COLUMNS`."""
    amount = _amount(one.amount, one.currency)
    return (
        one.payment_id, one.payee_id, one.currency, one.method, amount, one.whole_points, one.state,
        one.reason,
    )  # fmt: skip


def voided_report(voided: Voided, *, dry_run: bool = False) -> Report:
    """What `batch void` did, or with `dry_run` would do."""
    batch = voided.batch
    counts: list[tuple[Cell, ...]] = [
        ("entries reversed", voided.entries.height),
        ("payments cancelled", len(voided.cancelled)),
        ("payments kept", len(voided.kept)),
    ]
    entries = [row[1:] for row in _by_kind(voided.entries)]
    cancelled, kept = (
        [payment_row(one) for one in payments] for payments in (voided.cancelled, voided.kept)
    )
    closing = (
        "What was paid becomes a negative balance, recovered from later earnings."
        if voided.kept
        else f"`batch post {batch.period}` books what is due then."
        if dry_run
        else f"`batch post {batch.period}` books what is due now."
    )
    return Report(
        f"batch {batch.id}: what would be reversed (nothing is booked yet)"
        if dry_run
        else f"batch {batch.id} is void: {voided.by} reverses it",
        (
            Section("void", "", ("what", "number"), counts),
            Section("reversed", "Reversing entries", ("currency", "entries", "amount"), entries),
            Section("cancelled", "Payments cancelled", PAYMENT_COLUMNS, cancelled),
            Section("kept", "Payments kept", PAYMENT_COLUMNS, kept),
        ),
        "void",
        {"batch": batch.id, "voided_by": None if dry_run else voided.by},
        (closing,),
    )


def recomputed_report(again: Recomputed, seconds: float) -> Report:
    """What `run --batch` found."""
    rows: list[tuple[Cell, ...]] = [(f"{name} differs",) for name in again.differing]
    same = not again.differing
    verdict = "byte-identical to what was booked" if same else "not as booked"
    return Report(
        title=f"batch {again.batch.id}, computed again: {counted(again.files, 'file')}, {verdict}",
        sections=(
            balances_section(again.run),
            Section("differing", "Differing files", ("file",), rows, tone="error"),
        ),
        main="differing",
        facts={"batch": again.batch.id, "files": again.files, "identical": "yes" if same else "no"},
        closing=(f"Files in {near(again.folder)}; took {seconds:.1f} s.",),
    )


def _amount(value: Decimal, currency: str) -> Amount:
    return Amount(value, money.minor_digits(currency))
