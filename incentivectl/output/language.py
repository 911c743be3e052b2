"""A payee's language and number formats: texts through gettext, numbers and dates through Babel.

Texts are English unless `incentivectl/locale/<language>/LC_MESSAGES/` has a catalogue. Figures and dates
go with the texts: a locale whose language has no catalogue gets English ones, as `en_US` writes them.
"""

import gettext
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from incentivectl.core import money

if TYPE_CHECKING:
    from babel import Locale
    from babel.numbers import NumberPattern

POINTS = "points"  # in place of a currency
DEFAULT_LOCALE = "en_US"
NO_BREAK_SPACE = "\u00a0"
_CODE_AT_DIGITS = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")  # KWD 1.235, not KWD1.235
CATALOGUES = Path(__file__).parents[1] / "locale"


@dataclass(frozen=True)
class Language:
    """One locale, such as `fr_CA`, of a language that texts exist in; `texts` are those, or English."""

    name: str

    @cached_property
    def locale(self) -> "Locale":
        """The formats of the locale."""
        from babel import Locale

        return Locale.parse(self.name)

    @cached_property
    def texts(self) -> gettext.NullTranslations:
        """The catalogue of the language, or English without one."""
        return _catalogue(self.name, self.locale.language)

    @cached_property
    def text_language(self) -> str:
        """The language that the texts are in, for `lang` in HTML."""
        return self.locale.language if self.texts.info() else "en"

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, by the language of the texts."""
        from babel import Locale

        return Locale.parse(self.text_language).text_direction

    def told_in(self, reader: "Language") -> str:
        """The locale's name in the language of another: `German (Austria)`."""
        return _name(self, reader)

    def say(self, message: str, /, **values: str) -> str:
        """A text in the payee's language with its values filled in."""
        found = self.texts.gettext(message)
        return found.format(**values) if values else found

    def count(self, one: str, many: str, number: Decimal, /, **values: str) -> str:
        """A text for a number of things; `{n}` is the number."""
        whole = int(number) if number == int(number) else 2  # a fraction of things is plural
        return self.texts.ngettext(one, many, whole).format(n=self.number(number), **values)

    def number(self, value: Decimal) -> str:
        """A number without zeros at its end."""
        return _number(self, money.plain(value))

    def percent(self, value: Decimal) -> str:
        """`0.025` as 2.5 %, with all its digits."""
        return _percent(self, money.plain(value))

    def money(self, value: Decimal, currency: str, digits: int | None = None) -> str:
        """An amount, rounded half up to `digits` decimals: by default those of the currency."""
        return _money(
            self, value, currency, money.minor_digits(currency) if digits is None else digits
        )

    def amount(self, value: Decimal, unit: str) -> str:
        """An amount of a currency, or of points: these are whole ones, rounded half up."""
        if unit != POINTS:
            return self.money(value, unit)
        return self.count("{n} point", "{n} points", money.round_decimal(value, 0))

    def bound(self, value: Decimal, currency: str) -> str:
        """A threshold: without decimals where it has none."""
        return self.money(value, currency, 0 if value == int(value) else None)

    def about(self, value: Decimal, currency: str) -> str:
        """An estimate: from 100 on in whole units."""
        return self.money(value, currency, 0 if abs(value) >= 100 else None)

    def day(self, value: date) -> str:
        """A date in full: September 30, 2026."""
        return _date(self, value, "long")

    def short_day(self, value: date) -> str:
        """A date for a table: Sep 30, 2026."""
        return _date(self, value, "medium")

    def days(self, first: date, last: date) -> str:
        """A period: a month or a year by its name, else its first and last day."""
        return _days(self, first, last)

    def listed(self, items: Iterable[str]) -> str:
        """Items as one clause: a, b and c."""
        found = list(items)
        if len(found) < 2:
            return "".join(found)
        return self.say("{first} and {last}", first=", ".join(found[:-1]), last=found[-1])


def _catalogue(name: str, language: str) -> gettext.NullTranslations:
    return gettext.translation("incentivectl", CATALOGUES, [name, language], fallback=True)


def _is_last(day: date) -> bool:
    return date.fromordinal(day.toordinal() + 1).day == 1


@lru_cache(maxsize=256)
def _name(language: Language, reader: Language) -> str:
    return language.locale.get_display_name(reader.locale) or language.name


# Payees have much in common, and a page tells the same amount in several places.
@lru_cache(maxsize=10_000)
def _money(language: Language, value: Decimal, currency: str, places: int) -> str:
    told = _pattern(language.name, places).apply(
        money.round_decimal(value, places),
        language.locale,
        currency=currency,
        currency_digits=False,
        decimal_quantization=False,
    )
    return _CODE_AT_DIGITS.sub(NO_BREAK_SPACE, told)


@lru_cache(maxsize=10_000)
def _date(language: Language, day: date, form: str) -> str:
    from babel.dates import format_date

    return format_date(day, form, locale=language.locale)


@lru_cache(maxsize=10_000)
def _days(language: Language, first: date, last: date) -> str:
    from babel.dates import format_skeleton

    begins = first.day == 1
    if begins and (first.year, first.month) == (last.year, last.month) and _is_last(last):
        return str(format_skeleton("yMMMM", first, locale=language.locale))
    if (first.month, first.day, last.month, last.day, first.year) == (1, 1, 12, 31, last.year):
        return _date(language, first, "yyyy")
    return f"{language.short_day(first)} – {language.short_day(last)}"


@lru_cache(maxsize=10_000)
def _number(language: Language, value: str) -> str:
    from babel.numbers import format_decimal

    return format_decimal(value, locale=language.locale, decimal_quantization=False)


@lru_cache(maxsize=10_000)
def _percent(language: Language, value: str) -> str:
    from babel.numbers import format_percent

    return format_percent(Decimal(value), locale=language.locale, decimal_quantization=False)


@lru_cache(maxsize=256)
def _pattern(name: str, digits: int) -> "NumberPattern":
    """The locale's currency pattern with exactly so many decimals."""
    from babel import Locale
    from babel.numbers import parse_pattern

    standard = Locale.parse(name).currency_formats["standard"].pattern
    decimals = f".{'0' * digits}" if digits else ""
    return parse_pattern(
        ";".join(
            re.sub(r"0(?:\.0+)?(?![0#,.])", f"0{decimals}", part, count=1)
            for part in standard.split(";")
        )
    )


@lru_cache(maxsize=256)
def language_of(locale: str | None) -> Language:
    """The language of a payee's `locale` (`fr_CA`, `fr-CA`, `fr`).

    It is en_US where the locale is missing, unknown, or of a language that there are no texts in.
    """
    from babel import Locale, UnknownLocaleError

    for name in (locale, DEFAULT_LOCALE):
        try:
            parsed = Locale.parse((name or "").strip().replace("-", "_"))
        except (UnknownLocaleError, ValueError, TypeError):
            continue
        if parsed.language == "en" or _catalogue(str(parsed), parsed.language).info():
            return Language(str(parsed))
    return Language(DEFAULT_LOCALE)
