"""Opening the ledger, and what SQLite refuses in plain words.

A command that writes holds the write lock from before it computes until it commits: of two at once the
second waits, and then sees what the first one booked. Readers never wait (write-ahead log).
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import NotAFileError, check_regular
from incentivectl.core.output_files import create_file, make_folder, tighten
from incentivectl.ledger.committed import note_commit
from incentivectl.ledger.schema import VERSION, migrate, version_of

WAIT_SECONDS = 60
CACHE_KILOBYTES = 128 << 10  # the ids of payments come in no order, so that their index is all over
PAUSE_SECONDS = 0.05
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")  # and what SQLite calls them in detail


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that cannot write, for the time of one consistent view; None without a ledger."""
    _check_file(path)
    if not path.exists() or path.stat().st_size == 0:
        yield None
        return
    with _plain_words(path):
        connection = _read_only(path)
        try:
            _check_version(connection, path)
            if 0 < version_of(connection) < VERSION:
                connection = _as_migrated(connection)
            # A file that a post made and then refused to fill has no tables.
            yield connection if version_of(connection) else None
        finally:
            connection.close()


def _as_migrated(connection: sqlite3.Connection) -> sqlite3.Connection:
    """A copy with the newest tables: a reader leaves the file as it is."""
    with closing(connection):
        copy = sqlite3.connect(
            "", isolation_level=None
        )  # SQLite keeps it, and deletes it at the end
        try:
            connection.backup(copy)
            migrate(copy)
        except BaseException:
            copy.close()
            raise
    return copy


def _read_only(path: Path) -> sqlite3.Connection:
    connection = _connect(path, "mode=ro")
    try:
        _patiently(path, lambda: _look(connection), lambda _: None)
    except sqlite3.OperationalError as error:
        connection.close()
        if _name(error) not in ("SQLITE_CANTOPEN", "SQLITE_READONLY_DIRECTORY"):
            raise
        # A folder that cannot be written to has no place for the shared index of the log.
        connection = _connect(path, "mode=ro&immutable=1")
        _look(connection)
    return connection


def _look(connection: sqlite3.Connection) -> None:
    """Begins one consistent view."""
    connection.execute("BEGIN")
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.execute("ROLLBACK")
        raise


@contextmanager
def writing(
    path: Path, waiting: Callable[[str], None], *, create: bool = False
) -> Iterator[sqlite3.Connection]:
    """A connection that holds the write lock; `commit` ends it, leaving otherwise undoes everything.

    `waiting` is told when another command holds the lock. Refuses when that takes over a minute, when
    there is no ledger and `create` is not given, and whatever else SQLite cannot do.
    """
    _check_file(path)
    if not create and not path.exists():
        raise no_ledger(path)
    with _plain_words(path):
        if create:
            _make(path)
        tighten(path)
        connection = _connect(path, "mode=rwc" if create else "mode=rw")
        try:
            _patiently(path, lambda: _begin(connection, path), waiting)
            connection.execute(f"PRAGMA cache_size = -{CACHE_KILOBYTES}")
            migrate(connection)
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.close()


def _check_file(path: Path) -> None:
    """Refuses a path where no ledger can begin: a link to nowhere, a pipe, a folder."""
    if not path.exists():
        if path.is_symlink():
            message = "it is a link to a file that is not there"
            hint = "connect the disk that holds it: without it, payments could go out twice"
            raise _refusal("cannot-open-ledger", message, hint, path)
        return
    try:
        check_regular(path)
    except NotAFileError as error:
        hint = "put the ledger there, or correct `ledger` in the config"
        raise _refusal("cannot-open-ledger", error.strerror, hint, path) from None


def _make(path: Path) -> None:
    """An empty file that is its owner's only: what SQLite keeps beside it takes its permissions."""
    make_folder(path.parent)
    with suppress(FileExistsError):
        create_file(path)


def commit(connection: sqlite3.Connection) -> None:
    """Ends the transaction: from here on the change is there as a whole, whatever happens."""
    connection.execute("COMMIT")
    note_commit()


def _connect(path: Path, options: str) -> sqlite3.Connection:
    quoted = str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    connection = sqlite3.connect(
        f"file:{quoted}?{options}", uri=True, isolation_level=None, timeout=0
    )
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _patiently(path: Path, step: Callable[[], None], waiting: Callable[[str], None]) -> None:
    """Tries a step until nobody is in its way, for a minute.

    SQLite's own timeout is not enough: where two change a new file to a write-ahead log at once, or
    one recovers it after a crash, it refuses without waiting.
    """
    deadline, told = time.monotonic() + WAIT_SECONDS, False
    while True:
        try:
            step()
        except sqlite3.OperationalError as error:
            if not _name(error).startswith(BUSY) or time.monotonic() > deadline:
                raise
        except UnicodeDecodeError:  # SQLite's own message, out of a damaged file
            raise _refusal(*_REASONS["SQLITE_CORRUPT"], path) from None
        else:
            return
        if not told:
            waiting("waiting for another command that is writing to the ledger")
            told = True
        time.sleep(PAUSE_SECONDS)


def _begin(connection: sqlite3.Connection, path: Path) -> None:
    _check_version(
        connection, path
    )  # before the first byte is written, and once nobody else writes
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("BEGIN IMMEDIATE")
    _check_version(connection, path)


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    version = version_of(connection)
    if version > VERSION:
        raise _refusal(
            "newer-ledger",
            f"a newer incentivectl wrote it (schema version {version}; this one reads {VERSION})",
            "update incentivectl; nothing was read or written",
            path,
        )


@contextmanager
def _plain_words(path: Path) -> Iterator[None]:
    """SQLite's errors as problems."""
    try:
        yield
    except sqlite3.Error as error:
        name, text = _name(error), str(error)
        for known, (code, message, hint) in _REASONS.items():
            if name.startswith(known):
                raise _refusal(code, message, hint, path) from None
        if isinstance(error, sqlite3.OperationalError):
            raise _refusal(
                "cannot-use-ledger", text, "check that the file is a complete ledger", path
            ) from None
        raise


_NOTHING_DONE = "nothing was booked"
_REASONS = {
    "SQLITE_BUSY": (
        "ledger-in-use",
        f"another command has been writing to it for over {WAIT_SECONDS} seconds",
        f"try again once it has finished; {_NOTHING_DONE}",
    ),
    "SQLITE_LOCKED": ("ledger-in-use", "another command is writing to it", _NOTHING_DONE),
    "SQLITE_READONLY": (
        "read-only-ledger",
        "the ledger is read-only",
        f"make it and its folder writable; {_NOTHING_DONE}",
    ),
    "SQLITE_FULL": ("disk-full", "the disk is full", f"make room and try again; {_NOTHING_DONE}"),
    "SQLITE_IOERR": (
        "disk-error",
        "reading or writing it failed (disk error)",
        f"check the disk; {_NOTHING_DONE}",
    ),
    "SQLITE_NOTADB": (
        "damaged-ledger",
        "the file is damaged, or not a ledger",
        "restore the newest backup and check it with `ledger verify`",
    ),
    "SQLITE_CORRUPT": (
        "damaged-ledger",
        "the file is damaged",
        "restore the newest backup and check it with `ledger verify`",
    ),
    "SQLITE_CANTOPEN": (
        "cannot-open-ledger",
        "it cannot be opened",
        "check the path and the permissions of its folder",
    ),
}


def no_ledger(path: Path) -> Refused:
    """The refusal where a command needs a ledger and nothing was posted yet."""
    hint = "`batch post PERIOD` books the first batch"
    return _refusal("no-ledger", "there is no ledger yet", hint, path)


def _name(error: sqlite3.Error) -> str:
    return getattr(error, "sqlite_errorname", "") or ""


def _refusal(code: str, message: str, hint: str, path: Path) -> Refused:
    return Refused([Problem(code, message, hint, file=path)], ExitCode.CONFIG)
