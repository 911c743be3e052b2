"""Money and rules of two program folders over the same data, or of two runs' folders.

Rules: docs/questions.md, "Comparisons".
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from incentivectl.core import money
from incentivectl.core.errors import ExitCode, Problem, Refused
from incentivectl.engine.engine import settle
from incentivectl.insight.compare.comparison import (
    by_payee,
    by_program,
    comparable,
    counting,
    joined_earnings,
)
from incentivectl.insight.compare.run_causes import because, changed_inputs
from incentivectl.insight.compare.scenario import programs_in
from incentivectl.insight.compare.whatif import affected_programs, changed_programs
from incentivectl.programs.changes import RuleChange, changes_between
from incentivectl.rules.earning.limits import EARNINGS
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.known import Known, known_on
from incentivectl.run.loading import Loaded
from incentivectl.run.run_results import EARNINGS as EARNINGS_FILE
from incentivectl.run.run_results import MANIFEST, manifest_of, newest_run, results_in
from incentivectl.workspace.load import load_workspace
from incentivectl.workspace.workspace import find_workspace

RUN_FILES = (MANIFEST, EARNINGS_FILE)
RUN_KEYS = {"period": str, "last_day": date, "programs": list, "inputs": list}
COMPARED = (
    "program_id", "period_start", "payee_kind", "payee_id", "payee_name", "currency", "status",
    "tier", "entitlement",
)  # fmt: skip


@dataclass(frozen=True)
class Diff:
    """What differs between A and B.

    `programs` and `payees` are those of `comparison`, only what differs, the largest change of money
    first; `rules` the changed keys by program (or the hashes, of runs); `inputs` the files that differ
    between two runs; `because` says for each program that differs what has changed in it.
    """

    what: str
    period: str
    programs: pl.DataFrame
    payees: pl.DataFrame
    rules: tuple[RuleChange, ...]
    inputs: tuple[tuple[str, str], ...]
    because: dict[str, str]

    @property
    def is_empty(self) -> bool:
        """Whether neither money nor rules differ."""
        return self.programs.is_empty() and self.payees.is_empty() and not self.rules


def kind_of(folder: Path) -> str:
    """`run` or `programs`; refuses a folder that is neither."""
    if all((folder / name).is_file() for name in RUN_FILES):
        return "run"
    is_workspace = (folder / "incentivectl.toml").exists()
    if folder.is_dir() and not is_workspace and any(folder.glob("*.toml")):
        return "programs"
    hint = "name a program folder, or a run folder such as reports/2026-09"
    message = "folder not found"
    if folder.exists():
        message = "it contains neither programs nor the files of a run"
    raise Refused([Problem("no-folder", message, hint, file=folder)], ExitCode.USAGE)


def diff_of_runs(before: Path, after: Path) -> Diff:
    """Two folders that `run` wrote."""
    manifests = (manifest_of(before, RUN_KEYS), manifest_of(after, RUN_KEYS))
    earnings = tuple(counting(_earnings(folder)) for folder in (before, after))
    earned = joined_earnings(*earnings)
    hashes = [
        {one["id"]: str(one["rule_hash"])[:12] for one in told.get("programs", [])}
        for told in manifests
    ]
    rules = tuple(
        RuleChange(key, "the rules' hash", hashes[0].get(key, ""), hashes[1].get(key, ""))
        for key in sorted({*hashes[0], *hashes[1]})
        if hashes[0].get(key) != hashes[1].get(key)
    )
    differing = _moved(by_program(earned))
    return Diff(
        what="runs",
        period=" and ".join(dict.fromkeys(str(told.get("period", "")) for told in manifests)),
        programs=differing,
        payees=_largest_first(by_payee(earned)),
        rules=rules,
        inputs=tuple(changed_inputs(*manifests)),
        because={key: because(key, manifests, earnings) for key in differing["program_id"]},
    )


def _earnings(folder: Path) -> pl.DataFrame:
    """`earnings.csv` with the columns that a comparison needs, typed."""
    return results_in(folder / EARNINGS_FILE, COMPARED).with_columns(
        pl.col("entitlement").cast(money.AMOUNT), pl.col("tier").cast(pl.Int32)
    )


def diff_of_programs(
    before: Path,
    after: Path,
    *,
    root: Path,
    period: str,
    today: date,
    scratch: Path,
    progress: Callable[[str], None],
) -> Diff:
    """Two folders of programs, each computed over the data of the workspace at `root`."""
    known = known_on(root, period, today, scratch, progress)
    old, new = (_programs(known, folder) for folder in (before, after))
    lookups = lookups_of(known.channel)
    changed = changed_programs(old.programs, new.programs)
    again = affected_programs(old.programs, new.programs, changed)
    sides = [
        settle(
            loaded.programs,
            known.channel,
            progress=progress,
            audit=False,
            only=again,
            lookups=lookups,
        )
        for loaded in (old, new)
    ]
    earnings = [_stacked([one.earnings for one in settled]) for settled in sides]
    (before_rows, after_rows), _ = comparable(known.loaded.workspace, *earnings)
    earned = joined_earnings(before_rows, after_rows)
    changes = changes_between(old.programs, new.programs)
    differing = _moved(by_program(earned))
    reasons = {
        key: "its rules" if key in changed else _through_group(key, old, new, changed)
        for key in differing["program_id"]
    }
    rules = tuple(change for own in changes.values() for change in own)
    payees = _largest_first(by_payee(earned))
    return Diff("programs", known.period.label, differing, payees, rules, (), reasons)


def _through_group(program_id: str, old: Loaded, new: Loaded, changed: Collection[str]) -> str:
    """Which programs of its exclusive group changed, so that they take other lines than before."""
    every = [*old.programs, *new.programs]
    groups = {one.exclusive_group for one in every if one.id == program_id} - {None}
    others = {one.id for one in every if one.id in changed and one.exclusive_group in groups}
    return f"rules of {', '.join(sorted(others))}, of the same exclusive group"


def _programs(known: Known, folder: Path) -> Loaded:
    """The folder's programs; their lists are looked for in the workspace that the folder lies in."""
    return programs_in(known.loaded, folder, lists=find_workspace(folder.absolute()))


def _stacked(frames: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=EARNINGS), *frames])


def _moved(programs: pl.DataFrame) -> pl.DataFrame:
    moved = (pl.col("differ") > 0) | (pl.col("payees_before") != pl.col("payees_after"))
    return _largest_first(programs.filter(moved), of="program_id", zeros=True)


def _largest_first(
    frame: pl.DataFrame, *, of: str = "payee_id", zeros: bool = False
) -> pl.DataFrame:
    kept = frame if zeros else frame.filter(pl.col("change") != 0)
    return kept.sort(pl.col("change").abs(), of, descending=[True, False])


def default_period(root: Path) -> str:
    """The PERIOD that was run last: that of the latest last day; without any run, last month."""
    workspace, _ = load_workspace(root)
    newest = None if workspace is None else newest_run(workspace.reports)
    return "last-month" if newest is None else str(newest[1]["period"])
