"""A workspace made of exports: their copies, a config of guessed sources, and a program to begin with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from incentivectl.core.csv_output import Cell, csv_of_rows
from incentivectl.core.nouns import counted
from incentivectl.core.output_files import copy_file, write_file
from incentivectl.insight.guess.report import config_text
from incentivectl.insight.guess.spellings import Spelling, spellings, values_of
from incentivectl.insight.guess.together import (
    Proposal,
    Surroundings,
    currencies_of,
    currency_of,
    masters_of,
    propose,
)
from incentivectl.insight.guess.writing import EDIT, UNSURE, comment, source_toml, toml_value
from incentivectl.program_files.schema import SCHEMA_FILE, schema_text
from incentivectl.program_files.starter import starter
from incentivectl.workspace.sample import require_empty
from incentivectl.workspace.source import CONFIG_NAME

DATA, PROGRAM = "data", "first-rebate"
SHOWN = 5
_ABOUT = """\
Made from {files} by `incentivectl init`. Comments below say what to look at:
  EDIT    something that the files do not say, or that would be read wrong as it stands
  UNSURE  something that they do not say for certain, with what was taken
"""


@dataclass(frozen=True)
class Made:
    """A workspace that was made: what has to be edited in its config, and a period to run."""

    edits: tuple[str, ...]
    unsure: int
    period: str


@dataclass
class _Config:
    """The config in the making: files to write beside it, blocks of text, edits that they ask for."""

    files: dict[str, str] = field(default_factory=dict)
    blocks: list[str] = field(default_factory=list)
    edits: list[str] = field(default_factory=list)
    unsure: int = 0

    def add(
        self, table: str, rows: Sequence[Sequence[Cell]], *, edit: str = "", unsure: str = ""
    ) -> None:
        """A small table of our own, with what is to be done about it."""
        path = f"{DATA}/{table}.csv"
        while path in self.files:
            path = path.replace(".csv", "-made.csv")
        self.files[path] = csv_of_rows(rows)
        said = comment(f"{EDIT if edit else UNSURE}: {(edit or unsure).format(path=path)}")
        self.blocks.append(f"{said}\n[[sources.{table}]]\npath = {toml_value(path)}\n")
        self.edits += [edit.format(path=path)] if edit else []
        self.unsure += not edit


def make_workspace(folder: Path, files: Sequence[Path], scratch: Path) -> Made:
    """Makes a workspace of exports in a new or empty folder.

    Raises Refused, before anything is written, where a file cannot be read.
    """
    require_empty(folder)
    copies = _copies(files)
    proposals = propose(files, Surroundings(folder, paths=copies), scratch)
    sales = [one for one in proposals if one.guess.table == "sales"]
    currency = currency_of([one.guess for one in sales])
    config = _Config(files=dict.fromkeys(copies.values(), ""))
    days = [day for one in sales for day in one.trial.days]
    _add_aliases(config, proposals)
    _add_partners(config, proposals, sales)
    _doubt_currencies(sales, currency)
    _add_rates(config, proposals, currency, min(days, default=date.today()))
    proposals = [_rewritten(one, copies) for one in proposals]
    made = _made(config, proposals, max(days, default=date.today()))
    for file, copy in copies.items():
        copy_file(file, folder / copy)
        del config.files[copy]
    for path, text in config.files.items():
        write_file(folder / path, text)
    write_file(folder / CONFIG_NAME, _config(folder, currency, proposals, config))
    program = starter("rebate", program_id=PROGRAM, year=max(days, default=date.today()).year)
    write_file(folder / "programs" / f"{PROGRAM}.toml", program)
    write_file(folder / "programs" / SCHEMA_FILE, schema_text(None))
    return made


def _copies(files: Sequence[Path]) -> dict[Path, str]:
    """Where each file is copied to; files of the same name get a number."""
    copies: dict[Path, str] = {}
    for file in dict.fromkeys(files):
        path, number = f"{DATA}/{file.name}", 2
        while path in copies.values():
            path, number = f"{DATA}/{number}-{file.name}", number + 1
        copies[file] = path
    return copies


def _doubt_currencies(sales: Sequence[Proposal], currency: str | None) -> None:
    """A file that tells no currency is in that of the others, or it is not."""
    for one in sales:
        if currency is not None and not currencies_of(one.guess):
            other = "USD" if currency == "EUR" else "EUR"
            text = f"no currency is stated: amounts are read as {currency}; if they are in another"
            one.guess.doubt(
                "set", f'{text}, say in {other}, write set = {{ currency = "{other}" }}'
            )


def _add_aliases(config: _Config, proposals: Sequence[Proposal]) -> None:
    """Ids that are spelt otherwise, and names in their place, as `aliases`; the others are told."""
    masters = masters_of([(one.guess, profile) for one in proposals for profile in one.profiles])
    rows: list[Spelling] = []
    for one in proposals:
        told = (s for profile in one.profiles for s in spellings(one.guess, profile, masters))
        found = [*dict.fromkeys(told)]
        one.guess.doubts = [doubt for doubt in one.guess.doubts if doubt.key != "ids"]
        rows += [spelling for spelling in found if spelling.id is not None]
        for column in dict.fromkeys(spelling.column for spelling in found):
            lost = [s for s in found if s.column == column and s.id is None]
            if lost:
                listed = ", ".join(f'"{spelling.alias}"' for spelling in lost[:SHOWN])
                more = f" and {len(lost) - SHOWN:,} more" if len(lost) > SHOWN else ""
                text = f"{lost[0].table} has no {column} {listed}{more}"
                one.guess.doubt("columns", text)
    if rows:
        header = ("table", "alias", "id", "source")
        lines = [(one.table, one.alias, one.id, one.source) for one in rows]
        spelt = counted(len(rows), "id")
        text = f"{spelt} that a file spells otherwise, or names: is each the right one in {{path}}?"
        config.add("aliases", [header, *lines], unsure=text)


def _add_partners(
    config: _Config, proposals: Sequence[Proposal], sales: Sequence[Proposal]
) -> None:
    """Without a file of partners: a table of the ids that the sales have."""
    if any(one.guess.table == "partners" for one in proposals):
        return
    ids = dict.fromkeys(text for one in sales for text in _partner_ids(one))
    rows = [(one, one) for one in ids]
    text = "no file lists partners: {path} has the ids of the sales; put in their names"
    config.add("partners", [("partner_id", "name"), *rows], unsure=text)


def _partner_ids(one: Proposal) -> list[str]:
    taken = one.guess.taken.get("partner_id")
    if taken is None:
        return [
            one.guess.constants[name] for name in ("partner_id",) if name in one.guess.constants
        ]
    values = (values_of(profile, taken.column.place) for profile in one.profiles)
    return [text for some in values for text in some]


def _add_rates(
    config: _Config, proposals: Sequence[Proposal], currency: str | None, first: date
) -> None:
    """Without a file of rates: a table that asks for those of the currencies that the sales are in."""
    sales = [one.guess for one in proposals if one.guess.table == "sales"]
    foreign = sorted({code for guess in sales for code in currencies_of(guess)} - {currency})
    if not foreign or any(one.guess.table == "fx" for one in proposals):
        return
    rows = [(first, code, None) for code in foreign]
    each = " and ".join(foreign)
    text = (
        f"put the rates of {each} into {{path}}: what one is worth in {currency}, from which day on"
    )
    config.add("fx", [("on", "currency", "rate"), *rows], edit=text)


def _rewritten(one: Proposal, copies: dict[Path, str]) -> Proposal:
    return Proposal(
        one.guess,
        one.profiles,
        source_toml(one.guess, [copies[file] for file in one.guess.files]),
        one.trial,
    )


def _made(config: _Config, proposals: Sequence[Proposal], last: date) -> Made:
    doubts = [doubt for one in proposals for doubt in one.guess.doubts]
    edits = [doubt.text for doubt in doubts if doubt.must_edit]
    unsure = config.unsure + len(doubts) - len(edits)
    return Made((*edits, *config.edits), unsure, f"{last.year}-Q{(last.month + 2) // 3}")


def _config(
    folder: Path, currency: str | None, proposals: Sequence[Proposal], config: _Config
) -> str:
    return "\n".join(_config_parts(folder, currency, proposals, config))


def _config_parts(
    folder: Path, currency: str | None, proposals: Sequence[Proposal], config: _Config
) -> Iterator[str]:
    about = _ABOUT.format(
        files=counted(len({file for one in proposals for file in one.guess.files}), "file")
    )
    yield "\n".join(map(comment, about.splitlines())) + "\n"
    yield "[workspace]"
    yield f"name = {toml_value(folder.absolute().name.replace('-', ' ').capitalize())}"
    if currency is None:
        yield comment(f"{UNSURE}: no file tells its currency")
    yield f"currency = {toml_value(currency or 'USD')}\n"
    days = [day for one in proposals for day in one.trial.days]
    if days:
        yield "[settlement]"
        first = toml_value(f"{min(days):%Y-%m}")
        yield f"first_period = {first}  # what ended before it counts as paid already\n"
    yield from config.blocks
    yield config_text(proposals)
