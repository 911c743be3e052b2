"""Numbers with their nouns."""


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun: `1 payment`, `2 payments`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"
