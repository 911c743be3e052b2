"""`whatif`: no change is no difference, a saved scenario runs the same, sums worked by hand."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from incentivectl.insight.compare.comparison import compared
from incentivectl.insight.compare.save_scenario import save_scenario
from incentivectl.insight.compare.scenario import scenario_of
from incentivectl.insight.compare.whatif import Baseline, baseline_of, what_if
from incentivectl.program_files.edit import parse_edit
from incentivectl.reports.run_files import write_run
from incentivectl.run.known import Known
from incentivectl.run.run import Run
from tests.insight.conftest import SAMPLE, quietly
from tests.small_workspace import (
    CONFIG,
    PARTNERS,
    REBATE,
    as_json,
    incentivectl,
    settle,
    write_workspace,
)


@pytest.fixture(scope="module")
def base(sample_known: Known) -> Baseline:
    return baseline_of(sample_known, quietly)


def test_without_changes_nothing_differs(base: Baseline) -> None:
    found = what_if(base, scenario_of(base.known.loaded), quietly)
    told = compared(found.today, found.scenario)
    assert found.recalculated == frozenset()
    assert told.payees.is_empty()
    assert told.tiers.is_empty()
    assert not any(told.programs["change"])
    assert found.scenario.earnings.equals(base.run.earnings)


def _written(run: Run, folder: Path) -> bytes:
    workspace = replace(run.loaded.workspace, reports=folder)
    loaded = replace(run.loaded, workspace=workspace)
    return (
        write_run(replace(run, loaded=loaded), lines=False).folder / "earnings.csv"
    ).read_bytes()


def test_a_saved_scenario_runs_to_the_same_bytes(base: Baseline, tmp_path: Path) -> None:
    """A rate, a condition, a budget, a program of an exclusive group left out; saved and run."""
    edits = [
        parse_edit(written)
        for written in (
            "q3-volume-rebate.reward.tiers.1.rate=4%",
            "q3-volume-rebate.limits.per_payee=",
            "q3-growth-rebate.limits.budget=50_000.50",
            'launch-spif.eligible."product.category"={ not = "licence" }',
            "security-breadth-rebate.gate.at_least=10_000",
        )
    ]
    scenario = scenario_of(base.known.loaded, edits, without=["public-sector-rebate"])
    found = what_if(base, scenario, quietly)
    assert len(found.recalculated) == 5
    told = save_scenario(scenario, tmp_path / "saved")
    assert any("q3-volume-rebate" in one for one in told)  # its example of the cap
    root = tmp_path / "w"
    root.mkdir()
    (root / "sample_data").symlink_to(SAMPLE / "sample_data")
    shutil.copytree(SAMPLE / "lists", root / "lists")
    shutil.copyfile(SAMPLE / "incentivectl.toml", root / "incentivectl.toml")
    shutil.copytree(tmp_path / "saved", root / "programs")
    result = incentivectl("run", "2026-09", "-w", root, "-q")
    assert result.exit_code == 0, result.output
    run = (root / "reports/2026-09/earnings.csv").read_bytes()
    assert _written(found.scenario, tmp_path / "reports") == run
    assert run != _written(base.run, tmp_path / "today")
    unchanged = "contest.toml"
    saved = (tmp_path / "saved" / unchanged).read_bytes()
    assert saved == (SAMPLE / "programs" / unchanged).read_bytes()


KEPT = """\
#:schema ./program.schema.json
# Why it is so.
id = "kept"   # its id
name = "Kept"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
[reward]
tiers = [ { from = 0, rate = "5%" },
  { from = 10_000, rate = "8%" } ]   # the first 10,000 are hard
"""


def test_a_saved_folder_is_the_same_but_for_the_value(tmp_path: Path) -> None:
    """P1's 10,400 earn 9 % for 8 %: 936 for 832, as the saved programs pay when they are run."""
    root = write_workspace(tmp_path / "w", programs={"kept": KEPT, "volume": REBATE})
    (root / "programs/program.schema.json").write_text('{"title": "as it stands"}\n')
    told = _whatif(root, "--set", "kept.reward.tiers.1.rate=9%", "--save", str(tmp_path / "saved"))
    assert {row["payee"]: row["change"] for row in told["winners"]} == {"P1": "104"}
    saved = {file.name: file.read_bytes() for file in (tmp_path / "saved").iterdir()}
    expected = {file.name: file.read_bytes() for file in (root / "programs").iterdir()}
    expected["kept.toml"] = expected["kept.toml"].replace(b'"8%"', b'"9%"')
    assert saved == expected
    shutil.copytree(tmp_path / "saved", root / "programs", dirs_exist_ok=True)
    (paid,) = [
        row["entitlement"]
        for row in settle(root)
        if (row["program_id"], row["payee_id"]) == ("kept", "P1")
    ]
    assert Decimal(paid) == 936


def test_parts_add_up_to_the_change(base: Baseline) -> None:
    """By program, payee, region and partner tier it is the same difference."""
    edits = [parse_edit("q3-volume-rebate.reward.tiers.1.from=100_000")]
    found = what_if(base, scenario_of(base.known.loaded, edits), quietly)
    told = compared(found.today, found.scenario, found.recalculated)
    change = sum(told.programs["change"].to_list(), Decimal(0))
    assert change > 0
    for frame in (told.payees, told.regions, told.partner_tiers):
        assert sum(frame["change"].to_list(), Decimal(0)) == change
    assert {row["program_id"] for row in told.tiers.iter_rows(named=True)} == {"q3-volume-rebate"}
    assert {(row["tier_before"], row["tier_after"]) for row in told.tiers.to_dicts()} == {(0, 1)}


def _whatif(root: Path, *arguments: str) -> dict[str, Any]:
    told: dict[str, Any] = as_json("whatif", "2026-09", *arguments, "-w", root)
    return told


def test_periods_before_the_ledger_are_compared_too(tmp_path: Path) -> None:
    """8 % of July's 10,400 are 832, and 9 % are 936, though the ledger begins in August."""
    monthly = REBATE.replace('"quarter"', '"month"')
    begun = CONFIG + '[settlement]\nfirst_period = "2026-08"\n'
    root = write_workspace(tmp_path / "w", config=begun, programs={"volume": monthly})
    edit = ("--set", "volume.reward.tiers.1.rate=9%")
    result = incentivectl("whatif", "2026-07", *edit, "-w", root, "--format", "json")
    told = json.loads(result.stdout)
    assert (told["differs"], told["cost"][0]["change"]) == ("yes", "104")
    assert [(row["payee"], row["change"]) for row in told["winners"]] == [("P1", "104")]
    assert told["categories"][0]["change"] == "104"
    # In September, July is in no total, but is told.
    told = _whatif(root, *edit)
    assert told["cost"][0]["change"] == "0"
    (july,) = told["settled_elsewhere"]
    assert (july["program"], july["from"], july["change"], july["payees"]) == (
        "volume", "2026-07-01", "104", 1,
    )  # fmt: skip
    sweep = ("--sweep", "volume.reward.tiers.1.rate=8%..9%/1%", "-w", root, "--format", "json")
    swept = {
        period: json.loads(incentivectl("whatif", period, *sweep).stdout)["points"][1]
        for period in ("2026-07", "2026-09")
    }
    assert [(swept[p]["change"], swept[p]["winners"]) for p in swept] == [("104", 1), ("0", 0)]
    text = incentivectl("whatif", "2026-09", *edit, "-w", root).stdout
    assert "No difference" not in text
    assert "settled outside the ledger" in text


def test_a_rate_by_hand(tmp_path: Path) -> None:
    """P1 is paid 10 % of 10,400 in place of 8 %; the others stay below the tier."""
    root = write_workspace(tmp_path / "w")
    told = _whatif(root, "--set", "volume.reward.tiers.1.rate=10%")
    assert told["rules"] == [
        {"program": "volume", "key": "reward.tiers.1.rate", "today": "0.08", "scenario": "0.1"}
    ]
    assert [(row["payee"], row["today"], row["scenario"]) for row in told["winners"]] == [
        ("P1", "832", "1040")
    ]
    assert told["cost"][0]["change"] == "208"
    assert told["losers"] == []
    assert not (root / "reports").exists()
    assert not list(root.glob("ledger*"))


def test_another_folder_of_programs_and_one_left_out(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    (root / "draft").mkdir()
    (root / "draft/volume.toml").write_text(REBATE.replace("5%", "6%"))
    (root / "draft/other.toml").write_text(REBATE.replace('"volume"', '"other"'))
    told = _whatif(root, "--programs", str(root / "draft"), "--without", "other")
    assert {row["payee"]: row["change"] for row in told["winners"]} == {"P2": "9", "P3": "1"}
    both = _whatif(root, "--programs", str(root / "draft"))
    assert {row["program"] for row in both["programs"]} == {"volume", "other"}


def test_an_uplift_by_hand(tmp_path: Path) -> None:
    """11,400.50 and 10 % more: P2 5 % of 990.55, P3 5 % of 110, P1 8 % of 11,440."""
    root = write_workspace(tmp_path / "w")
    told = _whatif(root, "--uplift", "10%")
    assert {row["payee"]: row["scenario"] for row in told["winners"]} == {
        "P1": "915.2",
        "P2": "49.53",
        "P3": "5.5",
    }
    assert told["extra_revenue"] == "1140.05"


def test_a_sweep_by_hand(tmp_path: Path) -> None:
    """10,400 at 6, 8 and 10 %, and 5 % of 1,000.50 in all; a year before nothing was sold."""
    root = write_workspace(tmp_path / "w")
    told = _whatif(root, "--sweep", "volume.reward.tiers.1.rate=6%..10%/2%")
    assert [
        (row["value"], row["cost"], row["winners"], row["losers"]) for row in told["points"]
    ] == [
        ("6%", "674.03", 0, 1),
        ("8%", "882.03", 0, 0),
        ("10%", "1090.03", 1, 0),
    ]
    assert {row["more_sold"] for row in told["points"]} == {"11400.5"}
    assert told["points"][2]["cost_per_1"] == "0.095612"  # 1,090.03 / 11,400.50
    assert "chart" not in told
    with_uplift = _whatif(
        root, "--sweep", "volume.reward.tiers.1.rate=8%..8%/1%", "--uplift", "10%"
    )
    (point,) = with_uplift["points"]
    assert (point["change"], point["more_sold"]) == ("88.2", "1140.05")  # 970.23 - 882.03
    screen = incentivectl(
        "whatif", "2026-09", "-w", root, "--sweep", "volume.reward.tiers.1.rate=6%..10%/2%"
    )
    assert "10% ████" in screen.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "volum.reward.tiers.1.rate=4%"], "did you mean `volume`?"),
        (["--set", "volume.reward.teirs.1.rate=4%"], "did you mean `tiers`?"),
        (["--set", "volume.reward.tiers.1.raet=4%"], "did you mean `rate`?"),
        (["--set", "volume.limts.budget=4"], "did you mean `limits`?"),
        (["--set", "volume.reward.tiers.2.rate=4%"], "name one of 0 to 1"),
        (["--set", "volume.reward.tiers.1.rate=fast"], "volume.reward.tiers.1.rate=fast"),
        (["--set", "volume.reward.tiers.1.from=0"], "begin at 0"),
        (["--set", "volume"], "expected ID.key=value"),
        (["--set", "volume.gate="], "no `gate` to take out"),
        (["--without", "volum"], "did you mean `volume`?"),
        (["--uplift", "much"], "expected a share"),
        (["--sweep", "volume.reward.tiers.1.rate=4%"], "FIRST..LAST/STEP"),
        (["--sweep", "volume.reward.tiers.1.rate=1%..90%/1%"], "at most 50"),
        (["--sweep", "volume.reward.tiers.1.rate=9%..1%/1%"], "no values"),
    ],
)
def test_what_cannot_be_set_is_a_usage_error(
    tmp_path: Path, arguments: Sequence[str], message: str
) -> None:
    root = write_workspace(tmp_path / "w", tables={"partners": PARTNERS})
    result = incentivectl("whatif", "2026-09", *arguments, "-w", root)
    assert result.exit_code == 2, result.output
    assert message in result.stderr


def test_a_folder_that_holds_something_is_never_written_over(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    result = incentivectl("whatif", "2026-09", "-w", root, "--save", root / "programs")
    assert result.exit_code == 2
    assert (root / "programs/volume.toml").read_text() == REBATE


@pytest.mark.parametrize(
    ("written", "path", "value"),
    [
        ("a.reward.tiers.1.rate=4%", ("reward", "tiers", 1, "rate"), "4%"),
        ('a.eligible."partner.tier"=gold', ("eligible", "partner.tier"), "gold"),
        ("a.eligible.'partner.tier'=[1]", ("eligible", "partner.tier"), [1]),
        ("a.limits.budget = 1_000.5", ("limits", "budget"), Decimal("1000.5")),
        ("a.starts=2026-07-01", ("starts",), date(2026, 7, 1)),
        ("a.limits.budget=", ("limits", "budget"), None),
        ('a.name="x = y"', ("name",), "x = y"),
    ],
)
def test_how_an_edit_is_read(written: str, path: tuple[str | int, ...], value: object) -> None:
    edit = parse_edit(written)
    assert (edit.program_id, edit.path, edit.value) == ("a", path, value)
