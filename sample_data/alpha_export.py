"""The monthly export of Alphatec, a German distributor: its own columns, codes and numbers."""

from __future__ import annotations

import random
from pathlib import Path

from sales_lines import Line

HEADER = (
    "Belegart Belegnr Belegdatum Händlernr Händler Artikelnr Bezeichnung Menge "
    "Nettobetrag Bezugsbeleg Endkunde Zeilentyp"
)
COLUMNS = HEADER.split()
CODES = {"P12": "K-20071", "P13": "K-20118", "P14": "K-20354", "P15": "K-20640"}
ENCODING = "cp1252"

Row = dict[str, str]


def write(path: Path, month: str, lines: list[Line]) -> int:
    """Write one month and return its rows: invoices, credit notes, freight and a total."""
    rng = random.Random(f"alpha {month}")
    rows = [_cells(line) for line in lines]
    rows.sort(key=lambda row: row["Belegnr"])
    for _ in range(6):
        at = rng.randrange(len(rows))
        freight = {"Menge": "1", "Nettobetrag": f"{rng.randint(9, 48)},90", "Zeilentyp": "FRACHT"}
        like = rows[at] | {"Artikelnr": "", "Bezeichnung": "Frachtkosten", "Bezugsbeleg": ""}
        rows.insert(at + 1, like | freight)
    total = sum(line.quantity * line.unit_minor for line in lines)
    rows.append({"Bezeichnung": "Summe", "Nettobetrag": euros(total), "Zeilentyp": "SUMME"})
    text = "".join(";".join(row.get(name, "") for name in COLUMNS) + "\r\n" for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((";".join(COLUMNS) + "\r\n" + text).encode(ENCODING))
    return len(rows)


def aliases(lines: list[Line]) -> list[list[str]]:
    """The rows of `aliases` that resolve Alphatec's codes."""
    articles = {
        line.changes["product_id"]: line.product.id for line in lines if _has_own_code(line)
    }
    rows = [["partners", code, partner_id, "alpha"] for partner_id, code in CODES.items()]
    return rows + [["products", *pair, "alpha"] for pair in sorted(articles.items())]


def euros(minor: int) -> str:
    """Cents as a German writes them: 123450 is 1.234,50."""
    whole, cents = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{f'{whole:,}'.replace(',', '.')},{cents:02d}"


def _has_own_code(line: Line) -> bool:
    return line.in_alpha and "product_id" in line.changes


def _codes(line: Line) -> Row:
    """What Alphatec writes in place of our values; a credit note bears no sign."""
    return {
        "sold_on": f"{line.sold_on:%d.%m.%Y}",
        "partner_id": CODES[line.partner.id],
        "quantity": str(abs(line.quantity)),
        "amount": euros(abs(line.quantity * line.unit_minor)),
    }


def _cells(line: Line) -> Row:
    texts = line.texts() | _codes(line) | line.changes
    return {
        "Belegart": "GS" if line.quantity < 0 else "RE",
        "Belegnr": texts["sale_id"],
        "Belegdatum": texts["sold_on"],
        "Händlernr": texts["partner_id"],
        "Händler": line.partner.name,
        "Artikelnr": texts["product_id"],
        "Bezeichnung": line.product.name,
        "Menge": texts["quantity"],
        "Nettobetrag": texts["amount"],
        "Bezugsbeleg": texts["return_of"],
        "Endkunde": texts["customer_id"],
        "Zeilentyp": "WARE",
    }
