"""The files that a batch is computed from and the files that it gave, gathered for the archive.

`incentivectl.toml`, `programs/` and the lists and terms that they name; the terms that payees took;
`inputs/`: what reading the exports gave; `results/`: the run's files (docs/ledger.md, "The archive").
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import toml
from incentivectl.ingest.store import archived
from incentivectl.posting import archived_terms
from incentivectl.program_files.loading import load_programs
from incentivectl.run.run import Run
from incentivectl.workspace.load import load_workspace
from incentivectl.workspace.source import CONFIG_NAME
from incentivectl.workspace.workspace import Workspace

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
    _refuse_other_rules(run, folder)
    archived_terms.store(run.settled, folder)
    archived.store(run.inputs, folder / INPUTS, workspace.root)
    shutil.copytree(results, folder / RESULTS)


def _refuse_other_rules(run: Run, folder: Path) -> None:
    """Refuses where the files in `folder` are no longer those that the run was computed from."""
    hint = "it has changed since: run again, check the result, then post"
    then, now = run.loaded.workspace, load_workspace(folder)[0]
    changed = [] if now is not None and _rules_of(now) == _rules_of(then) else [then.config_file]
    programs, _ = load_programs(folder / PROGRAMS, workspace_root=folder)
    kept = {program.id: program.hash_with_terms for program in programs}
    for program in run.loaded.programs:
        if kept.get(program.id) != program.hash_with_terms and program.file is not None:
            changed.append(program.file)
    if changed:
        message = "the file is not the one that the batch was computed from"
        problems = [Problem("file-changed", message, hint, file=file) for file in changed]
        raise Refused(problems, ExitCode.DATA)


def _rules_of(workspace: Workspace) -> tuple[object, ...]:
    """What of a workspace's config can change what is booked."""
    return (
        workspace.currency,
        workspace.calendar.fiscal_year_starts,
        workspace.data,
        workspace.payout,
        workspace.settlement,
        workspace.metrics,
        workspace.sources,
    )


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
