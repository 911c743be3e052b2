"""A source: exports of one shape for one table, and how they are read (docs/rules.md, "Reading")."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from incentivectl.workspace.cell_tests import CellTest

CONFIG_NAME = "incentivectl.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """Exports of one shape for one table, with everything needed to read them.

    `columns` maps our name to the export's names, of which the first that is there counts (of an id,
    patterns of `compound_ids`); without
    a header `positions` gives our names by position instead ("" skips one). `set` holds canonical
    text (ISO dates, a decimal point), `values` maps column → their value → ours.

    Every file must have our columns `needed`, and those of its own that `negate_when` and `skip_when`
    name, unless they are `optional` (docs/rules.md, "Workspace and sources").
    """

    table: str
    name: str
    paths: tuple[str, ...]
    declared: bool
    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    grouping: str = "thousands"
    minus: tuple[str, ...] = ()
    date_format: str = "%Y-%m-%d"
    time_zone: str | None = None
    sheet: str | int | None = None
    header: bool = True
    positions: tuple[str, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    header_contains: tuple[str, ...] = ()
    attribute_kinds: Mapping[str, str] = field(default_factory=dict)  # but for texts
    skip_rows: int = 0
    footer_rows: int = 0
    order: int = 0
    set: Mapping[str, str] = field(default_factory=dict)
    from_path: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    negate_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    skip_when: Mapping[str, CellTest] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    line: int | None = field(default=None, compare=False, repr=False)  # of the config

    @property
    def place(self) -> str:
        """The source by its name, and where it stands in the config."""
        where = f" ({CONFIG_NAME}:{self.line})" if self.line else ""
        return f"source {self.name}{where}"
