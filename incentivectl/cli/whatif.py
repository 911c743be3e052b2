"""`incentivectl whatif PERIOD`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import answering
from incentivectl.cli.completion import program_ids
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice

_SWEEP_FIRST = "sweep first, then set the value you want with --set"
_PLAIN_PAST = "test past periods without an uplift or a sweep"


@command
def whatif(
    period: options.State,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="ID.KEY=VALUE",
            help="Such as 'q3-rebate.reward.tiers.1.rate=4%', the second tier: keys count from 0."
            " Repeatable.",
        ),
    ] = None,
    programs: Annotated[
        Path | None,
        typer.Option("--programs", metavar="DIR", help="Use the programs in this folder."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="ID", help="Leave this program out.", autocompletion=program_ids
        ),
    ] = None,
    uplift: Annotated[
        str | None,
        typer.Option("--uplift", metavar="5%", help="Raise qualifying sales by this share."),
    ] = None,
    sweep: Annotated[
        str | None,
        typer.Option(
            "--sweep", metavar="ID.KEY=2%..8%/1%", help="Try each of these values, with a chart."
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="DIR", help="Write the scenario's program files to DIR."),
    ] = None,
    over: Annotated[
        str | None,
        typer.Option(
            "--over",
            metavar="2025-Q1..2026-Q2",
            help="Run both over these past periods.",
        ),
    ] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Include unchanged programs, for the total cost."),
    ] = False,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Show what other rules would cost, and who gains or loses; books nothing."""
    from datetime import date

    from incentivectl.insight.compare.backtest import back_tested, span_of
    from incentivectl.insight.compare.report_backtest import backtest_report
    from incentivectl.insight.compare.report_whatif import sweep_report, whatif_report
    from incentivectl.insight.compare.save_scenario import save_scenario
    from incentivectl.insight.compare.scenario import scenario_of
    from incentivectl.insight.compare.sweep import parse_sweep, swept
    from incentivectl.insight.compare.whatif import affected_by, baseline_of, what_if
    from incentivectl.program_files.edit import parse_edit, parse_share

    voice = Voice.of_report(form, output, quiet, verbose)
    edits = [parse_edit(written) for written in changes or ()]
    share = None if uplift is None else parse_share(uplift, "--uplift")
    _refuse_together("--sweep", sweep, {"--save": save, "--programs": programs}, _SWEEP_FIRST)
    _refuse_together("--over", over, {"--sweep": sweep, "--uplift": uplift}, _PLAIN_PAST)
    points = None if sweep is None else parse_sweep(sweep)
    saved: list[str] = []
    with answering(voice, workspace) as at:
        known = at.known(period)
        if points is not None:
            found = swept(known, points, edits, at.progress, without=without or (), uplift=share)
            title = f"{known.loaded.workspace.name}: what if, {known.period.label}"
            report = sweep_report(found, title)
        else:
            scenario = scenario_of(known.loaded, edits, folder=programs, without=without or ())
            if over is not None:
                span = span_of(over, known, date.today())
                tested = back_tested(known, scenario, span, at.progress, everything=everything)
                report = backtest_report(tested)
            else:
                only = None if everything or share is not None else affected_by(known, scenario)
                base = baseline_of(known, at.progress, only=only)
                report = whatif_report(what_if(base, scenario, at.progress, uplift=share))
            if save is not None:
                saved = save_scenario(scenario, save)
    if save is not None:
        for told in saved:
            voice.say(told)
        voice.say(f"wrote the scenario's programs to {save}")
    voice.result(report)


def _refuse_together(option: str, value: object, others: Mapping[str, object], hint: str) -> None:
    """Refuses an option that is given beside any of the others."""
    from incentivectl.core.errors import ExitCode, Problem, Refused

    if value is not None and any(other is not None for other in others.values()):
        message = f"{option} cannot be combined with {' or '.join(others)}"
        raise Refused([Problem("bad-usage", message, hint)], ExitCode.USAGE)
