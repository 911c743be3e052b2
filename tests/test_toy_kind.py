"""A new kind of program is a folder and a line in the catalogue: `tests/toy_kind` is one."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import incentivectl as package
from incentivectl.kinds.catalogue import KINDS
from tests.small_workspace import CONFIG, as_json, incentivectl, read_csv, write_workspace
from tests.toy_kind import FEE

FEES = """
id = "fees"
name = "Ten for each sale"
kind = "fee_per_sale"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[reward]
fee = 10

[[example]]
name = "two sales, one of two lines"
sales = [{ sale_id = "A", amount = 5 }, { sale_id = "A", amount = 5 }, { sale_id = "B", amount = 1 }]
expect = 20
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(KINDS, FEE.name, FEE)
    config = f'{CONFIG}\n[settlement]\nfirst_period = "2026-07"\n'
    return write_workspace(tmp_path, config=config, programs={"fees": FEES})


def test_a_fee_is_paid_for_each_sale(root: Path) -> None:
    """S1 has two lines and pays once; S2 and S3 are one sale each."""
    result = incentivectl("run", "2026-09", "-w", root, "--lines")
    assert result.exit_code == 0, result.output
    rows = read_csv(root / "reports/2026-09/earnings.csv")
    earned = {row["payee_id"]: (row["metric_value"], row["entitlement"]) for row in rows}
    assert earned == {"P1": ("1", "10"), "P2": ("1", "10"), "P3": ("1", "10")}


HERE = ("-w", "{root}")
COMMANDS = (
    ("check", *HERE),
    ("program", "list", *HERE),
    ("program", "schema", "--kind", "fee_per_sale"),
    ("run", "2026-09", "--lines", *HERE),
    ("explain", "2026-09", "P1", *HERE),
    ("explain", "2026-09", "--line", "S1", *HERE),
    ("statement", "2026-09", *HERE),
    ("statement", "2026-09", "--html", "{root}/pages", *HERE),
    ("metrics", "2026-09", *HERE),
    ("leaderboard", "2026-09", *HERE),
    ("report", "2026-09", *HERE),
    ("batch", "post", "2026-09", *HERE),
)


def test_every_question_can_be_asked_of_it(root: Path) -> None:
    for arguments in COMMANDS:
        result = incentivectl(*(one.format(root=root) for one in arguments))
        assert result.exit_code == 0, f"{arguments}: {result.output}"


def test_it_says_what_it_is(root: Path) -> None:
    result = incentivectl("program", "show", "fees", "-w", root)
    for sentence in ("A fee for each sale, from 1 July 2026", "Each sale pays 10 USD."):
        assert sentence in result.stdout


def test_a_payee_is_told_what_it_did(root: Path) -> None:
    """By the sentence that suits any kind."""
    pages = root / "pages"
    assert incentivectl("statement", "2026-09", "--html", pages, "-w", root).exit_code == 0
    page = (pages / "partner-P1.html").read_text(encoding="utf-8")
    assert "You made 1 sale" in page


def test_whatif_changes_its_own_keys(root: Path) -> None:
    """Three sales at 20 instead of 10."""
    arguments = ("whatif", "2026-09", "--set", "fees.reward.fee=20", "-w", root)
    (cost,) = as_json(*arguments)["cost"]
    assert (cost["today"], cost["scenario"]) == ("30", "60")


def test_a_program_file_of_it_can_be_started(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    result = incentivectl("program", "new", "fee-per-sale", "-o", "programs/more.toml")
    assert result.exit_code == 0, result.output
    assert incentivectl("check", "-w", root).exit_code == 0


# Questions about one kind alone, and a mistake that takes one kind for another.
MAY_NAME_A_KIND = {
    "insight/deals/deals.py",
    "insight/funds/funds.py",
    "insight/leaderboard/standing.py",
    "insight/statement/standing_rows.py",
    "insight/audit/mistakes.py",
    "insight/metrics/support.py",
}


def _names_of_kinds(file: Path) -> Iterator[str]:
    """The kinds that a module compares with, matches, or keys a table by; and models it imports."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Dict):
            parts = [*node.keys]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").endswith(".model"):
            module = str(node.module).split(".")
            if module[1] == "kinds":
                yield module[2]
        for part in parts:
            for inner in ast.walk(part) if part is not None else ():
                if isinstance(inner, ast.Constant) and inner.value in set(KINDS) - AMBIGUOUS:
                    yield str(inner.value)


AMBIGUOUS = {"activity", "level"}  # columns of tables, too


def test_no_other_module_knows_single_kinds() -> None:
    folder = Path(package.__file__).parent
    found = {
        str(file.relative_to(folder)): sorted({*_names_of_kinds(file)})
        for file in sorted(folder.rglob("*.py"))
        if "kinds" not in file.relative_to(folder).parts
    }
    assert {name for name, kinds in found.items() if kinds} == MAY_NAME_A_KIND
