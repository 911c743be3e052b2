"""Numbers with their nouns."""

from decimal import Decimal


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: `1 payment`, `2 payments`."""
    return f"{number:,} {agreeing(number, singular, plural)}"


def agreeing(number: int | Decimal, singular: str, plural: str = "") -> str:
    """The noun or verb that goes with a number, alone: `payment`, `payments`."""
    return singular if number == 1 else plural or f"{singular}s"
