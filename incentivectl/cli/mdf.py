"""`incentivectl mdf [PERIOD] [PARTNER]`."""

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
    from datetime import date
    from pathlib import Path

    from incentivectl.core.scratch import scratch_folder
    from incentivectl.insight.funds.funds import funds_of
    from incentivectl.insight.funds.report import funds_report
    from incentivectl.run.known import known_on
    from incentivectl.run.run import workspace_root

    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    with voice.progress() as progress, scratch_folder() as scratch:
        root = workspace_root(workspace)
        known = known_on(root, period, date.today(), Path(scratch), progress)
        progress("following the funds")
        view = funds_of(known, partner)
    voice.result(funds_report(view, known))
