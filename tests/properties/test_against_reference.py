"""The engine against the plain-Python reference, on whole generated workspaces."""

import contextlib
import csv
import io
import os
import sys
import tempfile
import tomllib
import unittest.mock
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incentivectl import cli
from incentivectl.core import frames
from tests.properties.features import switched_on
from tests.properties.workspaces import ALL_KINDS, Workspace, workspaces
from tests.reference import Earning, settle
from tests.reference.levels import LevelRow
from tests.reference.reading import Account

# Few by default: every run draws others, and what each rule must do stands in the worked cases. After a
# change of rules, `REFERENCE_EXAMPLES=100` draws many.
EXAMPLES = int(os.environ.get("REFERENCE_EXAMPLES", "3"))  # of each kind
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
# The first example is the simplest of all, so that few tests of many examples find more than many of few.
FEATURE_SETTINGS = settings(SETTINGS, max_examples=3 * EXAMPLES)
MIXED_SETTINGS = settings(SETTINGS, max_examples=5 * EXAMPLES)
FATES = ("read", "accepted", "rejected", "duplicate", "superseded", "skipped")
Key = tuple[str, str, str, str]


@dataclass
class Outcome:
    """What the engine wrote: earnings by key, and row counts by source where it states them."""

    earnings: dict[Key, dict[str, str]] = field(default_factory=dict)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    levels: list[dict[str, str]] = field(default_factory=list)


def run_engine(folder: Path, period: str) -> Outcome:
    """Runs the program on a workspace and reads what it wrote. The one place that knows how.

    It runs in this process: starting Python for each example would take longer than the run.
    """
    said = io.StringIO()
    code: object = 0
    arguments = ["incentivectl", "run", period, "-w", str(folder), "--no-cache"]
    with (
        unittest.mock.patch.object(sys, "argv", arguments),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(said),
    ):
        try:
            cli.main()
        except SystemExit as left:
            code = left.code
    out = folder / "reports" / period
    assert (out / "earnings.csv").exists(), f"exit {code}\n{said.getvalue()}"
    assert code in (0, None), f"exit {code}\n{said.getvalue()}"
    with (out / "earnings.csv").open(encoding="utf-8-sig", newline="") as file:
        earnings = {
            (r["program_id"], r["period_start"], r["period_end"], r["payee_id"]): r
            for r in csv.DictReader(file)
        }
    manifest = tomllib.loads((out / "manifest.toml").read_text(encoding="utf-8"))
    with (out / "levels.csv").open(encoding="utf-8", newline="") as file:
        levels = list(csv.DictReader(file))
    return Outcome(earnings, dict(_row_counts("", manifest)), levels)


def _row_counts(name: str, value: object) -> Iterator[tuple[str, dict[str, int]]]:
    """Every table of the manifest that counts rows, by its name."""
    if isinstance(value, dict):
        if set(FATES) <= set(value):
            yield str(value.get("name", value.get("source", name))), value
        for key, inner in value.items():
            yield from _row_counts(key, inner)
    if isinstance(value, list):
        for inner in value:
            yield from _row_counts(name, inner)


def differences(expected: dict[Key, Earning], got: dict[Key, dict[str, str]]) -> list[str]:
    """Every cell in which the engine's earnings differ from the reference's."""
    out = []
    for key in sorted(expected.keys() | got.keys()):
        want, row = expected.get(key), got.get(key)
        name = " ".join(key)
        if want is None or row is None:
            out.append(f"{name}: {'not expected' if want is None else 'missing'}")
            continue
        for column in ("payee_kind", "currency", "status"):
            if row[column] != getattr(want, column):
                out.append(f"{name}: {column} {row[column]}, not {getattr(want, column)}")
        for column in ("boost", "entitlement", "before_budget"):
            if Fraction(row[column]) != getattr(want, column):
                out.append(f"{name}: {column} {row[column]}, not {float(getattr(want, column))}")
        if not _same(row["reward"], want.reward, Fraction(1, 10**15)):
            out.append(f"{name}: reward {row['reward']}, not {float(want.reward)}")
        if not _same(row["baseline"], want.baseline):
            out.append(f"{name}: baseline {row['baseline']}, not {want.baseline}")
        if row["tier"] != ("" if want.tier is None else str(want.tier)):
            out.append(f"{name}: tier {row['tier']}, not {want.tier}")
        if want.metric and row["metric"] != want.metric:
            out.append(f"{name}: metric {row['metric']}, not {want.metric}")
        if want.metric and not _same(row["metric_value"], want.metric_value, Fraction(1, 10**12)):
            out.append(f"{name}: metric_value {row['metric_value']}, not {want.metric_value}")
    return out


def _same(text: str, value: Fraction | None, within: Fraction = Fraction(0)) -> bool:
    """An empty cell is no value; what has no end as a decimal is compared `within` its rounding."""
    if value is None or text == "":
        return (value is None) == (text == "")
    return abs(Fraction(text) - value) <= within


def level_differences(expected: list[LevelRow], got: list[dict[str, str]]) -> list[str]:
    """Every review of a payee that the engine's levels.csv tells otherwise than the reference."""
    wanted = {
        (
            row.program_id, row.payee_id, row.period.start.isoformat(), row.metric_value,
            row.reached or "", row.in_force or "", row.next_level or "", row.missing,
        )
        for row in expected
    }  # fmt: skip
    found = {
        (
            row["program_id"], row["payee_id"], row["period_start"], Fraction(row["metric_value"]),
            row["reached"], row["in_force"], row["next_level"], Fraction(row["missing"]),
        )
        for row in got
    }  # fmt: skip
    out = [f"levels: missing {' '.join(map(str, row))}" for row in sorted(wanted - found)]
    return out + [
        f"levels: not expected {' '.join(map(str, row))}" for row in sorted(found - wanted)
    ]


def row_differences(accounts: dict[str, Account], got: dict[str, dict[str, int]]) -> list[str]:
    """Every table whose rows went elsewhere, or that only one of the two counts."""
    out = []
    for name in sorted(accounts.keys() | got.keys()):
        if name not in accounts or name not in got:
            out.append(f"{name}: {'not expected' if name in got else 'missing'}")
            continue
        want = {fate: getattr(accounts[name], fate) for fate in FATES}
        found = {fate: got[name][fate] for fate in FATES}
        if want != found:
            out.append(f"{name}: {found}, not {want}")
    return out


def check(workspace: Workspace, *, at_once: int = frames.AT_ONCE) -> None:
    """Writes a workspace, settles it twice, and compares; `at_once` so many payees are worked on together."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace.write(folder)
        expected = settle(folder, workspace.period)
        with unittest.mock.patch.object(frames, "AT_ONCE", at_once):
            outcome = run_engine(folder, workspace.period)
    earnings = {
        (key[0], str(key[1]), str(key[2]), key[3]): earning
        for key, earning in expected.earnings.items()
    }
    found = differences(earnings, outcome.earnings)
    found += row_differences(expected.rows, outcome.rows)
    found += level_differences(expected.levels, outcome.levels)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("kind", ALL_KINDS)
@SETTINGS
@given(data=st.data())
def test_programs_of_one_kind_settle_as_in_the_reference(kind: str, data: st.DataObject) -> None:
    """Sales, returns, restatements and bad rows under programs of one kind."""
    check(data.draw(workspaces((kind,)), "workspace"))


# The kinds of program that a feature is about.
OF_FEATURE = {
    "curves": ("rebate", "spif"),
    "steps": ("rebate", "spif"),
    "bundles": ("rebate", "spif"),
    "windows": ("rebate",),
    "together": ("rebate",),
    "prices": ("discount", "rebate"),
    "terms": ("rebate", "spif", "discount", "deal_registration"),
}


@FEATURE_SETTINGS
@given(feature=st.sampled_from(sorted(switched_on())), data=st.data())
def test_programs_with_one_feature_settle_as_in_the_reference(
    feature: str, data: st.DataObject
) -> None:
    """Programs that use one of the features, in workspaces that use no other."""
    kinds = OF_FEATURE.get(feature, ALL_KINDS)
    check(data.draw(workspaces(kinds, features=frozenset({feature})), "workspace"))


@MIXED_SETTINGS
@given(
    workspace=workspaces(ALL_KINDS, features=switched_on()),
    at_once=st.sampled_from((2, frames.AT_ONCE)),
)
def test_all_features_settle_as_in_the_reference(workspace: Workspace, at_once: int) -> None:
    """Programs of all kinds that mix what they may use; half of them with two payees at a time.

    A large workspace has them by tens of thousands.
    """
    check(workspace, at_once=at_once)


@SETTINGS
@given(workspace=workspaces(ALL_KINDS))
def test_all_kinds_settle_as_in_the_reference(workspace: Workspace) -> None:
    """Programs of all kinds side by side, with their exclusive groups and budgets."""
    check(workspace)
