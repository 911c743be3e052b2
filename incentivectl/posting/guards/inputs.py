"""What would be booked is not what the run showed."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from incentivectl.core.input_files import sha256
from incentivectl.posting.guards.judged_run import Refusal
from incentivectl.run.run_results import manifest_of

RESULTS = ("earnings.csv", "payouts.csv", "closed.csv", "ineligible.csv", "unknown.csv")
SHOWN = 5


def changed_inputs(results: Path, seen: Mapping[str, object] | None) -> Iterator[Refusal]:
    """Refuses if the run that the user saw is missing, or has other inputs or results than this one.

    `seen` is its manifest; None without one. The files of this run lie in `results`.
    """
    now = manifest_of(results)
    period = now["period"]
    hint = f"run it again and check the result: `run {period}`"
    if seen is None:
        message = f"{period} has not been run yet"
        yield Refusal("changed-inputs", None, message, f"run it first: `run {period}`")
        return
    changes = list(_changes(seen, now))
    if not changes:
        changes = list(_other_results(seen, results))
    if changes:
        more = f" and {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
        message = f"since the run of {period}: {'; '.join(changes[:SHOWN])}{more}"
        yield Refusal("changed-inputs", None, message, hint)


def _changes(seen: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    """What was computed from something else, in plain words."""
    for key, what in (
        ("incentivectl", "another version of incentivectl computed it"),
        ("ledger_head", "the ledger has changed"),
        ("config_sha256", "incentivectl.toml has changed"),
        ("reopened", "other measurement periods are reopened"),
    ):
        if seen.get(key) != now.get(key):
            yield what
    yield from _compared(_hashes(seen, "programs", "id", "rule_hash"),
                         _hashes(now, "programs", "id", "rule_hash"), "program ")  # fmt: skip
    yield from _compared(_hashes(seen, "inputs", "path", "sha256"),
                         _hashes(now, "inputs", "path", "sha256"), "")  # fmt: skip


def _hashes(manifest: Mapping[str, object], table: str, name: str, digest: str) -> dict[str, str]:
    rows = manifest.get(table)
    return {str(row[name]): str(row[digest]) for row in rows} if isinstance(rows, list) else {}


def _compared(before: dict[str, str], after: dict[str, str], what: str) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            yield f"{what}{name} is gone"
        elif name not in before:
            yield f"{what}{name} is new"
        elif before[name] != after[name]:
            yield f"{what}{name} has changed"


def _other_results(seen: Mapping[str, object], results: Path) -> Iterator[str]:
    """Result files that differ though nothing that they are made from does."""
    files = seen.get("files")
    listed = files if isinstance(files, dict) else {}
    for name in RESULTS:
        if listed.get(name) != sha256(results / name):
            yield f"{name} is computed differently"
