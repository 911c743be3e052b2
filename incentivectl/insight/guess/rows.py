"""What becomes clear only across rows: totals, orders told in their first row, numbers that restart."""

import re
from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from incentivectl.core.money import quantity_times_price
from incentivectl.core.nouns import agreeing, counted
from incentivectl.core.tables import TABLES
from incentivectl.ingest.rows.dates import DateStyle, date
from incentivectl.ingest.rows.numbers import NumberStyle, read_number
from incentivectl.insight.guess.contents import ISO, Contents, present
from incentivectl.insight.guess.guessed import Guess, escaped
from incentivectl.insight.guess.profile import Profile

TOTAL = (
    r"(?i)^\W*(?:grand|sub|sous|report|zwischen|end|net|invoice|order)?[\s-]*"
    r"(?:totals?|summe|gesamt\w*|somme|suma|sum)\b"
)
# What an order says once: it may stand in the first of its rows only.
OF_ORDERS = (
    "sale_id",
    "sold_on",
    "partner_id",
    "distributor_id",
    "rep_id",
    "customer_id",
    "currency",
    "deal_id",
)
OF_LINES = ("product_id", "quantity", "unit_price")
FIRST_COLUMNS = 4  # where the word "total" stands
MOST_FOOTER = 20
SAMPLE = 20_000
SOME = 0.05
HALF_A_CENT = Decimal("0.005")  # amounts are rounded
NEARLY_ALL = 0.95
FEWEST, RESTARTING = 2, 0.5  # the share of repeated numbers that belong to several days


def guess_totals(guess: Guess, profile: Profile) -> None:
    """`skip_when`: rows of totals, which lack a date or an id beside the word."""
    width = len(profile.columns)
    texts = profile.cells.select(present(pl.col(f"c{at}")).alias(f"c{at}") for at in range(width))
    needed = [one.column.place for name, one in guess.taken.items() if _is_needed(guess, name)]
    for at in (one.place for one in profile.columns[:FIRST_COLUMNS] if one.name):
        rest = [pl.col(f"c{place}").is_null() for place in needed if place != at]
        lacks = pl.any_horizontal(rest) if rest else pl.lit(value=True)
        says = texts.filter(pl.col(f"c{at}").str.contains(TOTAL)).select(f"c{at}", lacks.alias("l"))
        found = says.collect()
        totals = found.filter("l")[f"c{at}"].unique(maintain_order=True).to_list()
        if totals:
            shown = ", ".join(f'"{text}"' for text in totals[:2])
            is_pattern = bool(found["l"].all())
            tests = [{"matches": _pattern(totals)}] if is_pattern else totals
            guess.take("skip_when", {profile.columns[at].name: tests}, f"totals: {shown}")
            return


def _pattern(texts: Sequence[str]) -> str:
    """A regular expression of the words with which totals begin."""
    begin = [re.match(TOTAL, text) for text in texts]
    words = dict.fromkeys(pl.escape_regex(found[0].strip()) for found in begin if found)
    return f"^({'|'.join(words)})" if len(words) > 1 else f"^{next(iter(words))}"


def _is_needed(guess: Guess, ours: str) -> bool:
    column = TABLES[guess.table].column(ours)
    return column is not None and column.required


def guess_fill_down(guess: Guess, profile: Profile) -> None:
    """`fill_down`: columns that are empty in every row of an order but its first."""
    mine = [guess.taken[name].column for name in OF_ORDERS if name in guess.taken]
    lines = [guess.taken[name].column for name in OF_LINES if name in guess.taken]
    told_once = [one for one in mine[:2] if 0 < one.filled < one.rows]
    if guess.table != "sales" or not told_once or not lines:
        return
    goods = _goods(guess)
    is_line = pl.any_horizontal(_is_there(one) for one in ([goods] if goods else lines))
    is_first = _is_there(told_once[0])
    rows = profile.cells.filter(~pl.col("wrong") & is_line & ~_is_total(guess, profile)).head(
        SAMPLE
    )
    facts = rows.select(
        is_first.first().alias("begins"),
        (~is_first).mean().alias("continue"),
        *((~_is_there(one)).filter(~is_first).mean().alias(str(one.place)) for one in mine),
    )
    found = facts.collect().row(0, named=True)
    if not found["begins"] or (found["continue"] or 0) < SOME:
        return
    down = [one.name for one in mine if (found[str(one.place)] or 0) >= NEARLY_ALL]
    guess.take("fill_down", down, "filled in the first row of an order only")


def _goods(guess: Guess) -> Contents | None:
    """The column that every line fills, and no sum."""
    names = [name for name in ("product_id", "unit_price") if name in guess.taken]
    return guess.taken[names[0]].column if names else None


def guess_bare_totals(guess: Guess, profile: Profile) -> None:
    """`skip_when`: sums without a word, which `fill_down` would make lines of the order above them."""
    goods = _goods(guess)
    down = guess.keys.get("fill_down", ())
    filled = [one.column for one in guess.taken.values() if one.column.name in down]  # type: ignore[operator]
    sums = [guess.taken[one].column for one in ("amount", "quantity") if one in guess.taken]
    if goods is None or not filled or not sums:
        return
    is_sum = pl.any_horizontal(_is_there(one) for one in sums) & ~_is_there(goods)
    rows = profile.cells.filter(is_sum & ~pl.col("wrong") & ~_is_total(guess, profile))
    is_bare = ~pl.any_horizontal(_is_there(one) for one in filled)
    bare, skipped = rows.select(is_bare.sum(), pl.len()).collect().row(0)
    if not bare:
        return
    stated = guess.keys.get("skip_when", {})
    assert isinstance(stated, dict)
    tests = [*stated.get(goods.name, ()), {"empty": True}]
    guess.take("skip_when", {**stated, goods.name: tests}, guess.why.get("skip_when", ""))
    taken = (
        f"{counted(skipped, 'row')} without {goods.label} {agreeing(skipped, 'is', 'are')} taken"
    )
    guess.doubt("skip_when", f"{taken} for sums, and skipped: are some of them sales?")


def _is_there(column: Contents) -> pl.Expr:
    return present(pl.col(f"c{column.place}")).is_not_null()


def _is_total(guess: Guess, profile: Profile) -> pl.Expr:
    """Whether a row is one that `skip_when` names."""
    tests = [
        pl.col(f"c{one.place}").str.contains(TOTAL).fill_null(value=False)
        for one in profile.columns
        if one.name in guess.keys.get("skip_when", {})  # type: ignore[operator]
    ]
    return pl.any_horizontal(tests) if tests else pl.lit(value=False)


def guess_compound_id(guess: Guess, profile: Profile) -> None:
    """`sale_id` of date and number, where numbers start again every day."""
    if (
        guess.table != "sales"
        or not {"sale_id", "sold_on"} <= {*guess.taken}
        or "fill_down" in guess.keys
    ):
        return
    number, day = guess.taken["sale_id"].column, guess.taken["sold_on"].column
    style = DateStyle(str(guess.keys.get("date_format", ISO)))
    pairs = profile.cells.filter(~pl.col("wrong")).select(
        number=present(pl.col(f"c{number.place}")),
        day=date(present(pl.col(f"c{day.place}")), style),
    )
    numbers = pairs.drop_nulls().group_by("number").agg(pl.len(), days=pl.col("day").n_unique())
    repeated = numbers.filter(pl.col("len") > 1)
    restarting = repeated.select((pl.col("days") > 1).sum(), pl.len()).collect().row(0)
    if restarting[0] >= FEWEST and restarting[0] >= RESTARTING * restarting[1]:
        guess.doubt(
            "columns",
            f'the same "{number.name}" stands on several days: a sale is "{day.name}" and it together;'
            f' if it names one sale, write sale_id = "{escaped(number.name)}"',
        )
        guess.compound["sale_id"] = f"{{{escaped(day.name)}}}-{{{escaped(number.name)}}}"


def multiplied(
    profile: Profile, style: NumberStyle, quantity: Contents, price: Contents
) -> list[Contents]:
    """The columns that are quantity × unit price in nearly every row."""
    numbers = [
        one
        for one in profile.columns
        if one.is_number and one.place not in (quantity.place, price.place)
    ]
    if not numbers:
        return []
    places = [quantity.place, price.place, *(one.place for one in numbers)]
    read = (
        profile.cells.filter(~pl.col("wrong"))
        .head(SAMPLE)
        .select(
            read_number(present(pl.col(f"c{at}")), "amount", style)
            .struct.field("value")
            .alias(f"c{at}")
            for at in places
        )
        .collect()
    )
    product = quantity_times_price(pl.col(f"c{quantity.place}"), pl.col(f"c{price.place}"))
    shares = read.select(
        ((pl.col(f"c{one.place}") - product).abs() <= HALF_A_CENT).mean().alias(f"c{one.place}")
        for one in numbers
    ).row(0, named=True)
    return [one for one in numbers if (shares[f"c{one.place}"] or 0) >= NEARLY_ALL]


def guess_footer(guess: Guess, profile: Profile) -> None:
    """`footer_rows`: rows at the end with other numbers of cells, or with less than a record needs."""
    down = guess.keys.get("fill_down", [])
    needed = [
        _is_there(one.column)
        for name, one in guess.taken.items()
        if _is_needed(guess, name) and one.column.name not in down  # type: ignore[operator]
    ]
    lacks = (
        pl.sum_horizontal(~one for one in needed) >= 2 if len(needed) > 1 else pl.lit(value=False)
    )
    odd = (pl.col("wrong") | lacks) & ~_is_total(guess, profile)
    tail = profile.cells.select(odd=odd).tail(MOST_FOOTER).collect()["odd"].to_list()
    count = next((at for at, is_odd in enumerate(reversed(tail)) if not is_odd), 0)
    if count:
        guess.take("footer_rows", count, "rows at the end that are no records")
