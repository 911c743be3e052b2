"""Aliases, unknown ids with their suggestions, and credits."""

from decimal import Decimal

from tests.ingest.conftest import Shop, counted, lines, reasons

SALES = "sale_id,sold_on,partner_id,product_id,amount"


def test_aliases_by_source_and_for_all(shop: Shop) -> None:
    shop.config = """
[[sources.sales]]
name = "north"
path = "north.csv"
[[sources.sales]]
name = "south"
path = "south.csv"
"""
    shop.write(
        "sample_data/aliases.csv",
        "table,alias,id,source\n"
        "partners,acme,P1,\n"
        "partners,100,P1,north\n"
        "partners,100,P2,south\n"
        "partners,P2,P1,\n"  # an id that exists is not aliased …
        "partners,P3,P1,south\n"  # … but for the row's own source it is
        "partners,chain,acme,\n"  # looked up once only
        "planets,x,y,\n",
    )
    for name in ("north", "south"):
        ids = ("acme", "100", "P2", "P3", "chain", "P1")
        rows = [f"{name}-{partner},2026-08-01,{partner},A,1" for partner in ids]
        shop.write(f"{name}.csv", "\n".join([SALES, *rows]) + "\n")
    inputs = shop.read()
    assert reasons(inputs, "aliases") == {"bad-value": 1}
    assert dict(lines(inputs, "sale_id", "partner_id")) == {
        "north-acme": "P1",
        "north-100": "P1",
        "north-P2": "P2",
        "north-P3": "P3",
        "north-P1": "P1",
        "south-acme": "P1",
        "south-100": "P2",
        "south-P2": "P2",
        "south-P3": "P1",
        "south-P1": "P1",
    }
    assert reasons(inputs, "north") == {"unknown-partner": 1}


def test_aliases_everywhere_a_table_is_referred_to(shop: Shop) -> None:
    shop.write("sample_data/partners.csv", "partner_id,name,parent_id\nP1,A,big\nP2,B,\n")
    shop.write("sample_data/reps.csv", "rep_id,name,partner_id\nR1,Ann,acme\n")
    shop.write("sample_data/products.csv", "product_id\nA\n")
    shop.write("sample_data/customers.csv", "customer_id\nC1\n")
    shop.write(
        "sample_data/aliases.csv",
        "table,alias,id\npartners,acme,P1\npartners,big,P2\nreps,ann,R1\nproducts,a-1,A\ncustomers,cust,C1\n",
    )
    shop.write(
        "sample_data/adjustments.csv",
        "adjustment_id,payee_id,on,amount,reason\nX1,acme,2026-08-01,1,r\nX2,ann,2026-08-01,1,r\n"
        "X3,nobody,2026-08-01,1,r\n",
    )
    shop.sales(
        "S1,2026-08-01,acme,big,ann,a-1,cust,1",
        columns="sale_id,sold_on,partner_id,distributor_id,rep_id,product_id,customer_id,amount",
    )
    inputs = shop.read()
    columns = ("partner_id", "distributor_id", "rep_id", "product_id", "customer_id")
    assert lines(inputs, *columns) == [("P1", "P2", "R1", "A", "C1")]
    assert inputs.tables["reps"]["partner_id"].to_list() == ["P1"]
    assert inputs.tables["partners"]["parent_id"].to_list() == ["P2", None]
    assert inputs.tables["adjustments"]["payee_id"].to_list() == ["P1", "R1"]
    assert reasons(inputs, "adjustments") == {"unknown-rep": 1}


def test_unknown_ids_are_gathered_and_can_be_filled_in(shop: Shop) -> None:
    shop.write("sample_data/partners.csv", "partner_id,name\nP-100,Acme Ltd\nP-200,Beta Networks\n")
    shop.write("sample_data/products.csv", "product_id,name\nSWITCH-24,Switch 24 port\n")
    shop.sales(
        "S1,2026-08-01,P100,switch-24,10,",
        "S2,2026-08-01,P100,SWITCH-24,-15,",
        "S3,2026-08-01,4711,SWITCH-24,7,Beta Networks Inc",
        "S4,2026-08-01,zzz,,1,",
        "S5,bad,zzzz,,1,",  # rejected for another reason: nobody knows what its cells are
        columns=f"{SALES},partner_name",
    )
    inputs = shop.read()
    unknown = inputs.unknown
    assert unknown.columns == [
        "table",
        "alias",
        "id",
        "source",
        "lines",
        "amount",
        "name_seen",
        "suggestion",
    ]
    assert unknown.drop("id", "source").rows() == [
        ("partners", "P100", 2, Decimal(25), None, "P-100"),
        ("products", "switch-24", 1, Decimal(10), None, "SWITCH-24"),
        ("partners", "4711", 1, Decimal(7), "Beta Networks Inc", "P-200"),
        ("partners", "zzz", 1, Decimal(1), None, None),
    ]
    assert set(unknown["id"]) == {""}
    filled = "table,alias,id,source\n" + "".join(
        f"{table},{alias},{suggestion},{source}\n"
        for table, alias, suggestion, source in unknown.select(
            "table", "alias", "suggestion", "source"
        ).rows()
        if suggestion
    )
    shop.write("sample_data/aliases.csv", filled)
    assert counted(shop.read()) == {"accepted": 3, "rejected": 2}


def test_unknown_csv_filled_in_is_an_aliases_file(shop: Shop) -> None:
    shop.sales("S1,2026-08-01,P-1,A,10", columns=SALES)
    unknown = shop.read().unknown
    path = shop.write("sample_data/aliases.csv", "")
    unknown.drop("id").insert_column(2, unknown["suggestion"].alias("id")).write_csv(path)
    inputs = shop.read()
    assert counted(inputs, "aliases") == {"accepted": 1}
    assert counted(inputs) == {"accepted": 1}


def test_shares_add_up_to_exactly_one(shop: Shop) -> None:
    shop.write("sample_data/reps.csv", "rep_id,name\n" + "".join(f"R{i},N\n" for i in range(1, 4)))
    shop.sales(*(f"S{i},2026-08-01,P1,A,1" for i in range(1, 8)), columns=SALES)
    shop.write(
        "sample_data/credits.csv",
        "sale_id,line_id,rep_id,share\n"
        "S1,,R1,0.333333\nS1,,R2,0.333333\nS1,,R3,0.333334\n"
        "S2,,R1,0.5\nS2,,R2,0.4\n"
        "S3,,R1,0\nS3,,R2,1\n"
        "S4,,R1,-1\nS4,,R2,2\n"
        "S5,1,R1,1\nS5,2,R1,0.5\n"  # each line by itself
        "S6,,R1,1.000\nS6,,R1,1\n"  # a duplicate
        "S7,,R1,0.5\nS7,,R9,0.5\n"  # an unknown rep: the rest no longer adds up
        "S8,,R1,1\n",  # no such sale: nothing is wrong with it
    )
    inputs = shop.read()
    assert reasons(inputs, "credits") == {"bad-share": 8, "unknown-rep": 1}
    assert counted(inputs, "credits") == {"accepted": 6, "rejected": 9, "duplicate": 1}


def test_a_sale_id_at_several_partners_is_ambiguous(shop: Shop) -> None:
    shop.write("sample_data/reps.csv", "rep_id,name\nR1,A\nR2,B\n")
    shop.sales(
        "S1,2026-08-01,P1,,1",
        "S1,2026-08-01,P2,,1",
        "S2,2026-08-01,P1,P2,1",
        "S2,2026-08-01,P1,P3,1",
        "S3,2026-08-01,P1,,1",
        columns="sale_id,sold_on,partner_id,distributor_id,amount",
    )
    shop.write(
        "sample_data/credits.csv",
        "sale_id,partner_id,distributor_id,rep_id,share\n"
        "S1,,,R1,1\n"
        "S1,P1,,R1,0.5\nS1,P1,,R2,0.5\n"
        "S2,P1,,R1,1\n"
        "S2,,P3,R1,1\n"
        "S3,,,R1,0.5\nS3,P1,,R2,0.5\n",  # the same sale, named in two ways
    )
    inputs = shop.read()
    assert reasons(inputs, "credits") == {"ambiguous-sale": 2}
    assert counted(inputs, "credits") == {"accepted": 5, "rejected": 2}


def test_warnings_of_what_looks_wrong(shop: Shop) -> None:
    shop.config = '[sources.sales]\npath = "sample_data/s*.csv"\n'
    shop.write("sample_data/reps.csv", "rep_id,name,partner_id\nR1,Ann,P2\nR2,Bob,\n")
    shop.write("sample_data/products.csv", "product_id,category\nA,switch\n")
    shop.write(
        "sample_data/deals.csv",
        "deal_id,partner_id,customer_id,category,registered_on,status\n"
        "D1,P1,C1,swich,2026-08-01,approved\nD2,P1,C1,switch,2026-08-01,approved\n",
    )
    columns = "sale_id,line_id,sold_on,partner_id,rep_id,product_id,amount"
    shop.sales(
        "S1,,2026-08-01,P1,R1,A,1", "S2,1,2026-08-01,P1,R2,A,1", columns=columns, name="s1.csv"
    )
    shop.sales(
        "S1,,2026-08-01,P1,R1,A,2", "S2,2,2026-08-01,P1,R2,A,1", columns=columns, name="s2.csv"
    )
    inputs = shop.read()
    found = {p.code: p.message for p in inputs.problems}
    assert set(found) == {"rep-elsewhere", "unknown-category", "sale-in-several-files"}
    assert "R1 of P2 on lines of P1" in found["rep-elsewhere"]
    assert "swich" in found["unknown-category"]
    assert "S1" in found["sale-in-several-files"]
    assert {p.severity for p in inputs.problems} == {"warning"}
