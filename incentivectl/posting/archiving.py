"""The files that a batch is computed from and the files that it gave, gathered for the archive.

`incentivectl.toml`, `programs/` and the lists that they name; `inputs/`: what reading the exports gave;
`results/`: the run's files (docs/rules.md, "The archive").
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from incentivectl.ingest import archived
from incentivectl.input_files import toml
from incentivectl.run import Run
from incentivectl.workspace import CONFIG_NAME

PROGRAMS, INPUTS, RESULTS = "programs", "inputs", "results"


def gather(run: Run, results: Path, folder: Path) -> None:
    """Writes everything of a batch into the empty `folder`; its result files lie in `results`."""
    workspace = run.loaded.workspace
    shutil.copyfile(workspace.config_file, folder / CONFIG_NAME)
    (folder / PROGRAMS).mkdir()
    for program in run.loaded.programs:
        assert program.file is not None
        shutil.copyfile(program.file, folder / PROGRAMS / program.file.name)
        for name, path in _lists(program.file, workspace.root):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
    archived.store(run.inputs, folder / INPUTS, workspace.root)
    shutil.copytree(results, folder / RESULTS)


def _lists(program: Path, root: Path) -> Iterator[tuple[Path, Path]]:
    """The files that a program names: where they go in the archive, and where they lie."""
    for text in _texts(toml(program)):
        if not text or Path(text).is_absolute() or ".." in Path(text).parts:
            continue  # no list, since lists lie in the workspace
        for start, base in ((Path(), root), (Path(PROGRAMS), program.parent)):
            with suppress(OSError):  # a text that is too long for a name
                if (base / text).is_file():
                    yield start / text, base / text
                    break


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
