"""What reading the exports of a workspace gives: everything that a run computes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.ingest.account.counts import totals
from incentivectl.ingest.account.days import days_of
from incentivectl.ingest.account.rejects import copied, write_rejects
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.counting_lines import CountingLines, LinesInParts

MOST_VALUES = 20_000
Values = Mapping[str, frozenset[object]]  # of columns


@dataclass(frozen=True, eq=False)
class Inputs:
    """The canonical tables of a workspace, and an account of every row that was read.

    `sales` are the counting sale lines, a scan of Parquet: `row` (UInt64, unique), `source` (String),
    the columns of the table typed (amounts with 6 decimals; `quantity`, `amount` and `currency` never
    null), attributes as text, `partner_known` (Boolean), `n` (Int64, null where there is a
    `line_id`), `line_key` (String, sorts as lines are ordered), `counted_on` (Date), `original`
    (UInt64: the `row` of the line that a return reverses) and `amount_ws` (6 decimals).

    `returns` are those of them that reverse one, with `original.<name>` for every column of that line (or of
    their own, where it is no counting line); None where nobody has looked for them.

    `tables` has the accepted counting rows of every other table, and as `bad_credits` the sales and
    lines whose credits are refused for their shares (columns `credits.BAD_CREDITS`).
    `present`: the tables with any file.
    `counts`: table, source, read, accepted, rejected, duplicate, superseded, skipped.
    `reasons`: table, source, reason, rows, amount (absolute, as far as it could be read).
    `unknown`: the columns of `unknown.csv`. `files`: table, source, path, bytes, sha256, rows.
    `details` are frames by name, for what is told about single rows (see `ingest.account.details`).
    `asked` is what `values_of_sales` found already.
    `known_days` are `days`, where somebody has added them up before.
    `rows` and `tallies` are what the rest is made from. Inputs out of the cache have no `rows`, but
    `rejects`: a folder with what `write_rejects` writes. `parts` are those that the sales lie in, where they
    were read elsewhere.
    """

    sales: pl.LazyFrame
    returns: pl.LazyFrame | None
    tables: dict[str, pl.DataFrame]
    present: frozenset[str]
    counts: pl.DataFrame
    reasons: pl.DataFrame
    unknown: pl.DataFrame
    files: pl.DataFrame
    problems: list[Problem]
    rows: Mapping[str, TableRows]
    tallies: pl.DataFrame
    details: dict[str, pl.DataFrame]
    rejects: Path | None = None
    parts: LinesInParts | None = None
    known_days: pl.DataFrame | None = None
    asked: dict[frozenset[tuple[str, frozenset[object]]], Values] = field(
        init=False, default_factory=dict, compare=False
    )

    @cached_property
    def days(self) -> pl.DataFrame:
        """The counting sale lines by `source`, `sold_on` and `counted_on`.

        `lines` and `void` (Int64, how many of them are void); sums of `quantity`, and in workspace currency
        of amounts (`amount`) and of absolute amounts (`size`).
        """
        return days_of(self.sales) if self.known_days is None else self.known_days

    @cached_property
    def totals(self) -> pl.DataFrame:
        """The counting sale lines of each source: source, lines, amount, size, rejected_size.

        `amount` is their net amount and `size` the sum of the absolute amounts, in workspace currency;
        `rejected_size` sums the absolute amounts of its rejected lines, as far as they could be read.
        """
        return totals(self.days, self.tallies)

    @property
    def counting(self) -> CountingLines:
        """The `sales`, wherever they lie."""
        return CountingLines(self.sales, self.parts)

    def values_of_sales(self, wanted: Mapping[str, frozenset[object]]) -> Values:
        """Those of the `wanted` values of columns that some counting line has.

        Where one is missing, also what else stands in that column, beyond `MOST_VALUES` only some of it.
        Each question is asked once: what is read into a folder for a moment may be gone the next time.
        """
        key = frozenset(wanted.items())
        if key not in self.asked:
            found = self.counting.ask(_wanted_values, _values_together, wanted)
            missing = [name for name, values in wanted.items() if values - found[name]]
            if missing:
                others = self.counting.ask(_all_values, _values_together, missing)
                found = _values_together([found, others])
            self.asked[key] = found
        return self.asked[key]

    def write_rejects(self, folder: Path) -> list[Path]:
        """Writes `<source>.csv` into `folder` for every source with rejected rows; their paths.

        Their text is read from the exports once more; refuses where one has changed meanwhile.
        """
        if self.rejects is not None:
            return copied(self.rejects, folder)
        written = [path for rows in self.rows.values() for path in write_rejects(rows, folder)]
        if changed := [found for rows in self.rows.values() for found in rows.opened.changed()]:
            raise Refused(changed, ExitCode.DATA)
        return written


def _wanted_values(sales: pl.LazyFrame, wanted: Values) -> Values:
    found = {
        name: sales.select(name).filter(pl.col(name).is_in(list(values)))
        for name, values in wanted.items()
    }
    return _distinct(found)


def _all_values(sales: pl.LazyFrame, columns: Sequence[str]) -> Values:
    return _distinct({name: sales.select(name) for name in columns}, MOST_VALUES + 1)


def _distinct(columns: Mapping[str, pl.LazyFrame], most: int | None = None) -> Values:
    values = [frame.drop_nulls().unique() for frame in columns.values()]
    asked = values if most is None else [frame.head(most) for frame in values]
    found = pl.collect_all(asked, engine="streaming")
    return {name: frozenset(one.to_series()) for name, one in zip(columns, found, strict=True)}


def _values_together(parts: Sequence[Values]) -> Values:
    return {
        name: frozenset().union(*(part[name] for part in parts if name in part))
        for name in parts[0]
    }
