"""Dates as exports write them: serial numbers, times with offsets and zones, and what is none."""

from datetime import date

import polars as pl
import pytest

from incentivectl.ingest.rows import dates
from incentivectl.ingest.rows.dates import DateStyle
from tests.ingest.conftest import Shop, counted, lines, reasons


def read(text: str, style: DateStyle) -> date | None:
    found: date | None = pl.DataFrame({"t": [text]}).select(dates.date(pl.col("t"), style)).item()
    return found


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("46235", date(2026, 8, 1)),  # =DATE(2026;8;1) as a number
        ("46235.99999", date(2026, 8, 1)),
        ("46235.", date(2026, 8, 1)),
        ("046235", date(2026, 8, 1)),
        ("1", date(1900, 1, 1)),
        ("59", date(1900, 2, 28)),
        ("60", None),  # 29 February 1900 was no day
        ("60.5", None),
        ("61", date(1900, 3, 1)),
        ("401768", date(2999, 12, 31)),
        ("401769", None),
        ("0", None),
        ("0.75", None),  # a time without a date
        ("-5", None),
        ("46235,5", None),
        ("46,235", None),
        ("4.6235E+4", None),
        ("2026-08-01", None),
        ("99999999999999999999", None),
    ],
)
def test_serial_numbers(serial: str, day: date | None) -> None:
    assert read(serial, DateStyle("excel")) == day


def test_serial_numbers_have_the_decimal_sign_of_their_source() -> None:
    style = DateStyle("excel", decimal=",")
    assert read("46235,5", style) == date(2026, 8, 1)
    assert read("46235.5", style) is None


def test_dates_are_written_as_serial_numbers() -> None:
    days = pl.DataFrame({"d": [date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1), None]})
    serials = days.select(dates.written(pl.col("d"), "excel"))["d"].to_list()
    assert serials == ["1", "59", "61", None]


# The day as it is written, and the day that it is in New York (−4 h in summer, −5 h in winter).
TIMES = [
    ("2026-08-01T23:00:00.123Z", 1, 1),  # 19:00
    ("2026-08-01T03:59:59Z", 1, 31),  # 23:59 on 31 July
    ("2026-08-01T04:00:00Z", 1, 1),
    ("2026-08-01 23:00:00 -0700", 1, 2),
    ("2026-08-01T20:59-07:00", 1, 1),
    ("2026-08-01T21:00-07", 1, 2),
    ("2026-08-01T01:00:00,5+0530", 1, 31),
    ("2026-08-01 01:00 \u22120330", 1, 1),
    ("2026-08-01, 03:00 GMT+2", 1, 31),
    ("2026-08-01 03:00:00 UTC", 1, 31),
    ("2026-08-01T03:00:00+02:00[Europe/Berlin]", 1, 31),  # the offset decides
    ("2026-08-01 23:00 -0700 (Pacific Daylight Time)", 1, 2),
    ("2026-08-01 23:30 America/Los_Angeles", 1, 2),
    ("2026-08-01 11:59\u202fPM -0500", 1, 2),
    ("2026-08-01 12:30 a.m. Z", 1, 31),
    ("2026-08-01T24:00:00+00:00", 1, 1),  # 20:00
    # without an offset they stay, in whatever zone their writer was
    ("2026-08-01", 1, 1),
    ("2026-08-01 23:59:59", 1, 1),
    ("2026-08-01 23:59 PDT", 1, 1),
    ("2026-08-01 23:59 (Pacific Time)", 1, 1),
    ("2026-08-01 23:59 Mars/Olympus", 1, 1),
]


@pytest.mark.parametrize(("text", "as_written", "in_new_york"), TIMES)
def test_times(text: str, as_written: int, in_new_york: int) -> None:
    assert read(text, DateStyle()) == date(2026, 8, as_written)
    month = 7 if in_new_york == 31 else 8
    assert read(text, DateStyle(time_zone="America/New_York")) == date(2026, month, in_new_york)


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        # New York's clocks go from 01:59 to 03:00 on 8 March 2026, which is 07:00 UTC.
        ("2026-03-08T04:59Z", "America/New_York", date(2026, 3, 7)),  # 23:59, still −5 h
        ("2026-03-09T03:59Z", "America/New_York", date(2026, 3, 8)),  # 23:59, by now −4 h
        ("2026-03-09T04:00Z", "America/New_York", date(2026, 3, 9)),
        # 02:30 that night is no time there; it is taken for 03:30, 07:30 UTC, 20:30 in Auckland
        ("2026-03-08 02:30 America/New_York", "Pacific/Auckland", date(2026, 3, 8)),
        # Santiago's clocks skip the hour after midnight on 6 September 2026: 00:30 is 01:30, 04:30 UTC
        ("2026-09-06 00:30 America/Santiago", "America/Los_Angeles", date(2026, 9, 5)),
        # 01:30 on 1 November 2026 is twice: the first is 05:30 UTC, 23:30 the day before in Denver
        ("2026-11-01 01:30 America/New_York", "America/Denver", date(2026, 10, 31)),
        ("2026-08-01 10:00 Pacific/Kiritimati", "Pacific/Pago_Pago", date(2026, 7, 31)),
        ("2026-08-01T25:00Z", "UTC", None),  # no time, so nobody knows which day it is
        ("2026-08-01T10:61Z", "UTC", None),
        ("2026-02-30T10:00Z", "UTC", None),
    ],
)
def test_clocks_that_change_and_times_that_are_none(text: str, zone: str, day: date | None) -> None:
    assert read(text, DateStyle(time_zone=zone)) == day


def test_times_before_the_date() -> None:
    style = DateStyle("%H:%M %d.%m.%Y %z", "America/New_York")
    assert read("23:00 01.08.2026 -0700", style) == date(2026, 8, 2)
    assert read("23:00 01.08.2026", style) == date(2026, 8, 1)
    assert read("23:00 01.08.2026 -0700", DateStyle("%H:%M %d.%m.%Y %z")) == date(2026, 8, 1)


def test_an_export_of_serial_numbers(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\ndate_format = "excel"\n'
    shop.sales(
        "S1,46235,P1,5",
        "S2,60,P1,5",
        "S3,2026-08-01,P1,5",
        columns="sale_id,sold_on,partner_id,amount",
    )
    inputs = shop.read()
    assert lines(inputs, "sale_id", "sold_on") == [("S1", date(2026, 8, 1))]
    assert reasons(inputs) == {"bad-date": 2}


def test_mixed_zones_in_an_export(shop: Shop, way: str) -> None:
    shop.config = '[sources.sales]\ntime_zone = "America/New_York"\n'
    shop.sales(
        *(f'S{n},"{text}",P1,5' for n, (text, _, _) in enumerate(TIMES)),
        columns="sale_id,sold_on,partner_id,amount",
    )
    inputs = shop.read()
    assert counted(inputs) == {"accepted": len(TIMES)}
    assert [day.day for _, day in lines(inputs, "sale_id", "sold_on")] == [day for *_, day in TIMES]  # type: ignore[attr-defined]


def test_typed_cells_know_their_own_zone_and_serial_numbers(shop: Shop) -> None:
    shop.config = """
[sources.sales]
path = "sample_data/*.parquet"
date_format = "excel"
time_zone = "America/New_York"
"""
    frame = pl.DataFrame(
        {
            "sale_id": ["S1"],
            "sold_on": ["2026-08-01 03:00"],
            "received_on": [46235],
            "partner_id": ["P1"],
            "amount": [5],
        }
    ).with_columns(pl.col("sold_on").str.to_datetime("%Y-%m-%d %H:%M", time_zone="UTC"))
    shop.write("sample_data/sales.parquet", frame)
    days = lines(shop.read(), "sold_on", "received_on")
    assert days == [(date(2026, 7, 31), date(2026, 8, 1))]
