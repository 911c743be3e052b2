"""What a statement says of rewarded activities."""

from decimal import Decimal

from incentivectl.output.language import Language
from incentivectl.programs.words.statements import EarningRow

DATED = 6  # up to so many activities are told with their days


def sentence(earned: EarningRow, language: Language) -> str:
    """How many activities were rewarded, and which."""
    done = earned.metric_value or Decimal(0)
    return language.count(
        "{n} activity was rewarded: {which}.",
        "{n} activities were rewarded: {which}.",
        done,
        which=_which(earned, language),
    )


def _which(earned: EarningRow, language: Language) -> str:
    """Each activity with its days, or how often it was done where these are too many."""
    days: dict[str, list[str]] = {}
    for item in earned.items:
        days.setdefault(item.name.replace("_", " "), []).append(language.short_day(item.on))
    if len(earned.items) > DATED:
        return ", ".join(
            f"{language.number(Decimal(len(on)))} × {name}" for name, on in days.items()
        )
    return ", ".join(f"{name} ({'; '.join(on)})" for name, on in days.items())
