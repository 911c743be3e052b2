"""Rows that no rule may use: each is rejected with the reason that stands beside it here."""

from __future__ import annotations

import random
from dataclasses import replace

from sales_lines import Line

# (reason, cells that are written otherwise, in how many rows). Later columns stay as they were.
DIRECT: list[tuple[str, dict[str, str], int]] = [
    ("bad-date", {"sold_on": "2026-02-30"}, 2),
    ("bad-date", {"sold_on": "31/07/2026"}, 2),
    ("bad-number", {"quantity": "2 pcs"}, 2),
    ("bad-number", {"amount": "1,23,4.50"}, 1),
    ("bad-number", {"amount": "12O.50"}, 2),
    ("too-precise", {"amount": "1840.1234567"}, 2),
    ("missing-sale_id", {"sale_id": ""}, 2),
    ("missing-sold_on", {"sold_on": "N/A"}, 2),
    ("missing-partner_id", {"partner_id": ""}, 4),
    ("unknown-partner", {"partner_id": "Harbour Point IT"}, 4),
    ("unknown-partner", {"partner_id": "P-025"}, 3),
    ("unknown-rep", {"rep_id": "R951"}, 3),
    ("missing-amount", {"unit_price": "", "amount": "-"}, 3),
    ("no-fx-rate", {"currency": "CHF"}, 2),
    ("bad-value", {"amount": "GBP 940.00", "currency": "USD"}, 1),
    ("bad-encoding", {"customer_id": "Caf\udce9"}, 1),  # é as one cp1252 byte in a UTF-8 file
]
SHORT_ROWS, LONG_ROWS = 2, 2  # field-count
ALPHA: list[tuple[str, dict[str, str], int]] = [
    ("bad-date", {"sold_on": "31.06.2026"}, 1),
    ("bad-number", {"amount": "1.23,4,50"}, 1),
    ("unknown-partner", {"partner_id": "K-20077"}, 2),
]
MONTHS = ["2026-02", "2026-03", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"]


def direct(lines: list[Line]) -> list[Line]:
    """Every bad row of the monthly files but those below."""
    models = [line for line in _models(lines) if _is_in_dollars(line) and line.texts()["amount"]]
    return _broken(models, DIRECT, "S")


def alpha(lines: list[Line]) -> list[Line]:
    """The bad rows of Alphatec's export."""
    return _broken([line for line in _models(lines) if line.in_alpha], ALPHA, "AV")


def misshapen(lines: list[Line], columns: list[str]) -> list[tuple[str, list[str]]]:
    """(month of the file, cells) of rows that have too few or too many fields."""
    rng = random.Random("misshapen")
    models = [line for line in _models(lines) if not line.in_alpha]
    rows = []
    for number, line in enumerate(rng.sample(models, k=SHORT_ROWS + LONG_ROWS)):
        cells = [line.texts()[column] for column in columns]
        cells[0] = f"S{line.in_file[2:4]}{line.in_file[5:]}-98{number:02d}"
        rows.append((line.in_file, cells[:-5] if number < SHORT_ROWS else [*cells, "see note"]))
    return rows


def _broken(
    models: list[Line], kinds: list[tuple[str, dict[str, str], int]], prefix: str
) -> list[Line]:
    rng = random.Random(f"bad rows {prefix}")
    rows: list[Line] = []
    for change in [change for _, change, times in kinds for _ in range(times)]:
        line = rng.choice(models)
        sale_id = f"{prefix}{line.in_file[2:4]}{line.in_file[5:]}-9{len(rows):03d}"
        rows.append(replace(line, sale_id=sale_id, changes=dict(change)))
    return rows


def _models(lines: list[Line]) -> list[Line]:
    """Small ordinary lines that a bad row is made of, so that little money is rejected."""
    return [line for line in lines if line.in_file in MONTHS and _is_small_and_plain(line)]


def _is_small_and_plain(line: Line) -> bool:
    special = line.changes or line.return_of or line.serial or line.received_on or line.deal_id
    return not special and 0 < line.quantity * line.unit_minor < 400_000


def _is_in_dollars(line: Line) -> bool:
    return line.partner.currency == "USD"
