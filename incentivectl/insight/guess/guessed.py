"""A source as it is guessed: what its keys are, why, and what it is unsure of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Column
from incentivectl.insight.guess.columns import Taken

Value = str | int | bool | Sequence[object] | Mapping[str, object]
NOT_STATED = "NOT-STATED"  # an id that the file does not state and that somebody has to put in


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that the file does not tell for certain: the key, what to look at, and the alternatives.

    What `must_edit` would be read wrong as it stands.
    """

    key: str
    text: str
    must_edit: bool = False


@dataclass
class Guess:
    """One source in the making; `keys` are those of its table in the config, in their order there.

    `why` says of a key what it was taken from.
    """

    file: Path
    table: str
    name: str
    taken: dict[str, Taken]
    rows: int = 0
    width: int = 0
    sheet: str | None = None
    lacks_columns: bool = False  # that every row of the table needs
    more: list[Path] = field(default_factory=list)  # files that are read by the same keys
    minus: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)  # of `set`
    keys: dict[str, Value] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    compound: dict[str, str] = field(default_factory=dict)  # ids that are put together
    unused: tuple[str, ...] = ()

    @property
    def files(self) -> list[Path]:
        """Every file that the source reads."""
        return [self.file, *self.more]

    @property
    def columns(self) -> dict[str, str]:
        """Our columns in their order and what the config says that the export calls them."""
        names = TABLES[self.table].columns
        return {
            one.name: self.compound.get(one.name) or _written(self.taken[one.name].column.name, one)
            for one in names
            if one.name in self.taken
        }

    @property
    def lacks_currency(self) -> bool:
        """Whether sales do not say which currency they are in."""
        stated = {*self.taken, *self.constants}
        return self.table == "sales" and "currency" not in stated

    @property
    def stated(self) -> dict[str, Value]:
        """Every key but name, path and columns."""
        return {**self.keys, **({"set": self.constants} if self.constants else {})}

    def take(self, key: str, value: Value, why: str = "") -> None:
        """Sets a key, and why."""
        self.keys[key] = value
        if why:
            self.why[key] = why

    def doubt(self, key: str, text: str, *, must_edit: bool = False) -> None:
        """Notes what is not certain."""
        doubt = Doubt(key, text, must_edit)
        if doubt not in self.doubts:
            self.doubts.append(doubt)


def escaped(name: str) -> str:
    """A column's name inside the pattern of an id."""
    return name.replace("{", "{{").replace("}", "}}")


def _written(name: str, ours: Column) -> str:
    return escaped(name) if ours.is_id else name
