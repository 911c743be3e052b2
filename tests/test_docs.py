"""The docs say what the code knows: every key with its default, every column, every exit code."""

import re
import shlex
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from typer import Context
from typer.core import TyperGroup
from typer.main import get_command

from incentivectl.cli.app import app
from incentivectl.core import tables
from incentivectl.core.errors import ExitCode
from incentivectl.insight.metrics import AREAS
from incentivectl.kinds.activity.model import ActivityReward
from incentivectl.kinds.catalogue import KINDS
from incentivectl.kinds.contest.model import ContestReward
from incentivectl.kinds.deal_registration.model import Registration
from incentivectl.kinds.discount.model import DiscountReward
from incentivectl.kinds.level.model import Level, LevelRules
from incentivectl.kinds.mdf.model import Claims, Fund
from incentivectl.programs import bundle, example, gate, model, objective, payout_rules, reward
from incentivectl.workspace import config_file, engine_rules, journal_rules, payout
from incentivectl.workspace.source_settings import SourceSettings

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
# The rules stand on five pages; a number occurs once in all of them.
RULES = "\n".join(
    (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    for page in ("rules", "ledger", "questions", "operation", "cluster")
)
REFERENCE = (ROOT / "docs/reference.md").read_text(encoding="utf-8")

# Where the keys of a model are documented: a heading of reference.md, or the row or sentence that
# stands before its own table there.
MODELS: dict[type[BaseModel], str] = {
    config_file.WorkspaceKeys: "| `[workspace]` |",
    config_file.DataRules: "| `[data]` |",
    payout.Payout: "| `[payout]` |",
    payout.Debtor: "| `[payout.debtor]` |",
    payout.ApprovalRule: "| `[[payout.approval]]` |",
    payout.Tax: "| `[tax]` |",
    config_file.Settlement: "| `[settlement]` |",
    config_file.MetricRules: "| `[metrics]` |",
    config_file.StatementRules: "| `[statement]` |",
    engine_rules.EngineRules: "| `[engine]` |",
    journal_rules.JournalRules: "| `[journal]` |",
    SourceSettings: "## Sources",
    model.Program: "\n## Programs\n",
    objective.Objective: "### `[objective]`",
    gate.Gate: "### `[gate]` and `[[gate]]`",
    bundle.Bundle: "### `[bundle]`",
    bundle.Need: "A part:",
    gate.Baseline: "### `[baseline]`",
    reward.Reward: "### `[reward]`",
    reward.Tier: "A tier:",
    reward.Point: "A point of a `curve`, in rebates and SPIFs:",
    payout_rules.Boost: "### `[[boost]]`",
    payout_rules.Limits: "### `[limits]`",
    payout_rules.PayoutRules: "### `[payout]`",
    example.Example: "### `[[example]]`",
    DiscountReward: "`discount` (rule 45)",
    Registration: "`[registration]`:",
    ActivityReward: "`activity` (rule 25)",
    ContestReward: "`contest` (rule 46)",
    LevelRules: "`level` (rule 98)",
    Level: "One of the `levels`:",
    Fund: "`mdf` (rule 44)",
    Claims: "`[claims]`:",
}


def rows_after(place: str) -> Iterator[list[str]]:
    """The cells of the table that follows `place` in reference.md."""
    begun = False
    for line in REFERENCE[REFERENCE.index(place) + len(place) :].splitlines()[1:]:
        if line.startswith("| `[") and place.startswith("| `["):
            return  # the next table of the config
        if line.startswith("| "):
            begun = True
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        elif begun and not line.startswith("|"):
            return


def keys_after(place: str) -> dict[str, list[str]]:
    """Key → the other cells of its first row; tables such as `[limits]` under their name."""
    keys: dict[str, list[str]] = {}
    for key_cell, *others in rows_after(place):
        for key in re.findall(r"`\[*([a-z_]+)\]*`", key_cell):
            keys.setdefault(key, others)
    return keys


def own_fields(documented: type[BaseModel]) -> dict[str, object]:
    """Key → default of a model's own fields, without sub-tables and those of the reward it extends."""
    shared = reward.Reward.model_fields if documented is not reward.Reward else {}
    of_reward = issubclass(documented, reward.Reward)
    return {
        (field.alias or name).rstrip("_"): field.get_default(call_default_factory=True)
        for name, field in documented.model_fields.items()
        if not (of_reward and name in shared) and f".{name}]`" not in REFERENCE
    }


@pytest.mark.parametrize(("documented", "place"), MODELS.items(), ids=str)
def test_every_key_of_a_model_stands_in_the_reference_with_its_default(
    documented: type[BaseModel], place: str
) -> None:
    keys = keys_after(place)
    for name, default in own_fields(documented).items():
        assert name in keys, f"{name} is not documented after {place!r}"
        shown = keys[name][1].strip("`")
        if default is PydanticUndefined:
            assert shown.startswith("required"), f"{name} is required, not {shown}"
        elif isinstance(default, bool):
            assert shown == str(default).lower()
        elif isinstance(default, int | Decimal):
            is_rate = shown.endswith('%"')
            stated = Decimal(shown.strip('"%')) / (100 if is_rate else 1)
            assert stated == default, f"{name} defaults to {default}, not {shown}"
        elif isinstance(default, str) and default:
            assert f'"{default}"' in shown, f"{name} defaults to {default}, not {shown}"
        else:
            assert shown != "required", name


@pytest.mark.parametrize(("documented", "place"), MODELS.items(), ids=str)
def test_no_key_is_documented_that_a_model_does_not_have(
    documented: type[BaseModel], place: str
) -> None:
    known = {*own_fields(documented), "examples"}
    assert not {*keys_after(place)} - known


def test_every_kind_is_documented() -> None:
    for kind in KINDS:
        assert f'`"{kind}"`' in keys_after("\n## Programs\n")["kind"][0]


@pytest.mark.parametrize("name", tables.TABLES)
def test_every_column_of_a_table_is_documented(name: str) -> None:
    keys = keys_after(f"### {name}\n")
    assert [*keys] == [column.name for column in tables.TABLES[name].columns]


def test_every_exit_code_is_documented_once_on_both_pages() -> None:
    for page, heading in ((RULES, "## 37 Exit codes"), (REFERENCE, "### Exit codes")):
        section = page[page.index(heading) :].split("\n#")[0]
        codes = [int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)]
        assert codes == sorted(code.value for code in ExitCode)


def test_every_rule_has_a_number_of_its_own_under_its_heading() -> None:
    chapter, seen = "", set()
    for line in RULES.splitlines():
        if heading := re.match(r"## (\d+) ", line):
            chapter = heading[1]
        for number in re.findall(r"^\*\*(\d+\.\d+)\*\*", line):
            assert number.split(".")[0] == chapter, f"{number} stands under {chapter}"
            assert number not in seen, f"{number} stands twice"
            seen.add(number)


def test_every_rule_that_is_cited_exists() -> None:
    rules = {*re.findall(r"^\*\*(\d+\.\d+)\*\*", RULES, re.MULTILINE)}
    chapters = {*re.findall(r"^## (\d+) ", RULES, re.MULTILINE)}
    sources = [*PAGES, *ROOT.glob("incentivectl/**/*.py"), *ROOT.glob("tests/**/*.py")]
    for page in sources:
        text = page.read_text(encoding="utf-8")
        cited = re.findall(r"\brules? (\d+(?:\.\d+)?)\b(?! (?:hash|file|program))", text)
        for number in cited:
            assert number in rules | chapters, f"{page.name} cites rule {number}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_headings_and_paragraphs_stand_apart(page: Path) -> None:
    before, in_code = "", False
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        starts = re.match(r"#+ |\*\*\d", line) is not None
        ends = re.match(r"#+ ", before) is not None
        if not in_code:
            assert not (starts and before), f"{page.name}:{number} runs into the line before"
            assert not (ends and line), f"{page.name}:{number} runs into its heading"
        in_code ^= line.startswith("```")
        before = line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        linked = page if not file else (page.parent / file)
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}
            assert anchor in anchors, f"{page.name} links to {target}"


def test_every_file_that_contributing_names_exists() -> None:
    """From the root, in the package, or in one of its folders."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([a-z_/]+(?:\.py|\.md|\.toml|/))`", text):
        somewhere = [ROOT / name, ROOT / "docs" / name, *ROOT.glob(f"incentivectl/**/{name}")]
        assert any(place.exists() for place in somewhere), f"CONTRIBUTING.md names {name}"


def _answering_commands() -> list[list[str]]:
    page = (ROOT / "docs/questions.md").read_text(encoding="utf-8")
    table = page.split("## Which question, which command")[1].split("\n## ")[0]
    return [shlex.split(line.rsplit("`", 2)[1]) for line in table.splitlines() if "`" in line[1:]
            and line.startswith("| ") and line.endswith("` |")]  # fmt: skip


def test_the_commands_that_answer_questions_can_be_typed() -> None:
    """Command, options and areas exist, and so do the programs of the sample that they name."""
    programs = {
        re.findall(r'^id = "(.+)"', path.read_text(encoding="utf-8"), re.MULTILINE)[0]
        for path in (ROOT / "programs").glob("*.toml")
    }
    areas = {area.key for area in AREAS}
    commands = _answering_commands()
    assert len(commands) > 35
    commands_of_app = get_command(app)
    assert isinstance(commands_of_app, TyperGroup)
    no_context = Context(commands_of_app)
    for words in commands:
        command = commands_of_app.get_command(no_context, words[0])
        arguments = words[1:]
        if isinstance(command, TyperGroup):
            command, arguments = command.get_command(no_context, words[1]), words[2:]
        assert command is not None, words
        given = command.make_context(words[0], arguments).params
        assert set(given.get("area") or ()) <= areas, words
        named = [given.get("program"), given.get("program_id"), given.get("sweep")]
        for one in (*named, *(given.get("changes") or ())):
            assert one is None or one.split(".")[0] in programs, words
