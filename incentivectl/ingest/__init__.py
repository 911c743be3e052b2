"""Exports in, canonical tables out: typed, resolved, and with every row accounted for."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.reading import read_workspace
from incentivectl.ingest.sale_lines.elsewhere import ReadElsewhere
from incentivectl.workspace.workspace import Workspace

Progress = Callable[[str, int, int], None]


def read(
    workspace: Workspace,
    *,
    scratch: Path,
    progress: Progress | None = None,
    known_on: date | None = None,
    elsewhere: ReadElsewhere | None = None,
) -> Inputs:
    """Reads every table of the workspace (docs/rules.md, "Reading").

    `scratch` is a folder for what does not fit into memory; it must stay as long as the inputs are
    used. `progress` is called with what is being done, and how much of how much is done. Sale lines
    received after `known_on` are skipped; `elsewhere` reads them where it is given. Nothing raises for
    what is wrong with the exports: see `Inputs.problems`.
    """
    return read_workspace(workspace, scratch, progress, known_on, elsewhere=elsewhere)
