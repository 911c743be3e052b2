"""Disputes of a statement in words."""

from dataclasses import dataclass

from incentivectl.insight.statement.statement import Dispute
from incentivectl.output.language import Language
from incentivectl.output.report import Worded


@dataclass(frozen=True)
class DisputeView:
    """What a payee objected to, what about it was decided, and the answer."""

    dispute_id: str
    program_id: str | None
    period_start: Worded | None
    sale_id: str | None
    opened_on: Worded
    amount: Worded | None
    reason: str
    status: str
    closed_on: Worded | None
    answer: str | None
    sentence: str


def dispute_view(one: Dispute, language: Language) -> DisputeView:
    """One dispute in words."""
    opened = language.day(one.opened_on)
    amount = None
    what = language.say("Dispute of {day}", day=opened)
    if one.amount is not None:
        amount = Worded(one.amount, language.money(one.amount, one.currency))
        what = language.say("Dispute of {day} for {amount}", day=opened, amount=amount.text)
    answer = f" {one.answer}" if one.answer else ""
    return DisputeView(
        dispute_id=one.dispute_id,
        program_id=one.program_id,
        period_start=None
        if one.period_start is None
        else Worded(one.period_start, language.short_day(one.period_start)),
        sale_id=one.sale_id,
        opened_on=Worded(one.opened_on, opened),
        amount=amount,
        reason=one.reason,
        status=one.status,
        closed_on=None
        if one.closed_on is None
        else Worded(one.closed_on, language.day(one.closed_on)),
        answer=one.answer or None,
        sentence=f"{what} ({one.reason}): {_status(one, language)}.{answer}",
    )


def _status(one: Dispute, language: Language) -> str:
    match one.status:
        case "open":
            return language.say("open")
        case "rejected":
            return language.say("rejected")
    if one.is_adjusted:
        return language.say("accepted and corrected by an adjustment")
    return language.say("accepted; an adjustment will correct it")
