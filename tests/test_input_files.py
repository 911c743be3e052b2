"""Files are opened by their names, and only where they are regular files."""

import ast
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import incentivectl
from incentivectl.core import input_files, input_frames
from tests.small_workspace import CONFIG, settle, write_workspace
from tests.small_workspace import incentivectl as command

PACKAGE = Path(incentivectl.__file__).parent
# What opens files: these two, SQLite's ledger, and texts that come with the package.
OPENERS = {"core/input_files.py", "core/input_frames.py"}
OF_THE_PACKAGE = {
    ("cluster/packing.py", "open"),  # an archive in a file that is open already
    ("core/workbooks/archives.py", "open"),  # a part of an archive that is open already
    ("programs/starter.py", "read_text"),
    ("insight/guess/names.py", "read_text"),
    ("kinds/kind.py", "read_text"),
}
METHODS = {"open", "read_text", "read_bytes"}
MODES_OF_WRITING = set("wxa")


def reading_calls(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and name of each call that opens a file to be read."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id == "open":
            if not writes(node, at=1):
                yield node.lineno, "open"
        elif isinstance(called, ast.Attribute):
            owner = called.value.id if isinstance(called.value, ast.Name) else ""
            if owner == "pl" and called.attr.startswith(("read_", "scan_")):
                yield node.lineno, f"pl.{called.attr}"
            elif called.attr in METHODS and owner not in ("webbrowser", "os"):
                if called.attr != "open" or not writes(node, at=0):
                    yield node.lineno, called.attr
            elif (owner, called.attr) in {("tomllib", "load"), ("hashlib", "file_digest")}:
                yield node.lineno, f"{owner}.{called.attr}"


def writes(node: ast.Call, at: int) -> bool:
    """Whether a call of `open` names a mode that writes."""
    modes = [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
    mode = node.args[at] if len(node.args) > at else next(iter(modes), None)
    return isinstance(mode, ast.Constant) and bool(MODES_OF_WRITING & set(str(mode.value)))


def test_nothing_else_opens_a_file_to_read_it() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name not in OPENERS:
            calls = reading_calls(ast.parse(path.read_text(encoding="utf-8")))
            found += [
                f"{name}:{line} {call}"
                for line, call in calls
                if (name, call) not in OF_THE_PACKAGE
            ]
    assert not found, "open these through incentivectl.input_files or input_frames"


@pytest.mark.parametrize(
    "code",
    [
        "open(path)", "open(path, 'rb')", "path.open()", "path.open('rb')", "path.read_text()",
        "(a / b).read_bytes()", "pl.scan_parquet(path)", "pl.read_ipc(path)", "tomllib.load(file)",
    ],
)  # fmt: skip
def test_the_guard_sees(code: str) -> None:
    assert list(reading_calls(ast.parse(code)))


@pytest.mark.parametrize("code", ["open(path, 'w')", "path.open('w')", "path.open(mode='xb')"])
def test_the_guard_leaves_writing_alone(code: str) -> None:
    assert not list(reading_calls(ast.parse(code)))


def unsuitable(folder: Path, kind: str) -> Path:
    """Something that is no regular file."""
    path = folder / f"{kind}.csv"
    if kind == "device":
        return Path("/dev/zero")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
    return path


@pytest.mark.parametrize("kind", ["device", "folder", "pipe"])
def test_only_regular_files(tmp_path: Path, kind: str) -> None:
    path = unsuitable(tmp_path, kind)
    with pytest.raises(input_files.NotAFileError, match="expected a file, found"):
        input_files.content(path)
    with pytest.raises(input_files.NotAFileError):
        input_frames.scan_csv([path])
    with pytest.raises(input_files.NotAFileError):
        input_frames.scan_parquet(path)


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert input_files.content(tmp_path / "b") == b"x"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 2001)
    assert len(input_files.content(tmp_path / "a", 2001)) == 2001
    with pytest.raises(input_files.FileTooLargeError, match="larger than 2 KB"):
        input_files.content(tmp_path / "a", 2000)


@pytest.mark.parametrize("name", ["a?.x", "a*.x", "[ab].x", "a [1].x", "~a.x", "{a,b}.x", "%41.x"])
def test_no_name_is_a_pattern(tmp_path: Path, name: str) -> None:
    for other, value in (("ab.x", 2), ("a1.x", 3), ("a.x", 4), (name, 1)):
        frame = pl.DataFrame({"v": [value]})
        for kind, write in (("parquet", frame.write_parquet), ("arrow", frame.write_ipc)):
            with (tmp_path / f"{kind}-{other}").open("wb") as out:
                write(out)
        (tmp_path / f"csv-{other}").write_text(f"v\n{value}\n")
    one = pl.DataFrame({"v": [1]})
    assert input_frames.read_parquet(tmp_path / f"parquet-{name}").equals(one)
    assert input_frames.read_ipc(tmp_path / f"arrow-{name}").equals(one)
    assert input_frames.scan_ipc(tmp_path / f"arrow-{name}").collect().equals(one)
    assert input_frames.read_csv(tmp_path / f"csv-{name}").equals(one)
    assert input_frames.scan_csv([tmp_path / f"csv-{name}"]).collect().equals(one)
    assert list(input_frames.parquet_schema(tmp_path / f"parquet-{name}")) == ["v"]


def test_folders_are_not_columns(tmp_path: Path) -> None:
    (tmp_path / "year=2024").mkdir()
    path = tmp_path / "year=2024" / "a.parquet"
    pl.DataFrame({"v": [1]}).write_parquet(path)
    assert input_frames.read_parquet(path).columns == ["v"]


LEDGER = """
[settlement]
first_period = "2026-09"
"""


def test_a_workspace_whose_name_looks_like_a_pattern(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "g [1]*?", config=CONFIG + LEDGER)
    plain = write_workspace(tmp_path / "plain", config=CONFIG + LEDGER)
    assert settle(root) == settle(plain)
    assert settle(root) == settle(plain)  # out of the cache
    for arguments in (
        ["report", "2026-09"],
        ["batch", "post", "2026-09"],
        ["run", "--batch", "2026-09.1"],
        ["explain", "2026-09", "P1", "--since", "2026-09.1"],
        ["diff", root / "reports/2026-09", root / "reports/2026-09"],
        ["statement", "2026-09"],
    ):
        result = command(*arguments, "-w", root)
        assert result.exit_code == 0, (arguments, result.output)


def test_a_panic_of_polars_is_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from incentivectl.run import run

    def panic(*_: object, **__: object) -> None:
        raise pl.exceptions.PanicException("index out of bounds")

    monkeypatch.setattr(run, "settle", panic)
    result = command("run", "2026-09", "-w", write_workspace(tmp_path / "shop"))
    assert result.exit_code == 1
    assert "internal error: PanicException: index out of bounds" in result.stderr


def test_a_program_whose_name_is_not_utf8(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "shop")
    folder = os.fsencode(root / "programs")
    os.rename(folder + b"/volume.toml", folder + b"/v\xff.toml")
    for arguments in (["check"], ["run", "2026-09"]):
        result = command(*arguments, "-w", root)
        assert result.exit_code == 3
        assert "the file's name is not valid UTF-8" in result.output
