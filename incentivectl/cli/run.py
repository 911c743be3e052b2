"""`incentivectl run PERIOD`."""

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
)


@command
def run(
    period: Annotated[
        str,
        typer.Argument(metavar="PERIOD", help="2026-09, 2026-Q3, 2026-H2, 2026, last-month, …"),
    ],
    workspace: WorkspaceOption = None,
    lines: Annotated[
        bool, typer.Option("--lines", help="Also write lines.parquet: every line x program.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Read the exports again, and keep nothing of them.")
    ] = False,
    form: FormatOption = None,
    output: OutputOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Calculate PERIOD, print the report and write reports/<period>/; books nothing."""
    import tempfile
    import time
    from datetime import date
    from pathlib import Path

    from incentivectl.errors import ExitCode, Refused
    from incentivectl.reports.run_files import write_data_files, write_run
    from incentivectl.reports.summary import run_report
    from incentivectl.run import (
        calculate,
        load,
        over_tolerance,
        period_of,
        read_inputs,
        workspace_root,
    )

    started = time.monotonic()
    voice = Voice(form, output, quiet, verbose)
    voice.check_format()
    with voice.progress() as progress, tempfile.TemporaryDirectory() as scratch:
        progress("checking programs")
        loaded = load(workspace_root(workspace))
        named = period_of(period, loaded.workspace, date.today())
        inputs = read_inputs(
            loaded, Path(scratch), progress, cached=not no_cache, pace=voice.pace(progress)
        )
        beyond = over_tolerance(loaded.workspace, inputs)
        if beyond:
            folder = write_data_files(loaded.workspace, named, inputs)
            voice.say(f"the rejected rows are in {folder}")
            raise Refused(beyond, ExitCode.DATA)
        result = calculate(loaded, named, inputs, progress)
        progress("writing")
        folder = write_run(result, lines=lines)
    voice.result(run_report(result, folder, time.monotonic() - started))
    if result.broken:
        raise typer.Exit(ExitCode.BROKEN)
