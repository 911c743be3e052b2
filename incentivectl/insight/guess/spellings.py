"""Ids that an export spells otherwise than their master, or names in their place."""

from dataclasses import dataclass

import polars as pl

from incentivectl.core.tables import TABLES
from incentivectl.ingest.rows.spelling import without_zeros
from incentivectl.insight.guess.columns import Known, Masters
from incentivectl.insight.guess.contents import present
from incentivectl.insight.guess.guessed import Guess
from incentivectl.insight.guess.profile import Profile


@dataclass(frozen=True, slots=True)
class Spelling:
    """What a source calls the id of a master table; `id` is None where nothing comes near."""

    source: str
    table: str
    column: str
    alias: str
    id: str | None


def spellings(guess: Guess, profile: Profile, masters: Masters) -> list[Spelling]:
    """The ids in a file that their master does not know, each with the one that is meant."""
    found: list[Spelling] = []
    for column in TABLES[guess.table].columns:
        known = masters.get(column.refers_to or "")
        if column.name not in guess.taken or known is None or column.refers_to == guess.table:
            continue
        assert column.refers_to is not None
        texts = values_of(profile, guess.taken[column.name].column.place)
        unknown = [text for text in texts if text not in known.ids]
        meant = _meant(unknown, known)
        found += [
            Spelling(guess.name, column.refers_to, column.name, text, meant.get(text))
            for text in unknown
        ]
    return found


def values_of(profile: Profile, place: int) -> list[str]:
    """The different values of a column, in the order in which they come."""
    values = present(pl.col(f"c{place}")).alias("text")
    rows = profile.cells.filter(~pl.col("wrong")).select(values.unique(maintain_order=True))
    return rows.collect()["text"].drop_nulls().to_list()


def _meant(texts: list[str], known: Known) -> dict[str, str]:
    """Text → id: an id that is only spelt otherwise, or the name of one; only where it is one alone."""
    ids = [*known.ids, *known.names.values()]
    called = [*known.ids, *known.names]
    wanted = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    there = pl.DataFrame(
        {"called": called, "id": ids}, schema={"called": pl.String, "id": pl.String}
    )
    keyed = there.with_columns(key=without_zeros(pl.col("called"))).filter(pl.col("key") != "")
    single = keyed.group_by("key").agg(pl.col("id").unique()).filter(pl.col("id").list.len() == 1)
    joined = wanted.with_columns(key=without_zeros(pl.col("text"))).join(single, on="key")
    return dict(joined.select("text", pl.col("id").list.first()).rows())
