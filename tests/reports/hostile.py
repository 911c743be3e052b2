"""Names that do harm where they are not written with care, and a workspace full of them."""

import csv
import io
from pathlib import Path

from tests.small_workspace import CONFIG, REBATE, write_workspace

NAMES = (
    '=HYPERLINK("http://x")',
    "+1",
    "@cmd",
    "-2+3",
    "[red]x[/red]",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "שלום עולם",
    "\u202eevil\u202c",
    "👩‍👩‍👧‍👦 family",
    "n" * 500,
    "two\nlines",
    "a|b *c* _d_ `e`",
    "\x1b[31mred",
    "&lt;",
    "{{ 7*7 }} {name} %s",
    "  =1+1",
    "'=1",
)


def payee_of(number: int) -> str:
    return f"P{number:02}"


def hostile_workspace(root: Path) -> Path:
    """A partner for each name, each with one sale of 100 that earns 5.00, and an unknown `=cmd`."""
    partners, sales = io.StringIO(newline=""), io.StringIO(newline="")
    rows = csv.writer(partners)
    rows.writerow(["partner_id", "name", "tier", "status", "joined_on", "locale"])
    lines = csv.writer(sales)
    lines.writerow(
        ["sale_id", "line_id", "sold_on", "partner_id", "customer_id", "quantity", "amount"]
    )
    for number, name in enumerate(NAMES):
        rows.writerow([payee_of(number), name, "gold", "active", "2020-01-01", "en_US"])
        lines.writerow([f"S{number}", 1, "2026-09-01", payee_of(number), name, 1, "100.00"])
    lines.writerow(["=S", 1, "2026-09-01", "=cmd", "C", -1, "-40.00"])
    return write_workspace(
        root,
        config=CONFIG,
        programs={"volume": REBATE},
        tables={"partners": partners.getvalue(), "sales": sales.getvalue()},
    )
