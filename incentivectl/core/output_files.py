"""The one place where result files are written.

A file is written beside its place under a name of its own, reaches the disk and is then renamed, so that
it is there as a whole or not at all, and never written through a link. Its owner alone may read it; in a
folder that a group shares (`chmod g+s`) the group may, too (docs/operation.md, 35.10).
"""

import errno
import fcntl
import io
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from incentivectl.core.input_files import opened
from incentivectl.core.scratch import UNFINISHED, held, hold, sweep, unfinished, unfinished_name

_SQLITE = b"SQLite format 3\0"
_SHARED = stat.S_ISGID | stat.S_IWGRP  # a folder whose files are its group's
_swept: set[Path] = set()


@contextmanager
def output_file(path: Path, *, read_only: bool = False, sync: bool = True) -> Iterator[BinaryIO]:
    """A binary file to write; it takes the place of `path` once the block ends without an error.

    A link at `path` is replaced, not followed. With `read_only` nobody may write to the file later.
    Unless told to `sync`, it reaches the disk later: who writes very many waits for all of them at once.
    """
    make_folder(path.parent)
    _sweep_once(path.parent)
    new = path.with_name(unfinished_name())
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with unfinished(new), os.fdopen(handle, "wb") as file:
        hold(handle)
        yield file
        file.flush()
        _set_mode(handle, (0o440 if read_only else 0o660) & _access(path.parent))
        if sync:
            os.fsync(handle)
        new.replace(path)


@contextmanager
def output_text(path: Path, encoding: str) -> Iterator[TextIO]:
    """As `output_file`, for texts; line ends are written as they are given."""
    with output_file(path) as file:
        text = io.TextIOWrapper(file, encoding=encoding, newline="")
        try:
            yield text
        finally:
            text.detach()


def write_file(
    path: Path, content: str | bytes, *, read_only: bool = False, sync: bool = True
) -> None:
    """Writes a whole file: see `output_file`. Texts are UTF-8."""
    with output_file(path, read_only=read_only, sync=sync) as file:
        file.write(content.encode() if isinstance(content, str) else content)


class NotAResultError(OSError):
    """A ledger, a config or a program where a result should be written."""

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(errno.EEXIST, f"{kind} is never replaced by a result", str(path))


def check_named_file(path: Path) -> None:
    """Raises OSError where a user named a file (`-o`) that no result may replace.

    That is a folder, a ledger or another SQLite database, and a TOML file.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "this is a folder; name a file in it", str(path))
    if not path.is_file():
        return
    if path.suffix == ".toml":
        raise NotAResultError(path, "a config or a program")
    with opened(path) as file:
        if file.read(len(_SQLITE)) == _SQLITE:
            raise NotAResultError(path, "a ledger")


def write_named_file(path: Path, content: str | bytes) -> None:
    """Writes the file that a user named (`-o`); a device or a pipe is written into.

    A link to such a thing counts as the thing itself. Every other file is replaced, unless
    `check_named_file` refuses it.
    """
    check_named_file(path)
    try:
        is_special = not stat.S_ISREG(mode := path.stat().st_mode) and not stat.S_ISDIR(mode)
    except OSError:  # nothing there yet, or a link to nowhere
        is_special = False
    if not is_special:
        write_file(path, content)
        return
    with os.fdopen(os.open(path, os.O_WRONLY), "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)


def copy_file(source: Path, target: Path, *, read_only: bool = False) -> None:
    """Copies what `source` holds."""
    with opened(source) as content, output_file(target, read_only=read_only) as file:
        shutil.copyfileobj(content, file)


def create_file(path: Path) -> None:
    """An empty file that is then written in place; `FileExistsError` where there is one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _set_mode(handle, 0o660 & _access(path.parent))
    finally:
        os.close(handle)


def tighten(path: Path) -> None:
    """Takes from others what they may do with a file of this user, as if it had just been created."""
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode) & 0o660 & _access(path.parent)
    if found.st_uid == os.getuid() and mode != stat.S_IMODE(found.st_mode):
        with suppress(PermissionError):  # a file system that has no permissions
            path.chmod(mode)


def make_folder(folder: Path) -> Path:
    """Makes a folder and those above it that are missing, for their owner only."""
    if not folder.is_dir():
        make_folder(folder.parent)
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            if (access := 0o2770 & _access(folder.parent)) != 0o700:
                folder.chmod(access)
        if not folder.is_dir():  # a file, or a link to nowhere
            raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(folder))
    return folder


@contextmanager
def new_folder(parent: Path) -> Iterator[Path]:
    """A folder in `parent` under a name of its own; it is gone in the end."""
    make_folder(parent)
    _sweep_once(parent)
    folder = parent / unfinished_name()
    folder.mkdir(mode=0o700)
    with unfinished(folder), held(folder):
        yield folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the lock of a folder; of two at once the second waits."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """The folder's own entries reach the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _access(folder: Path) -> int:
    """The bits that files in a folder may have: its owner's, and a group's that shares the folder."""
    mode = folder.stat().st_mode
    return 0o2770 if mode & _SHARED == _SHARED else 0o700


def _set_mode(handle: int, mode: int) -> None:
    if stat.S_IMODE(os.fstat(handle).st_mode) != mode:
        with suppress(PermissionError):  # a file system that has no permissions
            os.fchmod(handle, mode)


def _sweep_once(folder: Path) -> None:
    """Removes what killed commands have left in a folder, once in a process."""
    if folder not in _swept:
        _swept.add(folder)
        sweep(folder, UNFINISHED)
