"""What batches were computed from, read-only, equal files once (docs/rules.md, "The archive").

`archive/<batch>/` has the files under their names; each is a hard link into `archive/.objects/`, where
it is named by its hash. `SHA256SUMS` lists them, and the ledger has the hash of that list.
"""

import hashlib
import os
import shutil
import stat
from pathlib import Path

from incentivectl.input_files import content, opened, sha256

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
    objects = archive / _OBJECTS
    objects.mkdir(parents=True, exist_ok=True)
    new = archive / f".{batch_id}.new"
    _remove(new)
    sums = []
    for path in sorted(path for path in files.rglob("*") if path.is_file()):
        name = path.relative_to(files).as_posix()
        digest = sha256(path)
        sums.append(f"{digest}  {name}\n")
        _link(_object(objects, digest, path), new / name)
    text = "".join(sums)
    new.mkdir(parents=True, exist_ok=True)
    _write_synced(new / SUMS, text)
    _remove(archive / batch_id)
    new.rename(archive / batch_id)
    _sync(archive)
    return hashlib.sha256(text.encode()).hexdigest()


def problems_of(archive: Path, batch_id: str, archive_hash: str) -> list[str]:
    """What is wrong with a batch's archive: missing, other or additional files."""
    folder = archive / batch_id
    sums = folder / SUMS
    if not sums.is_file():
        return [f"archive/{batch_id} is missing"]
    text = content(sums)
    if hashlib.sha256(text).hexdigest() != archive_hash:
        return [f"archive/{batch_id}/{SUMS} is not the one that was booked"]
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
    if not path.exists():
        new = objects / f".{digest}.new"
        shutil.copyfile(source, new)
        with opened(new) as file:
            os.fsync(file.fileno())
        new.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
        new.replace(path)
    return path


def _link(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:  # the file system has no hard links
        shutil.copyfile(source, target)
        target.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)


def _write_synced(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _sync(folder: Path) -> None:
    """The folder's own entries reach the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
