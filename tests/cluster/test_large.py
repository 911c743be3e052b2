"""The sample and a million lines with processes give the files of one machine (docs/cluster.md, 111.1)."""

from pathlib import Path

from incentivectl.cluster.processes import processes
from incentivectl.cluster.shared import SharedFolder
from tests.cluster.large import ROOT, large_one_alike, million_lines
from tests.prepared import made_once


def test_processes_give_the_files_of_one_machine(tmp_path: Path) -> None:
    shared, scratch = tmp_path / "shared", tmp_path / "scratch"
    shared.mkdir()
    scratch.mkdir()
    with processes(2, SharedFolder(shared), scratch) as engine:
        large_one_alike(ROOT, engine, 5, tmp_path)
        large_one_alike(made_once(million_lines), engine, 4, tmp_path)
