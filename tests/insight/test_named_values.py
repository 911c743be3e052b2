"""What programs name and no row has is told with the nearest (42.4), and who pays nobody (42.5)."""

from pathlib import Path

import pytest

from tests.small_workspace import REBATE, as_json, incentivectl, write_workspace

PRODUCTS = "product_id,name,category\nSKU-1,One,cameras\nSKU-2,Two,lenses\n"
ELIGIBLE = '\n[eligible]\n"{}" = {}\n'


def _checked(root: Path) -> str:
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 0, result.output
    return " ".join(result.stderr.split())


def _attention(root: Path, period: str = "2026-09") -> str:
    return " ".join(str(as_json("run", period, "-w", root, "--no-cache")["attention"]).split())


def _root(tmp_path: Path, program: str, **tables: str) -> Path:
    return write_workspace(
        tmp_path / "w", programs={"volume": program}, tables={"products": PRODUCTS, **tables}
    )


def test_a_category_that_no_product_has_is_told_with_the_nearest(tmp_path: Path) -> None:
    root = _root(tmp_path, REBATE + ELIGIBLE.format("product.category", '"camera"'))
    said = _checked(root)
    assert 'warning: volume: no row of products has the category "camera"' in said
    assert "did you mean `cameras`?" in said
    told = _attention(root)
    assert 'volume: no row of products has the category "camera"' in told
    assert (
        "volume: nothing counts in 2026-09; most lines since 2026-07-01 are left out as"
        " product.category (4 lines)"
    ) in told


TOLD = [
    (
        ELIGIBLE.format("partner.tier", '["gold", "platin"]'),
        'no row of partners has the tier "platin"',
    ),
    (
        ELIGIBLE.format("partner.region", '{ not = "EMEA" }'),
        'no row of partners has the region "EMEA"',
    ),
    (
        ELIGIBLE.format("product.product_id", '"SKU-9"'),
        'no row of products has the product_id "SKU-9"',
    ),
    (
        ELIGIBLE.format("sale.product_id", '"SKU-9"'),
        'no row of products has the product_id "SKU-9"',
    ),
    (ELIGIBLE.format("sale.currency", '"EUR"'), 'no accepted line has the currency "EUR"'),
    (
        '\n[[boost]]\nwhen = { "partner.tier" = "glod" }\nfactor = 2\n',
        'no row of partners has the tier "glod"',
    ),
    (
        '\n[gate]\nmetric = "activity.trianing"\nat_least = 1\n',
        'no row of activities has the activity "trianing"',
    ),
]
TOLD += [
    (
        ELIGIBLE.format("product.family", '"pro"'),  # a column that the export does not have
        'no row of products has the family "pro"',
    ),
    (
        ELIGIBLE.format("sale.sale_id", '["S1", "S9"]'),
        'no accepted line has the sale_id "S9"',
    ),
]
ACTIVITIES = "activity_id,activity,partner_id,done_on\nA1,training,P1,2026-07-01\n"
PARTNERS = "partner_id,name,tier,region\nP1,Alpha,gold,APAC\nP2,Beta,silver,APAC\nP3,Gamma,,APAC\n"


@pytest.mark.parametrize(("rules", "told"), TOLD, ids=[told for _, told in TOLD])
def test_what_no_row_has_is_told(rules: str, told: str, tmp_path: Path) -> None:
    root = _root(tmp_path, REBATE + rules, activities=ACTIVITIES, partners=PARTNERS)
    assert f"volume: {told}" in _checked(root)


def test_prices_of_unknown_products_are_told(tmp_path: Path) -> None:
    spif = REBATE.replace("tiers = [{ from = 0, rate = \"5%\" }, { from = 10_000, rate = \"8%\" }]",
                          "per_product = { SKU-1 = 5, SKU1 = 6 }")  # fmt: skip
    assert 'no row of products has the product_id "SKU1"' in _checked(_root(tmp_path, spif))


def test_values_that_rows_have_are_not_told(tmp_path: Path) -> None:
    rules = ELIGIBLE.format("partner.tier", '"gold"') + '"product.category" = ["cameras"]\n'
    assert "no row of" not in _checked(_root(tmp_path, REBATE + rules))


def test_nothing_is_told_where_the_master_is_absent(tmp_path: Path) -> None:
    program = REBATE + ELIGIBLE.format("product.category", '"camera"')
    root = write_workspace(tmp_path / "w", programs={"volume": program})
    assert "category" not in _checked(root)


def test_a_program_whose_payees_all_earn_nothing_is_told_when_its_period_is_over(
    tmp_path: Path,
) -> None:
    program = REBATE + '\n[gate]\nmetric = "revenue"\nat_least = 1_000_000\n'
    root = _root(tmp_path, program)
    told = "volume: nobody earns anything in 2026-09; most payees: gate (3 payees)"
    assert told in _attention(root)
    assert "nobody earns" not in _attention(root, "2026-08")


def test_what_no_line_has_is_told_by_a_run_that_keeps_nothing_of_the_exports(
    tmp_path: Path,
) -> None:
    root = _root(tmp_path, REBATE + ELIGIBLE.format("sale.currency", '"EUR"'))
    assert 'no accepted line has the currency "EUR"; did you mean' not in _attention(root)
    assert 'volume: no accepted line has the currency "EUR"' in _attention(root)
