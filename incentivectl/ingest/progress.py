"""How far the reading has come: bytes while files are looked at, rows while sales are read."""

from collections.abc import Callable, Iterable
from pathlib import Path

Report = Callable[[str, int, int], None]


class Progress:
    """Adds up what is done and tells `report` (what is being done, how much, of how much)."""

    def __init__(self, report: Report | None, files: Iterable[Path]) -> None:
        self._report = report
        self._bytes_done = 0
        self._bytes = sum(path.stat().st_size for path in files if path.exists()) if report else 0

    def looked_at(self, count: int) -> None:
        """`count` more bytes of files were looked at."""
        self._bytes_done += count
        if self._report is not None:
            self._report("looking at files", self._bytes_done, max(self._bytes, self._bytes_done))

    def counted(self, what: str, total: int) -> Callable[[int], None]:
        """To be called with how many more of `total` rows have passed."""
        done = 0

        def count(rows: int) -> None:
            nonlocal done
            done += rows
            if self._report is not None:
                self._report(what, min(done, total), total)

        return count
