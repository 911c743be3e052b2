"""What batches were computed from, read-only, equal files once (docs/ledger.md, "The archive").

`archive/<batch>/` has the files under their names; each is a hard link into `archive/.objects/`, where
it is named by its hash. `SHA256SUMS` lists them, and the ledger has the hash of that list.
"""

import hashlib
import os
import shutil
from pathlib import Path

from incentivectl.core.input_files import content, sha256
from incentivectl.core.output_files import (
    copy_file,
    locked,
    make_folder,
    new_folder,
    sync_folder,
    write_file,
)
from incentivectl.core.scratch import UNFINISHED, sweep

SUMS = "SHA256SUMS"
_OBJECTS = ".objects"


def folder_of(archive: Path, batch_id: str) -> Path:
    """Where a batch's files lie."""
    return archive / batch_id


def store(archive: Path, batch_id: str, files: Path) -> str:
    """Moves all files of the folder `files` into the archive of a batch; the hash of their list.

    A folder of that name belongs to a batch that was never booked (its command was cut short): it is
    replaced. The folder appears as a whole, in one step.
    """
    objects = make_folder(archive / _OBJECTS)
    with locked(archive):  # nobody is writing HEAD, and only one command at a time archives
        for folder in (archive, objects):
            sweep(folder, UNFINISHED, older_than=0)
    with new_folder(archive) as new:
        sums = []
        for path in sorted(path for path in files.rglob("*") if path.is_file()):
            name = path.relative_to(files).as_posix()
            digest = sha256(path)
            sums.append(f"{digest}  {name}\n")
            _link(_object(objects, digest, path), new / name)
        text = "".join(sums)
        write_file(new / SUMS, text, read_only=True)
        _remove(archive / batch_id)
        new.rename(archive / batch_id)
    sync_folder(archive)
    return hashlib.sha256(text.encode()).hexdigest()


def problems_of(archive: Path, batch_id: str, archive_hash: str) -> list[str]:
    """What is wrong with a batch's archive: missing, other or additional files."""
    folder = archive / batch_id
    sums = folder / SUMS
    if not sums.is_file():
        return [f"archive/{batch_id} is missing"]
    text = content(sums)
    if hashlib.sha256(text).hexdigest() != archive_hash:
        return [f"archive/{batch_id}/{SUMS} was changed after booking"]
    lines = (line.partition("  ") for line in text.decode().splitlines())
    listed = {name: digest for digest, _, name in lines}
    found = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path != sums
    }
    return [
        *(f"archive/{batch_id}/{name} is missing" for name in sorted(listed.keys() - found.keys())),
        *(f"archive/{batch_id}/{name} was added" for name in sorted(found.keys() - listed.keys())),
        *(
            f"archive/{batch_id}/{name} was changed"
            for name in sorted(listed.keys() & found.keys())
            if sha256(found[name]) != listed[name]
        ),
    ]


def _object(objects: Path, digest: str, source: Path) -> Path:
    """The one copy of a content, read-only."""
    path = objects / digest
    if path.is_symlink() or not path.is_file() or sha256(path) != digest:
        copy_file(source, path, read_only=True)
    return path


def _link(source: Path, target: Path) -> None:
    make_folder(target.parent)
    try:
        os.link(source, target)
    except OSError:  # the file system has no hard links
        copy_file(source, target, read_only=True)


def _remove(folder: Path) -> None:
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        shutil.rmtree(folder)
