"""Which bucket a line goes to, and which files a task reads (docs/cluster.md)."""

import polars as pl

from incentivectl.cluster.buckets import first_rows
from incentivectl.cluster.cutting import Head, bucket_of

LINES = pl.DataFrame(
    {
        "distributor_id": [None, "D1", None, None, None],
        "partner_id": ["P1", "P1", None, None, "P2"],
        "sale_id": ["S1", "S2", "S3", "S3", "S1"],
    },
    schema=dict.fromkeys(("distributor_id", "partner_id", "sale_id"), pl.String),
)


def buckets(lines: pl.DataFrame) -> list[int]:
    return lines.select(bucket=bucket_of(lines, 1_000_000))["bucket"].to_list()


def test_lines_of_a_partner_go_together_and_those_without_one_by_their_sale() -> None:
    one, other, third, fourth, fifth = buckets(LINES)
    assert one == other
    assert third == fourth
    assert len({one, third, fifth}) == 3


def test_columns_that_a_part_of_the_snapshot_leaves_out_count_as_empty() -> None:
    assert buckets(LINES[2:4].drop("distributor_id")) == buckets(LINES)[2:4]
    assert buckets(LINES[2:4].drop("distributor_id", "partner_id")) == buckets(LINES)[2:4]


def test_rows_of_a_task_begin_after_those_of_the_tasks_before() -> None:
    heads = [Head(0, 10, (0, 4)), Head(1, 0, ()), Head(2, 5, (0,))]
    assert first_rows(heads) == {0: 0, 1: 10, 2: 10}
