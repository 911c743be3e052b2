"""Returns: the line that they reverse, and the date that lines count on; exchange rates."""

from datetime import date
from decimal import Decimal

import polars as pl

from incentivectl.ingest.inputs import Inputs
from incentivectl.sales.returns import with_originals
from tests.ingest.conftest import Shop, counted, lines, reasons

COLUMNS = "sale_id,line_id,sold_on,partner_id,product_id,quantity,amount,return_of,serial"


def taken_back(inputs: Inputs) -> dict[str, tuple[str, str] | None]:
    """Each return's sale id with the (sale, line) that it reverses."""
    sales = inputs.sales.collect()
    places = {
        row: (sale, line) for row, sale, line in sales.select("row", "sale_id", "line_id").rows()
    }
    returns = sales.filter(pl.col("return_of").is_not_null())
    return {sale: places.get(row) for sale, row in returns.select("sale_id", "original").rows()}


def test_which_line_is_taken_back(shop: Shop) -> None:
    shop.sales(
        "S1,10,2026-08-05,P1,A,1,10,,",
        "S1,9,2026-08-04,P1,A,1,10,,X9",
        "S1,2,2026-08-06,P1,B,1,10,,",
        "S1,1,2026-08-06,P1,B,-1,-10,,",  # a return itself: no original
        "S1,0,2026-08-01,P1,A,0,0,,",  # void: no original
        "S1,9,2026-07-01,P2,A,1,10,,",  # another partner's sale
        "R1,1,2026-09-01,P1,A,-1,-10,S1,",
        "R2,1,2026-09-01,P1,A,-1,-10,S1,X9",
        "R3,1,2026-09-01,P1,A,-1,-10,S1,X?",
        "R4,1,2026-09-01,P1,B,-1,-10,S1,",
        "R5,1,2026-09-01,P1,C,-1,-10,S1,",
        "R6,1,2026-09-01,P1,,-1,-10,S1,",
        "R7,1,2026-09-01,P1,A,-1,-10,S?,",
        "R8,1,2026-09-01,P3,A,-1,-10,S1,",
        "R9,1,2026-09-01,P1,A,1,10,S1,",  # not negative: return_of says nothing
        "RA,1,2026-09-01,P1,A,-1,0,S1,",
        columns=COLUMNS,
    )
    inputs = shop.read()
    assert taken_back(inputs) == {
        "R1": ("S1", "9"),
        "R2": ("S1", "9"),
        "R3": ("S1", "9"),
        "R4": ("S1", "2"),
        "R5": ("S1", "2"),
        "R6": ("S1", "2"),
        "R7": None,
        "R8": None,
        "R9": None,
        "RA": ("S1", "9"),
    }
    dates = {
        sale: day for sale, day in lines(inputs, "sale_id", "counted_on") if str(sale)[0] == "R"
    }
    assert dates == {
        **dict.fromkeys(["R1", "R2", "R3", "RA"], date(2026, 8, 4)),
        **dict.fromkeys(["R4", "R5", "R6"], date(2026, 8, 6)),
        **dict.fromkeys(["R7", "R8", "R9"], date(2026, 9, 1)),
    }
    (warning,) = [p for p in inputs.problems if p.code == "unknown-return-of"]
    assert "2 lines" in warning.message
    assert "S?" in warning.message
    assert warning.severity == "warning"


def test_serial_picks_the_line(shop: Shop) -> None:
    shop.sales(
        "S1,1,2026-08-04,P1,A,1,10,,X1",
        "S1,2,2026-08-04,P1,A,1,10,,X2",
        "R1,1,2026-09-01,P1,A,-1,-10,S1,X2",
        columns=COLUMNS,
    )
    assert taken_back(shop.read()) == {"R1": ("S1", "2")}


def test_a_sale_of_returns_only_is_not_known(shop: Shop) -> None:
    shop.sales("S1,1,2026-08-04,P1,A,-1,-10,,", "R1,1,2026-09-01,P1,A,-1,-10,S1,", columns=COLUMNS)
    inputs = shop.read()
    assert taken_back(inputs) == {"R1": None}
    assert lines(inputs, "counted_on") == [(date(2026, 8, 4),), (date(2026, 9, 1),)]


def test_lines_without_ids_come_last_by_product_and_number(shop: Shop) -> None:
    shop.sales(
        "S1,,2026-08-04,P1,B,1,1,,",
        "S1,,2026-08-04,P1,A,1,2,,",
        "S1,,2026-08-04,P1,A,1,3,,",
        "R1,1,2026-09-01,P1,C,-1,-10,S1,",
        "R2,1,2026-09-01,P1,B,-1,-10,S1,",
        columns=COLUMNS,
    )
    inputs = shop.read()
    sales = inputs.sales.collect()
    amounts = dict(sales.select("row", "amount").rows())
    found = {
        sale: amounts[row]
        for sale, row in sales.filter(pl.col("original").is_not_null())
        .select("sale_id", "original")
        .rows()
    }
    assert found == {"R1": Decimal(2), "R2": Decimal(1)}


FX = "on,currency,rate\n2026-08-01,EUR,1.1\n2026-08-10,EUR,1.2\n2026-08-05,USD,9\n"
FX_COLUMNS = "sale_id,line_id,sold_on,partner_id,amount,currency,return_of"


def test_the_latest_rate_on_or_before_the_date_that_counts(shop: Shop) -> None:
    shop.write("sample_data/fx.csv", FX)
    shop.sales(
        "S0,1,2026-07-31,P1,10,EUR,",
        "S1,1,2026-08-01,P1,10,EUR,",
        "S2,1,2026-08-09,P1,10,eur,",
        "S3,1,2026-08-10,P1,0.3333335,EUR,",
        "S4,1,2027-08-10,P1,10,EUR,",
        "S5,1,2026-08-10,P1,10,,",
        "S6,1,2026-08-10,P1,10,GBP,",
        "R1,1,2026-08-20,P1,-10,EUR,S1",  # counts on 1 August
        columns=FX_COLUMNS,
    )
    inputs = shop.read()
    assert reasons(inputs) == {"no-fx-rate": 2, "too-precise": 1}
    assert lines(inputs, "sale_id", "currency", "amount_ws") == [
        ("S1", "EUR", Decimal(11)),
        ("S2", "EUR", Decimal(11)),
        ("S4", "EUR", Decimal(12)),
        ("S5", "USD", Decimal(10)),
        ("R1", "EUR", Decimal(-11)),
    ]


def test_converted_amounts_are_rounded_half_up(shop: Shop) -> None:
    shop.write("sample_data/fx.csv", "on,currency,rate\n2026-01-01,EUR,0.5\n")
    shop.sales(
        "S1,1,2026-08-01,P1,0.000001,EUR,",
        "S2,1,2026-08-01,P1,-0.000003,EUR,",
        "S3,1,2026-08-01,P1,0.000005,EUR,",
        columns=FX_COLUMNS,
    )
    assert lines(shop.read(), "amount_ws") == [
        (Decimal("0.000001"),),
        (Decimal("-0.000002"),),
        (Decimal("0.000003"),),
    ]


def test_old_rates(shop: Shop) -> None:
    shop.data = "max_rate_age_days = 5"
    shop.write("sample_data/fx.csv", FX)
    days = ("06", "07", "15", "16")
    shop.sales(*(f"S{d},1,2026-08-{d},P1,1,EUR," for d in days), columns=FX_COLUMNS)
    inputs = shop.read()
    assert [sale for (sale,) in lines(inputs, "sale_id")] == ["S06", "S15"]
    assert reasons(inputs) == {"no-fx-rate": 2}


def test_a_return_without_a_rate_gives_way_to_its_earlier_version(shop: Shop) -> None:
    shop.write("sample_data/fx.csv", FX)
    shop.sales(
        "S1,1,2026-07-01,P1,10,USD,",
        "R1,1,2026-08-20,P1,-5,USD,S1",
        "R1,1,2026-08-20,P1,-7,EUR,S1",  # counts in July, where EUR has no rate
        columns=FX_COLUMNS,
    )
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 2, "rejected": 1}
    assert reasons(inputs) == {"no-fx-rate": 1}
    assert lines(inputs, "sale_id", "counted_on", "amount_ws") == [
        ("S1", date(2026, 7, 1), Decimal(10)),
        ("R1", date(2026, 7, 1), Decimal(-5)),
    ]


def test_a_rejected_line_leaves_the_version_before_it(shop: Shop) -> None:
    shop.write("sample_data/fx.csv", FX)
    shop.sales("S1,1,2026-08-01,P1,10,EUR,", "S1,1,2026-08-01,P1,10,GBP,", columns=FX_COLUMNS)
    inputs = shop.read()
    assert counted(inputs) == {"accepted": 1, "rejected": 1}
    assert lines(inputs, "amount_ws") == [(Decimal(11),)]


def test_a_line_without_a_rate_is_no_original(shop: Shop) -> None:
    shop.write("sample_data/fx.csv", FX)
    shop.sales("S1,1,2026-08-01,P1,10,GBP,", "R1,1,2026-08-20,P1,-5,USD,S1", columns=FX_COLUMNS)
    inputs = shop.read()
    assert reasons(inputs) == {"no-fx-rate": 1}
    assert lines(inputs, "sale_id", "counted_on", "original") == [("R1", date(2026, 8, 20), None)]


def test_missing_quantity_and_amount(shop: Shop) -> None:
    shop.sales(
        "S1,1,2026-08-01,P1,,,-5",
        "S2,1,2026-08-01,P1,,,5",
        "S3,1,2026-08-01,P1,,2.5,",
        "S4,1,2026-08-01,P1,-3,2.5,",
        "S5,1,2026-08-01,P1,0.333333,0.333333,",
        "S6,1,2026-08-01,P1,2,2.5,7",
        columns="sale_id,line_id,sold_on,partner_id,quantity,unit_price,amount",
    )
    assert lines(shop.read(), "quantity", "amount") == [
        (Decimal(-1), Decimal(-5)),
        (Decimal(1), Decimal(5)),
        (Decimal(1), Decimal("2.5")),
        (Decimal(-3), Decimal("-7.5")),
        (Decimal("0.333333"), Decimal("0.111111")),
        (Decimal(2), Decimal(7)),
    ]


def test_returns_carry_the_line_that_they_reverse(shop: Shop) -> None:
    """The values are those of the original, row by row; a return of an unknown sale is not among them."""
    shop.sales(
        "S1,1,2026-08-05,P1,A,3,30,,",
        "S2,1,2026-08-06,P2,B,1,10,,",
        "R1,1,2026-09-01,P1,A,-1,-10,S1,",
        "R2,1,2026-09-02,P1,A,-2,-20,S1,",
        "R3,1,2026-09-03,P1,A,-1,-10,S?,",
        columns=COLUMNS,
    )
    inputs = shop.read()
    assert inputs.returns is not None
    wanted = ("sale_id", "quantity", "original.sale_id", "original.quantity", "original.sold_on")
    assert inputs.returns.select(wanted).sort("sale_id").collect().rows() == [
        ("R1", Decimal(-1), "S1", Decimal(3), date(2026, 8, 5)),
        ("R2", Decimal(-2), "S1", Decimal(3), date(2026, 8, 5)),
    ]
    own = inputs.sales.collect_schema().names()
    assert inputs.returns.collect_schema().names() == own + [f"original.{name}" for name in own]


def test_a_return_whose_line_is_not_there_has_its_own_values(shop: Shop) -> None:
    """As where somebody leaves that line out of what is computed."""
    shop.sales(
        "S1,1,2026-08-05,P1,A,3,30,,",
        "R1,1,2026-09-01,P1,A,-1,-10,S1,",
        columns=COLUMNS,
    )
    sales = shop.read().sales
    alone = sales.filter(pl.col("sale_id") == "R1")
    found = with_originals(alone, alone).select("original.sale_id", "original.quantity")
    assert found.rows() == [("R1", Decimal(-1))]


def test_without_returns_there_are_none(shop: Shop) -> None:
    shop.sales("S1,1,2026-08-05,P1,A,3,30,,", columns=COLUMNS)
    inputs = shop.read()
    assert inputs.returns is not None
    assert inputs.returns.collect().is_empty()
