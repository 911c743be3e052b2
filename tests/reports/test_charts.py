"""Charts of names that no drawing library likes."""

import unicodedata
from decimal import Decimal

from incentivectl.reports.charts import Bar, Picture, bars, columns

EVIL = "\x1b[31m\x01\x9b\u202e\ud800<script>"


def drawn(picture: Picture) -> None:
    for svg in (picture.wide, picture.narrow):
        assert svg.startswith("<svg ")
        assert "<script" not in svg
        assert not [s for s in svg if unicodedata.category(s) in ("Cc", "Cs") and s != "\n"]
        assert "\u202e" not in svg


def test_labels_of_bars() -> None:
    drawn(bars([Bar(EVIL, {"paid": Decimal(3)}, EVIL, Decimal(4))], ("paid",)))


def test_labels_of_columns() -> None:
    drawn(columns([(EVIL, Decimal(3), True), ("b", Decimal(2), False)], EVIL))
