"""What a text may hold, checked while its bytes pass: no file takes all memory before it is refused.

Limits and why they are what they are: `core.limits`.
"""

from incentivectl.core import limits
from incentivectl.core.bounds import BeyondLimitError, check_unpacked
from incentivectl.core.input_files import size

_BLANK_STRETCHES = (b"\n" * 64, b"\r\n" * 64, b"\r" * 64)


class Bounds:
    """Looks at a text chunk by chunk; raises `BeyondLimitError` where it is beyond a limit.

    `packed` is the size of the file that the text is unpacked from, if it is.
    """

    def __init__(self, packed: int | None) -> None:
        self._packed = packed
        self._size = 0
        self._of_line = 0  # bytes of the line that the last chunk ended in
        self._blank = 0

    def at(self, chunk: bytes, lines_before: int) -> None:
        """Looks at the next chunk, which begins after so many line feeds."""
        self._size += len(chunk)
        if self._packed is not None:
            check_unpacked(self._size, self._packed)
        self._check_lines(chunk, lines_before)
        self._check_blank_lines(chunk, lines_before)

    def _check_lines(self, chunk: bytes, lines_before: int) -> None:
        at = 0
        left = limits.LINE_BYTES - self._of_line
        while len(chunk) - at > left:
            end = _last_end(chunk, at, at + left + 1)
            if end < 0:
                line = lines_before + chunk.count(b"\n", 0, at) + 1
                message = f"the line is longer than {size(limits.LINE_BYTES)}"
                hint = (
                    "is this a text export with line breaks? Check its encoding, or export it again"
                )
                raise BeyondLimitError(message, hint, line)
            at, left = end + 1, limits.LINE_BYTES
        end = _last_end(chunk, at, len(chunk))
        if end >= 0:
            self._of_line = len(chunk) - end - 1
        else:
            self._of_line = len(chunk) - at + (self._of_line if at == 0 else 0)

    def _check_blank_lines(self, chunk: bytes, lines_before: int) -> None:
        if not any(stretch in chunk for stretch in _BLANK_STRETCHES):
            return
        self._blank += chunk.count(b"\n\n") + chunk.count(b"\n\r\n") + chunk.count(b"\r\r")
        if self._blank > limits.BLANK_LINES:
            message = f"it has more than {limits.BLANK_LINES:,} empty lines"
            raise BeyondLimitError(message, "export it again", lines_before + 1)


def check_cell(found: int) -> None:
    """Raises where a cell of so many bytes is longer than a line may be."""
    if found > limits.LINE_BYTES:
        message = f"a cell is longer than {size(limits.LINE_BYTES)}"
        raise BeyondLimitError(message, "export it again, with single values in its cells")


def _last_end(chunk: bytes, start: int, stop: int) -> int:
    """The place of the last line end between the two; -1 without any."""
    end = chunk.rfind(b"\n", start, stop)
    return end if end >= 0 else chunk.rfind(b"\r", start, stop)
