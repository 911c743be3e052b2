"""Small tables computed once from the sale lines, whatever the programs.

They answer what a single line cannot: which line a return reverses, when a customer first bought,
who is credited. Each is computed when a program first asks for it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from itertools import accumulate

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW, Schema
from incentivectl.core.periods import add_months
from incentivectl.sales.in_force import join_in_force, reps_in_force
from incentivectl.sales.line_source import LineSource, found_of
from incentivectl.sales.returns import AS_ITSELF, ORIGINAL, with_originals
from incentivectl.sales.signs import is_void, with_is_return
from incentivectl.sales.tops import tops

CREDITED: Schema = {"row": ROW, "rep_id": pl.String, "share": money.AMOUNT}


class Facts:
    """Facts about the sale lines as a whole."""

    def __init__(self, channel: LineSource) -> None:
        self.channel = channel

    @cached_property
    def days(self) -> pl.DataFrame:
        """What counts on each day up to `as_of`, in order.

        `counted_on`; `lines` and `void`, how many of them are void (Int64); `quantity`, and `amount` in
        workspace currency.
        """
        found = found_of(self.channel)
        if found is not None and found.days is not None:
            return _by_day(found.days.lazy())
        return _days(self.channel)

    @cached_property
    def at_hand(self) -> int:
        """How many lines this machine goes through: all of them, or those of its part."""
        found = found_of(self.channel)
        if found is not None and found.at_hand is not None:
            return found.at_hand
        return int(self.days["lines"].sum())

    def lines_between(self, first: date, last: date) -> int:
        """How many lines count on the days from `first` to `last`."""
        days, upto = self._lines_upto
        return upto[bisect_right(days, last)] - upto[bisect_left(days, first)]

    @cached_property
    def _lines_upto(self) -> tuple[list[date], list[int]]:
        """The `days`, and how many lines count before each of them and after the last."""
        return self.days["counted_on"].to_list(), [0, *accumulate(self.days["lines"])]

    @cached_property
    def returns(self) -> pl.LazyFrame:
        """The returns that reverse a line, with `original.<name>` for every column of that line.

        Reading has found them, or they are looked for among the lines.
        """
        found, lines = found_of(self.channel), self.channel.lines
        if found is not None:
            return found.returns
        return with_originals(lines.filter(pl.col("original").is_not_null()), lines).lazy()

    @cached_property
    def lines(self) -> pl.LazyFrame:
        """The lines with `original.<name>` for every column: what a rule judges a line by.

        A return that reverses a line has that line's values there, any other line its own
        (docs/rules.md, "Returns").
        """
        others = self.channel.lines.filter(pl.col("original").is_null()).with_columns(AS_ITSELF)
        return pl.concat([others, self.returns])

    @cached_property
    def first_sales(self) -> pl.DataFrame:
        """`customer_id` (String), `first_sale_on` (Date): over all lines that are no returns.

        The earliest of those dates and of `customers.first_sale_on`, at any partner
        (docs/rules.md, "New customers").
        """
        return self.channel.ask(_first_sales, _earliest_together)

    @cached_property
    def bought_before(self) -> pl.DataFrame:
        """`customer_id`, `counted_on`, `bought` (6 decimals): by customer and day on which it has a line.

        `bought` is what the customer bought at all partners in the twelve months up to the day before, in
        workspace currency, returns taken off; a return that reverses a line is its customer's. Lines
        without an exchange rate add nothing (docs/rules.md, "New customers").
        """
        key = ["customer_id", "counted_on"]
        by_day = self.channel.ask(_bought_by_day, _bought_together, self).sort(key)
        days = by_day["counted_on"].unique().to_list()
        begins = {day: add_months(day, -12) for day in days}
        upto = pl.col("amount").cum_sum().over("customer_id")
        so_far = by_day.with_columns(upto=upto).sort("counted_on")
        asked = by_day.select(
            *key, begin=pl.col("counted_on").replace_strict(begins, return_dtype=pl.Date)
        )
        earlier = asked.sort("begin").join_asof(
            so_far.select("customer_id", "counted_on", left_out="upto"),
            left_on="begin",
            right_on="counted_on",
            by="customer_id",
            allow_exact_matches=False,
            check_sortedness=False,
        )
        before = so_far.select(*key, before=pl.col("upto") - pl.col("amount"))
        return earlier.join(before, on=key, how="inner").select(
            *key, bought=pl.col("before") - pl.col("left_out").fill_null(money.literal(0))
        )

    @cached_property
    def credited(self) -> pl.DataFrame:
        """`row` (UInt64), `rep_id` (String), `share` (6 decimals): lines that go elsewhere than to their rep.

        A line goes to the reps of its own credits rows, else of its sale's rows without `line_id`,
        else (a return) as the line that it reverses goes (docs/rules.md, "Credits"). Lines that
        are not listed go to their `rep_id`.
        """
        direct = self._credited_directly()
        returns = (
            self.returns.select("row", "original", "original.rep_id", own_rep="rep_id")
            .collect(engine="streaming")
            .join(direct, on="row", how="anti")
        )
        as_original = returns.join(direct.rename({"row": "original"}), on="original", how="left")
        is_own = pl.col("rep_id").is_null() & (pl.col("original.rep_id") == pl.col("own_rep"))
        inherited = as_original.filter(~is_own.fill_null(False)).select(
            "row",
            pl.coalesce("rep_id", "original.rep_id").alias("rep_id"),
            pl.col("share").fill_null(1),
        )
        return pl.concat([direct, inherited.drop_nulls("rep_id")])

    @cached_property
    def shared_wrongly(self) -> int:
        """How many credited lines at hand have shares that do not add up to 1."""
        sums = self.credited.group_by("row").agg(pl.col("share").sum())
        return sums.filter(pl.col("share") != 1).height

    @cached_property
    def managed(self) -> pl.DataFrame:
        """`row` (UInt64), `_manager` (String, null for none), `share` (6 decimals): those of `credited`.

        Each line goes to the managers, on its date, of the reps who are credited; shares that meet at
        one manager are added up (docs/rules.md, "Parents and managers").
        """
        rows = self.credited["row"].unique().implode()
        days = self.channel.lines.filter(pl.col("row").is_in(rows)).select("row", "counted_on")
        by_rep = days.join(self.credited.lazy(), on="row", how="inner")
        by_manager = self.with_manager(by_rep, "rep_id").group_by("row", "_manager")
        return by_manager.agg(pl.col("share").sum()).collect(engine="streaming")

    def with_manager(self, lines: pl.LazyFrame, rep: str) -> pl.LazyFrame:
        """Adds `_manager` (String): that of the rep in the column `rep`, on the line's date; null for none.

        A rep is never its own manager, and a manager that the master does not list does not count.
        """
        rows, manager = self.channel.rep_rows, pl.col("manager_id")
        is_one = (manager != pl.col("rep_id")) & manager.is_in(rows["rep_id"].unique().implode())
        managers = rows.select(
            pl.col("rep_id").alias("_managed"),
            pl.when(is_one).then(manager).alias("_manager"),
            "in_force_from",
            "in_force_until",
        )
        return join_in_force(lines, managers, left_on=rep, right_on="_managed", day="counted_on")

    @cached_property
    def tops(self) -> pl.DataFrame:
        """Who stands at the top of each partner, and when (`sales.tops.TOPS`)."""
        return tops(self.channel.partner_rows)

    def with_top(self, frame: pl.LazyFrame, partner: str, day: str) -> pl.LazyFrame:
        """Adds `_top` (String): that of the partner in a column, on a day; null where it is unknown."""
        named = self.tops.rename({"partner_id": "_below", "top": "_top"})
        return join_in_force(frame, named, left_on=partner, right_on="_below", day=day)

    def _credited_directly(self) -> pl.DataFrame:
        """By the credits rows of the line or its sale; by its own rep where those rows are bad."""
        named = self._credits()
        if named.is_empty():
            return pl.DataFrame(schema=CREDITED)
        place = ("line_id", "partner_id", "distributor_id")
        matches = (
            self.channel.lines.select("row", "sale_id", "rep_id", *place)
            .join(named.lazy(), on="sale_id", how="inner")
            .filter(
                *(
                    pl.col(f"credit_{name}").is_null()
                    | (pl.col(f"credit_{name}") == pl.col(name)).fill_null(False)
                    for name in place
                )
            )
            .with_columns(own_line=pl.col("credit_line_id").is_not_null())
        )
        own_lines_only = pl.col("own_line") == pl.col("own_line").any().over("row")
        return (
            matches.collect(engine="streaming")
            .filter(own_lines_only)
            .select("row", pl.coalesce("credited_rep", "rep_id").alias("rep_id"), "share")
            .drop_nulls("rep_id")
        )

    def _credits(self) -> pl.DataFrame:
        """`sale_id`, `credited_rep` (null: the line's own), `share`, and `credit_` with what narrows it."""
        good = self.channel.tables["credits"].with_columns(credited_rep="rep_id")
        bad = self.channel.tables.get("bad_credits", good.clear())
        as_own = bad.with_columns(
            credited_rep=pl.lit(None, dtype=pl.String), share=money.literal(1)
        )
        columns = (
            "sale_id",
            "share",
            "credited_rep",
            pl.col("line_id", "partner_id", "distributor_id").name.prefix("credit_"),
        )
        return pl.concat([good.select(columns), as_own.select(columns)])

    @cached_property
    def activities(self) -> pl.DataFrame:
        """Passed activities up to `as_of`, each with the partner that it belongs to.

        The columns of the `activities` table; `partner_id` is the row's own, or if empty its rep's
        on that day (docs/rules.md, "Activities").
        """
        activities = self.channel.tables["activities"].filter(
            pl.col("passed"), pl.col("done_on") <= self.channel.as_of
        )
        with_reps = reps_in_force(
            activities.lazy(), self.channel.rep_rows, {"partner_id"}, rep="rep_id", day="done_on"
        )
        return (
            with_reps.with_columns(partner_id=pl.coalesce("partner_id", "rep.partner_id"))
            .drop("rep.partner_id")
            .collect()
        )


def _days(channel: LineSource) -> pl.DataFrame:
    return _by_day(
        channel.lines.select(
            "counted_on",
            "quantity",
            lines=pl.lit(1, dtype=pl.Int64),
            void=is_void().cast(pl.Int64),
            amount="amount_ws",
        )
    )


def _by_day(lines: pl.LazyFrame) -> pl.DataFrame:
    sums = pl.col("lines", "void", "quantity", "amount").sum()
    return lines.group_by("counted_on").agg(sums).collect(engine="streaming").sort("counted_on")


def _first_sales(channel: LineSource) -> pl.DataFrame:
    sold = (
        with_is_return(channel.lines)
        .filter(~pl.col("is_return") & ~is_void())
        .select("customer_id", pl.col("counted_on").alias("first_sale_on"))
    )
    known = channel.tables["customers"].lazy().select("customer_id", "first_sale_on")
    return _earliest(pl.concat([sold, known]).drop_nulls())


def _earliest_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return parts[0] if len(parts) == 1 else _earliest(pl.concat(parts).lazy())


def _earliest(sales: pl.LazyFrame) -> pl.DataFrame:
    first = pl.col("first_sale_on").min()
    return sales.group_by("customer_id").agg(first).collect(engine="streaming")


def _bought_by_day(_: LineSource, facts: Facts) -> pl.DataFrame:
    """`customer_id`, `counted_on`, `amount`; a return that reverses a line is its customer's."""
    customer = pl.col(f"{ORIGINAL}customer_id").alias("customer_id")
    bought = facts.lines.filter(~is_void(), customer.is_not_null())
    return _bought(bought.select(customer, "counted_on", amount="amount_ws"))


def _bought_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return parts[0] if len(parts) == 1 else _bought(pl.concat(parts).lazy())


def _bought(lines: pl.LazyFrame) -> pl.DataFrame:
    by_day = lines.group_by("customer_id", "counted_on").agg(pl.col("amount").sum())
    return by_day.collect(engine="streaming")
