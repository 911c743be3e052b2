"""`incentivectl batch post|list|show|void`, and the life of payments in `cli.payments`."""

import os
import pwd
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import config_of, working_here
from incentivectl.cli.completion import batch_ids
from incentivectl.cli.ending import command
from incentivectl.cli.help import group
from incentivectl.cli.voice import Voice
from incentivectl.core.errors import ExitCode

if TYPE_CHECKING:
    from incentivectl.ledger.writing import Stamp
    from incentivectl.output.report import Report

batch_app = group(
    "batch", "Post a period, approve it, pay it, reverse it: the batches of the ledger."
)
BatchArgument = Annotated[
    str,
    typer.Argument(metavar="BATCH", help="A batch's id: 2026-09.1.", autocompletion=batch_ids),
]


def stamp_of() -> "Stamp":
    """Who runs this command, where and when; no environment variable decides who."""
    import socket
    from datetime import UTC, datetime

    from incentivectl.ledger.writing import Stamp

    return Stamp(datetime.now(UTC), _user(), socket.gethostname())


def _user() -> str:
    """The name of the user that this process runs as."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


@batch_app.command()
@command
def post(
    period: Annotated[
        str, typer.Argument(metavar="PERIOD", help="A period that `run` has calculated.")
    ],
    workspace: options.Workspace = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the entries and guards; book nothing.")
    ] = False,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            "--allow",
            metavar="GUARD[:SUBJECT]",
            help="Overrule a guard, such as surge:q3-growth; the batch records it.",
        ),
    ] = None,
    reopen: options.Reopen = None,
    engine: options.Engine = None,
    master: options.Master = None,
    shared: options.Shared = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    fail_on: options.FailOn = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Post what `run PERIOD` showed: earnings, corrections, adjustments, payments."""
    from datetime import date

    from incentivectl.cluster.opening import Named, spread
    from incentivectl.posting.guards import unknown_allowance
    from incentivectl.posting.post import PostOptions
    from incentivectl.posting.post import post as post_batch
    from incentivectl.posting.report_batches import posted_report
    from incentivectl.run.attention import attention, warnings_of
    from incentivectl.run.loading import load, period_of, workspace_root

    voice = Voice.of_report(form, output, quiet, verbose, fail_on)
    wrong = [text for text in map(unknown_allowance, allow or []) if text]
    if wrong:
        raise typer.BadParameter("; ".join(wrong))
    with voice.progress() as progress:
        progress("checking programs")
        loaded = load(workspace_root(workspace))
        named = period_of(period, loaded.workspace, date.today())
        options = PostOptions(tuple(allow or ()), tuple(reopen or ()), dry_run)
        by = Named(engine, master, shared)
        with spread(loaded.workspace, by, progress, voice.far(progress), voice.warn) as elsewhere:
            posted = post_batch(loaded, named, options, stamp_of(), progress, elsewhere)
    voice.result(posted_report(posted, dry_run=dry_run), posted.refused, reported=True)
    if posted.refused:
        raise typer.Exit(ExitCode.GUARD)
    voice.attend(attention(posted.run), warnings_of(loaded, posted.run.inputs))


@batch_app.command("list")
@command
def list_batches(
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """List batches: date, amounts, who posted them, and whether they were reversed."""
    from incentivectl.ledger.connection import reading
    from incentivectl.ledger.records import batches, totals
    from incentivectl.posting.report_batches import batches_report

    voice = Voice.of_report(form, output, quiet)
    with reading(config_of(workspace).ledger) as ledger:
        voice.result(batches_report(batches(ledger), totals(ledger)))


@batch_app.command()
@command
def show(
    batch_id: BatchArgument,
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Show a batch: its entries, payments with their state, accruals and approvals."""
    from incentivectl.ledger import books, records
    from incentivectl.ledger.connection import reading
    from incentivectl.posting.report_batches import batch_report

    voice = Voice.of_report(form, output, quiet)
    with reading(config_of(workspace).ledger) as ledger:
        batch = records.batch(ledger, batch_id)
        assert ledger is not None
        report = batch_report(
            batch,
            books.entries(ledger, batch_id=batch_id),
            records.payments(ledger, batch_id=batch_id),
            books.accruals(ledger, batch_id),
            records.approvals(ledger, batch_id),
        )
    voice.result(report)


@batch_app.command()
@command
def explain(
    batch_id: BatchArgument,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Explain a batch: what changed since the one before, by program and cause."""
    from incentivectl.posting.explaining import explained_batch
    from incentivectl.posting.report_explained import explained_report
    from incentivectl.run.loading import workspace_root

    voice = Voice.of_report(form, output, quiet, verbose)
    root = workspace_root(workspace)
    with working_here(voice, root) as progress:
        told = explained_batch(root, batch_id, progress)
        report = explained_report(told)
    voice.result(report)
    if told.unexplained.height:
        raise typer.Exit(ExitCode.BROKEN)


@batch_app.command()
@command
def void(
    batch_id: BatchArgument,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="The reason; the ledger records it.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Reverse it without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be reversed; book nothing.")
    ] = False,
    keep_payments: Annotated[
        bool, typer.Option("--keep-payments", help="Reverse it even if payments have gone out.")
    ] = False,
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Reverse a batch: book the opposite entries and cancel payments that have not gone out."""
    from incentivectl.posting.report_batches import voided_report
    from incentivectl.posting.voiding import planned
    from incentivectl.posting.voiding import void as void_batch
    from incentivectl.workspace.folders import places_of

    voice = Voice.of_report(form, output, quiet, verbose)
    if not dry_run and not reason.strip():
        raise typer.BadParameter("give the reason with --reason TEXT; the ledger records it")
    places = places_of(config_of(workspace))
    if dry_run:
        voice.result(voided_report(planned(places, batch_id, keep=keep_payments), dry_run=True))
        return
    if not yes:
        _ask_for_reversal(
            voided_report(planned(places, batch_id, keep=keep_payments), dry_run=True)
        )
    with voice.progress() as progress:
        voided = void_batch(
            places, batch_id, reason.strip(), stamp_of(), progress, keep=keep_payments
        )
    voice.result(voided_report(voided))


def _ask_for_reversal(plan: "Report") -> None:
    """Shows what would be reversed and asks; ends the command unless the answer is yes."""
    Voice().show(plan)
    if not _is_terminal():
        raise typer.BadParameter("nothing was reversed; to reverse the batch, add --yes")
    if not typer.confirm("Reverse this batch?", err=True):
        Voice().say("nothing was reversed")
        raise typer.Exit(ExitCode.USAGE)


def _is_terminal() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin.isatty() and sys.stderr.isatty()
