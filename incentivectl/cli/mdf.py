"""`incentivectl mdf [PERIOD] [PARTNER]`."""

from typing import Annotated

import typer

from incentivectl.cli.answering import answering
from incentivectl.cli.options import (
    FormatOption,
    MemoryOption,
    OutputOption,
    QuietOption,
    VerboseOption,
    Voice,
    WorkspaceOption,
    command,
    payee_ids,
)


@command
def mdf(
    period: Annotated[
        str,
        typer.Argument(metavar="PERIOD", help="The state on its last day; default: this month."),
    ] = "this-month",
    partner: Annotated[
        str | None,
        typer.Argument(
            metavar="PARTNER", help="Only this partner's funds.", autocompletion=payee_ids
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    memory: MemoryOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Show marketing funds: statements, commitments, claims, what expires."""
    from incentivectl.insight.funds.funds import funds_of
    from incentivectl.insight.funds.report import funds_report

    voice = Voice(form, output, quiet, verbose)
    with answering(voice, workspace) as at:
        known = at.known(period)
        at.progress("following the funds")
        view = funds_of(known, partner)
    voice.result(funds_report(view, known))
