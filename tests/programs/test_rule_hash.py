"""The hash of a rule changes with money and with nothing else."""

from pathlib import Path

import pytest

from incentivectl.programs.model import Program
from tests.programs.writing import HEAD, rebate, sound

BASE = rebate(
    '[eligible]\n"partner.tier" = ["gold", "silver"]\n"sale.amount" = { min = 5 }',
    reward='[reward]\ntiers = [{ from = 0, rate = "2%" }, { from = 1000, rate = "3%" }]\n',
)


def hash_of(text: str) -> str:
    return sound(text).rule_hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('name = "Q3"', 'name = "Another"\nobjective = "More"'),
        ('"2%"', "0.02"),
        ('"2%"', "0.020"),
        ("1000", "1_000.0"),
        ('["gold", "silver"]', '["silver", "gold"]'),
        (
            '"partner.tier" = ["gold", "silver"]\n"sale.amount" = { min = 5 }',
            '"sale.amount" = { min = 5 }\npartner.tier = ["gold", "silver"]',
        ),
        ("[reward]", '[reward]\ntiers_by = "revenue"'),
        ("[reward]", "# a comment\n[[reward]]"),
        ("[eligible]", '[limits]\nover_budget = "prorate"\n[eligible]'),
        ("[reward]", '[[example]]\nname = "x"\nexpect = 0\n[reward]'),
    ],
)
def test_what_changes_no_money(old: str, new: str) -> None:
    changed = BASE.replace(old, new)
    assert changed != BASE
    assert hash_of(changed) == hash_of(BASE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2026-09-30", "2026-09-29"),
        ('"2%"', '"2.1%"'),
        ('"silver"', '"bronze"'),
        ('["gold", "silver"]', '{ not = ["gold", "silver"] }'),
        ("min = 5", "max = 5"),
        ("[reward]", '[reward]\ntier_mode = "marginal"'),
        ("[eligible]", "[limits]\nper_payee = 0\n[eligible]"),
        ("[eligible]", 'payout.methods = ["points", "cash"]\n[eligible]'),
        ('kind = "rebate"', 'kind = "spif"\npayee = "partner"'),
    ],
)
def test_what_changes_money(old: str, new: str) -> None:
    assert hash_of(BASE.replace(old, new)) != hash_of(BASE)


def test_a_list_s_content_is_part_of_the_rule(tmp_path: Path) -> None:
    text = rebate('[eligible]\n"product.product_id" = { in = "list.csv" }')

    def hashed(content: str) -> str:
        (tmp_path / "list.csv").write_text(content)
        return sound(text, tmp_path).rule_hash

    assert hashed("A\nB\n") == hashed("product_id,name\nB,x\nA,y\n")
    assert hashed("A\nB\n") != hashed("A\nC\n")


def test_a_number_and_its_text_are_different_rules() -> None:
    texts = [rebate(f'[eligible]\n"sale.x" = {value}') for value in ("1", '"1"', "true", '"true"')]
    assert len({hash_of(text) for text in texts}) == 4


def test_it_is_a_sha256() -> None:
    assert len(hash_of(BASE)) == 64
    assert isinstance(sound(HEAD + "reward.rate = 0"), Program)
