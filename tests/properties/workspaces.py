"""Whole small workspaces for property tests: config, programs and exports, written to a folder."""

from dataclasses import dataclass, field
from pathlib import Path

import tomli_w
from hypothesis import strategies as st

from tests.properties import small_tables
from tests.properties.exports import Export
from tests.properties.program_files import level_programs, programs
from tests.properties.program_parts import entries, with_entries
from tests.properties.sale_rows import rows_in, sales_exports
from tests.properties.universe import (
    CURRENCIES,
    FISCAL_DAYS,
    SALE_DAYS,
    Toml,
    calendar_rows,
    masters,
    one_of,
    price_rows,
)

ALL_KINDS = (
    "rebate",
    "spif",
    "discount",
    "deal_registration",
    "activity",
    "contest",
    "mdf",
)
PERIODS = ("2026-09", "2026-08", "2026-12", "2026-07", "2026-Q3", "2026", "2026-H2")


@dataclass
class Workspace:
    """A workspace that can write itself; its repr is the files that it writes."""

    period: str
    config: Toml
    programs: list[Toml]
    exports: list[Export]
    lists: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Writes the workspace into `folder`."""
        (folder / "programs").mkdir(parents=True, exist_ok=True)
        (folder / "incentivectl.toml").write_text(tomli_w.dumps(self.config), encoding="utf-8")
        for program in self.programs:
            path = folder / "programs" / f"{program['id']}.toml"
            path.write_text(tomli_w.dumps(program), encoding="utf-8")
        (folder / "lists").mkdir(exist_ok=True)
        (folder / "lists" / "products.csv").write_text("product_id\nSW1\nCB1\n", encoding="utf-8")
        for name, text in self.lists.items():
            (folder / "lists" / name).write_text(text, encoding="utf-8")
        for export in self.exports:
            export.write(folder)

    def __repr__(self) -> str:
        parts = [f"period {self.period}", tomli_w.dumps(self.config)]
        parts += [tomli_w.dumps(program) for program in self.programs]
        parts += [f"lists/{name}\n{text}" for name, text in self.lists.items()]
        parts += [f"{export.path}\n{export.text()}" for export in self.exports]
        return "\n".join(parts)


@st.composite
def workspaces(
    draw: st.DrawFn,
    kinds: tuple[str, ...] = ("rebate", "spif"),
    max_sales: int = 20,
    features: frozenset[str] = frozenset(),
) -> Workspace:
    """Workspaces with programs of the kinds given, which use what `features` name."""
    currency = str(draw(one_of(*CURRENCIES)))
    found, lists = with_terms_files(draw(programs(kinds, features)))
    days = (*SALE_DAYS, *FISCAL_DAYS, *FISCAL_DAYS) if "calendar" in features else SALE_DAYS
    sales = draw(sales_exports(currency, max_sales, days))
    exports = [*draw(masters(currency, features)), *sales]
    if "prices" in features:
        exports += small_tables.table("prices", draw(price_rows()))
    if "calendar" in features:
        exports += small_tables.table("calendar", draw(calendar_rows()))
    if "levels" in features:
        found.append(draw(level_programs()))
        exports += small_tables.table("levels", draw(small_tables.levels()))
    exports += small_tables.table("credits", draw(small_tables.credits(rows_in(sales))))
    exports += small_tables.table("aliases", draw(small_tables.aliases()))
    exports += small_tables.table("targets", draw(small_tables.targets(found)))
    least = 8 if "activity" in kinds or "levels" in features else 0
    exports += small_tables.table("activities", draw(small_tables.activities(least)))
    if "deal_registration" in kinds:
        exports += small_tables.table("deals", draw(small_tables.deals(rows_in(sales))))
    funds = [str(program["id"]) for program in found if program["kind"] == "mdf"]
    if funds:
        requests, claims = draw(small_tables.requests_and_claims(funds))
        exports += small_tables.table("mdf_requests", requests)
        exports += small_tables.table("mdf_claims", claims)
    dialect = sales[0].dialect
    config: Toml = {
        "workspace": {
            "name": "Generated",
            "currency": currency,
            "fiscal_year_starts": draw(one_of(1, 7, 4)),
        },
        "data": {
            "max_reject_rate": "100%",
            "unknown_partner": draw(one_of("reject", "keep")),
            "unknown_product": draw(one_of("keep", "reject")),
        },
        "sources": {
            "sales": {
                "path": f"sample_data/sales/*.csv{'.gz' if dialect.zipped else ''}",
                "attributes": ["channel"],
                **dialect.options(),
            }
        },
    }
    if "calendar" in features:
        del config["workspace"]["fiscal_year_starts"]  # type: ignore[attr-defined]
    return Workspace(str(draw(one_of(*PERIODS))), config, found, exports, lists)


def with_terms_files(programs: list[Toml]) -> tuple[list[Toml], dict[str, str]]:
    """The programs with the names of their terms files, and the files' texts."""
    lists = {}
    found = []
    for program in programs:
        changed = entries(program)
        for number, entry in enumerate(changed):
            rows, keys = entry.pop("#terms", None), entry.pop("#keys", [])
            entry.pop("#by_line", None)
            if rows is not None:
                name = f"{program['id']}-{number}.csv"
                entry["terms"] = f"lists/{name}"
                lists[name] = terms_file(rows, keys)  # type: ignore[arg-type]
        found.append(with_entries(program, changed) if changed else program)
    return found, lists


def terms_file(rows: list[Toml], keys: list[str]) -> str:
    """The rows as a CSV file, its key columns in the order given."""
    others = sorted({column for row in rows for column in row} - set(keys))
    columns = [*others[::2], *keys, *others[1::2]]
    cells = [",".join("" if row.get(c) is None else str(row[c]) for c in columns) for row in rows]
    return "\n".join([",".join(columns), *cells]) + "\n"
