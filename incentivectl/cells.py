"""Texts from outside, written so that they do no harm where they are read.

A cell that a spreadsheet would run as a formula gets an apostrophe before it in every CSV that we
write, and loses it again when such a file is read (docs/rules.md, "Cells that a spreadsheet would
run").
"""

import re

import polars as pl

APOSTROPHE = "'"
# What makes a formula of a cell, after blanks; a tab or a line break before it is enough by itself.
_STARTS = r"(?: *[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
_FORMULA = re.compile(f"^'*{_STARTS}")
_NEUTRALISED = re.compile(f"^'+{_STARTS}")
# A plain number runs nothing, and a spreadsheet must go on seeing the number in it.
_NUMBER = r"^[+-]?[0-9](?:[0-9.,\u2019\u00a0 ]*[0-9])?[.,]?-?$"

_MARKDOWN = re.compile(r"[\\|`*\[\]~<>]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)|^#|^[-+](?=\s)")
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s)")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def neutralised(text: str) -> str:
    """`text` with an apostrophe before it, if a spreadsheet would take it for a formula."""
    return APOSTROPHE + text if _FORMULA.match(text) else text


def restored(text: str) -> str:
    """What `neutralised` was given."""
    return text[1:] if _NEUTRALISED.match(text) else text


def neutralised_as_read(column: pl.Expr) -> pl.Expr:
    """As `neutralised_column`, for cells of which nobody knows what they hold: a plain number stays one."""
    is_number = column.str.contains(_NUMBER)
    return pl.when(is_number).then(column).otherwise(neutralised_column(column))


def neutralised_column(column: pl.Expr) -> pl.Expr:
    """`neutralised`, for a column of texts."""
    is_harmless = ~column.str.contains(_FORMULA.pattern)
    return pl.when(is_harmless).then(column).otherwise(pl.lit(APOSTROPHE) + column)


def restored_column(column: pl.Expr) -> pl.Expr:
    """`restored`, for a column of texts."""
    found = column.str.contains(_NEUTRALISED.pattern)
    return pl.when(found).then(column.str.slice(1)).otherwise(column)


def in_markdown(text: str) -> str:
    """`text` so that Markdown shows it as it stands, on one line of a table or a list."""
    flat = " ".join(text.splitlines())
    signs = _MARKDOWN.sub(lambda found: _ENTITIES.get(found.group(), f"\\{found.group()}"), flat)
    return _NUMBERED.sub(r"\1\\\2", signs)
