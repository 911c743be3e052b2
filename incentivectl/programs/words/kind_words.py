"""How a kind of program is described; a kind overrides the sentences that differ."""

from collections.abc import Iterator

from incentivectl.core.nouns import agreeing
from incentivectl.programs.model import Program
from incentivectl.programs.words.phrases import condition, conditions, number
from incentivectl.programs.words.rewards import reward_parts
from incentivectl.programs.words.terms import Part, Terms

_PAYEES = {
    "partner": "Partners earn, each on its own sales.",
    "rep": "Reps earn: the rep of each line, or the reps who share its sale.",
    "distributor": "Distributors earn, each on the lines it reported.",
    "parent": "Parents earn: the partner at the top of a line's partner, on the day of the sale.",
    "manager": "Managers earn: those of the reps of each line, on the day of the sale.",
}


class Words:
    """The sentences that differ between kinds; these suit any kind that looks at sales."""

    def title(self, program: Program) -> str:
        """What it is, as a noun."""
        return "A program"

    def payees(self, program: Program) -> str:
        """Who earns, and on what."""
        return _PAYEES[program.payee]

    def counts(self, terms: Terms) -> Iterator[str]:
        """What counts, and under which conditions."""
        yield from counting(terms, "A line of a sale", "on the day of the sale")
        yield from _bundles(terms)
        if terms.program.serials_earn_once:
            yield "A serial number earns once: for its first seller."
        yield "Returns are deducted."

    def pays(self, terms: Terms) -> Iterator[Part]:
        """What is paid."""
        return reward_parts(terms)


_MADE_OF = {
    "customer": "what one customer bought",
    "sale": "the lines of one sale",
}


def _bundles(terms: Terms) -> Iterator[str]:
    """What has to be bought together."""
    bundle = terms.program.bundle
    if bundle is None:
        return
    within = _MADE_OF.get(bundle.per or "", "all lines of the payee that count")
    yield f"A bundle is made of {within}, and takes all of this:"
    for i, need in enumerate(bundle.needs):
        files = terms.files("bundle", "needs", i, "when")
        clause = conditions(need.when, terms.currency, files)
        units = f"{number(need.quantity)} {agreeing(need.quantity, 'unit')}"
        yield f"- {units} where {clause}"
    yield "A line belongs to the first of these whose condition it meets; any other does not count."


def counting(terms: Terms, subject: str, when: str, verb: str = "counts") -> Iterator[str]:
    """The conditions of `[eligible]` on a subject, and what an exclusive group takes away."""
    program = terms.program
    listed, files = program.eligible, terms.files("eligible")
    if not listed:
        yield f"{subject} counts without further conditions."
    elif len(listed) == 1:
        clause = condition(listed[0], terms.currency, files.get(listed[0].field))
        yield f"{subject} {verb} if, {when}, {clause}."
    else:
        yield f"{subject} {verb} if all of this holds {when}:"
        for one in listed:
            yield f"- {condition(one, terms.currency, files.get(one.field))}"
    if program.exclusive_group:
        yield (
            f"What counts in another program of the group “{program.exclusive_group}” with a lower"
            f" priority number than {program.priority} does not count here."
        )
