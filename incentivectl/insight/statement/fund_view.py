"""Funds and deals of a statement in words."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from incentivectl.insight.statement.statement import FundStanding, Statement
from incentivectl.output.language import Language
from incentivectl.output.report import Worded


@dataclass(frozen=True)
class FundView:
    """A fund in its current measurement period, and sentences on what expires or was refused."""

    program_id: str
    program: str
    days: str
    opening: Worded
    credited: Worded
    paid: Worded
    expired: Worded
    closing: Worded
    committed: Worded
    available: Worded
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class DealView:
    """A deal whose protection ends soon."""

    deal_id: str
    customer: str
    protected_until: Worded
    registered: Worded | None
    sold: Worded
    sentence: str


def fund_view(fund: FundStanding, language: Language) -> FundView:
    """One fund in words."""

    def told(value: Decimal) -> str:
        if fund.unit == "hours":
            return language.count("{n} hour", "{n} hours", _trimmed(value))
        return language.money(value, fund.unit, fund.digits)

    def shown(value: Decimal) -> Worded:
        return Worded(value, told(value))

    return FundView(
        program_id=fund.program.id,
        program=fund.program.name,
        days=language.days(fund.period_start, fund.period_end),
        opening=shown(fund.opening),
        credited=shown(fund.credited),
        paid=shown(fund.paid),
        expired=shown(fund.expired),
        closing=shown(fund.closing),
        committed=shown(fund.committed),
        available=shown(fund.available),
        sentences=tuple(_sentences(fund, told, language)),
    )


def _sentences(
    fund: FundStanding, told: Callable[[Decimal], str], language: Language
) -> Iterator[str]:
    """What expires, what is left to claim, and what became of claims."""
    for lot in fund.expiring:
        yield language.say(
            "Commit {amount} by {day}, or it expires.",
            amount=told(lot.available),
            day=language.day(lot.usable_through),
        )
    for one in fund.commitments:
        if one.deadline is None:
            yield language.say(
                "{amount} is left to claim for request {request} ({activity}).",
                amount=told(one.left), request=one.request_id, activity=one.activity,
            )  # fmt: skip
        else:
            yield language.say(
                "{amount} is left to claim for request {request} ({activity}) by {day}.",
                amount=told(one.left), request=one.request_id, activity=one.activity,
                day=language.day(one.deadline),
            )  # fmt: skip
    for claim in fund.claims:
        if claim.refused is not None:
            why = _refused(claim.refused, language)
            yield language.say("Claim {claim} was refused: {why}.", claim=claim.claim_id, why=why)
        else:
            yield language.say(
                "Claim {claim} paid {amount}.", claim=claim.claim_id, amount=told(claim.paid)
            )


def _trimmed(value: Decimal) -> Decimal:
    return Decimal(int(value)) if value == int(value) else value.normalize()


def _refused(reason: str, language: Language) -> str:
    """Why a claim was refused (docs/rules.md, "Funds")."""
    match reason:
        case "not-approved":
            return language.say("the request was not approved in time")
        case "late":
            return language.say("it came after the deadline")
        case "no-proof":
            return language.say("proof is missing")
        case "activity":
            return language.say("the activity is not listed, or was over before its approval")
        case "no-balance":
            return language.say("the commitment is used up")
    return language.say("no such request")


def deal_views(statement: Statement, language: Language) -> tuple[DealView, ...]:
    """The deals in words; what is still open is what was registered less what was sold."""
    found = []
    for deal in statement.deals:
        day = language.day(deal.protected_until)
        if deal.registered is not None and deal.registered > deal.sold:
            said = language.say(
                "Protected until {day}: {amount} of what you registered is still open.",
                day=day,
                amount=language.money(deal.registered - deal.sold, statement.currency),
            )
        else:
            said = language.say("Protected until {day}.", day=day)
        found.append(
            DealView(
                deal_id=deal.deal_id,
                customer=deal.customer,
                protected_until=Worded(
                    deal.protected_until, language.short_day(deal.protected_until)
                ),
                registered=None
                if deal.registered is None
                else Worded(deal.registered, language.money(deal.registered, statement.currency)),
                sold=Worded(deal.sold, language.money(deal.sold, statement.currency)),
                sentence=said,
            )
        )
    return tuple(found)
