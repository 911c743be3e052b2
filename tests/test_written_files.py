"""Every result file goes through `output_files`, every CSV through `csv_output`: nothing can forget."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import incentivectl

PACKAGE = Path(incentivectl.__file__).parent
# What is no result: caches, temporary folders of a command, and a workspace that `init` makes.
ELSEWHERE = {
    "core/cache.py": "the cache, in folders of its own",
    "core/object_store.py": "the cache, or the scratch folder of a reading",
    "cli/streams.py": "the null device, where a standard stream is closed",
    "workspace/sample.py": "the sample workspace, for its user to edit",
    "ingest/store/archived.py": "into the folder that a post gathers in",
    "ingest/sale_lines/kept_cells.py": "into the scratch folder of a reading",
    "ingest/files/pieces.py": "into the scratch folder of a reading",
    "ingest/sale_lines/reversed_lines.py": "into the scratch folder of a reading",
    "ingest/sale_lines/sale_rows.py": "into the scratch folder of a reading",
    "ingest/sale_lines/snapshot.py": "into the scratch folder of a reading",
    "ingest/store/stored.py": "the cache",
    "ingest/files/text.py": "into the scratch folder of a reading",
    "cluster/asking.py": "into the scratch folder of a reading",
    "cluster/packing.py": "into the scratch folder of a task",
    "insight/compare/save_scenario.py": "programs of a scenario, for their user to edit",
    "posting/archiving.py": "into the folder that a post gathers in",
}
CSV_WRITERS = {
    "core/csv_output.py": "",
    "ingest/account/rejects.py": "in the dialect of its source; cells as they came",
    "output/data_text.py": "cells neutralised one by one",
}
WRITING = {
    "write_text", "write_bytes", "write_csv", "write_parquet", "sink_parquet", "sink_csv",
    "copyfile", "copy", "copy2", "copytree", "mkstemp", "touch",
}  # fmt: skip


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Every module of the package by its path."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        yield name, ast.parse(path.read_text(encoding="utf-8"))


def writes_a_file(call: ast.Call) -> bool:
    """Whether a call opens, makes or replaces a file that is named by its path."""
    name = called(call)
    if name in ("write_parquet", "sink_parquet", "write_csv"):
        return not takes_an_open_file(call)
    if name == "open":
        modes = [*call.args, *(one.value for one in call.keywords)]
        texts = [one.value for one in modes if isinstance(one, ast.Constant)]
        return any(
            isinstance(one, str) and set(one) & set("wax+") and len(one) < 4 for one in texts
        )
    if name in ("replace", "rename") and isinstance(call.func, ast.Attribute):
        return isinstance(call.func.value, ast.Name) and call.func.value.id == "os"
    return name in WRITING and not (name == "copy" and not call.args)


def takes_an_open_file(call: ast.Call) -> bool:
    """Whether a frame goes to a buffer, or to the file that `output_file` has opened."""
    first = call.args[0] if call.args else None
    return first is None or (isinstance(first, ast.Name) and first.id in ("file", "buffer"))


def called(call: ast.Call) -> str:
    """The last part of the name of what is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def test_result_files_are_written_in_one_place() -> None:
    found = [
        f"{name}:{node.lineno} {called(node)}"
        for name, tree in modules()
        if name not in ELSEWHERE and name != "core/output_files.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and writes_a_file(node)
    ]
    assert found == [], "use incentivectl.output_files"


def test_csv_is_written_in_one_place() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        if name not in CSV_WRITERS
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            called(node) in ("write_csv", "sink_csv", "DictWriter")
            or ast.unparse(node.func) == "csv.writer"
        )
    ]
    assert found == [], "use incentivectl.csv_output"


@pytest.mark.parametrize("name", [*ELSEWHERE, *CSV_WRITERS])
def test_the_exceptions_are_still_there(name: str) -> None:
    assert (PACKAGE / name).is_file()


@pytest.mark.parametrize(
    ("line", "writes"),
    [
        ("path.write_text('x')", True),
        ("path.open('w')", True),
        ("open(path, 'ab')", True),
        ("path.open('rb')", False),
        ("path.open(encoding='utf-8')", False),
        ("frame.write_csv(path)", True),
        ("frame.write_csv()", False),
        ("frame.write_parquet(file)", False),
        ("os.replace(a, b)", True),
        ("text.replace('a', 'b')", False),
    ],
)
def test_the_guard_sees_what_writes(line: str, writes: bool) -> None:
    call = ast.parse(line).body[0]
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    assert writes_a_file(call.value) == writes
