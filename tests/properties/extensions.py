"""What a generated program gains by each feature: keys that a config check accepts beside the others.

Each extension takes a program as `program_files` draws it and adds what its feature is about, where the
program can bear it; `extended` applies those of the features given, in an order in which they fit. Terms
stand in the program under `#terms` until the workspace writes them into a file.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from tests.properties.drawn_terms import term_entries, with_level_key
from tests.properties.program_parts import (
    AMOUNTS,
    COUNTED,
    RATES,
    STEPS,
    bounds_of,
    entries,
    gates_of,
    is_first_come,
    is_marginal,
    metric_of,
    on_totals,
    with_entries,
)
from tests.properties.universe import Toml, one_of

# What needs and mixes are made of: conditions that many lines meet, and some that few do.
MIXES: tuple[Toml, ...] = (
    {"product.category": "switch"},
    {"product.category": ["router", "cable"]},
    {"product.category": {"not": "switch"}},
    {"product.list_price": {"max": 35}},
    {"sale.quantity": {"min": 2}},
    {"sale.amount": {"min": 100}},
    {"partner.tier": ["gold", "silver"]},
    {"product.product_id": ["SW1", "SW2"]},
)
LEVEL_CONDITIONS: tuple[Toml, ...] = (
    {"level.status": "gold"},
    {"level.status": ["silver", "gold"]},
    {"level.status": {"not": "silver"}},
    {"level.status": {"not": ["gold", "silver"]}},
)
Extension = Callable[[st.DrawFn, Toml], Toml]


def gates(draw: st.DrawFn, program: Toml) -> Toml:
    """One more gate: on a metric, or on the share of some lines."""
    if program["kind"] in ("mdf", "activity"):
        return program
    metric = str(draw(one_of(*COUNTED)))
    gate: Toml = {"metric": metric, "at_least": draw(one_of(*bounds_of(metric)))}
    if draw(st.booleans()):
        share = draw(one_of("20%", Decimal("0.333333"), 1, Decimal("0.5")))
        gate = {"share_of": draw(st.sampled_from(MIXES)), "at_least": share}
        if draw(st.booleans()):
            gate["metric"] = draw(one_of("quantity", "revenue"))
    return {**program, "gate": [*gates_of(program), gate]}


def steps(draw: st.DrawFn, program: Toml) -> Toml:
    """So much for each whole step, in a flat reward or in its retroactive tiers."""
    if not on_totals(program) or is_first_come(program):
        return program
    changed = []
    for entry in entries(program):
        metric = metric_of(entry)
        if (
            {"curve", "#terms"} & set(entry)
            or is_marginal(entry)
            or metric in ("growth", "attainment")
        ):
            changed.append(entry)
            continue
        step = {"every": draw(one_of(*STEPS.get(metric, (1, 2)))), "pays": draw(one_of(*AMOUNTS))}
        if "tiers" in entry:
            tiers = [dict(tier) for tier in entry["tiers"]]  # type: ignore[attr-defined]
            tiers[draw(st.integers(0, len(tiers) - 1))].update(step)
            changed.append({**entry, "tiers": tiers})
            continue
        if draw(st.booleans()):
            metric = str(draw(one_of(*COUNTED)))
            step["every"] = draw(one_of(*STEPS.get(metric, (1, 2))))
            step["tiers_by"] = metric
        kept = entry if draw(st.booleans()) else {k: v for k, v in entry.items() if k == "when"}
        changed.append({**kept, **step})
    return with_entries(program, changed)


def curves(draw: st.DrawFn, program: Toml) -> Toml:
    """A curve instead of all that an entry pays: amounts, or rates on what `pays_on` says."""
    if not on_totals(program):
        return program
    metrics = COUNTED if program["kind"] == "spif" else (*COUNTED, "growth", "growth", "attainment")
    changed = []
    for entry in entries(program):
        metric = str(draw(one_of(*metrics)))
        bounds = draw(
            st.lists(st.sampled_from(bounds_of(metric)), min_size=2, max_size=3, unique=True)
        )
        by_rate = is_first_come(program) or draw(st.booleans())
        values = RATES if by_rate else AMOUNTS
        curve = [
            {"at": at, ("rate" if by_rate else "pays"): draw(one_of(*values))}
            for at in sorted(bounds, key=_number)
        ]
        new: Toml = {"tiers_by": metric, "curve": curve}
        if by_rate and draw(st.booleans()):
            can_grow = metric == "growth" and not is_first_come(program)
            new["pays_on"] = "increment" if can_grow else "list"
        changed.append({**{k: v for k, v in entry.items() if k == "when"}, **new})
    return with_entries(program, changed)


def _number(value: object) -> Decimal:
    text = str(value)
    return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)


def bundles(draw: st.DrawFn, program: Toml) -> Toml:
    """A bundle of two needs; pays for each, picks tiers, is gated."""
    if not on_totals(program):
        return program
    whens = draw(st.lists(st.sampled_from(MIXES), min_size=1, max_size=2, unique_by=str))
    bundle: Toml = {
        "needs": [{"when": when, "quantity": draw(one_of(1, 2, Decimal("1.5")))} for when in whens]
    }
    per = draw(one_of(None, "customer", "sale"))
    if per is not None:
        bundle["per"] = per
    out = {**program, "bundle": bundle}
    if draw(st.booleans()):
        out["gate"] = [*gates_of(program), {"metric": "bundles", "at_least": draw(one_of(1, 2))}]
    if is_first_come(program):
        return out
    changed = []
    for entry in entries(program):
        pays = {"per_bundle": draw(one_of(*AMOUNTS))}
        if {"curve", "#terms"} & set(entry) or is_marginal(entry):
            changed.append(entry)
        elif "tiers" in entry:
            tiers = [dict(tier) for tier in entry["tiers"]]  # type: ignore[attr-defined]
            tiers[draw(st.integers(0, len(tiers) - 1))].update(pays)
            changed.append({**entry, "tiers": tiers})
        elif draw(st.booleans()):
            when = {k: v for k, v in entry.items() if k == "when"}
            first = {"from": draw(one_of(0, 1)), "rate": draw(one_of(*RATES))}
            tiers = [first, {"from": 2, **pays, "bonus": draw(one_of(*AMOUNTS))}]
            changed.append({**when, "tiers_by": "bundles", "tiers": tiers})
        else:
            changed.append({**entry, **pays})
    return with_entries(out, changed)


LONGEST = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def windows(draw: st.DrawFn, program: Toml) -> Toml:
    """A trailing window that picks the tiers of a rebate, or moves along its curve."""
    if program["kind"] != "rebate":
        return program
    starts, ends = program["starts"], program["ends"]
    assert isinstance(starts, date)
    assert isinstance(ends, date)
    span = 12 * (ends.year - starts.year) + ends.month - starts.month + 2
    least = LONGEST.get(str(program["period"]), span)
    changed = []
    for entry in entries(program):
        tiers = entry.get("tiers", entry.get("#terms", []))
        assert isinstance(tiers, list)
        bears = "curve" in entry or any("from" in tier for tier in tiers)
        plain = metric_of(entry) in COUNTED and entry.get("pays_on") != "increment"
        if bears and plain and not is_marginal(entry) and not entry.get("#by_line"):
            months = draw(one_of(12, 3, 13, least))
            entry["tiers_months"] = max(int(months), least)  # type: ignore[call-overload]
        changed.append(entry)
    return with_entries(program, changed)


def together(draw: st.DrawFn, program: Toml) -> Toml:
    """All partners with one top pick the tier of a rebate together."""
    if program["kind"] != "rebate" or program["payee"] != "partner" or "bundle" in program:
        return program
    changed = []
    for entry in entries(program):
        tiers = [] if entry.get("#by_line") else entry.get("tiers", entry.get("#terms", []))
        assert isinstance(tiers, list)
        extra = {key for tier in tiers for key in tier} & {"bonus", "every", "per_bundle"}
        plain = metric_of(entry) in COUNTED and not {"tiers_months", "curve"} & set(entry)
        if (
            any("from" in tier for tier in tiers)
            and plain
            and not extra
            and not is_marginal(entry)
            and draw(st.booleans())
        ):
            entry["together"] = "parent"
        changed.append(entry)
    return with_entries(program, changed)


def parents(draw: st.DrawFn, program: Toml) -> Toml:
    """Paid to the top of each line's partner."""
    if program["kind"] in ("mdf", "spif") or program["payee"] not in ("partner", "rep"):
        return program
    counts_together = any("together" in entry for entry in entries(program))
    reads_reps = any("rep.rep_id" in str(entry.get("#terms", "")) for entry in entries(program))
    if counts_together or reads_reps or not draw(one_of(True, True, False)):
        return program
    return {**program, "payee": "parent"}


def managers(draw: st.DrawFn, program: Toml) -> Toml:
    """Paid to the managers of a line's reps."""
    if program["kind"] not in ("rebate", "spif", "discount", "contest"):
        return program
    counts_together = any("together" in entry for entry in entries(program))
    if counts_together or program["payee"] == "parent" or not draw(one_of(True, True, False)):
        return program
    return {**program, "payee": "manager"}


def levels(draw: st.DrawFn, program: Toml) -> Toml:
    """A level as a condition somewhere."""
    condition = draw(st.sampled_from(LEVEL_CONDITIONS))
    eligible = program.get("eligible", {})
    assert isinstance(eligible, dict)
    place = draw(one_of("eligible", "boost", "share_of", "needs", "when", "keys"))
    has_gates = program["kind"] not in ("mdf", "activity")
    if place == "boost":
        boost = {"when": condition, "factor": draw(one_of(2, Decimal("0.5")))}
        return {**program, "boost": [boost, *program.get("boost", [])]}  # type: ignore[misc]
    if place == "share_of" and has_gates:
        gate = {"share_of": condition, "at_least": draw(one_of("50%", "10%"))}
        return {**program, "gate": [*gates_of(program), gate]}
    if place == "needs" and "bundle" in program:
        bundle = dict(program["bundle"])  # type: ignore[call-overload]
        bundle["needs"] = [{"when": condition, "quantity": 1}, *bundle["needs"]]
        return {**program, "bundle": bundle}
    changed = entries(program)
    if place == "keys" and any("#terms" in entry for entry in changed):
        return with_entries(program, [draw(with_level_key(entry)) for entry in changed])
    by_line = any(entry.get("#by_line") for entry in changed)
    bears = program["kind"] != "mdf" and not (by_line and program["kind"] != "discount")
    if place == "when" and bears and "when" not in changed[0]:
        return {**program, "reward": [{"when": condition, **changed[0]}, *changed[:1]]}
    return {**program, "eligible": {**eligible, **condition}}


def terms(draw: st.DrawFn, program: Toml) -> Toml:
    """Terms instead of all that an entry pays, by payee or by line."""
    kind = program["kind"]
    if kind not in ("rebate", "spif", "discount", "deal_registration"):
        return program
    changed = entries(program)
    several = len(changed) > 1 or "when" in changed[0]
    by_line = kind == "deal_registration" or draw(st.booleans())
    if kind == "discount" and _asks_for_growth(program):
        return program  # its terms are those of lines, beside which there is no such gate
    if kind != "discount" and (several or "bundle" in program or _asks_for_growth(program)):
        by_line = False
        if kind == "deal_registration":
            return program
    index = draw(st.integers(0, len(changed) - 1))
    changed[index] = draw(term_entries(program, changed[index], by_line or kind == "discount"))
    return with_entries(program, changed)


def _asks_for_growth(program: Toml) -> bool:
    return any(gate.get("metric") in ("growth", "attainment") for gate in gates_of(program))


EXTENSIONS: dict[str, Extension] = {
    "curves": curves,
    "bundles": bundles,
    "terms": terms,
    "steps": steps,
    "together": together,
    "windows": windows,
    "gates": gates,
    "parents": parents,
    "managers": managers,
    "levels": levels,
}


@st.composite
def extended(draw: st.DrawFn, program: Toml, features: frozenset[str]) -> Toml:
    """The program with one to three of the features."""
    known = sorted(features & set(EXTENSIONS))
    chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3)) if known else []
    for name, extension in EXTENSIONS.items():
        if name in chosen:
            program = extension(draw, program)
    return program
