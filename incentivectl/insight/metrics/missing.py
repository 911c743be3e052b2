"""A value that cannot be computed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that cannot be computed; `why` names what it lacks."""

    why: str
