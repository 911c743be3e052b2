"""What can have changed a program between two runs, as far as their files tell (docs/questions.md 74.4)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

Manifest = Mapping[str, Any]
# Tables that never reach an entitlement.
_BESIDE = frozenset(
    {"surveys", "survey_invitations", "brand", "payees", "adjustments", "opening", "recognition"}
)


def because(
    program_id: str, manifests: tuple[Manifest, Manifest], earnings: tuple[pl.DataFrame, ...]
) -> str:
    """The causes of a program's change, separated by semicolons."""
    causes = list(_causes(program_id, manifests, earnings))
    return "; ".join(causes) or "nothing recorded in the runs' files: were they edited?"


def changed_inputs(before: Manifest, after: Manifest) -> Iterator[tuple[str, str]]:
    """Each input file that differs between two runs, by path, with `new`, `gone` or `changed`."""
    old, new = (
        {str(one["path"]): str(one["sha256"]) for one in told.get("inputs", [])}
        for told in (before, after)
    )
    for path in sorted({*old, *new}):
        if path not in old:
            yield path, "new"
        elif path not in new:
            yield path, "gone"
        elif old[path] != new[path]:
            yield path, "changed"


def _causes(
    program_id: str, manifests: tuple[Manifest, Manifest], earnings: tuple[pl.DataFrame, ...]
) -> Iterator[str]:
    before, after = manifests
    old, new = (_programs(told).get(program_id) for told in manifests)
    if old is None or new is None:
        yield "the program is new" if old is None else "the program is gone"
        return
    if old["rule_hash"] != new["rule_hash"]:
        yield "its rules"
    yield from _through_group(program_id, manifests)
    if before.get("last_day") != after.get("last_day"):
        yield from _later(program_id, manifests, earnings)
    tables = _changed_tables(before, after)
    if tables:
        yield f"changed inputs: {', '.join(tables)}"
    if before.get("config_sha256") != after.get("config_sha256"):
        yield "incentivectl.toml changed"
    if before.get("as_known_on") != after.get("as_known_on"):
        yield "known on another day (--as-known-on)"
    if before.get("incentivectl") != after.get("incentivectl"):
        yield f"incentivectl {after.get('incentivectl')} instead of {before.get('incentivectl')}"


def _programs(told: Manifest) -> dict[str, Mapping[str, Any]]:
    return {str(one["id"]): one for one in told.get("programs", [])}


def _through_group(program_id: str, manifests: tuple[Manifest, Manifest]) -> Iterator[str]:
    """The programs of its exclusive group that changed: they take other lines than before."""
    sides = [_programs(told) for told in manifests]
    groups = {side[program_id].get("exclusive_group") for side in sides} - {None}
    for other in sorted({*sides[0], *sides[1]} - {program_id}):
        old, new = (side.get(other, {}) for side in sides)
        in_group = {old.get("exclusive_group"), new.get("exclusive_group")} & groups
        if in_group and old.get("rule_hash") != new.get("rule_hash"):
            yield f"rules of {other}, of the same exclusive group"


def _later(
    program_id: str, manifests: tuple[Manifest, Manifest], earnings: tuple[pl.DataFrame, ...]
) -> Iterator[str]:
    """What another PERIOD does: measurement periods that only one run has, and what counts since."""
    earned = [_by_period(frame.filter(pl.col("program_id") == program_id)) for frame in earnings]
    for here, there, side in ((1, 0, "B"), (0, 1, "A")):
        only = sorted(set(earned[here]) - set(earned[there]))
        if only:
            yield f"only in {side}: measurement periods from {', '.join(str(day) for day in only)}"
    if any(earned[0][start] != earned[1][start] for start in set(earned[0]) & set(earned[1])):
        first, last = sorted(told["last_day"] for told in manifests)
        yield f"new rows dated {first + timedelta(days=1)} to {last}"


def _by_period(earnings: pl.DataFrame) -> dict[date, frozenset[tuple[object, ...]]]:
    """First day of each measurement period → who earns how much in it."""
    return {
        start: frozenset(part.select("payee_kind", "payee_id", "entitlement").iter_rows())
        for (start,), part in earnings.partition_by("period_start", as_dict=True).items()
    }


def _changed_tables(before: Manifest, after: Manifest) -> Sequence[str]:
    """The tables of which a file differs, without those that never reach an entitlement."""
    tables = {
        str(one["path"]): str(one["table"])
        for told in (before, after)
        for one in told.get("inputs", [])
    }
    changed = {tables[path] for path, _ in changed_inputs(before, after)}
    return sorted(changed - _BESIDE)
