"""The rules of each kind of program: three steps, and what each line adds.

A new kind is one module here and one line below.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.rules.case import Asked, Case, Earned, Judged, Sums
from incentivectl.rules.kinds import activity, contest, deal_registration, discount, mdf, rebate


@dataclass(frozen=True)
class Rules:
    """What a kind does: lines are judged, added up, and their sums are paid.

    `judge` says of every line what keeps it out; `asked` what is added up of those that count;
    `earned` what the payees of all programs of the kind earn by their sums; `contributions` what each
    line adds to it, asked for where single lines matter. `rules.case` has the frames.
    """

    judge: Callable[[Case], pl.LazyFrame | None]
    asked: Callable[[Judged], Asked]
    earned: Callable[[Sequence[Judged], Sums], Earned]
    contributions: Callable[[Judged, Earned], pl.LazyFrame]


_REBATE = Rules(rebate.judge, rebate.asked, rebate.earned, rebate.contributions)
RULES: dict[str, Rules] = {
    "rebate": _REBATE,
    "spif": _REBATE,
    "discount": Rules(discount.judge, discount.asked, discount.earned, discount.contributions),
    "contest": Rules(contest.judge, contest.asked, contest.earned, contest.contributions),
    "deal_registration": Rules(
        deal_registration.judge,
        deal_registration.asked,
        deal_registration.earned,
        deal_registration.contributions,
    ),
    "activity": Rules(activity.judge, activity.asked, activity.earned, activity.contributions),
    "mdf": Rules(mdf.judge, mdf.asked, mdf.earned, mdf.contributions),
}
