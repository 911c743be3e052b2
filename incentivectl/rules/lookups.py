"""What rules look up of a channel, each found once and used by all of its programs."""

from dataclasses import dataclass, field, replace

from incentivectl.rules.levels import Levels
from incentivectl.rules.lines.by_master import MeetsById
from incentivectl.rules.lines.coverage import CoveredLines
from incentivectl.rules.lines.views import ViewedLines
from incentivectl.sales.facts import Facts
from incentivectl.sales.line_source import LineSource


@dataclass(frozen=True)
class Lookups:
    """The facts of a channel, the lines that deals cover, the conditions that ids decide, and lines.

    `levels` keeps what level programs found, by id and rules; `levelled` the channel with the levels of its
    partners, and the lookups of that one, by those programs (see `engine.levels`).
    """

    facts: Facts
    covered: CoveredLines
    meets_by_id: MeetsById
    lines: ViewedLines
    levels: dict[tuple[str, str], Levels] = field(default_factory=dict)
    levelled: dict[tuple[tuple[str, str], ...], tuple[LineSource, "Lookups"]] = field(
        default_factory=dict
    )


def with_levels_of(lookups: Lookups, levelled: LineSource) -> Lookups:
    """The lookups of the same channel with the levels of its partners."""
    viewed = ViewedLines(levelled, lookups.facts, lookups.covered)
    return replace(lookups, meets_by_id=MeetsById(levelled), lines=viewed)


def lookups_of(channel: LineSource) -> Lookups:
    """What is looked up of a channel; each is found when a program first asks for it."""
    facts = Facts(channel)
    covered = CoveredLines(channel, facts)
    return Lookups(facts, covered, MeetsById(channel), ViewedLines(channel, facts, covered))
