"""Terms files as they are drawn: keys, dates, tiers and caps of contracts and rate cards."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tests.properties.program_parts import (
    AMOUNTS,
    COUNTED,
    PER_UNIT,
    RATES,
    STEPS,
    bounds_of,
    is_first_come,
    is_marginal,
    metric_of,
    on_totals,
)
from tests.properties.universe import Toml, one_of

KEYS_BY_PAYEE: dict[str, Sequence[str]] = {
    "partner.partner_id": ("P1", "P2", "P3", "P10"),
    "partner.tier": ("gold", "silver", "bronze"),
    "partner.region": ("west", "east"),
    "partner.tenure_years": ("2", "3.0", "6"),
}
KEYS_BY_LINE: dict[str, Sequence[str]] = {
    "product.category": ("switch", "router", "cable"),
    "product.product_id": ("SW1", "RT1", "CB1"),
    "customer.segment": ("public", "private"),
    "sale.channel": ("web", "shop"),
    "sale.new_customer": ("true", "false"),
    "sale.month": ("7", "8.0", "9"),
    "rep.rep_id": ("R1a", "R2a"),
    **KEYS_BY_PAYEE,
}
SPLITS = (date(2026, 7, 31), date(2026, 8, 15), date(2026, 9, 29))


@st.composite
def term_entries(draw: st.DrawFn, program: Toml, entry: Toml, by_line: bool) -> Toml:
    """An entry whose terms stand under `#terms`: rows of a file, by column."""
    out = draw(entry_with_terms(program, entry, by_line))
    pool = KEYS_BY_LINE if by_line else KEYS_BY_PAYEE
    if program["payee"] == "rep" and not by_line:
        pool = {**pool, "rep.rep_id": ("R1a", "R2a", "R1b")}
    keys = draw(st.lists(st.sampled_from(list(pool)), min_size=1, max_size=2, unique=True))
    if by_line and on_totals(program) and set(keys) <= {*KEYS_BY_PAYEE, "rep.rep_id"}:
        out["terms_by"] = "line"
    chosen = st.tuples(*(one_of(None, *pool[key]) for key in keys))
    combinations = draw(st.lists(chosen, min_size=1, max_size=4, unique_by=_by_value))
    if draw(one_of(True, True, True, False)) and all(any(c) for c in combinations):
        combinations.append((None,) * len(keys))
    rows: list[Toml] = []
    paying = _Paying(program, out)
    for number, combination in enumerate(combinations):
        about = {key: value for key, value in zip(keys, combination, strict=True) if value}
        for first, last in draw(one_of(*WINDOWS)):
            term = {**about, "valid_from": first, "valid_until": last}
            if draw(st.booleans()):
                term["contract"] = f"K-{number}"
            rows += draw(term_rows(term, paying))
    return {**out, "#terms": draw(st.permutations(rows)), "#keys": keys}


@st.composite
def entry_with_terms(draw: st.DrawFn, program: Toml, entry: Toml, by_line: bool) -> Toml:
    """What stands in the entry beside its terms."""
    kind, first_come = program["kind"], is_first_come(program)
    out: Toml = {k: v for k, v in entry.items() if k == "when"}
    out["#by_line"] = by_line
    if kind == "deal_registration":
        return out
    metrics: Sequence[str] = ("revenue", "revenue", "quantity", "customers", "lines")
    if kind == "discount":
        metrics = ("revenue", "quantity")
    if kind == "rebate" and not by_line:
        metrics = (*COUNTED, "growth", "attainment")
    metric = out["tiers_by"] = str(draw(one_of(*metrics)))
    if kind == "discount":
        if not first_come and draw(st.booleans()):
            out["tier_scope"] = "sale"
        if draw(st.booleans()):
            out["pays_on"] = "list"
        return out
    if by_line and draw(st.booleans()):
        out["tiers_over"] = "payee"
    elif metric in ("revenue", "quantity") and not first_come and draw(one_of(False, False, True)):
        out["tier_mode"] = "marginal"
    return out


def _by_value(combination: tuple[str | None, ...]) -> tuple[object, ...]:
    return tuple(Decimal(c) if c and c[0].isdigit() else c for c in combination)


WINDOWS = (
    *[((None, None),)] * 5,
    ((None, SPLITS[0]), (SPLITS[0] + timedelta(days=1), None)),
    ((SPLITS[0], SPLITS[1]), (SPLITS[2], None)),
    ((SPLITS[1], None),),
    ((None, SPLITS[2]),),
)


class _Paying:
    """What the terms of one file may pay."""

    def __init__(self, program: Toml, entry: Toml) -> None:
        kind, self.metric = program["kind"], metric_of(entry)
        self.keys = ["rate", "per_unit"]
        if is_marginal(entry):
            self.keys = ["rate" if self.metric == "revenue" else "per_unit"]
        self.extras: list[str] = []
        if not is_first_come(program) and "tiers_over" not in entry:
            self.extras = ["bonus"]
            if on_totals(program) and not is_marginal(entry):
                self.extras += ["every"] if self.metric in COUNTED else []
                self.extras += ["per_bundle"] if "bundle" in program else []
        self.has_tiers = kind != "deal_registration"
        self.has_cap = not is_first_come(program)
        self.has_quantity = kind == "discount"
        self.has_net_price = kind == "discount" and "pays_on" not in entry


@st.composite
def term_rows(draw: st.DrawFn, term: Toml, paying: _Paying) -> list[Toml]:
    """The rows of one term: tiers, or one row."""

    def pays() -> Toml:
        row: Toml = {}
        for key in draw(
            st.lists(st.sampled_from(paying.keys), min_size=1, max_size=2, unique=True)
        ):
            row[key] = draw(one_of(*(RATES if key == "rate" else PER_UNIT)))
        for key in draw(st.lists(st.sampled_from([None, *paying.extras]), max_size=1)):
            if key == "every":
                row |= {"every": draw(one_of(*STEPS.get(paying.metric, (1, 2)))), "pays": 7}
            elif key is not None:
                row[key] = draw(one_of(*AMOUNTS))
        return row

    if paying.has_cap and draw(one_of(False, False, True)):
        term = {**term, "per_payee": draw(one_of(5, Decimal("20.005"), 100))}
    if paying.has_tiers and draw(st.booleans()):
        bounds = draw(
            st.lists(st.sampled_from(bounds_of(paying.metric)), min_size=1, max_size=3, unique=True)
        )
        return [{**term, "from": bound, **pays()} for bound in bounds]
    if paying.has_quantity and draw(st.booleans()):
        term = {**term, "max_quantity": draw(one_of(3, Decimal("2.5"), 10))}
    if paying.has_net_price and draw(one_of(False, False, True)):
        return [{**term, "net_price": draw(one_of(5, Decimal("33.125")))}]
    return [{**term, **pays()}]


# In an order in which they fit: what replaces all that an entry pays comes first.


@st.composite
def with_level_key(draw: st.DrawFn, entry: Toml) -> Toml:
    """The entry, its terms with the level as one more key."""
    if "#terms" not in entry:
        return entry
    keys, rows = entry["#keys"], entry["#terms"]
    assert isinstance(keys, list)
    assert isinstance(rows, list)
    of_term: dict[object, object] = {}
    changed = []
    for row in rows:
        term = tuple(row.get(column) for column in (*keys, "valid_from", "valid_until"))
        if term not in of_term:
            of_term[term] = draw(one_of(None, "gold", "silver"))
        changed.append({**row, "level.status": of_term[term]})
    order = ["level.status", *keys] if draw(st.booleans()) else [*keys, "level.status"]
    return {**entry, "#keys": order, "#terms": changed}
