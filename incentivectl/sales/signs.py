"""What the signs of a line's quantity and amount tell: returns, and lines that no rule uses."""

import polars as pl


def is_negative() -> pl.Expr:
    """Returns are lines with a negative quantity or amount."""
    return (pl.col("quantity") < 0) | (pl.col("amount") < 0)


def is_void() -> pl.Expr:
    """Quantity and amount 0: accepted, and then used by no rule."""
    return (pl.col("quantity") == 0) & (pl.col("amount") == 0)


def names_sale() -> pl.Expr:
    """Whether a line is negative and names the sale that it reverses (Boolean)."""
    return pl.col("return_of").is_not_null() & is_negative()


def with_is_return(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `is_return` (Boolean): the line's quantity or amount is negative."""
    return lines.with_columns(is_return=is_negative())
