"""Which registered deal covers a line, and which deals are in conflict.

Both work on joins with the small table of approved deals (docs/rules.md, "Deal registration").
"""

import polars as pl

from incentivectl.core.frames import ROW
from incentivectl.programs.model import Program
from incentivectl.rules.lines.lists import LONGEST_LIST
from incentivectl.sales.facts import Facts
from incentivectl.sales.line_source import LineSource
from incentivectl.sales.returns import ORIGINAL

_STANDING = ("approved", "won")
DEAL = "deal:"  # before the days that deals are protected: the column with the deal of a line


def approved_deals(program: Program, channel: LineSource) -> pl.DataFrame:
    """The deals that can cover a line: approved or won, approved by the last day of PERIOD.

    The columns of the `deals` table, `protected_until` (Date, inclusive) and `range` (String): the
    category that the deal, or the product that it names, belongs to.
    """
    return _protected(protection_days(program), channel)


def deal_column(program: Program) -> str:
    """The column of `views` with the deal that covers a line in a program."""
    return f"{DEAL}{protection_days(program)}"


def protection_days(program: Program) -> int:
    """For how many days a program protects a deal that does not say when it expires."""
    assert program.protection_days is not None
    return program.protection_days


def _protected(days: int, channel: LineSource) -> pl.DataFrame:
    """`approved_deals`, which a registration protects for so many days."""
    categories = channel.tables["products"].select("product_id", of_product="category")
    protection = pl.duration(days=days)
    names_product = pl.col("product_id").is_not_null()
    return (
        channel.tables["deals"]
        .filter(pl.col("status").is_in(_STANDING), pl.col("approved_on") <= channel.as_of)
        .join(categories, on="product_id", how="left")
        .with_columns(
            protected_until=pl.coalesce("expires_on", pl.col("approved_on") + protection),
            range=pl.when(names_product).then(pl.col("of_product")).otherwise(pl.col("category")),
        )
        .drop("of_product")
    )


class CoveredLines:
    """The lines of a channel that deals cover, found once for all programs that protect as long."""

    def __init__(self, channel: LineSource, facts: Facts) -> None:
        self._channel = channel
        self._facts = facts
        self._by_days: dict[int, pl.DataFrame] = {}
        self._losing: dict[int, pl.Series] = {}

    def __call__(self, days: int) -> pl.LazyFrame:
        """`row` (UInt64), `deal` (Enum): each line that a deal covers, with that deal's id.

        A line that names a deal can be covered by that one only. Of several the earliest covers it: by
        `approved_on`, then `registered_on`, then `deal_id`, whether it loses a conflict or not. A
        return is covered by the deal of the line that it reverses.
        """
        if days not in self._by_days:
            protected = pl.col("counted_on").is_between("approved_on", "protected_until")
            self._by_days[days] = _first_deals(days, self._channel, self._facts, protected)
        return self._by_days[days].lazy()

    def losing(self, days: int) -> pl.Series:
        """The ids of the deals that lose a conflict where deals are protected for so many days."""
        if days not in self._losing:
            self._losing[days] = _conflicts(days, self._channel)["deal_id"].unique()
        return self._losing[days]


def covered_a_day_late(program: Program, channel: LineSource, facts: Facts) -> pl.LazyFrame:
    """`row` (UInt64), `deal` (String): each line that a deal protected until the day before.

    But for its date the deal would cover it; another deal still may.
    """
    day_after = pl.col("counted_on") == pl.col("protected_until").dt.offset_by("1d")
    late = _first_deals(protection_days(program), channel, facts, day_after)
    return late.lazy().with_columns(pl.col("deal").cast(pl.String))


def _first_deals(days: int, channel: LineSource, facts: Facts, in_time: pl.Expr) -> pl.DataFrame:
    """`row`, `deal` (Enum): the earliest deal for each line's partner, customer and product, if `in_time`."""
    deals = _in_order(_protected(days, channel))
    ids = pl.Series("deal", deals["deal"], dtype=pl.Enum(deals["deal"]))
    if deals.is_empty():
        return pl.DataFrame({"row": pl.Series(dtype=ROW), "deal": ids})
    named = pl.col(f"{ORIGINAL}deal_id")
    matching = (
        facts.lines.filter(_may_be_covered(deals))
        .join(
            deals.lazy(),
            left_on=["partner_id", f"{ORIGINAL}customer_id"],
            right_on=["partner_id", "customer_id"],
            how="inner",
        )
        .filter(
            (named == pl.col("deal")) | named.is_null(),
            in_time,
            _meets("deal_product", f"{ORIGINAL}product_id", "product.product_id", channel),
        )
    )
    if deals["deal_category"].is_not_null().any():
        matching = channel.view(matching, {"product.category"}, ()).filter(
            _meets("deal_category", "product.category", "product.category", channel)
        )
    several = pl.col("is_one_of_several")
    found = matching.select("row", "order")
    if deals["is_one_of_several"].any():
        first = matching.filter(several).group_by("row").agg(pl.col("order").min())
        found = pl.concat([matching.filter(~several).select("row", "order"), first])
    rows = found.collect(engine="streaming")
    return rows.select("row", deal=ids.gather(rows["order"]))


def _in_order(deals: pl.DataFrame) -> pl.DataFrame:
    """The deals, the first that may cover a line first, with what lines are compared with.

    Adds `order` (UInt32) and whether the deal `is_one_of_several` of its partner and customer.
    """
    return (
        deals.select(
            "partner_id", "customer_id", "approved_on", "registered_on", "protected_until",
            pl.col("deal_id").alias("deal"),
            pl.col("product_id").alias("deal_product"),
            pl.col("category").alias("deal_category"),
        )
        .sort("approved_on", "registered_on", "deal")
        .with_row_index("order")
        .with_columns(is_one_of_several=pl.len().over("partner_id", "customer_id") > 1)
    )  # fmt: skip


def _may_be_covered(deals: pl.DataFrame) -> pl.Expr:
    """Rules out most lines that no deal can cover: by their day, and by their customer."""
    first, last = deals["approved_on"].min(), deals["protected_until"].dt.offset_by("1d").max()
    may_be = pl.col("counted_on").is_between(pl.lit(first), pl.lit(last))
    customers = deals["customer_id"].unique()
    if customers.len() <= LONGEST_LIST:
        may_be &= pl.col(f"{ORIGINAL}customer_id").is_in(customers.implode())
    return may_be


def _meets(wanted: str, column: str, field: str, channel: LineSource) -> pl.Expr:
    """Whether a line has what its deal names; what an example leaves out satisfies it."""
    same = (pl.col(wanted) == pl.col(column)).fill_null(False)
    meets = pl.col(wanted).is_null() | same
    given = pl.col(f"{ORIGINAL}given")
    return meets | ~given.list.contains(field) if channel.given else meets


def conflicts(program: Program, channel: LineSource) -> pl.DataFrame:
    """Each deal that loses, with the earlier deals that it loses to (all String).

    Columns `deal_id`, `partner_id`, `customer_id`, `earlier_deal_id`, `earlier_partner_id`, sorted.
    Two deals of different partners are in conflict where customer, products and protected days
    overlap; the earlier by (`registered_on`, `deal_id`) wins, even if it loses another conflict.
    """
    return _conflicts(protection_days(program), channel)


def _conflicts(days: int, channel: LineSource) -> pl.DataFrame:
    deals = _protected(days, channel)
    theirs = deals.select(pl.all().name.prefix("earlier_"))
    same_day = (pl.col("earlier_registered_on") == pl.col("registered_on")) & (
        pl.col("earlier_deal_id") < pl.col("deal_id")
    )
    return (
        deals.join(theirs, left_on="customer_id", right_on="earlier_customer_id", how="inner")
        .filter(
            pl.col("earlier_partner_id") != pl.col("partner_id"),
            (pl.col("earlier_registered_on") < pl.col("registered_on")) | same_day,
            pl.col("approved_on") <= pl.col("earlier_protected_until"),
            pl.col("earlier_approved_on") <= pl.col("protected_until"),
            _products_overlap(),
        )
        .select("deal_id", "partner_id", "customer_id", "earlier_deal_id", "earlier_partner_id")
        .sort("deal_id", "earlier_deal_id")
    )


def _products_overlap() -> pl.Expr:
    """A product lies in its category; a deal that names neither is for everything."""
    product, other_product = pl.col("product_id"), pl.col("earlier_product_id")
    both_products = product.is_not_null() & other_product.is_not_null()
    for_everything = (product.is_null() & pl.col("category").is_null()) | (
        other_product.is_null() & pl.col("earlier_category").is_null()
    )
    same_range = (pl.col("range") == pl.col("earlier_range")).fill_null(False)
    return (
        pl.when(both_products).then(product == other_product).otherwise(for_everything | same_range)
    )
