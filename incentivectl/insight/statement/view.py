"""A statement in its payee's language: every figure as `Worded`, every sentence ready to print."""

import re
from dataclasses import dataclass

from incentivectl.insight.statement.balance_view import (
    Balance,
    YearLine,
    balance_view,
    payable,
    year_view,
)
from incentivectl.insight.statement.dispute_view import DisputeView, dispute_view
from incentivectl.insight.statement.fund_view import DealView, FundView, deal_views, fund_view
from incentivectl.insight.statement.level_view import LevelView, level_view
from incentivectl.insight.statement.line_view import Line, line_views
from incentivectl.insight.statement.sentences import (
    batches_named,
    draft_note,
    lead,
    objections,
    taken_back,
    why_reversed,
    year_title,
)
from incentivectl.insight.statement.statement import Adjustment, Statement
from incentivectl.output.language import Language
from incentivectl.output.report import Worded
from incentivectl.programs.words.statements import EarningRow


@dataclass(frozen=True)
class AdjustmentLine:
    """An adjustment with the reason that was given for it."""

    adjustment_id: str
    on: Worded
    unit: str
    amount: Worded
    reason: str


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
        """Whether something is paid and nothing is clawed back."""
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
        lead=lead(statement, paid, language),
        draft=draft_note(statement, language),
        batches=batches_named(statement, language),
        payable=tuple(
            (Worded(amount, language.amount(amount, unit)), unit) for unit, amount in paid.items()
        ),
        balances=tuple(balance_view(one, language) for one in statement.payouts),
        year=tuple(year_view(one, language) for one in statement.year),
        year_title=year_title(statement, language),
        earned=line_views(earned, language, why_reversed(statement, language)),
        corrected=line_views(_corrected(statement), language),
        adjustments=tuple(_adjustment(one, language) for one in statement.adjustments),
        accruing=line_views(going_on, language),
        held=line_views(held, language),
        nothing=line_views(dull, language),
        funds=tuple(fund_view(one, language) for one in statement.funds),
        deals=deal_views(statement, language),
        levels=tuple(level_view(one, language) for one in statement.levels),
        disputes=tuple(dispute_view(one, language) for one in statement.disputes),
        taken_back=taken_back(statement, language),
        contact=statement.contact,
        objections=objections(statement, language),
    )


def _corrected(statement: Statement) -> list[EarningRow]:
    """The rows that change what was booked before; a reversal says of all of them what they are."""
    return [] if statement.reverses else [one for one in statement.earned if one.is_corrected]


def _adjustment(one: Adjustment, language: Language) -> AdjustmentLine:
    return AdjustmentLine(
        one.adjustment_id,
        Worded(one.on, language.short_day(one.on)),
        one.unit,
        Worded(one.amount, language.amount(one.amount, one.unit)),
        one.reason,
    )
