"""Reads the tables of a workspace one by one, each with what those before it tell.

The sales, and what all tables make together, are read by `reading`.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import polars as pl

from incentivectl.core.errors import Problem
from incentivectl.core.frames import constants_once
from incentivectl.core.tables import TABLES
from incentivectl.ingest.account.corrections import supersede_corrected
from incentivectl.ingest.account.counts import tally
from incentivectl.ingest.account.details import FIRST_REJECTED, PLACES, UNMATCHED
from incentivectl.ingest.account.first_rejected import first_rejected, rejected_by_file
from incentivectl.ingest.account.unmatched_credits import unmatched_credits
from incentivectl.ingest.files.files import files_of_sources
from incentivectl.ingest.files.opening import Opened, open_files
from incentivectl.ingest.files.readable import readable
from incentivectl.ingest.progress import Progress
from incentivectl.ingest.rows.columns import attributes_of, schema_of
from incentivectl.ingest.rows.credits import resolve_credits, sold_lines
from incentivectl.ingest.rows.masters import Masters
from incentivectl.ingest.rows.small_tables import (
    PLACED,
    finished,
    places,
    read_table,
    settle,
    without_unknown_levels,
)
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.counting_lines import CountingLines
from incentivectl.workspace.workspace import Workspace

FIRST = ("aliases", "fx", "partners", "products", "customers", "reps")


class TableReading:
    """Tables that are being read: their files, rows and problems, and the masters that others refer to."""

    def __init__(
        self,
        workspace: Workspace,
        scratch: Path,
        progress: Callable[[str, int, int], None] | None = None,
        objects: Path | None = None,
        later: Collection[str] = (),
    ) -> None:
        self.workspace = workspace
        self.scratch = scratch
        self.masters = Masters(workspace.data)
        self.rows: dict[str, TableRows] = {}
        self.tables: dict[str, pl.DataFrame] = {}
        self.tallies: list[pl.DataFrame] = []
        self.opened: list[Opened] = []
        self.places = [pl.DataFrame(schema=PLACES)]
        self.unmatched_credits = pl.DataFrame(schema=UNMATCHED)
        self.files, self.problems = files_of_sources(
            workspace.root, workspace.sources, objects or scratch / "objects", later=later
        )
        files = [file.path for found in self.files.values() for file in found]
        self.progress = Progress(progress, files)

    def present(self) -> frozenset[str]:
        """The tables with any file."""
        return frozenset(table for table, files in self.files.items() if files)

    def attributes(self, table: str) -> tuple[str, ...]:
        """The usable attributes of a table; the others are problems."""
        usable = attributes_of(self.workspace, table)
        for source in self.workspace.sources_of(table):
            for name in source.attributes:
                if name not in usable:
                    message = f"the attribute `{name}` of source {source.name} clashes with a built-in column"
                    hint = (
                        "give it another name: columns = { other_name = ... }, attributes = [...]"
                    )
                    self.problems.append(
                        Problem("reserved-name", message, hint, file=self.workspace.config_file)
                    )
        return usable

    def open_table(self, table: str) -> Opened:
        """The files of a table, opened."""
        opened = Opened()
        self.opened.append(opened)
        files = self.files.get(table, [])
        open_files(opened, files, self.scratch, self.progress.looked_at)
        self.problems += opened.problems
        return opened

    def read_small(self, table: str, sales: CountingLines | None = None) -> None:
        """Reads a table other than the sales; `credits` need these."""
        attributes = self.attributes(table)
        if table not in self.present():
            self.tables[table] = _without_rows(table, attributes)
            return
        opened = self.open_table(table)
        currency = self.workspace.currency
        rows = readable(
            opened,
            lambda found: read_table(table, found, self.masters, attributes, currency),
            self.problems,
        )
        if table == "levels":
            rows = without_unknown_levels(rows, self.workspace.levels)
        if table == "credits" and sales is not None:
            sold = sold_lines(rows, sales)
            self.tables["bad_credits"] = resolve_credits(rows, sold)
            self.unmatched_credits = unmatched_credits(rows, sold, sales)
        else:
            settle(rows)
        supersede_corrected(rows)
        self.rows[table] = rows
        self.tables[table] = constants_once(finished(rows, attributes))
        if table in PLACED:
            self.places.append(places(rows))
        self.masters.learn(table, self.tables[table])
        amount = pl.col("amount") if TABLES[table].column("amount") else None
        self.tallies.append(tally(rows, amount))


@cache
def _without_rows(table: str, attributes: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(schema=schema_of(table, attributes))


class TablesRead(NamedTuple):
    """Some tables without the sales: accepted rows, all problems, and by table the ids of rejected rows."""

    tables: dict[str, pl.DataFrame]
    problems: list[Problem]
    rejected: dict[str, frozenset[str]]


def read_tables(workspace: Workspace, scratch: Path, wanted: tuple[str, ...]) -> TablesRead:
    """The masters and the small tables that are `wanted`."""
    reading = TableReading(workspace, scratch)
    for table in dict.fromkeys((*FIRST, *wanted)):
        reading.read_small(table)
    rejected = {table: _ids(rows.rejected(), table) for table, rows in reading.rows.items()}
    return TablesRead(reading.tables, reading.problems, rejected)


def _ids(rows: pl.LazyFrame, table: str) -> frozenset[str]:
    """What stands in a table's first column."""
    own = rows.select(TABLES[table].columns[0].name).collect().to_series()
    return frozenset(own.drop_nulls().cast(pl.String))


def read_alone(
    workspace: Workspace, scratch: Path, table: str
) -> tuple[pl.DataFrame, pl.DataFrame, list[Problem]]:
    """One small table whose ids nobody has to know, before the rest of the workspace is read.

    Its accepted rows with `file` and `line`, its first rejected ones (columns `FIRST_REJECTED`), and what
    is wrong with its files.
    """
    sources = workspace.sources_of(table)
    reading = TableReading(replace(workspace, sources=sources), scratch)
    reading.read_small(table)
    places = pl.concat(reading.places).drop("table")
    rows = reading.tables[table].with_row_index("at")
    placed = rows.join(places, on="at", how="left", maintain_order="left")
    rejected = [first_rejected(read, rejected_by_file(read)) for read in reading.rows.values()]
    return placed, pl.concat([pl.DataFrame(schema=FIRST_REJECTED), *rejected]), reading.problems
