"""`incentivectl batch approve|release|export|confirm`: the life of a batch's payments."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli.batch import BatchArgument, batch_app, stamp_of
from incentivectl.cli.options import (
    FormatOption,
    OutputOption,
    QuietOption,
    VerboseOption,
    Voice,
    WorkspaceOption,
    command,
)

__all__ = ["batch_app"]  # whole only with the commands of this file


@batch_app.command()
@command
def approve(
    batch_id: BatchArgument,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="NAME", help="Who approves; by default the user."),
    ] = None,
    workspace: WorkspaceOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Sign a batch's hash; nobody approves what he posted."""
    from incentivectl.posting.approving import approve as approve_batch
    from incentivectl.posting.places import places_of
    from incentivectl.run import load_config, workspace_root

    voice = Voice(quiet=quiet, verbose=verbose)
    config = load_config(workspace_root(workspace))
    stamp = stamp_of()
    with voice.progress() as progress:
        batch, signed = approve_batch(
            places_of(config), batch_id, by or stamp.user, stamp, progress
        )
    needed = max(config.payout.approvals, 1)
    voice.say(f"batch {batch.id} ({batch.hash[:16]}) is approved by {', '.join(signed)}")
    if len(signed) < needed:
        voice.say(f"{needed - len(signed)} more approvals are needed before it can be exported")


@batch_app.command()
@command
def release(
    batch_id: BatchArgument,
    payments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PAYMENT|PAYEE…]",
            help="Payment ids, or payees by id or name; by default all that are held.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Let payments go out whose bank details have changed, after somebody has asked the payee."""
    from incentivectl.posting.approving import release as release_payments
    from incentivectl.reports.payments import released_report
    from incentivectl.run import load_config, workspace_root

    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    config = load_config(workspace_root(workspace))
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
            "--output", "-o", metavar="FILE", help="Write there: .csv or .xml; else in payments/."
        ),
    ] = None,
    execute_on: Annotated[
        str | None,
        typer.Option(
            "--execute-on", metavar="DATE", help="When the bank shall pay; by default tomorrow."
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Write the payment file of a batch; again, the same file with the same payment ids."""
    from incentivectl.posting.exporting import export as export_batch
    from incentivectl.reports.payments import exported_report
    from incentivectl.run import load_config, workspace_root

    voice = Voice(quiet=quiet, verbose=verbose)
    stamp = stamp_of()
    day = _day(execute_on) if execute_on else stamp.at.date() + timedelta(days=1)
    config = load_config(workspace_root(workspace))
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
    workspace: WorkspaceOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Read what the bank says: paid, or failed and back to the balance."""
    from incentivectl.posting.confirming import confirm as confirm_payments
    from incentivectl.posting.places import places_of
    from incentivectl.reports.payments import confirmed_report
    from incentivectl.run import load_config, workspace_root

    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    places = places_of(load_config(workspace_root(workspace)))
    with voice.progress() as progress:
        confirmed = confirm_payments(places, file, stamp_of(), progress)
    voice.result(confirmed_report(confirmed, file.name))


def _file_form(named: str | None, output: Path | None) -> str:
    from incentivectl.posting.exporting import CSV, FORMS

    if named is None and output is not None:
        named = next((form for form, ending in FORMS.items() if output.suffix == ending), None)
        if named is None:
            raise typer.BadParameter(f"the ending of {output} is neither .csv nor .xml")
    if named is not None and named not in FORMS:
        raise typer.BadParameter(f"{named} is no payment file: {', '.join(FORMS)}")
    return named or CSV


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text} is no date such as 2026-10-05") from None
