"""Whatever is changed in the file of the ledger is found, and nothing of it is a traceback."""

import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.ledger.connection import commit
from incentivectl.ledger.connection import writing as writing_to
from incentivectl.ledger.schema import TABLES
from incentivectl.ledger.writing import Remittance, Stamp, note
from incentivectl.posting.lost_batches import keep_head
from incentivectl.posting.verifying import verify_workspace
from incentivectl.run.loading import load_config
from tests.posting.booked import BOOKS, REVERSE, add, assert_whole, post, rows_of
from tests.posting.poster import WHEN
from tests.posting.test_worked_cases import MONTHLY, SALES, VOLUME
from tests.small_workspace import incentivectl, write_workspace

FLIPS = int(os.environ.get("FLIPS", "60"))  # of bytes anywhere in the file


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with four batches, one of them void, and one exported, with rows in every table."""
    root = write_workspace(
        tmp_path_factory.mktemp("tampering") / "w",
        config=BOOKS,
        programs={"volume": VOLUME, "loyal": MONTHLY},
        tables={"sales": SALES},
    )
    post(root, "2026-07")
    post(root, "2026-08")
    assert incentivectl("batch", "void", "2026-08.1", *REVERSE, "-w", root).exit_code == 0
    add(root, "sales", "R1,1,2026-08-02,P1,SKU-1,C1,-1,-500.00,S1")
    post(root, "2026-09")
    assert incentivectl("batch", "export", "2026-09.1", "-w", root).exit_code == 0
    with writing_to(root / "ledger.db", lambda _: None) as connection:
        (sent,) = connection.execute("SELECT min(payment_id) FROM payments").fetchone()
        remitted = Remittance(sent, date(2026, 10, 2), "W-9", Decimal("0.24"), 50000, 12000, 38000)
        stamp = Stamp(WHEN, "ana", "host")
        day = date(2026, 9, 30)
        note(connection, "release", "2026-09.1", day, stamp, {}, remittances=[remitted])
        commit(connection)
        keep_head(connection, root / "archive")
    with rows_of(root) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    assert_whole(root)
    return root


@pytest.fixture
def root(books: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(books, tmp_path / "w", symlinks=True))


def faults(root: Path) -> list[str]:
    """What `ledger verify` finds."""
    found = verify_workspace(load_config(root), None).faults
    return [f"{fault.where}: {fault.what}" for fault in found]


def content(ledger: Path) -> object:
    """All rows as SQLite reads them; what it says where it cannot."""
    try:
        with closing(sqlite3.connect(ledger)) as connection:
            connection.text_factory = bytes
            return [
                sorted(connection.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
                for table in TABLES
            ]
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return repr(error)


def cells_of_entries(ledger: Path) -> Iterator[int]:
    """Every byte of the entries of P1 and P2, from a little before the batch's id to the rule's hash."""
    data = ledger.read_bytes()
    with closing(sqlite3.connect(ledger)) as connection:
        rows = connection.execute(
            "SELECT batch_id, kind, program_id, period_start, period_end, payee_kind, payee_id,"
            " currency, method FROM entries"
        ).fetchall()
        hashes = [row[0] for row in connection.execute("SELECT rule_hash FROM entries")]
    for row, rule_hash in zip(rows, hashes, strict=True):
        start = data.find("".join(row).encode())
        assert start > 0, row
        end = data.find(rule_hash.encode(), start)
        yield from range(start, end + len(rule_hash))


def flipped(ledger: Path, place: int, bit: int) -> None:
    with ledger.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ (1 << bit)]))


def test_any_changed_byte_of_an_entry_is_found(root: Path) -> None:
    """Every byte of every cell, each with one bit turned; put back, the ledger is whole again."""
    ledger = root / "ledger.db"
    bits = random.Random(1)
    places = list(cells_of_entries(ledger))
    assert len(places) > 1000
    missed = []
    for place in places if FLIPS > 1000 else bits.sample(places, 150):
        bit = bits.randrange(8)
        flipped(ledger, place, bit)
        if not faults(root):
            missed.append(place)
        flipped(ledger, place, bit)
    assert missed == []
    assert_whole(root)


def test_any_changed_byte_of_the_file_that_changes_a_row_is_found(root: Path) -> None:
    """Free space may change; what is read out of the file may not. Nothing ends in an exception."""
    ledger = root / "ledger.db"
    before, size = content(ledger), ledger.stat().st_size
    turns = random.Random(FLIPS)
    missed, other = [], 0
    for _ in range(FLIPS):
        place, bit = turns.randrange(size), turns.randrange(8)
        flipped(ledger, place, bit)
        if content(ledger) != before:
            other += 1
            try:
                found = faults(root)
            except Exception as error:
                found = [] if type(error).__name__ != "Refused" else ["refused"]
            if not found:
                missed.append((place, bit))
        flipped(ledger, place, bit)
    assert missed == []
    sys.stdout.write(f"{other} of {FLIPS} flips changed what is read\n")


def test_a_cut_off_last_batch_is_found(root: Path) -> None:
    """The last records taken away: the rest is whole, but what names them is still there."""
    with rows_of(root) as connection:
        for table in TABLES:
            connection.execute(f"DROP TRIGGER {table}_no_delete")
        last = connection.execute("SELECT record FROM batches WHERE id = '2026-09.1'").fetchone()[0]
        for table in ("remittances", "rates", "payment_states"):
            connection.execute(f"DELETE FROM {table} WHERE record >= ?", (last,))
        for table in ("entries", "payments", "rules", "deliveries", "accruals"):
            connection.execute(f"DELETE FROM {table} WHERE batch_id = '2026-09.1'")
        connection.execute("DELETE FROM batches WHERE record >= ?", (last,))
        connection.execute("DELETE FROM records WHERE seq >= ?", (last,))
        restored = [
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN\n"
            "  SELECT RAISE(ABORT, 'the ledger is only ever appended to');\nEND"
            for table in TABLES
        ]
        for statement in restored:
            connection.execute(statement)
        connection.commit()
    found = faults(root)
    assert found
    assert all("archive/HEAD" in one or "missing one" in one for one in found)
    result = incentivectl("ledger", "verify", "-w", root)
    assert result.exit_code == 1
    assert "archive/HEAD" in result.stdout + result.stderr


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_update_and_delete_are_refused(root: Path, table: str, verb: str) -> None:
    with rows_of(root) as connection:
        column = connection.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchone()[0]
        statement = (
            f"UPDATE {table} SET {column} = {column}"
            if verb == "update"
            else f"DELETE FROM {table}"
        )
        with pytest.raises(sqlite3.IntegrityError, match="only ever appended"):
            connection.execute(statement)


INSERTED = {
    "entries": "INSERT INTO entries SELECT NULL, batch_id, kind, program_id, period_start, period_end,"
    " payee_kind, payee_id, currency, method, amount_minor, points, adjustment_id, rule_hash, debtor"
    " FROM entries WHERE batch_id = '2026-09.1' LIMIT 1",
    "payments": "INSERT INTO payments SELECT 'P0', batch_id, kind, payee_kind, 'P9', currency,"
    " method, amount_minor, points, NULL, NULL, NULL FROM payments LIMIT 1",
    "payment_states": "INSERT INTO payment_states SELECT NULL, record, payment_id, 'failed', reason,"
    " account_name, iban, bic FROM payment_states LIMIT 1",
    "rules": "INSERT INTO rules VALUES ('2026-09.1', 'zzz', 'x', 'rebate')",
    "deliveries": "INSERT INTO deliveries VALUES ('2026-09.1', 'zzz', '2026-07', 1)",
    "records": "INSERT INTO records SELECT (SELECT max(seq) + 1 FROM records), 'export', batch_id,"
    " effective_on, recorded_at, recorded_by, host, details, hash, 'x', version FROM records"
    " ORDER BY seq DESC LIMIT 1",
    "batches": "INSERT INTO batches SELECT 'x', (SELECT max(seq) FROM records), period, first_day,"
    " dated, NULL, archive_hash, hash, 'x' FROM batches ORDER BY record DESC LIMIT 1",
    "accruals": "INSERT INTO accruals SELECT NULL, '2026-09.1', program_id, period_start, period_end,"
    " status, currency, debtor, 1 FROM accruals LIMIT 1",
    "rates": "INSERT INTO rates SELECT record, 'CHF', home, '1.1' FROM rates LIMIT 1",
    "remittances": "INSERT INTO remittances SELECT (SELECT min(seq) FROM records), payment_id,"
    " execute_on, tax_form, withholding, gross_minor, withheld_minor, net_minor FROM remittances"
    " LIMIT 1",
}


@pytest.mark.parametrize("table", TABLES)
def test_an_inserted_row_is_found(root: Path, table: str) -> None:
    with rows_of(root) as connection:
        connection.execute(INSERTED[table])
        connection.commit()
    assert faults(root)


CHANGES = (
    "UPDATE entries SET amount_minor = amount_minor + 1 WHERE id = 1",
    "UPDATE entries SET payee_id = 'P2' WHERE id = 1",
    "UPDATE payments SET amount_minor = 1",
    "UPDATE payment_states SET state = 'failed' WHERE state = 'exported'",
    "UPDATE payment_states SET iban = 'X'",
    "UPDATE records SET recorded_by = 'bob' WHERE seq = 1",
    "UPDATE records SET details = '{}' WHERE seq = 1",
    "UPDATE records SET details = 'x' WHERE seq = 1",
    "UPDATE records SET effective_on = 'x' WHERE seq = 1",
    "UPDATE batches SET dated = '2026-07-30' WHERE id = '2026-07.1'",
    "UPDATE batches SET dated = 'x' WHERE id = '2026-07.1'",
    "UPDATE batches SET archive_hash = 'x' WHERE id = '2026-07.1'",
    "UPDATE rules SET rule_hash = 'x'",
    "UPDATE rules SET kind = 'spif'",
    "UPDATE deliveries SET lines = 0",
    "UPDATE records SET version = 1 WHERE seq = 1",
    "UPDATE records SET version = 3 WHERE seq = 1",
    "UPDATE entries SET debtor = 'Eve Ltd' WHERE id = 1",
    "UPDATE payments SET debtor_iban = 'DE89370400440532013000'",
    "UPDATE accruals SET amount_minor = amount_minor + 1",
    "DELETE FROM accruals",
    "UPDATE rates SET rate = '2'",
    "UPDATE remittances SET withheld_minor = 0, net_minor = gross_minor",
    "DELETE FROM entries WHERE id = 1",
    "DELETE FROM payment_states WHERE id = 1",
    "DELETE FROM records WHERE seq = 2",
    "DELETE FROM batches WHERE id = '2026-07.1'",
    "DELETE FROM rules WHERE batch_id = '2026-07.1'",
    "DROP INDEX entries_of_payee",
    "CREATE TRIGGER sly AFTER INSERT ON entries BEGIN SELECT 1; END",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_behind_the_triggers_is_found(root: Path, change: str) -> None:
    """The triggers are dropped for it and put back, so that only the rows can tell."""
    with rows_of(root) as connection:
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(change)
        for _, statement in triggers:
            connection.execute(statement)
        connection.commit()
    result = incentivectl("ledger", "verify", "-w", root)
    assert result.exit_code == 1, result.output
    assert "internal error" not in result.output


def test_a_dropped_trigger_is_found(root: Path) -> None:
    with rows_of(root) as connection:
        connection.execute("DROP TRIGGER entries_no_update")
        connection.commit()
    assert any("entries_no_update" in fault for fault in faults(root))


@pytest.mark.parametrize("how", ["changed", "removed", "added", "folder removed", "list removed"])
def test_a_spoilt_archive_is_found(root: Path, how: str) -> None:
    folder = root / "archive/2026-09.1"
    file = folder / "results/earnings.csv"
    if how == "changed":
        text = file.read_text()
        file.unlink()
        file.write_text(text.replace("1", "2", 1))
    elif how == "removed":
        file.unlink()
    elif how == "added":
        (folder / "results/more.csv").write_text("x")
    elif how == "folder removed":
        shutil.rmtree(folder)
    else:
        (folder / "SHA256SUMS").unlink()
    assert any("2026-09.1" in fault for fault in faults(root))
    again = incentivectl("run", "--batch", "2026-09.1", "-w", root)
    assert again.exit_code == 1
    assert "archive/2026-09.1" in again.stderr
    assert not (root / "reports/2026-09.1").exists()


def test_a_head_that_somebody_remembers(root: Path) -> None:
    newest = (root / "archive/HEAD").read_text().strip()
    assert incentivectl("ledger", "verify", "--head", newest, "-w", root).exit_code == 0
    result = incentivectl("ledger", "verify", "--head", newest[::-1], "-w", root)
    assert result.exit_code == 1


@pytest.mark.parametrize("command", [("batch", "list"), ("batch", "post", "2026-10")])
def test_what_cannot_be_read_is_a_damaged_ledger_to_every_command(
    root: Path, command: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(root / "ledger.db", isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER batches_no_update")
        connection.execute("UPDATE batches SET dated = '30.09.2026' WHERE id = '2026-09.1'")
    told = incentivectl(*command, "-w", root)
    assert told.exit_code == 3
    assert "batch 2026-09.1 was changed after it was booked" in told.stderr
