"""Reading with a cache: the exports of a workspace are read once as long as nothing changes.

An entry is named after all that `Inputs` depend on: the files and what they hold, how the workspace
says to read them, and the program itself (docs/operation.md, "The cache").
"""

import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import polars as pl

from incentivectl.core.cache import digest, due, keep_within, new_entry, program_version, used
from incentivectl.core.errors import errors_in
from incentivectl.core.input_files import Seen
from incentivectl.core.input_frames import Damaged
from incentivectl.ingest.files.files import DataFile, files_of_sources
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.progress import Report
from incentivectl.ingest.reading import read_workspace
from incentivectl.ingest.sale_lines.typing import SNAPSHOT
from incentivectl.ingest.store.content import all_seen, hashes, note
from incentivectl.ingest.store.stored import restore, store
from incentivectl.workspace.workspace import Workspace


def read_cached(
    workspace: Workspace, scratch: Path, progress: Report | None, cache: Path
) -> Inputs:
    """What `ingest.read` gives, from the folder `cache` where these exports were read before."""
    found, problems = files_of_sources(workspace.root, workspace.sources, cache / "objects")
    files = [file for of_table in found.values() for file in of_table]
    before = None if errors_in(problems) else all_seen(file.path for file in files)
    if before is None:
        return read_workspace(workspace, scratch, progress, None, cache / "objects")
    of_settings = cache / "inputs" / _settings(workspace)
    began = time.time_ns()
    found_before = _found(workspace, files, before, cache, of_settings)
    if found_before is not None:
        return found_before
    inputs = read_workspace(workspace, scratch, progress, None, cache / "objects")
    if not errors_in(inputs.problems):
        with suppress(OSError):  # a full disk, or a folder that may not be written to
            _keep(inputs, files, before, began, scratch / SNAPSHOT, cache, of_settings)
    return inputs


def _found(
    workspace: Workspace,
    files: Sequence[DataFile],
    before: dict[Path, Seen],
    cache: Path,
    of_settings: Path,
) -> Inputs | None:
    """The inputs that the cache has; None if it has none, or where they are damaged."""
    entry = of_settings
    try:
        if not of_settings.is_dir():  # nothing to find: the hashes will come with the reading
            return None
        known = hashes(cache / "files", before)
        entry = of_settings / _content([(file, known[file.path]) for file in files])
        return restore(entry, workspace) if used(entry) else None
    except (OSError, ValueError, *Damaged):
        shutil.rmtree(entry, ignore_errors=True)
        return None


def _settings(workspace: Workspace) -> str:
    """A name for where the exports are and how they are to be read."""
    rules = (workspace.data.unknown_partner, workspace.data.unknown_product)
    age = workspace.data.max_rate_age_days
    return digest(
        program_version(),
        pl.__version__,
        str(workspace.root.resolve()),
        workspace.config_file,
        workspace.currency,
        rules,
        age,
        workspace.sources,
        workspace.levels,
    )


def _content(files: Sequence[tuple[DataFile, str]]) -> str:
    """A name for the files of a workspace and what they hold."""
    return digest(
        sorted((file.source.table, file.source.name, file.name, sha256) for file, sha256 in files)
    )


def _keep(
    inputs: Inputs,
    files: Sequence[DataFile],
    before: dict[Path, Seen],
    began: int,
    snapshot: Path,
    cache: Path,
    of_settings: Path,
) -> None:
    """Stores inputs under the hashes that their reading found, if no file has changed since."""
    read = {
        (table, source, name): sha256
        for table, source, name, sha256 in inputs.files.select(
            "table", "source", "path", "sha256"
        ).rows()
    }
    named = {(file.source.table, file.source.name, file.name): file for file in files}
    if read.keys() != named.keys() or all_seen(before) != before:
        return
    entry = of_settings / _content([(named[key], sha256) for key, sha256 in read.items()])
    with new_entry(entry) as folder:
        store(inputs, snapshot, folder)
    for key, sha256 in read.items():
        path = named[key].path
        note(cache / "files", path, before[path], sha256, began)
    if not due(cache / "tidied"):  # sizes are found file by file
        return
    kept = (("inputs", "*/*"), ("inputs", "*/.new-*"), ("objects", "*"), ("objects", ".new-*"))
    keep_within([entry for name, pattern in kept for entry in (cache / name).glob(pattern)])
