"""How result files come to their places: whole, for their owner, never through a link."""

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from incentivectl.core.output_files import (
    copy_file,
    make_folder,
    output_file,
    write_file,
    write_named_file,
)
from incentivectl.core.scratch import OLD_SECONDS, held, scratch_folder, unfinished_name


def mode_of(path: Path) -> int:
    """The permissions of a file or folder."""
    return stat.S_IMODE(path.stat().st_mode)


def age(path: Path) -> None:
    """Makes a path older than what living commands may still be about to lock."""
    long_ago = time.time() - OLD_SECONDS - 60
    os.utime(path, (long_ago, long_ago))


def test_files_and_folders_are_their_owners_only(tmp_path: Path) -> None:
    write_file(tmp_path / "a" / "b" / "figures.csv", "x\n")
    assert mode_of(tmp_path / "a") == mode_of(tmp_path / "a" / "b") == 0o700
    assert mode_of(tmp_path / "a" / "b" / "figures.csv") == 0o600
    write_file(tmp_path / "kept.csv", b"x\n", read_only=True)
    assert mode_of(tmp_path / "kept.csv") == 0o400


def test_a_folder_that_a_group_shares_passes_its_access_on(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2770)
    write_file(shared / "a" / "figures.csv", "x\n")
    assert mode_of(shared / "a") == 0o2770
    assert mode_of(shared / "a" / "figures.csv") == 0o660
    write_file(shared / "kept.csv", "x\n", read_only=True)
    assert mode_of(shared / "kept.csv") == 0o440


def test_a_link_is_replaced_and_its_target_untouched(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("mine", encoding="utf-8")
    (tmp_path / "out.csv").symlink_to(target)
    write_file(tmp_path / "out.csv", "new")
    assert target.read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "new"
    assert not (tmp_path / "out.csv").is_symlink()


def test_after_an_error_the_old_file_stands_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    write_file(tmp_path / "out.csv", "old")

    def fails() -> None:
        with output_file(tmp_path / "out.csv") as file:
            file.write(b"ne")
            raise ValueError("the rest")

    with pytest.raises(ValueError, match="the rest"):
        fails()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "old"


def test_a_named_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_named_file(pipe, "figures")
    reader.join(10)
    assert read == [b"figures"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_device_and_a_link_to_one_are_written_into(tmp_path: Path) -> None:
    link = tmp_path / "null.csv"
    link.symlink_to("/dev/null")
    write_named_file(link, "figures")
    assert link.is_symlink()
    write_named_file(Path("/dev/null"), "figures")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_copy_holds_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x00\xff")
    copy_file(tmp_path / "a", tmp_path / "b" / "a", read_only=True)
    assert (tmp_path / "b" / "a").read_bytes() == b"\x00\xff"


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("", encoding="utf-8")
    with pytest.raises(NotADirectoryError):
        make_folder(tmp_path / "reports" / "2026-07")


def test_only_old_leftovers_of_dead_commands_are_swept(tmp_path: Path) -> None:
    left, young, living = (tmp_path / unfinished_name() for _ in range(3))
    foreign, link = tmp_path / ".notes.new", tmp_path / unfinished_name()
    for path in (left, young, living, foreign):
        path.write_text("x", encoding="utf-8")
    link.symlink_to(foreign)
    for path in (left, living, foreign):
        age(path)
    with held(living):
        write_file(tmp_path / "out.csv", "x")
    assert {*tmp_path.iterdir()} == {young, living, foreign, link, tmp_path / "out.csv"}


def test_scratch_folders_of_killed_commands_are_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, living, foreign = (
        tmp_path / name for name in ("incentivectl-abcd1234", "incentivectl-efgh5678", "notes")
    )
    for folder in (left, living, foreign):
        folder.mkdir()
        (folder / "sales.parquet").write_text("x", encoding="utf-8")
        age(folder)
    with held(living), scratch_folder() as own:
        assert mode_of(Path(own)) == 0o700
        assert {*tmp_path.iterdir()} == {living, foreign, Path(own)}
    assert {*tmp_path.iterdir()} == {living, foreign}
