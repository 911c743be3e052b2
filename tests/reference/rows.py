"""A row of a table once its text has been read."""

from dataclasses import dataclass, field

from tests.reference.files import RawRow
from tests.reference.tables import Value


@dataclass
class Row:
    """A row whose text has been read: `values` holds None where a cell is missing."""

    raw: RawRow
    values: dict[str, Value] = field(default_factory=dict)
    reason: str | None = None
    fate: str = ""
    place: tuple[str, int] = ("", 0)
    is_loose: bool = False
    is_replaced: bool = False

    @property
    def order(self) -> tuple[object, ...]:
        """The reading order (rule 8)."""
        return self.raw.order

    def __getitem__(self, column: str) -> Value:
        return self.values.get(column)
