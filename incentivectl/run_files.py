"""The files of a run (`reports/<period>/`), written beside and then put in place as a whole.

The same inputs give byte-identical files: no clock, no absolute path, every frame sorted. The
columns are listed in docs/rules.md, "Files of a run".
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import tomli_w

from incentivectl import __version__, money
from incentivectl.engine import Settled
from incentivectl.frames import Schema
from incentivectl.ingest.inputs import Inputs
from incentivectl.input_files import sha256
from incentivectl.insight.leaderboard import leaderboards
from incentivectl.rules.case import CONTRIBUTION_ORDER, LINE_ORDER
from incentivectl.run import Run
from incentivectl.run_facts import run_facts
from incentivectl.safe_text import neutralised_column
from incentivectl.settlement.payouts import PAYOUTS
from incentivectl.unfinished import unfinished
from incentivectl.workspace import Workspace

EARNINGS_COLUMNS = (
    "program_id", "kind", "period_start", "period_end", "payee_kind", "payee_id", "payee_name",
    "currency", "status", "metric", "metric_value", "baseline", "tier", "rate", "reward", "boost",
    "cap_cut", "before_budget", "budget_cut", "entitlement", "kept", "booked_before", "this_batch",
    "rule_hash",
)  # fmt: skip
ROW_GROUP = 250_000  # fixed, or the same lines would lie in other groups each time
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
    "contribution": pl.Decimal(money.PRECISION, 18),
    "reason": pl.String,
}


def write_run(run: Run, *, lines: bool, name: str | None = None) -> Path:
    """Writes every file of the run and returns the folder; it is called after PERIOD, or `name`."""
    folder = run.loaded.workspace.reports / (name or run.label)
    with _in_place_of(folder) as new:
        write_files(run, new, lines=lines)
    return folder


def write_files(run: Run, folder: Path, *, lines: bool = False) -> None:
    """Writes every file of the run into an empty folder."""
    _write_csv(run.earnings.select(EARNINGS_COLUMNS), folder / "earnings.csv")
    _write_csv(run.payouts.select(*PAYOUTS), folder / "payouts.csv")
    _write_csv(run.settlement.closed, folder / "closed.csv")
    _write_csv(pl.concat([one.ineligible for one in run.settled]), folder / "ineligible.csv")
    _write_csv(_leaderboard(run), folder / "leaderboard.csv")
    _write_data(run.inputs, folder)
    if lines:
        _write_lines(run, folder / "lines.parquet")
    (folder / "manifest.toml").write_text(tomli_w.dumps(manifest_of(run, folder)), encoding="utf-8")


def _leaderboard(run: Run) -> pl.DataFrame:
    """Partners, then reps, by revenue; badges in one cell."""
    return leaderboards(run).drop("group").with_columns(pl.col("badges").list.join(" "))


def write_data_files(workspace: Workspace, label: str, inputs: Inputs) -> Path:
    """Writes only the rejects and unknown ids, for a run that stops at its data."""
    with _in_place_of(workspace.reports / label) as new:
        _write_data(inputs, new)
    return workspace.reports / label


def _write_data(inputs: Inputs, folder: Path) -> None:
    inputs.write_rejects(folder / "rejects")
    _write_csv(inputs.unknown, folder / "unknown.csv")


@contextmanager
def _in_place_of(folder: Path) -> Iterator[Path]:
    """A new folder beside `folder`, which takes its place once everything in it is written."""
    new = folder.with_name(f".{folder.name}.new")
    old = folder.with_name(f".{folder.name}.old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    with unfinished(new):
        new.mkdir(parents=True)
        yield new
        try:
            if folder.exists():
                folder.rename(old)
            new.rename(folder)
        finally:
            if old.exists() and not folder.exists():  # interrupted between the two
                old.rename(folder)
            shutil.rmtree(old, ignore_errors=True)


def _write_csv(frame: pl.DataFrame, path: Path) -> None:
    """CSV with exact decimals without trailing zeros, ISO dates and LF line ends.

    Texts that a spreadsheet would run are neutralised; numbers stay numbers, below 0 too.
    """
    frame.with_columns(
        money.plain_text(pl.col(name)).alias(name)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Decimal)
    ).with_columns(
        neutralised_column(pl.col(name))
        for name, dtype in frame.schema.items()
        if dtype == pl.String
    ).write_csv(path)


def manifest_of(run: Run, folder: Path) -> dict[str, object]:
    """What was computed from what: inputs and their hashes, rules, totals, result files."""
    workspace = run.loaded.workspace
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
        "files": {
            path.relative_to(folder).as_posix(): sha256(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }


def _write_lines(run: Run, path: Path) -> None:
    """Every line x program with its contribution, or the reason why it has none."""
    frames = [_lines_of(run, one) for one in run.settled]
    pl.concat(frames).sink_parquet(path, compression="zstd", row_group_size=ROW_GROUP)


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
