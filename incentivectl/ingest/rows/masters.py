"""What the master tables know: real ids, and the aliases that lead to them.

An alias for the row's own source wins; otherwise an id that exists is never aliased; an alias is
looked up once, in every column that refers to its table (docs/rules.md, "Reading").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from incentivectl.core.tables import TABLES
from incentivectl.core.tables.columns import Column
from incentivectl.ingest.reasons import CHECKED_REFERENCES, is_checked, when
from incentivectl.workspace.config_file import DataRules

MASTERS = ("partners", "products", "customers", "reps")
PAYEES = ("partners", "reps")


@dataclass
class Masters:
    """Known ids by table (only of tables that are there) and the accepted rows of `aliases`."""

    rules: DataRules
    ids: dict[str, pl.Series] = field(default_factory=dict)
    aliases: Mapping[tuple[str, str], Mapping[str | None, str]] = field(default_factory=dict)

    def learn(self, table: str, rows: pl.DataFrame) -> None:
        """Takes the ids of a master's accepted rows, or the aliases."""
        if table in MASTERS:
            self.ids[table] = rows[TABLES[table].columns[0].name].unique()
        elif table == "aliases":
            found: dict[tuple[str, str], dict[str | None, str]] = {}
            for name, alias, real, source in rows.select("table", "alias", "id", "source").rows():
                found.setdefault((name, alias), {})[source] = real
            self.aliases = found

    def translation(
        self, table: str, source: str, known: pl.Series | None = None
    ) -> dict[str, str]:
        """Alias → id for the rows of one source; `known` instead of the table's accepted ids."""
        ids = self.ids.get(table) if known is None else known
        existing = set() if ids is None else set(ids)
        found = {}
        for (name, alias), by_source in self.aliases.items():
            if name != table:
                continue
            if source in by_source:
                found[alias] = by_source[source]
            elif None in by_source and alias not in existing:
                found[alias] = by_source[None]
        return found

    def resolved(self, column: Column, source: str, known: pl.Series | None = None) -> pl.Expr:
        """The ids of a column that refers to a master, after aliases."""
        ids = pl.col(column.name)
        if column.refers_to is None:
            return ids
        return _replaced(ids, self.translation(column.refers_to, source, known))

    def is_alias(self, column: Column, source: str) -> pl.Expr | None:
        """Whether the id in a column is an alias (never null); None if there is no alias for it."""
        translation = self.translation(column.refers_to, source) if column.refers_to else {}
        return pl.col(column.name).is_in([*translation], nulls_equal=True) if translation else None

    def resolved_payee(self, source: str) -> pl.Expr:
        """`payee_id` after the aliases of partners, then of reps."""
        payees = self._payees()
        ids = pl.col("payee_id")
        partners = self.translation("partners", source, payees)
        reps = self.translation("reps", source, payees)
        return _replaced(ids, {**reps, **partners})

    def _payees(self) -> pl.Series:
        found = [self.ids[table] for table in PAYEES if table in self.ids]
        return pl.concat(found) if found else pl.Series(dtype=pl.String)

    def is_unknown(self, column: Column) -> pl.Expr | None:
        """Whether a column names an id that its master does not know; None if that is absent."""
        known = self.ids.get(column.refers_to or "")
        if known is None:
            return None
        ids = pl.col(column.name)
        return ids.is_not_null() & ~ids.is_in(known.implode())

    def reasons(self, table: str) -> list[pl.Expr]:
        """The references of a table that reject a row, in their order."""
        found = []
        for column in TABLES[table].columns:
            if not is_checked(table, column) or self._keeps(column.name):
                continue
            unknown = self.is_unknown(column)
            if unknown is not None:
                code = f"unknown-{CHECKED_REFERENCES[column.name]}"
                found.append(when(unknown, table, code, column.name))
        if table == "adjustments" and "reps" in self.ids:
            found.append(when(self.is_unknown_payee(), table, "unknown-rep", "payee_id"))
        return found

    def is_unknown_payee(self) -> pl.Expr:
        """Whether `payee_id` is neither a partner nor a rep."""
        return ~pl.col("payee_id").is_in(self._payees().implode())

    def _keeps(self, column: str) -> bool:
        if column == "partner_id":
            return self.rules.unknown_partner == "keep"
        return column == "product_id" and self.rules.unknown_product == "keep"


def _replaced(ids: pl.Expr, translation: Mapping[str, str]) -> pl.Expr:
    return ids.replace(dict(translation)) if translation else ids
