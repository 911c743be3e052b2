"""The documented errors of forecasts are those of the sample (docs/questions.md, 108)."""

from pathlib import Path

import pytest

from benchmarks.forecasts import error_of, row_of
from incentivectl.insight.forecast.shares import LAST_YEAR, RUN_RATE
from incentivectl.run.known import Known

DOCS = Path(__file__).parents[2] / "docs/questions.md"


@pytest.mark.parametrize("method", [RUN_RATE, LAST_YEAR])
def test_a_documented_row_holds(sample_known: Known, method: str) -> None:
    """`python -m benchmarks.forecasts` prints all of them."""
    row = row_of(error_of(sample_known, "2026-Q3", 2, method))
    assert row in DOCS.read_text(encoding="utf-8").splitlines()
