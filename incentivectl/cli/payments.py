"""`incentivectl batch approve|release|export|confirm`: the life of a batch's payments."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import config_of
from incentivectl.cli.batch import BatchArgument, batch_app, stamp_of
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice

__all__ = ["batch_app"]  # whole only with the commands of this file


@batch_app.command()
@command
def approve(
    batch_id: BatchArgument,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="A name to record with your user name."),
    ] = None,
    workspace: options.Workspace = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Approve a batch and the accounts that it pays to; not by the user who posted it."""
    from incentivectl.posting.approving import approve as approve_batch

    voice = Voice(quiet=quiet, verbose=verbose)
    config = config_of(workspace)
    stamp = stamp_of()
    with voice.progress() as progress:
        signed = approve_batch(config, batch_id, stamp.user if by is None else by, stamp, progress)
    batch = signed.batch
    names = ", ".join(signed.approvers)
    voice.say(f"batch {batch.id} ({batch.hash[:16]}) is approved by {names}")
    if not signed.is_new:
        voice.say("nothing new was recorded: you have already approved it")
    if signed.lacks:
        voice.say(f"before it can be exported, it lacks {signed.lacks}")


@batch_app.command()
@command
def release(
    batch_id: BatchArgument,
    payments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PAYMENT|PAYEE…]",
            help="Payment ids, or payees by id or name; default: all on hold.",
        ),
    ] = None,
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Release payments held for changed bank details, once the payee has confirmed them."""
    from incentivectl.posting.approving import release as release_payments
    from incentivectl.posting.report_payments import released_report

    voice = Voice.of_report(form, output, quiet, verbose)
    config = config_of(workspace)
    with voice.progress() as progress:
        released = release_payments(config, batch_id, payments or [], stamp_of(), progress)
    voice.result(released_report(batch_id, released))


@batch_app.command()
@command
def export(
    batch_id: BatchArgument,
    form: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="csv|pain.001",
            help="csv: every payment; pain.001: cash, for a bank.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="A .csv or .xml file; default: in payments/."
        ),
    ] = None,
    execute_on: Annotated[
        str | None,
        typer.Option(
            "--execute-on",
            metavar="DATE",
            help="Execution date at the bank; default: tomorrow.",
        ),
    ] = None,
    workspace: options.Workspace = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Write a batch's payment file; payment ids stay the same each time."""
    from incentivectl.posting.approving import default_execution
    from incentivectl.posting.exporting import export as export_batch
    from incentivectl.posting.report_payments import exported_report

    voice = Voice(quiet=quiet, verbose=verbose)
    stamp = stamp_of()
    day = options.day_of(execute_on, "--execute-on") if execute_on else default_execution(stamp)
    config = config_of(workspace)
    with voice.progress() as progress:
        exported = export_batch(
            config, batch_id, _file_form(form, output), day, output, stamp, progress
        )
    voice.result(exported_report(exported))


@batch_app.command()
@command
def confirm(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The bank's answer: a CSV or a pain.002.")
    ],
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Record the bank's answer: what was paid, and what failed and returns to the balance."""
    from incentivectl.posting.confirming import confirm as confirm_payments
    from incentivectl.posting.report_payments import confirmed_report

    voice = Voice.of_report(form, output, quiet, verbose)
    config = config_of(workspace)
    with voice.progress() as progress:
        confirmed = confirm_payments(config, file, stamp_of(), progress)
    voice.result(confirmed_report(confirmed, file.name))


def _file_form(named: str | None, output: Path | None) -> str:
    from incentivectl.posting.exporting import CSV, FORMS

    if named is None and output is not None:
        named = next((form for form, ending in FORMS.items() if output.suffix == ending), None)
        if named is None:
            raise typer.BadParameter(f"{output}: use a name that ends in .csv or .xml, or --format")
    if named is not None and named not in FORMS:
        raise typer.BadParameter(f"unknown payment file format `{named}`; use {' or '.join(FORMS)}")
    return named or CSV
