"""A run's files read back as frames: all that a report knows (docs/operation.md, "Files of a run")."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from incentivectl.core.frames import Schema
from incentivectl.core.input_files import opened, opened_text, sha256
from incentivectl.core.safe_text import restored_column
from incentivectl.ledger.batch_totals import Booked
from incentivectl.reports.run_files import EARNINGS_COLUMNS
from incentivectl.run.run_results import EARNINGS, manifest_of, results_in
from incentivectl.settlement.payouts import PAYOUTS

REJECTS: Schema = {
    "source": pl.String,
    "file": pl.String,
    "line": pl.String,
    "reason": pl.String,
    "value": pl.String,
}
MOST_CHARACTERS = (1 << 31) - 1  # of a cell: a rejected record may be a whole damaged file
NEEDED = {
    "workspace": str, "period": str, "last_day": date, "before": dict,
    "year_ago": dict, "programs": list, "rows": list,
    "months": list, "rejected": list, "attention": list, "invariants": list, "files": dict,
}  # fmt: skip
INELIGIBLE = ("program_id", "reason", "lines", "amount")
BOARD_COLUMNS = ("payee_kind", "metric", "rank", "payee_id", "payee_name", "value")


@dataclass(frozen=True)
class RunFolder:
    """The files of one run.

    `earnings`, `payouts`, `ineligible` and `leaderboard` (None where there is none) have the columns
    of their files: amounts as decimals of 24 places, counts as integers, dates. `rejects` has
    `REJECTS`. `changed` are the files that no longer are what the run wrote. `booked` is what the
    ledger holds of the period's batches today.
    """

    folder: Path
    manifest: Mapping[str, Any]
    earnings: pl.DataFrame
    payouts: pl.DataFrame
    ineligible: pl.DataFrame
    leaderboard: pl.DataFrame | None
    rejects: pl.DataFrame
    changed: tuple[str, ...]
    booked: Booked = field(default_factory=Booked)


def read_run_folder(folder: Path) -> RunFolder:
    """The run in `folder`; refuses, with what to do, where a file is missing or cannot be used."""
    manifest = manifest_of(folder, NEEDED)
    board = folder / "leaderboard.csv"
    return RunFolder(
        folder=folder,
        manifest=manifest,
        earnings=results_in(folder / EARNINGS, EARNINGS_COLUMNS),
        payouts=results_in(folder / "payouts.csv", tuple(PAYOUTS)),
        ineligible=results_in(folder / "ineligible.csv", INELIGIBLE),
        leaderboard=results_in(board, BOARD_COLUMNS) if board.is_file() else None,
        rejects=pl.DataFrame(
            list(_reject_rows(folder, manifest)), schema=REJECTS, orient="row"
        ).with_columns(restored_column(pl.col(name)) for name in REJECTS),
        changed=tuple(_changed(folder, manifest)),
    )


def _reject_rows(folder: Path, manifest: Mapping[str, Any]) -> Iterator[tuple[str | None, ...]]:
    """The last columns of each rejected row: where it stood and why it was rejected."""
    usual = csv.field_size_limit(MOST_CHARACTERS)  # it holds for the whole process
    try:
        for one in manifest.get("reject_files", ()):
            if (folder / one["path"]).is_file():
                yield from _rows_of(folder / one["path"], one)
    finally:
        csv.field_size_limit(usual)


def _rows_of(path: Path, one: Mapping[str, Any]) -> Iterator[tuple[str | None, ...]]:
    with opened(path) as start:
        bom = start.read(3) == b"\xef\xbb\xbf"
    encoding = "utf-8-sig" if bom else one["encoding"]
    with opened_text(path, encoding, "replace") as file:
        for number, row in enumerate(csv.reader(file, delimiter=one["delimiter"])):
            if number >= one["lines_before"] and len(row) >= 5:
                where, line, reason, value, _ = row[-5:]
                yield one["source"], where, line, reason, value


def _changed(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    for name, written in manifest["files"].items():
        path = folder / name
        if path.suffix == ".csv" and path.is_file() and sha256(path) != written:
            yield name
