"""A section of a report as a table of a page: its cells as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass

from incentivectl.output.report import Section, is_number, shown

PROGRAM = "program"  # the column whose ids a page replaces by names


@dataclass(frozen=True)
class PageTable:
    """A table: its columns, each with whether it is flush right, and its rows; `note` stands below it.

    In `prose` the only column holds sentences.
    """

    key: str
    title: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    note: str
    prose: bool


def page_table(section: Section, programs: Mapping[str, str] | None = None) -> PageTable:
    """What people see of a section; `programs` names those in a column `program`, by id."""
    told = section.for_people
    names = programs or {}
    at = told.columns.index(PROGRAM) if PROGRAM in told.columns else None
    rows = []
    for row in told.rows:
        cells = [shown(cell) for cell in row]
        if at is not None:
            cells[at] = names.get(cells[at], cells[at])
        rows.append(tuple(cells))
    columns = [(name, is_number(told.rows, number)) for number, name in enumerate(told.columns)]
    return PageTable(told.key, told.title, tuple(columns), tuple(rows), told.note, told.prose)
