"""The workspace that all contenders read: sales as `sample_data/large.py` draws them, and small tables.

Every month has lines sent twice, returns that name their sale, bad rows, and three currencies.
"""

import csv
import shutil
import sys
from itertools import islice
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
MASTERS = ("partners", "reps", "products", "customers", "fx")
DEALS = 400
CONFIG = """\
[workspace]
name = "Benchmark"
currency = "USD"

[[sources.sales]]
name = "sales"
path = "sales/*.csv"
"""


def write_workspace(folder: Path, lines: int, files: int) -> None:
    """Writes a workspace with `lines` rows of sales, month by month, in so many files."""
    sys.path.insert(0, str(REPOSITORY / "sample_data"))
    import large
    import months

    (folder / "sales").mkdir(parents=True)
    (folder / "sample_data").mkdir()
    (folder / "incentivectl.toml").write_text(CONFIG, encoding="utf-8")
    shutil.copytree(HERE / "programs", folder / "programs")
    for table in MASTERS:
        shutil.copy(REPOSITORY / "sample_data" / f"{table}.csv", folder / "sample_data")
    draw = large.Draw()
    _write_deals(folder / "sample_data" / "deals.csv", draw.sellers)
    sections = max(files, len(months.NAMES))
    for section in range(sections):
        path = folder / "sales" / f"{section * files // sections + 1:04d}.csv"
        is_new = not path.exists()
        month = section * len(months.NAMES) // sections
        wanted = lines * (section + 1) // sections - lines * section // sections
        with path.open("a", encoding="utf-8", newline="") as file:
            if is_new:
                file.write(large.HEADER)
            for chunk in draw.chunks(section, month, wanted):
                file.write(chunk)


def _write_deals(path: Path, sellers: list[tuple[str, str]]) -> None:
    """Deals of partners that sell to the customer, one for each customer: none is in conflict."""
    by_customer: dict[str, str] = {}
    for text, _ in sellers:
        partner, _, _, customer, *_ = text.split(",")
        by_customer.setdefault(customer, partner)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["deal_id", "partner_id", "customer_id", "registered_on", "status", "approved_on"]
        )
        for number, (customer, partner) in enumerate(islice(by_customer.items(), DEALS)):
            day = f"2026-07-{number % 28 + 1:02d}"
            writer.writerow([f"D{number:03d}", partner, customer, day, "approved", day])
