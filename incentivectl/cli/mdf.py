"""`incentivectl mdf [PERIOD] [PARTNER]`."""

from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.completion import payee_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def mdf(
    period: options.StateToday = "this-month",
    partner: Annotated[
        str | None,
        typer.Argument(
            metavar="PARTNER", help="Only this partner's funds.", autocompletion=payee_ids
        ),
    ] = None,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show marketing funds: statements, commitments, claims, what expires."""
    from incentivectl.insight.funds.funds import funds_of
    from incentivectl.insight.funds.report import funds_report

    voice = Voice.of_report(form, output, quiet, verbose)
    with answering(voice, workspace) as at:
        known = at.known(period)
        at.progress("following the funds")
        view = funds_of(known, partner)
    voice.result(funds_report(view, known))
