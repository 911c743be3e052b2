"""`incentivectl deals [PERIOD]`."""

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
)


@command
def deals(
    period: Annotated[
        str,
        typer.Argument(metavar="PERIOD", help="The state on its last day; default: this month."),
    ] = "this-month",
    workspace: WorkspaceOption = None,
    memory: MemoryOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Show registered deals: pipeline, sales, conflicts, expiring protections."""
    from incentivectl.insight.deals.deals import deals_of
    from incentivectl.insight.deals.report import deals_report

    voice = Voice(form, output, quiet, verbose)
    with answering(voice, workspace) as at:
        known = at.known(period)
        at.progress("matching deals")
        found = deals_of(known)
    voice.result(deals_report(found, known))
