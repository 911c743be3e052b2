"""Authorised quantities: under a term with `max_quantity`, lines count in order until it is used up.

What counts of a line depends on every line before it, so that this is a loop, over the lines of such
terms alone. A return stands right after the line that it reverses and gives back the room that its sale
took (docs/rules.md, "Terms").
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import ROW, Schema
from incentivectl.core.tables import SALE
from incentivectl.kinds.discount.model import DiscountReward
from incentivectl.rules.case import LINE_ORDER, Case
from incentivectl.rules.lines.line_order import PLACES, with_places
from incentivectl.rules.lines.reasons import REST
from incentivectl.rules.lines.terms import Blocks
from incentivectl.sales.line_source import LineSource

_PARTS: Schema = {"row": ROW, "part": money.AMOUNT}
_COLUMNS = ("row", "quantity", "is_return", "term", *LINE_ORDER)
_NOTHING = Decimal(0)
Line = tuple[int, tuple[str | None, ...], bool, bool, Decimal]


def within_quantities(
    case: Case, judge: Callable[[Case], pl.LazyFrame], rewards: Sequence[DiscountReward]
) -> pl.LazyFrame:
    """The lines as `judge` judges them, with what counts of those whose term authorises a quantity.

    What does not count has the reason `max-quantity`; of a line that counts in part `amount`,
    `list_amount` and `quantity` are what counts, quotients rounded half up to 12 decimals, and `rest_ws`
    (6 decimals) is what does not, in workspace currency. Lines without quantity take no room.
    """
    lines = judge(case)
    authorised = {
        block: term.max_quantity
        for block, _, term in Blocks(rewards).terms()
        if term.max_quantity is not None
    }
    if not authorised:
        return lines
    count = partial(_parts, authorised)
    parts = case.channel.ask(_limited, count, case, judge, tuple(authorised))
    size = pl.col("quantity").abs()
    none = (pl.col("part") == 0).fill_null(False)
    in_part = (pl.col("part") < size).fill_null(False) & ~none
    counted_ws = money.to_amount(_portion("amount_ws"))
    amounts = ["amount", *(["list_amount"] if "list_amount" in lines.collect_schema() else [])]
    signed = pl.when(pl.col("quantity") < 0).then(-pl.col("part")).otherwise("part")
    return (
        lines.join(parts.lazy(), on="row", how="left")
        .with_columns(
            *(
                pl.when(in_part).then(_portion(name)).otherwise(name).cast(money.SHARED).alias(name)
                for name in amounts
            ),
            quantity=pl.when(in_part).then(signed).otherwise("quantity").cast(money.SHARED),
            rest_ws=pl.when(in_part).then(pl.col("amount_ws") - counted_ws),
            reason=pl.coalesce("reason", pl.when(none).then(pl.lit("max-quantity"))),
        )
        .drop("part")
    )


def _portion(name: str) -> pl.Expr:
    """Of an amount x what counts / quantity: the product exact, the quotient of 12 decimals."""
    product = money.multiply(pl.col(name), pl.col("part"), scales=(money.SCALE, money.SCALE))
    scales = (money.SHARED_SCALE, money.SCALE)
    return money.divide(product, pl.col("quantity").abs(), scales=scales, digits=12)


def with_rests(reasons: pl.LazyFrame, lines: pl.LazyFrame) -> pl.LazyFrame:
    """What became of lines, with the rests of those that count in part: no line, and their amount."""
    if REST not in lines.collect_schema():
        return reasons
    rests = lines.filter(pl.col(REST).is_not_null()).group_by("period").agg(rest=pl.col(REST).sum())
    counted = rests.select(
        "period",
        pl.lit(None, dtype=pl.String).alias("reason"),
        pl.lit(0, dtype=pl.Int64).alias("lines"),
        -pl.col("rest").alias("amount"),
    )
    left_out = rests.select(
        "period",
        pl.lit("max-quantity").alias("reason"),
        pl.lit(0, dtype=pl.Int64).alias("lines"),
        pl.col("rest").alias("amount"),
    )
    return (
        pl.concat([reasons, counted, left_out], how="diagonal")
        .group_by("period", "reason")
        .agg(pl.col("lines", "amount", "in_program").sum())
    )


def _limited(
    _: LineSource, case: Case, judge: Callable[[Case], pl.LazyFrame], terms: Sequence[int]
) -> pl.DataFrame:
    """The lines of terms that authorise a quantity, with their places: partners share a quantity."""
    limited = (
        judge(case)
        .filter(pl.col("reason").is_null(), pl.col("term").is_in(terms), pl.col("quantity") != 0)
        .select(_COLUMNS)
    )
    return with_places(case.facts, limited).collect(engine="streaming")


def _parts(authorised: Mapping[int, Decimal], found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """`row`, `part` (6 decimals): how much of each line's quantity counts, as a size."""
    placed = pl.concat(found).sort(*PLACES, "row")
    rows: list[tuple[int, Decimal]] = []
    for (term,), of_term in placed.group_by("term", maintain_order=True):
        ordered = zip(
            of_term["row"],
            of_term.select(f"at_{name}" for name in SALE).rows(),
            of_term["is_return"],
            of_term["takes_back"],
            of_term["quantity"],
            strict=True,
        )
        rows += _counted(authorised[int(str(term))], ordered)
    return pl.DataFrame(rows, schema=_PARTS, orient="row")


def _counted(authorised: Decimal, lines: Iterable[Line]) -> Iterator[tuple[int, Decimal]]:
    """Each line of one term with what counts of it, in order, until the quantity is used up."""
    room = authorised
    counted_of: dict[tuple[str | None, ...], Decimal] = defaultdict(Decimal)
    for row, sale, is_return, takes_back, quantity in lines:
        part = _NOTHING
        if takes_back:
            part = min(abs(quantity), counted_of[sale])
            room, counted_of[sale] = room + part, counted_of[sale] - part
        elif not is_return:
            part = min(quantity, room)
            room, counted_of[sale] = room - part, counted_of[sale] + part
        yield row, part
