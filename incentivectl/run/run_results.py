"""Reads a run's files back (docs/operation.md, "Files of a run"); damaged ones are reported with a remedy."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.core.input_files import toml
from incentivectl.core.input_frames import Damaged, read_csv
from incentivectl.core.safe_text import restored_column

MANIFEST = "manifest.toml"
EARNINGS = "earnings.csv"
REWARD = pl.Decimal(money.PRECISION, money.REWARD_SCALE)
_EXACT_COLUMNS = (
    "metric_value", "baseline", "rate", "reward", "boost", "cap_cut", "before_budget", "budget_cut",
    "entitlement", "kept", "booked_before", "this_batch", "brought_forward", "payable",
    "carried_forward", "held", "amount", "value", "value_before",
)  # fmt: skip
_WHOLE_COLUMNS = ("tier", "lines", "rank", "rank_before", "movement")
_DATES = ("period_start", "period_end")


def manifest_of(folder: Path, needed: Mapping[str, type] | None = None) -> dict[str, Any]:
    """The manifest of the run in `folder`; refuses (`DATA`) a missing or unusable one.

    `needed`: keys that it must have, and the types of their values.
    """
    path = folder / MANIFEST
    try:
        manifest = toml(path)
    except FileNotFoundError:
        message = f"{folder.name} has not been run yet"
        raise Refused(
            [Problem("no-run", message, _again(folder), file=path)], ExitCode.DATA
        ) from None
    except ValueError as error:
        raise _damaged(path, str(error), _again(folder)) from None
    hint = _again(folder, manifest)
    if manifest.get("stopped") is True:
        message = "the last run stopped at its data: see rejects/ beside this file"
        raise Refused([Problem("no-run", message, hint, file=path)], ExitCode.DATA)
    wrong = [key for key, kind in (needed or {}).items() if not isinstance(manifest.get(key), kind)]
    if wrong:
        raise _damaged(path, f"no usable {', '.join(wrong)}", hint)
    return manifest


def results_in(path: Path, needed: Sequence[str]) -> pl.DataFrame:
    """A CSV of a run, its columns typed: decimals of 24 places, integers, dates, texts.

    Texts are as they were before they were neutralised. Refuses (`DATA`) a file that is missing or
    damaged, or lacks one of the columns `needed`.
    """
    hint = _again(path.parent)
    try:
        texts = read_csv(path, infer_schema=False)
        missing = [name for name in needed if name not in texts.columns]
        if missing:
            raise _damaged(path, f"no column {', '.join(missing)}", hint)
        return texts.with_columns(_typed(name) for name in texts.columns)
    except FileNotFoundError:
        message = "this file of the run is missing"
        raise Refused([Problem("no-run", message, hint, file=path)], ExitCode.DATA) from None
    except Damaged as error:
        raise _damaged(path, str(error).splitlines()[0], hint) from None


def newest_run(reports: Path) -> tuple[Path, dict[str, Any]] | None:
    """The run of the latest period in `reports`, with its manifest; None if there is no run.

    Runs that stopped at their data, and those as known on a day, do not count.
    """
    found = []
    for path in sorted(reports.glob(f"*/{MANIFEST}")):
        if _told(path).get("stopped") is True or not (path.parent / EARNINGS).is_file():
            continue
        manifest = manifest_of(path.parent, {"last_day": date, "period": str})
        if "as_known_on" not in manifest:
            found.append((manifest["last_day"], manifest["period"], path.parent, manifest))
    if not found:
        return None
    *_, folder, manifest = max(found, key=lambda run: run[:2])
    return folder, manifest


def _told(path: Path) -> Mapping[str, Any]:
    try:
        return toml(path)
    except ValueError:
        return {}


def _typed(name: str) -> pl.Expr:
    column = pl.col(name)
    if name in _EXACT_COLUMNS:
        return column.cast(REWARD)
    if name in _WHOLE_COLUMNS:
        return column.cast(pl.Int64)
    return column.str.to_date("%Y-%m-%d") if name in _DATES else restored_column(column)


def _damaged(path: Path, what: str, hint: str) -> Refused:
    message = f"this file of a run is damaged, or another version wrote it: {what}"
    return Refused([Problem("bad-run", message, hint, file=path)], ExitCode.DATA)


def _again(folder: Path, manifest: Mapping[str, Any] | None = None) -> str:
    """The remedy: run the period of the manifest, or of the folder's name, again."""
    told = (
        _told(folder / MANIFEST) if manifest is None and (folder / MANIFEST).is_file() else manifest
    )
    period = (told or {}).get("period", folder.name)
    return f"run again: incentivectl run {period}"
