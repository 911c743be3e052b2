"""Accepted sale lines joined with their masters: what every rule sees.

A `Channel` holds the data of one run, as known on the last day of PERIOD. `Channel.view` adds to any
frame of sale lines the columns that conditions name (`partner.tier`, `sale.month`, …) and the amounts
in the currencies that programs pay in (`amount:EUR`). Rules: docs/rules.md, "Dates", "Currencies".
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

import polars as pl

from incentivectl.core import money
from incentivectl.core.calendar import Calendar
from incentivectl.core.rates import DayRates
from incentivectl.sales.in_force import join_in_force, partners_in_force, reps_in_force
from incentivectl.sales.line_source import Answer, FoundReading, Given, LineSource, Part
from incentivectl.sales.returns import ORIGINAL
from incentivectl.sales.signs import with_is_return


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

    @property
    def in_parts(self) -> bool:
        """Whether the lines lie elsewhere, in `parts`."""
        return self.parts is not None

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
        return frame.drop("_partner").collect(engine="in-memory")

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
