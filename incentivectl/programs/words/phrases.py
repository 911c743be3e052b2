"""Numbers, dates, lists and conditions in words that a partner can read."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal

from incentivectl.core.money import plain
from incentivectl.programs.conditions import Condition, Value
from incentivectl.programs.fields import LEVEL

_MOST_LISTED = 12  # of a file's values; the others are only counted
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_NAMED = {
    "sale.month": "the month of the sale",
    "sale.amount": "the amount of the line",
    "sale.quantity": "the quantity of the line",
    "sale.unit_price": "the unit price of the line",
    "sale.sold_on": "the day of the sale",
    "partner.joined_on": "the day on which the partner joined",
    "product.launched_on": "the launch of the product",
    "customer.revenue_12m": "what the customer bought from all partners in the twelve months before,"
    " in the workspace's currency,",
}

_SHORT = {
    "sale.amount": "line amount",
    "sale.quantity": "line quantity",
    "sale.unit_price": "unit price",
    "sale.sold_on": "sale date",
    "sale.new_customer": "new customer",
    "partner.tenure_years": "partner tenure in years",
    "customer.revenue_12m": "customer bought in 12 months",
    "partner.joined_on": "partner joined",
    "product.launched_on": "product launch",
}


def number(value: Decimal | int) -> str:
    """`250000` as 250,000."""
    whole, point, decimals = plain(Decimal(value)).partition(".")
    return f"{int(whole):,}{point}{decimals}" if abs(int(whole)) else f"{whole}{point}{decimals}"


def percent(value: Decimal) -> str:
    """`0.025` as 2.5 %."""
    return f"{number(value * 100)} %"


def day(value: date) -> str:
    """A date as 1 July 2026."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def either(items: Iterable[str], word: str = "or") -> str:
    """`a`, `a or b`, `a, b or c`."""
    *first, last = items
    return f"{', '.join(first)} {word} {last}" if first else last


def capital(sentence: str) -> str:
    """`sentence` with a capital letter."""
    return sentence[:1].upper() + sentence[1:]


def conditions(listed: Sequence[Condition], currency: str, files: dict[str, str]) -> str:
    """Conditions as one clause; `files` says from which file a condition takes its values."""
    return either((condition(one, currency, files.get(one.field)) for one in listed), "and")


def condition(one: Condition, currency: str, file: str | None = None) -> str:
    """One condition as a clause: "the partner's tier is gold or silver"."""
    if one.field == "sale.new_customer" and one.any_of in ((True,), (False,)):
        return (
            "the customer has never bought before"
            if one.any_of[0]
            else "the customer has bought before"
        )
    if one.field == "partner.tenure_years" and one.min is not None and one.max is None:
        return f"the partner has been with us for at least {_years(one.min)}"
    return f"{_subject(one.field)} {either(_parts(one, currency, file), 'and')}"


def formula(one: Condition, currency: str, file: str | None = None) -> str:
    """One condition as a formula for a table: `partner region = APAC`; a file is only named."""
    subject = short_name(one.field)
    if file is not None:
        return f"{subject} {'in' if one.not_in is None else 'not in'} {file}"
    return " and ".join(f"{subject} {part}" for part in _relations(one, currency))


def short_name(field: str) -> str:
    """A field as the head of a column: `partner`, `product category`."""
    entity, _, column = field.partition(".")
    if entity == LEVEL:
        column = f"level in {column}"
        entity = "partner"
    told = entity if column == f"{entity}_id" else f"{entity} {column.replace('_', ' ')}"
    return _SHORT.get(field, told)


def _relations(one: Condition, currency: str) -> Iterable[str]:
    def told(value: Value) -> str:
        return _value(one.field, value, currency)

    if one.any_of is not None:
        yield f"= {either(map(told, one.any_of))}"
    for excluded in (one.none_of, one.not_in):
        if excluded is not None:
            yield f"≠ {either(map(told, excluded))}"
    for sign, bound in (
        ("≥", one.min),
        ("≤", one.max),
        ("before", one.before),
        ("after", one.after),
    ):
        if bound is not None:
            yield f"{sign} {told(bound)}"


def _years(value: Decimal | date) -> str:
    shown = number(value) if isinstance(value, Decimal) else str(value)
    return f"{shown} completed year{'' if value == 1 else 's'}"


def _subject(field: str) -> str:
    if field in _NAMED:
        return _NAMED[field]
    entity, _, column = field.partition(".")
    if entity == LEVEL:
        return f"the partner's level in “{column}”"
    if column == f"{entity}_id":
        return f"the {entity}"
    return f"the {entity}'s {column.replace('_', ' ')}"


def _parts(one: Condition, currency: str, file: str | None) -> Iterable[str]:
    def told(value: Value) -> str:
        return _value(one.field, value, currency)

    if one.any_of is not None:
        yield f"is {_some(one.any_of, told, file)}"
    if one.none_of is not None:
        without = _some(one.none_of, told, None)
        yield f"is not {without}" if len(one.none_of) == 1 else f"is none of {without}"
    if one.not_in is not None:
        yield f"is not {_some(one.not_in, told, file)}"
    if one.min is not None and one.max is not None:
        yield f"is from {told(one.min)} to {told(one.max)}"
    elif one.min is not None:
        yield f"is {told(one.min)} or {'later' if isinstance(one.min, date) else 'more'}"
    elif one.max is not None:
        yield f"is {told(one.max)} or {'earlier' if isinstance(one.max, date) else 'less'}"
    if one.before is not None:
        yield f"is before {told(one.before)}"
    if one.after is not None:
        yield f"is after {told(one.after)}"


def _some(values: Sequence[Value], told: Callable[[Value], str], file: str | None) -> str:
    if file is None:
        return either(map(told, values))
    shown = ", ".join(told(value) for value in values[:_MOST_LISTED])
    more = ", …" if len(values) > _MOST_LISTED else ""
    return f"one of the {len(values)} in {file} ({shown}{more})"


def _value(field: str, value: Value, currency: str) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case date():
            return day(value)
        case Decimal() if field == "sale.month" and 1 <= value <= 12:
            return MONTHS[int(value) - 1]
        case Decimal():
            return f"{number(value)} {currency}" if field == "sale.amount" else number(value)
    return str(value)
