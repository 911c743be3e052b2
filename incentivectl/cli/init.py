"""`incentivectl init [DIR]`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli import options
from incentivectl.cli.ending import command
from incentivectl.cli.voice import Voice
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.nouns import agreeing, counted


@command
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="A new or empty folder.")] = Path(
        "incentives"
    ),
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Further files for --from.")
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--from", metavar="FILE", help="Make it from exports; repeatable."),
    ] = None,
    quiet: options.Quiet = False,
) -> None:
    """Create a workspace that is ready to run, with sample data or from exports."""
    voice = Voice(quiet=quiet)
    if files:
        _from_files(voice, folder, [*files, *(more or ())])
        return
    if more:
        problem = Problem("bad-usage", f"unexpected `{more[0]}`", "put --from before files")
        raise Refused([problem], ExitCode.USAGE)
    from incentivectl.workspace.sample import copy_sample

    copy_sample(folder)
    voice.say(f"created a workspace in {folder}")
    voice.say("")
    voice.say(f"next: cd {folder} && incentivectl run 2026-09")


def _from_files(voice: Voice, folder: Path, files: list[Path]) -> None:
    from incentivectl.core.scratch import scratch_folder
    from incentivectl.insight.guess.start import make_workspace

    with voice.progress() as progress, scratch_folder() as scratch:
        progress("looking at the files")
        made = make_workspace(folder, files, Path(scratch))
    voice.say(f"created a workspace in {folder} from {counted(len(files), 'file')}")
    if made.edits:
        voice.say(f"{counted(len(made.edits), 'edit')} needed in {folder}/incentivectl.toml:")
        for edit in made.edits:
            voice.say(f"  - {edit}")
    if made.unsure:
        comments, say = counted(made.unsure, "comment"), agreeing(made.unsure, "says", "say")
        voice.say(f"{comments} there {say} UNSURE: look at what was taken")
    voice.say("")
    voice.say(f"next: cd {folder} && incentivectl check && incentivectl run {made.period}")
