"""A worked case: a small workspace, and what its payees earn, worked out by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from tests.small_workspace import CONFIG, write_workspace

PARTNERS = (
    "partner_id,name\n" + "".join(f"P{n:02},Partner {n}\n" for n in range(1, 13)) + "P99,Other\n"
)
PRODUCTS = "product_id,category,list_price\nSW,switch,50\nRT,router,20\nSEC,security,10\n"
QUARTER = "starts = 2026-07-01\nends = 2026-09-30\n"
YEAR = "starts = 2026-01-01\nends = 2026-12-31\n"


@dataclass(frozen=True)
class Case:
    """A workspace and the amounts that the rows of its earnings come to.

    `feature` is what it needs of `tests.properties.features`, several with spaces between. `programs`
    are the texts of programs without their ids, by id. `sales` are rows of
    `sale_id,sold_on,partner_id,product_id,quantity,amount` and whatever `columns` says more. A key of
    `expect` holds some of program, first day of the measurement period and payee, and its value what
    all rows with them earn together; a row that no key holds earns 0.
    """

    name: str
    feature: str
    programs: Mapping[str, str]
    expect: Mapping[str, object]
    sales: str = ""
    columns: str = ""
    tables: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    period: str = "2026-Q3"
    config: str = CONFIG

    def write(self, root: Path) -> Path:
        """Writes the workspace."""
        header = f"sale_id,sold_on,partner_id,product_id,quantity,amount{self.columns}\n"
        tables = {
            "partners": PARTNERS,
            "products": PRODUCTS,
            "sales": header + self.sales,
            **self.tables,
        }
        programs = {
            name: f'id = "{name}"\nname = "{name}"\n{text}' for name, text in self.programs.items()
        }
        write_workspace(root, config=self.config, programs=programs, tables=tables)
        (root / "lists").mkdir()
        for name, text in self.lists.items():
            (root / "lists" / name).write_text(text, encoding="utf-8")
        return root

    def differences(self, earned: Mapping[tuple[str, str, str], Fraction]) -> list[str]:
        """Where amounts by (program, first day, payee) are not what is expected."""
        out, matched = [], set()
        for key, amount in self.expect.items():
            rows = [row for row in earned if set(key.split()) <= set(row)]
            total = sum((earned[row] for row in rows), Fraction(0))
            matched |= set(rows)
            if total != Fraction(str(amount)):
                out.append(f"{key}: {float(total)}, not {amount}")
        out += [
            f"{' '.join(row)}: {float(amount)}, not expected"
            for row, amount in earned.items()
            if row not in matched and amount
        ]
        return out
