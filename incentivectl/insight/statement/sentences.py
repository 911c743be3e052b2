"""The sentences that speak of a statement as a whole."""

from collections import defaultdict
from decimal import Decimal

from incentivectl.insight.statement.statement import Statement
from incentivectl.output.language import Language


def lead(statement: Statement, paid: dict[str, Decimal], language: Language) -> str:
    """The one sentence at the head of the page."""
    if statement.reverses:
        return _reversal(statement, language)
    if paid:
        amounts = language.listed(language.amount(amount, unit) for unit, amount in paid.items())
        if statement.posted == "yes":
            return language.say("You are paid {amounts}.", amounts=amounts)
        return language.say("You would be paid {amounts}.", amounts=amounts)
    held = any(one.held for one in statement.payouts)
    if held or any(one.inactive and one.entitlement > 0 for one in statement.earned):
        return language.say("What you have earned is held: your account is not active.")
    owed = [one for one in statement.payouts if one.carried_forward < 0]
    if owed:
        debts = (language.amount(-one.carried_forward, one.unit) for one in owed)
        return language.say(
            "Nothing is paid this time: {amounts} is set off against what you earn next.",
            amounts=language.listed(debts),
        )
    if any(one.carried_forward for one in statement.payouts):
        return language.say("Nothing is paid this time; the balance is carried forward.")
    return language.say("Nothing is paid this time.")


def _reversal(statement: Statement, language: Language) -> str:
    """What a statement that reverses another one says: which, and the payments that are cancelled."""
    said = language.say("This statement reverses statement {number}.", number=statement.reverses)
    cancelled = [
        language.amount(-one.payable, one.unit) for one in statement.payouts if one.payable < 0
    ]
    if not cancelled:
        return said
    amounts = language.listed(cancelled)
    called_off = language.say("The payment of {amounts} is cancelled.", amounts=amounts)
    return f"{said} {called_off}"


def why_reversed(statement: Statement, language: Language) -> str:
    """Why a line of such a statement is there; empty for others, which have reasons of their own."""
    if not statement.reverses:
        return ""
    return language.say("Reversed: statement {number} had booked it.", number=statement.reverses)


def batches_named(statement: Statement, language: Language) -> str:
    """Which statements of batches are added up; empty for that of a batch, and where there are none."""
    if not statement.adds_up:
        return ""
    numbers = language.listed(statement.adds_up)
    if statement.posted != "yes":
        return language.say("Posted so far: {numbers}.", numbers=numbers)
    if len(statement.adds_up) == 1:
        return language.say("Posted as statement {number}.", number=numbers)
    return language.say("This adds up the statements {numbers}.", numbers=numbers)


def draft_note(statement: Statement, language: Language) -> str:
    """Whether anything of this may still change; empty where all of it is posted."""
    if statement.posted == "yes":
        return ""
    if statement.posted == "changed":
        draft = language.say("Draft: figures have changed since they were posted.")
    else:
        draft = language.say("Draft: not posted yet.")
    earlier: dict[str, Decimal] = defaultdict(Decimal)
    for one in statement.payouts:
        earlier[one.unit] += one.paid_earlier
    paid = [language.amount(amount, unit) for unit, amount in earlier.items() if amount]
    if not paid:
        return draft
    already = language.say("{amounts} of it was posted earlier.", amounts=language.listed(paid))
    return f"{draft} {already}"


def taken_back(statement: Statement, language: Language) -> str:
    """What this statement claws back of earlier bookings; empty where it is nothing."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in statement.earned:
        if one.this_batch < 0 and (one.is_corrected or statement.reverses):
            sums[one.unit] -= one.in_unit(one.this_batch)
    for adjustment in statement.adjustments:
        if adjustment.amount < 0:
            sums[adjustment.unit] -= adjustment.amount
    if not sums:
        return ""
    amounts = language.listed(language.amount(amount, unit) for unit, amount in sums.items())
    return language.say(
        "{amounts} is taken back in this statement; the reasons are below.", amounts=amounts
    )


def objections(statement: Statement, language: Language) -> str:
    """Until when the payee may object; empty where nothing says so."""
    if statement.dispute_until is None:
        return ""
    return language.say(
        "Objections are accepted until {day}.", day=language.day(statement.dispute_until)
    )


def year_title(statement: Statement, language: Language) -> str:
    """Above the year to date; empty where none is shown."""
    if statement.year_first is None:
        return ""
    days = language.days(statement.year_first, statement.last)
    return language.say("Year to date: {days}", days=days)
