"""Refuses input that is larger than any genuine file (`limits`)."""

from pathlib import Path

from incentivectl.core import limits
from incentivectl.core.errors import Problem
from incentivectl.core.input_files import size


class BeyondLimitError(Exception):
    """A text holds more of something than any genuine one; the message says what, and where."""

    def __init__(self, message: str, hint: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.line = message, hint, line

    def problem(self, file: Path) -> Problem:
        """What is told of the file."""
        return Problem("beyond-limit", self.message, self.hint, file=file, line=self.line)


def check_unpacked(found: int, packed: int, most_bytes: int | None = None) -> None:
    """Raises where so many bytes come out of a file of `packed` bytes."""
    most_bytes = most_bytes or limits.UNPACKED_BYTES
    hint = "unpack it and look at it; export it again, or split it"
    if found > most_bytes:
        raise BeyondLimitError(f"it unpacks to more than {size(most_bytes)}", hint)
    if found > max(limits.UNPACKED_ANYHOW_BYTES, packed * limits.UNPACKED_TIMES):
        most = f"{limits.UNPACKED_TIMES:,} times its size"
        raise BeyondLimitError(f"it unpacks to more than {most}", hint)
