"""An objective in words: what a program is for, and by which figure that is judged."""

from collections.abc import Iterator
from decimal import Decimal

from incentivectl.programs.objective import Objective
from incentivectl.programs.words.phrases import percent

METRIC_WORDS = {
    "revenue": "the revenue of its eligible lines",
    "quantity": "the quantity of its eligible lines",
    "lines": "the number of its eligible lines",
    "sales": "the number of sales with an eligible line",
    "customers": "the number of customers that buy what is eligible",
    "products": "the number of eligible products that are sold",
}
_AGAINST = {
    "previous_year": "on the same days a year before",
    "previous_period": "in the measurement period before",
}


def objective_sentences(objective: Objective) -> Iterator[str]:
    """The objective's own words, and how it is measured where it is."""
    if objective.text:
        yield f"Objective: {objective.text.rstrip('.')}."
    if objective.metric is not None and objective.change is not None:
        words = METRIC_WORDS[objective.metric]
        yield f"It is judged by {words}: {target_words(objective)}."


def target_words(objective: Objective) -> str:
    """The target: `at least 10 % more than on the same days a year before`."""
    change = objective.change or Decimal(0)
    size = percent(abs(change))
    than = "no less than"
    if change:
        than = f"at least {size} more than" if change > 0 else f"at most {size} less than"
    return f"{than} {_AGAINST[objective.against]}"
