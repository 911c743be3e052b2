"""`incentivectl sources guess FILE…`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.ending import command
from incentivectl.cli.help import group
from incentivectl.cli.voice import Voice

sources_app = group("sources", "Describe exports that nobody has described.")


@sources_app.callback()
def _group() -> None:
    pass


@sources_app.command()
@command
def guess(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Exports of any table.")],
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="TABLE", help="What they feed, such as sales or partners."),
    ] = None,
    workspace: options.Workspace = None,
    form: options.Format = None,
    output: options.Output = None,
    quiet: options.Quiet = False,
) -> None:
    """Propose [[sources]] for exports: how they are written, what each column is, what is unsure."""
    from incentivectl.core.scratch import scratch_folder
    from incentivectl.insight.guess.report import config_text, sources_report
    from incentivectl.insight.guess.surroundings import known_table, surroundings
    from incentivectl.insight.guess.together import propose

    voice = Voice.of_report(form, output, quiet)
    wanted = known_table(table)
    with voice.progress() as progress, scratch_folder() as scratch:
        progress("looking at the files")
        proposals = propose(files, surroundings(workspace, Path(scratch)), Path(scratch), wanted)
    voice.document(config_text(proposals), sources_report(proposals))
