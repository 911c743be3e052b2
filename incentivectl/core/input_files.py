"""Opens every file that is read: by its name, never as a pattern, and only where it is a regular file.

A pipe or a device may never end, and what its name says is not what it holds. Frames of files are
read by `input_frames`; both together are the only places that open a file for reading.
"""

import errno
import hashlib
import io
import os
import stat
import tomllib
from pathlib import Path
from typing import Any, TextIO

from incentivectl.core.limits import GB, KB, MB, WHOLE_BYTES

Seen = tuple[int, int, int, int, int]

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class NotAFileError(OSError):
    """A folder, a pipe, a socket or a device where a file is expected."""

    strerror: str

    def __init__(self, path: Path, kind: str) -> None:
        super().__init__(errno.EINVAL, f"expected a file, found {kind}", str(path))


class FileTooLargeError(OSError):
    """A file that is larger than anything of its kind should be."""

    strerror: str

    def __init__(self, path: Path, most_bytes: int) -> None:
        super().__init__(errno.EFBIG, f"the file is larger than {size(most_bytes)}", str(path))


def opened(path: Path) -> io.BufferedReader:
    """The file, open to be read as bytes; raises OSError, also for pipes, devices and folders."""
    return io.BufferedReader(opened_raw(path))


def opened_raw(path: Path) -> io.FileIO:
    """Like `opened`, without a buffer."""
    # Opening a pipe would otherwise wait until somebody writes into it.
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        _check_regular(path, os.fstat(handle))
        return io.FileIO(handle)
    except BaseException:
        os.close(handle)
        raise


def opened_text(path: Path, encoding: str, errors: str = "strict") -> TextIO:
    """The file, open to be read as text whose line ends are left as they are; raises OSError."""
    return io.TextIOWrapper(opened(path), encoding=encoding, errors=errors, newline="")


def check_regular(path: Path) -> None:
    """Raises OSError if `path` does not exist or is not a regular file."""
    _check_regular(path, path.stat())


def _check_regular(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotAFileError(path, _KINDS.get(stat.S_IFMT(found.st_mode), "something else"))


def content(path: Path, most_bytes: int = WHOLE_BYTES) -> bytes:
    """The bytes of a file of at most `most_bytes`; raises OSError."""
    with opened(path) as file:
        found = file.read(most_bytes + 1)
    if len(found) > most_bytes:
        raise FileTooLargeError(path, most_bytes)
    return found


def check_size(path: Path, most_bytes: int) -> None:
    """Raises OSError where a file is larger."""
    if path.stat().st_size > most_bytes:
        raise FileTooLargeError(path, most_bytes)


def text(path: Path, encoding: str = "utf-8", most_bytes: int = WHOLE_BYTES) -> str:
    """The text of a file; raises OSError, and UnicodeError where it is in another encoding."""
    return content(path, most_bytes).decode(encoding)


def toml(path: Path, most_bytes: int = WHOLE_BYTES) -> dict[str, Any]:
    """What a TOML file that the tool wrote holds; raises OSError and ValueError."""
    return tomllib.loads(text(path, "utf-8-sig", most_bytes))


def toml_head(path: Path) -> dict[str, Any]:
    """The keys that such a file has before its first table; raises OSError and ValueError."""
    return tomllib.loads(text(path, "utf-8-sig").partition("\n[")[0])


def sha256(path: Path) -> str:
    """The sha256 of a file, in hex; raises OSError."""
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksum(path: Path) -> str:
    """A quick hash of a file, in hex: it tells damage, not forgery; raises OSError."""
    import xxhash

    found = xxhash.xxh3_128()
    with opened_raw(path) as file:
        while chunk := file.read(MB):
            found.update(chunk)
    return found.hexdigest()


def seen(path: Path) -> Seen:
    """What tells that a file is as it was: device, number, size, times of change."""
    return _seen(path.stat())


def seen_open(file: io.FileIO) -> Seen:
    """What `seen` says about an open file."""
    return _seen(os.fstat(file.fileno()))


def has_changed(path: Path, before: Seen) -> bool:
    """Whether a file has changed since it was seen `before`, or is gone."""
    try:
        return seen(path) != before
    except OSError:
        return True


def _seen(found: os.stat_result) -> Seen:
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def size(count: int) -> str:
    """A number of bytes as people say it: `5 MB`, `1 GB`."""
    for unit, name in ((GB, "GB"), (MB, "MB"), (KB, "KB")):
        if count >= unit and count % unit == 0:
            return f"{count // unit:,} {name}"
    return f"{count:,} bytes"
