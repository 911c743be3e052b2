"""Lines in buckets give the files of one machine, byte for byte (docs/cluster.md)."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from incentivectl.cluster import buckets, reading
from incentivectl.cluster.cutting import Head
from tests.cluster.channel import write_channel
from tests.cluster.hiding import Hiding
from tests.cluster.spreading import contents, files_of
from tests.properties.features import switched_on
from tests.properties.workspaces import ALL_KINDS, Workspace, workspaces

FAR = 5 << 32  # rows that every task takes: far more than 32 bits can number

# Few by default, as each is settled twice: `test_merging.py` holds each merge by itself.
SETTINGS = settings(
    max_examples=int(os.environ.get("SPREAD_EXAMPLES", "3")),
    deadline=None,
    print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@SETTINGS
@given(
    workspace=workspaces(ALL_KINDS, features=switched_on()),
    buckets=st.integers(min_value=1, max_value=40),
)
def test_generated_workspaces_settle_alike_in_any_number_of_buckets(
    workspace: Workspace, buckets: int
) -> None:
    """All kinds and features, returns, restatements and bad rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace.write(folder / "w")
        files_of(folder / "w", workspace.period, folder / "one", None)
        files_of(
            folder / "w",
            workspace.period,
            folder / "many",
            Hiding(folder),
            buckets,
        )
        one, many = contents(folder / "one"), contents(folder / "many")
    differing = [name for name in one.keys() | many.keys() if one.get(name) != many.get(name)]
    assert not differing, [(one.get(name), many.get(name)) for name in differing]


def far_apart(heads: Sequence[Head]) -> dict[int, int]:
    return {head.number: FAR * (1 + head.number) for head in heads}


def test_rows_may_have_numbers_that_32_bits_do_not_hold(tmp_path: Path) -> None:
    root = write_channel(tmp_path / "w")
    files_of(root, "2026-09", tmp_path / "one", None)
    (tmp_path / "shared").mkdir()
    with (
        patch.object(buckets, "first_rows", far_apart),
        patch.object(reading, "first_rows", far_apart),
    ):
        files_of(root, "2026-09", tmp_path / "many", Hiding(tmp_path / "place"), 3)
    assert contents(tmp_path / "many") == contents(tmp_path / "one")
