"""How far a spread run is said to have come (docs/cluster.md, 111.9)."""

from pathlib import Path

from incentivectl.cli.pace import Seldom
from incentivectl.cluster.engine import Here
from incentivectl.cluster.how_far import HowFar, name_read, name_resolved
from incentivectl.cluster.shared import SharedFolder
from tests.cluster.channel import write_channel
from tests.cluster.spreading import files_of

KB, MB, GB = 10**3, 10**6, 10**9


def kept(name: str, again: int = 1) -> list[str]:
    """Names as a place gives them."""
    return [f"{name}-{number:016x}" for number in range(again)]


def test_bytes_and_lines_are_those_of_the_tasks_that_have_read() -> None:
    how_far = HowFar([100 * MB, 300 * MB, 300 * MB], 4)
    assert how_far.text([], 9) == "reading sales: 0 of 3 tasks, 0 of 700 MB"
    names = [*kept(name_read(0, 500_000)), *kept(name_read(2, 1_500_000))]
    assert (
        how_far.text(names, 8)
        == "reading sales: 2 of 3 tasks, 400 of 700 MB, 250,000 lines a second"
    )


def test_a_task_that_was_done_twice_counts_once() -> None:
    how_far = HowFar([2 * GB, 1 * GB], 4)
    names = kept(name_read(0, 500_000), again=2)
    assert (
        how_far.text(names, 2)
        == "reading sales: 1 of 2 tasks, 2.0 of 3.0 GB, 250,000 lines a second"
    )


def test_what_is_not_known_is_left_out() -> None:
    """Bytes of a few lines, and a rate after less than a second."""
    assert HowFar([KB], 1).text([], 0.5) == "reading sales: 0 of 1 task"
    names = kept(name_read(0, 7))
    assert HowFar([KB, KB], 1).text(names, 0.5) == "reading sales: 1 of 2 tasks"


def test_buckets_follow_once_everything_is_read() -> None:
    """What else lies in the place, and what is not whole yet, does not count."""
    names = [*kept(name_read(0, 7)), "line-rules-0123456789abcdef", "bucket-000001-ab.new"]
    assert HowFar([KB], 3).text(names, 5) == "resolving lines: 0 of 3 buckets"
    names += kept(name_resolved(2), again=2)
    assert HowFar([KB], 3).text(names, 5) == "resolving lines: 1 of 3 buckets"


def test_what_changes_all_the_time_is_shown_seldom() -> None:
    """A log of ten thousand tasks is not ten thousand lines."""
    shown: list[str] = []
    now = 0.0
    seldom = Seldom(shown.append, 10, lambda: now)
    for second in range(60):
        now = float(second)
        seldom(f"{second}")
    assert shown == ["10", "20", "30", "40", "50"]


def test_tasks_of_a_run_leave_what_tells_how_far_it_is(tmp_path: Path) -> None:
    """Looked at between two files, by what the place then has."""
    root = write_channel(tmp_path / "w")
    (tmp_path / "shared").mkdir()
    place = SharedFolder(tmp_path / "shared")
    files_of(root, "2026-09", tmp_path / "files", Here(place), 3)
    names = place.names()
    files = sorted((root / "sample_data").glob("sales-*.csv"))
    how_far = HowFar([MB] * len(files), 3)
    assert how_far.text(names, 5) == "resolving lines: 3 of 3 buckets"
    without = [name for name in names if not name.startswith("read-000001")]
    lines = sum(len(path.read_text().splitlines()) - 1 for path in (files[0], *files[2:]))
    done = f"{len(files) - 1} of {len(files)}"
    rate = f"{round(lines / 2):,} lines a second"
    assert how_far.text(without, 2) == f"reading sales: {done} tasks, {done} MB, {rate}"
