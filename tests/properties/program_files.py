"""Programs of every kind that a config check accepts, with values that tie and meet their bounds."""

from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from tests.properties.extensions import extended
from tests.properties.universe import CURRENCIES, Toml, one_of, rarely

SPANS = (
    (date(2026, 7, 1), date(2026, 9, 30)),
    (date(2026, 1, 1), date(2026, 12, 31)),
    (date(2026, 7, 10), date(2026, 9, 20)),
    (date(2026, 2, 28), date(2026, 8, 31)),
    (date(2025, 7, 1), date(2026, 8, 31)),
)
PERIODS = ("quarter", "month", "half", "year", "program")
RATES = (Decimal("0.01"), "10%", Decimal("0.005"), Decimal("0.0333"), "33.5%", 0, 1)
PER_UNIT = (1, Decimal("0.335"), Decimal("1.115"), Decimal("12.5"))
BONUSES = (5, Decimal("0.125"), Decimal("100.5"))
BOUNDS = {
    "revenue": (0, 100, 250, 1000),
    "quantity": (0, 2, 3, 10),
    "lines": (0, 1, 2, 3),
    "sales": (0, 1, 2, 3),
    "customers": (0, 1, 2),
    "products": (0, 1, 2),
    "growth": (0, Decimal("0.5"), 1, Decimal("0.1")),
    "attainment": (0, Decimal("0.5"), 1, Decimal("1.2")),
}
COUNTED = ("revenue", "quantity", "lines", "sales", "customers", "products")

# Conditions that name the line as well as the partner; each is one entry of `[eligible]`.
LINE_CONDITIONS: tuple[tuple[str, object], ...] = (
    ("product.category", "switch"),
    ("product.category", ["switch", "router"]),
    ("product.category", {"not": "cable"}),
    ("product.product_id", {"in": "lists/products.csv"}),
    ("product.product_id", {"not": ["SW1", "RT1"]}),
    ("sale.amount", {"min": 100}),
    ("sale.amount", {"max": 100, "min": Decimal("0.005")}),
    ("sale.quantity", {"min": 2}),
    ("sale.quantity", 1),
    ("sale.month", [7, 9]),
    ("sale.new_customer", True),
    ("sale.new_customer", False),
    ("sale.channel", "web"),
    ("sale.channel", {"not": ["web", "post"]}),
    ("sale.sold_on", {"after": date(2026, 7, 10)}),
    ("sale.sold_on", {"before": date(2026, 8, 31), "min": date(2026, 7, 10)}),
    ("sale.currency", ["USD", "EUR"]),
    ("customer.segment", "public"),
    ("customer.revenue_12m", {"min": 100}),
    ("customer.revenue_12m", {"max": Decimal("99.99")}),
    ("customer.revenue_12m", {"not": 0}),
    ("customer.segment", {"not": "private"}),
    ("rep.rep_id", ["R1a", "R2a", "R3a"]),
    ("rep.partner_id", {"not": "P2"}),
)
PARTNER_CONDITIONS: tuple[tuple[str, object], ...] = (
    ("partner.tier", "gold"),
    ("partner.tier", ["gold", "silver"]),
    ("partner.tier", {"not": "bronze"}),
    ("partner.region", {"not": ["west"]}),
    ("partner.region", "east"),
    ("partner.tenure_years", {"min": 2}),
    ("partner.tenure_years", {"max": 2}),
    ("partner.joined_on", {"before": date(2024, 2, 29)}),
    ("partner.partner_id", ["P1", "P10"]),
    ("partner.status", "active"),
)


def _conditions(pool: tuple[tuple[str, object], ...]) -> st.SearchStrategy[Toml]:
    return st.lists(st.sampled_from(pool), max_size=2).map(dict)


NONE: st.SearchStrategy[Toml] = st.just({})
ELIGIBLE = st.one_of(NONE, _conditions(LINE_CONDITIONS + PARTNER_CONDITIONS))
WHEN = st.sampled_from(PARTNER_CONDITIONS).map(lambda condition: dict([condition]))


@st.composite
def steps(draw: st.DrawFn, *, bonus: bool = True, units: bool = True) -> Toml:
    """What a tier, or a reward without tiers, pays."""
    keys = draw(one_of(("rate",), ("per_unit",), ("rate", "per_unit"), ("rate", "bonus")))
    assert isinstance(keys, tuple)
    out: Toml = {}
    if "rate" in keys or not units:
        out["rate"] = draw(one_of(*RATES))
    if "per_unit" in keys and units:
        out["per_unit"] = draw(one_of(*PER_UNIT))
    if "bonus" in keys and bonus:
        out["bonus"] = draw(one_of(*BONUSES))
    return out


@st.composite
def tiers(
    draw: st.DrawFn, metric: str, key: str | None = None, *, bonus: bool = True
) -> list[Toml]:
    """One to three tiers; with `key` each pays only that (and a bonus), as marginal ones must."""
    bounds = draw(
        st.lists(st.sampled_from(BOUNDS[metric]), min_size=1, max_size=3, unique=True).map(sorted)
    )
    out: list[Toml] = []
    for bound in bounds:
        step = draw(steps(bonus=bonus))
        if key is not None:
            value = one_of(*(RATES if key == "rate" else PER_UNIT))
            step = {key: draw(value), **{k: v for k, v in step.items() if k == "bonus"}}
        out.append({"from": bound, **step})
    return out


@st.composite
def tiered(draw: st.DrawFn, metrics: tuple[str, ...], *, listed: bool = False) -> Toml:
    """A reward with tiers, retroactive or marginal."""
    metric = str(draw(one_of(*metrics)))
    out: Toml = {"tiers_by": metric}
    if metric in ("revenue", "quantity") and draw(st.booleans()):
        key = "rate" if metric == "revenue" else "per_unit"
        return {**out, "tier_mode": "marginal", "tiers": draw(tiers(metric, key))}
    if listed and draw(st.booleans()):
        out["pays_on"] = "list"
    if metric == "growth" and draw(st.booleans()):
        out["pays_on"] = "increment"
    return {**out, "tiers": draw(tiers(metric))}


@st.composite
def of_single_lines(draw: st.DrawFn, metrics: tuple[str, ...]) -> Toml:
    """A reward that belongs to lines, as first come needs it: retroactive tiers without a bonus."""
    metric = str(draw(one_of(*metrics)))
    out: Toml = {"tiers_by": metric, "tiers": draw(tiers(metric, bonus=False))}
    return {**out, "pays_on": "list"} if draw(st.booleans()) else out


@st.composite
def several(
    draw: st.DrawFn, reward: st.SearchStrategy[Toml], when: st.SearchStrategy[Toml]
) -> Toml:
    """`[reward]`, or `[[reward]]` entries of which the first that holds applies."""
    shape = draw(one_of("one", "one", "two", "conditional"))
    if shape == "one":
        return {"reward": draw(reward)}
    first = {"when": draw(when), **draw(reward)}
    return {"reward": [first] if shape == "conditional" else [first, draw(reward)]}


@st.composite
def frame(draw: st.DrawFn, kind: str, payees: tuple[str, ...], *, budget: bool = True) -> Toml:
    """What programs of all kinds share."""
    starts, ends = draw(st.sampled_from(SPANS))
    out: Toml = {
        "name": kind,
        "kind": kind,
        "starts": starts,
        "ends": ends,
        "period": draw(one_of(*PERIODS)),
        "payee": draw(one_of(*payees)),
        "eligible": draw(ELIGIBLE),
    }
    currency = draw(one_of(None, None, *CURRENCIES))
    if currency is not None:
        out["currency"] = currency
    if draw(rarely(True, st.just(False))):
        out["settle"] = "monthly"
    elif draw(rarely(True, st.just(False))):
        out["payout"] = {"hold_days": draw(one_of(30, 1, 31))}
    out["boost"] = draw(
        st.lists(
            st.builds(
                lambda when, factor: {"when": when, "factor": factor},
                WHEN,
                one_of(Decimal("1.1"), 2, Decimal("0.333333")),
            ),
            max_size=2,
        )
    )
    limits: Toml = {}
    if draw(one_of(False, False, False, True)):
        limits["per_payee"] = draw(one_of(10, Decimal("50.005"), 0))
    if budget and draw(st.booleans()):
        limits["budget"] = draw(one_of(20, 5, Decimal("100.005"), 0, 1000))
        limits["over_budget"] = draw(one_of("prorate", "prorate", "warn"))
    out["limits"] = limits
    return out


GATES = st.builds(
    lambda gate: {"gate": {"metric": gate[0], "at_least": gate[1]}} if gate else {},
    st.sampled_from(
        (
            None,
            None,
            None,
            ("revenue", 100),
            ("quantity", 2),
            ("lines", 2),
            ("customers", 1),
            ("activity.training", 1),
            ("activity.training", 2),
            ("growth", Decimal("0.5")),
            ("attainment", 1),
            ("sales", 2),
        )
    ),
)
FEW = one_of(5, 20, Decimal("1.005"), 100)


def served_first_come(program: Toml, budget: object) -> Toml:
    """The program with a budget that is served first come."""
    limits = program["limits"]
    assert isinstance(limits, dict)
    return {**program, "limits": {**limits, "budget": budget, "over_budget": "first_come"}}


PARTNERS_FIRST = ("partner", "partner", "rep", "distributor")


@st.composite
def rebates(draw: st.DrawFn) -> Toml:
    """Rebates: flat or in tiers, on growth, on a target."""
    metrics = ("growth", "growth", "growth", *COUNTED, "attainment")
    first_come = draw(rarely(True, st.just(False)))
    reward = st.one_of(steps(), tiered(metrics, listed=True), tiered(metrics))
    if first_come:
        reward = st.one_of(steps(bonus=False), of_single_lines(metrics))
    out = {
        **draw(frame("rebate", PARTNERS_FIRST, budget=not first_come)),
        **draw(several(reward, WHEN)),
        **draw(GATES),
    }
    out["baseline"] = {
        "from": draw(one_of("previous_year", "previous_period")),
        "if_missing": draw(one_of("exclude", "full")),
    }
    return served_first_come(out, draw(FEW)) if first_come else out


@st.composite
def spifs(draw: st.DrawFn) -> Toml:
    """SPIFs: so much a unit, by product, or a rate; sometimes first come, first served."""
    per_product = {"SW1": Decimal("5.335"), "RT1": 2}
    by_product: st.SearchStrategy[Toml] = st.just({"per_product": per_product})
    flat = st.one_of(steps(bonus=False), by_product)
    if draw(st.booleans()):
        single = st.one_of(flat, of_single_lines(COUNTED))
        out = {**draw(frame("spif", ("rep",), budget=False)), **draw(several(single, WHEN))}
        return {**served_first_come(out, draw(FEW)), **draw(GATES)}
    reward = st.one_of(flat, steps(), tiered(COUNTED))
    return {**draw(frame("spif", ("rep",))), **draw(several(reward, WHEN)), **draw(GATES)}


@st.composite
def discounts(draw: st.DrawFn) -> Toml:
    """Discounts on each line or each sale, on the list price, or down to a net price."""
    when = st.one_of(WHEN, st.sampled_from(LINE_CONDITIONS).map(lambda c: dict([c])))
    first_come = draw(rarely(True, st.just(False)))
    out = draw(frame("discount", ("partner", "partner", "rep"), budget=not first_come))
    shape = draw(one_of("line", "sale", "net_price", "flat"))
    reward: st.SearchStrategy[Toml] = steps(bonus=not first_come)
    if shape == "net_price":
        reward = one_of(5, Decimal("33.125"), 200).map(lambda price: {"net_price": price})
    if shape == "line" and not first_come:
        reward = tiered(("revenue", "quantity"), listed=True)
    if shape == "sale" and not first_come:
        by = ("revenue", "quantity")
        reward = st.builds(
            lambda metric, found: {
                "tier_scope": "sale",
                "tiers_by": metric,
                "tiers": found[metric],
            },
            one_of(*by),
            st.fixed_dictionaries({metric: tiers(metric) for metric in by}),
        )
    if first_come:
        out = served_first_come(out, draw(FEW))
    return {**out, **draw(several(reward, when)), **draw(GATES)}


@st.composite
def deal_registrations(draw: st.DrawFn) -> Toml:
    """Deal registrations with losers and caps."""
    registration: Toml = {
        "protection_days": draw(one_of(90, 10, 45)),
        "loser_share": draw(one_of(0, "33.3%", Decimal("0.5"))),
    }
    out = draw(frame("deal_registration", ("partner",)))
    if draw(st.booleans()):
        # Which part of a foreign amount a cap leaves is compared in one currency only.
        registration["cap"] = "registered"
        out.pop("currency", None)
    return {**out, "registration": registration, **draw(several(steps(), WHEN)), **draw(GATES)}


@st.composite
def activities(draw: st.DrawFn) -> Toml:
    """Behaviours that are paid by their entries."""
    out = draw(frame("activity", ("rep", "partner")))
    out["eligible"] = draw(st.one_of(NONE, _conditions(PARTNER_CONDITIONS[:6])))
    # An entry that no activity reaches is an error: those that ask for a score come first.
    named = st.tuples(one_of("training", "training", "lead"), one_of(None, 80))
    entries: list[Toml] = []
    for activity, score in sorted(
        draw(st.lists(named, min_size=1, max_size=3, unique=True)), key=lambda n: n[1] is None
    ):
        entry: Toml = {"activity": activity}
        entry["amount"] = draw(one_of(10, Decimal("7.5"), Decimal("150.125")))
        entry |= {} if score is None else {"min_score": score}
        once = draw(one_of(None, "subject", "period", "program", "none"))
        entries.append(entry | ({} if once is None else {"once_per": once}))
    out["reward"] = entries
    limits = out["limits"]
    assert isinstance(limits, dict)
    if "budget" in limits and draw(st.booleans()):
        limits["over_budget"] = "first_come"
    return out


@st.composite
def contests(draw: st.DrawFn) -> Toml:
    """Contests whose ranks tie."""
    reward = st.builds(
        lambda rank_by, minimum, prizes: {
            "rank_by": rank_by,
            "prizes": prizes,
            **({} if minimum is None else {"minimum": minimum}),
        },
        one_of(*COUNTED, "growth", "attainment"),
        one_of(None, 1, 100, 0),
        one_of([50, 20, 10], [100, 50, 25], [5, 5, 1, 1], [Decimal("33.335"), 10], [100]),
    )
    payees = ("partner", "rep")
    return {**draw(frame("contest", payees)), **draw(several(reward, WHEN)), **draw(GATES)}


@st.composite
def funds(draw: st.DrawFn) -> Toml:
    """Funds with lots that expire and claims that come late."""
    fund: Toml = {}
    if draw(st.booleans()):
        fund["accrue"] = draw(one_of("10%", Decimal("0.015"), 1))
    if not fund or draw(st.booleans()):
        fund["allocate"] = draw(one_of(100, {"gold": 250, "silver": Decimal("50.005")}))
    if draw(st.booleans()):
        fund["expires_after_months"] = draw(one_of(1, 2, 6))
    if "accrue" not in fund and draw(rarely(True, st.just(False))):
        fund["unit"] = "hours"
    claims: Toml = {"reimburse": draw(one_of("50%", 1, "33.3333%"))}
    if draw(st.booleans()):
        claims["activities"] = ["event", "digital"]
    claims["within_days"] = draw(one_of(60, 0, 10))
    claims["proof_required"] = draw(st.booleans())
    return {**draw(frame("mdf", ("partner",))), "fund": fund, "claims": claims}


@st.composite
def level_programs(draw: st.DrawFn) -> Toml:
    """The level program `status`, which other programs name."""
    starts, ends = draw(st.sampled_from(SPANS))
    metric = str(draw(one_of(*COUNTED)))
    bounds = st.lists(st.sampled_from(BOUNDS[metric]), min_size=2, max_size=2, unique=True)
    low, high = sorted(draw(bounds))
    level: Toml = {
        "metric": metric,
        "grace_periods": draw(one_of(0, 1, 2)),
        "levels": [{"name": "silver", "at_least": low}, {"name": "gold", "at_least": high}],
    }
    if draw(st.booleans()):
        level["levels"][1]["also"] = {"activity.training": 1}  # type: ignore[index]
    if draw(st.booleans()):
        level["months"] = draw(one_of(12, 3, 1))
    out: Toml = {
        "id": "status",
        "name": "Status",
        "kind": "level",
        "starts": starts,
        "ends": ends,
        "period": draw(one_of("month", "quarter", "half", "program")),
        "payee": draw(one_of("partner", "parent")),
        "level": level,
    }
    eligible = draw(ELIGIBLE)
    if eligible:
        out["eligible"] = eligible
    currency = draw(one_of(None, None, *CURRENCIES))
    return out if currency is None else {**out, "currency": currency}


KINDS: dict[str, st.SearchStrategy[Toml]] = {
    "rebate": rebates(),
    "spif": spifs(),
    "discount": discounts(),
    "deal_registration": deal_registrations(),
    "activity": activities(),
    "contest": contests(),
    "mdf": funds(),
}


@st.composite
def programs(
    draw: st.DrawFn, kinds: tuple[str, ...], features: frozenset[str] = frozenset()
) -> list[Toml]:
    """One to four programs; some share an exclusive group. They use what `features` name."""
    drawn = draw(
        st.lists(st.sampled_from(kinds).flatmap(lambda kind: KINDS[kind]), min_size=1, max_size=4)
    )
    grouped = [draw(one_of(False, False, True)) for _ in drawn]
    out = []
    for index, (plain, in_group) in enumerate(zip(drawn, grouped, strict=True)):
        program = draw(extended(plain, features)) if features else plain
        head: Toml = {"id": f"p{index}-{str(program['kind']).replace('_', '-')}"}
        if in_group and program["kind"] != "activity":
            head |= {"exclusive_group": "hw", "priority": 10 - index}
        out.append({**head, **{k: v for k, v in program.items() if v not in ({}, [])}})
    return out
