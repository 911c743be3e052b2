"""Conditions: every form of the contract, and what is said about those that cannot be."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from incentivectl.programs.conditions import Condition
from tests.programs.writing import checked, line_of, read, rebate, sound, told


def condition(text: str, folder: Path | None = None) -> Condition:
    (found,) = sound(rebate("[eligible]", text), folder).eligible
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"partner.tier" = "gold"', Condition("partner.tier", any_of=("gold",))),
        ('"partner.tier" = ["a", "b"]', Condition("partner.tier", any_of=("a", "b"))),
        ('partner.tier = "gold"', Condition("partner.tier", any_of=("gold",))),
        ('"sale.month" = [1, 2]', Condition("sale.month", any_of=(Decimal(1), Decimal(2)))),
        ('"sale.new_customer" = true', Condition("sale.new_customer", any_of=(True,))),
        ('"partner.tier" = { not = "gold" }', Condition("partner.tier", none_of=("gold",))),
        ('"partner.tier" = { not = ["a", "b"] }', Condition("partner.tier", none_of=("a", "b"))),
        (
            '"sale.amount" = { min = 100.5, max = 1_000 }',
            Condition("sale.amount", min=Decimal("100.5"), max=Decimal(1000)),
        ),
        (
            '"partner.joined_on" = { after = 2020-01-01, before = 2021-01-01 }',
            Condition("partner.joined_on", after=date(2020, 1, 1), before=date(2021, 1, 1)),
        ),
        (
            '"sale.sold_on" = { min = 2026-07-01 }',
            Condition("sale.sold_on", min=date(2026, 7, 1)),
        ),
        (
            "sale.amount = { min = 1, not = 5 }",
            Condition("sale.amount", min=Decimal(1), none_of=(Decimal(5),)),
        ),
    ],
)
def test_forms(text: str, expected: Condition) -> None:
    assert condition(text) == expected
    assert checked(rebate("[eligible]", text)) == []


def test_a_list_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "skus.csv").write_text("\ufeffproduct_id,name\nP-1,One\n\n P-2 ,Two\nP-1,again\n")
    text = '"product.product_id" = { in = "skus.csv" }'
    assert condition(text, tmp_path).any_of == ("P-1", "P-2")
    text = '"product.product_id" = { not_in = "skus.csv", not = "P-3" }'
    found = condition(text, tmp_path)
    assert (found.none_of, found.not_in) == (("P-3",), ("P-1", "P-2"))


def test_a_list_without_a_header_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "skus.txt").write_text("P-1\nP-2\n")
    found = condition('"product.product_id" = { in = "skus.txt" }', tmp_path)
    assert found.any_of == ("P-1", "P-2")


def test_a_list_takes_the_kind_of_its_column(tmp_path: Path) -> None:
    (tmp_path / "months.csv").write_text("which\n1\n12\n")
    found = condition('"sale.month" = { in = "months.csv" }', tmp_path)
    assert found.any_of == (Decimal(1), Decimal(12))
    (tmp_path / "days.csv").write_text("2026-07-01\n2026-07-02\n")
    found = condition('"sale.sold_on" = { in = "days.csv" }', tmp_path)
    assert found.any_of == (date(2026, 7, 1), date(2026, 7, 2))


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (None, "no-such-file", "file not found: list.csv"),
        (b"", "empty-list", "list.csv is empty"),
        (b"product_id\n", "empty-list", "list.csv is empty"),
        (b"\xff\xfe", "not-utf8", "list.csv is not UTF-8"),
    ],
)
def test_lists_that_cannot_be_read(
    tmp_path: Path, content: bytes | None, code: str, says: str
) -> None:
    if content is not None:
        (tmp_path / "list.csv").write_bytes(content)
    text = rebate("[eligible]", '"product.product_id" = { in = "list.csv" }')
    problem = told(read(text, tmp_path)[1], code)
    assert says in problem.message
    assert problem.line == 7


def test_a_bad_row_of_a_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("month\n1\ntwo\n")
    text = rebate("[eligible]", '"sale.month" = { in = "list.csv" }')
    assert (
        'list.csv:3: invalid number "two"' in told(read(text, tmp_path)[1], "bad-list-row").message
    )


@pytest.mark.parametrize(
    ("text", "code", "says", "hint"),
    [
        ('"partner.tier" = []', "empty-list", "the list is empty", ""),
        ('"partner.tier" = {}', "empty-condition", "neither a value nor a bound", ""),
        ('"partner.tier" = { nto = 1 }', "unknown-key", "unknown key `nto`", "`not`"),
        ('"partner.tier" = { in = ["a"] }', "wrong-type", "the path of a file", "the list itself"),
        ('"partner.tier" = [["a"]]', "wrong-type", "expected a single value", ""),
        ('"sale.amount" = { min = "1" }', "wrong-type", "a number or a date", ""),
        ('"sale.amount" = { min = true }', "wrong-type", "a number or a date", ""),
        ('"sale.amount" = { min = inf }', "not-finite", "a finite number", ""),
        ('"sale.amount" = 1.1234567', "too-precise", "more than 6 decimals", ""),
        ('"sale.sold_on" = { after = "2026" }', "wrong-type", "expected a date", "quotes"),
        ('"sale.sold_on" = 2026-01-01T00:00:00', "wrong-type", "a date with a time", ""),
    ],
)
def test_forms_that_cannot_be(text: str, code: str, says: str, hint: str) -> None:
    problem = told(read(rebate("[eligible]", text))[1], code)
    assert says in problem.message
    assert hint in problem.hint
    assert problem.line == 7


def test_all_that_is_wrong_in_one_condition_is_told() -> None:
    _, problems = read(rebate("[eligible]", '"sale.amount" = { min = "1", mix = 3, max = "4" }'))
    assert sorted(problem.column or 0 for problem in problems) == [25, 30, 45]


@pytest.mark.parametrize(
    ("text", "code", "says", "hint"),
    [
        (
            '"partner.teir" = "gold"',
            "unknown-field",
            "`partner.teir`",
            "did you mean `partner.tier`",
        ),
        ('"sale.store" = "x"', "unknown-field", "`sale.store`", "`attributes` of [sources.sales]"),
        ('"deal.amount" = 3', "unknown-field", "`deal.amount`", ""),
        ('"tier" = "gold"', "unknown-field", "`tier`", ""),
        ('"product.category" = 7', "wrong-type", "is text, not the number 7", 'quotes: "7"'),
        ('"sale.sold_on" = 7', "wrong-type", "is a date, not the number 7", ""),
        ('"sale.amount" = "7"', "wrong-type", 'is a number, not the text "7"', "without quotes"),
        ('"sale.new_customer" = "yes"', "wrong-type", "is true or false", "without quotes"),
        ('"sale.month" = 1.5', "wrong-type", "is a whole number", ""),
        ('"sale.month" = 13', "unknown-choice", "invalid month 13", "1 to 12"),
        ('"partner.kind" = "resellr"', "unknown-choice", 'never "resellr"', "`reseller`"),
        ('"partner.tier" = { min = 3 }', "bound-without-order", "`min` needs a number", ""),
        ('"sale.amount" = { before = 2026-01-01 }', "bound-without-order", "needs a date", "`min`"),
        ('"sale.amount" = { min = 5, max = 4 }', "never-holds", "can never be met", ""),
        (
            '"sale.sold_on" = { after = 2026-01-05, before = 2026-01-06 }',
            "never-holds",
            "can never be met",
            "",
        ),
    ],
)
def test_conditions_that_do_not_fit_their_column(
    text: str, code: str, says: str, hint: str
) -> None:
    problem = told(checked(rebate("[eligible]", text)), code)
    assert says in problem.message
    assert hint in problem.hint
    assert (problem.line, problem.severity) == (7, "error")


def test_listed_attributes_are_fields_of_text() -> None:
    listed = {"sales": {"channel"}}
    assert checked(rebate('[eligible]\n"sale.channel" = "web"'), attributes=listed) == []
    told(checked(rebate('[eligible]\n"sale.channel" = 3'), attributes=listed), "wrong-type")


def test_when_names_only_partners_and_reps() -> None:
    text = rebate(reward='[reward]\nrate = 0.1\nwhen = { "sale.amount" = { min = 3 } }\n')
    problem = told(checked(text), "condition-out-of-place")
    assert "partner.* and rep.*" in problem.message
    assert problem.line == line_of(text, "when")
    assert "[eligible]" in problem.hint


def test_a_partner_has_no_rep() -> None:
    text = rebate("[[boost]]", 'when = { "rep.name" = "x" }', "factor = 2")
    problem = told(checked(text), "never-known")
    assert (problem.severity, problem.line) == ("warning", 7)


def test_a_boost_needs_a_condition() -> None:
    text = rebate("[[boost]]", "when = {}", "factor = 2")
    assert told(checked(text), "empty-condition").line == 7
