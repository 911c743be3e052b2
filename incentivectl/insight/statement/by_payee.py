"""Frames that are looked up payee by payee, a stretch of payees at a time."""

from typing import Any

import polars as pl

WHO = ("payee_kind", "payee_id")
Row = dict[str, Any]
Who = tuple[str, str]  # payee_kind, payee_id


def who(row: Row) -> Who:
    """The payee of a row."""
    return row["payee_kind"], row["payee_id"]


class ByPayee:
    """The rows of a frame in the order of payees; those of one payee stay in the order of the frame."""

    def __init__(self, frame: pl.DataFrame, payees: pl.DataFrame) -> None:
        """Both have the columns `WHO`; rows of others than `payees` are left out."""
        self._frame = frame
        self._rows = (
            frame.select(WHO)
            .with_row_index("row")
            .join(payees.select(WHO).with_row_index("at"), on=WHO)
            .select("at", "row")
            .sort("at", "row")
        )

    def of(self, first: int, count: int) -> pl.DataFrame:
        """The rows of so many payees, from one on (its place in `payees`)."""
        at = self._rows["at"]
        begin, end = (int(at.search_sorted(place)) for place in (first, first + count))
        return self._frame[self._rows["row"][begin:end]]
