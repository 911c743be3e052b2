"""Circles of parents: nobody could say who stands at their top (docs/rules.md, "Parents and managers")."""

from collections.abc import Iterator

import polars as pl

from incentivectl.core.errors import Problem
from incentivectl.sales import tops
from incentivectl.sales.in_force import BEGINNING, rows_in_force


def circles(partners: pl.DataFrame, places: pl.DataFrame) -> Iterator[Problem]:
    """An error for each circle; `places` (columns `PLACES`) tell where the rows of partners stand."""
    found = tops.circles(rows_in_force(partners))
    if not found:
        return
    of_partners = places.filter(pl.col("table") == "partners")
    located = partners.with_row_index("at").join(of_partners, on="at", how="left")
    for day, members in found:
        rows = located.filter(pl.col("partner_id").is_in(members)).sort("at")
        named = [
            f"{row['partner_id']} ({row['file']}:{row['line']})"
            for row in rows.filter(pl.col("parent_id").is_in(members)).iter_rows(named=True)
        ]
        since = "" if day == BEGINNING else f" from {day} on"
        yield Problem(
            "parent-circle",
            f"partners: their parents form a circle{since}: {' → '.join([*members, members[0]])};"
            f" see {', '.join(named)}",
            "leave out the `parent_id` of the partner at the top, or name its own id",
        )
