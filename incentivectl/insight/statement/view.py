"""A statement in its payee's language: every figure as `Worded`, every sentence ready to print."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from incentivectl.insight.statement.advice import Advice, advice
from incentivectl.insight.statement.dispute_view import DisputeView, dispute_view
from incentivectl.insight.statement.fund_view import DealView, FundView, deal_views, fund_view
from incentivectl.insight.statement.level_view import LevelView, level_view
from incentivectl.insight.statement.reasons import reason
from incentivectl.insight.statement.statement import Payout, Statement
from incentivectl.output.language import Language
from incentivectl.output.report import Worded
from incentivectl.programs.words.statements import EarningRow


@dataclass(frozen=True)
class Line:
    """One program and measurement period. `status` is empty for what is due."""

    program_id: str
    program: str
    days: str
    period_start: Worded
    entitlement: Worded
    booked_before: Worded
    this_batch: Worded
    status: str
    reason: str
    correction: str
    advice: Advice | None


@dataclass(frozen=True)
class AdjustmentLine:
    """An adjustment with the reason that was given for it."""

    adjustment_id: str
    on: Worded
    amount: Worded
    reason: str


@dataclass(frozen=True)
class Balance:
    """What is paid, carried forward or held in one currency by one method."""

    currency: str
    method: str
    method_name: str
    brought_forward: Worded
    this_batch: Worded
    payable: Worded
    carried_forward: Worded
    held: Worded
    note: str


@dataclass(frozen=True)
class View:
    """All parts of a statement; a part without lines is left out of every page."""

    statement: Statement
    language: Language
    title: str
    as_of: Worded
    lead: str
    draft: str
    payable: tuple[tuple[Worded, str], ...]
    balances: tuple[Balance, ...]
    earned: tuple[Line, ...]
    corrected: tuple[Line, ...]
    adjustments: tuple[AdjustmentLine, ...]
    accruing: tuple[Line, ...]
    held: tuple[Line, ...]
    nothing: tuple[Line, ...]
    funds: tuple[FundView, ...]
    deals: tuple[DealView, ...]
    levels: tuple[LevelView, ...]
    disputes: tuple[DisputeView, ...]
    taken_back: str
    contact: str
    objections: str

    @property
    def is_address(self) -> bool:
        """Whether the contact is an e-mail address and nothing else."""
        return re.fullmatch(r"[\w.+-]+@[\w.-]+", self.contact) is not None

    @property
    def is_good_news(self) -> bool:
        """Whether something is paid and nothing is taken back."""
        return bool(self.payable) and not self.taken_back

    @property
    def advised(self) -> tuple[Line, ...]:
        """The lines with something to do, those that are furthest on their way first."""
        found = (line for line in (*self.accruing, *self.earned, *self.nothing) if line.advice)
        return tuple(sorted(found, key=lambda line: -line.advice.percent if line.advice else 0))

    @property
    def best(self) -> Line | None:
        """The first of these."""
        return next(iter(self.advised), None)


def view_of(statement: Statement, language: Language) -> View:
    """The statement in words."""
    due = statement.of("due")
    earned = [one for one in due if one.entitlement or one.this_batch or one.booked_before]
    waiting = statement.of("accruing")
    held = [one for one in statement.of("held") if one.entitlement or one.this_batch]
    dull = [one for one in due if one not in earned]
    dull += [one for one in statement.of("held") if one not in held]
    going_on = [one for one in waiting if one.entitlement or one.next_step]
    dull += [one for one in waiting if one not in going_on]
    paid = payable(statement.payouts)
    return View(
        statement=statement,
        language=language,
        title=language.days(statement.first, statement.last),
        as_of=Worded(statement.last, language.day(statement.last)),
        lead=_lead(statement, paid, language),
        draft=_draft(statement, language),
        payable=tuple(
            (Worded(amount, language.money(amount, currency)), currency)
            for currency, amount in paid.items()
        ),
        balances=tuple(_balance(one, statement, language) for one in statement.payouts),
        earned=_lines(earned, language),
        corrected=_lines([one for one in statement.earned if one.is_corrected], language),
        adjustments=tuple(
            AdjustmentLine(
                one.adjustment_id,
                Worded(one.on, language.short_day(one.on)),
                Worded(one.amount, language.money(one.amount, one.currency)),
                one.reason,
            )
            for one in statement.adjustments
        ),
        accruing=_lines(going_on, language),
        held=_lines(held, language),
        nothing=_lines(dull, language),
        funds=tuple(fund_view(one, language) for one in statement.funds),
        deals=deal_views(statement, language),
        levels=tuple(level_view(one, language) for one in statement.levels),
        disputes=tuple(dispute_view(one, language) for one in statement.disputes),
        taken_back=_taken_back(statement, language),
        contact=statement.contact,
        objections=_objections(statement, language),
    )


def payable(payouts: Iterable[Payout]) -> dict[str, Decimal]:
    """What is paid in each currency, by all methods together."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for one in payouts:
        if one.payable:
            found[one.currency] += one.payable
    return found


def _lead(statement: Statement, paid: dict[str, Decimal], language: Language) -> str:
    """The one sentence at the head of the page."""
    if paid:
        amounts = language.listed(language.money(amount, code) for code, amount in paid.items())
        if statement.posted == "yes":
            return language.say("You are paid {amounts}.", amounts=amounts)
        return language.say("You would be paid {amounts}.", amounts=amounts)
    held = any(one.held for one in statement.payouts)
    if held or any(one.inactive and one.entitlement > 0 for one in statement.earned):
        return language.say("What you have earned is held: your account is not active.")
    owed = [one for one in statement.payouts if one.carried_forward < 0]
    if owed:
        debts = (language.money(-one.carried_forward, one.currency) for one in owed)
        return language.say(
            "Nothing is paid this time: {amounts} is set off against what you earn next.",
            amounts=language.listed(debts),
        )
    if any(one.carried_forward for one in statement.payouts):
        return language.say("Nothing is paid this time; the balance is carried forward.")
    return language.say("Nothing is paid this time.")


def _taken_back(statement: Statement, language: Language) -> str:
    """What this statement takes back of what was booked before; empty where it is nothing."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in statement.earned:
        if one.is_corrected and one.this_batch < 0:
            sums[one.currency] -= one.this_batch
    for adjustment in statement.adjustments:
        if adjustment.amount < 0:
            sums[adjustment.currency] -= adjustment.amount
    if not sums:
        return ""
    amounts = language.listed(language.money(amount, code) for code, amount in sums.items())
    return language.say(
        "{amounts} is taken back in this statement; the reasons are below.", amounts=amounts
    )


def _objections(statement: Statement, language: Language) -> str:
    """Until when the payee may object; empty where nothing says so."""
    if statement.dispute_until is None:
        return ""
    return language.say(
        "Objections are accepted until {day}.", day=language.day(statement.dispute_until)
    )


def _draft(statement: Statement, language: Language) -> str:
    """Whether anything of this may still change; empty where all of it is posted."""
    if statement.posted == "yes":
        return ""
    if statement.posted == "changed":
        draft = language.say("Draft: figures have changed since they were posted.")
    else:
        draft = language.say("Draft: not posted yet.")
    earlier: dict[str, Decimal] = defaultdict(Decimal)
    for one in statement.payouts:
        earlier[one.currency] += one.paid_earlier
    paid = [language.money(amount, code) for code, amount in earlier.items() if amount]
    if not paid:
        return draft
    already = language.say("{amounts} of it was posted earlier.", amounts=language.listed(paid))
    return f"{draft} {already}"


def _balance(one: Payout, statement: Statement, language: Language) -> Balance:
    def shown(value: Decimal) -> Worded:
        return Worded(value, language.money(value, one.currency))

    note = ""
    if one.held:
        note = language.say("Held, because your account is not active.")
    elif one.carried_forward < 0:
        note = language.say("A negative balance is set off against what you earn next.")
    elif one.carried_forward > 0:
        note = language.say("Below the minimum payment; it is carried forward.")
    return Balance(
        currency=one.currency,
        method=one.method,
        method_name=method_name(one.method, language),
        brought_forward=shown(one.brought_forward),
        this_batch=shown(one.this_batch),
        payable=shown(one.payable),
        carried_forward=shown(one.carried_forward),
        held=shown(one.held),
        note=note,
    )


def method_name(method: str, language: Language) -> str:
    """A payout method as a noun."""
    match method:
        case "cash":
            return language.say("Cash")
        case "credit_note":
            return language.say("Credit note")
        case "gift_card":
            return language.say("Gift cards")
        case "points":
            return language.say("Points")
    return method


def _lines(rows: Iterable[EarningRow], language: Language) -> tuple[Line, ...]:
    return tuple(_line(one, language) for one in rows)


def _line(one: EarningRow, language: Language) -> Line:
    def shown(value: Decimal) -> Worded:
        return Worded(value, language.money(value, one.currency))

    return Line(
        program_id=one.program.id,
        program=one.program.name,
        days=language.days(one.period_start, one.period_end),
        period_start=Worded(one.period_start, language.short_day(one.period_start)),
        entitlement=shown(one.entitlement),
        booked_before=shown(one.booked_before),
        this_batch=shown(one.this_batch),
        status=_status(one, language),
        reason=reason(one, language),
        correction=_correction(one, language) if one.is_corrected else "",
        advice=advice(one, language),
    )


def _status(one: EarningRow, language: Language) -> str:
    if one.inactive:
        return language.say("held: your account is not active")
    if one.status == "held":
        return language.say("payable from {day}", day=language.day(one.payable_from))
    if one.status == "accruing":
        return language.say("so far; the period ends on {day}", day=language.day(one.period_end))
    return ""


def _correction(one: EarningRow, language: Language) -> str:
    """What was booked before against what is earned as the data is known now."""
    now = language.money(one.entitlement, one.currency)
    before = language.money(one.booked_before, one.currency)
    difference = language.money(abs(one.this_batch), one.currency)
    if one.this_batch < 0:
        return language.say(
            "{before} was booked before; with the returns, corrections and late sales known now you"
            " have earned {now}, so {difference} is reversed.",
            before=before,
            now=now,
            difference=difference,
        )
    return language.say(
        "{before} was booked before; with the sales and corrections known now you have earned {now},"
        " so {difference} is added.",
        before=before,
        now=now,
        difference=difference,
    )
