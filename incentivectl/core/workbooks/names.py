"""Which files are workbooks, by their names."""

from pathlib import PurePath

ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def is_workbook(path: PurePath | str) -> bool:
    """Whether a file is read as a workbook."""
    return PurePath(path).suffix.lower() in ENDINGS
