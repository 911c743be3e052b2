"""Two posts of one period at the same moment: one books, the other says so."""

import os
import shutil
from pathlib import Path

from tests.posting.booked import (
    BOOKS,
    add,
    assert_computed_again,
    assert_whole,
    batch_ids,
    payments,
)
from tests.posting.test_crashes import go, poster
from tests.small_workspace import incentivectl, write_workspace

RACES = int(os.environ.get("RACES", "1"))


def test_one_books_and_the_other_finds_nothing_left(tmp_path: Path) -> None:
    first = write_workspace(tmp_path / "w", config=BOOKS)
    assert incentivectl("run", "2026-09", "-w", first).exit_code == 0
    for number in range(RACES):
        root = Path(shutil.copytree(first, tmp_path / str(number) / "w"))
        racers = [poster(root, "2026-09") for _ in range(2)]
        for one in racers:
            go(one)
        said = [one.communicate() for one in racers]
        assert [one.returncode for one in racers] == [0, 0], said
        assert sorted(out.strip() for out, _ in said) == ["2026-09.1", "nothing"]
        assert batch_ids(root) == ["2026-09.1"]
        assert payments(root, "2026-09.1") == ["P1 832 USD reserved", "P2 45.03 USD reserved"]
        assert_whole(root)
        assert_computed_again(root)
        shutil.rmtree(root.parent)


def test_different_periods_at_once(tmp_path: Path) -> None:
    """September and October: either October waits, or September comes too late and says so."""
    first = write_workspace(tmp_path / "w", config=BOOKS)
    add(first, "sales", "S9,1,2026-10-01,P1,SKU-1,C1,1,1.00")
    for period in ("2026-09", "2026-10"):
        assert incentivectl("run", period, "-w", first).exit_code == 0
    for number in range(RACES):
        root = Path(shutil.copytree(first, tmp_path / str(number) / "w"))
        racers = [poster(root, period) for period in ("2026-09", "2026-10")]
        for one in racers:
            go(one)
        said = [one.communicate() for one in racers]
        assert len(batch_ids(root)) == 1, said
        first_to_come = [one.returncode == 0 for one in racers]
        assert first_to_come in ([True, True], [False, True]), said
        assert payments(root, batch_ids(root)[0]) == [
            "P1 832 USD reserved",
            "P2 45.03 USD reserved",
        ]
        assert_whole(root)
