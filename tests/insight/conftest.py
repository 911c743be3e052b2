"""The sample workspace, read and computed once for all tests of this folder."""

from datetime import date
from pathlib import Path

import pytest

from incentivectl.run.known import Known, known_on
from incentivectl.run.run import Run, calculate

SAMPLE = Path(__file__).parents[2]


def quietly(_: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="session")
def sample_known(tmp_path_factory: pytest.TempPathFactory) -> Known:
    scratch = tmp_path_factory.mktemp("scratch")
    return known_on(SAMPLE, "2026-09", date(2026, 11, 24), scratch, quietly)


@pytest.fixture(scope="session")
def sample_run(sample_known: Known) -> Run:
    known = sample_known
    return calculate(known.loaded, known.period, known.inputs, quietly)
