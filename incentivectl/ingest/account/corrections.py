"""Rejected rows that were corrected and read again (docs/rules.md, "Reading").

A corrected row stands in the place of the row that it names, as long as that one's file is there: it is
numbered and ordered as if it stood in that file. The rejected row counts as superseded.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from incentivectl.core.frames import ROW, Schema
from incentivectl.core.tables import TABLES
from incentivectl.ingest.files.opening import Opened
from incentivectl.ingest.files.pieces import cell
from incentivectl.ingest.reasons import SKIPPED
from incentivectl.ingest.rows.table_rows import TableRows, decided
from incentivectl.ingest.rows.versions import FATE

_PLACES: Schema = {"row": ROW, "_at": ROW, "_from": ROW, "_is_loose": pl.Boolean}


@dataclass(frozen=True)
class Standing:
    """Where corrected rows stand, and which rows they push out.

    `places`: `row`, `_at` (the row in whose place it stands), `_is_loose` and `_from` (the row whose age
    it has). It is loose where its file was sent again, so that the rejected row is no longer there, or
    where the correction is rejected itself: it takes no number from others, and yields to them. `gone`:
    rejected rows whose place is taken. `superseded`: accepted ones, and corrections of a row that was
    corrected again.
    """

    places: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_PLACES))
    gone: frozenset[int] = frozenset()
    superseded: frozenset[int] = frozenset()

    def placed(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows that take part, in the order of their places; adds `_at`, `_is_loose`, `_order`."""
        if self.places.is_empty():
            alone = {"_is_loose": pl.lit(value=False), "_order": pl.col("row")}
            return rows.sort("row").with_columns(_at=pl.col("row"), **alone)
        out = pl.Series(sorted(self.gone | self.superseded), dtype=ROW)
        return (
            rows.filter(~pl.col("row").is_in(out.implode()))
            .join(self.places, on="row", how="left")
            .with_columns(
                pl.col("_is_loose").fill_null(value=False),
                _at=pl.coalesce("_at", "row"),
                _from=pl.coalesce("_from", "row"),
                _corrects=pl.col("_at").is_not_null(),
            )
            .sort("_from", ~pl.col("_is_loose"), "_corrects", "row")
            .with_row_index("_order")
            .sort("_at", ~pl.col("_is_loose"), "_order")
            .drop("_corrects", "_from")
        )

    def fates(self) -> pl.DataFrame:
        """The superseded rows (columns `DECIDED`)."""
        return _superseded(self.superseded)


def standing(
    rows: TableRows, identity: Sequence[str | pl.Expr], refused: pl.Series | None = None
) -> Standing:
    """Where the corrected rows of a table stand.

    `identity` is what versions of one row agree in, apart from n; `refused` are rows that a later rule
    rejects. Of several accepted corrections of one row the last stands in its place. It pushes out the
    row that is there: the rejected one, or the same row that is accepted by now, since its id is known
    or its date can be read; it is the same if it bears the same id and still holds what was to blame.
    """
    corrections = rows.opened.corrections
    if corrections.is_empty():
        return Standing()
    involved = _Involved(rows, identity, refused)
    at_place: dict[tuple[int, int, bool], list[int]] = defaultdict(list)
    for row, at, line, is_there in corrections.select("row", "at", "line", "is_there").rows():
        if involved.is_accepted(row):
            at_place[at, line, is_there].append(row)
    gone: set[int] = set()
    superseded: set[int] = set()
    firm: set[int] = set()
    in_doubt: dict[int, list[int]] = {}
    for (at, _, is_there), accepted in at_place.items():
        *earlier, last = accepted
        superseded |= {row for row in earlier if not involved.are_alike(row, last)}
        if is_there and involved.is_rejected(at):
            gone.add(at)
            firm |= {*accepted}
        elif is_there and involved.is_accepted(at) and involved.have_one_id(at, last):
            in_doubt[at] = accepted
    for at in _still_blamed(rows.opened, {at: mine[-1] for at, mine in in_doubt.items()}):
        firm |= {*in_doubt[at]}
        if not involved.are_alike(at, in_doubt[at][-1]):
            superseded.add(at)
    return Standing(_places(rows.opened, firm), frozenset(gone), frozenset(superseded))


def _places(opened: Opened, firm: set[int]) -> pl.DataFrame:
    """Where each correction stands (columns `_PLACES`); those that are not `firm` are loose."""
    starts = opened.file_starts().select(at="row", _start="row")
    is_loose = ~pl.col("row").is_in([*firm])
    age = pl.when(is_loose).then("_start").otherwise("at")
    found = opened.corrections.sort("at").join_asof(starts, on="at")
    return found.select("row", _at="at", _from=age, _is_loose=is_loose)


class _Involved:
    """The corrected rows and those in whose places they stand."""

    def __init__(
        self, rows: TableRows, identity: Sequence[str | pl.Expr], refused: pl.Series | None
    ) -> None:
        corrections = rows.opened.corrections
        wanted = pl.concat([corrections["row"], corrections["at"]]).unique()
        found = rows.rows.filter(pl.col("row").is_in(wanted.implode())).select(
            "row", "_reason", pl.struct(identity).alias("_identity_of")
        )
        self._refused = set() if refused is None else set(refused)
        self._own_id = TABLES[rows.table].columns[0].name
        self._rows = {
            row: (reason, identity_of)
            for row, reason, identity_of in found.collect(engine="streaming").rows()
        }

    def is_accepted(self, row: int) -> bool:
        reason, _ = self._rows.get(row, (SKIPPED, {}))
        return reason is None and row not in self._refused

    def is_rejected(self, row: int) -> bool:
        reason, _ = self._rows.get(row, (SKIPPED, {}))
        return row in self._refused or (reason is not None and reason != SKIPPED)

    def are_alike(self, one: int, other: int) -> bool:
        """Whether they are versions of one row, but for n."""
        return bool(self._rows[one][1] == self._rows[other][1])

    def have_one_id(self, one: int, other: int) -> bool:
        """Whether they agree in the first column of their table, such as `sale_id`."""
        return bool(self._rows[one][1][self._own_id] == self._rows[other][1][self._own_id])


def _still_blamed(opened: Opened, corrected_by: dict[int, int]) -> list[int]:
    """Those rows that still hold the text for which they were rejected; with their corrections."""
    blamed = _texts(opened, corrected_by.values(), of_reject=True)
    held = _texts(opened, corrected_by, of_reject=False)
    return [
        row
        for row, correction in corrected_by.items()
        if held.get(row, set()) & blamed.get(correction, set())
    ]


def _texts(opened: Opened, rows: Iterable[int], *, of_reject: bool) -> dict[int, set[str]]:
    """The texts of rows: their own cells, or the `reject_value` that stands beside them."""
    wanted = pl.DataFrame({"row": sorted(set(rows))}, schema={"row": ROW})
    texts: dict[int, set[str]] = {}
    for piece in opened.pieces:
        mine = piece.own_rows(wanted)["row"]
        if mine.is_empty() or (of_reject and not piece.layout.rejects):
            continue
        places = range(len(piece.layout.names))
        if of_reject:
            place = piece.layout.reject_place("reject_value")
            places = range(place, place + 1)
        cells = piece.cells.filter(pl.col("row").is_in(mine.implode()))
        for row, *found in cells.select("row", *map(cell, places)).collect().rows():
            texts[row] = {text.strip() for text in found if text and text.strip()}
    return texts


def supersede_corrected(rows: TableRows) -> None:
    """Turns the rejected rows whose correction was accepted into superseded ones."""
    corrections = rows.opened.corrections
    if corrections.is_empty():
        return
    bad = set(rows.rejected().select("row").collect(engine="streaming")["row"])
    corrects = dict(corrections.select("row", "corrects").rows())
    superseded: set[int] = set()
    for row, corrected in corrects.items():
        target = None if row in bad else corrected
        while target is not None and target in bad and target not in superseded:
            superseded.add(target)
            target = corrects.get(target)
    gone = _superseded(superseded)
    rows.decided = pl.concat([rows.decided.join(gone, on="row", how="anti"), gone])


def _superseded(rows: Iterable[int]) -> pl.DataFrame:
    found = pl.DataFrame({"row": sorted(rows)}, schema={"row": ROW})
    return decided(found.with_columns(fate=pl.lit("superseded", dtype=FATE)))
