"""`cap = "registered"`: lines count up to the amount that was registered for their deal.

Lines are taken in order, a return right after the line that it reverses. A return gives back the
room that its sale took, so that what counts depends on every line before it: the only place where a
loop goes over lines, and only over those of capped deals (docs/rules.md, "Deal registration").
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW, Schema
from incentivectl.core.tables import SALE
from incentivectl.rules.case import LINE_ORDER, Case
from incentivectl.rules.lines.line_order import PLACES, with_places
from incentivectl.rules.lines.payees import with_payees

_PARTS: Schema = {"row": ROW, "part": money.AMOUNT}
_COLUMNS = ("row", "is_return", "amount_ws", *LINE_ORDER)
CappedLine = tuple[int, tuple[str | None, ...], bool, Decimal]


def count_up_to_registered(case: Case, covered: pl.LazyFrame) -> pl.LazyFrame:
    """The covered lines shared out to payees, `amount` and `quantity` what their `part` lets count.

    A line's part is exact in workspace currency; in another, and for its quantity, it is part / size
    of the whole, that quotient rounded to 12 decimals.
    """
    with_parts = covered.with_columns(
        size=pl.col("amount_ws").abs(),
        is_face_value=pl.col("amount").abs() == pl.col("amount_ws").abs(),
    )
    in_part = (pl.col("part") != pl.col("size")).fill_null(False)
    signed = pl.when(pl.col("amount") < 0).then(-pl.col("part")).otherwise(pl.col("part"))
    scales = (money.SCALE, money.SCALE)
    share_of_line = money.divide(pl.col("part"), pl.col("size"), scales=scales, digits=12)

    def portion(name: str) -> pl.Expr:
        product = money.multiply(pl.col(name), share_of_line, scales=(12, 12))
        return money.scale_of(money.round_half_up(product, 12), 12)

    exact = money.multiply(signed, pl.col("share"), scales=scales)
    amount = pl.when("is_face_value").then(exact).otherwise(portion("amount"))
    return (
        with_payees(case, with_parts)
        .with_columns(
            amount=pl.when(in_part).then(amount).otherwise(pl.col("amount")),
            quantity=pl.when(in_part).then(portion("quantity")).otherwise(pl.col("quantity")),
        )
        .drop("part", "size", "is_face_value")
    )


def capped_parts(case: Case, covered: pl.LazyFrame) -> pl.DataFrame:
    """`row`, `part` (6 decimals): how much of each line of a capped deal counts, as a size."""
    deals = case.channel.tables["deals"].select(
        pl.col("deal_id").alias("deal"), pl.col("amount").alias("registered")
    )
    capped = covered.select(*_COLUMNS, pl.col("deal").cast(pl.String)).join(
        deals.drop_nulls("registered").lazy(), on="deal", how="inner"
    )
    placed = with_places(case.facts, capped).collect(engine="streaming").sort(*PLACES, "row")
    rows: list[tuple[int, Decimal]] = []
    for _, lines in placed.group_by("deal", maintain_order=True):
        ordered = zip(
            lines["row"],
            lines.select(f"at_{name}" for name in SALE).rows(),
            lines["is_return"],
            lines["amount_ws"],
            strict=True,
        )
        rows += _counted(lines["registered"][0], ordered)
    return pl.DataFrame(rows, schema=_PARTS, orient="row")


def _counted(registered: Decimal, lines: Iterable[CappedLine]) -> Iterator[tuple[int, Decimal]]:
    """Each line of one deal with what counts of it, in order, until `registered` is used up."""
    nothing = Decimal(0)
    room = max(registered, nothing)
    counted_of: dict[tuple[str | None, ...], Decimal] = defaultdict(Decimal)
    for row, sale, is_return, amount in lines:
        if is_return:
            part = min(abs(amount), counted_of[sale])
            room, counted_of[sale] = room + part, counted_of[sale] - part
        else:
            part = min(amount, room)
            room, counted_of[sale] = room - part, counted_of[sale] + part
        yield row, part
