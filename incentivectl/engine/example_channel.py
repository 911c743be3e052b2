"""The channel of an `[[example]]`: the few rows that it states, as rules see a channel."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from incentivectl.core.calendar import Calendar
from incentivectl.core.rates import DAY_RATES, DayRates
from incentivectl.engine.example_statements import dtype
from incentivectl.sales.line_source import Answer, Given, LineSource, Part
from incentivectl.sales.returns import ORIGINAL
from incentivectl.sales.signs import with_is_return


@dataclass(frozen=True)
class ExampleChannel:
    """The few lines of an example, as rules see a channel."""

    currency: str
    calendar: Calendar
    as_of: date
    lines: pl.LazyFrame
    tables: Mapping[str, pl.DataFrame]
    stated: pl.DataFrame
    rates: DayRates = field(
        default_factory=lambda: DayRates(pl.DataFrame(schema=DAY_RATES), date(1, 1, 1))
    )
    partner_rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    rep_rows: pl.DataFrame = field(default_factory=pl.DataFrame)
    given: bool = True
    in_memory: bool = False
    in_parts: bool = False
    found_reading: None = None

    def ask(
        self,
        question: Callable[[LineSource, *Given], Part],
        merge: Callable[[Sequence[Part]], Answer],
        *given: *Given,
    ) -> Answer:
        """What `question` finds in the few lines."""
        return merge([question(self, *given)])

    def view(
        self, lines: pl.LazyFrame, fields: Collection[str], currencies: Collection[str]
    ) -> pl.LazyFrame:
        """`lines` with what they state of `fields`, null where they state nothing."""
        lines = with_is_return(lines).with_columns(
            pl.col(f"{whose}amount_ws").alias(f"{whose}amount:{currency}")
            for currency in sorted(currencies)
            for whose in ("", ORIGINAL)
        )
        stated = _stated(self.stated, "row", fields)
        return lines.join(stated, left_on=f"{ORIGINAL}row", right_on="row", how="left")

    def with_list_price(self, lines: pl.LazyFrame) -> pl.LazyFrame:
        """`lines` with the `list_price` that they state of their product."""
        stated = _stated(self.stated, "row", ["product.list_price"])
        return lines.join(stated.rename({"product.list_price": "list_price"}), on="row", how="left")

    def payee_view(self, payees: pl.DataFrame, payee: str, fields: Collection[str]) -> pl.DataFrame:
        """`payees` with what their last line states of `fields`, and which those are (`given`)."""
        last = self.stated.group_by("payee_id", maintain_order=True).last()
        stated = _stated(last, "payee_id", fields, "given").collect()
        return payees.join(stated, on="payee_id", how="left")

    def activity_view(self, activities: pl.DataFrame, fields: Collection[str]) -> pl.DataFrame:
        """`activities` with what they state of `fields`, and which those are (`given`)."""
        stated = _stated(self.stated, "activity_id", fields, "given").collect()
        known = activities.with_columns(partner_known=pl.lit(True))
        return known.join(stated, on="activity_id", how="left")

    def with_levels(self, rows: Mapping[str, pl.DataFrame]) -> "ExampleChannel":
        """Itself: lines of examples state the level of their partner."""
        return self


def _stated(frame: pl.DataFrame, key: str, fields: Collection[str], *more: str) -> pl.LazyFrame:
    return frame.lazy().select(
        key,
        *more,
        *(
            pl.col(name) if name in frame.columns else pl.lit(None, dtype=dtype(name)).alias(name)
            for name in sorted(fields)
        ),
    )
