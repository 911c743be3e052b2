"""Which table an export feeds, and which of its columns are which of ours."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Column, Table
from incentivectl.insight.guess.contents import Contents
from incentivectl.insight.guess.names import EXACT, LEAST, fit, our_word, words

KNOWN = 0.5  # the share of a column's values that a master knows, if it holds its ids
BY_CONTENT = 0.5  # how well a column fits that is found by what it holds
NEARLY = 0.1  # a column that fits less well by no more than this might be meant as well
FLAGS = frozenset(["true", "yes", "y", "t", "1", "false", "no", "n", "f", "0"])
# One of each group is enough.
EITHER = {"sales": (("amount", "unit_price"),)}
# An id alone does not make a table; one of these beside it does.
TELLING = {
    "payees": ("account_name", "iban", "bic"),
    "products": ("name", "category", "family", "list_price", "unit_cost"),
    "customers": ("name", "segment", "first_sale_on"),
}
HOLDS_DAYS = ("month", "on")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a master table: its ids, and the name of each."""

    ids: Set[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)  # name → id


@dataclass(frozen=True, slots=True)
class Taken:
    """The column that is taken for one of ours, how well it fits, and others that might be meant."""

    column: Contents
    fit: float
    others: tuple[str, ...] = ()
    why: str = ""


Columns = dict[str, Taken]
Masters = Mapping[str, Known]


def likeliest_table(
    columns: Sequence[Contents], file_name: str, masters: Masters
) -> tuple[str, str | None]:
    """The table that the columns fit best, and another that fits nearly as well."""
    scores = {
        name: _table_score(table, columns, file_name, masters) for name, table in TABLES.items()
    }
    best, second = sorted(scores, key=lambda name: -scores[name])[:2]
    return best, second if scores[second] > scores[best] - NEARLY else None


def _table_score(
    table: Table, columns: Sequence[Contents], file_name: str, masters: Masters
) -> float:
    found = columns_of(table, columns, masters)
    needs = [*needed(table), *([TELLING[table.name]] if table.name in TELLING else [])]
    met = sum(any(name in found for name in group) for group in needs)
    fits = sum(one.fit for one in found.values())
    named = table.name.rstrip("s") in " ".join(words(file_name))
    return 2 * met / len(needs) + fits / max(len(columns), 1) + 0.25 * named


def needed(table: Table) -> list[tuple[str, ...]]:
    """Our columns that must be there, in groups of which one is enough."""
    required = [(column.name,) for column in table.columns if column.required]
    return [*required, *EITHER.get(table.name, ())]


def columns_of(table: Table, columns: Sequence[Contents], masters: Masters) -> Columns:
    """Our column → the column that fits it best by name and content; each column is taken once."""
    fits = [
        (score, -order, -column.place, ours, column)
        for order, ours in enumerate(table.columns)
        for column in columns
        if (score := _score(table, ours, column, masters)) >= LEAST
    ]
    fits.sort(key=lambda one: one[:3], reverse=True)
    taken: Columns = {}
    used: set[int] = set()
    for score, _, _, ours, column in fits:
        if ours.name not in taken and column.place not in used:
            taken[ours.name] = Taken(column, score)
            used.add(column.place)
    return {
        name: Taken(one.column, one.fit, _others(name, one, fits, used))
        for name, one in taken.items()
    }


def _others(
    ours: str,
    taken: Taken,
    fits: Sequence[tuple[float, int, int, Column, Contents]],
    used: Set[int],
) -> tuple[str, ...]:
    """The unused columns that fit one of ours nearly as well as the one that is taken."""
    return tuple(
        column.label
        for score, _, _, column_of, column in fits
        if column_of.name == ours and column.place not in used and score > taken.fit - NEARLY
    )


def _score(table: Table, ours: Column, column: Contents, masters: Masters) -> float:
    """How well a column fits one of ours: by name, if it holds what ours holds; or by known ids."""
    if not _may_hold(ours, column):
        return 0.0
    by_name = fit(column.name, table.name, ours.name)
    if not column.filled:
        return by_name * 0.7
    known = masters.get(ours.refers_to or "")
    if known is None or ours.refers_to == table.name or not known.ids:
        return by_name
    share = known_share(column, known.ids)
    if share >= KNOWN and by_name < EXACT:
        return max(by_name, 0.7 + 0.25 * share)
    return by_name


def known_share(column: Contents, ids: Set[str] | Mapping[str, str]) -> float:
    """The share of a column's values that are among `ids`."""
    return sum(value in ids for value in column.values) / max(len(column.values), 1)


def _may_hold(ours: Column, column: Contents) -> bool:
    """Whether a column holds what ours may hold; an empty one may be anything."""
    if not column.filled:
        return True
    match ours.kind:
        case "date":
            return column.is_date or column.serials
        case "amount" | "fx_rate" | "whole":
            return column.is_number and not _is_day(column)
        case "flag":
            return {value.casefold() for value in column.values} <= FLAGS
        case "currency":
            return all(len(value) == 3 and value.isalpha() for value in column.values)
    if ours.choices:
        found = [our_word(value, ours.choices) for value in column.values]
        return sum(word is not None for word in found) >= len(found) / 2
    if ours.is_id:
        return not _is_day(column) and not column.decimals
    return ours.name in HOLDS_DAYS or not (_is_day(column) or column.is_number)


def _is_day(column: Contents) -> bool:
    return column.is_date and not (column.is_number and {*column.dates} == {"%Y%m%d"})
