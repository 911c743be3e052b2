"""Sums of judged lines: asked for by each program, answered together, and merged from any parts.

What a program asks of its lines is a frame per name, with a row per key. Numbers add up, of days the
earliest stands, and what has nothing but keys (distinct ids) is a union, so that the sums of any parts
of the lines give those of the whole (docs/rules.md, "Measurement").
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import polars as pl

from incentivectl.core.frames import Engine, stacked
from incentivectl.core.tables import SALE
from incentivectl.rules.case import KEYS, Asked, Judged, Sums

# What bundles are made within: of these ids, those that do not matter are null.
WHOLE = (*SALE, "customer_id")
# The keys of every name that a kind may ask for; the other columns are what is added up.
_KEYS: dict[str, tuple[str, ...]] = {
    "totals": KEYS,
    "baselines": KEYS,
    "reasons": ("period", "reason"),
    "sales": (*KEYS, *SALE),
    "customers": (*KEYS, "customer_id"),
    "products": (*KEYS, "product_id"),
    "on_lines": (*KEYS, "block"),
    "needs": (*KEYS, "need", *WHOLE),
    "covered": (*KEYS, "loses", "block"),
    "deals": ("deal", "period", "payee_id"),
}
BY_REWARD = "by_reward:"  # before a name: for each `[[reward]]` apart
WINDOW = "window:"  # before a name: in the window of each `[[reward]]` that has one


def answered(asked: Sequence[tuple[int, Asked]], engine: Engine = "streaming") -> Sums:
    """What programs (each by its place) ask of their lines, found in one go and stacked by name."""
    flat = [(name, place, frame) for place, frames in asked for name, frame in frames.items()]
    found = pl.collect_all([frame for _, _, frame in flat], engine=engine)
    stacks: dict[str, dict[int, pl.DataFrame]] = defaultdict(dict)
    for (name, place, _), frame in zip(flat, found, strict=True):
        stacks[name][place] = frame
    return {name: stacked(frames) for name, frames in stacks.items()}


def merged(parts: Iterable[Sums]) -> Sums:
    """The sums of the whole from those of its parts, in whatever way the lines were cut."""
    stacks: dict[str, list[pl.DataFrame]] = defaultdict(list)
    for part in parts:
        for name, frame in part.items():
            stacks[name].append(frame)
    return {
        name: frames[0] if len(frames) == 1 else _merged(name, frames)
        for name, frames in stacks.items()
    }


def _merged(name: str, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    whole = pl.concat(frames, how="diagonal")
    of_reward = ["block"] if name.startswith((BY_REWARD, WINDOW)) else []
    keys = ["program", *_KEYS[name.removeprefix(BY_REWARD).removeprefix(WINDOW)], *of_reward]
    added = [
        pl.col(column).min() if dtype == pl.Date else pl.col(column).sum()
        for column, dtype in whole.schema.items()
        if column not in keys
    ]
    return whole.group_by(keys).agg(added)


def of_program(one: Judged, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of one program of a frame that has those of several."""
    return frame.filter(pl.col("program") == one.place).drop("program")
