"""Which lines count in a program, and for each that does not, why.

A line's reason is the first that applies, in this order: `void`, `unknown-partner`, `no-fx-rate`, the
field of the first condition that fails, `not-in-bundle`, what the payee or the kind needs (`no-rep`,
`no-manager`, `no-distributor`, `no-deal`), `no-terms`, `exclusive-group`. Later rules add their own
(`serial`). A return is judged by the values of the line that it reverses, so that it has that line's reason
(docs/rules.md, "Returns", "Exclusive groups").
"""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import and_, or_

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.programs.conditions import Condition
from incentivectl.programs.model import Program
from incentivectl.programs.payee import payee_kind
from incentivectl.rules.case import Case, period_index
from incentivectl.rules.lines.conditions import holds, holds_if_given
from incentivectl.rules.lines.coverage import deal_column
from incentivectl.rules.lines.terms import Blocks, with_terms
from incentivectl.rules.lines.views import AMOUNT, IS_CREDITED, IS_MANAGED
from incentivectl.sales.returns import ORIGINAL
from incentivectl.sales.signs import is_void

# What `judged` does not list at all.
OUTSIDE_DATES = "outside-dates"
_FLAGS = {"rep": IS_CREDITED, "manager": IS_MANAGED}  # by payee, what lines are asked for
PART = "part:"  # before a gate's place: whether a line is of the part that a gate looks at


def judged(
    case: Case,
    windows: tuple[MeasurementPeriod, ...],
    *,
    baseline: bool = False,
    needs: bool | None = None,
    fields: Collection[str] = (),
) -> pl.LazyFrame:
    """The lines dated in the adjoining `windows`, each with `period` and `reason`.

    Columns: those of `Facts.lines`, `is_return`, `amount` and `original.amount` (in the program's
    currency), `period` (Int32), `reason` (String, null where the line counts), `need` (Int32: the part
    of a bundle that it belongs to), `part:<gate>` (Boolean) for each gate on a share, `term:<program>`
    (Int32: the block of its term) where terms are found for each line, and more `fields` that a kind
    asks for, by the values that the line is judged by.
    For a `baseline`, only `[eligible]` and a payee matter: program dates, exclusive groups and what
    the kind needs do not apply (docs/rules.md, "Baselines"). `needs` says whether what the kind needs
    applies, where that is not as usual.
    """
    needs = not baseline if needs is None else needs
    rivals = () if baseline else case.rivals
    programs = [(case.program, case.currency), *rivals]
    columns = {*fields, *_columns(case, programs, needs=needs)}
    lines = case.lookups.lines.between(windows[0].start, windows[-1].end, columns)
    if not baseline:
        for program, currency in programs:
            lines = _with_term(case, lines, program, currency)
    reason = _reason(case, case.program, case.currency, needs=needs, terms=not baseline)
    if rivals:
        earns_elsewhere = reduce(
            or_,
            (
                _in_dates(rival) & _reason(case, rival, currency).is_null()
                for rival, currency in rivals
            ),
        )
        reason = pl.coalesce(reason, pl.when(earns_elsewhere).then(pl.lit("exclusive-group")))
    return lines.with_columns(
        reason=reason,
        amount=pl.col(case.amount_column),
        period=period_index(
            pl.col("counted_on"), windows, case.program.period, case.channel.calendar
        ),
        need=_need(case, case.program, case.currency),
        **{f"{ORIGINAL}amount": pl.col(f"{ORIGINAL}{case.amount_column}")},
        **{
            f"{PART}{index}": _states_and_meets(case, gate.share_of, case.currency)
            for index, gate in enumerate(case.program.gate)
            if gate.share_of
        },
    )


def columns_of(case: Case) -> set[str]:
    """The columns of `views` that a program's lines are judged by."""
    return _columns(case, [(case.program, case.currency), *case.rivals], needs=True)


def _columns(case: Case, programs: Sequence[tuple[Program, str]], *, needs: bool) -> set[str]:
    columns: set[str] = set()
    for program, currency in programs:
        listed = [condition for _, condition in program.line_conditions()]
        if program.terms_by_line:
            listed += (condition for reward in program.reward for condition in reward.when)
            keys = [reward.terms.keys for reward in program.reward if reward.terms is not None]
            columns.update(*keys)
        columns |= {f"{AMOUNT}{currency}", *needed_fields(case, listed, currency)}
        if program.payee in _FLAGS:
            columns.add(_FLAGS[program.payee])
        if needs and program.protection_days is not None:
            columns.add(deal_column(program))
    return columns


def term_column(program: Program) -> str:
    """The column with the block of the term that a line takes in a program."""
    return f"term:{program.id}"


def reward_of_line(case: Case, program: Program, currency: str) -> pl.Expr:
    """The place of the first `[[reward]]` whose `when` holds for the line itself (Int32), or null."""
    taken = (
        pl.when(
            reduce(and_, (line_meets(case, c, currency) for c in reward.when), pl.lit(True))
        ).then(pl.lit(index, dtype=pl.Int32))
        for index, reward in enumerate(program.reward)
    )
    return pl.coalesce(*taken, pl.lit(None, dtype=pl.Int32))


def _with_term(case: Case, lines: pl.LazyFrame, program: Program, currency: str) -> pl.LazyFrame:
    """Adds the block of the term that a line takes, null for none, where terms are those of lines."""
    if not program.terms_by_line:
        return lines
    blocks, column = Blocks(program.reward), term_column(program)
    reward = reward_of_line(case, program, currency)
    found = []
    for index, one in enumerate(program.reward):
        if one.terms is not None:
            values = {name: _stated_value(case, name, currency) for name in one.terms.keys}
            first = blocks.first_of(index)
            lines = with_terms(lines, one.terms, first, values, "counted_on").rename(
                {"term": f"{column}:{index}"}
            )
            found.append(pl.when(reward == index).then(f"{column}:{index}"))
    found_in = [f"{column}:{i}" for i, one in enumerate(program.reward) if one.terms is not None]
    return lines.with_columns(pl.coalesce(found).alias(column)).drop(found_in)


def _stated_value(case: Case, field: str, currency: str) -> pl.Expr:
    """What a key of terms is compared with; what a line of an example leaves out is missing."""
    own = _own_currency(case, field, currency)
    if own is None:
        return pl.col(field)
    if not case.channel.given:
        return own
    return pl.when(pl.col(f"{ORIGINAL}given").list.contains(field)).then(own)


def _lacks_terms(case: Case, program: Program, currency: str) -> pl.Expr:
    """Whether the reward that a line takes has terms, and none of them fits."""
    with_terms_of_its_own = [i for i, one in enumerate(program.reward) if one.terms is not None]
    takes_terms = reward_of_line(case, program, currency).is_in(with_terms_of_its_own)
    return takes_terms & pl.col(term_column(program)).is_null()


def _need(case: Case, program: Program, currency: str) -> pl.Expr:
    """The first need of the program's bundle that a line belongs to, from 0 (Int32); null for none."""
    belongs = (
        pl.when(_states_and_meets(case, need.when, currency)).then(pl.lit(index, dtype=pl.Int32))
        for index, need in enumerate(program.needs)
    )
    return pl.coalesce(*belongs, pl.lit(None, dtype=pl.Int32))


def _states_and_meets(case: Case, conditions: Sequence[Condition], currency: str) -> pl.Expr:
    """Whether all conditions hold; what a line of an example leaves out is missing here."""
    found = [
        line_meets(case, condition, currency, left_out_meets=False) for condition in conditions
    ]
    return reduce(and_, found, pl.lit(True))


def needed_fields(case: Case, conditions: Sequence[Condition], currency: str) -> set[str]:
    """The fields that `line_meets` asks a line for, but for those that its ids decide."""
    fields = {c.field for c in conditions if case.lookups.meets_by_id(c, currency) is None}
    return fields if case.channel.given else fields - {"sale.amount"}


def line_meets(
    case: Case, condition: Condition, currency: str, *, left_out_meets: bool = True
) -> pl.Expr:
    """Whether a line meets a condition of a program that pays in `currency`.

    The line has the condition's field, unless its ids decide (`by_master`). A line of an example meets
    what it says nothing of, or has no value there.
    """
    by_id = case.lookups.meets_by_id(condition, currency)
    if by_id is not None:
        return by_id
    value = _own_currency(case, condition.field, currency)
    if not case.channel.given:
        return holds(condition, value)
    given = f"{ORIGINAL}given"
    if left_out_meets:
        return holds_if_given(condition, value, given=given)
    stated = pl.col(given).list.contains(condition.field)
    return holds(
        condition, pl.when(stated).then(pl.col(condition.field) if value is None else value)
    )


def field_value(case: Case, field: str) -> pl.Expr:
    """What a condition of the program compares: a field of a line, money in the program's currency."""
    own = _own_currency(case, field, case.currency)
    return pl.col(field) if own is None else own


def _own_currency(case: Case, field: str, currency: str) -> pl.Expr | None:
    """A field that is money in the program's currency; None where the field stands for itself."""
    if field == "sale.amount":
        return pl.col(f"{ORIGINAL}amount:{currency}").abs()
    if field in ("product.list_price", "product.unit_cost") and currency != case.channel.currency:
        return money.from_workspace(pl.col(field), pl.col(f"rate:{currency}"))
    return None


def _in_dates(program: Program) -> pl.Expr:
    return pl.col("counted_on").is_between(program.starts, program.ends)


def _reason(
    case: Case, program: Program, currency: str, *, needs: bool = True, terms: bool = True
) -> pl.Expr:
    """The first thing that keeps a line out of `program`, groups apart; null where nothing does."""
    amount = pl.col(f"amount:{currency}")
    stops: list[tuple[str, pl.Expr]] = [("void", is_void())]
    if payee_kind(program.payee) == "partner":
        stops.append(("unknown-partner", ~pl.col("partner_known")))
    stops.append(("no-fx-rate", amount.is_null()))
    for condition in program.eligible:
        stops.append((condition.field, ~line_meets(case, condition, currency)))
    if program.needs:
        stops.append(("not-in-bundle", _need(case, program, currency).is_null()))
    if program.payee == "rep":
        stops.append(("no-rep", pl.col(f"{ORIGINAL}rep_id").is_null() & ~pl.col(IS_CREDITED)))
    if program.payee == "manager":
        stops.append(("no-manager", ~pl.col(IS_MANAGED)))
    if program.payee == "distributor":
        stops.append(("no-distributor", pl.col(f"{ORIGINAL}distributor_id").is_null()))
    if needs and program.protection_days is not None:
        stops.append(("no-deal", pl.col(deal_column(program)).is_null()))
    if terms and program.terms_by_line:
        stops.append(("no-terms", _lacks_terms(case, program, currency)))
    return pl.coalesce(pl.when(stop).then(pl.lit(name)) for name, stop in stops)
