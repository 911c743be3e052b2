"""Several files guessed together: what one of them tells about the others."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from incentivectl.core.nouns import counted
from incentivectl.core.tables import TABLES
from incentivectl.ingest.rows.masters import MASTERS
from incentivectl.insight.guess.columns import Known, Masters
from incentivectl.insight.guess.contents import present
from incentivectl.insight.guess.guess import guessed
from incentivectl.insight.guess.guessed import Guess
from incentivectl.insight.guess.profile import Profile, profiles_of
from incentivectl.insight.guess.trial import Trial, tried
from incentivectl.insight.guess.writing import source_toml


@dataclass(frozen=True)
class Proposal:
    """The source that is proposed for some files: the guess, its TOML, and what reading by it gives."""

    guess: Guess
    profiles: tuple[Profile, ...]
    toml: str
    trial: Trial


@dataclass(frozen=True)
class Surroundings:
    """Where the sources are to stand: their paths start at `root`; what is known there already."""

    root: Path
    currency: str | None = None
    masters: Masters = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    paths: Mapping[Path, str] = field(default_factory=dict)  # of files that are to lie elsewhere


def propose(
    files: Sequence[Path], around: Surroundings, scratch: Path, table: str | None = None
) -> list[Proposal]:
    """A source for each file, or for each sheet of a workbook, in the order of the files.

    Files that are read by the same keys and differ in the digits of their names are one source. Ids of
    masters among the files are known to the others. Raises Refused for what cannot be read.
    """
    profiles = [profile for file in files for profile in profiles_of(file, scratch)]
    first = [guessed(profile, around.masters, table) for profile in profiles]
    profiles, first = _without_other_sheets(profiles, first)
    masters = masters_of([*zip(first, profiles, strict=True)], around.masters)
    guesses = [
        guess if guess.table in MASTERS else _again(guess, profile, masters, table)
        for profile, guess in zip(profiles, first, strict=True)
    ]
    _agree_on_dates(guesses)
    groups = _alike([*zip(guesses, profiles, strict=True)])
    _name_apart([guess for guess, _ in groups], around.names)
    currency = around.currency or currency_of(guesses) or "USD"
    return [
        _proposal(guess, alike, replace(around, currency=currency), scratch)
        for guess, alike in groups
    ]


def _alike(
    guesses: Sequence[tuple[Guess, Profile]],
) -> list[tuple[Guess, tuple[Profile, ...]]]:
    """The guesses without those that say the same as one before, which takes their files and doubts."""
    groups: dict[str, tuple[Guess, list[Profile]]] = {}
    for guess, profile in guesses:
        name = _without_digits(guess.name)
        same = repr((name, guess.table, guess.stated, guess.columns, guess.width))
        first, profiles = groups.setdefault(same, (guess, []))
        profiles.append(profile)
        if first is not guess:
            first.more.append(guess.file)
            first.rows += guess.rows
            for doubt in guess.doubts:
                first.doubt(doubt.key, doubt.text, must_edit=doubt.must_edit)
            first.name = name or first.name
    return [(guess, tuple(profiles)) for guess, profiles in groups.values()]


def _without_digits(name: str) -> str:
    """What the names of several months have in common."""
    return re.sub(r"[-\d]+", "-", name).strip("-")


def _again(guess: Guess, profile: Profile, masters: Masters, table: str | None) -> Guess:
    """The same file with the ids of the masters among the files."""
    again = guessed(profile, masters, table)
    for doubt in guess.doubts:
        if doubt.key == "sheet":
            again.doubt(doubt.key, doubt.text)
    return again


def _without_other_sheets(
    profiles: Sequence[Profile], guesses: Sequence[Guess]
) -> tuple[list[Profile], list[Guess]]:
    """Leaves out sheets of a workbook that are no table, where another one is; that one tells so."""
    kept: list[tuple[Profile, Guess]] = []
    for profile, guess in zip(profiles, guesses, strict=True):
        beside = [one for one in guesses if one.file == guess.file and not one.lacks_columns]
        if profile.sheet is None or not guess.lacks_columns or not beside:
            kept.append((profile, guess))
        else:
            text = f'the sheet "{profile.sheet}" is left out: its columns are those of no table'
            beside[0].doubt("sheet", text)
    return [profile for profile, _ in kept], [guess for _, guess in kept]


def masters_of(
    guesses: Sequence[tuple[Guess, Profile]], known: Masters | None = None
) -> dict[str, Known]:
    """What the masters among some files know, beside what is `known` already."""
    masters = dict(known or {})
    for guess, profile in guesses:
        if guess.table in MASTERS and TABLES[guess.table].columns[0].name in guess.taken:
            masters[guess.table] = _with(masters.get(guess.table), _known(guess, profile))
    return masters


def _known(guess: Guess, profile: Profile) -> Known:
    """The ids of a master, and which name has which id."""
    place = guess.taken[TABLES[guess.table].columns[0].name].column.place
    name = guess.taken["name"].column.place if "name" in guess.taken else place
    rows = profile.cells.filter(~pl.col("wrong")).select(
        id=present(pl.col(f"c{place}")), name=present(pl.col(f"c{name}"))
    )
    pairs = rows.drop_nulls("id").collect()
    return Known(frozenset(pairs["id"]), dict(pairs.drop_nulls().select("name", "id").rows()))


def _with(known: Known | None, more: Known) -> Known:
    return more if known is None else Known(known.ids | more.ids, {**known.names, **more.names})


def _agree_on_dates(guesses: Sequence[Guess]) -> None:
    """Files of the same columns have the same order of day and month: one that tells it tells it for all."""
    for guess in guesses:
        if not any(one.key == "date_order" for one in guess.doubts):
            continue
        for other in guesses:
            alike = other.table == guess.table and other.columns == guess.columns
            if alike and not any(one.key == "date_order" for one in other.doubts):
                guess.keys.pop("date_format", None)
                if "date_format" in other.keys:
                    guess.take("date_format", other.keys["date_format"], f"as in {other.file.name}")
                guess.doubts = [one for one in guess.doubts if one.key != "date_order"]
                break


def _name_apart(guesses: Sequence[Guess], taken: frozenset[str]) -> None:
    """Gives every source a name of its own."""
    seen = {name.casefold() for name in taken} | {*TABLES}
    for guess in guesses:
        plain, number = guess.name, 2
        while guess.name in seen:
            guess.name, number = f"{plain}-{number}", number + 1
        seen.add(guess.name)


def _proposal(
    guess: Guess, profiles: tuple[Profile, ...], around: Surroundings, scratch: Path
) -> Proposal:
    in_place = source_toml(guess, [file.absolute().as_posix() for file in guess.files])
    currency = next(iter(currencies_of(guess)), None) or around.currency
    assert currency is not None
    trial = tried(in_place, around.root, scratch, currency)
    _judge(guess, trial)
    paths = [around.paths.get(file) or path_from(around.root, file) for file in guess.files]
    return Proposal(guess, profiles, source_toml(guess, paths), trial)


def _judge(guess: Guess, trial: Trial) -> None:
    """What reading the file shows to be wrong."""
    for problem in () if guess.lacks_columns else trial.problems:
        guess.doubt("table", f"{problem.message}: {problem.hint}".rstrip(": "), must_edit=True)
    if trial.rejected:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in trial.reasons.items())
        text = f"{counted(trial.rejected, 'row')} of {trial.read:,} cannot be read so ({reasons})"
        guess.doubt("table", text, must_edit=2 * trial.rejected > trial.read)


def currencies_of(guess: Guess) -> list[str]:
    """The currencies that the file is in, the first of its rows first; none if it does not tell."""
    if "currency" in guess.constants:
        return [guess.constants["currency"]]
    column = guess.taken.get("currency")
    return [value.upper() for value in column.column.values] if column else []


def currency_of(guesses: Sequence[Guess]) -> str | None:
    """The currency of most rows of sales; none if no file tells one."""
    rows: Counter[str] = Counter()
    for one in guesses:
        for currency in currencies_of(one)[:1] if one.table == "sales" else ():
            rows[currency] += one.rows
    return rows.most_common(1)[0][0] if rows else None


def path_from(root: Path, file: Path) -> str:
    """A file's path from `root` where it lies there, else the whole path."""
    whole = file.absolute()
    near = whole.relative_to(root.absolute()) if whole.is_relative_to(root.absolute()) else whole
    return near.as_posix()
