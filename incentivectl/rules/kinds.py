"""The rule of each kind of program. A new kind is one module here and one line below."""

from collections.abc import Callable

from incentivectl.rules import activity, contest, deal_registration, discount, mdf, rebate
from incentivectl.rules.case import Case, Measured

RULES: dict[str, Callable[[Case], Measured]] = {
    "rebate": rebate.measure,
    "spif": rebate.measure,
    "discount": discount.measure,
    "contest": contest.measure,
    "deal_registration": deal_registration.measure,
    "activity": activity.measure,
    "mdf": mdf.measure,
}
