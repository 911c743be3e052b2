"""`incentivectl ledger verify|balance|export`."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import config_of
from incentivectl.cli.completion import payee_ids
from incentivectl.cli.ending import command
from incentivectl.cli.help import group
from incentivectl.cli.voice import Voice

ledger_app = group("ledger", "Verify the ledger, list balances, export every movement.")


@ledger_app.command()
@command
def verify(
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="HASH", help="A hash that the ledger must contain."),
    ] = None,
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Recompute every hash; report any changed, missing or inserted row and its batch."""
    from incentivectl.core.errors import ExitCode
    from incentivectl.posting.report_ledger import verdict_report
    from incentivectl.posting.verifying import verify_workspace

    voice = Voice.of_report(form, output, quiet)
    verdict = verify_workspace(config_of(workspace), head)
    voice.result(verdict_report(verdict))
    if verdict.faults:
        raise typer.Exit(ExitCode.BROKEN)


@ledger_app.command()
@command
def balance(
    payee: Annotated[
        str | None,
        typer.Argument(
            metavar="[PAYEE]",
            help="One payee, by id or name, with all movements.",
            autocompletion=payee_ids,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="DATE", help="Only batches dated up to then."),
    ] = None,
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """List what each payee is owed: entries less payments, by currency and method."""
    from incentivectl.ledger import books
    from incentivectl.ledger.connection import reading
    from incentivectl.posting.accounts import booked_payee
    from incentivectl.posting.report_ledger import balance_report, movements_report

    voice = Voice.of_report(form, output, quiet)
    day = options.day_of(as_of, "--as-of") if as_of else date.max
    config = config_of(workspace)
    with reading(config.ledger) as ledger:
        balances = books.balances(ledger, day)
        if payee is None:
            report = balance_report(balances, day)
        else:
            every = books.payees(ledger)
            named = booked_payee(config, every, payee, min(day, date.today()))
            moved = books.movements(ledger, named.kind, named.id, day)
            report = movements_report(named, balances, moved, day)
    voice.result(report)


@ledger_app.command()
@command
def export(
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="csv|parquet|json|beancount", help="Default: csv."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to FILE instead of stdout."),
    ] = None,
    workspace: options.Workspace = None,
    quiet: options.Quiet = False,
) -> None:
    """Export every entry and payment for other tools; as Beancount text for accounting."""
    from incentivectl.core.output_files import write_named_file
    from incentivectl.ledger import books
    from incentivectl.ledger.connection import reading
    from incentivectl.ledger.exports import ENDINGS, FORMS, content_of

    chosen = form or (ENDINGS.get(output.suffix) if output is not None else "csv")
    if chosen not in FORMS:
        raise typer.BadParameter(
            f"unknown format `{form or output}`; use one of {', '.join(FORMS)}"
        )
    if output is None and chosen == "parquet":
        raise typer.BadParameter("Parquet is binary: name a file with --output")
    config = config_of(workspace)
    with reading(config.ledger) as ledger:
        content = content_of(chosen, books.every_movement(ledger), config.name)
    if output is None:
        Voice().text(content.decode())
    else:
        write_named_file(output, content)
        Voice(quiet=quiet).say(f"wrote {output}")
