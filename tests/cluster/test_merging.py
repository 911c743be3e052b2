"""Each way in which buckets are merged, broken on purpose, changes the files of a run (docs/cluster.md)."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
import pytest

from incentivectl.core.tables import SALE
from incentivectl.engine import single_lines
from incentivectl.kinds.discount import authorised
from incentivectl.rules.case import LINE_ORDER
from tests.cluster.channel import write_channel
from tests.cluster.hiding import Hiding
from tests.cluster.spreading import contents, files_of

BUCKETS = 2
T = TypeVar("T")


def of_the_whole(root: Path, folder: Path) -> dict[str, bytes]:
    files_of(root, "2026-09", folder / "whole", None)
    return contents(folder / "whole")


def in_buckets(root: Path, folder: Path) -> dict[str, bytes]:
    files_of(root, "2026-09", folder / "files", Hiding(folder), BUCKETS)
    return contents(folder / "files")


def test_buckets_give_the_files_of_the_whole(tmp_path: Path) -> None:
    root = write_channel(tmp_path / "w")
    whole, found = of_the_whole(root, tmp_path), in_buckets(root, tmp_path)
    assert found.keys() == whole.keys()
    assert [name for name in whole if found[name] != whole[name]] == []


def first(parts: Sequence[T]) -> T:
    return parts[0]


def ids_added(name: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames, how="diagonal")


def first_of_sums(name: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return frames[0]


def none_in_several(parts: Sequence[pl.Series]) -> pl.Series:
    return parts[0].clear()


def last_by_order(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).sort(*LINE_ORDER).unique("serial", keep="last", maintain_order=True)


_PARTS = authorised._parts


def quantity_for_each(
    allowed: Mapping[int, Decimal], found: Sequence[pl.DataFrame]
) -> pl.DataFrame:
    return pl.concat(_PARTS(allowed, [one]) for one in found)


_TOGETHER = single_lines._together


def beside_lines_in_each(parts: Sequence[Any]) -> Any:  # noqa: ANN401
    """What is contributed besides lines, added up over parts that all know it."""
    one, found = parts[0].contributed, _TOGETHER(parts)
    columns = [name for name in one.columns if name not in ("by_lines", "beside")]
    sums = pl.concat(part.contributed for part in parts).group_by("program", "period", "payee_id")
    wrong = sums.agg(pl.col("by_lines", "beside").sum(), repeated=0, has_lines=True)
    return replace(found, contributed=wrong.select(*columns, "by_lines", "beside"))


def nobody(one: object) -> bool:
    return False


def by_sale(lines: pl.DataFrame, buckets: int) -> pl.Expr:
    return pl.struct(name for name in SALE if name in lines.columns).hash() % buckets


def all_from_the_start(heads: Sequence[Any]) -> dict[int, int]:
    return {head.number: 0 for head in heads}


BROKEN: dict[tuple[str, str], Callable[..., Any]] = {
    ("sales.facts", "_earliest_together"): first,
    ("sales.facts", "_bought_together"): first,
    ("rules.lines.sums", "_merged"): first_of_sums,
    ("rules.lines.sums", "_merged "): ids_added,
    ("rules.lines.serials", "_in_several"): none_in_several,
    ("rules.lines.serials", "_first_by_order"): last_by_order,
    ("kinds.discount.authorised", "_parts"): quantity_for_each,
    ("kinds.deal_registration.rules", "together"): first,
    ("engine.single_lines", "_together"): first,
    ("engine.single_lines", "_together "): beside_lines_in_each,
    ("engine.single_lines", "_spans_parts"): nobody,
    ("rules.earning.first_come", "_together"): first,
    ("insight.leaderboard.recent_sales", "_lately_together"): first,
    ("insight.leaderboard.recent_sales", "_before_together"): first,
    ("cluster.cutting", "bucket_of"): by_sale,
    ("cluster.buckets", "first_rows"): all_from_the_start,
    **{
        ("ingest.account.of_sales", name): first
        for name in (
            "tallied_together",
            "days_together",
            "replaced_together",
            "duplicates_together",
            "seen_together",
            "waiting_together",
            "rejected_together",
            "first_returns",
            "lines_of_reps_together",
            "sales_in_files_together",
        )
    },
    ("ingest.rows.credits", "_distinct"): first,
    ("ingest.account.unmatched_credits", "_first_known"): first,
    ("ingest.account.far_dates", "_first_of_all"): first,
    ("ingest.inputs", "_values_together"): first,
    ("posting.guards.rejects", "_months_together"): first,
}
# The program that shows it, where not just any does: one is settled much sooner than all of them.
SHOWN_BY: dict[tuple[str, str], str] = {
    ("sales.facts", "_earliest_together"): "first",
    ("sales.facts", "_bought_together"): "known",
    ("rules.lines.sums", "_merged "): "reps",
    ("rules.lines.serials", "_in_several"): "serial",
    ("rules.lines.serials", "_first_by_order"): "serial",
    ("kinds.discount.authorised", "_parts"): "ship",
    ("kinds.deal_registration.rules", "together"): "deals",
    ("engine.single_lines", "_spans_parts"): "climb",
    ("rules.earning.first_come", "_together"): "first",
    ("cluster.cutting", "bucket_of"): "first",
    ("ingest.inputs", "_values_together"): "named",
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: f"{broken[0]}.{broken[1]}")
def test_a_broken_merge_is_noticed(
    broken: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name = f"incentivectl.{broken[0]}", broken[1].strip()
    root = write_channel(tmp_path / "w", [SHOWN_BY.get(broken, "marginal")])
    whole = of_the_whole(root, tmp_path)
    monkeypatch.setattr(sys.modules[module], name, BROKEN[broken])
    try:
        found = in_buckets(root, tmp_path)
    except (AssertionError, pl.exceptions.PolarsError, ValueError, OSError):
        return  # it does not even fit together
    assert found != whole
