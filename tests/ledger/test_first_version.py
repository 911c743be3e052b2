"""A ledger that the first version of the schema made opens, migrates, verifies and goes on.

The file is made here by the first migration and the first version's hashes alone, as SHA-256 of JSON rows.
"""

import json
import shutil
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from incentivectl.ledger import schema
from incentivectl.ledger.connection import reading
from incentivectl.ledger.verify import verify
from tests.posting.booked import (
    BOOKS,
    NO_SALES,
    REVERSE,
    assert_whole,
    batch_ids,
    post,
    rows_of,
)
from tests.posting.test_worked_cases import MONTHLY, SALES, VOLUME
from tests.small_workspace import incentivectl, write_workspace

FIRST_TABLES = (
    "records", "batches", "entries", "payments", "payment_states", "rules", "deliveries",
)  # fmt: skip


def hashed(*lists: list[tuple[object, ...]]) -> str:
    """The first version's hash: JSON rows, each ending in a line feed; an empty line after each list."""
    first, *others = lists
    text = [json.dumps(list(row), ensure_ascii=False, separators=(",", ":")) for row in first]
    for rows in others:
        text += [json.dumps(list(row), ensure_ascii=False, separators=(",", ":")) for row in rows]
        text.append("")
    return sha256("".join(f"{line}\n" for line in text).encode()).hexdigest()


def as_first_version(root: Path) -> None:
    """Writes the ledger anew as the first version would have: its tables, rows, hashes and payment ids."""
    newer = root / "ledger.db"
    rows = {}
    with closing(sqlite3.connect(newer)) as connection:
        for table in FIRST_TABLES:
            columns = [
                name
                for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")
                if name not in ("version", "debtor", "debtor_name", "debtor_iban", "debtor_bic")
                and (table, name) != ("rules", "kind")
            ]
            query = f"SELECT {', '.join(columns)} FROM {table} ORDER BY rowid"
            rows[table] = [
                dict(zip(columns, row, strict=True)) for row in connection.execute(query)
            ]
    newer.unlink()
    before, renamed = "0" * 64, {}
    for batch in rows["batches"]:
        batch["previous_hash"] = before
        name = batch["id"]
        paid = [one for one in rows["payments"] if one["batch_id"] == name]
        batch["hash"] = before = hashed(
            [tuple(batch[key] for key in (
                "id", "period", "first_day", "dated", "reverses", "archive_hash", "previous_hash",
            ))],
            *(
                [tuple(one.values()) for one in rows[table] if one["batch_id"] == name]
                for table in ("entries", "rules", "deliveries")
            ),
            [
                tuple(one[key] for key in (
                    "kind", "payee_kind", "payee_id", "currency", "method", "amount_minor", "points",
                ))
                for one in paid
            ],
        )  # fmt: skip
        for one in paid:
            key = [one[name] for name in ("kind", "payee_kind", "payee_id", "currency", "method")]
            text = json.dumps([before, *key], separators=(",", ":")) + "\n"
            renamed[one["payment_id"]] = "P" + sha256(text.encode()).hexdigest()[:20].upper()
    for one in (*rows["payments"], *rows["payment_states"]):
        one["payment_id"] = renamed[one["payment_id"]]
    hashes = {batch["record"]: batch["hash"] for batch in rows["batches"]}
    before = "0" * 64
    for record in rows["records"]:
        record["previous_hash"] = before
        states = [
            tuple(one.values()) for one in rows["payment_states"] if one["record"] == record["seq"]
        ]
        header = tuple(value for key, value in record.items() if key != "hash")
        record["hash"] = before = hashed([(*header, hashes.get(record["seq"]))], states)
    with closing(sqlite3.connect(newer)) as connection:
        connection.executescript(schema.MIGRATIONS[0] + "PRAGMA user_version = 1;")
        for table in FIRST_TABLES:
            places = ", ".join(f":{name}" for name in rows[table][0])
            names = ", ".join(rows[table][0])
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows[table])
        connection.commit()
    (root / "archive/HEAD").write_text(f"{before}\n")
    shutil.rmtree(root / "reports")  # their manifests name batches by the hashes that they had


@pytest.fixture(scope="module")
def made_earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """July and August posted and July exported, all by the first version."""
    root = write_workspace(
        tmp_path_factory.mktemp("first") / "w",
        config=BOOKS,
        programs={"volume": VOLUME, "loyal": MONTHLY},
        tables={"sales": SALES},
    )
    post(root, "2026-07")
    post(root, "2026-08")
    assert incentivectl("batch", "export", "2026-07.1", "-w", root).exit_code == 0
    shutil.rmtree(root / "payments")  # the file names the newest hash that there was
    as_first_version(root)
    return root


@pytest.fixture
def root(made_earlier: Path, tmp_path: Path) -> Path:
    """A copy that a test may write to."""
    return Path(shutil.copytree(made_earlier, tmp_path / "w", symlinks=True))


def stated(root: Path) -> list[object]:
    """The hashes and payment ids in the file."""
    with rows_of(root) as connection:
        return [
            connection.execute(query).fetchall()
            for query in (
                "SELECT hash FROM batches WHERE record <= 3 ORDER BY record",
                "SELECT hash FROM records WHERE seq <= 3 ORDER BY seq",
                "SELECT payment_id FROM payments WHERE batch_id < '2026-09' ORDER BY 1",
            )
        ]


def version(root: Path) -> int:
    with rows_of(root) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_who_only_looks_leaves_the_file_as_it_is(root: Path) -> None:
    before = (root / "ledger.db").read_bytes()
    for command in (("ledger", "verify"), ("ledger", "balance"), ("batch", "show", "2026-07.1")):
        result = incentivectl(*command, "-w", root)
        assert result.exit_code == 0, result.output
    assert (root / "ledger.db").read_bytes() == before
    assert version(root) == 1


def test_its_batches_have_statements(root: Path) -> None:
    """The same before and after the file is migrated, the void of one of them included."""

    def told(batch: str) -> str:
        result = incentivectl("statement", "--batch", batch, "P1", "-w", root, "--format", "json")
        assert result.exit_code == 0, result.output
        return str(result.stdout)

    before = told("2026-08.1")
    assert '"number": "2026-08.1/P1"' in before
    assert version(root) == 1
    void = ("batch", "void", "2026-07.1", "--keep-payments", *REVERSE)
    assert incentivectl(*void, "-w", root).exit_code == 0
    assert version(root) == schema.VERSION
    assert told("2026-08.1") == before
    assert '"reverses": "2026-07.1/P1"' in told("2026-07.2")


def test_it_migrates_with_the_first_batch_and_goes_on(root: Path) -> None:
    before = stated(root)
    assert post(root, "2026-09", *NO_SALES) == "2026-09.1"
    assert version(root) == schema.VERSION
    assert stated(root) == before
    assert_whole(root)
    with rows_of(root) as connection:
        versions = connection.execute("SELECT version FROM records ORDER BY seq").fetchall()
        objects = schema.objects_of(connection)
    assert versions == [(1,), (1,), (1,), (2,)]
    assert objects == schema.expected_objects()
    again = incentivectl("run", "--batch", "2026-09.1", "-w", root)
    assert "byte-identical" in again.output, again.output


def test_a_command_that_refuses_leaves_the_first_version(root: Path) -> None:
    refused = incentivectl("batch", "void", "2026-07.1", "--yes", "--reason", "x", "-w", root)
    assert refused.exit_code == 5
    assert version(root) == 1
    assert batch_ids(root) == ["2026-07.1", "2026-08.1"]


ADDED = (
    "UPDATE entries SET amount_minor = amount_minor + 1 WHERE id = 1",
    "UPDATE entries SET debtor = 'Eve Ltd' WHERE batch_id = '2026-07.1'",
    "UPDATE payments SET debtor_name = 'Eve Ltd' WHERE batch_id = '2026-07.1'",
    "UPDATE rules SET kind = 'spif' WHERE batch_id = '2026-07.1'",
    "UPDATE records SET version = 2 WHERE seq = 1",
    "INSERT INTO rates VALUES (1, 'EUR', 'USD', '1.1')",
    "INSERT INTO accruals SELECT NULL, batch_id, program_id, period_start, period_end, 'held',"
    " currency, NULL, 1 FROM entries WHERE batch_id = '2026-07.1'",
    "INSERT INTO remittances SELECT 1, payment_id, '2026-08-01', NULL, '0', 1, 0, 1 FROM payments"
    " WHERE batch_id = '2026-07.1'",
)


@pytest.mark.parametrize("change", ADDED)
def test_what_is_changed_in_the_migrated_part_is_found(root: Path, change: str) -> None:
    """Also in columns and tables that the first version's hashes do not know."""
    with rows_of(root) as connection:
        connection.isolation_level = None
        schema.migrate(connection)
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        with reading(root / "ledger.db") as ledger:
            assert ledger is not None
            faults = verify(ledger).faults
            assert {fault.what for fault in faults} == {"is missing"}, faults  # the triggers
        assert connection.execute(change).rowcount > 0
        for _, sql in triggers:
            connection.execute(sql)
    with reading(root / "ledger.db") as ledger:
        assert ledger is not None
        assert verify(ledger).faults
