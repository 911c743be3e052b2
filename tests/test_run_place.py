"""`run` replaces what runs wrote in `reports/<period>/`, and nothing else."""

import os
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest

from incentivectl.core.errors import Refused
from incentivectl.core.input_files import sha256
from incentivectl.core.output_files import write_file
from incentivectl.reports.run_place import Placed, place_files
from incentivectl.run import loading
from incentivectl.run.run_results import MANIFEST
from tests.small_workspace import CONFIG, SALES, incentivectl, settle, write_workspace

BAD_LINE = "S9,1,2026-07-04,P1,SKU-1,C1,one,5.00\n"  # `one` is no number


def place(folder: Path, files: dict[str, str]) -> Placed:
    """Puts files into a folder as a run does."""

    def write(new: Path) -> None:
        for name, text in files.items():
            write_file(new / name, text)
        hashes = "".join(f'"{name}" = "{sha256(new / name)}"\n' for name in sorted(files))
        write_file(new / MANIFEST, f'incentivectl = "1"\n[files]\n{hashes}')

    return place_files(folder, write)


def texts(folder: Path) -> dict[str, str]:
    """Every file of a folder but the manifest, and what it holds."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def test_what_the_run_did_not_write_stays(tmp_path: Path) -> None:
    place(tmp_path / "r", {"earnings.csv": "1", "rejects/a.csv": "bad", "lines.parquet": "x"})
    (tmp_path / "r" / "notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "r" / "report.html").write_text("page", encoding="utf-8")
    placed = place(tmp_path / "r", {"earnings.csv": "2"})
    assert texts(tmp_path / "r") == {
        "earnings.csv": "2",
        "notes.txt": "mine",
        "report.html": "page",
    }
    assert placed.outdated == ("report.html",)
    assert placed.edited == ()


@pytest.mark.parametrize("notes", [False, True])
def test_a_folder_of_rejects_goes_with_the_last_of_them(tmp_path: Path, *, notes: bool) -> None:
    """Unless somebody keeps something else there."""
    root = write_workspace(tmp_path / "w", tables={"sales": SALES + BAD_LINE})
    settle(root)
    folder = root / "reports/2026-09/rejects"
    assert [path.name for path in folder.iterdir()] == ["sales.csv"]
    if notes:
        (folder / "notes.txt").write_text("ask Ann", encoding="utf-8")
    (root / "sample_data/sales.csv").write_text(SALES, encoding="utf-8")
    settle(root)
    assert folder.exists() == notes
    assert not (folder / "sales.csv").exists()


def test_what_was_edited_is_kept_under_another_name(tmp_path: Path) -> None:
    """Rejects that were corrected in place, and results that somebody wrote into."""
    folder = tmp_path / "r"
    for number in (1, 2):
        place(folder, {"earnings.csv": "1", "rejects/a.csv": "bad"})
        (folder / "rejects" / "a.csv").write_text(f"good {number}", encoding="utf-8")
    placed = place(folder, {"earnings.csv": "1"})
    assert placed.edited == (("rejects/a.csv", "rejects/a.edited-2.csv"),)
    assert texts(folder) == {
        "earnings.csv": "1",
        "rejects/a.edited-1.csv": "good 1",
        "rejects/a.edited-2.csv": "good 2",
    }


def test_a_file_edited_to_what_the_run_writes_is_no_edit(tmp_path: Path) -> None:
    place(tmp_path / "r", {"earnings.csv": "1"})
    (tmp_path / "r" / "earnings.csv").write_text("2", encoding="utf-8")
    assert place(tmp_path / "r", {"earnings.csv": "2"}).edited == ()


@pytest.mark.parametrize("manifest", [None, "[project]\nname = 'x'\n"])
def test_a_folder_that_no_run_wrote_is_refused(tmp_path: Path, manifest: str | None) -> None:
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "sales.csv").write_text("mine", encoding="utf-8")
    if manifest is not None:
        (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    with pytest.raises(Refused):
        place(folder, {"earnings.csv": "1"})
    assert texts(folder) == {"sales.csv": "mine"}


def test_without_a_manifest_the_files_of_a_run_are_replaced_and_kept(tmp_path: Path) -> None:
    """Somebody deleted it: nobody knows what the files were, so that none is lost."""
    folder = tmp_path / "r"
    place(folder, {"earnings.csv": "1", "unknown.csv": "1"})
    (folder / MANIFEST).unlink()
    assert place(folder, {"earnings.csv": "2", "unknown.csv": "1"}).edited == (
        ("earnings.csv", "earnings.edited-1.csv"),
    )


def test_a_damaged_manifest_does_not_stop_the_next_run(tmp_path: Path) -> None:
    place(tmp_path / "r", {"earnings.csv": "1"})
    (tmp_path / "r" / MANIFEST).write_text("x", encoding="utf-8")
    placed = place(tmp_path / "r", {"earnings.csv": "2"})
    assert placed.edited == (("earnings.csv", "earnings.edited-1.csv"),)  # nobody knows whose it is
    assert tomllib.loads((tmp_path / "r" / MANIFEST).read_text(encoding="utf-8"))["files"]


@pytest.mark.parametrize("moves", range(5))
def test_cut_short_anywhere_no_manifest_tells_of_mixed_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    """The process is gone after some of the moves; its leftovers stay, as after SIGKILL."""
    folder = tmp_path / "r"
    place(folder, {"a.csv": "1", "b.csv": "1"})
    left = moves

    def replace(self: Path, target: Path) -> Path:
        nonlocal left
        if target.is_relative_to(folder) and self.parent != target.parent:
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
        os.replace(self, target)
        return target

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        patch.setattr("incentivectl.core.scratch._remove", lambda _: None)
        if moves < 4:
            with pytest.raises(KeyboardInterrupt):
                place(folder, {"a.csv": "2", "b.csv": "2"})
        else:
            place(folder, {"a.csv": "2", "b.csv": "2"})
    if (folder / MANIFEST).exists():
        told = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        assert told == {name: sha256(folder / name) for name in ("a.csv", "b.csv")}
    placed = place(folder, {"a.csv": "3", "b.csv": "3"})
    assert placed.edited == ()  # what either run wrote is nobody's edit
    assert (folder / "a.csv").read_text(encoding="utf-8") == "3"


def test_of_two_at_once_both_end_well(tmp_path: Path) -> None:
    """Each writes for a while; in the end the files are those of one of them."""
    names = [f"{number}.csv" for number in range(50)]
    errors: list[BaseException] = []

    def run(text: str) -> None:
        try:
            for _ in range(10):
                place(tmp_path / "r", dict.fromkeys(names, text))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(text,)) for text in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(set(texts(tmp_path / "r").values())) == 1
    assert not [path for path in (tmp_path / "r").iterdir() if path.name.startswith(".")]


def test_two_commands_at_once_both_end_well(tmp_path: Path) -> None:
    """Processes of their own, as cron and a person start them."""
    root = write_workspace(tmp_path)
    command = [sys.executable, "-m", "incentivectl", "run", "2026-07", "-q", "-w", str(root)]
    racers = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    said = [one.communicate() for one in racers]
    assert [one.returncode for one in racers] == [0, 0, 0], said
    folder = root / "reports" / "2026-07"
    told = tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    assert told == {name: sha256(folder / name) for name in texts(folder)}


def test_a_linked_folder_is_written_into(tmp_path: Path) -> None:
    """`reports/2026-07` on another disk: run after run, and what else lies there stays."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    root = write_workspace(tmp_path / "w")
    (root / "reports").mkdir()
    (root / "reports" / "2026-07").symlink_to(elsewhere)
    for _ in range(2):
        assert incentivectl("run", "2026-07", "-w", root).exit_code == 0
        (elsewhere / "notes.txt").write_text("mine", encoding="utf-8")
    assert (root / "reports" / "2026-07").is_symlink()
    assert {"earnings.csv", "notes.txt", MANIFEST} <= {path.name for path in elsewhere.iterdir()}


def test_exports_under_reports_are_not_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`reports = "data"` with the exports in `data/2026-07/`: told before anything is read."""
    monkeypatch.setattr(loading, "read_inputs", None)
    config = CONFIG.replace("[data]", 'reports = "data"\n\n[data]')
    config += '\n[[sources.sales]]\npath = "data/*/*.csv"\n'
    root = write_workspace(tmp_path, config=config)
    (root / "data" / "2026-07").mkdir(parents=True)
    (root / "sample_data" / "sales.csv").rename(root / "data" / "2026-07" / "alpha.csv")
    result = incentivectl("run", "2026-07", "-w", root)
    assert result.exit_code == 4, result.output
    assert "holds files that no run wrote (alpha.csv)" in " ".join(result.stderr.split())
    assert texts(root / "data" / "2026-07") == {"alpha.csv": SALES}


def test_run_says_what_it_kept_and_what_is_outdated(tmp_path: Path) -> None:
    root = write_workspace(tmp_path, tables={"sales": SALES + BAD_LINE})
    folder = root / "reports" / "2026-07"
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 0
    assert incentivectl("report", "2026-07", "-w", root).exit_code == 0
    rejects = folder / "rejects" / "sales.csv"
    corrected = rejects.read_text(encoding="utf-8").replace(",one,", ",1,")
    rejects.write_text(corrected, encoding="utf-8")
    result = incentivectl("run", "2026-07", "-w", root)
    assert result.exit_code == 0
    assert "your copy is kept as" in result.stderr
    assert "report.html and report.xlsx" in result.stderr
    assert (folder / "rejects" / "sales.edited-1.csv").read_text(encoding="utf-8") == corrected
    assert (folder / "report.html").is_file()


def test_a_run_that_stops_leaves_no_results_of_an_earlier_one(tmp_path: Path) -> None:
    config = CONFIG.replace('"100%"', '"1%"')
    root = write_workspace(tmp_path, config=config)
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 0
    sales = root / "sample_data" / "sales.csv"
    sales.write_text(SALES + BAD_LINE * 10, encoding="utf-8")
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 4
    folder = root / "reports" / "2026-07"
    assert {*texts(folder)} == {"unknown.csv", "rejects/sales.csv"}
    result = incentivectl("report", "2026-07", "-w", root)
    assert result.exit_code == 4
    sales.write_text(SALES, encoding="utf-8")
    assert incentivectl("run", "2026-07", "-w", root).exit_code == 0
    assert "rejects/sales.csv" not in texts(folder)
