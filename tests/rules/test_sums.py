"""Sums merge: however the lines are cut, the sums of the parts give those of the whole."""

import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from incentivectl.engine.engine import case_of
from incentivectl.kinds.catalogue import KINDS
from incentivectl.rules.case import Judged, Sums
from incentivectl.rules.lines.sums import answered, merged
from incentivectl.rules.lookups import lookups_of
from incentivectl.run.known import channel_of
from incentivectl.run.loading import load, period_of, read_inputs
from tests.rules.test_injected_faults import BODIES, HEAD, KIND_OF, TABLES
from tests.small_workspace import write_workspace

COUNTED = {
    "customers": '[reward]\ntiers_by = "customers"\ntiers = [{ from = 1, bonus = 5 }]',
    "products": '[reward]\ntiers_by = "products"\ntiers = [{ from = 1, bonus = 5 }]',
    "sales": '[reward]\ntiers_by = "sales"\ntiers = [{ from = 1, bonus = 5 }]',
}
LINELESS = {"activity"}
PROGRAMS = {name: body for name, body in (BODIES | COUNTED).items() if name not in LINELESS}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> list[Judged]:
    root: Path = tmp_path_factory.mktemp("sums")
    programs = {
        name: HEAD.format(id=name, kind="rebate" if name in COUNTED else KIND_OF.get(name, name))
        + body
        for name, body in PROGRAMS.items()
    }
    write_workspace(root, programs=programs, tables=TABLES)
    loaded = load(root)
    found = read_inputs(loaded, root / "scratch", lambda _: None, cached=False)
    channel = channel_of(
        loaded.workspace, found, period_of("2026-09", loaded.workspace, date(2026, 11, 24))
    )
    lookups = lookups_of(channel)
    cases = [case_of(program, loaded.programs, channel, lookups) for program in loaded.programs]
    return [
        Judged(place, case, KINDS[case.program.kind].rules.judge)
        for place, case in enumerate(cases)
    ]


def sums_of(programs: list[Judged], keep: pl.Expr) -> Sums:
    """The sums of those lines that `keep` keeps."""
    parts = [
        Judged(one.place, one.case, lambda _, lines=one.lines: lines.filter(keep))
        for one in programs
        if one.lines is not None
    ]
    return answered([(one.place, KINDS[one.case.program.kind].rules.asked(one)) for one in parts])


@pytest.mark.parametrize("seed", range(6))
def test_sums_of_any_parts_are_those_of_the_whole(judged: list[Judged], seed: int) -> None:
    """A sale and its returns stay in one part, since discounts on sales look at all of their lines."""
    drawn = random.Random(seed)
    cut = {sale: drawn.randrange(3) for sale in ("S1", "S2", "S3", "S4", "S5")}
    sale = pl.coalesce("return_of", "sale_id")
    part = sale.replace_strict(cut, return_dtype=pl.Int64)
    whole = sums_of(judged, pl.lit(True))
    together = merged(sums_of(judged, part == number) for number in range(3))
    assert together.keys() == whole.keys()
    for name, frame in whole.items():
        keys = sorted(frame.columns)
        assert together[name].select(keys).sort(keys).equals(frame.select(keys).sort(keys)), name
