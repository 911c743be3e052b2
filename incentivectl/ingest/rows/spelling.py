"""Ids without what people and spreadsheets change about them: case, width, punctuation, leading zeros."""

import difflib
from collections.abc import Collection

import polars as pl

CLOSE = 0.8


def folded(text: pl.Expr) -> pl.Expr:
    """Without case and width: `ＡＢ-7` and `ab-7` are the same."""
    return text.str.normalize("NFKC").str.to_lowercase()


def bare(text: pl.Expr) -> pl.Expr:
    """Without punctuation and spaces, too."""
    return folded(text).str.replace_all(r"[^\p{L}\p{N}]", "")


def without_zeros(text: pl.Expr) -> pl.Expr:
    """Without zeros at the beginning of a number, too: `00100` and `100` are the same."""
    return bare(text).str.replace_all(r"(^|[^0-9])0+([0-9])", "${1}${2}")


def nearest(text: str, known: Collection[str]) -> str | None:
    """The known id that is only spelt otherwise, else the one that comes close in its letters."""
    ids = pl.Series("known", sorted(known), dtype=pl.String).to_frame()
    wanted = pl.select(without_zeros(pl.lit(text))).item()
    alike = ids.filter(without_zeros(pl.col("known")) == wanted)["known"]
    if len(alike):
        return str(alike[0])
    if wanted.isdigit():  # one number is as good as another
        return None
    close = difflib.get_close_matches(text, ids["known"], n=1, cutoff=CLOSE)
    return close[0] if close else None
