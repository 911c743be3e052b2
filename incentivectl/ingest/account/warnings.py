"""What is accepted but looks wrong: warnings, and nothing is rejected (docs/operation.md, "Files").

A return whose `return_of` is not known, a rep at another partner than its line, a deal for a category
that no product has, a pulse of many questions, a sale without line ids that stands in several files.
"""

from collections.abc import Iterator, Mapping, Sequence

import polars as pl

from incentivectl.core import memory
from incentivectl.core.errors import Problem
from incentivectl.core.frames import ROW
from incentivectl.core.nouns import agreeing, counted
from incentivectl.core.tables import SALE
from incentivectl.ingest.rows.spelling import nearest
from incentivectl.ingest.rows.table_rows import TableRows
from incentivectl.ingest.sale_lines.returns import Returns
from incentivectl.sales.in_force import reps_in_force, rows_in_force

EXAMPLES = 3
_ONE = pl.lit(1, dtype=pl.Int64)
MOST_QUESTIONS = 10
SALE_BYTES = 100  # of a sale with its first and last row, while they are looked for


def returns_of_unknown(rows: TableRows, returns: Returns) -> pl.DataFrame:
    """The counting returns that name sales that nobody knows: by source how many, and the first ids.

    `_source`, `lines`, and in the first rows of each source `row`, `return_of` (null for all others).
    """
    nowhere = returns.links.filter(pl.col("counted_on").is_null())
    unknown = returns.lines.join(nowhere, on="row", how="semi").join(
        rows.decided, on="row", how="anti"
    )
    return first_returns([unknown.select("_source", "row", "return_of", lines=_ONE)])


def first_returns(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Several of what `returns_of_unknown` gives as one."""
    ids = (
        pl.concat(parts)
        .group_by("_source", "return_of")
        .agg(pl.col("row").min(), pl.col("lines").sum())
    )
    known = pl.col("return_of").is_not_null()
    is_first = known & (pl.col("row").rank("ordinal").over("_source", known) <= EXAMPLES + 1)
    some = pl.when(is_first)
    told = ids.with_columns(
        some.then("return_of").alias("return_of"), some.then("row").alias("row")
    )
    return told.group_by("_source", "return_of").agg(pl.col("row").min(), pl.col("lines").sum())


def unknown_returns(found: pl.DataFrame) -> Iterator[Problem]:
    """One warning for each source that `returns_of_unknown` found."""
    for (source,), some in found.sort("row", nulls_last=True).group_by(
        "_source", maintain_order=True
    ):
        yield _warning(
            "unknown-return-of",
            f"source {source}: {counted(int(some['lines'].sum()), 'line')} whose `return_of` matches no"
            f" accepted sale of the partner ({_examples(some['return_of'].drop_nulls())});"
            " they count on their own dates",
            "export the original sales too, or correct the ids",
        )


def lines_of_reps(sales: pl.LazyFrame, reps: pl.DataFrame) -> pl.DataFrame:
    """`rep_id`, `partner_id`, `home`, `lines`: of reps that stand at another partner (`home`) than lines."""
    rows = rows_in_force(reps, "rep_id")
    if reps["partner_id"].is_null().all():
        sales = sales.clear()
    days = ["counted_on"] if reps["valid_from"].is_not_null().any() else []
    by_day = (
        sales.filter(pl.col("rep_id").is_not_null())
        .group_by("rep_id", "partner_id", *days)
        .agg(lines=pl.len().cast(pl.Int64))
    )
    return (
        reps_in_force(by_day, rows, {"partner_id"}, rep="rep_id", day="counted_on")
        .rename({"rep.partner_id": "home"})
        .filter(pl.col("home") != pl.col("partner_id"))
        .group_by("rep_id", "partner_id", "home")
        .agg(pl.col("lines").sum())
        .collect(engine="streaming")
    )


def lines_of_reps_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Several of what `lines_of_reps` gives as one."""
    return pl.concat(parts).group_by("rep_id", "partner_id", "home").agg(pl.col("lines").sum())


def reps_elsewhere(found: pl.DataFrame) -> Iterator[Problem]:
    """A warning where `lines_of_reps` found lines that name a rep of another partner."""
    if not found.is_empty():
        most_first = found.sort(
            "lines", "rep_id", "partner_id", "home", descending=[True, False, False, False]
        )
        shown = [
            f"{rep} of {home} on lines of {partner}"
            for rep, partner, home in most_first.select("rep_id", "partner_id", "home")
            .head(EXAMPLES)
            .rows()
        ]
        yield _warning(
            "rep-elsewhere",
            f"{counted(int(found['lines'].sum()), 'line')} with a rep of another partner"
            f" ({', '.join(shown)})",
            "they still earn; correct `rep_id`, or the rep's `partner_id`",
        )


def unknown_categories(tables: Mapping[str, pl.DataFrame]) -> Iterator[Problem]:
    """A warning where deals name categories that no product has."""
    categories = tables["products"]["category"].drop_nulls().unique()
    deals = tables["deals"].filter(
        pl.col("category").is_not_null() & ~pl.col("category").is_in(categories.implode())
    )
    if not tables["products"].is_empty() and not deals.is_empty():
        near = nearest(deals["category"][0], categories.to_list())
        meant = f"did you mean `{near}`? " if near else ""
        yield _warning(
            "unknown-category",
            f"{counted(deals.height, 'deal')} in a category without products"
            f" ({_examples(deals['category'])})",
            f"{meant}the deal covers no line: correct the category",
        )


def long_surveys(tables: Mapping[str, pl.DataFrame]) -> Iterator[Problem]:
    """A warning for each pulse that asks more questions than people answer with care."""
    asked = (
        tables["surveys"]
        .filter(pl.col("kind") == "pulse")
        .group_by("survey_id")
        .agg(pl.col("question_id").n_unique().alias("questions"))
        .filter(pl.col("questions") > MOST_QUESTIONS)
        .sort("survey_id")
    )
    for survey, questions in asked.rows():
        yield _warning(
            "long-survey",
            f"the pulse {survey} asks {questions} questions, more than {MOST_QUESTIONS}",
            "keep a pulse short: drop questions, or send them in another survey",
        )


def sales_in_files(rows: TableRows) -> pl.DataFrame:
    """The sales without line ids that stand in several files: how many, and the first of them.

    `sales`, and in the first rows `row`, `sale_id` (null for all others). The lines of each file are numbered
    by themselves, so those of the later file replace equal numbers of the earlier one.
    """
    starts = rows.opened.file_starts()["row"]
    accepted = pl.col("_reason").is_null()  # also those that another file has replaced by now
    elsewhere = pl.col("row").is_in(rows.opened.corrections["row"].implode())  # in another's place
    without_id = rows.rows.filter(accepted & pl.col("line_id").is_null() & ~elsewhere)
    ends = without_id.select(
        first=pl.col("row").min(), last=pl.col("row").max(), count=pl.len()
    ).collect(engine="streaming")
    first, _, count = ends.row(0)
    found = [pl.DataFrame(schema={"first": ROW})]
    several = first is not None and _in_two_files(ends, starts).height
    parts = count // memory.rows_within(SALE_BYTES, share=4) + 1 if several else 0
    sale = pl.struct(SALE).hash()
    for part in range(parts):
        sales = (
            without_id.select("row", sale=sale)
            .filter(pl.col("sale") % parts == part)
            .group_by("sale")
            .agg(first=pl.col("row").min(), last=pl.col("row").max())
            .collect(engine="streaming")
        )
        found.append(_in_two_files(sales, starts).select("first"))
    split = pl.concat(found)["first"].sort()
    named = rows.rows.filter(pl.col("row").is_in(split.head(EXAMPLES).implode()))
    some = named.select("row", "sale_id", sales=_ONE).collect(engine="streaming")
    others = {"row": [None], "sale_id": [None], "sales": [split.len() - some.height]}
    return pl.concat([some, pl.DataFrame(others, schema=some.schema)])


def sales_in_files_together(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Several of what `sales_in_files` gives as one."""
    return pl.concat(parts)


def split_sales(found: pl.DataFrame) -> Iterator[Problem]:
    """A warning where `sales_in_files` found some."""
    sales = int(found["sales"].sum())
    if sales:
        first = found.drop_nulls("row").sort("row").head(EXAMPLES)
        yield _warning(
            "sale-in-several-files",
            f"{counted(sales, 'invoice')} without line IDs"
            f" {agreeing(sales, 'appears', 'appear')} in more than one file"
            f" ({_examples(first['sale_id'])})",
            "add a `line_id` or an `occurrence`; without one, a line may replace another",
        )


def _in_two_files(sales: pl.DataFrame, starts: pl.Series) -> pl.DataFrame:
    """Those whose `first` and `last` row lie in different files."""
    files = [starts.search_sorted(sales[name], side="right") for name in ("first", "last")]
    return sales.filter(files[0] != files[1])


def _warning(code: str, message: str, hint: str) -> Problem:
    return Problem(code, message, hint, severity="warning")


def _examples(texts: pl.Series) -> str:
    different = texts.unique(maintain_order=True).to_list()
    shown = ", ".join(different[:EXAMPLES])
    return f"{shown}, …" if len(different) > EXAMPLES else shown
