"""Charts of names that no drawing library likes."""

import unicodedata
from decimal import Decimal
from typing import Any

import altair
import pytest
from jsonschema import ValidationError

from incentivectl.reports import charts
from incentivectl.reports.charts import TIER_COLOURS, Bar, Picture, bars, columns

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


@pytest.mark.parametrize("mark", [None, Decimal(4)])
def test_charts_are_what_altair_takes_for_valid(
    monkeypatch: pytest.MonkeyPatch, mark: Decimal | None
) -> None:
    specs: list[dict[str, Any]] = []
    monkeypatch.setattr(charts, "_svg", lambda spec: specs.append(spec) or "")
    bars([Bar("a", {"paid": Decimal(3), "held": 2}, "5", mark)], ("paid", "held"), TIER_COLOURS)
    columns([("a", Decimal(3), True), ("b", Decimal(2), False)], "USD")
    assert len(specs) == 4
    for spec in specs:
        altair.Chart.from_dict(spec, validate=True)
    specs[0]["layer"][0]["mark"] = {"type": "beam"}
    with pytest.raises(ValidationError):
        altair.Chart.from_dict(specs[0], validate=True)
