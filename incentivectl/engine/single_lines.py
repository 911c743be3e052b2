"""What single lines tell integrity checks: what they contribute, what they are worth, who shares them.

All of it is found in one look at the lines (docs/rules.md, "What always holds").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from incentivectl.core import money
from incentivectl.core.frames import stacked
from incentivectl.engine.samples import Sample
from incentivectl.engine.turns import in_turn
from incentivectl.kinds.catalogue import KINDS
from incentivectl.kinds.kind import Recomputed
from incentivectl.programs.payee import payee_kind
from incentivectl.rules.case import IN_ORDER, LINE_ORDER, Asked, Measured
from incentivectl.rules.lines.payees import lines_of_payees
from incentivectl.sales.in_memory import engine_for
from incentivectl.sales.line_source import LineSource

_KEY = ("program", "period", "payee_id")
_NOBODY = pl.DataFrame(
    schema={
        "program": pl.UInt32,
        "period": pl.Int32,
        "payee_id": pl.String,
        "by_lines": money.EARNED,
        "beside": money.EARNED,
        "repeated": pl.UInt32,
        "has_lines": pl.Boolean,
    }
)
Lines = Mapping[str, pl.DataFrame]  # of `Measured.counted`


@dataclass(frozen=True)
class SingleLines:
    """What was found of single lines.

    `contributed`: `program`, `period`, `payee_id`, `contribution`, what contributions of whole programs or
    of their samples add up to, and `repeated`, how many of their items stand there twice. `recomputed` by
    place; `shared_wrongly` as in `Facts`.
    """

    contributed: pl.DataFrame
    recomputed: Mapping[int, Recomputed]
    shared_wrongly: int


@dataclass(frozen=True)
class _Part:
    """The same of a part of the lines; `in_order` are lines that contribute in an order, by place.

    `contributed` has `by_lines` and `beside`, what is contributed by lines and besides them, and whether a
    payee `has_lines` there.
    """

    contributed: pl.DataFrame
    in_order: Mapping[int, Lines]
    recomputed: Mapping[int, Recomputed]
    shared_wrongly: int


def looked_through(
    programs: Sequence[Measured], sampled: Mapping[int, Sample], reasons: pl.DataFrame
) -> SingleLines:
    """What all programs ask of single lines; `reasons` are what became of them (`rules.lines.reasons`)."""
    channel = programs[0].one.case.channel
    counting = _counting(programs, reasons)
    found = channel.ask(_looked_at, _together, list(programs), sampled, counting)
    in_order = {
        one.one.place: _summed(one, sampled, {name: each.lazy() for name, each in lines.items()})
        for one in programs
        if (lines := found.in_order.get(one.one.place)) is not None
    }
    sums = dict(zip(in_order, pl.collect_all(list(in_order.values())), strict=True))
    contributed = pl.concat([found.contributed, stacked(sums)], how="diagonal")
    return SingleLines(
        contributed.select(*_KEY, "repeated", contribution=pl.col("by_lines") + pl.col("beside")),
        found.recomputed,
        found.shared_wrongly,
    )


def _counting(programs: Sequence[Measured], reasons: pl.DataFrame) -> dict[int, int]:
    """How many lines count in each program of which some are recomputed, by place."""
    counting = reasons.filter(pl.col("reason").is_null()).group_by("program")
    lines = dict(counting.agg(pl.col("lines").sum()).iter_rows())
    return {
        one.one.place: lines.get(one.one.place, 0)
        for one in programs
        if KINDS[one.one.case.program.kind].recomputed is not None
    }


def _looked_at(
    channel: LineSource,
    programs: Sequence[Measured],
    sampled: Mapping[int, Sample],
    counting: Mapping[int, int],
) -> _Part:
    lines = programs[0].one.case.facts.at_hand
    in_order = [one for one in programs if channel.in_parts and _spans_parts(one)]
    alone = [one for one in programs if one not in in_order]
    sums: dict[int, pl.DataFrame] = {}
    for part in in_turn(alone, lines):
        asked = [_summed(one, sampled, _counted(one, sampled)) for one in part]
        places = [one.one.place for one in part]
        sums |= dict(zip(places, pl.collect_all(asked, engine=engine_for(lines)), strict=True))
    return _Part(
        pl.concat([_NOBODY, stacked(sums)], how="diagonal"),
        {one.one.place: _collected(_counted(one, sampled)) for one in in_order},
        {
            one.one.place: recomputed(one, counting[one.one.place], len(counting))
            for one in programs
            if (recomputed := KINDS[one.one.case.program.kind].recomputed) is not None
        },
        _shared_wrongly(programs),
    )


def _spans_parts(one: Measured) -> bool:
    """Whether the lines of a payee, which contribute in an order, may lie in several parts."""
    return one.one.case.program.payee != "partner" and IN_ORDER in one.counted


def _counted(one: Measured, sampled: Mapping[int, Sample]) -> Asked:
    """The lines that count, of a sample those of its payees."""
    sample = sampled.get(one.one.place)
    if sample is None or one.judged is None:
        return one.counted
    near = one.of_lines(lines_of_payees(one.one.case, one.judged, sample.payees))
    return {name: _of_payees(lines, sample) for name, lines in near.counted.items()}


def _of_payees(lines: pl.LazyFrame, sample: Sample) -> pl.LazyFrame:
    return lines.filter(pl.col("payee_id").is_in(sample.payees.implode()))


def _collected(counted: Asked) -> Lines:
    found = pl.collect_all(list(counted.values()), engine="streaming")
    return dict(zip(counted, found, strict=True))


def _summed(one: Measured, sampled: Mapping[int, Sample], counted: Asked) -> pl.LazyFrame:
    """What the contributions that files and explanations show add up to, of the payees that are looked at.

    `contributed` of `_Part` without its program.
    """
    sample = sampled.get(one.one.place)
    paid = one.paid(counted)
    contributions = paid if sample is None else _of_payees(paid, sample)
    item, of_line = pl.col("item_id"), pl.col("row").is_not_null()
    return contributions.group_by("period", "payee_id").agg(
        by_lines=pl.col("contribution").filter(of_line).sum(),
        beside=pl.col("contribution").filter(~of_line).sum(),
        repeated=item.count() - item.drop_nulls().n_unique(),
        has_lines=of_line.any(),
    )


def _shared_wrongly(programs: Sequence[Measured]) -> int:
    """How many credited lines have shares that do not add up to 1; 0 where no program pays reps."""
    cases = [one.one.case for one in programs]
    of_reps = [case for case in cases if payee_kind(case.program.payee) == "rep"]
    return of_reps[0].facts.shared_wrongly if of_reps else 0


def _together(parts: Sequence[_Part]) -> _Part:
    """What lines contribute in all parts; what is besides them is known in each, at best with the lines."""
    if len(parts) == 1:
        return parts[0]
    of_lines_first = pl.concat(part.contributed for part in parts).sort(
        "has_lines", descending=True, maintain_order=True
    )
    contributed = of_lines_first.group_by(_KEY, maintain_order=True).agg(
        pl.col("by_lines").sum(), pl.col("beside", "repeated").first()
    )
    return _Part(
        contributed,
        {
            place: {name: pl.concat(part.in_order[place][name] for part in parts) for name in lines}
            for place, lines in parts[0].in_order.items()
        },
        {
            place: _recomputed_together([part.recomputed[place] for part in parts])
            for place in parts[0].recomputed
        },
        sum(part.shared_wrongly for part in parts),
    )


def _recomputed_together(parts: Sequence[Recomputed]) -> Recomputed:
    return Recomputed(
        sum(part.lines for part in parts),
        pl.concat(part.differing for part in parts).sort(*LINE_ORDER, "row"),
    )
