"""Who is meant by a payee's id: a partner or a rep."""

from dataclasses import dataclass

import polars as pl

from incentivectl.errors import ExitCode, Problem, Refused
from incentivectl.run import Run
from incentivectl.toml_types import nearest_hint

MOST_COMPARED = 10_000


@dataclass(frozen=True)
class Payee:
    """A payee as files name it: `kind` is partner or rep, `name` that of the last day of PERIOD."""

    kind: str
    id: str
    name: str


def payee_named(run: Run, payee_id: str) -> Payee:
    """Who has that id: a partner or a rep; `partner:ID` and `rep:ID` say which, where both have it.

    Refuses an id that nobody has, naming the nearest, and one that says too little.
    """
    kind, colon, bare = payee_id.partition(":")
    if colon and kind in ("partner", "rep"):
        found = payees(run, (pl.col("payee_id") == bare) & (pl.col("payee_kind") == kind))
    else:
        found = payees(run, pl.col("payee_id") == payee_id)
    if found.height == 1:
        return Payee(*found.row(0))
    if found.height:
        message = f"`{payee_id}` is a partner and a rep"
        hint = f"name partner:{payee_id} or rep:{payee_id}"
        raise Refused([Problem("two-payees", message, hint)], ExitCode.USAGE)
    known = similar(payee_id, payees(run, pl.lit(True))["payee_id"])
    hint = nearest_hint(payee_id, known) or "name the id of a partner or a rep"
    raise Refused(
        [Problem("unknown-payee", f"there is no payee `{payee_id}`", hint)], ExitCode.USAGE
    )


def payees(run: Run, wanted: pl.Expr) -> pl.DataFrame:
    """`payee_kind`, `payee_id`, `payee_name` of those that are wanted, by kind and id.

    All partners and reps of the master tables, and whoever earns without standing there.
    """
    masters = [
        run.inputs.tables[f"{kind}s"].select(
            pl.lit(kind).alias("payee_kind"),
            pl.col(f"{kind}_id").alias("payee_id"),
            pl.coalesce("name", f"{kind}_id").alias("payee_name"),
        )
        for kind in ("partner", "rep")
    ]
    names = masters[0].columns
    told = [frame.select(names).filter(wanted).unique() for frame in (run.payouts, run.earnings)]
    return (
        pl.concat([*(master.filter(wanted) for master in masters), *told])
        .unique(names[:2], keep="last", maintain_order=True)
        .sort(names[:2])
    )


def similar(payee_id: str, known: pl.Series) -> list[str]:
    """The ids to look for the nearest among: all, or of very many those that share a half with it."""
    ids = known.unique().sort()
    if ids.len() > MOST_COMPARED:
        half = max(len(payee_id) // 2, 1)
        alike = ids.str.starts_with(payee_id[:half]) | ids.str.ends_with(payee_id[-half:])
        long = ids.str.len_chars().cast(pl.Int64).is_between(len(payee_id) - 1, len(payee_id) + 1)
        ids = ids.filter(alike & long).head(MOST_COMPARED)
    return ids.to_list()
