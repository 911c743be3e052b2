"""Which lines count in a program, and for each that does not, why.

A line's reason is the first that applies, in this order: `void`, `unknown-partner`, `no-fx-rate`, the
field of the first condition that fails, what the payee or the kind needs (`no-rep`,
`no-distributor`, `no-deal`), `exclusive-group`. Later rules add their own (`serial`). A return
takes the reason of the line that it reverses (docs/rules.md, "Returns", "Exclusive groups").
"""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import or_

import polars as pl

from incentivectl.core import money
from incentivectl.core.periods import MeasurementPeriod
from incentivectl.programs.conditions import Condition
from incentivectl.programs.model import Program
from incentivectl.rules.case import Case, period_index
from incentivectl.rules.lines.by_master import meets_by_id
from incentivectl.rules.lines.conditions import holds, holds_if_given
from incentivectl.rules.lines.lists import with_flag
from incentivectl.rules.lines.needs import NEEDS
from incentivectl.sales.facts import is_void

# Fields of a sale that are no column of its lines.
COMPUTED = {"month", "new_customer"}
# What `judged` does not list at all.
OUTSIDE_DATES = "outside-dates"


def judged(
    case: Case,
    windows: tuple[MeasurementPeriod, ...],
    *,
    baseline: bool = False,
    needs: bool | None = None,
    fields: Collection[str] = (),
) -> pl.LazyFrame:
    """The lines dated in the adjoining `windows`, each with `period` and `reason`.

    Columns: those of the sale lines, `is_return`, `amount` (in the program's currency), `period`
    (Int32), `reason` (String, null where the line counts), and more `fields` that a kind asks for.
    For a `baseline`, only `[eligible]` and a payee matter: program dates, exclusive groups and what
    the kind needs do not apply (docs/rules.md, "Baselines"). `needs` says whether what the kind needs
    applies, where that is not as usual.
    """
    needs = not baseline if needs is None else needs
    first, last = windows[0].start, windows[-1].end
    in_windows = case.channel.lines.filter(pl.col("counted_on").is_between(first, last))
    lines = with_reason(case, in_windows, baseline=baseline, needs=needs, fields=fields)
    links = case.facts.links.filter(pl.col("counted_on").is_between(first, last))
    if not links.is_empty():
        taken_back = originals_of(case).join(
            links.lazy().select(row="original").unique(), on="row", how="semi"
        )
        found = (
            with_reason(case, taken_back, baseline=baseline, needs=needs)
            .select(original="row", original_reason="reason", is_linked=pl.lit(True))
            .collect(engine="streaming")
        )
        lines = lines.join(found.lazy(), on="original", how="left").with_columns(
            reason=pl.when(pl.col("is_linked").fill_null(False) & ~is_void())
            .then(pl.col("original_reason"))
            .otherwise(pl.col("reason"))
        )
    return lines.with_columns(
        period=period_index(pl.col("counted_on"), windows, case.program.period),
    )


def originals_of(
    case: Case, whens: Sequence[Condition] = (), columns: Collection[str] = ()
) -> pl.LazyFrame:
    """The lines that returns reverse, with what eligibility and the conditions `whens` ask of them."""
    programs = [case.program, *(rival for rival, _ in case.rivals)]
    conditions = [*whens, *(c for program in programs for c in program.eligible)]
    return case.facts.originals(_of_sale(conditions) | set(columns)).lazy()


def asked_of_originals(program: Program) -> set[str]:
    """The columns of a line that returns reverse which the program asks for, beside the usual."""
    whens = [c for reward in program.reward for c in reward.when]
    by_sale = any(getattr(reward, "tier_scope", None) == "sale" for reward in program.reward)
    of_kind = ({"sale_id"} if by_sale else set()) | (
        {"serial"} if program.kind == "spif" else set()
    )
    return _of_sale([*program.eligible, *whens]) | of_kind


def _of_sale(conditions: Sequence[Condition]) -> set[str]:
    """The columns of lines that conditions compare."""
    fields = {c.field.removeprefix("sale.") for c in conditions if c.field.startswith("sale.")}
    return fields - COMPUTED


def with_reason(
    case: Case,
    lines: pl.LazyFrame,
    *,
    baseline: bool = False,
    needs: bool = True,
    fields: Collection[str] = (),
) -> pl.LazyFrame:
    """Adds `reason` and `amount` to lines, each judged on its own values, and the `fields`."""
    rivals = () if baseline else case.rivals
    programs = [(case.program, case.currency), *rivals]
    needed = set(fields)
    for program, currency in programs:
        needed |= needed_fields(case, program.eligible, currency)
    viewed = case.channel.view(
        _with_first_sales(case, lines, needed),
        needed - ({"sale.amount"} if case.channel.given else {"sale.amount", "sale.new_customer"}),
        {currency for _, currency in programs},
    )
    if any(program.payee == "rep" for program, _ in programs):
        viewed = with_flag(viewed, "row", case.facts.credited["row"].unique(), "is_credited")
    for program, _ in programs:
        if program.kind in NEEDS and needs:
            need = NEEDS[program.kind]
            rows = need.rows(program, case.channel, case.facts)
            has = rows.select("row", pl.col(need.what).alias(f"has:{program.id}"))
            viewed = viewed.join(has, on="row", how="left")
    reason = _reason(case, case.program, case.currency, needs=needs)
    if rivals:
        earns_elsewhere = reduce(
            or_,
            (
                _in_dates(rival) & _reason(case, rival, currency).is_null()
                for rival, currency in rivals
            ),
        )
        reason = pl.coalesce(reason, pl.when(earns_elsewhere).then(pl.lit("exclusive-group")))
    return viewed.with_columns(reason=reason, amount=pl.col(case.amount_column))


def needed_fields(case: Case, conditions: Sequence[Condition], currency: str) -> set[str]:
    """The fields that `line_meets` asks a line for; those of a master that its ids tell are not."""
    return {c.field for c in conditions if meets_by_id(case, c, currency) is None}


def line_meets(case: Case, condition: Condition, currency: str) -> pl.Expr:
    """Whether a line meets a condition of a program that pays in `currency`.

    The line has the condition's field, unless its ids tell (`by_master`).
    """
    by_id = meets_by_id(case, condition, currency)
    if by_id is not None:
        return by_id
    satisfied = holds_if_given if case.channel.given else holds
    return satisfied(condition, _own_currency(case, condition.field, currency))


def field_value(case: Case, field: str) -> pl.Expr:
    """What a condition of the program compares: a field of a line, money in the program's currency."""
    own = _own_currency(case, field, case.currency)
    return pl.col(field) if own is None else own


def _own_currency(case: Case, field: str, currency: str) -> pl.Expr | None:
    """A field that is money in the program's currency; None where the field stands for itself."""
    if field == "sale.amount":
        return pl.col(f"amount:{currency}").abs()
    if field in ("product.list_price", "product.unit_cost") and currency != case.channel.currency:
        return money.from_workspace(pl.col(field), pl.col(f"rate:{currency}"))
    return None


def _with_first_sales(case: Case, lines: pl.LazyFrame, fields: set[str]) -> pl.LazyFrame:
    if case.channel.given or "sale.new_customer" not in fields:
        return lines
    first = case.facts.first_sales.lazy()
    return lines.join(first, on="customer_id", how="left").with_columns(
        (pl.col("first_sale_on") == pl.col("counted_on"))
        .fill_null(False)
        .alias("sale.new_customer")
    )


def _in_dates(program: Program) -> pl.Expr:
    return pl.col("counted_on").is_between(program.starts, program.ends)


def _reason(case: Case, program: Program, currency: str, *, needs: bool = True) -> pl.Expr:
    """The first thing that keeps a line out of `program`, groups apart; null where nothing does."""
    amount = pl.col(f"amount:{currency}")
    stops: list[tuple[str, pl.Expr]] = [("void", is_void())]
    if program.payee != "rep":
        stops.append(("unknown-partner", ~pl.col("partner_known")))
    stops.append(("no-fx-rate", amount.is_null()))
    for condition in program.eligible:
        stops.append((condition.field, ~line_meets(case, condition, currency)))
    if program.payee == "rep":
        stops.append(("no-rep", pl.col("rep_id").is_null() & ~pl.col("is_credited")))
    if program.payee == "distributor":
        stops.append(("no-distributor", pl.col("distributor_id").is_null()))
    if program.kind in NEEDS and needs:
        stops.append((NEEDS[program.kind].reason, pl.col(f"has:{program.id}").is_null()))
    return pl.coalesce(pl.when(stop).then(pl.lit(name)) for name, stop in stops)
