"""Where lists may lie, and how large they may be: in the workspace, so that the archive keeps them."""

import os
from pathlib import Path

import pytest

from incentivectl.programs import lists
from incentivectl.programs.conditions import Condition
from tests.programs.writing import read, rebate, sound
from tests.small_workspace import CONFIG, REBATE, incentivectl, write_workspace


def conditions(place: str, folder: Path) -> tuple[Condition, ...]:
    text = f'"product.product_id" = {{ not_in = "{place}" }}'
    return sound(rebate("[eligible]", text), folder).eligible


def refusal(place: str, folder: Path) -> tuple[str, str]:
    """Code and message of the one problem."""
    text = f'"product.product_id" = {{ not_in = "{place}" }}'
    program, problems = read(rebate("[eligible]", text), folder)
    assert program is None
    (problem,) = problems
    return problem.code, problem.message


def test_a_list_outside_the_workspace(tmp_path: Path) -> None:
    inside = tmp_path / "shop"
    (inside / "lists").mkdir(parents=True)
    (tmp_path / "secret.csv").write_text("root\n")
    (inside / "link.csv").symlink_to(tmp_path / "secret.csv")
    (inside / "folder").symlink_to(tmp_path)
    (inside / "lists/own.csv").write_text("SKU-1\n")
    (inside / "own.csv").symlink_to("lists/own.csv")
    for place in (
        "/etc/passwd", str(inside / "lists/own.csv"), "../secret.csv", "lists/../../secret.csv",
        "link.csv", "folder/secret.csv",
    ):  # fmt: skip
        code, message = refusal(place, inside)
        assert code == "list-outside"
        assert message.endswith(f"the list {place} lies outside the workspace")
    for place in ("lists/own.csv", "own.csv"):
        assert conditions(place, inside)[0].not_in == ("SKU-1",)


def test_a_list_that_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    code, message = refusal("pipe.csv", tmp_path)
    assert code == "unreadable-file"
    assert "expected a file, found a named pipe" in message
    assert refusal("zero.csv", tmp_path)[0] == "list-outside"
    assert refusal("x" * 300, tmp_path)[0] == "unreadable-file"


def test_a_list_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "LIST_BYTES", 10)
    (tmp_path / "a.csv").write_text("SKU-1\nSKU-2\n")
    code, message = refusal("a.csv", tmp_path)
    assert code == "unreadable-file"
    assert "the file is larger than 10 bytes" in message


@pytest.mark.parametrize("name", ["lists/skus", "programs/beside.csv", "lists/" + "a.b" * 80])
def test_every_list_is_archived(tmp_path: Path, name: str) -> None:
    program = REBATE.replace(
        "[reward]",
        f'[eligible]\n"sale.product_id" = {{ in = "{name.removeprefix("programs/")}" }}\n[reward]',
    )
    config = CONFIG + '[settlement]\nfirst_period = "2026-09"\n'
    root = write_workspace(tmp_path / "shop", config=config, programs={"volume": program})
    (root / "lists").mkdir()
    (root / name).write_text("SKU-1\nSKU-2\n")
    for arguments in (
        ["run", "2026-09"], ["batch", "post", "2026-09"], ["run", "--batch", "2026-09.1"]
    ):  # fmt: skip
        result = incentivectl(*arguments, "-w", root)
        assert result.exit_code == 0, result.output
    assert (root / "archive/2026-09.1" / name).is_file()


def test_too_many_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from incentivectl.core import limits

    monkeypatch.setattr(limits, "PROGRAMS", 2)
    programs = {f"p{n}": REBATE.replace('"volume"', f'"p{n}"') for n in range(3)}
    root = write_workspace(tmp_path / "shop", programs=programs)
    result = incentivectl("check", "-w", root)
    assert result.exit_code == 3
    assert "the folder has 3 programs, more than 2" in result.output
    (root / "programs/p2.toml").unlink()
    assert incentivectl("check", "-w", root).exit_code == 0
