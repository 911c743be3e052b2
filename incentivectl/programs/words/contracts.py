"""What terms in a file pay, in sentences and one table (docs/rules.md, "Terms")."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from incentivectl.core.nouns import counted
from incentivectl.programs.reward import Reward
from incentivectl.programs.terms import MAX_QUANTITY, PER_PAYEE, Term, TermTier
from incentivectl.programs.terms import Terms as TermsFile
from incentivectl.programs.words.phrases import either, percent, short_name
from incentivectl.programs.words.terms import NOUNS, Cell, Part, Terms

MOST_TERMS = 50
_RATIOS = ("growth", "attainment")
# The values of a tier, each with the head of its column.
_PAYS = {
    "rate": "rate",
    "per_unit": "for each unit",
    "net_price": "net price",
    "every": "for every",
    "pays": "pays",
    "per_bundle": "for each bundle",
    "bonus": "bonus",
}
_LIMITS = {PER_PAYEE: "at most", MAX_QUANTITY: "up to units"}


def contract_parts(index: int, reward: Reward, terms: Terms) -> Iterator[Part]:
    """The terms of a reward: how they are found, and a table of those that may be shown."""
    file = reward.terms
    if file is None:
        return
    shown = [term for term in file.terms if terms.own is None or terms.own(term)]
    sentences = tuple(_sentences(file, shown, reward, terms))
    yield Part(f"contracts_{index + 1}", f"Terms in {file.path}", sentences)
    if shown:
        yield _table(f"terms_{index + 1}", file, shown[:MOST_TERMS], reward)


def _sentences(
    file: TermsFile, shown: Sequence[Term], reward: Reward, terms: Terms
) -> Iterator[str]:
    names = [short_name(key) for key in file.keys]
    by = f", by {either(names, 'and')}" if names else ""
    if terms.own is None:
        yield f"What it pays is listed in {file.path}: {counted(len(file.terms), 'term')}{by}."
    elif not shown:
        yield f"No term in {file.path} is for this payee."
    else:
        yield f"What it pays is listed in {file.path}{by}; this payee's terms are shown."
    if len(shown) > MOST_TERMS:
        yield f"The table has the first {MOST_TERMS} of them; `--payee` shows those of one payee."
    if terms.program.terms_by_line:
        yield "Each line takes the term that fits it; a line that no term fits does not count."
        if terms.program.tiers_over_period:
            yield "What is sold under each term is paid by itself, and all of it is added up."
        if reward.tiers_over == "payee":
            yield "Which tier of a term is reached depends on all of the payee's lines that count."
    else:
        yield (
            f"A payee takes the term that fits it on the last day of the {terms.period}; whom no term"
            " fits earns nothing."
        )
    if len(names) > 1:
        order = ", then ".join(f"the {name}" for name in names)
        yield f"Of several that fit, the one that names more of these decides, in this order: {order}."
    elif any(not term.keys for term in shown) and names:
        yield f"The term that names no {names[0]} is for all others."
    if any(term.valid_from or term.valid_until for term in shown):
        yield "A term holds from its first day through its last."


def _table(key: str, file: TermsFile, shown: Sequence[Term], reward: Reward) -> Part:
    """A row for each tier of each term; columns that are empty in all of them are left out."""
    is_ratio = reward.tiers_by in _RATIOS
    noun = {"attainment": "% of the target"}.get(reward.tiers_by, NOUNS[reward.tiers_by])
    heads = (
        "contract", *map(short_name, file.keys), "first day", "last day", f"from {noun}",
        *_PAYS.values(), *_LIMITS.values(),
    )  # fmt: skip
    rows = [_row(file, term, tier, is_ratio=is_ratio) for term in shown for tier in term.tiers]
    used = [place for place in range(len(heads)) if any(row[place] is not None for row in rows)]
    columns = tuple(heads[place] for place in used)
    return Part(key, "Terms", (), columns, tuple(tuple(row[at] for at in used) for row in rows))


def _row(file: TermsFile, term: Term, tier: TermTier, *, is_ratio: bool) -> tuple[Cell, ...]:
    values = dict(term.keys)
    start = tier.from_
    return (
        term.contract or None,
        *(_text(values.get(key)) for key in file.keys),
        _text(term.valid_from),
        _text(term.valid_until),
        percent(start) if is_ratio and start is not None else start,
        *(_pay(name, tier) for name in _PAYS),
        term.per_payee,
        term.max_quantity,
    )


def _text(value: object) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, Decimal) or value is None else str(value)


def _pay(name: str, tier: TermTier) -> Cell:
    value = tier.pays.get(name)
    return percent(value) if name == "rate" and value is not None else value
