"""What a ledger holds, read with plain SQL, and the commands that books are kept with."""

import pwd
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.core import money
from incentivectl.engine.engine import settle
from incentivectl.posting.explaining import Explained, explained_batch
from incentivectl.posting.verifying import verify_workspace
from incentivectl.run.loading import load_config
from tests.small_workspace import CONFIG, incentivectl, read_csv

PAYOUT = (
    '\n[payout]\nclawback_guard = "100%"\nsurge_guard = 1_000\n'  # guards have tests of their own
)
BOOKS = CONFIG + '\n[settlement]\nfirst_period = "2026-07"\n' + PAYOUT
REVERSE = ("--yes", "--reason", "a test")
NO_SALES = ("--allow", "missing-lines:sales")  # for a month without any
GOES_OUT = ("reserved", "released", "exported", "paid")


@contextmanager
def as_user(name: str) -> Iterator[None]:
    """Commands run as another user of the system, whatever the environment says."""
    account = ("", "", 4711, 4711, "", "", "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.getuid", lambda: 4711)
        patch.setattr("pwd.getpwuid", lambda _: pwd.struct_passwd((name, *account[1:])))
        yield


def post(root: Path, period: str, *options: str) -> str | None:
    """`run` and `batch post`: the new batch's id, or None where nothing was left to book."""
    known = set(batch_ids(root))
    reopen = [word for word in options if word.startswith("--reopen")]
    run = incentivectl("run", period, "-w", root, "--no-changes", *reopen)
    assert run.exit_code == 0, run.output
    result = incentivectl("batch", "post", period, "-w", root, *options)
    assert result.exit_code == 0, result.output
    new = [name for name in batch_ids(root) if name not in known]
    assert len(new) <= 1
    assert (f"batch {new[0]} is booked" if new else "nothing left to book") in result.output
    return new[0] if new else None


@contextmanager
def rows_of(root: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the ledger for plain queries."""
    with closing(sqlite3.connect(root / "ledger.db")) as connection:
        yield connection


def asked(root: Path, query: str, *values: object) -> list[tuple[object, ...]]:
    """The rows of a query; none where there is no ledger, or nothing in it."""
    if not (root / "ledger.db").exists():
        return []
    with rows_of(root) as connection:
        if connection.execute("PRAGMA user_version").fetchone()[0] == 0:
            return []
        return list(connection.execute(query, values))


def batch_ids(root: Path) -> list[str]:
    """All batches, in the order in which they were booked."""
    return [str(row[0]) for row in asked(root, "SELECT id FROM batches ORDER BY record")]


def entries(root: Path, batch: str) -> list[str]:
    """The entries of a batch in their order: `earning volume P1 832 USD`."""
    rows = asked(
        root,
        "SELECT kind, coalesce(program_id, adjustment_id), payee_id, amount_minor, currency"
        " FROM entries WHERE batch_id = ? ORDER BY id",
        batch,
    )
    return [
        f"{kind} {what} {payee} {amount_of(units, currency)} {currency}"
        for kind, what, payee, units, currency in rows
    ]


def payments(root: Path, batch: str) -> list[str]:
    """The payments of a batch by payee, with the state that they are in: `P1 832 USD reserved`."""
    rows = asked(
        root,
        "SELECT payee_id, amount_minor, currency,"
        " (SELECT state FROM payment_states s WHERE s.payment_id = p.payment_id"
        "  ORDER BY s.id DESC LIMIT 1) FROM payments p WHERE batch_id = ?"
        " ORDER BY payee_id, currency, method",
        batch,
    )
    return [
        f"{payee} {amount_of(units, currency)} {currency} {state}"
        for payee, units, currency, state in rows
    ]


def accruals(root: Path, batch: str) -> list[str]:
    """What a batch recorded as unbooked: `volume 2026-07-01 accruing 300 USD`."""
    rows = asked(
        root,
        "SELECT program_id, period_start, status, amount_minor, currency FROM accruals"
        " WHERE batch_id = ? ORDER BY id",
        batch,
    )
    return [
        f"{program} {start} {status} {amount_of(units, currency)} {currency}"
        for program, start, status, units, currency in rows
    ]


def amount_of(units: object, currency: object) -> str:
    """Minor units as an amount without trailing zeros."""
    return money.plain(money.from_minor(int(str(units)), str(currency)))


def booked(root: Path) -> dict[tuple[str, str, str, str], Decimal]:
    """The sum of all entries that belong to programs: (program, first day, payee, currency)."""
    found: dict[tuple[str, str, str, str], Decimal] = {}
    for program, start, payee, currency, units in asked(
        root,
        "SELECT program_id, period_start, payee_id, currency, sum(amount_minor) FROM entries"
        " WHERE adjustment_id IS NULL GROUP BY 1, 2, 3, 4",
    ):
        key = (str(program), str(start), str(payee), str(currency))
        found[key] = money.from_minor(int(str(units)), str(currency))
    return {key: amount for key, amount in found.items() if amount}


def balances(root: Path) -> dict[tuple[str, str, str], Decimal]:
    """Entries - payments that have not failed, by payee, currency and method; those that are not 0."""
    found: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    moved = asked(root, "SELECT payee_id, currency, method, amount_minor FROM entries")
    paid = asked(
        root,
        "SELECT payee_id, currency, method, -amount_minor FROM payments p WHERE"
        " (SELECT state FROM payment_states s WHERE s.payment_id = p.payment_id"
        "  ORDER BY s.id DESC LIMIT 1) IN (?, ?, ?, ?)",
        *GOES_OUT,
    )
    for payee, currency, method, units in (*moved, *paid):
        amount = money.from_minor(int(str(units)), str(currency))
        found[(str(payee), str(currency), str(method))] += amount
    return {key: amount for key, amount in found.items() if amount}


def earned(root: Path, period: str) -> dict[tuple[str, str, str], dict[str, str]]:
    """The rows of earnings.csv by program, first day and payee."""
    rows = read_csv(root / "reports" / period / "earnings.csv")
    return {(row["program_id"], row["period_start"], row["payee_id"]): row for row in rows}


def assert_whole(root: Path) -> None:
    """`ledger verify` finds nothing: not in the ledger, nor the archive, nor in what names batches."""
    assert verify_workspace(load_config(root), None).faults == ()


def assert_computed_again(root: Path) -> None:
    """`run --batch ID` gives the same bytes for every batch that is no void."""
    for name, reverses in asked(root, "SELECT id, reverses FROM batches ORDER BY record"):
        if reverses is None:
            again = incentivectl("run", "--batch", str(name), "-w", root)
            assert again.exit_code == 0, again.output
            assert "byte-identical" in again.output


def assert_explained(root: Path, batch: str) -> Explained:
    """The causes of a batch add up to its entries, and all of them together are what it was made from."""
    told = explained_batch(root, batch, lambda _: None)
    assert told.unexplained.is_empty(), told.unexplained
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in told.caused.iter_rows(named=True):
        sums[str(row["program_id"]), row["currency"]] += row["amount"]
    query = "SELECT program_id, currency, amount_minor FROM entries WHERE batch_id = ?"
    for program, currency, units in asked(root, query, batch):
        sums[str(program), str(currency)] -= money.from_minor(int(str(units)), str(currency))
    assert not any(sums.values()), (batch, sums)
    if (states := told.states) is not None:
        mixed = states.mixture(states.present)
        sides = [
            settle(one.loaded.programs, one.channel, audit=False) for one in (mixed, states.now)
        ]
        for one, other in zip(*sides, strict=True):
            assert one.earnings.equals(other.earnings), (batch, one.case.program.id)
    return told


def assert_nothing_booked(root: Path) -> None:
    """No batch, nothing in the archive, no head."""
    assert batch_ids(root) == []
    assert not (root / "archive").exists()


def write(root: Path, table: str, text: str) -> None:
    """Replaces a table of the workspace."""
    (root / "sample_data" / f"{table}.csv").write_text(text, encoding="utf-8")


def add(root: Path, table: str, *lines: str) -> None:
    """Appends rows to a table of the workspace."""
    path = root / "sample_data" / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + "".join(f"{line}\n" for line in lines), encoding="utf-8")
