"""`incentivectl forecast PERIOD`."""

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
def forecast(
    period: Annotated[
        str, typer.Argument(metavar="PERIOD", help="What accrues on its last day is forecast.")
    ],
    like: Annotated[
        str | None,
        typer.Option(
            "--like",
            metavar="last-year",
            help="By the share that the same days had last year, instead of the run rate.",
        ),
    ] = None,
    payees: Annotated[bool, typer.Option("--payees", help="Show each payee, too.")] = False,
    workspace: WorkspaceOption = None,
    memory: MemoryOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Show what running measurement periods will come to, and when budgets run out."""
    from incentivectl.core.errors import ExitCode, Problem, Refused
    from incentivectl.insight.forecast.forecast import forecast_of
    from incentivectl.insight.forecast.report import forecast_report
    from incentivectl.insight.forecast.shares import LAST_YEAR, RUN_RATE

    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    if like not in (None, LAST_YEAR):
        hint = f"--like {LAST_YEAR}, or no --like for the run rate"
        raise Refused([Problem("bad-usage", f"--like {like}: unknown", hint)], ExitCode.USAGE)
    with answering(voice, workspace) as at:
        known = at.known(period)
        at.progress("forecasting")
        found = forecast_of(known, like or RUN_RATE)
        report = forecast_report(found, with_payees=payees)
    voice.result(report)
