"""How well the name of an export's column fits one of ours, by the words of `vocabulary.toml`."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from incentivectl.core.tables import TABLES

EXACT, OF_ANY_TABLE, BUT_FOR_FILLERS, PART = 1.0, 0.95, 0.9, 0.6
ID_NAMED = 0.06  # `Dealer No` is rather an id than `Dealer`
WITH_TAX = 0.12  # a net amount is the likelier one
LEAST = 0.55  # a name that fits worse is not taken for ours
_ID_WORDS = frozenset(
    [
        "id",
        "ids",
        "no",
        "nr",
        "num",
        "number",
        "numero",
        "nummer",
        "code",
        "key",
        "codigo",
        "n",
        "kode",
    ]
)
_FILLERS = _ID_WORDS | frozenset(
    [
        "the",
        "of",
        "de",
        "du",
        "des",
        "la",
        "le",
        "les",
        "l",
        "d",
        "del",
        "el",
        "da",
        "di",
        "in",
        "usd",
        "eur",
    ]
)
_CODES_OF_GOODS = frozenset([("sku",), ("mpn",), ("upc",), ("ean",), ("gtin",)])
_COMPOUND_IDS = re.compile(r"(?<=[a-z]{3})(nr|nummer|no|id|code)\b")
_UMLAUTS = re.compile(r"([aou])e")


@cache
def words(name: str) -> tuple[str, ...]:
    """The words of a column's name: lower case, no accents, no units in brackets; `#` is a number."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    bare = re.sub(r"[(\[].*?[)\]]", " ", split).replace("#", " no ")
    plain = unicodedata.normalize("NFKD", bare.replace("°", " ").replace("ß", "ss")).casefold()
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    parted = _COMPOUND_IDS.sub(r" \1", re.sub(r"[^\w]+|_", " ", letters))
    return tuple(_UMLAUTS.sub(r"\1", parted).split())


def is_id_name(name: str) -> bool:
    """Whether a column's name says that it holds an id: `Dealer No`, `Kundennr`."""
    return not _ID_WORDS.isdisjoint(words(name))


@cache  # asked again for each delimiter that an export may have, and for each table that it may be
def fit(name: str, table: str, ours: str) -> float:
    """How well `name` fits our column of a table, from 0 to 1."""
    there = words(name)
    if not there:
        return 0.0
    best = max(
        (_one_fit(there, phrase) * weight for phrase, weight in _phrases(table, ours)), default=0.0
    )
    if ours.replace("_", " ").split() == list(there):
        return EXACT
    column = TABLES[table].column(ours)
    is_id = column is not None and column.is_id
    if is_id_name(name):
        best += ID_NAMED if is_id and best else -0.35
    elif is_id and best and there in _CODES_OF_GOODS:  # rather than `Item`
        best += ID_NAMED
    if is_id and {"name", "nom", "nombre", "bezeichnung", "description"} & {*there}:
        best -= 0.2
    if is_named("with_tax", name):
        best -= WITH_TAX
    return min(max(best, 0.0), EXACT)


def _one_fit(there: tuple[str, ...], phrase: tuple[str, ...]) -> float:
    if there == phrase:
        return EXACT
    bare, wanted = _without_fillers(there), _without_fillers(phrase) or phrase
    if bare == wanted:
        return BUT_FOR_FILLERS + (0.05 if len(there) > len(bare) else 0.0)
    if {*wanted} <= {*bare}:
        return PART + 0.3 * len(wanted) / len(bare) - 0.15
    return 0.0


@cache
def _without_fillers(some: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in some if word not in _FILLERS)


@cache
def _phrases(table: str, ours: str) -> tuple[tuple[tuple[str, ...], float], ...]:
    vocabulary = _vocabulary()
    own = [(words(ours), EXACT)]
    own += [(words(phrase), EXACT) for phrase in vocabulary.get(table, {}).get(ours, ())]
    own += [(words(phrase), OF_ANY_TABLE) for phrase in vocabulary["any"].get(ours, ())]
    return tuple(own)


@cache
def _vocabulary() -> Mapping[str, Mapping[str, list[str]]]:
    text = (
        files("incentivectl.insight.guess").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    )
    return tomllib.loads(text)


def our_word(theirs: str, choices: tuple[str, ...]) -> str | None:
    """The word of a closed list that an export's word stands for, or none."""
    there = words(theirs)
    for ours in choices:
        if there in {words(one) for one in (ours, *_vocabulary()["words"].get(ours, ()))}:
            return ours
    return None


def is_named(group: str, text: str) -> bool:
    """Whether a text is one of the words of a group of `[rows]`: `credit`, `no_sale`, `kind_of_row`."""
    return words(text) in {words(one) for one in _vocabulary()["rows"][group]}
