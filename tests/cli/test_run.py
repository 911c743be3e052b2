"""`run` as its user sees it: report, files, formats, exit codes."""

import json
import tomllib
from pathlib import Path

import polars as pl
import pytest

from tests.small_workspace import (
    CONFIG,
    REBATE,
    SALES,
    incentivectl,
    read_csv,
    settle,
    write_workspace,
)


def test_earnings_are_worked_by_hand(tmp_path: Path) -> None:
    """P1 reaches 10,000: 8 % of 10,400; P2 5 % of 900.50 = 45.025; P3 is suspended: held."""
    rows = {row["payee_id"]: row for row in settle(write_workspace(tmp_path / "w"))}
    assert rows["P1"]["entitlement"] == "832"
    assert rows["P1"]["tier"] == "1"
    assert rows["P2"]["reward"] == "45.025"
    assert rows["P2"]["entitlement"] == "45.03"
    assert rows["P3"]["entitlement"] == "5"
    assert [rows[payee]["status"] for payee in ("P1", "P2", "P3")] == ["due", "due", "held"]
    assert [rows[payee]["this_batch"] for payee in ("P1", "P2", "P3")] == ["832", "45.03", "0"]


def test_payouts_of_an_empty_ledger(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", config=CONFIG + "[payout]\nminimum = 50\n")
    settle(root)
    rows = {row["payee_id"]: row for row in read_csv(root / "reports/2026-09/payouts.csv")}
    assert (rows["P1"]["payable"], rows["P1"]["carried_forward"]) == ("832", "0")
    assert (rows["P2"]["payable"], rows["P2"]["carried_forward"]) == ("0", "45.03")


def test_a_quarter_that_still_goes_on_accrues(tmp_path: Path) -> None:
    rows = settle(write_workspace(tmp_path / "w"), "2026-08")
    assert {row["status"] for row in rows} == {"accruing"}
    assert {row["this_batch"] for row in rows} == {"0"}
    assert "P3" not in {row["payee_id"] for row in rows}  # its sale is of September


def test_hold_days_hold(tmp_path: Path) -> None:
    held = REBATE + "[payout]\nhold_days = 30\n"
    root = write_workspace(tmp_path / "w", programs={"volume": held})
    assert {row["status"] for row in settle(root, "2026-09")} == {"held"}
    due = {row["payee_id"]: row["status"] for row in settle(root, "2026-10")}
    assert due == {"P1": "due", "P2": "due", "P3": "held"}


def test_ineligible_lines_are_counted_by_their_first_failing_condition(tmp_path: Path) -> None:
    program = REBATE + '[eligible]\n"partner.tier" = "gold"\n"product.category" = { not = "x" }\n'
    root = write_workspace(tmp_path / "w", programs={"volume": program})
    settle(root)
    assert read_csv(root / "reports/2026-09/ineligible.csv") == [
        {"program_id": "volume", "reason": "partner.tier", "lines": "2", "amount": "1000.5"}
    ]


def test_lines_tell_contributions_and_reasons(tmp_path: Path) -> None:
    late = SALES + "S9,1,2026-06-30,P1,SKU-1,C1,1,50.00\n"
    program = REBATE + '[eligible]\n"partner.tier" = { not = "silver" }\n'
    root = write_workspace(tmp_path / "w", programs={"volume": program}, tables={"sales": late})
    settle(root, "2026-09", "--lines")
    lines = pl.read_parquet(root / "reports/2026-09/lines.parquet")
    told = {
        (row["sale_id"], row["line_id"]): (row["contribution"], row["reason"])
        for row in lines.iter_rows(named=True)
    }
    assert told[("S1", "1")] == (480, None)  # 8 % of 6,000
    assert told[("S1", "2")] == (352, None)
    assert told[("S2", "1")] == (None, "partner.tier")
    assert told[("S9", "1")] == (None, "outside-dates")
    assert lines.height == 5


def test_the_manifest_names_inputs_rules_and_files(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    settle(root)
    manifest = tomllib.loads((root / "reports/2026-09/manifest.toml").read_text())
    assert {one["path"] for one in manifest["inputs"]} == {
        "sample_data/partners.csv",
        "sample_data/sales.csv",
    }
    assert manifest["programs"][0]["id"] == "volume"
    assert {"earnings.csv", "payouts.csv", "ineligible.csv"} <= set(manifest["files"])
    assert str(tmp_path) not in (root / "reports/2026-09/manifest.toml").read_text()


def test_json_has_money_as_text(tmp_path: Path) -> None:
    result = incentivectl(
        "run", "2026-09", "-w", write_workspace(tmp_path / "w"), "--format", "json"
    )
    report = json.loads(result.stdout)
    assert report["programs"][0]["due"] == "877.03"
    assert report["rows"][0]["read"] == 4


@pytest.mark.parametrize("ending", ["json", "csv", "md", "txt"])
def test_output_picks_the_format_by_its_ending(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"report.{ending}"
    result = incentivectl("run", "2026-09", "-w", write_workspace(tmp_path / "w"), "-o", file)
    assert result.exit_code == 0
    assert result.stdout == ""
    text = file.read_text()
    assert "volume" in text
    assert {"json": "{", "csv": "program,", "md": "# ", "txt": "Small"}[ending] == text[
        : len({"json": "{", "csv": "program,", "md": "# ", "txt": "Small"}[ending])
    ]


def test_a_pipe_gets_plain_text_that_nothing_is_cut_from(tmp_path: Path) -> None:
    long_name = (
        "A very long partner name that no terminal of eighty columns could hold in a cell, " * 2
    )
    partners = f"partner_id,name\nP1,{long_name.strip()}\nP2,B\nP3,C\n".replace("cell, ", "cell ")
    partners = partners.replace("hold in a cell,", "hold in a cell")
    root = write_workspace(tmp_path / "w", tables={"partners": partners})
    result = incentivectl("run", "2026-09", "-w", root)
    assert "hold in a cell A very long" in result.stdout
    assert "\x1b[" not in result.stdout


def test_quiet_prints_only_what_needs_attention(tmp_path: Path) -> None:
    result = incentivectl("run", "2026-09", "-w", write_workspace(tmp_path / "w"), "-q")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("needs attention (2): 1 inactive payee; ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("period", ["2026-13", "september", "2026-Q5"])
def test_a_period_that_is_none_is_a_usage_error(tmp_path: Path, period: str) -> None:
    result = incentivectl("run", period, "-w", write_workspace(tmp_path / "w"))
    assert result.exit_code == 2
    assert f"invalid period `{period}`" in result.stderr
    assert "2026-Q3" in result.stderr


def test_no_workspace_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = incentivectl("run", "2026-09")
    assert result.exit_code == 2
    assert "incentivectl init" in result.stderr


def test_too_many_rejects_stop_the_run_and_are_still_written(tmp_path: Path) -> None:
    config = CONFIG.replace("100%", "1%").replace("[data]", "[data]\nmin_rejects = 0")
    bad = SALES + "S4,1,2026-02-30,P1,SKU-1,C1,1,5\n"
    root = write_workspace(tmp_path / "w", config=config, tables={"sales": bad})
    result = incentivectl("run", "2026-09", "-w", root)
    assert result.exit_code == 4
    assert "1 of 5 rows (20.0 %) are rejected" in result.stderr
    assert (root / "reports/2026-09/rejects/sales.csv").exists()
    assert not (root / "reports/2026-09/earnings.csv").exists()


def test_a_second_run_replaces_the_first_as_a_whole(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    settle(root, "2026-09", "--lines")
    settle(root)
    assert not (root / "reports/2026-09/lines.parquet").exists()
    assert [path.name for path in (root / "reports").iterdir()] == ["2026-09"]


def test_all_problems_of_config_and_programs_at_once(tmp_path: Path) -> None:
    programs = {
        "one": REBATE.replace("tiers", "teirs").replace('"volume"', '"one"'),
        "two": REBATE.replace('kind = "rebate"', 'kind = "rebat"').replace('"volume"', '"two"'),
        "three": "id = ",
    }
    config = CONFIG.replace('"USD"', '"USDOLLAR"')
    result = incentivectl(
        "run", "2026-09", "-w", write_workspace(tmp_path / "w", config=config, programs=programs)
    )
    assert result.exit_code == 3
    for part in (
        "one.toml:9",
        "`tiers`",
        "two.toml:3",
        "rebate",
        "three.toml:1",
        "incentivectl.toml:4",
    ):
        assert part in result.stderr
    assert "Traceback" not in result.stderr


def test_a_failing_example_stops_the_run(tmp_path: Path) -> None:
    program = REBATE + '[[example]]\nname = "wrong"\nsales = [{ amount = 10_400 }]\nexpect = 520\n'
    root = write_workspace(tmp_path / "w", programs={"volume": program})
    for command in (("run", "2026-09"), ("check",)):
        result = incentivectl(*command, "-w", root)
        assert result.exit_code == 3
        assert "A: expected 520, got 832" in result.stderr


def test_two_hundred_problems_at_once(tmp_path: Path) -> None:
    programs = {
        f"p{i:03}": REBATE.replace('"volume"', f'"p{i:03}"').replace("rate", "raet")
        for i in range(200)
    }
    result = incentivectl("check", "-w", write_workspace(tmp_path / "w", programs=programs))
    assert result.exit_code == 3
    assert all(f"p{i:03}.toml" in result.stderr for i in range(200))


KNOWN = """\
sale_id,line_id,sold_on,partner_id,amount,received_on
S1,1,2026-07-03,P1,6000,2026-07-04
S1,1,2026-07-03,P1,9000,2026-09-20
S2,1,2026-07-05,P1,4000,
R1,1,2026-08-01,P1,-500,2026-09-16
"""


def test_as_known_on_a_day(tmp_path: Path) -> None:
    """On 15 September S1 was still worth 6,000, and nothing had come back: 8 % of 10,000."""
    root = write_workspace(tmp_path / "w", tables={"sales": KNOWN})
    assert [row["entitlement"] for row in settle(root)] == ["1000"]  # 8 % of 12,500
    told = incentivectl("run", "2026-09", "-w", root, "--as-known-on", "2026-09-15")
    assert told.exit_code == 0
    assert "as known on 2026-09-15: 2 lines received later and skipped" in told.stdout
    folder = root / "reports/2026-09-as-known-on-2026-09-15"
    assert [row["entitlement"] for row in read_csv(folder / "earnings.csv")] == ["800"]
    manifest = tomllib.loads((folder / "manifest.toml").read_text())
    assert str(manifest["as_known_on"]) == "2026-09-15"
    assert [row["skipped"] for row in manifest["rows"] if row["table"] == "sales"] == [2]
    real = read_csv(root / "reports/2026-09/earnings.csv")
    assert [row["entitlement"] for row in real] == ["1000"]


def test_as_known_on_needs_a_day_and_says_where_none_is_known(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    bad = incentivectl("run", "2026-09", "-w", root, "--as-known-on", "15.09.2026")
    assert bad.exit_code == 2
    assert "invalid date `15.09.2026`" in bad.stderr
    told = incentivectl("run", "2026-09", "-w", root, "--as-known-on", "2026-01-01")
    assert "no line has a `received_on`" in told.stdout
