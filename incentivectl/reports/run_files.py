"""The files of a run (`reports/<period>/`), written beside and then put in place (`run_place`).

The same inputs give byte-identical files: no clock, no absolute path, every frame sorted. The
columns are listed in docs/operation.md, "Files of a run".
"""

from datetime import date
from pathlib import Path

import polars as pl
import tomli_w

from incentivectl import __version__
from incentivectl.core import money
from incentivectl.core.csv_output import csv_parts
from incentivectl.core.frames import ROW_GROUP, Schema
from incentivectl.core.input_files import sha256
from incentivectl.core.output_files import output_file, write_file
from incentivectl.core.periods import Period
from incentivectl.engine.engine import INELIGIBLE, Settled
from incentivectl.ingest.inputs import Inputs
from incentivectl.insight.leaderboard.leaderboard import leaderboards
from incentivectl.insight.levels import level_rows
from incentivectl.reports.run_facts import run_facts
from incentivectl.reports.run_place import Placed, place_files
from incentivectl.rules.case import CONTRIBUTION_ORDER, LINE_ORDER
from incentivectl.run.run import Run
from incentivectl.run.run_results import MANIFEST
from incentivectl.settlement.payouts import PAYOUTS
from incentivectl.workspace.workspace import Workspace

EARNINGS_COLUMNS = (
    "program_id", "kind", "period_start", "period_end", "payee_kind", "payee_id", "payee_name",
    "currency", "status", "metric", "metric_value", "baseline", "tier", "rate", "reward", "boost",
    "cap_cut", "before_budget", "budget_cut", "entitlement", "kept", "booked_before", "this_batch",
    "rule_hash",
)  # fmt: skip
LINES: Schema = {
    "program_id": pl.String,
    "period_start": pl.Date,
    "payee_id": pl.String,
    "source": pl.String,
    "item_id": pl.String,
    "sale_id": pl.String,
    "line_id": pl.String,
    "partner_id": pl.String,
    "distributor_id": pl.String,
    "product_id": pl.String,
    "counted_on": pl.Date,
    "quantity": money.AMOUNT,
    "amount_ws": money.AMOUNT,
    "contribution": money.EARNED,
    "reason": pl.String,
}


def write_run(run: Run, *, lines: bool, name: str | None = None) -> Placed:
    """Writes every file of the run into the folder that is called after PERIOD, or `name`.

    Raises what `run_place.place_files` does.
    """
    folder = run.loaded.workspace.reports / (name or run.label)
    return place_files(folder, lambda new: write_files(run, new, lines=lines))


def write_files(run: Run, folder: Path, *, lines: bool = False) -> None:
    """Writes every file of the run into an empty folder."""
    _write_csv(run.earnings.select(EARNINGS_COLUMNS), folder / "earnings.csv")
    _write_csv(run.payouts.select(*PAYOUTS), folder / "payouts.csv")
    _write_csv(run.settlement.closed, folder / "closed.csv")
    ineligible = [pl.DataFrame(schema=INELIGIBLE), *(one.ineligible for one in run.settled)]
    _write_csv(pl.concat(ineligible), folder / "ineligible.csv")
    _write_csv(_leaderboard(run), folder / "leaderboard.csv")
    _write_csv(level_rows(run), folder / "levels.csv")
    _write_data(run.inputs, folder)
    if lines:
        _write_lines(run, folder / "lines.parquet")
    _write_manifest(manifest_of(run, folder), folder)


def _leaderboard(run: Run) -> pl.DataFrame:
    """Partners, then reps, by revenue; badges and levels in one cell each."""
    return (
        leaderboards(run)
        .drop("group")
        .with_columns(pl.col("badges").list.join(" "), pl.col("levels").list.join("; "))
    )


def write_data_files(workspace: Workspace, label: str, inputs: Inputs) -> Placed:
    """Writes only the rejects and unknown ids, for a run that stops at its data."""

    def write(folder: Path) -> None:
        _write_data(inputs, folder)
        told = {"incentivectl": __version__, "period": label, "stopped": True}
        _write_manifest({**told, "files": _hashes(folder)}, folder)

    return place_files(workspace.reports / label, write)


def _write_data(inputs: Inputs, folder: Path) -> None:
    inputs.write_rejects(folder / "rejects")
    _write_csv(inputs.unknown, folder / "unknown.csv")


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    with output_file(path) as file:
        file.writelines(csv_parts(frame))


def _write_manifest(told: dict[str, object], folder: Path) -> None:
    write_file(folder / MANIFEST, tomli_w.dumps(told))


def manifest_of(run: Run, folder: Path) -> dict[str, object]:
    """What was computed from what: inputs and their hashes, rules, totals, result files."""
    workspace = run.loaded.workspace
    calendar = run.channel.calendar
    totals = run.earnings.group_by("program_id", "currency", "status", maintain_order=True).agg(
        pl.col("entitlement").sum(), pl.col("this_batch").sum(), pl.len().alias("rows")
    )
    return {
        "incentivectl": __version__,
        "workspace": workspace.name,
        "currency": workspace.currency,
        "period": run.period.label,
        "first_day": run.period.first,
        "last_day": run.period.last,
        "before": _days(calendar.before(run.period)),
        "year_ago": _days(calendar.year_before(run.period)),
        "ledger_head": run.past.head,
        "reopened": [f"{program}:{start.isoformat()}" for program, start in sorted(run.reopened)],
        **({} if run.known_on is None else {"as_known_on": run.known_on}),
        "config_sha256": sha256(workspace.config_file),
        "inputs": run.inputs.files.to_dicts(),
        "rows": run.inputs.counts.to_dicts(),
        **run_facts(run),
        "totals": [
            row
            | {
                "entitlement": money.plain(row["entitlement"]),
                "this_batch": money.plain(row["this_batch"]),
            }
            for row in totals.iter_rows(named=True)
        ],
        "files": _hashes(folder),
    }


def _days(period: Period) -> dict[str, date]:
    return {"first_day": period.first, "last_day": period.last}


def _hashes(folder: Path) -> dict[str, str]:
    """Every file of a folder, and its hash."""
    return {
        path.relative_to(folder).as_posix(): sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _write_lines(run: Run, path: Path) -> None:
    """Every line x program with its contribution, or the reason why it has none."""
    frames = [pl.LazyFrame(schema=LINES), *(_lines_of(run, one) for one in run.settled)]
    with output_file(path) as file:
        pl.concat(frames).sink_parquet(file, compression="zstd", row_group_size=ROW_GROUP)


def _lines_of(run: Run, one: Settled) -> pl.LazyFrame:
    every = run.channel.lines
    case = one.case
    names = every.collect_schema().names()
    as_line = [name for name in LINES if name in names and name != "source"]
    line = pl.lit("line").alias("source")
    begun = case.periods
    outside = pl.lit(True)
    if begun:
        outside = ~pl.col("counted_on").is_between(begun[0].start, begun[-1].end)
    frames = [
        every.filter(outside).select(*as_line, line, "line_key", reason=pl.lit("outside-dates"))
    ]
    if one.measured is not None:
        starts = pl.col("period").replace_strict(
            list(range(len(begun))),
            [period.start for period in begun],
            return_dtype=pl.Date,
        )
        if one.measured.judged is None:
            inside = every.filter(~outside)
            frames.append(inside.select(*as_line, line, "line_key", reason=pl.lit("not-measured")))
        else:
            refused = one.measured.judged.filter(pl.col("reason").is_not_null())
            frames.append(refused.select(*as_line, line, "line_key", "reason", period_start=starts))
        why = one.earnings.lazy().select("period", "payee_id", "why_nothing")
        of_line = every.select("row", *(name for name in as_line if name not in LINE_ORDER))
        paid = (
            one.measured.contributions.join(of_line, on="row", how="left")
            .join(why, on=["period", "payee_id"], how="left")
            .with_columns(period_start=starts)
            .with_columns(
                reason=pl.when(pl.col("contribution") == 0).then(
                    pl.coalesce("why_nothing", pl.lit("pays-nothing"))
                )
            )
        )
        frames.append(paid)
    complete = [_as_lines(frame, case.program.id) for frame in frames]
    return pl.concat(complete).sort("period_start", *CONTRIBUTION_ORDER).select(*LINES)


def _as_lines(frame: pl.LazyFrame, program_id: str) -> pl.LazyFrame:
    has = frame.collect_schema().names()
    return frame.with_columns(program_id=pl.lit(program_id)).select(
        (pl.col(name) if name in has or name == "program_id" else pl.lit(None))
        .cast(dtype)
        .alias(name)
        for name, dtype in {**LINES, "line_key": pl.String}.items()
    )
