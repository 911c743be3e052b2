"""What a statement says of one program and measurement period, in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from incentivectl.insight.statement.advice import Advice, advice
from incentivectl.insight.statement.reasons import reason
from incentivectl.output.language import Language
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


def line_views(rows: Iterable[EarningRow], language: Language, why: str = "") -> tuple[Line, ...]:
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
