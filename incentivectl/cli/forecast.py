"""`incentivectl forecast PERIOD`."""

from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


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
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show what running measurement periods will come to, and when budgets run out."""
    from incentivectl.core.errors import ExitCode, Problem, Refused
    from incentivectl.insight.forecast.forecast import forecast_of
    from incentivectl.insight.forecast.report import forecast_report
    from incentivectl.insight.forecast.shares import LAST_YEAR, RUN_RATE

    voice = Voice.of_report(form, output, quiet, verbose)
    if like not in (None, LAST_YEAR):
        hint = f"--like {LAST_YEAR}, or no --like for the run rate"
        raise Refused([Problem("bad-usage", f"--like {like}: unknown", hint)], ExitCode.USAGE)
    with answering(voice, workspace) as at:
        known = at.known(period)
        at.progress("forecasting")
        found = forecast_of(known, like or RUN_RATE)
        report = forecast_report(found, with_payees=payees)
    voice.result(report)
