"""Rejected records of files that tasks have read, as one machine writes them (docs/cluster.md)."""

import gzip
from pathlib import Path
from unittest.mock import patch

from incentivectl.cluster.engine import Here
from incentivectl.cluster.shared import SharedFolder
from incentivectl.ingest.files import records
from tests.cluster.spreading import contents, files_of
from tests.small_workspace import CONFIG, SALES, write_workspace
from tests.workbook_files import by_openpyxl

WRONG = 'S9,1,2026-07-03,NOBODY,SKU-1,C1,1,10.00\nS10,1,"no, day",P1,SKU-1,C1,1,10.00\n'
CELLS = "S11,1,2026-07-03\nS12,1,2026-07-03,P1,SKU-1,C1,1,10.00,more,and more\n"
LINES = 'S13,1,2026-07-03,"two\nlines",SKU-1,C1,1,10.00\nS14,1,,P1,SKU-1,C1,1,10.00\n'
BACK = "R1,1,2026-08-03,P1,SKU-1,C1,-1,-10.00\n"


def test_rejected_records_have_their_text_and_lines_in_every_kind_of_file(tmp_path: Path) -> None:
    config = CONFIG + '[sources.sales]\npath = "sample_data/sales-*"\n'
    root = write_workspace(tmp_path / "w", config=config)
    folder = root / "sample_data"
    header = SALES.splitlines()[0]
    (folder / "sales.csv").rename(folder / "sales-0.csv")
    (folder / "sales-1.csv").write_text(SALES.replace(",P1,", ",X1,") + WRONG + CELLS)
    (folder / "sales-2.csv").write_text("\n".join([header, LINES]) + CELLS + BACK)
    (folder / "sales-3.csv.gz").write_bytes(gzip.compress(f"{header}\n{CELLS}{WRONG}".encode()))
    rows = [line.split(",") for line in (header, *WRONG.replace('"no, day"', "?").splitlines())]
    by_openpyxl(folder / "sales-4.xlsx", rows)
    (folder / "sales-5.csv").write_text(header + "\n")
    for number, small in enumerate((0, records.SMALL)):  # large files are scanned, small ones split
        with patch.object(records, "SMALL", small):
            one, many = tmp_path / f"one-{number}", tmp_path / f"many-{number}"
            files_of(root, "2026-09", one, None)
            (tmp_path / f"shared-{number}").mkdir()
            files_of(root, "2026-09", many, Here(SharedFolder(tmp_path / f"shared-{number}")), 3)
        found = contents(many)
        assert found == contents(one)
        rejected = found["rejects/sales.csv"].decode()
        assert rejected.count("field-count") == 6
        assert "S12,1,2026-07-03,P1,SKU-1,C1,1,10.00,more,and more" in rejected
