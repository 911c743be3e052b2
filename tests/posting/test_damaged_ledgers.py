"""Nothing is booked, approved or paid from a ledger that somebody has changed, nor an older HEAD kept."""

import re
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from incentivectl.ledger.connection import commit
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.records import batch, newest_hash
from incentivectl.ledger.writing import Stamp, note
from incentivectl.posting import lost_batches
from incentivectl.workspace.folders import Places
from tests.posting.booked import BOOKS, REVERSE, as_user, assert_whole, post, rows_of
from tests.posting.poster import WHEN
from tests.posting.test_crashes import go, poster
from tests.posting.test_guards import workspace
from tests.small_workspace import incentivectl

TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
CHANGES = {
    "an amount": "UPDATE payments SET amount_minor = amount_minor * 100",
    "a payee": "UPDATE payments SET payee_id = 'P9' WHERE payee_id = 'P1'",
    "an entry": "UPDATE entries SET amount_minor = amount_minor + 1",
    "an approval": "UPDATE records SET recorded_by = 'eve' WHERE kind = 'approve'",
    "a state": "UPDATE payment_states SET iban = 'BE68539007547034'",
    "a hash": "UPDATE batches SET hash = 'x' || substr(hash, 2)",
}


@pytest.fixture(scope="module")
def approved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """July is posted and approved, and August was looked at."""
    root = workspace(tmp_path_factory.mktemp("damaged"), config=BOOKS + "approvals = 1\n")
    post(root, "2026-07")
    with as_user("bob"):
        assert incentivectl("batch", "approve", "2026-07.1", "-w", root).exit_code == 0
    assert incentivectl("run", "2026-08", "-w", root).exit_code == 0
    return root


@pytest.fixture
def root(approved: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(approved, tmp_path / "w"))


def change(root: Path, statement: str) -> None:
    """Runs a statement with the triggers out of the way, and puts them back."""
    with rows_of(root) as connection:
        triggers = connection.execute(TRIGGERS).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in triggers:
            connection.execute(sql)
        connection.commit()


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize(
    "command",
    [
        ("export", "2026-07.1"),
        ("export", "2026-07.1", "--format", "csv", "-o", "out.csv"),
        ("approve", "2026-07.1"),
        ("release", "2026-07.1"),
        ("void", "2026-07.1", *REVERSE),
        ("void", "2026-07.1", "--dry-run"),
        ("post", "2026-08"),
    ],
)
def test_a_changed_row_stops_everything(
    root: Path, what: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    change(root, CHANGES[what])
    before = (root / "ledger.db").read_bytes()
    result = incentivectl("batch", *command, "-w", root)
    assert result.exit_code == 3, result.output
    assert "ledger verify" in " ".join(result.stderr.split())
    assert not (root / "payments").exists()
    assert not (root / "out.csv").exists()
    assert (root / "ledger.db").read_bytes() == before


def test_an_answer_of_the_bank_is_not_recorded(root: Path) -> None:
    assert incentivectl("batch", "export", "2026-07.1", "-w", root).exit_code == 0
    [file] = (root / "payments").glob("*.csv")
    [payment, *_] = re.findall("P[0-9A-F]{20}", file.read_text(encoding="utf-8"))
    answer = root / "answer.csv"
    answer.write_text(f"payment_id,status\n{payment},paid\n", encoding="utf-8")
    change(root, CHANGES["an amount"])
    result = incentivectl("batch", "confirm", answer, "-w", root)
    assert result.exit_code == 3, result.output


@pytest.mark.parametrize("command", [("journal", "2026-07"), ("tax", "2026")])
def test_finance_is_told_nothing_of_a_changed_ledger(root: Path, command: tuple[str, ...]) -> None:
    change(root, CHANGES["an entry"])
    result = incentivectl(*command, "-w", root)
    assert result.exit_code == 3, result.output
    assert result.stdout == ""
    assert "ledger verify" in " ".join(result.stderr.split())


def test_the_head_never_goes_back(root: Path) -> None:
    """Two commands: the second commits and writes HEAD while the first has only committed."""
    places = Places(root, root / "ledger.db", root / "archive", root / "reports", root / "payments")
    stamp = Stamp(WHEN, "bob", "host")

    def release() -> Callable[[], None]:
        """Commits a record; what is left is to keep the head."""
        with writing_to(places.ledger, lambda _: None) as connection:
            note(
                connection, "release", "2026-07.1", batch(connection, "2026-07.1").dated, stamp, {}
            )
            commit(connection)

        def keep() -> None:
            with rows_of(root) as own:
                lost_batches.keep_head(own, places.archive)

        return keep

    first, second = release(), release()
    second()
    with rows_of(root) as connection:
        newest = newest_hash(connection)
    assert (places.archive / "HEAD").read_text(encoding="ascii").strip() == newest
    first()
    assert (places.archive / "HEAD").read_text(encoding="ascii").strip() == newest
    assert_whole(root)


def test_heads_are_kept_by_many_at_once(root: Path) -> None:
    places = Places(root, root / "ledger.db", root / "archive", root / "reports", root / "payments")
    errors: list[BaseException] = []

    def keep() -> None:
        try:
            for _ in range(20):
                with rows_of(root) as connection:
                    lost_batches.keep_head(connection, places.archive)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert [path.name for path in places.archive.iterdir() if "new" in path.name] == []


def test_post_and_approve_at_once(root: Path) -> None:
    """August is posted while July is approved again: both are there, and HEAD is the newest."""
    racer = poster(root, "2026-08")
    go(racer)
    codes = []
    for user in ("carl", "dora", "emil"):
        with as_user(user):
            codes.append(incentivectl("batch", "approve", "2026-07.1", "-w", root).exit_code)
    said = racer.communicate()
    assert (racer.returncode, codes) == (0, [0, 0, 0]), said
    with rows_of(root) as connection:
        newest = newest_hash(connection)
    assert (root / "archive" / "HEAD").read_text(encoding="ascii").strip() == newest
    assert_whole(root)
