"""Each reason code, one row at a time, and their order (contract, reading rules and rule 9)."""

import pytest

from tests.ingest.conftest import Shop, counted, reasons

GOOD = ["S1", "1", "2026-08-01", "P1", "SKU", "1", "", "10"]


def row(**changes: str) -> str:
    names = [
        "sale_id",
        "line_id",
        "sold_on",
        "partner_id",
        "product_id",
        "quantity",
        "unit_price",
        "amount",
    ]
    return ",".join(changes.get(name, cell) for name, cell in zip(names, GOOD, strict=True))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sale_id": ""}, "missing-sale_id"),
        ({"sale_id": " NULL "}, "missing-sale_id"),
        ({"sold_on": "-"}, "missing-sold_on"),
        ({"partner_id": "N/A"}, "missing-partner_id"),
        ({"sold_on": "2026-02-30"}, "bad-date"),
        ({"sold_on": "01/08/2026"}, "bad-date"),
        ({"sold_on": "0026-08-01"}, "bad-date"),
        ({"sold_on": "3000-01-01"}, "bad-date"),
        ({"quantity": "many"}, "bad-number"),
        ({"amount": "1e5"}, "bad-number"),
        ({"amount": "12x4"}, "bad-number"),
        ({"amount": "1.1234567"}, "too-precise"),
        ({"amount": "1234567890123"}, "too-large"),
        ({"amount": "1234567890123.1234567"}, "too-precise"),
        ({"amount": "5 XTS"}, "bad-value"),
        ({"amount": ""}, "missing-amount"),
        ({"amount": "", "quantity": "1000000", "unit_price": "1000000"}, "too-large"),
        ({"partner_id": "P9"}, "unknown-partner"),
        # the order: columns from the left, then references, then what the row lacks
        ({"sold_on": "x", "amount": "y", "partner_id": "P9"}, "bad-date"),
        ({"partner_id": "P9", "amount": ""}, "unknown-partner"),
        ({"sale_id": "-", "sold_on": "-"}, "missing-sale_id"),
    ],
)
def test_one_reason(shop: Shop, way: str, changes: dict[str, str], reason: str) -> None:
    shop.sales(row(**changes), row(sale_id="S2"))
    inputs = shop.read()
    assert reasons(inputs) == {reason: 1}
    assert counted(inputs) == {"accepted": 1, "rejected": 1}


def test_limits_are_inclusive(shop: Shop) -> None:
    shop.sales(
        row(amount="999999999999.999999"),
        row(sale_id="S2", amount="-999999999999.999999"),
        row(sale_id="S3", amount="", quantity="999999", unit_price="1000000"),
        row(sale_id="S4", amount="1.10000000000"),
        row(sale_id="S5", amount="000000000000000000001.5"),
    )
    assert counted(shop.read()) == {"accepted": 5}


def test_unknown_product_and_rep(shop: Shop) -> None:
    shop.data = 'unknown_product = "reject"'
    shop.write("sample_data/products.csv", "product_id\nSKU\n")
    shop.write("sample_data/reps.csv", "rep_id,name\nR1,Ann\n")
    columns = "sale_id,sold_on,partner_id,rep_id,product_id,amount"
    shop.sales(
        "S1,2026-08-01,P1,R1,SKU,1",
        "S2,2026-08-01,P1,R9,SKU,1",
        "S3,2026-08-01,P1,R1,OTHER,1",
        "S4,2026-08-01,P1,R9,OTHER,1",
        "S5,2026-08-01,P1,,,1",
        columns=columns,
    )
    inputs = shop.read()
    assert reasons(inputs) == {"unknown-rep": 2, "unknown-product": 1}
    assert counted(inputs) == {"accepted": 2, "rejected": 3}


def test_a_price_of_an_unknown_product_is_rejected_as_a_sale_of_it_is(shop: Shop) -> None:
    shop.data = 'unknown_product = "reject"'
    shop.write("sample_data/products.csv", "product_id\nSKU\n")
    shop.write(
        "sample_data/prices.csv",
        "product_id,valid_from,list_price\nSKU,2026-08-01,1\nOTHER,2026-08-01,1\n",
    )
    shop.sales(row())
    assert reasons(shop.read(), "prices") == {"unknown-product": 1}


def test_references_to_absent_masters_are_not_checked(shop: Shop) -> None:
    shop.data = 'unknown_product = "reject"'
    shop.sales(
        "S1,2026-08-01,P1,R1,SKU,1", columns="sale_id,sold_on,partner_id,rep_id,product_id,amount"
    )
    assert counted(shop.read()) == {"accepted": 1}


def test_unknown_partner_can_be_kept(shop: Shop) -> None:
    shop.data = 'unknown_partner = "keep"'
    shop.sales(row(partner_id="P9"), row())
    inputs = shop.read()
    known = inputs.sales.select("partner_id", "partner_known").collect().rows()
    assert sorted(known) == [("P1", True), ("P9", False)]


def test_choices_flags_currencies_and_rates(shop: Shop) -> None:
    shop.write(
        "sample_data/partners.csv", "partner_id,name,kind\nP1,A,reseller\nP2,B,shop\nP3,C,\n"
    )
    shop.write(
        "sample_data/activities.csv",
        "activity_id,activity,partner_id,done_on,passed\n"
        "A1,demo,P1,2026-08-01,YES\nA2,demo,P1,2026-08-01,perhaps\nA3,demo,P1,2026-08-01,\n"
        "A4,demo,P1,2026-08-01,n\n",
    )
    shop.write(
        "sample_data/fx.csv",
        "on,currency,rate\n2026-08-01,eur,1.123456789012\n2026-08-02,EURO,1\n2026-08-03,EUR,0\n"
        "2026-08-04,EUR,-1\n2026-08-05,EUR,1.1234567890123\n2026-08-06,EUR,1234567\n"
        "2026-08-07,USD,7\n",
    )
    shop.sales(row())
    inputs = shop.read()
    assert reasons(inputs, "partners") == {"bad-value": 1}
    assert reasons(inputs, "activities") == {"bad-value": 1}
    assert reasons(inputs, "fx") == {"bad-value": 3, "too-precise": 1, "too-large": 1}
    assert counted(inputs, "fx") == {"accepted": 2, "rejected": 5}
    passed = inputs.tables["activities"].select("activity_id", "passed").rows()
    assert passed == [("A1", True), ("A3", True), ("A4", False)]


def test_field_count_comes_first_and_broken_bytes_second(shop: Shop, way: str) -> None:
    head = b"sale_id,sold_on,partner_id,amount,comment\n"
    rows = [
        b"S1,2026-08-01,P1,1,x",
        b"S2,2026-08-01,P1",  # short
        b"S3,2026-08-01,P1,1,x,y",  # long
        b"S4\xff,2026-99-01,P1,1,x",  # a broken byte in a used cell, and a bad date
        b"S5,2026-08-01,P1,1,\xff",  # in a column that nobody reads
        b",,,,",
    ]
    shop.write("sample_data/sales.csv", head + b"\n".join(rows))
    inputs = shop.read()
    assert reasons(inputs) == {"field-count": 2, "bad-encoding": 1, "missing-sale_id": 1}
    assert counted(inputs) == {"accepted": 2, "rejected": 4}


def test_amounts_of_rejected_rows_are_added_up(shop: Shop) -> None:
    shop.sales(row(sold_on="?", amount="-7.50"), row(sold_on="?", amount="2"), row(amount="x"))
    inputs = shop.read()
    amounts = {
        reason: str(amount) for reason, amount in inputs.reasons.select("reason", "amount").rows()
    }
    assert amounts == {"bad-date": "9.500000", "bad-number": "0.000000"}
