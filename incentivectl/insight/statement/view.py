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
from incentivectl.insight.statement.statement import Payout, Statement, YearToDate
from incentivectl.output.language import POINTS, Language
from incentivectl.output.report import Worded
from incentivectl.programs.words.statements import EarningRow


@dataclass(frozen=True)
class Line:
    """One program and measurement period, its amounts in `unit`. `status` is empty for what is due."""

    program_id: str
    unit: str
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
    unit: str
    amount: Worded
    reason: str


@dataclass(frozen=True)
class Balance:
    """What is paid, carried forward or held in one currency by one method."""

    currency: str
    unit: str
    method: str
    method_name: str
    brought_forward: Worded
    this_batch: Worded
    payable: Worded
    carried_forward: Worded
    held: Worded
    note: str

    @property
    def heading(self) -> str:
        """The method and what it pays; points say both."""
        return self.method_name if self.unit == POINTS else f"{self.method_name}, {self.unit}"


@dataclass(frozen=True)
class YearLine:
    """What is booked and paid of one balance in the year to date."""

    currency: str
    unit: str
    method: str
    method_name: str
    booked: Worded
    paid: Worded

    @property
    def heading(self) -> str:
        """The method and what it pays; points say both."""
        return self.method_name if self.unit == POINTS else f"{self.method_name}, {self.unit}"


@dataclass(frozen=True)
class View:
    """All parts of a statement; a part without lines is left out of every page."""

    statement: Statement
    language: Language
    title: str
    as_of: Worded
    lead: str
    draft: str
    batches: str
    payable: tuple[tuple[Worded, str], ...]
    balances: tuple[Balance, ...]
    year: tuple[YearLine, ...]
    year_title: str
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
        batches=_batches(statement, language),
        payable=tuple(
            (Worded(amount, language.amount(amount, unit)), unit) for unit, amount in paid.items()
        ),
        balances=tuple(_balance(one, statement, language) for one in statement.payouts),
        year=tuple(_year_line(one, language) for one in statement.year),
        year_title=_year_title(statement, language),
        earned=_lines(earned, language, _reversed(statement, language)),
        corrected=_lines(_corrected(statement), language),
        adjustments=tuple(
            AdjustmentLine(
                one.adjustment_id,
                Worded(one.on, language.short_day(one.on)),
                one.unit,
                Worded(one.amount, language.amount(one.amount, one.unit)),
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
    """What is paid in each currency, by all methods together, and in points."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for one in payouts:
        if one.payable > 0:
            found[one.unit] += one.payable
    return found


def _lead(statement: Statement, paid: dict[str, Decimal], language: Language) -> str:
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
    """What a statement takes back that reverses another one, and the payments that it calls off."""
    said = language.say("This statement reverses statement {number}.", number=statement.reverses)
    cancelled = [
        language.amount(-one.payable, one.unit) for one in statement.payouts if one.payable < 0
    ]
    if not cancelled:
        return said
    amounts = language.listed(cancelled)
    called_off = language.say("The payment of {amounts} is cancelled.", amounts=amounts)
    return f"{said} {called_off}"


def _reversed(statement: Statement, language: Language) -> str:
    """Why a line of such a statement is there; empty for others, which have reasons of their own."""
    if not statement.reverses:
        return ""
    return language.say("Reversed: statement {number} had booked it.", number=statement.reverses)


def _batches(statement: Statement, language: Language) -> str:
    """Which statements of batches are added up; empty for that of a batch, and where there are none."""
    if not statement.adds_up:
        return ""
    numbers = language.listed(statement.adds_up)
    if statement.posted != "yes":
        return language.say("Posted so far: {numbers}.", numbers=numbers)
    if len(statement.adds_up) == 1:
        return language.say("Posted as statement {number}.", number=numbers)
    return language.say("This adds up the statements {numbers}.", numbers=numbers)


def _year_title(statement: Statement, language: Language) -> str:
    if statement.year_first is None:
        return ""
    days = language.days(statement.year_first, statement.last)
    return language.say("Year to date: {days}", days=days)


def _year_line(one: YearToDate, language: Language) -> YearLine:
    def shown(value: Decimal) -> Worded:
        return Worded(value, language.amount(value, one.unit))

    return YearLine(
        currency=one.currency,
        unit=one.unit,
        method=one.method,
        method_name=method_name(one.method, language),
        booked=shown(one.booked),
        paid=shown(one.paid),
    )


def _corrected(statement: Statement) -> list[EarningRow]:
    """The rows that change what was booked before; a reversal says of all of them what they are."""
    return [] if statement.reverses else [one for one in statement.earned if one.is_corrected]


def _taken_back(statement: Statement, language: Language) -> str:
    """What this statement takes back of what was booked before; empty where it is nothing."""
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
        earlier[one.unit] += one.paid_earlier
    paid = [language.amount(amount, unit) for unit, amount in earlier.items() if amount]
    if not paid:
        return draft
    already = language.say("{amounts} of it was posted earlier.", amounts=language.listed(paid))
    return f"{draft} {already}"


def _balance(one: Payout, statement: Statement, language: Language) -> Balance:
    def shown(value: Decimal) -> Worded:
        return Worded(value, language.amount(value, one.unit))

    note = ""
    if one.held:
        note = language.say("Held, because your account is not active.")
    elif one.carried_forward < 0:
        note = language.say("A negative balance is set off against what you earn next.")
    elif one.carried_forward > 0:
        note = language.say("Below the minimum payment; it is carried forward.")
    return Balance(
        currency=one.currency,
        unit=one.unit,
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


def _lines(rows: Iterable[EarningRow], language: Language, why: str = "") -> tuple[Line, ...]:
    """Rows in words; `why` takes the place of their own reasons."""
    return tuple(_line(one, language, why) for one in rows)


def _line(one: EarningRow, language: Language, why: str) -> Line:
    def shown(value: Decimal) -> Worded:
        amount = one.in_unit(value)
        return Worded(amount, language.amount(amount, one.unit))

    return Line(
        program_id=one.program.id,
        unit=one.unit,
        program=one.program.name,
        days=language.days(one.period_start, one.period_end),
        period_start=Worded(one.period_start, language.short_day(one.period_start)),
        entitlement=shown(one.entitlement),
        booked_before=shown(one.booked_before),
        this_batch=shown(one.this_batch),
        status=_status(one, language),
        reason=why or reason(one, language),
        correction=_correction(one, language) if one.is_corrected else "",
        advice=None if why else advice(one, language),
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
    now, before, difference = (
        language.amount(one.in_unit(value), one.unit)
        for value in (one.entitlement, one.booked_before, abs(one.this_batch))
    )
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
