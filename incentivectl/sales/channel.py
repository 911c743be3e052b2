"""Accepted sale lines joined with their masters: what every rule sees.

A `Channel` holds the data of one run, as known on the last day of PERIOD. `Channel.view` adds to any
frame of sale lines the columns that conditions name (`partner.tier`, `sale.month`, …) and the amounts
in the currencies that programs pay in (`amount:EUR`). Rules: docs/rules.md, "Dates", "Currencies".
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol, TypeVar, TypeVarTuple

import polars as pl

from incentivectl.core import memory, money
from incentivectl.core.calendar import Calendar
from incentivectl.core.frames import Engine
from incentivectl.core.rates import DayRates

BEGINNING = date(1, 1, 1)
END = date(9999, 12, 31)

ZERO = money.literal(0)
# Before a column's name: what a line is judged by. See `Facts.lines`.
ORIGINAL = "original."

Part = TypeVar("Part")
Answer = TypeVar("Answer")
Given = TypeVarTuple("Given")


class Parts(Protocol):
    """Parts of a channel's lines that lie elsewhere, cut so that the lines of a partner stay together."""

    def ask(
        self,
        channel: "Channel",
        question: Callable[..., Part],
        merge: Callable[[Sequence[Part]], Answer],
        given: Sequence[Any],
    ) -> Answer:
        """`question(part, *given)` asked of every part, and the answers merged."""
        ...


@dataclass(frozen=True, eq=False)
class FoundReading:
    """What was found of `lines` while they were read: `returns` and `days` of `ingest.Inputs`.

    `days` is None for a part of lines that lie in parts. Of other lines it says nothing: in a channel with
    its own, as scenarios have, these are looked at again.
    """

    lines: pl.LazyFrame
    returns: pl.LazyFrame
    days: pl.DataFrame | None = None


class LineSource(Protocol):
    """What the rules ask of a channel: real data, or the few lines of an `[[example]]`."""

    @property
    def currency(self) -> str:
        """The workspace's currency."""
        ...

    @property
    def calendar(self) -> Calendar:
        """What a month is."""
        ...

    @property
    def as_of(self) -> date:
        """The last day of PERIOD."""
        ...

    @property
    def lines(self) -> pl.LazyFrame:
        """The accepted counting lines, without those that count after `as_of`."""
        ...

    @property
    def found_reading(self) -> FoundReading | None:
        """What is known of the lines without looking at them."""
        ...

    @property
    def tables(self) -> Mapping[str, pl.DataFrame]:
        """Every other table."""
        ...

    @property
    def rates(self) -> DayRates:
        """Exchange rates by day."""
        ...

    @property
    def partner_rows(self) -> pl.DataFrame:
        """The partners' rows with the days that they are in force."""
        ...

    @property
    def rep_rows(self) -> pl.DataFrame:
        """The reps' rows with the days that they are in force."""
        ...

    @property
    def in_memory(self) -> bool:
        """Whether the lines are held in memory, for many programs to ask for them."""
        ...

    @property
    def given(self) -> bool:
        """Whether lines list the fields that they state (examples)."""
        ...

    @property
    def parts(self) -> Parts | None:
        """The parts that the lines are cut into; None where they are one whole."""
        ...

    def ask(
        self,
        question: Callable[["LineSource", *Given], Part],
        merge: Callable[[Sequence[Part]], Answer],
        *given: *Given,
    ) -> Answer:
        """What `merge` makes of what `question` finds in each part of the lines, or in the one whole.

        For what the lines of one partner do not tell. Both are functions of a module.
        """
        ...

    def view(
        self, lines: pl.LazyFrame, fields: Collection[str], currencies: Collection[str]
    ) -> pl.LazyFrame:
        """`lines` with what they are judged by, as `Channel.view` adds it."""
        ...

    def with_list_price(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """`lines` with the `list_price` of their own product (6 decimals, workspace currency)."""
        ...

    def payee_view(self, payees: pl.DataFrame, payee: str, fields: Collection[str]) -> pl.DataFrame:
        """`payees` (payee_id, judged_on) with a column for every partner and rep field."""
        ...

    def activity_view(self, activities: pl.DataFrame, fields: Collection[str]) -> pl.DataFrame:
        """`activities` with `partner_known` and a column for every partner and rep field."""
        ...

    def with_levels(self, rows: Mapping[str, pl.DataFrame]) -> "LineSource":
        """The same with the levels of partners, by level program (see `Channel.level_rows`)."""
        ...


@dataclass(frozen=True)
class Channel:
    """The data of one run as rules see it.

    `lines` are the accepted counting lines (columns: see `ingest.Inputs.sales`), without those that
    count after `as_of`. `given` tells that a column `given` lists the fields a line states (only in
    examples). `partner_rows` and `rep_rows` are the rows of partners and reps with `in_force_from` and
    `in_force_until` (Date), `price_rows` list prices in the same way (`prices_in_force`). `level_rows` are
    the levels of partners, by level program: `partner_id`, `level` (String, null for none), and the two
    dates, which leave out no day of a partner that they list.
    """

    currency: str
    calendar: Calendar
    as_of: date
    lines: pl.LazyFrame
    tables: Mapping[str, pl.DataFrame]
    rates: DayRates
    partner_rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    rep_rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    price_rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    level_rows: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    found_reading: FoundReading | None = None
    given: bool = False
    in_memory: bool = False
    parts: Parts | None = None

    def ask(
        self,
        question: Callable[[LineSource, *Given], Part],
        merge: Callable[[Sequence[Part]], Answer],
        *given: *Given,
    ) -> Answer:
        """What `question` finds in all lines (see `LineSource.ask`)."""
        if self.parts is None:
            return merge([question(self, *given)])
        return self.parts.ask(self, question, merge, given)

    def with_levels(self, rows: Mapping[str, pl.DataFrame]) -> "Channel":
        """The same with other `level_rows`."""
        return replace(self, level_rows=rows)

    def view(
        self, lines: pl.LazyFrame, fields: Collection[str], currencies: Collection[str]
    ) -> pl.LazyFrame:
        """`lines` with what they are judged by: a column for every field, each by the original's values.

        Adds `is_return` and, for every currency, `amount:CUR` and `original.amount:CUR`. `lines` are
        those of `Facts.lines`.
        """
        lines = with_is_return(lines)
        for currency in sorted(currencies):
            lines = self._with_currency(lines, currency)
        columns = _columns_by_entity(fields)
        if "partner" in columns:
            lines = partners_in_force(
                lines, self.partner_rows, columns["partner"], partner="partner_id", day="counted_on"
            )
        lines = self._with_levels(lines, columns, partner="partner_id", day="counted_on")
        if "rep" in columns:
            lines = reps_in_force(
                lines, self.rep_rows, columns["rep"], rep=f"{ORIGINAL}rep_id", day="counted_on"
            )
        product = f"{ORIGINAL}product_id"
        for entity, master, key in (
            ("product", "products", product),
            ("customer", "customers", f"{ORIGINAL}customer_id"),
        ):
            if entity in columns:
                lines = _join_master(lines, self.tables[master], entity, key, columns[entity])
        if "list_price" in columns.get("product", ()):
            lines = self._with_price(
                lines.drop("product.list_price"), "product.list_price", product
            )
        return lines.with_columns(
            self._sale_column(name) for name in sorted(columns.get("sale", ()))
        )

    def _sale_column(self, name: str) -> pl.Expr:
        """`sale.<name>` as conditions see it: the date that counts, and the absolute size of a return."""
        if name == "month":
            return self.calendar.month_of_year(pl.col("counted_on")).alias("sale.month")
        if name == "sold_on":
            return pl.col("counted_on").alias("sale.sold_on")
        if name == "quantity":
            return pl.col(f"{ORIGINAL}quantity").abs().alias("sale.quantity")
        return pl.col(f"{ORIGINAL}{name}").alias(f"sale.{name}")

    def with_list_price(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """`lines` with the `list_price` of their own product (6 decimals, workspace currency)."""
        return self._with_price(lines, "list_price", "product_id")

    def _with_price(self, lines: pl.LazyFrame, name: str, product: str) -> pl.LazyFrame:
        """Adds as `name` the list price of the product in the column `product`, in force that day."""
        prices = self.price_rows.select(
            pl.col("product_id").alias(product),
            pl.col("list_price").alias(name),
            "in_force_from",
            "in_force_until",
        )
        return join_in_force(lines, prices, left_on=product, right_on=product, day="counted_on")

    def payee_view(self, payees: pl.DataFrame, payee: str, fields: Collection[str]) -> pl.DataFrame:
        """`payees` (payee_id, judged_on) with a column for every partner and rep field.

        `partner.*` of a rep is its own partner's row (docs/rules.md, "Dates").
        """
        columns = _columns_by_entity(fields)
        frame = payees.lazy().with_columns(pl.col("payee_id").alias("_partner"))
        if payee == "rep":
            own = reps_in_force(
                payees.lazy(), self.rep_rows, {"partner_id"}, rep="payee_id", day="judged_on"
            )
            frame = own.rename({"rep.partner_id": "_partner"})
        of_reps = columns.get("rep", frozenset())
        frame = reps_in_force(frame, self.rep_rows, of_reps, rep="payee_id", day="judged_on")
        frame = partners_in_force(
            frame,
            self.partner_rows,
            columns.get("partner", frozenset()),
            partner="_partner",
            day="judged_on",
        )
        frame = self._with_levels(frame, columns, partner="_partner", day="judged_on")
        return frame.drop("_partner").collect()

    def activity_view(self, activities: pl.DataFrame, fields: Collection[str]) -> pl.DataFrame:
        """`activities` with `partner_known` and a column for every partner and rep field.

        `partner.*` is the row in force on the day that the activity was done
        (docs/rules.md, "Activities").
        """
        columns = _columns_by_entity(fields)
        known = self.tables["partners"]["partner_id"].unique().to_list()
        frame = activities.lazy().with_columns(
            partner_known=pl.col("partner_id").is_in(known).fill_null(False)
        )
        frame = partners_in_force(
            frame,
            self.partner_rows,
            columns.get("partner", frozenset()),
            partner="partner_id",
            day="done_on",
        )
        frame = self._with_levels(frame, columns, partner="partner_id", day="done_on")
        of_reps = columns.get("rep", frozenset())
        return reps_in_force(frame, self.rep_rows, of_reps, rep="rep_id", day="done_on").collect()

    def _with_levels(
        self, frame: pl.LazyFrame, columns: Mapping[str, Collection[str]], *, partner: str, day: str
    ) -> pl.LazyFrame:
        """Joins `level.<program>` of the partner on `day` (String), null where it has no level then."""
        for program_id in sorted(columns.get("level", ())):
            rows = self.level_rows[program_id].select(
                pl.col("partner_id").alias("_levelled"),
                pl.col("level").alias(f"level.{program_id}"),
                "in_force_from",
                "in_force_until",
            )
            frame = join_in_force(frame, rows, left_on=partner, right_on="_levelled", day=day)
        return frame

    def _with_currency(self, lines: pl.LazyFrame, currency: str) -> pl.LazyFrame:
        """Adds amounts in a currency: face value, or the workspace amount at the rate of that day."""
        if currency == self.currency:
            return lines.with_columns(
                pl.col(f"{whose}amount_ws").alias(f"{whose}amount:{currency}")
                for whose in ("", ORIGINAL)
            )
        rate = f"rate:{currency}"
        lines = lines.with_columns(
            self.rates.at(pl.lit(currency), pl.col("counted_on")).alias(rate)
        )
        return lines.with_columns(
            pl.when(pl.col(f"{whose}currency") == currency)
            .then(f"{whose}amount")
            .otherwise(money.from_workspace(pl.col(f"{whose}amount_ws"), pl.col(rate)))
            .alias(f"{whose}amount:{currency}")
            for whose in ("", ORIGINAL)
        )


# What one line takes while it is held in memory, with all that programs judge it by.
BYTES_OF_HELD_LINE = 400
# So few lines are read in no time, whatever is asked of them.
FEW_LINES = 100_000
# From so many programs on, reading all columns once is less than what each asks for by itself.
MANY_PROGRAMS = 12


def engine_for(lines: int) -> Engine:
    """What to go through so many lines with: for few, starting the streaming engine takes longest."""
    return "in-memory" if lines <= FEW_LINES else "streaming"


def read_once(channel: Channel, lines: int, programs: int) -> Channel:
    """`channel` with its lines in memory, where they fit and so many programs will ask for them.

    `lines` is how many there are at most.
    """
    fits = lines <= memory.rows_within(BYTES_OF_HELD_LINE, share=5)
    if not fits or (lines > FEW_LINES and programs < MANY_PROGRAMS):
        return channel
    held = channel.lines.collect(engine="streaming").lazy()
    found = found_of(channel)
    if found is not None:
        found = replace(found, lines=held, returns=found.returns.collect(engine="streaming").lazy())
    return replace(channel, lines=held, found_reading=found, in_memory=True)


def found_of(channel: LineSource) -> FoundReading | None:
    """What was found of a channel's lines while they were read; None of any others."""
    found = channel.found_reading
    return found if found is not None and found.lines is channel.lines else None


def with_is_return(lines: pl.LazyFrame) -> pl.LazyFrame:
    """Adds `is_return` (Boolean): the line's quantity or amount is negative."""
    return lines.with_columns(is_return=(pl.col("quantity") < 0) | (pl.col("amount") < 0))


def rows_in_force(rows: pl.DataFrame, key: str = "partner_id") -> pl.DataFrame:
    """The rows of partners or reps with `in_force_from` and `in_force_until` (Date, the second exclusive).

    The first row of each `key` also counts before its `valid_from` (docs/rules.md, "Dates").
    """
    ordered = rows.sort(key, "valid_from", nulls_last=False)
    if ordered[key].n_unique() == ordered.height:
        return ordered.with_columns(in_force_from=pl.lit(BEGINNING), in_force_until=pl.lit(END))
    following = pl.col("valid_from").shift(-1).over(key)
    is_first = pl.int_range(pl.len()).over(key) == 0
    return ordered.with_columns(
        in_force_from=pl.when(is_first).then(pl.lit(BEGINNING)).otherwise(pl.col("valid_from")),
        in_force_until=following.fill_null(END),
    )


def prices_in_force(products: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """`product_id`, `list_price` (6 decimals, null for none), `in_force_from`, `in_force_until` (Date).

    A row of `prices` counts from its `valid_from` on; before the first, and without one, the product's
    own price does (docs/rules.md, "List prices"). The second date is exclusive.
    """
    own = products.select("product_id", pl.lit(BEGINNING).alias("in_force_from"), "list_price")
    dated = prices.select("product_id", pl.col("valid_from").alias("in_force_from"), "list_price")
    ordered = pl.concat([own, dated]).sort("product_id", "in_force_from")
    following = pl.col("in_force_from").shift(-1).over("product_id")
    return ordered.with_columns(in_force_until=following.fill_null(END))


def partners_in_force(
    frame: pl.LazyFrame,
    partner_rows: pl.DataFrame,
    columns: Collection[str],
    *,
    partner: str,
    day: str,
) -> pl.LazyFrame:
    """Joins `partner.<column>` of the row in force on `day`; null where the partner is unknown."""
    if not columns:
        return frame
    computed = {"tenure_years", "partner_id"}
    needed = set(columns) - computed | ({"joined_on"} if "tenure_years" in columns else set())
    named = partner_rows.select(
        pl.col("partner_id").alias("_joined_partner"),
        pl.col("in_force_from", "in_force_until"),
        *(pl.col(name).alias(f"partner.{name}") for name in sorted(needed)),
    )
    joined = join_in_force(frame, named, left_on=partner, right_on="_joined_partner", day=day)
    if "partner_id" in columns:
        joined = joined.with_columns(pl.col(partner).alias("partner.partner_id"))
    if "tenure_years" in columns:
        joined = joined.with_columns(
            completed_years(pl.col("partner.joined_on"), pl.col(day)).alias("partner.tenure_years")
        )
    return joined


def reps_in_force(
    frame: pl.LazyFrame, rep_rows: pl.DataFrame, columns: Collection[str], *, rep: str, day: str
) -> pl.LazyFrame:
    """Joins `rep.<column>` of the row in force on `day`; null where the rep is unknown, but for its id."""
    if not columns:
        return frame
    named = rep_rows.select(
        pl.col("rep_id").alias("_joined_rep"),
        pl.col("in_force_from", "in_force_until"),
        *(pl.col(name).alias(f"rep.{name}") for name in sorted(set(columns) - {"rep_id"})),
    )
    own_id = [pl.col(rep).alias("rep.rep_id")] if "rep_id" in columns else []
    joined = join_in_force(frame, named, left_on=rep, right_on="_joined_rep", day=day)
    return joined.with_columns(own_id)


def join_in_force(
    frame: pl.LazyFrame, rows: pl.DataFrame, *, left_on: str, right_on: str, day: str
) -> pl.LazyFrame:
    """Joins what else `rows` have, from those in force on `day`; null where the id is unknown."""
    joined = frame.join(rows.lazy(), left_on=left_on, right_on=right_on, how="left")
    if (rows["in_force_from"] == BEGINNING).all():  # each id has one row
        return joined.drop("in_force_from", "in_force_until")
    unknown = pl.col("in_force_from").is_null()
    on_day = (pl.col("in_force_from") <= pl.col(day)) & (pl.col(day) < pl.col("in_force_until"))
    return joined.filter(unknown | on_day).drop("in_force_from", "in_force_until")


def completed_years(since: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Completed years from `since` to `day`; 29 February counts on 1 March (docs/rules.md, "Dates")."""
    month_day = (day.dt.month().cast(pl.Int32) * 100 + day.dt.day()) < (
        since.dt.month().cast(pl.Int32) * 100 + since.dt.day()
    )
    return day.dt.year() - since.dt.year() - month_day.cast(pl.Int32)


def _columns_by_entity(fields: Collection[str]) -> dict[str, frozenset[str]]:
    entities: dict[str, set[str]] = {}
    for name in fields:
        entity, _, column = name.partition(".")
        entities.setdefault(entity, set()).add(column)
    return {entity: frozenset(columns) for entity, columns in entities.items()}


def _join_master(
    frame: pl.LazyFrame, master: pl.DataFrame, entity: str, key: str, columns: Collection[str]
) -> pl.LazyFrame:
    master_key = f"{entity}_id"
    # An id that the master does not know still answers for itself.
    named = master.select(
        pl.col(master_key).alias("_joined_id"),
        *(pl.col(name).alias(f"{entity}.{name}") for name in sorted(set(columns) - {master_key})),
    )
    joined = frame.join(named.lazy(), left_on=key, right_on="_joined_id", how="left")
    own_id = [pl.col(key).alias(f"{entity}.{master_key}")] if master_key in columns else []
    return joined.with_columns(own_id)
