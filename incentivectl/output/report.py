"""What a command has to say: a title and sections, each a small table of exact cells.

Nothing here knows how it is shown: `output.formats` has the formats.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, overload

from incentivectl.core import money
from incentivectl.core.nouns import counted
from incentivectl.core.safe_text import legible
from incentivectl.output.lines import Tone

if TYPE_CHECKING:
    import polars as pl

MOST_ROWS = 1_000  # of a section that people are shown; files and programs get all of them


@dataclass(frozen=True)
class Amount:
    """An exact amount: JSON and CSV have all of it, people see it rounded half up to `digits`."""

    exact: Decimal
    digits: int

    @property
    def rounded(self) -> Decimal:
        """As people see it."""
        return money.round_decimal(self.exact, self.digits)


@dataclass(frozen=True)
class Worded:
    """An exact value and how people see it: JSON and CSV have the value, everybody else the text."""

    exact: Decimal | date | str
    text: str

    @cached_property
    def plain(self) -> str:
        """The exact value as files have it."""
        if isinstance(self.exact, Decimal):
            return money.plain(self.exact)
        return self.exact if isinstance(self.exact, str) else self.exact.isoformat()


def percent(share: Decimal, digits: int = 1, *, signed: bool = False) -> Worded:
    """An exact share (0.125) that people see as a percentage (12.5 %), with its sign if `signed`."""
    rounded = money.round_decimal(share * 100, digits)
    return Worded(share, f"{rounded:{'+' if signed else ''},f} %")


Cell = str | int | Decimal | Amount | Worded | date | None
Audience = Literal["all", "people", "machines"]


class Rows(Sequence[tuple[Cell, ...]]):
    """The rows of a frame as those of a section, each made when it is asked for."""

    def __init__(
        self, frame: "pl.DataFrame", row: Callable[[dict[str, Any]], tuple[Cell, ...]]
    ) -> None:
        self._frame = frame
        self._row = row

    def __len__(self) -> int:
        return self._frame.height

    @overload
    def __getitem__(self, at: int) -> tuple[Cell, ...]: ...

    @overload
    def __getitem__(self, at: slice) -> list[tuple[Cell, ...]]: ...

    def __getitem__(self, at: int | slice) -> tuple[Cell, ...] | list[tuple[Cell, ...]]:
        if isinstance(at, slice):
            return list(map(self._row, self._frame[at].iter_rows(named=True)))
        return self._row(self._frame.row(at, named=True))

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        return map(self._row, self._frame.iter_rows(named=True))


@dataclass(frozen=True)
class Section:
    """A small table with a heading; `key` names it in JSON.

    In `prose` the only column holds sentences, which are shown without a heading of their own. What
    is for `people` only (bars, marks) is left out of JSON, what is for `machines` only stands in
    JSON and CSV; so do the last `for_machines` columns. `about` is what all rows share and the title
    says: JSON and CSV have it in each row, and there sections of one `key` are one list. `totals` are
    rows that people are shown below a rule; files have only the rows they add up. `tone` says how
    urgent the section is, for terminals with colours.
    """

    key: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    note: str = ""
    prose: bool = False
    audience: Audience = "all"
    keys: tuple[str, ...] = ()
    about: Mapping[str, Cell] = field(default_factory=dict)
    for_machines: int = 0
    totals: Sequence[tuple[Cell, ...]] = ()
    tone: Tone = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns as JSON and CSV name them: `keys`, where the columns are words."""
        own = self.keys or tuple(name.replace(" ", "_") for name in self.columns)
        return (*self.about, *own)

    @property
    def whole_rows(self) -> Iterator[tuple[Cell, ...]]:
        """The rows as JSON and CSV have them, under `names`."""
        return ((*self.about.values(), *row) for row in self.rows)

    @property
    def for_people(self) -> "Section":
        """The section without the columns that people are not shown."""
        if not self.for_machines:
            return self
        shown = len(self.columns) - self.for_machines
        if not shown:
            return replace(self, columns=(), rows=[], totals=(), note="", for_machines=0)
        return replace(
            self,
            columns=self.columns[:shown],
            rows=[row[:shown] for row in self.rows],
            totals=[row[:shown] for row in self.totals],
            for_machines=0,
        )


@dataclass(frozen=True)
class Report:
    """Sections under a title; `main` is the section that CSV holds; `facts` stand at its head."""

    title: str
    sections: tuple[Section, ...]
    main: str
    facts: dict[str, Cell] = field(default_factory=dict)
    closing: tuple[str, ...] = ()

    @property
    def for_people(self) -> list[Section]:
        """The sections of terminals, plain text and Markdown that have something to say."""
        named = [one for one in self.sections if one.audience != "machines"]
        cut = (self._cut(one).for_people for one in named)
        return [one for one in cut if one.rows or one.note]

    def _cut(self, section: Section) -> Section:
        """A section with the first `MOST_ROWS` rows, and where the others are."""
        left_out = len(section.rows) - MOST_ROWS
        if left_out <= 0:
            return section
        in_csv = section.key == self.main or section.audience == "people"
        more = f"{counted(left_out, 'more row')}: --format {'csv' if in_csv else 'json'} has all of them."
        note = f"{more} {section.note}" if section.note else more
        return replace(section, rows=section.rows[:MOST_ROWS], note=note)


def shown(cell: Cell) -> str:
    """A cell as people read it: thousands separated, nothing for a missing value."""
    if cell is None:
        return ""
    if isinstance(cell, Amount):
        cell = cell.rounded
    if isinstance(cell, Worded):
        return legible(cell.text)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    if isinstance(cell, Decimal):
        return f"{cell:,f}"
    return legible(cell) if isinstance(cell, str) else str(cell)


def is_number(rows: Sequence[tuple[Cell, ...]], column: int) -> bool:
    """Whether a column is shown flush right."""
    return any(
        isinstance(cell, int | Decimal | Amount)
        or (isinstance(cell, Worded) and isinstance(cell.exact, Decimal))
        for cell in (row[column] for row in rows)
    )
