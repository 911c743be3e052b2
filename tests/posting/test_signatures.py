"""Approvals by limit (docs/ledger.md, 105): who has to sign how much, and who may not."""

from itertools import product
from pathlib import Path

import pytest

from incentivectl.posting.signatures import Signature, lacking
from tests.posting.booked import BOOKS, as_user, assert_whole, post, write
from tests.posting.test_guards import workspace
from tests.prepared import prepared
from tests.small_workspace import incentivectl

RULES = """
[[payout.approval]]
above = 0
by = ["Bob", "Cleo"]

[[payout.approval]]
above = 150
by = ["Cleo", "Dan"]

[[payout.approval]]
above = 200
by = ["Eve"]
"""
PAYEES = (
    "payee_id,account_name,iban\nP1,Alpha Ltd,GB29NWBK60161331926819\n"
    "P2,Beta GmbH,DE89370400440532013000\n"
)
BATCH = "2026-07.1"


def posted(tmp_path: Path, config: str = BOOKS + RULES) -> Path:
    """July, posted by ann: 100 to P1 and 100 to P2, so that the third rule is not exceeded."""
    return prepared(tmp_path, posted_by_ann, config)


def posted_by_ann(folder: Path, config: str) -> Path:
    root = workspace(folder, config=config)
    write(root, "payees", PAYEES)
    with as_user("ann"):
        assert post(root, "2026-07") == BATCH
    return root


def approve(root: Path, user: str) -> tuple[int, str]:
    with as_user(user):
        result = incentivectl("batch", "approve", BATCH, "-w", root)
    return result.exit_code, " ".join(result.output.split())


def export(root: Path) -> tuple[int, str]:
    result = incentivectl("batch", "export", BATCH, "-w", root)
    return result.exit_code, " ".join(result.output.split())


USERS = ("ann", "bob", "cleo", "dan", "eve", "fay")


@pytest.mark.parametrize(
    ("users", "goes"),
    [
        (("bob", "cleo"), True),
        (("cleo", "bob"), True),
        (("bob", "dan"), True),
        (("cleo", "dan"), True),
        (("bob",), False),
        (("cleo",), False),  # one person gives one approval
        (("cleo", "cleo"), False),
        (("dan",), False),
        ((), False),
    ],
)
def test_each_rule_needs_another_person(tmp_path: Path, users: tuple[str, ...], goes: bool) -> None:
    root = posted(tmp_path)
    for user in users:
        assert approve(root, user)[0] == 0
    code, said = export(root)
    assert (code == 0) is goes, said
    assert code in (0, 5)
    assert_whole(root)


@pytest.mark.parametrize("user", ["ann", "eve", "fay"])
def test_who_may_not_approve(tmp_path: Path, user: str) -> None:
    """The poster, the one of a rule that is not exceeded, and somebody whom no rule names."""
    root = posted(tmp_path)
    code, said = approve(root, user)
    assert code == 5
    assert ("names the users Bob, Cleo, Dan" in said) is (user != "ann")


def test_a_rule_names_the_poster(tmp_path: Path) -> None:
    root = posted(tmp_path, BOOKS + '\n[[payout.approval]]\nabove = 0\nby = ["ANN", "bob"]\n')
    assert approve(root, "ann")[0] == 5
    assert approve(root, "bob")[0] == 0
    assert export(root)[0] == 0


def test_what_is_lacking_is_told(tmp_path: Path) -> None:
    root = posted(tmp_path)
    code, said = approve(root, "cleo")
    assert code == 0
    lacks = "an approval by Cleo or Dan (above 150.00 USD)"
    assert f"before it can be exported, it lacks {lacks}" in said
    assert lacks in export(root)[1]


def test_no_rule_is_exceeded(tmp_path: Path) -> None:
    rule = '\n[[payout.approval]]\nabove = 200\nby = ["Bob"]\n'
    root = posted(tmp_path, BOOKS + rule)
    assert export(root)[0] == 0


def test_payments_that_are_held_count(tmp_path: Path) -> None:
    """Without an account for P2 its 100 stay, and still count to the 200 that exceed 150."""
    root = posted(tmp_path)
    write(root, "payees", PAYEES.splitlines(keepends=True)[0])
    assert approve(root, "bob")[0] == 0
    assert "(above 150.00 USD)" in export(root)[1]


def test_a_missing_rate_exceeds_every_limit(tmp_path: Path) -> None:
    """The batch kept no rate of the euro, since no day of July has one."""
    rules = '\n[[payout.approval]]\nabove = 1_000_000\nby = ["Bob"]\n'
    root = workspace(tmp_path, config=BOOKS + rules)
    for path in (root / "programs").glob("*.toml"):
        text = path.read_text().replace("period =", 'currency = "EUR"\nperiod =')
        path.write_text(text)
    write(root, "fx", "on,currency,rate\n2026-07-01,EUR,1\n")
    with as_user("ann"):
        assert post(root, "2026-07") == BATCH
    assert export(root)[0] == 0  # 200 EUR are 200
    again = workspace(tmp_path / "again", config=BOOKS + rules)
    for path in (again / "programs").glob("*.toml"):
        text = path.read_text().replace("period =", 'currency = "EUR"\nperiod =')
        path.write_text(text)
    stale = "\n[data]\nmax_rate_age_days = 25\nmax_reject_rate = '100%'\n"
    config = (again / "incentivectl.toml").read_text()
    start = config.index("[data]")
    end = config.index("[", start + 1)
    (again / "incentivectl.toml").write_text(config[:start] + stale.lstrip() + config[end:])
    write(again, "fx", "on,currency,rate\n2026-07-01,EUR,1\n")
    with as_user("ann"):
        assert post(again, "2026-07") == BATCH
    code, said = export(again)
    assert code == 5, said
    assert "an approval by Bob (above 1,000,000.00 USD)" in said


def test_both_ways_to_approve(tmp_path: Path) -> None:
    root = workspace(tmp_path, config=BOOKS + "approvals = 1\n" + RULES)
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 3
    assert "`approvals` has no meaning beside [[payout.approval]]" in result.output


def test_lacking_against_every_assignment() -> None:
    """What can be given by some assignment of users to approvals, tried one by one."""
    sets = [(), ("a",), ("b",), ("a", "b"), ("b", "c")]
    for rules in product(sets, repeat=3):
        needed = [Signature(by) for by in rules]
        for users in ([], ["a"], ["b", "a"], ["c", "a"], ["a", "b", "c"]):
            most = 0
            for chosen in product([None, *users], repeat=3):
                given = [user for user in chosen if user is not None]
                if len(set(given)) == len(given) and all(
                    one.admits(user)
                    for one, user in zip(needed, chosen, strict=True)
                    if user is not None
                ):
                    most = max(most, len(given))
            assert len(needed) - len(lacking(needed, users)) == most, (rules, users)
