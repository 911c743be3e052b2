"""A folder of programs: the good ones come back, and everything wrong is told at once."""

from pathlib import Path

import pytest

from incentivectl.core.errors import Problem
from incentivectl.output.problems import render
from incentivectl.program_files.loading import load_programs
from incentivectl.programs.model import Program
from tests.programs.writing import HEAD, rebate, told


def load(folder: Path) -> tuple[tuple[Program, ...], list[Problem]]:
    return load_programs(folder, workspace_root=folder.parent)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "programs"
    made.mkdir()
    return made


def test_good_programs_come_back_by_id(folder: Path) -> None:
    for name in ("b", "a", "c"):
        (folder / f"{name}.toml").write_text(rebate(head=HEAD.replace("q3", f"{name}-program")))
    (folder / "b.toml").write_text("id =")
    (folder / "notes.txt").write_text("not a program")
    (folder / ".hidden.toml").write_text("not a program")
    programs, problems = load(folder)
    assert [program.id for program in programs] == ["a-program", "c-program"]
    assert [program.file.name for program in programs] == ["a.toml", "c.toml"]
    assert [problem.code for problem in problems] == ["toml-syntax"]


def test_no_programs(folder: Path) -> None:
    assert told(load(folder)[1], "no-programs").file == folder
    assert told(load(folder / "missing")[1], "no-programs-folder").hint


def test_a_folder_in_place_of_a_file(folder: Path) -> None:
    (folder / "a.toml").mkdir()
    assert told(load(folder)[1], "not-a-file").file == folder / "a.toml"


def test_a_binary_file(folder: Path) -> None:
    (folder / "a.toml").write_bytes(b"\x00\x01\x02")
    assert told(load(folder)[1], "binary-file").file == folder / "a.toml"


def test_lists_are_found_from_the_workspace_and_from_the_program(folder: Path) -> None:
    (folder.parent / "lists").mkdir()
    (folder.parent / "lists" / "a.csv").write_text("A\n")
    (folder / "b.csv").write_text("B\n")
    conditions = '"product.product_id" = { in = "lists/a.csv" }\n"product.name" = { in = "b.csv" }'
    (folder / "a.toml").write_text(rebate(f"[eligible]\n{conditions}"))
    (program,), problems = load(folder)
    assert problems == []
    assert [condition.any_of for condition in program.eligible] == [("A",), ("B",)]


@pytest.mark.parametrize(
    ("kind", "code", "says", "hint", "line"),
    [
        (
            'kind = "rebbate"',
            "unknown-kind",
            "unknown program kind `rebbate`",
            "did you mean `rebate`?",
            3,
        ),
        ("kind = 3", "unknown-kind", "unknown program kind: the number 3", "choose from", 3),
        ("", "missing-key", "`kind` is missing", "choose from rebate, spif", 1),
    ],
)
def test_kinds(folder: Path, kind: str, code: str, says: str, hint: str, line: int) -> None:
    text = rebate("priority = true", head=HEAD.replace('kind = "rebate"', kind))
    (folder / "a.toml").write_text(text)
    _, problems = load(folder)
    problem = told(problems, code)
    assert says in problem.message
    assert hint in problem.hint
    assert problem.line == line
    assert told(problems, "wrong-type").message.startswith("`priority`")


def test_what_is_sound_in_a_broken_file_is_checked_too(folder: Path) -> None:
    text = rebate(
        "pirority = 3",
        'settle = "monthly"',
        "payout.hold_days = 3",
        head=HEAD.replace("2026-09-30", "2026-06-30"),
        reward="[reward]\nteirs = [{ from = 0, rate = 0.1 }]\n",
    )
    (folder / "a.toml").write_text(text)
    programs, problems = load(folder)
    assert programs == ()
    # of [reward], which lost a key, nothing more is said
    assert sorted(problem.code for problem in problems) == [
        "ends-before-starts",
        "monthly-with-hold-days",
        "unknown-key",
        "unknown-key",
    ]


@pytest.mark.parametrize("missing", ["id", "name", "starts", "ends"])
def test_a_missing_key_does_not_hide_the_rest(folder: Path, missing: str) -> None:
    head = "\n".join(line for line in HEAD.splitlines() if not line.startswith(missing))
    text = rebate(head=head, reward="[[reward]]\ntiers = [{ rate = 1 }, 3]\n[[reward]]\n")
    text += '[[boost]]\nwhen = { "partner.tier" = "x" }\nfactor = 1\n'
    text += '[limits]\nover_budget = "warn"\n'
    (folder / "a.toml").write_text(text)
    codes = {problem.code for problem in load(folder)[1]}
    assert codes == {"missing-key", "wrong-type", "no-budget"}


def test_two_hundred_problems_all_come_out(folder: Path) -> None:
    for number in range(20):
        tiers = "\n".join(f'  {{ from = {n}, rat = "1%", rate = 2 }},' for n in range(5))
        text = rebate(
            head=HEAD.replace("q3", f"p-{number}"), reward=f"[reward]\ntiers = [\n{tiers}\n]\n"
        )
        (folder / f"p{number}.toml").write_text(text)
    _, problems = load(folder)
    errors = [problem for problem in problems if problem.severity == "error"]
    assert len(errors) == 200
    assert len({(p.file, p.line, p.column) for p in errors}) == 200
    text = render(problems, folder.parent)
    assert text.count("error: unknown key `rat` in [[reward.tiers]]") == 100
    assert text.count("200 % is over 100 %") == 100
    assert "programs/p7.toml:9: error:" in text
    assert text.endswith("\n200 errors\n")
    assert "pydantic" not in text
    assert "Extra inputs" not in text
