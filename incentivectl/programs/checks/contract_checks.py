"""Static checks of terms: their values, their keys, what stands beside them (docs/rules.md, "Terms")."""

from collections.abc import Iterator

from incentivectl.programs.checks.condition_checks import value_findings
from incentivectl.programs.conditions import Condition
from incentivectl.programs.fields import Attributes
from incentivectl.programs.finding import Finding, warning
from incentivectl.programs.model import Program
from incentivectl.programs.payee import payee_kind
from incentivectl.programs.reward import Reward
from incentivectl.programs.terms import MAX_QUANTITY, Terms
from incentivectl.toml.positions import KeyPath

_RATIOS = ("growth", "attainment")
_OF_FIELDS = ("unknown-field", "condition-out-of-place")  # wrong whatever the value


def terms_findings(program: Program) -> Iterator[Finding]:
    """What is wrong with the terms of a program, whatever its workspace."""
    for i, reward in enumerate(program.reward):
        path: KeyPath = ("reward", i)
        if reward.terms is None:
            for key in ("terms_by", "tiers_over"):
                if key in reward.model_fields_set:
                    yield warning(
                        (*path, key), "no-terms", f"`{key}` has no effect without `terms`"
                    )
            continue
        yield from _beside(path, reward)
        yield from _unusable_values((*path, "terms"), program, reward, reward.terms)
        yield from _tier_modes(path, reward, reward.terms)
        if program.terms_by_line:
            yield from _beside_terms_by_line(path, program, reward)
        else:
            yield from _without_payee(path, reward, reward.terms, program)
    if program.terms_by_line:
        yield from _gates_beside_terms_by_line(program)


def key_findings(program: Program, attributes: Attributes) -> Iterator[Finding]:
    """Keys that are no field of a line or a payee, and values that a field never has."""
    for i, reward in enumerate(program.reward):
        if reward.terms is None:
            continue
        path: KeyPath = ("reward", i, "terms")
        said: set[tuple[str, object]] = set()
        for line, field, value in reward.terms.key_values():
            if (field, value) in said or (field, None) in said:
                continue
            condition = Condition(field, any_of=(value,))
            entities, kind = program.eligible_entities, program.kind
            found = list(value_findings(path, condition, entities, attributes, kind))
            is_of_field = any(one.code in _OF_FIELDS for one in found)
            said.add((field, None if is_of_field else value))
            yield from (_at(one, f"{reward.terms.path}:{line}") for one in found)


def _at(found: Finding, place: str) -> Finding:
    return Finding(found.path, found.code, f"{place}: {found.message}", found.hint, found.severity)


def _beside(path: KeyPath, reward: Reward) -> Iterator[Finding]:
    for key in ("tiers", "curve", *reward.paying_keys):
        if getattr(reward, key):
            message = f"`{key}` and `terms` exclude each other: terms say all that is paid"
            yield Finding((*path, key), "beside-terms", message, "leave out one of them")


def _unusable_values(
    path: KeyPath, program: Program, reward: Reward, terms: Terms
) -> Iterator[Finding]:
    for name, line in terms.first_lines.items():
        if name not in program.term_values:
            known = ", ".join(f"`{value}`" for value in sorted(program.term_values))
            message = f"{terms.path}:{line}: a {program.kind} has no `{name}` in its terms"
            yield Finding(path, "unusable-value", message, f"it has {known}")
    for term in terms.terms:
        for tier in term.tiers:
            if ("every" in tier.pays) != ("pays" in tier.pays):
                message = f"{terms.path}:{tier.line}: `every` and `pays` belong together"
                yield Finding(path, "half-a-step", message, "such as every = 10_000, pays = 100")
            if "every" in tier.pays and reward.tiers_by in _RATIOS:
                message = (
                    f"{terms.path}:{tier.line}: steps are counted, and {reward.tiers_by} is a ratio"
                )
                yield Finding(path, "steps-of-a-ratio", message)
            if tier.from_ is not None and tier.from_ < 0 and reward.tiers_by != "growth":
                message = (
                    f"{terms.path}:{tier.line}: tiers by {reward.tiers_by} cannot start below 0"
                )
                yield Finding(path, "negative-tier", message)
        if term.max_quantity is not None and term.is_tiered:
            message = f"{terms.path}:{term.line}: `{MAX_QUANTITY}` and tiers exclude each other"
            yield Finding(path, "max-quantity-with-tiers", message)
    if "per_bundle" in terms.first_lines and not program.needs:
        place = f"{terms.path}:{terms.first_lines['per_bundle']}"
        message = f"{place}: `per_bundle` has no meaning without [bundle]"
        yield Finding(path, "no-bundle", message, "add [bundle] with its needs")


def _tier_modes(path: KeyPath, reward: Reward, terms: Terms) -> Iterator[Finding]:
    if reward.tier_mode != "marginal":
        return
    usable = {"revenue": {"rate", "bonus"}, "quantity": {"per_unit", "bonus"}}.get(
        reward.tiers_by, set()
    )
    for term in terms.terms:
        for tier in term.tiers:
            wrong_ones = [name for name in tier.pays if name not in usable]
            if term.is_tiered and (wrong_ones or reward.pays_on != "revenue"):
                named = f"`{wrong_ones[0]}`" if wrong_ones else f'pays_on = "{reward.pays_on}"'
                place = f"{terms.path}:{tier.line}"
                message = f"{place}: marginal tiers must measure what they pay on, not {named}"
                hint = 'tiers_by = "revenue" with `rate`, or "quantity" with `per_unit`'
                yield Finding((*path, "tier_mode"), "marginal-combination", message, hint)
                return


def _beside_terms_by_line(path: KeyPath, program: Program, reward: Reward) -> Iterator[Finding]:
    why = "terms are found for each line here"
    metrics = {metric for at, metric in program.metrics_used() if at[:2] == path}
    for metric in sorted(metrics & {*_RATIOS}):
        message = f"{metric} belongs to a payee, and {why}"
        yield Finding((*path, "tiers_by"), "beside-terms-by-line", message)
    if reward.pays_on == "increment":
        message = f"an increment belongs to a payee, and {why}"
        yield Finding((*path, "pays_on"), "beside-terms-by-line", message)
    if reward.when and "sale" not in program.when_entities:
        message = f"`when` chooses for a payee, and {why}"
        yield Finding(
            (*path, "when"), "beside-terms-by-line", message, "make it a key of the terms"
        )
    if (
        reward.scope == "period"
        and program.always_by_line
        and "tier_scope" in reward.model_fields_set
    ):
        message = 'tier_scope = "period" takes no terms'
        yield Finding((*path, "tier_scope"), "beside-terms-by-line", message)
    if reward.tiers_months is not None:
        message = f"a window is a payee's, and {why}"
        yield Finding((*path, "tiers_months"), "beside-terms-by-line", message)
    if reward.together is not None:
        message = f"partners count together by their own totals, and {why}"
        yield Finding((*path, "together"), "beside-terms-by-line", message)
    values = reward.terms.first_lines if reward.terms is not None else {}
    if reward.tiers_over == "payee":
        unusable = [name for name in ("bonus", "every") if name in values]
        if reward.tier_mode == "marginal" or unusable:
            named = f"`{unusable[0]}`" if unusable else "marginal tiers"
            message = f'tiers_over = "payee" and {named} exclude each other'
            yield Finding((*path, "tiers_over"), "beside-tiers-over", message)


def _gates_beside_terms_by_line(program: Program) -> Iterator[Finding]:
    for i, gate in enumerate(program.gate):
        if gate.metric in _RATIOS:
            message = f"a gate on {gate.metric} and terms by line exclude each other"
            yield Finding(("gate", i, "metric"), "beside-terms-by-line", message)
    if program.bundle is not None:
        message = "a bundle is made of several lines, and terms are found for each line here"
        yield Finding(("bundle",), "beside-terms-by-line", message)


def _without_payee(
    path: KeyPath, reward: Reward, terms: Terms, program: Program
) -> Iterator[Finding]:
    if reward.tiers_over == "payee":
        message = "`tiers_over` has no effect where terms are a payee's: there is one metric"
        yield warning((*path, "tiers_over"), "no-effect", message)
    for key in terms.keys:
        if key.startswith("rep.") and payee_kind(program.payee) != "rep":
            message = (
                f"{terms.path}: `{key}` is never known here, so that no term with it can be taken:"
                f" the payee is a {program.payee}"
            )
            hint = 'use partner.…, payee = "rep", or terms_by = "line"'
            yield warning((*path, "terms"), "never-known", message, hint)
    if program.exclusive_group is not None and all(term.keys for term in terms.terms):
        message = (
            f"{terms.path} has no term without keys: lines of payees without one still count here, and"
            f" nowhere else in the group “{program.exclusive_group}”"
        )
        hint = 'add a row without keys, or terms_by = "line"'
        yield warning((*path, "terms"), "no-general-term", message, hint)
