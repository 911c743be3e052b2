"""Duplicates and restatements, the number of lines without a line id, and the order of files."""

import random
from decimal import Decimal

import pytest

from tests.ingest.conftest import Shop, counted, lines

COLUMNS = "sale_id,line_id,sold_on,partner_id,product_id,amount,received_on,note"


def test_equal_again_is_a_duplicate_and_other_content_replaces(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\npath = "sample_data/s*.csv"\n'
    shop.sales(
        "S1,1,2026-08-01,P1,A,10,2026-08-02,x",
        "S1,2,2026-08-01,P1,A,10,,x",
        "S1,1,2026-08-01,P1,A,10.00,2026-08-09,y",  # received_on and unread columns do not matter
        columns=COLUMNS,
        name="s2.csv",
    )
    shop.sales(
        "S1,2,2026-08-01,P1,A,11,,x",  # later by its path: s10 comes after s2
        "S1,2,2026-08-01,P1,A,11,,x",
        "S1,2,bad,P1,A,12,,x",  # rejected rows take no part
        columns=COLUMNS,
        name="s10.csv",
    )
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 2, "rejected": 1, "duplicate": 2, "superseded": 1}
    assert lines(inputs, "line_id", "amount") == [("1", Decimal(10)), ("2", Decimal(11))]


def test_back_to_the_first_version(shop: Shop) -> None:
    rows = [f"S1,1,2026-08-01,P1,A,{amount},," for amount in (10, 11, 10, 10)]
    shop.sales(*rows, columns=COLUMNS)
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 1, "duplicate": 1, "superseded": 2}
    assert lines(inputs, "amount") == [(Decimal(10),)]


def test_a_missing_value_is_not_its_default(shop: Shop) -> None:
    columns = "sale_id,line_id,sold_on,partner_id,quantity,unit_price,amount,currency"
    shop.sales(
        "S1,1,2026-08-01,P1,,10,,",
        "S1,1,2026-08-01,P1,1,10,,",
        "S1,1,2026-08-01,P1,1,10,10,",
        "S1,1,2026-08-01,P1,1,10,10,USD",
        columns=columns,
    )
    assert counted(shop.read()) == {"accepted": 1, "superseded": 3}


def test_the_source_of_higher_order_counts(shop: Shop) -> None:
    shop.config = """
[[sources.sales]]
name = "first"
path = "a/z.csv"
order = 1
[[sources.sales]]
name = "second"
path = "b/a.csv"
"""
    head = "sale_id,line_id,sold_on,partner_id,amount\n"
    shop.write("a/z.csv", head + "S1,1,2026-08-01,P1,1\n")
    shop.write("b/a.csv", head + "S1,1,2026-08-01,P1,2\nS2,1,2026-08-01,P1,2\n")
    inputs = shop.read()
    assert lines(inputs, "sale_id", "source", "amount") == [
        ("S2", "second", Decimal(2)),
        ("S1", "first", Decimal(1)),
    ]
    assert counted(inputs, "second") == {"accepted": 1, "superseded": 1}
    assert counted(inputs, "first") == {"accepted": 1}


def test_identity_of_a_sale_is_distributor_partner_and_id(shop: Shop) -> None:
    shop.sales(
        "S1,1,2026-08-01,P1,,1",
        "S1,1,2026-08-01,P2,,1",
        "S1,1,2026-08-01,P1,P2,1",
        columns="sale_id,line_id,sold_on,partner_id,distributor_id,amount",
    )
    assert counted(shop.read()) == {"accepted": 3}


def test_lines_without_id_are_numbered_in_their_file(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\npath = "sample_data/s*.csv"\n'
    columns = "sale_id,line_id,sold_on,partner_id,product_id,amount"
    shop.sales(
        "S1,,2026-08-01,P1,A,1",
        "S1,,2026-08-01,P1,A,1",  # equal, but another line
        "S1,,2026-08-01,P1,A,x",  # a rejected row counts for n
        "S1,,2026-08-01,P1,A,4",
        "S1,,2026-08-01,P1,B,5",
        "S1,1,2026-08-01,P1,A,6",
        columns=columns,
        name="s1.csv",
    )
    shop.sales("S1,,2026-08-01,P1,A,1", "S1,-,2026-08-01,P1,A,9", columns=columns, name="s2.csv")
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 5, "rejected": 1, "duplicate": 1, "superseded": 1}
    assert lines(inputs, "product_id", "n", "amount") == [
        ("A", 1, Decimal(1)),
        ("A", 4, Decimal(4)),
        ("B", 1, Decimal(5)),
        ("A", None, Decimal(6)),
        ("A", 2, Decimal(9)),
    ]


def test_an_occurrence_gives_the_number(shop: Shop) -> None:
    shop.sales(
        "S1,2026-08-01,P1,A,1,",
        "S1,2026-08-01,P1,A,2,1",
        "S1,2026-08-01,P1,A,3,7",
        "S1,2026-08-01,P1,A,3,0",
        columns="sale_id,sold_on,partner_id,product_id,amount,occurrence",
    )
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 2, "superseded": 1, "rejected": 1}
    assert lines(inputs, "n", "amount") == [(1, Decimal(2)), (7, Decimal(3))]


def test_line_keys_sort_as_lines_are_ordered(shop: Shop) -> None:
    ids = ["10", "9", "A", "", "007", "a", "7", "10A", "123456789012345678901234567890"]
    rows = [f"S1,{line},2026-08-01,P1,B,1" for line in ids] + [
        "S1,,2026-08-01,P1,A,1",
        "S1,,2026-08-01,P1,B,1",
    ]
    shop.sales(*rows, columns="sale_id,line_id,sold_on,partner_id,product_id,amount")
    found = shop.read().sales.sort("line_key").select("line_id", "product_id", "n").collect().rows()
    assert [line or f"{product}{n}" for line, product, n in found] == [
        "7",
        "007",
        "9",
        "10",
        "123456789012345678901234567890",
        "10A",
        "A",
        "a",
        "A1",
        "B1",
        "B2",
    ]


def test_a_void_line_is_accepted(shop: Shop) -> None:
    columns = "sale_id,line_id,sold_on,partner_id,quantity,amount"
    shop.sales("S1,1,2026-08-01,P1,2,10", "S1,1,2026-08-01,P1,0,0", columns=columns)
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 1, "superseded": 1}
    assert lines(inputs, "quantity", "amount") == [(Decimal(0), Decimal(0))]


@pytest.mark.parametrize("seed", range(3))
def test_spreading_lines_over_files_changes_nothing(shop: Shop, way: str, seed: int) -> None:
    shop.config = '[sources.sales]\npath = "sample_data/s*.csv"\n'
    chance = random.Random(seed)
    rows = [f"S{i // 3},{i % 3},2026-08-{i % 28 + 1:02d},P{i % 3 + 1},A,{i}" for i in range(200)]
    rows += [f"R{i},1,2026-09-01,P{i * 3 % 3 + 1},A,-1" for i in range(20)]
    columns = "sale_id,line_id,sold_on,partner_id,product_id,amount"
    seen = []
    for files in (1, 2, 7):
        for old in (shop.root / "sample_data").glob("s*.csv"):
            old.unlink()
        chance.shuffle(rows)
        for k in range(files):
            shop.sales(*rows[k::files], columns=columns, name=f"s{k}.csv")
        inputs = shop.read()
        seen.append(sorted(lines(inputs, "sale_id", "line_id", "counted_on", "amount_ws")))
        assert counted(inputs) == {"accepted": 220}
    assert seen[0] == seen[1] == seen[2]


def test_other_tables_have_versions_too(shop: Shop) -> None:
    shop.write(
        "sample_data/partners.csv",
        "partner_id,name,tier,valid_from\nP1,A,gold,\nP1,A,silver,\nP1,A,gold,2026-02-01\n"
        "P1,A,gold,2026-02-01\n",
    )
    shop.write(
        "sample_data/targets.csv",
        "program_id,payee_id,period_start,target\nq,P1,2026-07-01,5\nq,P1,2026-07-01,6\nq,P1,2026-08-01,6\n",
    )
    shop.sales("S1,1,2026-08-01,P1,A,1,,1")
    inputs = shop.read()
    assert counted(inputs, "partners") == {"accepted": 2, "duplicate": 1, "superseded": 1}
    assert counted(inputs, "targets") == {"accepted": 2, "superseded": 1}
    tiers = inputs.tables["partners"].select("tier", "status").rows()
    assert tiers == [("silver", "active"), ("gold", "active")]
