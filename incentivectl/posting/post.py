"""`batch post`: books what `run` showed, and only that.

The write lock is taken before anything is computed, so that of two posts at once the second sees what
the first one booked. Guards refuse before a byte is written; the archive is complete before the
transaction commits; the commit is the moment at which the batch is there (docs/ledger.md, "Posting").
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.periods import Period
from incentivectl.core.scratch import scratch_folder
from incentivectl.ingest.sale_lines.elsewhere import ReadElsewhere
from incentivectl.ledger import archive, books, records, writing
from incentivectl.ledger.connection import commit, reading
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.writing import NewBatch, Stamp
from incentivectl.posting.archiving import RESULTS, gather
from incentivectl.posting.guards import LOST_BATCHES, of_run
from incentivectl.posting.guards.allowing import overruled, too_general
from incentivectl.posting.guards.inputs import changed_inputs
from incentivectl.posting.guards.judged_run import JudgedRun, judged_run_of
from incentivectl.posting.lost_batches import keep_head, refuse_damage
from incentivectl.reports.run_files import write_files
from incentivectl.run.loading import Loaded, Progress, read_inputs
from incentivectl.run.run import Run, calculate, reopened_in
from incentivectl.run.run_results import manifest_of
from incentivectl.settlement.debtors import with_debtor
from incentivectl.workspace.folders import Places, places_of

DEBTOR_COLUMNS = ["debtor_name", "debtor_iban", "debtor_bic"]
_KEY = ["kind", "payee_kind", "payee_id", "currency", "method"]
PAYMENT_COLUMNS = [*_KEY, "amount", "points", *DEBTOR_COLUMNS]


@dataclass(frozen=True)
class PostOptions:
    """What the user asks of a post: guards that are allowed, periods that are reopened."""

    allowed: tuple[str, ...] = ()
    reopen: tuple[str, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True)
class Posted:
    """What came of a post: the batch's id and hash (None where nothing was booked) and its run.

    `books`: whether there was something to book, or in a dry run is. `payments` (`PAYMENT_COLUMNS`);
    `refused` are the guards that would refuse, in a dry run.
    """

    run: Run
    payments: pl.DataFrame
    books: bool
    batch_id: str | None = None
    hash: str = ""
    overridden: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()


def post(
    loaded: Loaded,
    period: Period,
    options: PostOptions,
    stamp: Stamp,
    progress: Progress,
    elsewhere: ReadElsewhere | None = None,
) -> Posted:
    """Books PERIOD; refuses with the objections of all guards. Having nothing to book is not an error.

    Its sales are read `elsewhere` where that is given.
    """
    places = places_of(loaded.workspace)
    reopened_in(loaded, options.reopen)
    ledger = (
        reading(places.ledger)
        if options.dry_run
        else writing_to(places.ledger, progress, create=True)
    )
    with scratch_folder() as scratch, ledger as connection:
        return _post(
            connection, places, loaded, period, options, stamp, progress, Path(scratch), elsewhere
        )


def _post(
    connection: sqlite3.Connection | None,
    places: Places,
    loaded: Loaded,
    period: Period,
    options: PostOptions,
    stamp: Stamp,
    progress: Progress,
    scratch: Path,
    elsewhere: ReadElsewhere | None,
) -> Posted:
    _refuse_out_of_order(connection, loaded, period)
    lost = LOST_BATCHES in options.allowed
    refuse_damage(connection, places, lost_batches=lost)
    run = _run(connection, loaded, period, options, scratch, progress, elsewhere)
    payments = payments_of(run)
    if run.broken:
        raise _broken(run)
    if not has_something_to_book(connection, run, payments):
        if connection is not None and not options.dry_run:
            keep_head(connection, places.archive)
        return Posted(run, payments, books=False)
    progress("checking guards")
    results = scratch / RESULTS
    results.mkdir()
    write_files(run, results)
    judged = judged_run_of(connection, run)
    seen = _seen(places.reports / period.label)
    found = [*changed_inputs(results, seen), *of_run(judged)]
    refused, overridden = overruled(found, options.allowed)
    problems = (*(one.problem for one in refused), *too_general(refused, options.allowed))
    if options.dry_run:
        return Posted(run, payments, books=True, refused=problems, overridden=tuple(overridden))
    if problems:
        raise Refused(problems, ExitCode.GUARD)
    overridden += [LOST_BATCHES] if lost else []
    return _book(judged, results, places, payments, options, stamp, progress, overridden, scratch)


def payments_of(run: Run) -> pl.DataFrame:
    """What the batch pays (`PAYMENT_COLUMNS`): payable balances, and opening amounts paid before."""
    by = ["payee_kind", "payee_id", "currency", "method"]
    transfers = run.payouts.filter(pl.col("payable") > 0).with_columns(
        kind=pl.lit("transfer"), amount="payable"
    )
    opening = (
        run.settlement.entries.filter(pl.col("kind") == "opening")
        .group_by(by)
        .agg(pl.col("amount").sum(), pl.col("points").sum())
        .with_columns(
            kind=pl.lit("opening"), points=pl.when(pl.col("method") == "points").then("points")
        )
        .filter(pl.col("amount") != 0)
    )
    debtors = run.loaded.workspace.payout.debtor
    accounts = [(one.name, one.account.iban, one.account.bic) for one in debtors]
    schema = dict.fromkeys(DEBTOR_COLUMNS, pl.String)
    known = pl.DataFrame(accounts, schema=schema, orient="row")
    columns = [*_KEY, "amount", "points"]
    paid = pl.concat([opening.select(columns), transfers.select(columns)])
    return (
        with_debtor(paid, run.channel, debtors)
        .rename({"debtor": "debtor_name"})
        .join(known, on="debtor_name", how="left", maintain_order="left")
        .select(PAYMENT_COLUMNS)
        .sort(_KEY)
    )


def has_something_to_book(
    connection: sqlite3.Connection | None, run: Run, payments: pl.DataFrame
) -> bool:
    """Whether a post makes a batch: for entries, payments, or accruals that the last batch lacks."""
    settlement = run.settlement
    if not (settlement.entries.is_empty() and payments.is_empty()):
        return True
    return not settlement.accruals.equals(books.recorded_accruals(connection))


def out_of_order(connection: sqlite3.Connection | None, period: Period) -> Problem | None:
    """Why a period can no longer be posted; None where it can."""
    newest = records.latest(connection)
    if newest is None or period.last >= newest.dated:
        return None
    message = (
        f"{period.label} ends before {newest.dated.isoformat()}, the date of batch {newest.id}"
    )
    hint = (
        "late data for it is booked by the next batch; to reverse a batch posted by mistake:"
        f" `batch void {newest.id}`"
    )
    return Problem("out-of-order", message, hint)


def _refuse_out_of_order(
    connection: sqlite3.Connection | None, loaded: Loaded, period: Period
) -> None:
    late = out_of_order(connection, period)
    if late is not None:
        raise Refused([late], ExitCode.GUARD)
    if records.latest(connection) is None and loaded.workspace.settlement.first_period is None:
        message = "[settlement] first_period is missing; the first batch needs it"
        hint = (
            'add first_period = "2026-07"; what ended before counts as settled outside this ledger'
        )
        file = loaded.workspace.config_file
        raise Refused([Problem("no-first-period", message, hint, file=file)], ExitCode.CONFIG)


def _run(
    connection: sqlite3.Connection | None,
    loaded: Loaded,
    period: Period,
    options: PostOptions,
    scratch: Path,
    progress: Progress,
    elsewhere: ReadElsewhere | None,
) -> Run:
    (scratch / "reading").mkdir()
    inputs = read_inputs(loaded, scratch / "reading", progress, elsewhere=elsewhere)
    past = books.past(connection, period.last)
    reopened = reopened_in(loaded, options.reopen)
    return calculate(loaded, period, inputs, progress, past=past, reopened=reopened)


def _broken(run: Run) -> Refused:
    problems = [
        Problem("broken-invariant", f"{check.name}: {check.detail}", "nothing was booked")
        for check in run.broken
    ]
    return Refused(problems, ExitCode.BROKEN)


def _seen(folder: Path) -> Mapping[str, object] | None:
    try:
        return manifest_of(folder)
    except (OSError, Refused):
        return None


def _book(
    judged: JudgedRun,
    results: Path,
    places: Places,
    payments: pl.DataFrame,
    options: PostOptions,
    stamp: Stamp,
    progress: Progress,
    overridden: Sequence[str],
    scratch: Path,
) -> Posted:
    run, connection = judged.run, judged.connection
    batch_id = next_id(connection, run.period.label)
    gathered = scratch / "gathered"
    gathered.mkdir()
    progress("archiving inputs")
    gather(run, results, gathered)
    archive_hash = archive.store(places.archive, batch_id, gathered)
    progress("booking")
    new = NewBatch(
        id=batch_id,
        period=run.period.label,
        first_day=run.period.first,
        dated=run.period.last,
        archive_hash=archive_hash,
        entries=run.settlement.entries,
        payments=payments,
        accruals=run.settlement.accruals,
        rates=run.channel.rates.on(run.period.last, home=run.channel.currency),
        rules={program.id: (program.rule_hash, program.kind) for program in run.loaded.programs},
        deliveries=tuple(judged.deliveries.iter_rows()),
    )
    details = {
        "allowed": list(overridden),
        "reopened": sorted(options.reopen),
        "workspace": run.loaded.workspace.name,
    }
    writing.book(connection, new, stamp, details)
    progress("committing")
    commit(connection)
    progress("committed")
    keep_head(connection, places.archive)
    progress("done")
    booked = records.batch(connection, batch_id)
    return Posted(run, payments, True, batch_id, booked.hash, tuple(overridden))


def next_id(connection: sqlite3.Connection, period: str) -> str:
    """The id of a period's next batch: `2026-09.1`, then `2026-09.2` and so on."""
    numbers = [
        int(one.id.rpartition(".")[2]) for one in records.batches(connection)
        if one.period == period
    ]  # fmt: skip
    return f"{period}.{max(numbers, default=0) + 1}"
