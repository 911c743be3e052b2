"""How programs for activities are described."""

from collections.abc import Iterator

from incentivectl.kinds.activity.model import ActivityProgram
from incentivectl.programs.model import Program
from incentivectl.programs.words.kind_words import Words, counting
from incentivectl.programs.words.phrases import capital, conditions, number
from incentivectl.programs.words.terms import Part, Terms

_PAYEES = {
    "rep": "People earn for what they do.",
    "partner": "Partners earn for what they do.",
    "parent": "Parents earn for what the partners below them do.",
}


class ActivityWords(Words):
    """Activities: what each pays, and how often."""

    def title(self, program: Program) -> str:
        """What it is."""
        return "A reward for activities"

    def payees(self, program: Program) -> str:
        """Who is active."""
        return _PAYEES[program.payee]

    def counts(self, terms: Terms) -> Iterator[str]:
        """Activities, and no sales."""
        return counting(terms, "An activity that was passed", "on its day")

    def pays(self, terms: Terms) -> Iterator[Part]:
        """What is paid."""
        assert isinstance(terms.program, ActivityProgram)
        return _parts(terms.program, terms)


def _parts(program: ActivityProgram, terms: Terms) -> Iterator[Part]:
    often = {
        "subject": "once for each subject in the program's life",
        "period": f"once in a {terms.period}",
        "program": "once in the program's life",
        "none": "every time",
    }
    entries = program.reward
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
        subject = "Any activity" if entry.activity is None else capital(entry.activity)
        sentences.append(f"{subject}{score}{clause}: {pays}.")
    if len(entries) > 1:
        sentences.append(
            "An activity is paid by the first of these that it matches, and once only."
        )
    yield Part("pays", "What it pays", tuple(sentences))
    rows = tuple((e.activity or "any", e.min_score, e.amount, often[e.once_per]) for e in entries)
    columns = ("activity", "score from", terms.currency, "how often")
    yield Part("activities", "By activity", (), columns, rows)
