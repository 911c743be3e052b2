"""A run's files read back as frames: all that a report knows (docs/rules.md, "Files of a run")."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from incentivectl import money
from incentivectl.errors import ExitCode, Problem, Refused
from incentivectl.frames import Schema
from incentivectl.input_files import opened, opened_text, sha256, toml
from incentivectl.input_frames import read_csv
from incentivectl.safe_text import restored_column

REWARD = pl.Decimal(money.PRECISION, money.REWARD_SCALE)
_EXACT_COLUMNS = (
    "metric_value", "baseline", "rate", "reward", "boost", "cap_cut", "before_budget", "budget_cut",
    "entitlement", "kept", "booked_before", "this_batch", "brought_forward", "payable",
    "carried_forward", "held", "amount", "value", "value_before",
)  # fmt: skip
_WHOLE_COLUMNS = ("tier", "lines", "rank", "rank_before", "movement")
_DATES = ("period_start", "period_end")
REQUIRED = ("earnings", "payouts", "ineligible")
REJECTS: Schema = {
    "source": pl.String,
    "file": pl.String,
    "line": pl.String,
    "reason": pl.String,
    "value": pl.String,
}
MOST_CHARACTERS = (1 << 31) - 1  # of a cell: a rejected record may be a whole damaged file
NEEDED_KEYS = ("programs", "rows", "months", "rejected", "attention", "invariants", "files")


@dataclass(frozen=True)
class RunFolder:
    """The files of one run.

    `earnings`, `payouts`, `ineligible` and `leaderboard` (None where there is none) have the columns
    of their files: amounts as decimals of 24 places, counts as integers, dates. `rejects` has
    `REJECTS`. `changed` are the files that no longer are what the run wrote.
    """

    folder: Path
    manifest: Mapping[str, Any]
    earnings: pl.DataFrame
    payouts: pl.DataFrame
    ineligible: pl.DataFrame
    leaderboard: pl.DataFrame | None
    rejects: pl.DataFrame
    changed: tuple[str, ...]


def read_run_folder(folder: Path, period: str) -> RunFolder:
    """The run in `folder`; refuses, with what to do, where a file is missing or cannot be used."""
    hint = f"incentivectl run {period}"
    manifest = _manifest(folder, hint)
    problems = [
        Problem("no-run", "the run's file is missing", hint, file=folder / f"{name}.csv")
        for name in REQUIRED
        if not (folder / f"{name}.csv").is_file()
    ]
    if problems:
        raise Refused(problems, ExitCode.DATA)
    board = folder / "leaderboard.csv"
    return RunFolder(
        folder=folder,
        manifest=manifest,
        earnings=_frame(folder / "earnings.csv", hint),
        payouts=_frame(folder / "payouts.csv", hint),
        ineligible=_frame(folder / "ineligible.csv", hint),
        leaderboard=_frame(board, hint) if board.is_file() else None,
        rejects=pl.DataFrame(
            list(_reject_rows(folder, manifest)), schema=REJECTS, orient="row"
        ).with_columns(restored_column(pl.col(name)) for name in REJECTS),
        changed=tuple(_changed(folder, manifest)),
    )


def _manifest(folder: Path, hint: str) -> dict[str, Any]:
    path = folder / "manifest.toml"
    try:
        manifest = toml(path)
    except FileNotFoundError:
        message = "there is no run of this period: a report shows a run's files"
        raise Refused([Problem("no-run", message, hint, file=path)], ExitCode.DATA) from None
    except ValueError as error:
        message = f"the manifest cannot be read: {error}"
        raise Refused([Problem("bad-run", message, hint, file=path)], ExitCode.DATA) from None
    missing = [key for key in NEEDED_KEYS if key not in manifest]
    if missing:
        message = f"the run was written by another version: it has no {', '.join(missing)}"
        raise Refused([Problem("bad-run", message, hint, file=path)], ExitCode.DATA)
    return manifest


def _frame(path: Path, hint: str) -> pl.DataFrame:
    """A file with its columns typed; texts are as they were before they were neutralised."""
    try:
        texts = read_csv(path, infer_schema=False)
        return texts.with_columns(_typed(name) for name in texts.columns)
    except pl.exceptions.PolarsError as error:
        message = f"it cannot be read: {str(error).splitlines()[0]}"
        raise Refused([Problem("bad-run", message, hint, file=path)], ExitCode.DATA) from None


def _typed(name: str) -> pl.Expr:
    column = pl.col(name)
    if name in _EXACT_COLUMNS:
        return column.cast(REWARD)
    if name in _WHOLE_COLUMNS:
        return column.cast(pl.Int64)
    return column.str.to_date("%Y-%m-%d") if name in _DATES else restored_column(column)


def _reject_rows(folder: Path, manifest: Mapping[str, Any]) -> Iterator[tuple[str | None, ...]]:
    """The last columns of each rejected row: where it stood and why it was rejected."""
    csv.field_size_limit(MOST_CHARACTERS)
    for one in manifest.get("reject_files", ()):
        path = folder / one["path"]
        if not path.is_file():
            continue
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
