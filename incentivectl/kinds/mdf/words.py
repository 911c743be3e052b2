"""How market development funds are described."""

from collections.abc import Iterator, Mapping

from incentivectl.core.nouns import counted
from incentivectl.kinds.mdf.model import MdfProgram
from incentivectl.programs.fields import OF_PARTNERS
from incentivectl.programs.model import Program
from incentivectl.programs.words.kind_words import Words, counting
from incentivectl.programs.words.phrases import either, percent
from incentivectl.programs.words.terms import Part, Terms


class FundWords(Words):
    """A fund: what fills it and when that expires, and which claims it pays."""

    def title(self, program: Program) -> str:
        """What it is."""
        hours = program.pays_hours
        return "A fund of hours: support in kind" if hours else "A fund for marketing"

    def payees(self, program: Program) -> str:
        """Who has a fund."""
        return "Each partner has a fund of its own."

    def counts(self, terms: Terms) -> Iterator[str]:
        """The lines that a fund accrues from; else the partners that take part."""
        program = terms.program
        assert isinstance(program, MdfProgram)
        if program.fund.accrue is not None:
            yield from super().counts(terms)
        elif not program.eligible:
            yield "Every partner takes part."
        else:
            when = f"on the first day of a {terms.period}"
            yield from counting(terms, "A partner", when, "takes part")

    def pays(self, terms: Terms) -> Iterator[Part]:
        """What is paid."""
        assert isinstance(terms.program, MdfProgram)
        return _parts(terms.program, terms)


def _parts(program: MdfProgram, terms: Terms) -> Iterator[Part]:
    yield Part("fund", "What fills the fund", tuple(_fund(program, terms)))
    allocate = program.fund.allocate
    if isinstance(allocate, Mapping):
        unit = "hours" if program.pays_hours else terms.currency
        columns = ("partner's tier", f"{unit} in each {terms.period}")
        yield Part("allocations", "By tier", (), columns, tuple(allocate.items()))
    yield Part("claims", "What it pays", tuple(_claims(program)))


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
    partner_only = any(one.entity in OF_PARTNERS for one in program.eligible)
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


def _claims(program: MdfProgram) -> Iterator[str]:
    claims = program.claims
    kinds = f" ({either(claims.activities)})" if claims.activities else ""
    share = percent(claims.reimburse)
    approved = "hours are" if program.pays_hours else "cost is"
    yield (
        f"An activity{kinds} is asked for beforehand; when it is approved, {share} of its approved"
        f" {approved} set aside, up to the fund's balance."
    )
    if program.pays_hours:
        yield f"A claim uses {share} of the hours it states, at most what was set aside."
    else:
        yield f"A claim pays {share} of what was spent, at most what was set aside."
    if claims.within_days is not None:
        days = counted(claims.within_days, "day")
        yield f"It must be claimed within {days} after the activity's end."
    if claims.proof_required:
        yield "Proof is required."
    yield "With the last claim, or at the deadline, what is left goes back to the fund."
