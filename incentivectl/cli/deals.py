"""`incentivectl deals [PERIOD]`."""

from typing import Annotated

import typer

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
    from datetime import date
    from pathlib import Path

    from incentivectl.core.scratch import scratch_folder
    from incentivectl.insight.deals.deals import deals_of
    from incentivectl.insight.deals.report import deals_report
    from incentivectl.run.known import known_on
    from incentivectl.run.run import workspace_root

    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    with voice.progress() as progress, scratch_folder() as scratch:
        root = workspace_root(workspace)
        known = known_on(root, period, date.today(), Path(scratch), progress)
        progress("matching deals")
        found = deals_of(known)
    voice.result(deals_report(found, known))
