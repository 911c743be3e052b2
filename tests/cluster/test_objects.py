"""Sales and `shared` in object storage: the same files, and what may go wrong (docs/cluster.md)."""

from pathlib import Path

import pytest

from incentivectl.cluster.engine import Here
from incentivectl.cluster.shared import shared_place
from incentivectl.core import object_store
from incentivectl.core.errors import ExitCode
from tests.cluster.channel import write_channel
from tests.cluster.spreading import contents, files_of
from tests.object_server import Bucket
from tests.small_workspace import incentivectl

SHARED = "s3://shop/runs/2026"


@pytest.fixture
def root(bucket: Bucket, tmp_path: Path) -> Path:
    """The channel, its sales in two objects; one row of the second is rejected."""
    root = write_channel(tmp_path / "w")
    for name in ("sales-1.csv", "sales-2.csv"):
        path = root / "sample_data" / name
        bucket.put(f"sales/{name}", path.read_bytes())
        path.unlink()
    config = root / "incentivectl.toml"
    text = config.read_text().replace("sample_data/sales-*.csv", "s3://shop/sales/*.csv")
    config.write_text(f"{text}[engine]\nbuckets = 3\n")
    return root


def told(output: str) -> str:
    return " ".join(output.split())


def run(root: Path, *options: str) -> tuple[int, str]:
    done = incentivectl("run", "2026-09", "-w", root, *options)
    return done.exit_code, told(done.output)


def test_sales_and_shared_in_object_storage(root: Path, bucket: Bucket, tmp_path: Path) -> None:
    """With processes; then the same place in this process: the files of one machine."""
    assert run(root)[0] == 0
    folder = root / "reports" / "2026-09"
    one = contents(folder)
    kept = bucket.keys()
    code, output = run(root, "--engine", "processes", "--master", "2", "--shared", SHARED)
    assert (code, contents(folder)) == (0, one), output
    assert bucket.keys() == kept
    files_of(root, "2026-09", tmp_path / "one", None)
    with shared_place(SHARED, pytest.fail) as shared:
        files_of(root, "2026-09", tmp_path / "many", Here(shared), 3)
    assert contents(tmp_path / "many") == contents(tmp_path / "one")
    assert bucket.keys() == kept


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "the credentials of the environment may not"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "check the connection"),
    ],
)
def test_a_place_that_cannot_be_used_is_refused_before_anything_is_read(
    root: Path,
    bucket: Bucket,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    code: str,
) -> None:
    monkeypatch.setattr(object_store, "_RETRIES", {"max_retries": 0})
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    exit_code, output = run(root, "--engine", "processes", "--shared", SHARED)
    assert exit_code == ExitCode.USAGE, output
    assert code in output
    assert SHARED in output
    assert not bucket.gate.fetched()
    assert not (root / "reports").exists()
