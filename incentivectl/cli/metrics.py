"""`incentivectl metrics PERIOD`."""

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
def metrics(
    period: Annotated[
        str,
        typer.Argument(
            metavar="PERIOD", help="Such as 2026-09, 2026-Q3, 2026-H2, 2026 or last-month."
        ),
    ],
    explain: Annotated[bool, typer.Option("--explain", help="Also define each figure.")] = False,
    workspace: WorkspaceOption = None,
    memory: MemoryOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Show growth, engagement, ROI, cost, satisfaction and brand against earlier periods."""
    from incentivectl.insight.metrics import compared
    from incentivectl.insight.metrics import metrics as figures_of
    from incentivectl.insight.metrics.report import metrics_report
    from incentivectl.ledger.booked import postings_in

    voice = Voice(form, output, quiet, verbose)
    with answering(voice, workspace) as at:
        run = at.run(period)
        views = compared(run, at.progress, postings_in(run.loaded.workspace.ledger))
        report = metrics_report(figures_of(views, at.progress), views, explain=explain)
    voice.result(report)
