"""`incentivectl journal BATCH|PERIOD`."""

from datetime import date
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import config_of
from incentivectl.cli.completion import batch_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice

BEANCOUNT = "beancount"


@command
def journal(
    of: Annotated[
        str,
        typer.Argument(
            metavar="BATCH|PERIOD",
            help="A batch, such as 2026-09.1, or all that a period booked and the bank answered.",
            autocompletion=batch_ids,
        ),
    ],
    workspace: options.Workspace = None,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="table|json|csv|md|beancount", help="Default: table."),
    ] = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Write the journal for finance, in double entry, with accruals and a roll-forward."""
    from incentivectl.core.errors import ExitCode, Refused, errors_in
    from incentivectl.ledger import records
    from incentivectl.ledger.connection import no_ledger, reading
    from incentivectl.ledger.journal.beancount import beancount_text
    from incentivectl.ledger.journal.journal import journal_of
    from incentivectl.posting.lost_batches import refuse_damage
    from incentivectl.posting.report_journal import journal_report
    from incentivectl.run.loading import period_of, with_calendar
    from incentivectl.workspace.folders import places_of

    as_beancount = form == BEANCOUNT or (
        form is None and output is not None and output.suffix == f".{BEANCOUNT}"
    )
    voice = (
        Voice(output=output, quiet=quiet) if as_beancount else Voice.of_report(form, output, quiet)
    )
    config = config_of(workspace)
    with reading(config.ledger) as ledger:
        if ledger is None:
            raise no_ledger(config.ledger)
        refuse_damage(ledger, places_of(config))
        if "." in of:
            asked = journal_of(ledger, config, records.batch(ledger, of))
        else:
            dated, problems = with_calendar(config)
            if errors_in(problems):
                raise Refused(problems, ExitCode.CONFIG)
            asked = journal_of(ledger, config, period_of(of, dated, date.today()))
    if as_beancount:
        voice.text(beancount_text(asked))
    else:
        voice.result(journal_report(asked))
