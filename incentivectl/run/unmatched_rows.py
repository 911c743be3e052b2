"""Rows of side tables that match nothing: how many, and the first three (rule 42.2).

Each is accepted and changes no money, and mostly that is not what its sender meant. One function for
each table.
"""

from collections.abc import Callable, Collection, Iterator, Mapping

import polars as pl

from incentivectl.core.errors import Problem
from incentivectl.core.nouns import counted
from incentivectl.core.tables import TABLES
from incentivectl.ingest.inputs import Inputs
from incentivectl.ingest.rows.spelling import nearest
from incentivectl.programs.model import Program
from incentivectl.programs.payee import payee_kind
from incentivectl.run.loading import Loaded

EXAMPLES = 3


def unmatched_rows(loaded: Loaded, inputs: Inputs) -> list[Problem]:
    """A warning for each way in which rows of a table match nothing."""
    rows = _Unmatched(loaded, inputs)
    return [
        found
        for table, of_table in _TABLES.items()
        if not inputs.tables[table].is_empty()
        for found in of_table(rows)
    ]


class _Unmatched:
    """The side tables, and all ids that their rows may name."""

    def __init__(self, loaded: Loaded, inputs: Inputs) -> None:
        self.inputs = inputs
        self.programs = {program.id: program for program in loaded.programs}
        self.calendar = loaded.workspace.calendar
        self.sources = [source.name for source in loaded.workspace.sources]
        self._tables: dict[str, pl.DataFrame] = {}

    def table(self, name: str) -> pl.DataFrame:
        """The rows of a table that count, with `file` and `line`."""
        if name not in self._tables:
            places = self.inputs.details["places"].filter(pl.col("table") == name).drop("table")
            rows = self.inputs.tables[name].with_row_index("at")
            self._tables[name] = rows.join(places, on="at", how="left", maintain_order="left")
        return self._tables[name]

    def ids(self, table: str) -> set[str]:
        """The ids that a master knows."""
        return set(self.inputs.tables[table][TABLES[table].columns[0].name])

    def payees(self, kind: str | None = None) -> set[str] | None:
        """Who can be paid by a program that pays `kind`; None if their master is absent."""
        masters = (
            ("partners", "reps") if kind is None else ("reps" if kind == "rep" else "partners",)
        )
        if not all(table in self.inputs.present for table in masters):
            return None
        return {one for table in masters for one in self.ids(table)}

    def starts(self, program: Program) -> list[str]:
        """The first days of a program's measurement periods."""
        return [
            period.start.isoformat()
            for period in self.calendar.measurement_periods(
                program.starts, program.ends, program.period
            )
        ]

    def unknown_programs(self, table: str, effect: str) -> Iterator[Problem]:
        """Rows of a table that name an unknown program."""
        rows = self.table(table).filter(pl.col("program_id").is_not_null())
        lost = rows.filter(~pl.col("program_id").is_in(list(self.programs)))
        yield from _told(table, "for an unknown program", lost, "program_id", self.programs, effect)

    def unknown_payees(self, table: str, effect: str) -> Iterator[Problem]:
        """Rows of a table that name a payee who is neither a partner nor a rep."""
        payees = self.payees()
        if payees is not None:
            lost = self.table(table).filter(~pl.col("payee_id").is_in(list(payees)))
            what = "for a payee that is neither a partner nor a rep"
            yield from _told(table, what, lost, "payee_id", payees, effect)

    def unfit_rows(self, table: str, effect: str) -> Iterator[Problem]:
        """Rows whose payee or `period_start` does not fit their program."""
        by_program = self.table(table).partition_by("program_id", as_dict=True)
        for program_id, program in self.programs.items():
            mine = by_program.get((program_id,))
            if mine is None:
                continue
            payees = self.payees(payee_kind(program.payee))
            if payees is not None:
                lost = mine.filter(~pl.col("payee_id").is_in(list(payees)))
                what = f"of {program_id} for a payee that is not a {payee_kind(program.payee)}"
                yield from _told(table, what, lost, "payee_id", payees, effect)
            starts = self.starts(program)
            day = pl.col("period_start").dt.to_string("iso")
            lost = mine.with_columns(period_start=day).filter(~pl.col("period_start").is_in(starts))
            what = f"of {program_id} with a `period_start` on which no measurement period begins"
            yield from _told(table, what, lost, "period_start", starts, effect)


def _credits(rows: _Unmatched) -> Iterator[Problem]:
    lost = rows.inputs.details["unmatched_credits"]
    if lost.is_empty():
        return
    number = int(lost["rows"][0])
    near = [
        f"did you mean `{near}` for `{sale}`?"
        for sale, near in lost.select("sale_id", "nearest").unique(maintain_order=True).rows()
        if near is not None
    ]
    shown = lost.with_columns(
        value=pl.format("{}{}", "sale_id", pl.format(" line {}", "line_id").fill_null(""))
    )
    message = (
        f"credits: {counted(number, 'row')} without an accepted sale or line:"
        f" {_places(shown, 'value', number)}"
    )
    yield _warning(
        message, " ".join(near) or "correct `sale_id`; until then these rows credit nobody"
    )


def _targets(rows: _Unmatched) -> Iterator[Problem]:
    effect = "these targets are not used"
    yield from rows.unknown_programs("targets", effect)
    yield from rows.unfit_rows("targets", effect)


def _levels(rows: _Unmatched) -> Iterator[Problem]:
    effect = "these levels are not used"
    sorting = [program.id for program in rows.programs.values() if program.levels]
    lost = rows.table("levels").filter(~pl.col("program_id").is_in(sorting))
    yield from _told("levels", "for no level program", lost, "program_id", sorting, effect)
    known = rows.ids("partners")
    lost = rows.table("levels").filter(~pl.col("payee_id").is_in(list(known)))
    yield from _told("levels", "of no partner", lost, "payee_id", known, effect)


def _opening(rows: _Unmatched) -> Iterator[Problem]:
    effect = "correct it before the first post: these amounts would offset nothing"
    yield from rows.unknown_programs("opening", effect)
    yield from rows.unfit_rows("opening", effect)


def _adjustments(rows: _Unmatched) -> Iterator[Problem]:
    effect = "correct `program_id`, or leave it empty"
    yield from rows.unknown_programs("adjustments", effect)


def _disputes(rows: _Unmatched) -> Iterator[Problem]:
    yield from rows.unknown_payees("disputes", "no statement shows these disputes")
    effect = (
        "correct `program_id`, or leave it empty: the amount is taken in the workspace's currency"
    )
    yield from rows.unknown_programs("disputes", effect)


def _requests(rows: _Unmatched) -> Iterator[Problem]:
    yield from rows.unknown_programs("mdf_requests", "no fund pays these requests")
    funds = [one.id for one in rows.programs.values() if "mdf_requests" in one.tables]
    requests = rows.table("mdf_requests")
    others = pl.col("program_id").is_in([one for one in rows.programs if one not in funds])
    what = "for a program that is not an MDF program"
    lost = requests.filter(others)
    yield from _told("mdf_requests", what, lost, "program_id", funds, "no fund pays these requests")


def _claims(rows: _Unmatched) -> Iterator[Problem]:
    known = rows.ids("mdf_requests")
    lost = rows.table("mdf_claims").filter(~pl.col("request_id").is_in(list(known)))
    effect = "a claim is paid only if its request is in `mdf_requests`"
    yield from _told("mdf_claims", "without a request", lost, "request_id", known, effect)


def _payees(rows: _Unmatched) -> Iterator[Problem]:
    yield from rows.unknown_payees("payees", "these accounts are not used")


def _control_totals(rows: _Unmatched) -> Iterator[Problem]:
    lost = rows.table("control_totals").filter(~pl.col("source").is_in(rows.sources))
    effect = "these totals are not used"
    yield from _told("control_totals", "of an unknown source", lost, "source", rows.sources, effect)


def _market(rows: _Unmatched) -> Iterator[Problem]:
    sizes, effect = rows.table("market"), "nothing is compared with these sizes"
    month = pl.concat_str("month", pl.lit("-01")).str.to_date("%Y-%m-%d", strict=False)
    lost = sizes.filter(month.is_null() | (pl.col("month").str.len_chars() != 7))
    hint = f"write it as 2026-09; {effect}"
    yield from _told("market", "whose `month` is not a month", lost, "month", (), hint)
    for column, master, whose in (
        ("region", "partners", "in which no partner is"),
        ("category", "products", "of which no product is"),
    ):
        known = rows.inputs.tables[master][column].drop_nulls().unique().to_list()
        lost = sizes.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(known))
        yield from _told("market", f"of a {column} {whose}", lost, column, known, effect)


def _aliases(rows: _Unmatched) -> Iterator[Problem]:
    aliases = rows.table("aliases")
    lost = aliases.filter(pl.col("source").is_not_null() & ~pl.col("source").is_in(rows.sources))
    effect = "these aliases are never used"
    yield from _told("aliases", "for an unknown source", lost, "source", rows.sources, effect)
    for master in aliases["table"].unique().sort():
        if master not in rows.inputs.present:
            continue
        known = rows.ids(master)
        mine = aliases.filter(pl.col("table") == master)
        lost = mine.filter(~pl.col("id").is_in(list(known)))
        what = f"for an id that is not in {master}"
        yield from _told("aliases", what, lost, "id", known, "correct `id`, or add it there")
        own = mine.filter(pl.col("alias").is_in(list(known)) & (pl.col("alias") != pl.col("id")))
        unused = own.filter(pl.col("source").is_null())
        what = f"whose `alias` is itself an id in {master}"
        effect = "existing ids are not replaced: these aliases are not used"
        yield from _told("aliases", what, unused, "alias", (), effect)
        named = own.filter(pl.col("source").is_not_null())
        what += ", mapped to another id for their source"
        effect = "in that source the id is replaced: remove the row if that is not intended"
        yield from _told("aliases", what, named, "alias", (), effect)


def _partners(rows: _Unmatched) -> Iterator[Problem]:
    parent = pl.col("parent_id")
    if rows.inputs.tables["partners"]["parent_id"].drop_nulls().is_empty():
        return
    known = rows.ids("partners")
    lost = rows.table("partners").filter(parent.is_not_null() & ~parent.is_in(list(known)))
    effect = "these partners count as having no parent"
    yield from _told("partners", "with an unknown parent", lost, "parent_id", known, effect)


def _reps(rows: _Unmatched) -> Iterator[Problem]:
    known, manager = rows.ids("reps"), pl.col("manager_id")
    named = rows.table("reps").filter(manager.is_not_null())
    effect = "these reps count as having no manager"
    lost = named.filter(~manager.is_in(list(known)))
    yield from _told("reps", "with an unknown manager", lost, "manager_id", known, effect)
    own = named.filter(manager == pl.col("rep_id"))
    yield from _told("reps", "whose manager is the rep itself", own, "manager_id", (), effect)


_TABLES: Mapping[str, Callable[[_Unmatched], Iterator[Problem]]] = {
    "partners": _partners,
    "reps": _reps,
    "credits": _credits,
    "targets": _targets,
    "levels": _levels,
    "adjustments": _adjustments,
    "disputes": _disputes,
    "opening": _opening,
    "aliases": _aliases,
    "mdf_requests": _requests,
    "mdf_claims": _claims,
    "payees": _payees,
    "control_totals": _control_totals,
    "market": _market,
}


def _told(
    table: str, what: str, lost: pl.DataFrame, column: str, known: Collection[str], effect: str
) -> Iterator[Problem]:
    """A warning about the `lost` rows; its hint names the nearest of `known`, or all sources."""
    if lost.is_empty():
        return
    message = f"{table}: {counted(lost.height, 'row')} {what}: {_places(lost, column, lost.height)}"
    near = nearest(str(lost[column][0]), known)
    hint = f"did you mean `{near}`? {effect}" if near else effect
    if column == "source" and not near:
        hint += f"; sources are {', '.join(known)}"
    yield _warning(message, hint)


def _places(lost: pl.DataFrame, column: str, number: int) -> str:
    """The first three values, each with its file and line."""
    shown = [
        f"`{value}` ({file}:{line})" if file else f"`{value}`"
        for value, file, line in lost.select(column, "file", "line").head(EXAMPLES).rows()
    ]
    return ", ".join(shown) + (", …" if number > EXAMPLES else "")


def _warning(message: str, hint: str) -> Problem:
    return Problem("unmatched-row", message, hint, severity="warning")
