"""Levels of a statement in words."""

from dataclasses import dataclass
from decimal import Decimal

from incentivectl.insight.statement.statement import LevelStanding
from incentivectl.output.language import Language
from incentivectl.output.report import Worded


@dataclass(frozen=True)
class LevelView:
    """The level of a partner in one program, and sentences on how long and on what is missing."""

    program_id: str
    program: str
    level: str
    until: Worded | None
    next_level: str
    missing: Worded | None
    sentences: tuple[str, ...]


def level_view(one: LevelStanding, language: Language) -> LevelView:
    """One level in words."""
    has_next = one.next_level is not None and one.missing is not None
    return LevelView(
        program_id=one.program.id,
        program=one.program.name,
        level=one.level or "",
        until=None if one.until is None else Worded(one.until, language.day(one.until)),
        next_level=one.next_level or "",
        missing=Worded(one.missing, _amount(one, one.missing, language))
        if has_next and one.missing is not None
        else None,
        sentences=(_has(one, language), *(_lacks(one, language) if has_next else ())),
    )


def _has(one: LevelStanding, language: Language) -> str:
    if one.level is None:
        return language.say("You have no level yet.")
    if one.until is None:
        return language.say("You have the level {level}.", level=one.level)
    day = language.day(one.until)
    return language.say(
        "You have the level {level}, at least until {day}.", level=one.level, day=day
    )


def _lacks(one: LevelStanding, language: Language) -> tuple[str, ...]:
    assert one.next_level is not None
    assert one.missing is not None
    assert one.reviewed_on is not None
    day = language.day(one.reviewed_on)
    if not one.missing:
        return (
            language.say(
                "At the review of {day}, {level} lacks activities only.",
                day=day,
                level=one.next_level,
            ),
        )
    return (
        language.say(
            "At the review of {day}, {amount} is missing for {level}.",
            day=day,
            amount=_amount(one, one.missing, language),
            level=one.next_level,
        ),
    )


def _amount(one: LevelStanding, missing: Decimal, language: Language) -> str:
    match one.metric:
        case "quantity":
            return language.count("{n} unit", "{n} units", missing)
        case "lines":
            return language.count("{n} line", "{n} lines", missing)
        case "sales":
            return language.count("{n} sale", "{n} sales", missing)
        case "customers":
            return language.count("{n} customer", "{n} customers", missing)
        case "products":
            return language.count("{n} product", "{n} products", missing)
    return language.money(missing, one.currency)
