"""Who approves is the user that runs the command; an approval covers the accounts that are paid."""

import json
from pathlib import Path

import pytest

from tests.posting.booked import (
    BOOKS,
    REVERSE,
    as_user,
    asked,
    assert_whole,
    payments,
    post,
    rows_of,
    write,
)
from tests.posting.test_guards import workspace
from tests.prepared import prepared
from tests.small_workspace import incentivectl

APPROVED = BOOKS + "approvals = 1\n"
PAYEES = "payee_id,valid_from,account_name,iban,bic\n"
FIRST = "P1,2020-01-01,Alpha Ltd,GB29NWBK60161331926819,\n"
OTHER = "P1,2020-01-01,Alpha Ltd,BE68539007547034,\n"
P2 = "P2,2020-01-01,Beta GmbH,DE89370400440532013000,\n"


def posted(tmp_path: Path, config: str = APPROVED) -> Path:
    """July, posted by ann: 100 to P1 and 100 to P2."""
    return prepared(tmp_path, posted_by_ann, config)


def posted_by_ann(folder: Path, config: str) -> Path:
    root = workspace(folder, config=config)
    write(root, "payees", PAYEES + FIRST + P2)
    with as_user("ann"):
        assert post(root, "2026-07") == "2026-07.1"
    return root


def approve(root: Path, user: str, *options: str) -> int:
    """The exit code of `batch approve` run by a user."""
    with as_user(user):
        result = incentivectl("batch", "approve", "2026-07.1", "-w", root, *options)
    return int(result.exit_code)


def export(root: Path, *options: str) -> tuple[int, str]:
    """The exit code of `batch export`, and all that it says."""
    result = incentivectl("batch", "export", "2026-07.1", "-w", root, *options)
    return result.exit_code, result.output


def test_the_poster_cannot_approve_under_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = posted(tmp_path)
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "bob")
    assert approve(root, "ann") == 5
    assert approve(root, "ANN") == 5
    assert approve(root, "ann", "--by", "Bob") == 5
    assert approve(root, "bob", "--by", " Ann ") == 5  # nor anybody in the poster's name
    assert approve(root, "bob", "--by", "  ") == 2
    assert asked(root, "SELECT count(*) FROM records WHERE kind = 'approve'") == [(0,)]
    assert export(root)[0] == 5
    assert not (root / "payments").exists()


def test_the_user_is_recorded_beside_the_name(tmp_path: Path) -> None:
    root = posted(tmp_path)
    assert approve(root, "bob", "--by", "Robert B.") == 0
    rows = asked(root, "SELECT recorded_by, details FROM records WHERE kind = 'approve'")
    [(user, details)] = rows
    assert (user, json.loads(str(details))["name"]) == ("bob", "Robert B.")
    shown = incentivectl("batch", "show", "2026-07.1", "-w", root, "--format", "json").stdout
    [approval] = json.loads(shown)["approvals"]
    assert (approval["name"], approval["user"]) == ("Robert B.", "bob")
    assert export(root)[0] == 0
    assert_whole(root)


def test_one_user_under_two_names_is_one_approval(tmp_path: Path) -> None:
    root = posted(tmp_path, BOOKS + "approvals = 2\n")
    assert approve(root, "bob", "--by", "Bob") == 0
    assert approve(root, "bob", "--by", "Eve") == 0
    code, said = export(root)
    assert code == 5
    assert "1 of 2 approvals" in said
    assert approve(root, "eve") == 0
    assert export(root)[0] == 0


def test_post_takes_no_name_of_an_approver(tmp_path: Path) -> None:
    """It would be the poster's own word."""
    root = posted(tmp_path)
    result = incentivectl("batch", "post", "2026-08", "-w", root, "--approved-by", "Bob")
    assert result.exit_code == 2


def test_a_changed_account_needs_another_approval(tmp_path: Path) -> None:
    """P1 was never paid before; its IBAN changes between the approval and the export."""
    root = posted(tmp_path)
    assert approve(root, "bob") == 0
    write(root, "payees", PAYEES + OTHER + P2)
    code, said = export(root)
    assert code == 0
    assert "account-not-approved" in said
    assert payments(root, "2026-07.1") == ["P1 100 USD reserved", "P2 100 USD exported"]
    assert approve(root, "ann") == 5
    assert approve(root, "bob") == 0
    code, said = export(root)
    assert code == 0
    assert payments(root, "2026-07.1") == ["P1 100 USD exported", "P2 100 USD exported"]
    assert_whole(root)


@pytest.mark.parametrize(
    "row", [FIRST.replace("Alpha Ltd", "Alfa"), FIRST.replace(",\n", ",NWBKGB2L\n"), ""]
)
def test_names_and_bics_are_part_of_what_is_approved(tmp_path: Path, row: str) -> None:
    root = posted(tmp_path)
    assert approve(root, "bob") == 0
    write(root, "payees", PAYEES + row + P2)
    assert "account-not-approved" in export(root)[1]
    assert payments(root, "2026-07.1") == ["P1 100 USD reserved", "P2 100 USD exported"]


def test_an_approval_of_an_older_version_covers_no_account(tmp_path: Path) -> None:
    """It says nothing of accounts: everything is held until it is approved again."""
    root = posted(tmp_path)
    with rows_of(root) as connection:
        ((batch_hash,),) = connection.execute("SELECT hash FROM batches").fetchall()
    from datetime import UTC, date, datetime

    from incentivectl.ledger import writing
    from incentivectl.ledger.connection import commit
    from incentivectl.ledger.connection import writing as writing_to

    stamp = writing.Stamp(datetime(2026, 8, 1, tzinfo=UTC), "bob", "host")
    with writing_to(root / "ledger.db", lambda _: None) as connection:
        details = {"name": "Bob", "batch_hash": batch_hash}
        writing.note(connection, "approve", "2026-07.1", date(2026, 7, 31), stamp, details)
        commit(connection)
    code, said = export(root)
    assert code == 0
    assert said.count("account-not-approved") == 2
    assert approve(root, "bob") == 0
    assert payments(root, "2026-07.1") == ["P1 100 USD reserved", "P2 100 USD reserved"]
    assert export(root)[0] == 0
    assert payments(root, "2026-07.1") == ["P1 100 USD exported", "P2 100 USD exported"]


def test_approving_twice_changes_nothing(tmp_path: Path) -> None:
    root = posted(tmp_path)
    assert approve(root, "bob") == approve(root, "bob") == 0
    assert asked(root, "SELECT count(*) FROM records WHERE kind = 'approve'") == [(1,)]


def test_a_void_batch_is_not_approved(tmp_path: Path) -> None:
    root = posted(tmp_path)
    assert incentivectl("batch", "void", "2026-07.1", *REVERSE, "-w", root).exit_code == 0
    assert approve(root, "bob") == 5
