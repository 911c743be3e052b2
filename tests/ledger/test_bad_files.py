"""Ledgers that cannot be used: a clear message, the documented exit code, and nothing half done."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.posting.booked import BOOKS, REVERSE, add, assert_whole, batch_ids, post, rows_of
from tests.posting.test_worked_cases import MONTHLY, SALES
from tests.small_workspace import incentivectl, write_workspace

READERS = (
    ("run", "2026-08"),
    ("batch", "list"),
    ("batch", "show", "2026-07.1"),
    ("ledger", "balance"),
    ("ledger", "export"),
)
WRITERS = (
    ("batch", "post", "2026-08"),
    ("batch", "void", "2026-07.1", *REVERSE),
    ("batch", "export", "2026-07.1"),
)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """July is booked, and August was looked at."""
    root = write_workspace(
        tmp_path_factory.mktemp("bad") / "w",
        config=BOOKS,
        programs={"loyal": MONTHLY},
        tables={"sales": SALES},
    )
    post(root, "2026-07")
    assert incentivectl("run", "2026-08", "-w", root).exit_code == 0
    with rows_of(root) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    return root


@pytest.fixture
def root(books: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(books, tmp_path / "w"))


def everything(root: Path) -> dict[str, bytes]:
    """All files of a workspace but those of runs, and what SQLite keeps beside the ledger."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
        and "reports" not in path.parts
        and not path.name.endswith(("-shm", "-wal"))
    }


def newer(ledger: Path) -> None:
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("PRAGMA user_version = 99")


def text(ledger: Path) -> None:
    ledger.write_text("batch,amount\n" + "2026-07.1,120\n" * 100)


def cut_in_half(ledger: Path) -> None:
    data = ledger.read_bytes()
    ledger.write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize("command", [*READERS, *WRITERS, ("ledger", "verify")], ids=" ".join)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [(newer, "newer incentivectl"), (text, "not a ledger"), (cut_in_half, "damaged")],
    ids=["newer", "text", "cut"],
)
def test_a_file_that_is_no_ledger_of_ours(
    root: Path, spoil: Callable[[Path], None], said: str, command: tuple[str, ...]
) -> None:
    spoil(root / "ledger.db")
    before = everything(root)
    result = incentivectl(*command, "-w", root)
    told = " ".join((result.stderr + result.stdout).split())
    assert said in told
    assert result.exit_code == 3, told
    assert everything(root) == before


def test_another_program_s_database(root: Path) -> None:
    """A database of something else, with no version of ours, is left alone."""
    (root / "ledger.db").unlink()
    with closing(sqlite3.connect(root / "ledger.db")) as connection:
        connection.execute("CREATE TABLE entries (x)")
        connection.commit()
    before = everything(root)
    for command in WRITERS:
        result = incentivectl(*command, "-w", root)
        assert result.exit_code in (3, 5), result.output
        assert "internal error" not in result.stderr
    with closing(sqlite3.connect(root / "ledger.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("entries",)]
    assert everything(root).keys() == before.keys()


@pytest.mark.parametrize("kind", ["named pipe", "folder", "device", "link to nowhere"])
@pytest.mark.parametrize(
    "command", [("run", "2026-09"), ("batch", "post", "2026-09"), ("batch", "list")]
)
def test_what_is_no_file_is_not_a_ledger_that_has_not_begun(
    tmp_path: Path, kind: str, command: tuple[str, ...]
) -> None:
    """Booking anew what a ledger on a disk that is not connected has paid would pay it twice."""
    root = write_workspace(tmp_path / "w", config=BOOKS)
    ledger = root / "ledger.db"
    if kind == "named pipe":
        os.mkfifo(ledger)
    elif kind == "folder":
        ledger.mkdir()
    else:
        ledger.symlink_to("/dev/null" if kind == "device" else "share/ledger.db")
    result = incentivectl(*command, "-w", root)
    assert result.exit_code == 3
    expected = "a link to a file that is not there" if "link" in kind else f"found a {kind}"
    assert expected in result.stderr


def test_an_empty_file_is_a_ledger_that_has_not_begun(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", config=BOOKS)
    (root / "ledger.db").touch()
    assert incentivectl("batch", "list", "-w", root).exit_code == 0
    assert incentivectl("ledger", "balance", "-w", root).exit_code == 0
    assert post(root, "2026-09") == "2026-09.1"
    assert_whole(root)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("command", WRITERS, ids=" ".join)
def test_a_read_only_ledger(root: Path, command: tuple[str, ...]) -> None:
    (root / "ledger.db").chmod(0o444)
    root.chmod(0o555)
    try:
        result = incentivectl(*command, "-w", root)
        assert result.exit_code == 3
        assert "cannot be written to" in result.stderr
        assert incentivectl("batch", "list", "-w", root).exit_code == 0
    finally:
        root.chmod(0o755)


def limited(root: Path, size: int, *command: str) -> subprocess.CompletedProcess[str]:
    """A command that may write no file of more than `size` bytes: as if the disk were full there."""

    def full_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return subprocess.run(
        [sys.executable, "-m", "incentivectl", *command, "-w", str(root)],
        capture_output=True,
        text=True,
        preexec_fn=full_disk,
        env={**os.environ, "TMPDIR": str(root.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )


@pytest.mark.parametrize("size", [0, 1_000, 8_000, 40_000, 60_000])
def test_a_disk_that_is_full(root: Path, size: int) -> None:
    """Wherever it happens: nothing is booked, or all of it; and with room the same command goes on."""
    add(
        root,
        "sales",
        *(f"L{n},1,2026-08-{n % 28 + 1:02},P{n % 2 + 1},A,C,1,{n}," for n in range(600)),
    )
    assert incentivectl("run", "2026-08", "-w", root).exit_code == 0
    result = limited(root, size, "batch", "post", "2026-08")
    assert "Traceback" not in result.stderr
    assert "internal error" not in result.stderr
    assert result.returncode == 3, (result.returncode, result.stderr)
    assert "full" in result.stderr or "too large" in result.stderr, result.stderr
    assert batch_ids(root) == ["2026-07.1"]
    assert_whole(root)
    assert post(root, "2026-08") == "2026-08.1"
    assert_whole(root)
    assert incentivectl("run", "--batch", "2026-08.1", "-w", root).exit_code == 0
