"""The cache of accepted lines: the same answer without reading again, and never a stale one."""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from incentivectl.core import cache
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.store import cached, content
from tests.ingest.conftest import GOOD_SALES, PARTNERS, Shop

FX = "on,currency,rate\n2026-01-01,EUR,1.10\n"
SALES = """\
sale_id,line_id,sold_on,partner_id,product_id,quantity,amount,currency,return_of
S1,1,2026-08-01,P1,X,2,10,EUR,
S1,1,2026-08-01,P1,X,2,10,EUR,
S2,,2026-08-02,P2,X,1,20,USD,
S2,,2026-08-02,P2,X,1,21,USD,
S3,1,2026-08-03,P3,X,1,x,USD,
S4,1,2026-08-04,P9,X,1,40,USD,
S5,1,2026-08-09,P1,X,-1,-5,EUR,S1
"""


IN_DOLLARS = '[sources.sales]\npath = "sample_data/s*.csv"\nset = { currency = "USD" }'


class Cached:
    """A shop that is read with a cache; `reads` counts how often its exports were read."""

    def __init__(self, shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shop, self.folder, self.reads = shop, folder, 0
        read_workspace = cached.read_workspace

        def counted(*arguments: object) -> Inputs:
            self.reads += 1
            return read_workspace(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(cached, "read_workspace", counted)

    def read(self) -> Inputs:
        scratch = self.shop.root / f"cached-{time.monotonic_ns()}"
        return cached.read_cached(self.shop.workspace(), scratch, None, self.folder)

    def age(self) -> None:
        """All files of the workspace as if they had been there for long."""
        for path in self.shop.root.glob("sample_data/*"):
            os.utime(path, (1_700_000_000, 1_700_000_000))


@pytest.fixture
def kept(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cached:
    shop.write("sample_data/sales.csv", SALES)
    shop.write("sample_data/fx.csv", FX)
    return Cached(shop, tmp_path / "cache", monkeypatch)


def amounts(inputs: Inputs) -> list[str]:
    return sorted(map(str, inputs.sales.collect()["amount_ws"]))


def test_a_second_reading_gives_the_same(kept: Cached, tmp_path: Path) -> None:
    first, second = kept.read(), kept.read()
    assert kept.reads == 1
    for name in ("counts", "reasons", "unknown", "files", "tallies", "totals"):
        assert_frame_equal(getattr(first, name), getattr(second, name))
    assert first.tables.keys() == second.tables.keys()
    for name, table in first.tables.items():
        assert_frame_equal(table, second.tables[name])
    assert_frame_equal(first.sales.collect(), second.sales.collect(), check_row_order=False)
    assert (first.present, first.problems) == (second.present, second.problems)
    written = [
        [(path.name, path.read_bytes()) for path in inputs.write_rejects(tmp_path / name)]
        for name, inputs in (("one", first), ("two", second))
    ]
    assert written[0] == written[1] != []


CHANGES: dict[str, Callable[[Shop], object]] = {
    "a line": lambda shop: shop.write("sample_data/sales.csv", SALES.replace("20,USD", "29,USD")),
    "a master": lambda shop: shop.write("sample_data/partners.csv", PARTNERS + "P9,Nine\n"),
    "a rate": lambda shop: shop.write("sample_data/fx.csv", FX.replace("1.10", "1.20")),
    "the mapping": lambda shop: setattr(shop, "config", IN_DOLLARS),
    "the grouping": lambda shop: setattr(shop, "config", '[sources.sales]\ngrouping = "indian"'),
    "a minus": lambda shop: setattr(shop, "config", '[sources.sales]\nminus = ["CR"]'),
    "the zone": lambda shop: setattr(shop, "config", '[sources.sales]\ntime_zone = "Asia/Tokyo"'),
    "the dates": lambda shop: setattr(shop, "config", '[sources.sales]\ndate_format = "excel"'),
    "a tolerance": lambda shop: setattr(shop, "data", 'unknown_partner = "keep"'),
    "the currency": lambda shop: setattr(shop, "currency", "EUR"),
    "another table": lambda shop: shop.write("sample_data/products.csv", "product_id\nY\n"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
@pytest.mark.parametrize("is_noted", [False, True])
def test_nothing_stale(
    kept: Cached,
    change: Callable[[Shop], object],
    is_noted: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Either no file is too young for its hash to be noted, or all are, however slow the machine.
    monkeypatch.setattr(content, "YOUNG_SECONDS", -60 if is_noted else 3600)
    if is_noted:
        kept.age()
    kept.read()
    assert any((kept.folder / "files").glob("*")) == is_noted
    change(kept.shop)
    if is_noted:
        kept.age()  # as an edit that sets the old times again
    fresh = kept.shop.read()
    again = kept.read()
    assert kept.reads == 2
    assert amounts(again) == amounts(fresh)
    assert_frame_equal(again.counts, fresh.counts)


def test_a_new_file_of_a_pattern(kept: Cached) -> None:
    kept.shop.config = '[sources.sales]\npath = "sample_data/s*.csv"'
    before = kept.read().counts["read"].sum()
    kept.shop.write("sample_data/s2.csv", GOOD_SALES)
    assert kept.read().counts["read"].sum() == before + 2
    assert kept.reads == 2


def test_files_that_have_just_changed_are_not_noted(kept: Cached) -> None:
    kept.read()
    assert not list((kept.folder / "files").glob("*"))


def test_a_change_of_the_program_itself(kept: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.read()
    monkeypatch.setattr(cached, "program_version", lambda: "another")
    kept.read()
    assert kept.reads == 2


@pytest.mark.parametrize("victim", ["about.json", "tables/fx.arrow", "sales/home/*/*.parquet"])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_bytes(b"{")])
def test_a_damaged_entry_is_read_again(
    kept: Cached, victim: str, damage: Callable[[Path], object]
) -> None:
    whole = amounts(kept.read())
    for path in kept.folder.glob(f"inputs/*/*/{victim}"):
        damage(path)
    assert amounts(kept.read()) == whole
    assert amounts(kept.read()) == whole
    assert kept.reads == 2


def test_a_cache_that_cannot_be_written(kept: Cached, tmp_path: Path) -> None:
    kept.folder = tmp_path / "a file"
    kept.folder.write_text("")
    assert amounts(kept.read()) == amounts(kept.read())


def test_exports_with_errors_are_not_kept(kept: Cached) -> None:
    kept.shop.write("sample_data/sales.csv", b"PK\0\0")
    assert kept.read().problems
    assert not (kept.folder / "inputs").exists()


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    entries = [tmp_path / name for name in ("old", "older", "now")]
    for entry, age in zip(entries, (5_000, 6_000, 0), strict=True):
        entry.mkdir()
        (entry / "data").write_bytes(b"x" * 100)
        os.utime(entry, (time.time() - age,) * 2)
    cache.keep_within(entries, most_bytes=250)
    assert [entry.exists() for entry in entries] == [True, False, True]
    cache.keep_within(entries, most_bytes=50)
    assert [entry.exists() for entry in entries] == [False, False, True]


def test_the_cache_is_tidied_once_an_hour(kept: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    old, hour_ago = kept.folder / "inputs/settings/.new-left", time.time() - 3601
    for tidied in (True, False, True):
        old.mkdir(parents=True)
        os.utime(old, (hour_ago, hour_ago))
        kept.shop.sales(f"S{kept.reads},1,2026-08-01,P1,X,1,1,1")  # another entry is kept
        kept.read()
        assert old.exists() != tidied
        if not tidied:
            old.rmdir()
            os.utime(kept.folder / "tidied", (hour_ago, hour_ago))
    assert kept.reads == 3


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INCENTIVECTL_CACHE", "/elsewhere")
    assert cache.cache_folder() == Path("/elsewhere")
    monkeypatch.setenv("INCENTIVECTL_CACHE", "")
    assert cache.cache_folder() is None
    monkeypatch.delenv("INCENTIVECTL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/xdg")
    assert cache.cache_folder() == Path("/xdg/incentivectl")


def test_an_entry_that_another_process_wrote_meanwhile(tmp_path: Path) -> None:
    entry = tmp_path / "entry"
    with cache.new_entry(entry) as mine:
        (mine / "by").write_text("me")
        entry.mkdir()
        (entry / "by").write_text("other")
    assert (entry / "by").read_text() == "other"
    assert [path.name for path in tmp_path.iterdir()] == ["entry"]


def everything(inputs: Inputs, folder: Path) -> list[object]:
    """All that a run sees of what was read."""
    frames = ("counts", "reasons", "unknown", "files", "tallies", "totals")
    return [
        inputs.sales.sort("row").collect().rows(),
        {name: table.rows() for name, table in inputs.tables.items()},
        {name: getattr(inputs, name).rows() for name in frames},
        (inputs.present, inputs.problems),
        [(path.name, path.read_bytes()) for path in inputs.write_rejects(folder)],
    ]


def test_no_bit_of_the_cache_is_believed(
    kept: Cached, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "YOUNG_SECONDS", -60)
    kept.age()
    whole = everything(kept.read(), tmp_path / "whole")
    chance = random.Random(12)
    for number in range(20):
        files = [path for path in sorted(kept.folder.rglob("*")) if path.is_file()]
        path = files[number % len(files)]
        damaged = bytearray(path.read_bytes())
        bit = chance.randrange(8 * len(damaged))
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        again = everything(kept.read(), tmp_path / f"again-{number}")
        assert again == whole, f"bit {bit} of {path.relative_to(kept.folder)}"
    assert kept.reads > 14


def test_a_panic_of_polars_is_a_damaged_entry(
    kept: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    def panic(*_: object) -> None:
        raise pl.exceptions.PanicException("index out of bounds")

    whole = amounts(kept.read())
    with monkeypatch.context() as broken:
        broken.setattr(cached, "restore", panic)
        assert amounts(kept.read()) == whole
    assert amounts(kept.read()) == whole
    assert kept.reads == 2
