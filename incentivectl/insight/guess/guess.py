"""Guesses the source of a file: each part by what the file holds, with what it is unsure of."""

import re
from collections.abc import Mapping, Sequence

from incentivectl.core.tables import TABLES
from incentivectl.insight.guess.columns import (
    BY_CONTENT,
    Known,
    Masters,
    Taken,
    columns_of,
    known_share,
    likeliest_table,
    needed,
)
from incentivectl.insight.guess.contents import Contents
from incentivectl.insight.guess.dialect import (
    guess_currency,
    guess_dates,
    guess_numbers,
    number_style,
)
from incentivectl.insight.guess.guessed import NOT_STATED, Guess
from incentivectl.insight.guess.names import (
    BUT_FOR_FILLERS,
    LEAST,
    fit,
    is_id_name,
    is_named,
    our_word,
)
from incentivectl.insight.guess.profile import Profile
from incentivectl.insight.guess.row_kinds import guess_row_kinds
from incentivectl.insight.guess.rows import (
    guess_bare_totals,
    guess_compound_id,
    guess_fill_down,
    guess_footer,
    guess_totals,
    multiplied,
)


def guessed(profile: Profile, masters: Masters, table: str | None = None) -> Guess:
    """The source of one file (or sheet); `table` where it is known what it feeds."""
    likeliest, second = likeliest_table(profile.readable, profile.name, masters)
    guess = Guess(profile.file, table or likeliest, _slug(profile.name), {}, sheet=profile.sheet)
    if second is not None and table is None:
        text = f"the columns fit the table {second} nearly as well: --table {second} says so"
        guess.doubt("table", text)
    guess.taken = columns_of(TABLES[guess.table], profile.readable, masters)
    guess.rows, guess.width = profile.columns[0].rows, len(profile.columns)
    _write_shape(guess, profile)
    guess_numbers(guess, profile)
    _check_money(guess, profile)
    _find_needed(guess, profile, masters)
    guess_numbers(guess, profile)
    guess_dates(guess, profile)
    guess_currency(guess)
    _translate_words(guess)
    guess_totals(guess, profile)
    guess_row_kinds(guess, profile)
    guess_fill_down(guess, profile)
    guess_bare_totals(guess, profile)
    guess_footer(guess, profile)
    guess_compound_id(guess, profile)
    _doubt_columns(guess, masters)
    _doubt_meaning(guess)
    _doubt_contents(guess, profile)
    used = {one.column.place for one in guess.taken.values()}
    told = {name for key in ("negate_when", "skip_when") for name in _names_in(guess, key)}
    guess.unused = tuple(
        one.name
        for one in profile.columns
        if one.place not in used and one.name and one.name not in told
    )
    return guess


def _names_in(guess: Guess, key: str) -> list[str]:
    """The export's columns that a key names."""
    stated = guess.keys.get(key, {})
    return [*stated] if isinstance(stated, Mapping) else []


def _slug(name: str) -> str:
    """The name of a source from that of its file: letters, digits and dashes."""
    kept = re.sub(r"[^\w]+|_", "-", name.casefold()).strip("-")
    return kept or "export"


def _write_shape(guess: Guess, profile: Profile) -> None:
    """Encoding, delimiter and where the records begin."""
    encoding, shape = profile.encoding, profile.shape
    if profile.sheet is not None:
        guess.take("sheet", profile.sheet)
    if encoding.name != "utf-8":
        guess.take("encoding", encoding.name, f'reads "{encoding.word}"' if encoding.word else "")
    for other, word in encoding.others:
        guess.doubt("encoding", f'encoding = "{other}" would read "{word}"')
    if shape.delimiter != ",":
        guess.take("delimiter", shape.delimiter)
    banner = next((text for text in shape.banner if text and not text.startswith("sep")), "")
    if shape.header and banner:
        named = [one.column.name for one in guess.taken.values()] or [*filter(None, shape.first)]
        shown = f'above it stands "{banner[:60]}"'
        guess.take("header_contains", sorted(named, key=shape.first.index)[:2], shown)
    elif shape.skip_rows and not shape.header:
        guess.take("skip_rows", shape.skip_rows, f'above the first record: "{banner[:60]}"')
    if not shape.header:
        guess.take("header", value=False)
        text = f'the first record is taken for data: "{", ".join(shape.first)[:80]}"'
        guess.doubt("header", text)


def _check_money(guess: Guess, profile: Profile) -> None:
    """Of several amounts the one that is quantity × unit price; what orders say once is no line's amount."""
    taken = guess.taken
    if guess.table != "sales":
        return
    quantity, price, amount = (taken.get(name) for name in ("quantity", "unit_price", "amount"))
    if quantity and price:
        products = multiplied(profile, number_style(guess), quantity.column, price.column)
        found = [one for one in products if one.filled >= price.column.filled]
        if found and (amount is None or amount.column not in found):
            others = (amount.column.label,) if amount else ()
            taken["amount"] = Taken(found[0], BY_CONTENT, others, "it is quantity × unit price")
        elif not found and amount and price.column.filled > amount.column.filled:
            del taken["amount"]  # of a whole order: it stands in one of its rows
        elif not found and amount:
            text = f'"{amount.column.name}" is not {quantity.column.label} × {price.column.label}'
            guess.doubt(
                "columns", f"{text} in most lines: is it the line's amount, after discounts?"
            )
    elif amount and quantity and quantity.column.filled > amount.column.filled:
        guess.doubt(
            "columns",
            f'"{amount.column.name}" is empty in some lines: is it the amount of a whole order?',
        )


def _doubt_meaning(guess: Guess) -> None:
    """Names that leave open what an amount is: with tax, or of the line or the unit."""
    amount, price = guess.taken.get("amount"), guess.taken.get("unit_price")
    if amount and is_named("with_tax", amount.column.name):
        text = f'"{amount.column.name}" seems to be with tax: is there a net amount?'
        guess.doubt("columns", text)
    if price and not amount and is_named("any_price", price.column.name):
        name = price.column.name
        text = (
            f'"{name}" is taken for the price of a unit; if it is that of the line, write amount ='
        )
        guess.doubt("columns", f'{text} "{name}" instead of unit_price')


def _doubt_contents(guess: Guess, profile: Profile) -> None:
    """Columns called as one of ours that is not read, since most of their cells hold something else."""
    used = {one.column.place for one in guess.taken.values()}
    free = [one for one in profile.readable if one.place not in used and one.filled and one.values]
    names = [name for name in TABLES[guess.table].column_names if name not in guess.taken]
    for column in free:
        called = [name for name in names if fit(column.name, guess.table, name) >= BUT_FOR_FILLERS]
        if called and not any(column.name in doubt.text for doubt in guess.doubts):
            text = (
                f'{column.label} is not read as {called[0]}: it holds such as "{column.values[0]}"'
            )
            guess.doubt("columns", text)


def _find_needed(guess: Guess, profile: Profile, masters: Masters) -> None:
    """Needed columns that no name gives: by what the columns hold, else somebody must say it."""
    for group in needed(TABLES[guess.table]):
        if any(name in guess.taken for name in group):
            continue
        ours = group[0]
        used = {one.column.place for one in guess.taken.values()}
        free = [one for one in profile.readable if one.place not in used and one.filled]
        candidates = _candidates(guess, ours, free, masters)
        if candidates:
            found, *others = candidates
            names = tuple(one.label for one in others[:3])
            guess.taken[ours] = Taken(found, BY_CONTENT, names, "by what it holds")
            also = f"; it might be {_listed(names)}" if names else ""
            guess.doubt("columns", f"{ours} is taken from {found.label} by what it holds{also}")
        else:
            _must_state(guess, profile, group)


def _candidates(
    guess: Guess, ours: str, free: Sequence[Contents], masters: Masters
) -> list[Contents]:
    """The unused columns that may hold our column, the likeliest first."""
    column = TABLES[guess.table].column(ours)
    assert column is not None
    if column.kind == "date":
        return [one for one in free if one.is_date or one.serials]
    if column.kind in ("amount", "fx_rate", "whole"):
        return sorted(
            (one for one in free if one.is_number and not one.is_date),
            key=lambda one: not one.decimals,
        )
    if column.refers_to is not None and column.refers_to in masters:
        known = masters[column.refers_to].ids
        return [one for one in free if known_share(one, known) > 0]
    if column.is_id and column.refers_to is None:
        ids = [one for one in free if not one.is_date and not one.decimals]
        named = [one for one in ids if is_id_name(one.name)]
        return named or [one for one in ids if one.distinct >= one.filled / 2]
    return []


def _must_state(guess: Guess, profile: Profile, group: Sequence[str]) -> None:
    """Nothing holds a needed column: a stand-in where it may be the same in every row."""
    ours = group[0]
    column = TABLES[guess.table].column(ours)
    assert column is not None
    if column.kind == "text" and not column.choices and column.refers_to is not None:
        guess.constants[ours] = NOT_STATED
        text = f'no column states {ours}: replace "{NOT_STATED}" by whose file this is, or name its column'
    else:
        guess.lacks_columns = True
        text = f"no column was found for {' or '.join(group)}, which every row needs"
        named = [one for one in profile.readable if fit(one.name, guess.table, ours) >= LEAST]
        if named and named[0].filled:
            text += f': {named[0].label} holds other things, such as "{named[0].values[0]}"'
    guess.doubt("columns", text, must_edit=True)


def _translate_words(guess: Guess) -> None:
    """`values`: what the export writes for the words of closed lists."""
    values: dict[str, dict[str, list[str]]] = {}
    for name, one in guess.taken.items():
        column = TABLES[guess.table].column(name)
        choices = column.choices or column.words if column is not None else ()
        if not choices:
            continue
        for theirs in one.column.values:
            ours = our_word(theirs, choices)
            if ours is None and column is not None and column.choices:
                text = f'"{theirs}" in "{one.column.name}" is unknown: add it to one of {", ".join(choices)}'
                guess.doubt("values", text, must_edit=True)
            elif ours is not None and theirs.casefold() != ours:
                values.setdefault(name, {}).setdefault(ours, []).append(theirs)
    if values:
        guess.take("values", values)


def _doubt_columns(guess: Guess, masters: Masters) -> None:
    """Columns that might be meant as well, and ids that a master does not know."""
    for ours, one in guess.taken.items():
        if one.others and one.why != "by what it holds":
            reason = f" ({one.why})" if one.why else ""
            guess.doubt(
                "columns",
                f'{ours} is taken from "{one.column.name}"{reason}; it might be {_listed(one.others)}',
            )
        column = TABLES[guess.table].column(ours)
        known = masters.get(column.refers_to or "") if column is not None else None
        if known and known.ids and one.column.filled and column and column.refers_to != guess.table:
            _doubt_ids(guess, ours, one, known)


def _doubt_ids(guess: Guess, ours: str, one: Taken, known: Known) -> None:
    name, table = one.column.name, TABLES[guess.table].column(ours)
    assert table is not None
    if known_share(one.column, known.ids):
        return
    if known_share(one.column, known.names):
        text = f'"{name}" holds names of {table.refers_to}, not ids: map them in `aliases`'
    else:
        text = (
            f'no value of "{name}" is an id of {table.refers_to}, such as "{one.column.values[0]}":'
        )
        text += " map them in `aliases`"
    guess.doubt("ids", text)


def _listed(names: Sequence[str]) -> str:
    return " or ".join(names)
