"""What every test has in common."""

import gc
import os

import pytest
from hypothesis import settings

from tests import prepared

# No test depends on how fast the machine is.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
gc.set_threshold(100_000)  # as the command line does
# Each core has a worker already. Whether results depend on the number of threads is tested with 1 to 7 of
# them by `properties/test_order.py` and `posting/test_same_bytes.py`.
os.environ.setdefault("POLARS_MAX_THREADS", "1")


@pytest.fixture(autouse=True, scope="session")
def _quick(tmp_path_factory: pytest.TempPathFactory) -> object:
    """No test waits for the disk; what takes long is made once for all processes of a test run.

    That is bytecode, the cache (never that of whoever runs the tests), and prepared workspaces.
    """
    shared = prepared.shared_folder(tmp_path_factory)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prepared, "FOLDER", shared / "prepared")
        patch.setattr(os, "fsync", lambda _: None)
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(shared / "bytecode"))
        patch.setenv("INCENTIVECTL_CACHE", str(shared / "cache"))
        yield
