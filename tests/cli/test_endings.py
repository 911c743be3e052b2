"""How commands end: problems as JSON, exit code 6 for what needs attention, help that is whole."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer

from incentivectl.cli.app import GROUPS, app
from tests.cli.every_command import names_of_commands
from tests.small_workspace import CONFIG, PARTNERS, REBATE, incentivectl, write_workspace

CLEAN = {
    "config": '[workspace]\nname = "Small"\ncurrency = "USD"\n\n[settlement]\nfirst_period = "2026-07"\n',
    "programs": {"volume": REBATE.replace('{ from = 10_000, rate = "8%" }', "")},
    "tables": {"partners": PARTNERS.replace("suspended", "active")},
}


def problems(*arguments: str | Path) -> tuple[int, list[dict[str, Any]]]:
    """The exit code and the problems on stdout, which holds one JSON object and nothing else."""
    result = incentivectl(*arguments, "--format", "json")
    return result.exit_code, json.loads(result.stdout)["problems"]


def test_a_problem_has_all_its_parts(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", programs={"volume": REBATE.replace("tiers", "teirs")})
    for command in (["check"], ["run", "2026-09"], ["batch", "post", "2026-09"]):
        code, found = problems(*command, "-w", root)
        assert code == 3
        (typo,) = [one for one in found if one["code"] == "unknown-key"]
        assert typo == {
            "code": "unknown-key",
            "severity": "error",
            "message": "unknown key `teirs` in [reward]",
            "hint": "did you mean `tiers`?",
            "file": str(root / "programs/volume.toml"),
            "line": 9,
            "column": 1,
            "excerpt": 'teirs = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }]',
        }


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (["run", "2026-13"], 2, "bad-period"),
        (["run"], 2, "bad-usage"),
        (["batch", "post", "2026-09", "--allow", "everything"], 2, "bad-usage"),
        (["batch", "show", "2026-09.1"], 2, "no-batch"),
        (["explain", "2026-09"], 2, "bad-usage"),
        (["metrics"], 2, "bad-usage"),
        (["run", "2026-09", "--lins"], 2, "bad-usage"),
        (["rnu", "2026-09"], 2, "bad-usage"),
        (["batch", "psot"], 2, "bad-usage"),
        (["report", "2026-08"], 4, "no-run"),
        (["deals", "2026-09"], 3, "no-deals"),
    ],
)
def test_every_way_to_end_with_problems(
    tmp_path: Path, arguments: list[str], code: int, named: str
) -> None:
    root = write_workspace(tmp_path / "w")
    ended, found = problems(*arguments, "-w", root)
    assert (ended, [one["code"] for one in found]) == (code, [named])


def test_a_file_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/w/report")

    root = write_workspace(tmp_path / "w")
    monkeypatch.setattr("incentivectl.reports.summary.run_report", full)
    code, (one,) = problems("run", "2026-09", "-w", root)
    assert (code, one["code"], one["file"]) == (3, "cannot-use-file", "/w/report")


def test_a_defect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.delenv("INCENTIVECTL_TRACEBACK", raising=False)
    monkeypatch.setattr("incentivectl.reports.summary.run_report", fails)
    code, (one,) = problems("run", "2026-09", "-w", write_workspace(tmp_path / "w"))
    assert (code, one["code"]) == (1, "internal-error")


def test_a_defect_of_many_lines_tells_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polars adds its whole plan to a message."""

    def fails(*_: object, **__: object) -> None:
        raise ValueError(
            "\nnot found: Column `x`\n\nResolved plan until failure:\n" + "FILTER\n" * 999
        )

    root = write_workspace(tmp_path / "w")
    monkeypatch.delenv("INCENTIVECTL_TRACEBACK", raising=False)
    monkeypatch.setattr("incentivectl.reports.summary.run_report", fails)
    said = incentivectl("run", "2026-09", "-w", root).stderr
    assert said.splitlines() == [
        "internal error: ValueError: not found: Column `x`",
        "",
        "hint: this is a defect of incentivectl, not of your data; nothing was booked."
        " INCENTIVECTL_TRACEBACK=1 shows the whole message and where it happened.",
    ]
    _, (one,) = problems("run", "2026-09", "-w", root)
    assert one["message"] == "internal error: ValueError: not found: Column `x`"
    monkeypatch.setenv("INCENTIVECTL_TRACEBACK", "1")
    whole = incentivectl("run", "2026-09", "-w", root).exception
    assert str(whole).count("FILTER") == 999


def test_warnings_stand_beside_the_result(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    for command in (["check"], ["run", "2026-09"]):
        code, found = problems(*command, "-w", root)
        assert (code, [one["severity"] for one in found]) == (0, ["warning"])
    broken = write_workspace(
        tmp_path / "v", programs={"volume": REBATE, "b": REBATE.replace("rebate", "rebte")}
    )
    code, found = problems("program", "list", "-w", broken)
    assert code == 3
    assert found


@pytest.mark.parametrize("command", [["check"], ["run", "2026-09"]])
def test_fail_on(tmp_path: Path, command: list[str]) -> None:
    """The small workspace has a warning: 9,999.99 pays 500.00 and 10,000.00 pays 800.00."""
    root = write_workspace(tmp_path / "w")
    for level in ("warning", "attention"):
        result = incentivectl(*command, "-w", root, "--fail-on", level, "-q")
        assert (result.exit_code, result.stdout) == (6, "")
        assert result.stderr.startswith("needs attention (")
        assert result.stderr.count("\n") == 1
    assert incentivectl(*command, "-w", root, "-q").exit_code == 0
    unknown = incentivectl(*command, "-w", root, "--fail-on", "everything")
    assert unknown.exit_code == 2
    assert "'everything' is not one of 'warning', 'attention'" in unknown.stderr
    assert "Value error" not in unknown.stderr


def test_attention_without_a_warning(tmp_path: Path) -> None:
    """P3 is suspended: what it earns is held, which is no warning about config or data."""
    tables = {"partners": PARTNERS}
    root = write_workspace(
        tmp_path / "w",
        config=CONFIG,
        programs=CLEAN["programs"],
        tables=tables,  # type: ignore[arg-type]
    )
    assert incentivectl("run", "2026-09", "-w", root, "--fail-on", "warning").exit_code == 0
    assert incentivectl("run", "2026-09", "-w", root, "--fail-on", "attention").exit_code == 6


def test_posting_books_and_then_tells(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", config=str(CLEAN["config"]))
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    result = incentivectl("batch", "post", "2026-09", "-w", root, "-q", "--fail-on", "attention")
    assert result.exit_code == 6
    assert result.stderr.startswith("needs attention (")
    assert "2026-09.1" in incentivectl("batch", "list", "-w", root).stdout


def test_nothing_to_attend_to(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", **CLEAN)  # type: ignore[arg-type]
    for command in (["check"], ["run", "2026-09"]):
        result = incentivectl(*command, "-w", root, "-q", "--fail-on", "attention")
        assert (result.exit_code, result.output) == (0, "")


def descriptions(group: typer.Typer) -> list[str]:
    """What the commands of a group say that they do."""
    commands = [one.callback.__doc__ for one in group.registered_commands if one.callback]
    groups = [one.typer_instance.info.help for one in group.registered_groups if one.typer_instance]
    return [" ".join(str(text).split()) for text in (*commands, *groups)]


@pytest.mark.parametrize("width", ["80", "200"])
def test_help_cuts_no_description(monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for group in (app, *GROUPS):
        name = [] if group is app else [str(group.info.name)]
        shown = incentivectl(*name, "--help").stdout
        listed = " ".join(shown.split())
        assert all(text in listed for text in descriptions(group))
        assert max(map(len, shown.splitlines())) <= int(width)


@pytest.mark.parametrize("name", sorted(names_of_commands()))
def test_help_of_a_command_fits(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = incentivectl(*name.split(), "--help").stdout
    assert "..." not in re.sub(r"[\]}]\.\.\.|\[ARGS\]\.\.\.", "", shown)
    assert max(map(len, shown.splitlines())) <= 80
