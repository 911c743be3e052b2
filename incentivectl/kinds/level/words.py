"""How programs of levels are described."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from incentivectl.core.nouns import agreeing, counted
from incentivectl.kinds.level.model import LevelProgram
from incentivectl.programs.gate import ACTIVITY
from incentivectl.programs.model import Program
from incentivectl.programs.words.kind_words import Words
from incentivectl.programs.words.phrases import either, number
from incentivectl.programs.words.terms import Part, Terms, bare


class LevelWords(Words):
    """Levels: what each asks for, and how long it is kept."""

    def title(self, program: Program) -> str:
        """What it is."""
        return "Levels of partners"

    def payees(self, program: Program) -> str:
        """Who has a level."""
        who = {
            "partner": "Partners reach a level by their own sales.",
            "parent": "Partners reach a level by what all partners below the same top sell.",
        }
        return f"{who[program.payee]} It pays nothing by itself."

    def pays(self, terms: Terms) -> Iterator[Part]:
        """What is asked for, and when a level begins and ends."""
        assert isinstance(terms.program, LevelProgram)
        yield from _parts(terms.program, terms)


def _parts(program: LevelProgram, terms: Terms) -> Iterator[Part]:
    rules = program.level
    measured = f"the {terms.period}" if rules.months is None else counted(rules.months, "month")
    upto = "" if rules.months is None else " up to then"
    sentences = [
        f"At the end of each {terms.period} the {rules.metric} of {measured}{upto} decides: the last"
        " level that is reached, from the day after.",
    ]
    if rules.grace_periods:
        sentences.append(
            f"A level that was reached is kept for {counted(rules.grace_periods, 'further review')}."
        )
    yield Part("levels", "Levels", tuple(sentences))
    rows = tuple(
        (level.name, bare(rules.metric, level.at_least, terms), _also(level.also) or None)
        for level in rules.levels
    )
    yield Part("level_table", "By level", (), ("level", f"{rules.metric} from", "and"), rows)


def _also(asked: Mapping[str, Decimal]) -> str:
    """The activities that a level asks for: "2 certifications and 1 training"."""
    if not asked:
        return ""
    named = ((name.removeprefix(ACTIVITY), times) for name, times in asked.items())
    return either((f"{number(times)} {agreeing(times, name)}" for name, times in named), "and")
