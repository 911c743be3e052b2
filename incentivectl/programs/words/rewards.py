"""What rewards pay, in sentences and small tables."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise

from incentivectl.core.money import plain
from incentivectl.core.nouns import counted
from incentivectl.programs.reward import Point, Reward, Tier
from incentivectl.programs.tier_pay import follows_from_metric, tier_pay
from incentivectl.programs.words.contracts import contract_parts
from incentivectl.programs.words.phrases import conditions, either, percent
from incentivectl.programs.words.terms import NOUNS, Cell, Part, Terms, amount_of, bare

_PAID_ON = {
    "revenue": "revenue",
    "list": "list price × quantity",
    "increment": "the increase over the baseline",
}


# What a tier may pay, each with the head of its column.
_TITLES = {
    "rate": "rate",
    "per_unit": "for each unit",
    "every": "for every",
    "pays": "pays",
    "per_bundle": "for each bundle",
    "bonus": "bonus",
}
_SLICES = "Tiers are incremental: each slice is paid at the rate of its own tier."
Sentences = Callable[[Reward, Terms], Iterator[str]]


def headings(terms: Terms) -> Iterator[tuple[str, str]]:
    """The key and the heading of each `[[reward]]`, with the clause on which it applies."""
    rewards = terms.program.reward
    for i, reward in enumerate(rewards):
        key = "pays" if len(rewards) == 1 else f"pays_{i + 1}"
        if reward.when:
            files = terms.files("reward", i, "when")
            yield key, "What it pays if " + conditions(reward.when, terms.currency, files)
        else:
            yield key, "What it pays otherwise" if i else "What it pays"


def which_applies(terms: Terms) -> Iterator[str]:
    """Which of several rewards a payee takes, or a line where conditions look at lines."""
    if not any(reward.when for reward in terms.program.reward):
        return
    if "sale" in terms.program.when_entities:
        yield "A line gets the first of these terms and those below whose condition it meets."
    else:
        yield (
            "Of these terms and those below, the first whose condition holds on the last day of"
            f" the {terms.period} applies."
        )


def _no_more(_: Reward, __: Terms) -> Iterator[str]:
    return iter(())


def reward_parts(terms: Terms, of_kind: Sentences = _no_more) -> Iterator[Part]:
    """What each `[[reward]]` pays, with tables of its tiers and products.

    `of_kind` yields sentences of the kind's own about a reward; they come first.
    """
    for i, (key, heading) in enumerate(headings(terms)):
        reward = terms.program.reward[i]
        first = tuple(which_applies(terms)) if i == 0 else ()
        own = (*of_kind(reward, terms), *_window(reward, terms), *_reward(i, reward, terms))
        sentences = (*first, *own)
        yield Part(key, heading, sentences)
        if reward.tiers:
            yield _tier_table(f"tiers_{i + 1}", reward)
        if reward.curve:
            yield _curve_table(f"curve_{i + 1}", reward)
        yield from contract_parts(i, reward, terms)
        if reward.per_product:
            rows = tuple(reward.per_product.items())
            columns = ("product", f"{terms.currency} for each unit")
            yield Part(f"products_{i + 1}", "By product", (), columns, rows)


def _reward(i: int, reward: Reward, terms: Terms) -> Iterator[str]:
    if reward.per_product:
        source = terms.raw("reward", i, "per_product")
        named = f" (listed in {source})" if isinstance(source, str) else ""
        yield f"Each unit pays the amount of its product{named}; a product not listed pays nothing."
    if reward.tiers:
        yield from _tier_sentences(reward, terms)
        if reward.together:
            yield "What picks the tier is counted together for all partners with the same parent at the top."
    elif reward.curve:
        yield from _curve_sentences(reward, terms)
    elif reward.terms is not None:
        yield from _mode_of_terms(reward)
    elif pays := paid(reward, reward, terms):
        yield f"It pays {pays}."


def _mode_of_terms(reward: Reward) -> Iterator[str]:
    """How the tiers of terms pay, where they have any."""
    assert reward.terms is not None
    if not any(len(term.tiers) > 1 for term in reward.terms.terms):
        return
    if reward.tier_mode == "marginal":
        yield _SLICES
    else:
        yield "The tier reached pays on everything, not only on what exceeds it."


def _curve_sentences(reward: Reward, terms: Terms) -> Iterator[str]:
    """A curve from its first point to its last."""
    by, first, last = reward.tiers_by, reward.curve[0], reward.curve[-1]
    if first.at > 0 or by == "growth":
        yield f"Below {amount_of(by, first.at, terms)}, nothing is earned."
    for point in reward.curve:
        yield f"At {amount_of(by, point.at, terms)} it pays {_at_point(point, reward, terms)}."
    yield (
        "Between two points what it pays lies between theirs, in proportion; above"
        f" {bare(by, last.at, terms)} it pays what it pays there."
    )


def _at_point(point: Point, reward: Reward, terms: Terms) -> str:
    if point.rate is not None:
        return f"{percent(point.rate)} of {_PAID_ON[reward.pays_on]}"
    return terms.money(point.pays or Decimal(0))


def _curve_table(key: str, reward: Reward) -> Part:
    """Each point of a curve with what it pays there."""
    share = reward.tiers_by in ("growth", "attainment")
    by_rate = reward.curve[0].rate is not None
    rows = tuple(
        (
            percent(point.at) if share else point.at,
            percent(point.rate) if point.rate is not None else point.pays,
        )
        for point in reward.curve
    )
    columns = (f"at {_measured(reward)}", "rate" if by_rate else "pays")
    return Part(key, "Curve", (), columns, rows)


def _measured(reward: Reward) -> str:
    return {"attainment": "% of the target"}.get(reward.tiers_by, NOUNS[reward.tiers_by])


def _window(reward: Reward, terms: Terms) -> Iterator[str]:
    """What picks a tier, or a place on a curve, where that is a window."""
    if reward.tiers_months is not None:
        picks = "place on the curve" if reward.curve else "tier"
        yield (
            f"The {picks} is found by what counts in the {counted(reward.tiers_months, 'month')} up to"
            f" the end of the {terms.period}; it pays on the {terms.period} alone."
        )


def _tier_sentences(reward: Reward, terms: Terms) -> Iterator[str]:
    first = reward.tiers[0]
    metric = reward.tiers_by
    if first.from_ > 0:
        yield f"Below {amount_of(metric, first.from_, terms)}, nothing is earned."
    marginal = reward.tier_mode == "marginal"
    for tier, after in [*pairwise(reward.tiers), (reward.tiers[-1], None)]:
        start = amount_of(metric, tier.from_, terms)
        end = f" to below {bare(metric, after.from_, terms)}" if after else " on"
        pays = paid(tier, reward, terms) or "nothing"
        yield f"From {start}{end}: {pays}{' in this slice' if marginal else ''}."
    if len(reward.tiers) > 1:
        whole = {"line": "the whole line", "sale": "the whole sale"}.get(reward.scope, "everything")
        yield (
            _SLICES
            if marginal
            else f"The tier reached pays on {whole}, not only on what exceeds it."
        )
    on_total = reward.scope == "period" and metric in ("revenue", "quantity")
    if first.from_ == 0 and on_total:
        yield "If more is returned than sold, it is charged back at the rate of the first tier."


def paid(tier: Tier | Reward, reward: Reward, terms: Terms) -> str:
    """What a tier, or a reward without tiers, pays: a list of amounts; empty if nothing."""
    pays = []
    if tier.rate is not None:
        pays.append(f"{percent(tier.rate)} of {_PAID_ON[reward.pays_on]}")
    if tier.per_unit is not None:
        pays.append(f"{terms.money(tier.per_unit)} for each unit")
    if tier.every is not None and tier.pays is not None:
        size = amount_of(reward.tiers_by, tier.every, terms)
        pays.append(f"{terms.money(tier.pays)} for every whole {size}")
    if tier.per_bundle is not None:
        pays.append(f"{terms.money(tier.per_bundle)} for each bundle")
    if tier.bonus is not None:
        pays.append(f"a bonus of {terms.money(tier.bonus)}")
    return either(pays, "and") if pays else ""


def _tier_table(key: str, reward: Reward) -> Part:
    """Where each tier begins, what it pays, and what that comes to at its beginning."""
    share = reward.tiers_by in ("growth", "attainment")
    kept = [name for name in _TITLES if any(getattr(t, name) for t in reward.tiers)]
    totals = _totals(reward)
    columns = (
        f"from {_measured(reward)}",
        *(_TITLES[name] for name in kept),
        *(["pays there"] if totals else []),
    )
    rows = tuple(
        (
            percent(tier.from_) if share else tier.from_,
            *(_tier_cell(name, getattr(tier, name)) for name in kept),
            *([totals[i]] if totals else []),
        )
        for i, tier in enumerate(reward.tiers)
    )
    return Part(key, "Tiers", (), columns, rows)


def _tier_cell(name: str, value: Decimal | None) -> Cell:
    if value is None:
        return None
    return percent(value) if name == "rate" else value


def _totals(reward: Reward) -> list[Decimal]:
    """What is earned exactly where each tier begins, if that follows from its metric alone."""
    pays = any(tier.rate or tier.per_unit for tier in reward.tiers)
    if not pays or not follows_from_metric(reward, reward.tiers):
        return []
    return [Decimal(plain(tier_pay(reward, i, tier.from_))) for i, tier in enumerate(reward.tiers)]
