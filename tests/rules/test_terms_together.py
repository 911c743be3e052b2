"""Programs with and without terms, by payee and by line, settled in one run."""

from pathlib import Path

from tests.small_workspace import settle, write_workspace

HEAD = """
id = "{id}"
name = "{id}"
kind = "{kind}"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
[reward]
"""
DEALS = """\
deal_id,partner_id,customer_id,registered_on,status,approved_on
D1,P1,C1,2026-06-01,approved,2026-07-01
"""


def earned(
    tmp_path: Path, kind: str, bodies: dict[str, str], lists: dict[str, str]
) -> dict[str, str]:
    """Program → what P1 earns."""
    programs = {name: HEAD.format(id=name, kind=kind) + body for name, body in bodies.items()}
    root = write_workspace(tmp_path, programs=programs, tables={"deals": DEALS})
    (root / "lists").mkdir()
    for name, text in lists.items():
        (root / "lists" / f"{name}.csv").write_text(text, encoding="utf-8")
    rows = settle(root)
    return {row["program_id"]: row["entitlement"] for row in rows if row["payee_id"] == "P1"}


def test_a_cap_of_a_payee_s_term_holds_beside_terms_of_lines(tmp_path: Path) -> None:
    """P1 sells 10,400: 5 % are 520, capped at 100; SKU-1 alone is 6,000, 2 % are 120, capped at 90."""
    found = earned(
        tmp_path,
        "rebate",
        {
            "payee": 'terms = "lists/payee.csv"',
            "line": 'terms = "lists/line.csv"',
            "plain": 'rate = "1%"',
        },
        {
            "payee": "partner.partner_id,rate,per_payee\nP1,5%,100\n,5%,\n",
            "line": "product.product_id,rate,per_payee\nSKU-1,2%,90\nSKU-2,1%,\n",
        },
    )
    assert found == {"payee": "100", "line": "134", "plain": "104"}


def test_deal_programs_with_and_without_terms(tmp_path: Path) -> None:
    found = earned(
        tmp_path,
        "deal_registration",
        {"terms": 'terms = "lists/line.csv"', "plain": 'rate = "1%"'},
        {"line": "product.product_id,rate\nSKU-1,2%\nSKU-2,1%\n"},
    )
    assert found == {"terms": "164", "plain": "104"}


def test_discounts_with_and_without_terms(tmp_path: Path) -> None:
    """SKU-2 is sold twice for 4,400: 10 off a unit; of SKU-1 one unit at 6,000 takes the second tier."""
    found = earned(
        tmp_path,
        "discount",
        {"terms": 'terms = "lists/line.csv"', "plain": 'rate = "1%"'},
        {
            "line": "product.product_id,from,rate,per_unit\nSKU-1,0,1%,\nSKU-1,5000,2%,\nSKU-2,,,10\n",
        },
    )
    assert found == {"terms": "140", "plain": "104"}
