"""The workspace that all contenders read: sales as `sample_data/large.py` draws them, and small tables.

Every month has lines sent twice, returns that name their sale, bad rows, and three currencies.
"""

import csv
import shutil
import sys
from collections.abc import Iterable
from itertools import groupby, islice
from pathlib import Path
from typing import TextIO

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


def in_one_file(workspace: Path, out: Path) -> None:
    """Writes the workspace with all its sales in one file, in the order of its files."""
    shutil.copytree(workspace, out, ignore=shutil.ignore_patterns("sales", "reports"))
    (out / "sales").mkdir()
    with (out / "sales" / "0001.csv").open("wb") as whole:
        for number, path in enumerate(sorted((workspace / "sales").iterdir())):
            with path.open("rb") as part:
                header = part.readline()
                if not number:
                    whole.write(header)
                shutil.copyfileobj(part, whole)


def without_line_ids(workspace: Path) -> None:
    """Drops `line_id` from all sales; a sale with a line sent twice is sent again as a whole instead.

    Such sales stand once more in a file of their own: within one file, equal rows would be two lines.
    """
    again = workspace / "sales" / "sent-again.csv"
    paths = sorted((workspace / "sales").iterdir())
    with again.open("w", encoding="utf-8", newline="") as resent:
        for number, path in enumerate(paths):
            dropped = path.with_suffix(".dropped")
            with (
                path.open(encoding="utf-8", newline="") as lines,
                dropped.open("w", encoding="utf-8", newline="") as kept,
            ):
                header = _without_line_id(next(lines))
                kept.write(header)
                if not number:
                    resent.write(header)
                _drop_from(lines, kept, resent)
            dropped.replace(path)


def _drop_from(lines: Iterable[str], kept: TextIO, resent: TextIO) -> None:
    """Writes lines without their `line_id`, and sales of which one came twice once more, elsewhere."""
    for _, sale in groupby(lines, key=lambda line: line.split(",", 1)[0]):
        rows = list(sale)
        once = list(dict.fromkeys(rows))
        text = "".join(map(_without_line_id, once))
        kept.write(text)
        if len(once) < len(rows):
            resent.write(text)


def _without_line_id(line: str) -> str:
    sale, _, rest = line.split(",", 2)
    return f"{sale},{rest}"


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
