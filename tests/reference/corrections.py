"""Corrected rejects: read as if they stood in the place of the rows that they correct (3.32, 3.33)."""

from collections import defaultdict
from collections.abc import Callable, Hashable

from tests.reference.rows import Row
from tests.reference.tables import TABLES

Spot = tuple[str, int]


def take_places(table: str, rows: list[Row], alike: Callable[[Row], Hashable]) -> list[Row]:
    """The rows that take part, in the order in which they are compared.

    `alike` is what versions of one row agree in, but for n. Sets `place`, `is_loose`, and the fate of
    accepted rows that are pushed out.
    """
    at = {(row.raw.path, row.raw.line): row for row in rows}
    files = {row.raw.path for row in rows}
    corrections: dict[Spot, list[Row]] = defaultdict(list)
    for row in rows:
        row.place, row.is_loose, row.is_replaced = (row.raw.path, row.raw.line), False, False
        spot = first_spot(row, at, files)
        if spot is not None:
            row.place, row.is_loose = spot, True
            if row.values and (spot not in at or at[spot].raw.corrects is None):
                row.values["occurrence"] = row.raw.own_occurrence
            if _is_accepted(row):
                corrections[spot].append(row)
    out: set[int] = set()
    for spot, accepted in corrections.items():
        last = accepted[-1]
        out |= {id(row) for row in accepted if alike(row) != alike(last)}
        there = at.get(spot)
        if there is None or there.fate == "skipped":
            continue
        if there.reason is not None:
            there.is_replaced = True
        elif not _is_same_row(table, there, last):
            continue
        elif alike(there) != alike(last):
            out.add(id(there))
        for row in accepted:
            row.is_loose = False
    for row in rows:
        if id(row) in out:
            row.fate = "superseded"
    first = {path: min(r.order for r in rows if r.raw.path == path) for path in files}
    taking_part = [row for row in rows if id(row) not in out and not row.is_replaced]
    return sorted(taking_part, key=lambda row: _age(row, at, first))


def first_spot(row: Row, at: dict[Spot, Row], files: set[str]) -> Spot | None:
    """Where the first row of a chain of corrections stands; none where its file is not there."""
    spot, passed = row.raw.corrects, [row]
    while spot is not None and spot[0] in files:
        there = at.get(spot)
        if there is None or there.raw.corrects is None or there.raw.corrects[0] not in files:
            return spot
        if any(there is one for one in passed):
            return None
        passed.append(there)
        spot = there.raw.corrects
    return None


def _is_accepted(row: Row) -> bool:
    return row.reason is None and row.fate != "skipped"


def _is_same_row(table: str, there: Row, correction: Row) -> bool:
    """Whether an accepted row is still the one that was rejected."""
    own_id = TABLES[table][0].name
    blamed = (correction.raw.blamed or "").strip()
    return there[own_id] == correction[own_id] and blamed != "" and blamed in there.raw.texts


def _age(row: Row, at: dict[Spot, Row], first: dict[str, tuple[object, ...]]) -> tuple[object, ...]:
    """What rows are compared in: a loose correction is older than all rows of its file."""
    if row.is_loose:
        return (first[row.place[0]], 0, row.order)
    there = at[row.place]
    return (there.order, 1 if there is row else 2, row.order)


def number_rows(rows: list[Row], group: Callable[[Row], Hashable]) -> None:
    """Sets n: `occurrence`, or the running number among the rows of one file that agree in `group`."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in rows:
        row.values["n"] = None
        if row.fate != "skipped" and row["line_id"] is None and row.raw.problem != "field-count":
            groups[row.place[0], group(row)].append(row)
    for mine in groups.values():
        lines = sorted({row.place[1] for row in mine if not row.is_loose})
        loose = sorted({row.place[1] for row in mine if row.is_loose})
        for row in mine:
            line = row.place[1]
            running = lines.index(line) + 1 if not row.is_loose else loose.index(line) + 1
            if row.is_loose and lines:
                before = sum(other < line for other in lines)
                running = min(before + 1, len(lines))
            row.values["n"] = row["occurrence"] or running
