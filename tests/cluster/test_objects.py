"""Sales and `shared` in object storage: the same files, and what may go wrong (docs/cluster.md)."""

import errno
import os
import pickle
import platform
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from incentivectl.cluster import asking, opening
from incentivectl.cluster.engine import Here
from incentivectl.cluster.shared import Kept, Shared, SharedObjects, shared_place
from incentivectl.core import object_store
from incentivectl.core.errors import ExitCode, Refused
from incentivectl.core.object_store import ObjectError
from incentivectl.core.scratch import remove_unfinished
from tests.cluster.channel import write_channel
from tests.cluster.spreading import contents
from tests.object_server import Bucket
from tests.small_workspace import CONFIG, SALES, incentivectl, write_workspace

PLACE = "s3://shop/runs/2026"
ENGINE = ("--engine", "processes", "--shared", PLACE)
OBJECTS = '[sources.sales]\npath = "s3://shop/sales/*.csv"\n[engine]\nbuckets = 2\n'
Event = Callable[[], None]


class Disturbed(Here):
    """An engine in this process; something happens before files are read, or before the n-th question."""

    def __init__(
        self, shared: Shared, before_reading: Event, before_asking: dict[int, Event]
    ) -> None:
        super().__init__(shared)
        self._before_reading = before_reading
        self._before_asking = before_asking
        self._asked = 0
        self.tasks = 0

    def spread(self, *given: Any) -> list[bytes]:  # noqa: ANN401
        """See `Engine`."""
        self._before_reading()
        return super().spread(*given)

    def each(
        self,
        work: Callable[[bytes], bytes],
        tasks: Sequence[bytes],
        *told: Any,  # noqa: ANN401
    ) -> list[bytes]:
        """See `Engine`."""
        self._asked += 1
        self.tasks += len(tasks)
        self._before_asking.get(self._asked, lambda: None)()
        return super().each(work, tasks, *told)


@dataclass
class Shop:
    """A workspace whose sales are objects, and which has been run on this machine before."""

    root: Path
    bucket: Bucket
    tasks: int = 0  # that buckets have answered

    def run(
        self,
        before_reading: Event = lambda: None,
        before_asking: dict[int, Event] | None = None,
        command: Sequence[str] = ("run", "2026-09"),
    ) -> tuple[int, str]:
        """Runs it with an engine that is disturbed: the exit code, and what is said in one line."""

        @contextmanager
        def engine(_width: int, place: Shared, _scratch: Path) -> Iterator[Here]:
            disturbed = Disturbed(place, before_reading, before_asking or {})
            yield disturbed
            self.tasks = disturbed.tasks

        with patch.object(opening, "processes", engine):
            done = incentivectl(*command, "-w", self.root, *ENGINE)
        assert "Traceback" not in done.output
        return done.exit_code, " ".join(done.output.split())

    def files(self) -> dict[str, bytes]:
        """The files of the last run that ended well."""
        return contents(self.root / "reports" / "2026-09")

    def shared(self, name: str = "") -> list[str]:
        """The keys of what a run has in the place that all see, of a kind."""
        return [key for key in self.bucket.names() if "runs/" in key and f"/{name}" in key]


@pytest.fixture
def shop(bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    monkeypatch.setattr(object_store, "_RETRIES", {"max_retries": 0})
    root = write_workspace(tmp_path / "w", config=CONFIG + OBJECTS)
    (root / "sample_data" / "sales.csv").unlink()
    header, *rows = SALES.splitlines()
    bucket.put("sales/1.csv", "\n".join([header, *rows[:2], ""]))
    bucket.put("sales/2.csv", "\n".join([header, *rows[2:], "S9,1,no day,P1,SKU-1,,1,5", ""]))
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    bucket.gate.asked.clear()
    return Shop(root, bucket)


def test_sales_and_shared_in_object_storage(bucket: Bucket, tmp_path: Path) -> None:
    """Of the channel in which every merge matters, with processes."""
    root = write_channel(tmp_path / "w")
    for name in ("sales-1.csv", "sales-2.csv"):
        path = root / "sample_data" / name
        bucket.put(f"sales/{name}", path.read_bytes())
        path.unlink()
    config = root / "incentivectl.toml"
    text = config.read_text().replace("sample_data/sales-*.csv", "s3://shop/sales/*.csv")
    config.write_text(f"{text}[engine]\nbuckets = 3\n")
    kept = bucket.names()
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    one = contents(root / "reports" / "2026-09")
    done = incentivectl("run", "2026-09", "-w", root, *ENGINE, "--master", "2")
    assert done.exit_code == 0, done.output
    assert contents(root / "reports" / "2026-09") == one
    assert bucket.names() == kept


def test_the_command_fetches_neither_sales_nor_buckets(shop: Shop) -> None:
    """Tasks do: each object of the sales once, and a bucket for each question to it."""
    before = shop.files()
    fetched: list[list[str]] = []
    code, output = shop.run(lambda: fetched.append(shop.bucket.gate.fetched()))
    assert (code, shop.files()) == (0, before), output
    (early,) = fetched
    assert not [key for key in early if "/sales/" in key]
    all_fetched = shop.bucket.gate.fetched()
    sales = [key for key in all_fetched if "/sales/" in key]
    assert sorted(sales) == ["/shop/sales/1.csv", "/shop/sales/2.csv"]
    assert shop.tasks == len([key for key in all_fetched if "/bucket-" in key])
    assert not shop.shared()


def test_a_batch_is_posted_from_object_storage(shop: Shop) -> None:
    """Then it is computed again from its archive alone."""
    config = shop.root / "incentivectl.toml"
    config.write_text(f'{config.read_text()}[settlement]\nfirst_period = "2026-07"\n')
    allowed = ("--allow", "surge", "--allow", "rejects:sales", "--allow", "changed-inputs")
    code, output = shop.run(command=("batch", "post", "2026-09", *allowed))
    assert (code, shop.shared()) == (0, []), output
    shop.bucket.clear()
    again = incentivectl("run", "--batch", "2026-09.1", "-w", shop.root)
    assert again.exit_code == 0, again.output


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "the credentials of the environment may not write it"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "check the connection, and the endpoint"),
    ],
)
def test_an_environment_in_which_shared_cannot_be_used(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], told: str
) -> None:
    before = shop.files()
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    code, output = shop.run()
    assert (code, shop.files()) == (ExitCode.USAGE, before)
    assert f"--shared cannot be used: {PLACE}/" in output
    assert told in output
    assert not shop.bucket.gate.fetched()


@pytest.mark.parametrize("method", ["PUT", "GET", "POST"])  # POST removes
def test_credentials_that_may_not_do_all_that_is_needed(shop: Shop, method: str) -> None:
    before = shop.files()
    shop.bucket.gate.refused = {method}
    code, output = shop.run()
    shop.bucket.gate.refused = set()
    assert (code, shop.files()) == (ExitCode.USAGE, before)
    what = {"PUT": "write", "GET": "read", "POST": "remove"}[method]
    assert f"the credentials of the environment may not {what} it" in output
    assert "/sales/" not in str(shop.bucket.gate.fetched())
    assert len(shop.shared()) == (method == "POST")


def test_a_bucket_that_is_missing(shop: Shop) -> None:
    with patch(f"{__name__}.ENGINE", ("--engine", "processes", "--shared", "s3://elsewhere/x")):
        code, output = shop.run()
    assert code == ExitCode.USAGE
    assert "--shared cannot be used: bucket not found: s3://elsewhere" in output
    assert "correct --shared" in output


def test_sales_that_are_cut_off_or_gone_when_a_task_comes_for_them(shop: Shop) -> None:
    before = shop.files()

    def disturb() -> None:
        shop.bucket.put("sales/1.csv", "sale_id")
        shop.bucket.delete("sales/2.csv")

    code, output = shop.run(disturb)
    assert (code, shop.files()) == (ExitCode.DATA, before)
    assert "s3://shop/sales/1.csv is no longer what it was (source sales)" in output
    assert "object not found: s3://shop/sales/2.csv (source sales)" in output
    assert not shop.shared()


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        ("bucket-", b"\x28\xb5\x2f\xfd", "is no longer what it was (on "),
        ("bucket-", None, "object not found: s3://shop/runs/2026/"),
        ("channel-", b"", "is no longer what it was (on "),
    ],
)
def test_what_is_shared_is_cut_off_or_gone_between_two_rounds(
    shop: Shop, kind: str, content: bytes | None, told: str
) -> None:
    before = shop.files()

    def disturb() -> None:
        for key in shop.shared(kind):
            shop.bucket.delete(key) if content is None else shop.bucket.put(key, content)
        asking._unpickled.cache_clear()  # another machine has not seen it before

    code, output = shop.run(before_asking={2: disturb})
    assert (code, shop.files()) == (ExitCode.CONFIG, before)
    assert told in output
    assert "does something else write or clean up in `shared`?" in output
    assert not shop.shared()


def test_a_machine_without_the_right_credentials(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it is asked comes too late for the look before the run; the command removes all the same."""
    before = shop.files()
    removing = SharedObjects.end

    def end(place: SharedObjects) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
        removing(place)

    monkeypatch.setattr(SharedObjects, "end", end)
    code, output = shop.run(lambda: monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody"))
    assert (code, shop.files()) == (ExitCode.CONFIG, before)
    assert f"the credentials of the environment may not read it (on {platform.node()})" in output
    assert "AWS_ACCESS_KEY_ID" in output
    assert not shop.shared()


def test_a_machine_whose_disk_is_full(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shop.files()

    def full(_path: Path, folder: Path) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))

    def disturb() -> None:
        monkeypatch.setattr("incentivectl.cluster.shared.unpacked", full)

    code, output = shop.run(before_asking={2: disturb})
    assert (code, shop.files()) == (ExitCode.CONFIG, before)
    assert "no space left on device" in output
    assert not shop.shared()


def test_what_cannot_be_removed_in_the_end_is_told(shop: Shop) -> None:
    before = shop.files()

    def disturb() -> None:
        shop.bucket.gate.refused = {"POST"}

    code, output = shop.run(before_asking={1: disturb})
    shop.bucket.gate.refused = set()
    assert (code, shop.files()) == (0, before), output
    assert f"not everything below {PLACE}/incentivectl-" in output
    assert shop.shared("bucket-")


@pytest.mark.parametrize(
    ("url", "below"),
    [
        (PLACE, "runs/2026/"),
        (f"{PLACE}/", "runs/2026/"),
        ("s3://shop", ""),
        ("gs://shop/runs", "runs/"),
    ],
)
def test_a_folder_comes_back_as_it_was(
    bucket: Bucket, tmp_path: Path, url: str, below: str
) -> None:
    """Beyond 5 MB it is written in several parts."""
    built, scratch = tmp_path / "built", tmp_path / "scratch"
    (built / "home" / "a%20b").mkdir(parents=True)
    scratch.mkdir()
    (built / "home" / "a%20b" / "1.parquet").write_bytes(os.urandom(6 << 20))
    (built / "links.arrow").write_bytes(b"")
    with shared_place(url, pytest.fail) as place:
        kept: Kept = pickle.loads(pickle.dumps(place.keep("bucket-00000", built)))
        assert contents(kept.folder(scratch)) == contents(built)
        (one,) = [name for name in bucket.names() if "bucket-" in name]
        assert one.startswith(f"{below}incentivectl-")
    assert bucket.names() == []


def test_a_machine_that_does_not_see_the_place(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not SharedObjects(f"{PLACE}/incentivectl-0").is_seen()
    with shared_place(PLACE, pytest.fail) as place:
        assert place.is_seen()
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        with pytest.raises(ObjectError, match="the credentials of the environment may not read"):
            place.is_seen()
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")


def test_a_task_that_ends_after_its_run_leaves_nothing(bucket: Bucket, tmp_path: Path) -> None:
    (tmp_path / "built").mkdir()
    with shared_place(PLACE, pytest.fail) as place:
        assert place.is_seen()
    assert not place.is_seen()
    with pytest.raises(Refused):
        place.keep("bucket-00000", tmp_path / "built")
    assert bucket.names() == []


def test_who_must_leave_at_once_removes_it_before(bucket: Bucket) -> None:
    with shared_place(PLACE, pytest.fail) as place:
        place.put("question", 1)
        assert len(bucket.names()) == 2
        remove_unfinished()
        assert bucket.names() == []


def test_ctrl_c_leaves_nothing_in_object_storage(shop: Shop) -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "incentivectl",
            "run",
            "2026-09",
            "-v",
            "-w",
            str(shop.root),
            *ENGINE,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("round 1"):
                assert shop.shared("bucket-")
                os.killpg(process.pid, signal.SIGINT)  # as a terminal does
                break
        said = process.communicate(timeout=300)[1]
    assert (process.returncode, shop.shared()) == (ExitCode.INTERRUPTED, []), said
