"""Who is meant by a payee's id: a partner, a rep, or both."""

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


def payees_named(run: Run, payee_id: str) -> tuple[Payee, ...]:
    """The partner and the rep of that id; refuses an id that nobody has, naming the nearest."""
    found = tuple(one for one in every_payee(run) if one.id == payee_id)
    if found:
        return found
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
