"""`incentivectl explain PERIOD [PAYEE]`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli.options import (
    FormatOption,
    OutputOption,
    QuietOption,
    VerboseOption,
    Voice,
    WorkspaceOption,
    command,
    payee_ids,
    program_ids,
)


@command
def explain(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="As of its last day.")],
    payee: Annotated[
        str | None,
        typer.Argument(metavar="PAYEE", help="A partner or a rep.", autocompletion=payee_ids),
    ] = None,
    program: Annotated[
        str | None,
        typer.Option("--program", metavar="ID", help="Only this one.", autocompletion=program_ids),
    ] = None,
    line: Annotated[
        str | None,
        typer.Option(
            "--line", metavar="SALE_ID", help="Instead of a payee: what became of a sale."
        ),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(
            "--since",
            metavar="DIR",
            help="Why it changed since this earlier state of the workspace.",
        ),
    ] = None,
    since_period: Annotated[
        str | None,
        typer.Option("--since-period", metavar="PERIOD", help="That state's PERIOD, if another."),
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="All lines, also those left out.")] = False,
    workspace: WorkspaceOption = None,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Why PAYEE gets what it gets: from the payout down to the lines; books nothing."""
    import tempfile
    from datetime import date

    from incentivectl.errors import ExitCode, Problem, Refused
    from incentivectl.insight.causes import changes_of
    from incentivectl.insight.explain import explained
    from incentivectl.insight.known import known_on, known_program
    from incentivectl.insight.payee import payees_named
    from incentivectl.insight.sale import sale_explained
    from incentivectl.insight.two_states import TwoStates
    from incentivectl.ledger.booked import booked_earlier
    from incentivectl.reports.explain import explain_report
    from incentivectl.reports.sale import sale_report
    from incentivectl.run import calculate, workspace_root

    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    if (payee is None) == (line is None):
        message = "a payee is missing" if payee is None else "a payee and a sale are named"
        hint = "name one of both: explain PERIOD PAYEE, or explain PERIOD --line SALE_ID"
        raise Refused([Problem("bad-usage", message, hint)], ExitCode.USAGE)
    with voice.progress() as progress, tempfile.TemporaryDirectory() as scratch:
        root = workspace_root(workspace)
        known = known_on(root, period, date.today(), Path(scratch), progress)
        past = booked_earlier(known.loaded.workspace.ledger, known.period.last)
        run = calculate(known.loaded, known.period, known.inputs, progress, past=past)
        if program is not None:
            known_program(known.loaded, program)
        if payee is None:
            told_sale = sale_explained(run, line or "", program)
            voice.result(sale_report(told_sale, verdicts=program is not None))
            return
        payees = payees_named(run, payee)
        states = None
        if since is not None:
            before = Path(scratch) / "then"
            then = known_on(since, since_period or period, date.today(), before, progress)
            progress("finding causes")
            states = TwoStates(then, known)
        for told in explained(run, payees, program):
            changes = None if states is None else changes_of(states, told.payee, program)
            voice.result(explain_report(told, changes, every_line=lines))
