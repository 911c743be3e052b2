"""Config, programs and lists that change while a batch is computed: nothing is booked."""

from collections.abc import Callable
from pathlib import Path

import pytest

from incentivectl.posting import post
from tests.small_workspace import CONFIG, REBATE, incentivectl, write_workspace

LEDGER = '[settlement]\nfirst_period = "2026-09"\n'
LISTED = REBATE.replace("[reward]", '[eligible]\n"sale.product_id" = { in = "skus.csv" }\n[reward]')


def appended(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


CHANGES: dict[str, tuple[str, Callable[[Path], object]]] = {
    "the config": ("incentivectl.toml", lambda path: appended(path, "[payout]\nminimum = 5\n")),
    "a broken config": ("incentivectl.toml", lambda path: path.write_text("[")),
    "a rate": ("volume.toml", lambda path: path.write_text(LISTED.replace("8%", "9%"))),
    "a broken program": ("volume.toml", lambda path: appended(path, "\nx = 1\n")),
    "a list": ("volume.toml", lambda path: appended(path.parent.parent / "skus.csv", "SKU-3\n")),
}


@pytest.mark.parametrize(("named", "change"), CHANGES.values(), ids=CHANGES.keys())
def test_rules_that_change_while_a_batch_is_computed(
    tmp_path: Path,
    named: str,
    change: Callable[[Path], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = write_workspace(tmp_path / "shop", config=CONFIG + LEDGER, programs={"volume": LISTED})
    (root / "skus.csv").write_text("SKU-1\nSKU-2\n")
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    gather = post.gather

    def changed(*arguments: object) -> None:
        change(next(root.rglob(named)))
        gather(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(post, "gather", changed)
        result = incentivectl("batch", "post", "2026-09", "-w", root)
    assert result.exit_code == 4, result.output
    assert f"{named}: error: the file is not the one that the batch was computed from" in (
        result.stderr
    )
    assert not (root / "archive/2026-09.1").exists()
    (root / "incentivectl.toml").write_text(CONFIG + LEDGER)
    (root / "programs/volume.toml").write_text(LISTED)
    for command in (["run", "2026-09"], ["batch", "post", "2026-09"]):
        assert incentivectl(*command, "-w", root).exit_code == 0
