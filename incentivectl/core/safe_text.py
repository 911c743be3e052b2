"""Texts from outside, written so that they do no harm where they are read.

`legible` is what every text passes before it is printed or drawn: names, headings, notes, problems,
labels of charts. `in_markdown` and `encodable` are for one way out each.

A cell that a spreadsheet would run as a formula gets an apostrophe before it in every CSV that we
write, and loses it again when such a file is read (docs/operation.md, "Cells that a spreadsheet would
run").
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

APOSTROPHE = "'"
# What makes a formula of a cell, after blanks; a tab or a line break before it is enough by itself.
_STARTS = r"(?: *[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
_FORMULA = re.compile(f"^'*{_STARTS}")
_NEUTRALISED = re.compile(f"^'+{_STARTS}")
# A plain number runs nothing, and a spreadsheet must go on seeing the number in it.
_NUMBER = r"^[+-]?[0-9](?:[0-9.,\u2019\u00a0 ]*[0-9])?[.,]?-?$"

_BREAKS = re.compile(r"\r\n|[\t\n\v\f\r\x85\u2028\u2029]")
_CONTROLS = r"\x00-\x1f\x7f-\x9f"
_TURNING = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # they turn the direction of text
_UNENCODABLE = (
    r"\ud800-\udfff\ufffe\uffff"  # parts of file names that are not UTF-8, and no characters
)
_ILLEGIBLE = re.compile(f"[{_CONTROLS}{_TURNING}{_UNENCODABLE}]")
_LOST = re.compile(f"[{_UNENCODABLE}]")
_STEERING = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_SET_APART = re.compile(f"\u2068[^{_CONTROLS}{_TURNING}{_UNENCODABLE}]*\u2069")
REPLACEMENT = "\ufffd"

_MARKDOWN = re.compile(
    r"[\\|`*\[\]~<>]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|^#|^[-+](?=\s)|:(?=//)|(?<=\bwww)\."
)
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s)")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def legible(text: str) -> str:
    """`text` on one line, as it stands: nothing in it steers a terminal or turns its neighbours round.

    A line break or tab becomes a blank, a control sign or a sign that turns the direction of text `�`.
    Right-to-left text is set apart, so that the cells beside it keep their places. What is legible
    stays as it is (docs/operation.md, 92.4).
    """
    if (text.isascii() and text.isprintable()) or _SET_APART.fullmatch(text):
        return text
    flat = _ILLEGIBLE.sub(REPLACEMENT, _BREAKS.sub(" ", text))
    return f"\u2068{flat}\u2069" if _RIGHT_TO_LEFT.search(flat) else flat


def encodable(text: str) -> str:
    """`text` as any UTF encoding can write it, without signs that steer a terminal; lines stay."""
    return _STEERING.sub(REPLACEMENT, _LOST.sub(REPLACEMENT, text))


def is_encodable(text: str) -> bool:
    """Whether UTF-8 can write `text`: no for file names that are not UTF-8 themselves."""
    return not _LOST.search(text)


def neutralised(text: str) -> str:
    """`text` with an apostrophe before it, if a spreadsheet would take it for a formula."""
    return APOSTROPHE + text if _FORMULA.match(text) else text


def restored(text: str) -> str:
    """What `neutralised` was given."""
    return text[1:] if _NEUTRALISED.match(text) else text


def neutralised_as_read(column: "pl.Expr") -> "pl.Expr":
    """As `neutralised_column`, for cells of unknown content: a plain number stays one."""
    import polars as pl

    is_number = column.str.contains(_NUMBER)
    return pl.when(is_number).then(column).otherwise(neutralised_column(column))


def neutralised_column(column: "pl.Expr") -> "pl.Expr":
    """`neutralised`, for a column of texts."""
    import polars as pl

    is_harmless = ~column.str.contains(_FORMULA.pattern)
    return pl.when(is_harmless).then(column).otherwise(pl.lit(APOSTROPHE) + column)


def restored_column(column: "pl.Expr") -> "pl.Expr":
    """`restored`, for a column of texts."""
    import polars as pl

    found = column.str.contains(_NEUTRALISED.pattern)
    return pl.when(found).then(column.str.slice(1)).otherwise(column)


def in_markdown(text: str) -> str:
    """`text` so that Markdown shows it as it stands, on one line of a table or a list."""
    signs = _MARKDOWN.sub(
        lambda found: _ENTITIES.get(found.group(), f"\\{found.group()}"), legible(text)
    )
    return _NUMBERED.sub(r"\1\\\2", signs)
