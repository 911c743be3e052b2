"""`incentivectl diff A B`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.answering import working_here
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice


@command
def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="A folder of programs, or of a run.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Another folder of the same kind.")],
    period: Annotated[
        str | None,
        typer.Option("--period", metavar="PERIOD", help="For programs; default: the newest run's."),
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="List all payees, not just 20.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit with code 10 if anything differs.")
    ] = False,
    workspace: options.Workspace = None,
    memory: options.Memory = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
    verbose: options.Verbose = False,
) -> None:
    """Compare two folders of programs or two runs: money, and the rules behind it."""
    from datetime import date

    from incentivectl.core.errors import ExitCode, Problem, Refused
    from incentivectl.core.scratch import scratch_folder
    from incentivectl.insight.compare.diff import (
        default_period,
        diff_of_programs,
        diff_of_runs,
        kind_of,
    )
    from incentivectl.insight.compare.report_diff import diff_report
    from incentivectl.run.loading import workspace_root

    voice = Voice.of_report(form, output, quiet, verbose)
    kinds = [kind_of(folder) for folder in (before, after)]
    if kinds[0] != kinds[1]:
        hint = "compare two program folders, or two run folders"
        problem = Problem("bad-usage", "one folder holds programs and the other a run", hint)
        raise Refused([problem], ExitCode.USAGE)
    if kinds[0] == "run":
        found = diff_of_runs(before, after)
    else:
        root = workspace_root(workspace)
        with working_here(voice, root) as progress, scratch_folder() as scratch:
            found = diff_of_programs(
                before,
                after,
                root=root,
                period=period or default_period(root),
                today=date.today(),
                scratch=Path(scratch),
                progress=progress,
            )
    voice.result(diff_report(found, (str(before), str(after)), everybody=everybody))
    if exit_code and not found.is_empty:
        raise typer.Exit(ExitCode.FOUND)
