"""Any terminal, any encoding, closed streams, full disks: something true is said, and never a traceback."""

import ast
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import incentivectl
from incentivectl.cli import main, streams
from incentivectl.cli.ending import command
from tests.posting.booked import BOOKS, batch_ids
from tests.small_workspace import PARTNERS, write_workspace
from tests.small_workspace import incentivectl as run_here

PACKAGE = Path(incentivectl.__file__).parent
FULL = Path("/dev/full")


def called(
    monkeypatch: pytest.MonkeyPatch,
    *arguments: str | Path,
    encoding: str = "utf-8",
    full: bool = False,
) -> tuple[int, str, str]:
    """Runs `main` with streams of an encoding; the exit code, and what was written to both."""
    out, err = io.BytesIO(), io.BytesIO()
    stdout = FULL.open("w") if full else io.TextIOWrapper(out, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding=encoding))
    monkeypatch.setattr(sys, "argv", ["incentivectl", *map(str, arguments)])
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    sys.stderr.flush()
    return code, out.getvalue().decode(encoding), err.getvalue().decode(encoding)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    partners = PARTNERS.replace("Alpha Ltd", "Älpha 日本")
    return write_workspace(tmp_path / "w", config=BOOKS, tables={"partners": partners})


def test_an_encoding_that_lacks_a_sign(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = called(monkeypatch, "run", "2026-09", "-w", root, encoding="ascii")
    assert code == 0
    assert "?lpha ??" in out
    code, _, err = called(monkeypatch, "run", "Ä", "-w", root, encoding="ascii")
    assert code == 2
    assert "`?`" in err


def test_json_loses_nothing_to_an_encoding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, _ = called(
        monkeypatch, "run", "2026-09", "-w", root, "--format", "json", encoding="ascii"
    )
    assert "Älpha 日本" in [row["name"] for row in json.loads(out)["payees"]]


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["program", "schema"]])
def test_an_output_that_is_full(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incentivectl.cli.app.GROUPS", ())  # whose commands --help alone drops
    code, _, err = called(monkeypatch, *arguments, full=True)
    assert code == 3
    assert "could not be written" in err
    assert "no space left" in err


@pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")
def test_what_is_said_after_a_commit_is_true(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_here("run", "2026-09", "-w", root).exit_code == 0
    code, _, err = called(monkeypatch, "batch", "post", "2026-09", "-w", root, full=True)
    assert code == 3
    assert batch_ids(root) == ["2026-09.1"]
    assert "the ledger was changed before this happened" in err
    assert "nothing was booked" not in err
    code, _, err = called(monkeypatch, "run", "2026-09", "-w", root, full=True)
    assert "ledger was changed" not in err


def test_a_defect_after_a_commit(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError("\x1b[31m")

    monkeypatch.delenv("INCENTIVECTL_TRACEBACK", raising=False)
    assert run_here("run", "2026-09", "-w", root).exit_code == 0
    monkeypatch.setattr("incentivectl.posting.report_batches.posted_report", fails)
    result = run_here("batch", "post", "2026-09", "-w", root)
    assert result.exit_code == 1
    assert "the ledger was changed" in result.stderr
    assert "nothing was booked" not in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize(("closed", "code"), [("2>&-", 2), (">&- 2>&-", 2), (">&-", 2)])
def test_streams_that_are_closed(closed: str, code: int) -> None:
    line = f"{sys.executable} -m incentivectl run 2026-09 --format xml {closed}"
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert "Traceback" not in done.stderr


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    odd = write_workspace(tmp_path / os.fsdecode(b"w\xff"))
    result = run_here("run", "2026-09", "-w", odd)
    assert result.exit_code == 2
    assert "w\ufffd: error: the path of the workspace is not valid UTF-8" in result.stderr
    config = BOOKS + '\n[sources.sales]\npath = "sample_data/sales*.csv"\n'
    root = write_workspace(tmp_path / "w", config=config)
    sales = root / "sample_data/sales.csv"
    sales.rename(sales.with_name(os.fsdecode(b"sales\xff.csv")))
    result = run_here("check", "-w", root)
    assert result.exit_code != 1
    assert "sales\ufffd.csv: error: the file's name is not valid UTF-8" in result.stderr


def test_a_name_that_is_not_utf8_anywhere_else() -> None:
    @command
    def writes() -> None:
        "\udcff".encode()

    with pytest.raises(Exception, match="3"):
        writes()


def written_by(tree: ast.AST) -> Iterator[str]:
    """What a module writes to a screen with: print, typer.echo, console.print, sys.stdout."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in ("print", "echo", "secho", "rule", "log", "Console"):
                yield name
        elif isinstance(node, ast.Attribute) and ast.unparse(node) in (
            "sys.stdout.write", "sys.stderr.write", "sys.stdout.buffer", "sys.stderr.buffer",
        ):  # fmt: skip
            yield ast.unparse(node)


def test_only_one_module_writes_to_the_streams() -> None:
    """A new command has no other way to print than those that make foreign texts legible."""
    writers = {
        path.relative_to(PACKAGE).as_posix(): sorted(set(written_by(ast.parse(path.read_bytes()))))
        for path in PACKAGE.rglob("*.py")
    }
    assert {path: names for path, names in writers.items() if names} == {
        "cli/streams.py": ["sys.stderr.write", "sys.stdout.write"],
        "cli/voice.py": ["Console"],  # the line of progress, as legible text
        "output/terminal.py": ["Console", "print"],  # lines that are legible, without markup
    }


def test_out_replaces_what_steers_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    streams.out("a\x1b[31m\n")
    streams.err("b\x1b[31m\nc")
    captured = capsys.readouterr()
    assert captured.out == "a\ufffd[31m\n"
    assert captured.err == "b\ufffd[31m c\n"
