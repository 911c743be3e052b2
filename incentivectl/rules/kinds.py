"""The rule of each kind of program. A new kind is one module here and one line below."""

from collections.abc import Callable

from incentivectl.rules import contest, rebate
from incentivectl.rules.case import Case, Measured

RULES: dict[str, Callable[[Case], Measured]] = {
    "rebate": rebate.measure,
    "spif": rebate.measure,
    "contest": contest.measure,
}
