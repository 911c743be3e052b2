"""What each kind of program pays, in sentences and in a small table (see `plain_words`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from incentivectl.core.money import plain
from incentivectl.core.nouns import agreeing, counted
from incentivectl.programs.kinds.activity import ActivityProgram, ActivityReward
from incentivectl.programs.kinds.contest import ContestProgram, ContestReward
from incentivectl.programs.kinds.deal_registration import DealRegistrationProgram
from incentivectl.programs.kinds.discount import DiscountReward
from incentivectl.programs.kinds.mdf import MdfProgram
from incentivectl.programs.model import Program
from incentivectl.programs.reward import Reward, Tier
from incentivectl.programs.words.words import capital, conditions, either, number, percent

Cell = str | int | Decimal | None
_ZERO = Decimal(0)
_PERIODS = {"half": "half-year", "program": "program's life"}
_PAID_ON = {
    "revenue": "revenue",
    "list": "list price × quantity",
    "increment": "the increase over the baseline",
}
_NOUNS = {
    "revenue": "revenue",
    "quantity": "units",
    "lines": "lines",
    "sales": "sales",
    "customers": "different customers",
    "products": "different products",
    "growth": "growth",
    "attainment": "the target",
}


@dataclass(frozen=True)
class Part:
    """One part of a description: sentences, or a small table."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True)
class Terms:
    """A program, and the words that its sentences share."""

    program: Program
    currency: str

    @property
    def period(self) -> str:
        """The measurement period as a noun."""
        return _PERIODS.get(self.program.period, self.program.period)

    def money(self, amount: Decimal) -> str:
        """An amount with the program's currency, or its hours."""
        program = self.program
        hours = isinstance(program, MdfProgram) and program.fund.unit == "hours"
        return f"{number(amount)} {'hours' if hours else self.currency}"

    def files(self, *path: str | int) -> dict[str, str]:
        """Field → the file that its condition below `path` takes values from."""
        found: dict[str, str] = {}
        table = self.raw(*path)
        for key, body in table.items() if isinstance(table, Mapping) else ():
            nested = body if isinstance(body, Mapping) else {}
            for name, inner in ({key: body} | {f"{key}.{k}": v for k, v in nested.items()}).items():
                if isinstance(inner, Mapping):
                    for operator in ("in", "not_in"):
                        if isinstance(inner.get(operator), str):
                            found[name] = inner[operator]
        return found

    def raw(self, *path: str | int) -> Any:  # noqa: ANN401
        """What the program's file has at `path`, or none; a single `[reward]` is a list of one."""
        source = self.program._source
        at: Any = source.data if source else None
        for step in path:
            if isinstance(at, Mapping):
                at = at.get(str(step), at if step == 0 else None)
            elif isinstance(at, list) and isinstance(step, int) and step < len(at):
                at = at[step]
            else:
                return None
        return at


def at_least(metric: str, value: Decimal, terms: Terms) -> str:
    """The least of a metric that is asked for: "at least 80 units"."""
    if metric.startswith("activity."):
        name = metric.removeprefix("activity.")
        return f"at least {number(value)} {agreeing(value, name)} passed in it"
    if metric == "revenue":
        return f"revenue of at least {terms.money(value)}"
    if metric == "growth":
        return f"growth of at least {percent(value)}"
    return f"at least {amount_of(metric, value, terms)}"


def bare(metric: str, value: Decimal, terms: Terms) -> str:
    """A value of a metric without its noun: "135,000 USD", "80"."""
    if metric == "revenue":
        return terms.money(value)
    return percent(value) if metric in ("growth", "attainment") else number(value)


def amount_of(metric: str, value: Decimal, terms: Terms) -> str:
    """A value of a metric with its noun: "135,000 USD of revenue", "80 units"."""
    if metric == "revenue":
        return f"{terms.money(value)} of revenue"
    if metric in ("growth", "attainment"):
        return f"{percent(value)} of {_NOUNS[metric]}"
    return f"{number(value)} {_NOUNS[metric]}"


def _entries(terms: Terms) -> Iterator[tuple[str, str, str]]:
    """For each `[[reward]]` its heading, its key, and the clause in which it holds."""
    rewards = terms.program.reward
    for i, reward in enumerate(rewards):
        key = "pays" if len(rewards) == 1 else f"pays_{i + 1}"
        if reward.when:
            files = terms.files("reward", i, "when")
            clause = conditions(reward.when, terms.currency, files)
            yield "What it pays if " + clause, key, clause
        elif i:
            yield "What it pays otherwise", key, ""
        else:
            yield "What it pays", key, ""


def _judged(terms: Terms) -> Iterator[str]:
    if any(reward.when for reward in terms.program.reward):
        if terms.program.kind == "discount":
            yield "A line gets the first of these terms and those below whose condition it meets."
        else:
            yield (
                "Of these terms and those below, the first whose condition holds on the last day of"
                f" the {terms.period} applies."
            )


# Rebates, SPIFs and discounts


def reward_parts(terms: Terms) -> Iterator[Part]:
    """What a rebate, a SPIF or a discount pays: each `[[reward]]` with its tiers."""
    for i, (heading, key, _) in enumerate(_entries(terms)):
        reward = terms.program.reward[i]
        first = tuple(_judged(terms)) if i == 0 else ()
        yield Part(key, heading, (*first, *_reward(i, reward, terms)))
        if reward.tiers:
            yield _tier_table(f"tiers_{i + 1}", reward, terms)
        if reward.per_product:
            rows = tuple(reward.per_product.items())
            columns = ("product", f"{terms.currency} for each unit")
            yield Part(f"products_{i + 1}", "By product", (), columns, rows)


def _reward(i: int, reward: Reward, terms: Terms) -> Iterator[str]:
    net_price = reward.net_price if isinstance(reward, DiscountReward) else None
    if net_price is not None:
        yield (
            f"The list price less {terms.money(net_price)} is paid for each unit; nothing"
            " where the list price is lower."
        )
    if reward.per_product:
        source = terms.raw("reward", i, "per_product")
        named = f" (listed in {source})" if isinstance(source, str) else ""
        yield f"Each unit pays the amount of its product{named}; a product not listed pays nothing."
    if not reward.tiers:
        if pays := _paid(reward, reward, terms):
            yield f"It pays {pays}."
        return
    if isinstance(reward, DiscountReward):
        yield {
            "line": "Tiers are judged line by line.",
            "sale": "Tiers are judged on each sale: its lines together.",
            "period": f"Tiers are judged on the total of the {terms.period}.",
        }[reward.tier_scope]
    yield from _tier_sentences(reward, terms)


def _tier_sentences(reward: Reward, terms: Terms) -> Iterator[str]:
    first = reward.tiers[0]
    metric = reward.tiers_by
    if first.from_ > 0:
        yield f"Below {amount_of(metric, first.from_, terms)}, nothing is earned."
    marginal = reward.tier_mode == "marginal"
    for tier, after in [*pairwise(reward.tiers), (reward.tiers[-1], None)]:
        start = amount_of(metric, tier.from_, terms)
        end = f" to below {bare(metric, after.from_, terms)}" if after else " on"
        pays = _paid(tier, reward, terms) or "nothing"
        yield f"From {start}{end}: {pays}{' in this slice' if marginal else ''}."
    if len(reward.tiers) > 1:
        scope = reward.tier_scope if isinstance(reward, DiscountReward) else "period"
        whole = {"line": "the whole line", "sale": "the whole sale"}.get(scope, "everything")
        yield (
            "Tiers are incremental: each slice is paid at the rate of its own tier."
            if marginal
            else f"The tier reached pays on {whole}, not only on what exceeds it."
        )
    of_total = not isinstance(reward, DiscountReward) or reward.tier_scope == "period"
    if first.from_ == 0 and metric in ("revenue", "quantity") and of_total:
        yield "If more is returned than sold, it is charged back at the rate of the first tier."


def _paid(tier: Tier | Reward, reward: Reward, terms: Terms) -> str:
    pays = []
    if tier.rate is not None:
        pays.append(f"{percent(tier.rate)} of {_PAID_ON[reward.pays_on]}")
    if tier.per_unit is not None:
        pays.append(f"{terms.money(tier.per_unit)} for each unit")
    if tier.bonus is not None:
        pays.append(f"a bonus of {terms.money(tier.bonus)}")
    return either(pays, "and") if pays else ""


def _tier_table(key: str, reward: Reward, terms: Terms) -> Part:
    """Where each tier begins, what it pays, and what that comes to at its beginning."""
    share = reward.tiers_by in ("growth", "attainment")
    kept = [
        name
        for name in ("rate", "per_unit", "bonus")
        if any(getattr(t, name) for t in reward.tiers)
    ]
    titles = {"rate": "rate", "per_unit": "for each unit", "bonus": "bonus"}
    totals = _totals(reward)
    columns = (
        "from " + {"attainment": "% of the target"}.get(reward.tiers_by, _NOUNS[reward.tiers_by]),
        *(titles[name] for name in kept),
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
    pays = {name for tier in reward.tiers for name in ("rate", "per_unit") if getattr(tier, name)}
    by_revenue = reward.tiers_by == "revenue" and reward.pays_on == "revenue"
    if not (
        (pays == {"rate"} and by_revenue)
        or (pays == {"per_unit"} and reward.tiers_by == "quantity")
    ):
        return []
    totals: list[Decimal] = []
    below, slices = None, _ZERO
    for tier in reward.tiers:
        share = (tier.rate or _ZERO) + (tier.per_unit or _ZERO)
        if below is not None:
            slices += ((below.rate or _ZERO) + (below.per_unit or _ZERO)) * (
                tier.from_ - below.from_
            )
        paid = slices if reward.tier_mode == "marginal" else share * tier.from_
        paid += tier.bonus or _ZERO if tier.from_ > 0 else _ZERO
        totals.append(Decimal(plain(paid)))
        below = tier
    return totals


# The other kinds


def deal_parts(program: DealRegistrationProgram, terms: Terms) -> Iterator[Part]:
    """What covered lines pay, how long a deal protects, and who wins a conflict."""
    rules = program.registration
    for i, (heading, key, _) in enumerate(_entries(terms)):
        reward = program.reward[i]
        lines = _paid(reward.model_copy(update={"bonus": None}), reward, terms)
        sentences = list(_judged(terms)) if i == 0 else []
        if lines:
            sentences.append(f"What is sold in a registered deal pays {lines}.")
        if reward.bonus is not None:
            sentences.append(f"Each deal pays {terms.money(reward.bonus)} once, at its first sale.")
        yield Part(key, heading, tuple(sentences))
    loser = (
        f"is paid {percent(rules.loser_share)} of its reward"
        if rules.loser_share
        else "is paid nothing"
    )
    yield Part(
        "deals",
        "Deals",
        (
            "A deal covers sales of its partner to its customer, of its product or category where"
            " it names one.",
            "It must be approved, and covers from the day of its approval to the day on which it"
            f" expires; where none is stated, for {counted(rules.protection_days, 'day')}.",
            "If two partners have deals for the same customer and products at the same time,"
            f" the first to register wins; the other {loser}.",
            "Sales count up to the registered amount, the last one in part."
            if rules.cap
            else "All sales in a deal count, even beyond the registered amount.",
        ),
    )


def activity_parts(program: ActivityProgram, terms: Terms) -> Iterator[Part]:
    """What each activity pays, and how often."""
    often = {
        "subject": "once for each subject in the program's life",
        "period": f"once in a {terms.period}",
        "program": "once in the program's life",
        "none": "every time",
    }
    entries = [entry for entry in program.reward if isinstance(entry, ActivityReward)]
    sentences = []
    for i, entry in enumerate(entries):
        score = (
            f" with a score of {number(entry.min_score)} or more"
            if entry.min_score is not None
            else ""
        )
        files = terms.files("reward", i, "when")
        clause = f", if {conditions(entry.when, terms.currency, files)}" if entry.when else ""
        pays = f"pays {terms.money(entry.amount)}, {often[entry.once_per]}"
        sentences.append(f"{capital(entry.activity)}{score}{clause}: {pays}.")
    if len(entries) > 1:
        sentences.append(
            "An activity is paid by the first of these that it matches, and once only."
        )
    yield Part("pays", "What it pays", tuple(sentences))
    rows = tuple((e.activity, e.min_score, e.amount, often[e.once_per]) for e in entries)
    columns = ("activity", "score from", terms.currency, "how often")
    yield Part("activities", "By activity", (), columns, rows)


def contest_parts(program: ContestProgram, terms: Terms) -> Iterator[Part]:
    """What ranks, who takes part, and the prizes."""
    apart = "Payees with different prizes are ranked separately."
    for i, (heading, key, _) in enumerate(_entries(terms)):
        reward = program.reward[i]
        if not isinstance(reward, ContestReward):
            continue
        noun = {"attainment": "attainment of the target"}.get(
            reward.rank_by, _NOUNS[reward.rank_by]
        )
        sentences = [*_judged(terms), apart] if i == 0 and len(program.reward) > 1 else []
        sentences.append(f"In each {terms.period} all who take part are ranked by {noun}.")
        sentences.append(
            f"Nobody takes part without {at_least(reward.rank_by, reward.minimum, terms)}."
            if reward.minimum is not None
            else f"Nobody takes part whose {noun} is not above 0."
        )
        sentences.append("Ties share the prizes of the places they occupy.")
        yield Part(key, heading, tuple(sentences))
        rows = tuple((place, prize) for place, prize in enumerate(reward.prizes, start=1))
        yield Part(f"prizes_{i + 1}", "Prizes", (), ("place", f"prize in {terms.currency}"), rows)


def fund_parts(program: MdfProgram, terms: Terms) -> Iterator[Part]:
    """What fills a fund and when it expires; which claims it pays."""
    yield Part("fund", "What fills the fund", tuple(_fund(program, terms)))
    allocate = program.fund.allocate
    if isinstance(allocate, Mapping):
        unit = "hours" if program.fund.unit == "hours" else terms.currency
        columns = ("partner's tier", f"{unit} in each {terms.period}")
        yield Part("allocations", "By tier", (), columns, tuple(allocate.items()))
    yield Part("claims", "What it pays", tuple(_claims(program, terms)))


def _fund(program: MdfProgram, terms: Terms) -> Iterator[str]:
    fund = program.fund
    first = f"On the first day of each {terms.period}"
    if isinstance(fund.allocate, Mapping):
        tiers = either(
            (f"{terms.money(amount)} if it is {tier}" for tier, amount in fund.allocate.items()),
            "and",
        )
        yield f"{first} a partner's fund is given {tiers}; otherwise nothing."
    elif fund.allocate is not None:
        yield f"{first} it is given {terms.money(fund.allocate)}."
    partner_only = any(one.room == "partner" for one in program.eligible)
    if fund.allocate is not None and fund.accrue is not None and partner_only:
        yield "For this, the partner must meet the conditions above on that day."
    if fund.accrue is not None:
        yield (
            f"On the last day of each {terms.period} {percent(fund.accrue)} of the revenue that"
            " counts is added."
        )
    if fund.expires_after_months:
        months = counted(fund.expires_after_months, "month")
        yield f"Credits neither used nor set aside within {months} expire."
    else:
        yield "Credits do not expire."


def _claims(program: MdfProgram, terms: Terms) -> Iterator[str]:
    claims = program.claims
    kinds = f" ({either(claims.activities)})" if claims.activities else ""
    share = percent(claims.reimburse)
    approved = "hours are" if program.fund.unit == "hours" else "cost is"
    yield (
        f"An activity{kinds} is asked for beforehand; when it is approved, {share} of its approved"
        f" {approved} set aside, up to the fund's balance."
    )
    if program.fund.unit == "hours":
        yield f"A claim uses {share} of the hours it states, at most what was set aside."
    else:
        yield f"A claim pays {share} of what was spent, at most what was set aside."
    if claims.within_days is not None:
        days = counted(claims.within_days, "day")
        yield f"It must be claimed within {days} after the activity's end."
    if claims.proof_required:
        yield "Proof is required."
    yield "With the last claim, or at the deadline, what is left goes back to the fund."
