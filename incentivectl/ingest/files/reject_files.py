"""Files of rejects beside workbooks: a source of workbooks reads them again though they are CSV."""

from collections.abc import Iterator
from pathlib import Path, PurePath

from incentivectl.core.input_files import opened
from incentivectl.core.limits import MB
from incentivectl.core.workbooks.names import is_workbook
from incentivectl.ingest.files.patterns import matching
from incentivectl.ingest.reasons import ALL_CODES
from incentivectl.workspace.source import Source

REJECT_COLUMNS = ("reject_file", "reject_line", "reject_reason", "reject_value", "occurrence")


def rejects_beside(root: Path, pattern: str, source: Source) -> Iterator[Path]:
    """The files of rejects where a pattern of workbooks would find them if they were workbooks."""
    if is_workbook(pattern):
        beside = pattern.removesuffix(PurePath(pattern).suffix) + ".csv"
        for path in sorted(matching(root, beside)):
            if path.is_file() and _holds_rejects(path, source):
                yield path


def _holds_rejects(path: Path, source: Source) -> bool:
    """Whether a text names the columns of rejects, or without a header one of the reasons."""
    codes = [f"{source.delimiter}{code}{source.delimiter}" for code in ALL_CODES]
    wanted = [source.delimiter.join(REJECT_COLUMNS)] if source.header else codes
    try:
        with opened(path) as file:
            start = file.read(MB)
    except OSError:
        return False
    # it is written in the source's encoding, else in UTF-8
    texts = (start.decode(encoding, "replace") for encoding in (source.encoding, "utf-8"))
    return any(text in found for found in texts for text in wanted)
