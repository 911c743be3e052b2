"""`incentivectl init [DIR]`."""

from pathlib import Path
from typing import Annotated

import typer

from incentivectl.cli.options import QuietOption, Voice, command


@command
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="A new or empty folder.")] = Path(
        "incentives"
    ),
    quiet: QuietOption = False,
) -> None:
    """Create a workspace that is ready to run: config, programs, sample data."""
    from incentivectl.workspace.sample import copy_sample

    copy_sample(folder)
    voice = Voice(quiet=quiet)
    voice.say(f"created a workspace in {folder}")
    voice.say("")
    voice.say(f"next: cd {folder} && incentivectl run 2026-09")
