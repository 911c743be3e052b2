"""Texts on lines of a width: between words only, so that no figure, date or id is ever broken."""

import re

from rich.cells import cell_len

_BOUND = re.compile(r"(?<=\d) (?=%|[A-Z]{3}\b)")  # 12 %, 12.00 USD


def wrapped(text: str, width: int | None, *, rest: str = "") -> list[str]:
    """The lines of a text of at most `width` columns, those after the first behind `rest`.

    A word that is wider than `width` gets a line of its own and stays whole; so does an amount with its
    currency or percent sign. Blanks at the beginning go on in the other lines. Without a width nothing
    is wrapped.
    """
    if width is None or cell_len(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip(" "))]
    lines: list[str] = []
    line = indent
    for word in words(text):
        joined = f"{line} {word}" if line.strip() else line + word
        if line.strip() and cell_len(joined) > width:
            lines.append(line)
            joined = indent + rest + word
        line = joined
    return [*lines, line]


def words(text: str) -> list[str]:
    """What is never broken, in the order of a text."""
    bound = _BOUND.sub("\0", text)
    return [word.replace("\0", " ") for word in bound.split(" ") if word]


def widest_word(text: str) -> int:
    """The columns that the widest word of a text takes."""
    return max(map(cell_len, words(text)), default=0)
