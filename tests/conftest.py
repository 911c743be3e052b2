"""What every test has in common."""

from pathlib import Path

import pytest
from hypothesis import settings

# No test depends on how fast the machine is.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    """No test reads or writes the cache of whoever runs it."""
    folder: Path = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INCENTIVECTL_CACHE", str(folder))
        yield
