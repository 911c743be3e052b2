"""Who is meant by a payee's id: a partner or a rep."""

from dataclasses import dataclass

import polars as pl

from incentivectl.errors import ExitCode, Problem, Refused
from incentivectl.run import Run
from incentivectl.toml_types import nearest_hint


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
        found = [one for one in every_payee(run) if one.id == bare and one.kind == kind]
    else:
        found = [one for one in every_payee(run) if one.id == payee_id]
    if len(found) == 1:
        return found[0]
    if found:
        message = f"`{payee_id}` is a partner and a rep"
        hint = f"name partner:{payee_id} or rep:{payee_id}"
        raise Refused([Problem("two-payees", message, hint)], ExitCode.USAGE)
    known = sorted({one.id for one in every_payee(run)})
    hint = nearest_hint(payee_id, known) or "name the id of a partner or a rep"
    raise Refused(
        [Problem("unknown-payee", f"there is no payee `{payee_id}`", hint)], ExitCode.USAGE
    )


def every_payee(run: Run) -> list[Payee]:
    """All partners and reps of the master tables, and whoever earns without standing there."""
    names: dict[tuple[str, str], str] = {}
    for kind, table in (("partner", "partners"), ("rep", "reps")):
        master = run.inputs.tables[table]
        for payee_id, name in master.select(f"{kind}_id", "name").iter_rows():
            names[kind, payee_id] = name or payee_id
    earning = run.earnings.select("payee_kind", "payee_id", "payee_name")
    paid = run.payouts.select("payee_kind", "payee_id", "payee_name")
    for kind, payee_id, name in pl.concat([paid, earning]).unique().sort(pl.all()).iter_rows():
        names[kind, payee_id] = name
    return [Payee(kind, payee_id, name) for (kind, payee_id), name in sorted(names.items())]
