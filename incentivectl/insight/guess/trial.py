"""Guessed sources as the reader reads them: what becomes of their rows, and the first three."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import polars as pl

from incentivectl.core.errors import Problem, errors_in
from incentivectl.core.output_files import write_file
from incentivectl.core.tables import TABLES
from incentivectl.ingest import read
from incentivectl.ingest.inputs import Inputs
from incentivectl.workspace.load import load_workspace
from incentivectl.workspace.source import CONFIG_NAME, Source

ROWS_SHOWN = 3
# What a config may say later does not speak against a guess: ids that a master lacks, rates.
_LATER = ("unknown-partner", "unknown-product", "unknown-rep", "no-fx-rate")
_CONFIG = """\
[workspace]
currency = "{currency}"

[data]
max_reject_rate = "100%"
unknown_partner = "keep"

"""


@dataclass(frozen=True)
class Trial:
    """What reading a source gave: counts by fate, rejected rows by reason, the first rows as read."""

    read: int
    accepted: int
    skipped: int
    reasons: Mapping[str, int]
    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    problems: tuple[Problem, ...]
    days: tuple[date, ...] = ()  # the first and the last on which something was sold

    @property
    def waiting(self) -> int:
        """Rows that need ids or rates of other tables."""
        return sum(rows for reason, rows in self.reasons.items() if reason in _LATER)

    @property
    def rejected(self) -> int:
        """Rows that cannot be read as the source says; ids and rates that are not there yet apart."""
        return sum(rows for reason, rows in self.reasons.items() if reason not in _LATER)


def tried(toml: str, root: Path, scratch: Path, currency: str) -> Trial:
    """Reads the one source of a config's `toml`, whose paths start at `root`."""
    folder = scratch / f"trial-{uuid4().hex}"
    write_file(folder / CONFIG_NAME, _CONFIG.format(currency=currency) + toml)
    workspace, problems = load_workspace(folder)
    if workspace is None:
        return Trial(0, 0, 0, {}, (), (), tuple(problems))
    (source,) = (source for source in workspace.sources if source.declared)
    inputs = read(replace(workspace, root=root, sources=(source,)), scratch=folder)
    return _trial(inputs, source)


def _trial(inputs: Inputs, source: Source) -> Trial:
    own = pl.col("source") == source.name
    counts = inputs.counts.filter(own, pl.col("table") == source.table)
    fates = counts.row(0, named=True) if counts.height else {"read": 0, "accepted": 0, "skipped": 0}
    reasons = inputs.reasons.filter(own, pl.col("table") == source.table)
    found = [one for one in errors_in(inputs.problems) if one.code != "no-file"]
    rows = _first_rows(inputs, source)
    return Trial(
        fates["read"],
        fates["accepted"],
        fates["skipped"],
        dict(reasons.select("reason", "rows").rows()),
        tuple(rows.columns),
        tuple(rows.rows()),
        tuple(found),
        _days(inputs) if source.table == "sales" else (),
    )


def _days(inputs: Inputs) -> tuple[date, ...]:
    day = pl.col("sold_on")
    first, last = inputs.sales.select(day.min(), last=day.max()).collect().row(0)
    return () if first is None else (first, last)


def _first_rows(inputs: Inputs, source: Source) -> pl.DataFrame:
    """The first rows under our names, without columns that hold nothing."""
    names = [*TABLES[source.table].column_names]
    if source.table == "sales":
        rows = inputs.sales.sort("row").select(names).head(ROWS_SHOWN).collect()
    else:
        rows = inputs.tables.get(source.table, pl.DataFrame()).head(ROWS_SHOWN)
    return rows.select(
        name for name in names if name in rows.columns and rows[name].null_count() < rows.height
    )
