"""Engines are tried on large workspaces too: the repository's sample, and a million lines."""

import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.workspace import write_workspace
from incentivectl.cluster.engine import Engine
from tests.cluster.spreading import contents, files_of
from tests.prepared import made_once

ROOT = Path(__file__).parents[2]
PERIOD = "2026-09"


def million_lines(folder: Path) -> Path:
    """A workspace with a million lines in eight files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", list(sys.path))
        write_workspace(folder / "w", 1_000_000, 8)
    return folder / "w"


def files_here(folder: Path, root: str, period: str) -> Path:
    """The files of a run on one machine."""
    files_of(Path(root), period, folder / "files", None)
    return folder / "files"


def large_one_alike(root: Path, engine: Engine, buckets: int, folder: Path) -> None:
    """See `alike`; the files of one machine are made once."""
    alike(made_once(files_here, str(root), PERIOD), root, PERIOD, engine, buckets, folder)


def alike(here: Path, root: Path, period: str, engine: Engine, buckets: int, folder: Path) -> None:
    """An engine gives the files in the folder `here`, byte for byte."""
    files_of(root, period, folder / "elsewhere", engine, buckets)
    one, many = contents(here), contents(folder / "elsewhere")
    shutil.rmtree(folder / "elsewhere")
    differing = [name for name in one.keys() | many.keys() if one.get(name) != many.get(name)]
    assert not differing, [(one.get(name), many.get(name)) for name in differing]
