"""Rules that nobody uses, worked by hand (docs/questions.md, "Clarity")."""

from pathlib import Path

from tests.small_workspace import incentivectl, write_workspace

# P1 sells 10,400, P2 900.50, P3 100: nobody sells 50,000, is in EMEA or of the tier platinum.
PROGRAM = """\
id = "volume"
name = "Volume rebate"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"

[[reward]]
when = { "partner.tier" = "platinum" }
rate = "9%"

[[reward]]
tiers = [{ from = 0, rate = "5%" }, { from = 10_000, rate = "8%" }, { from = 50_000, rate = "9%" }]

[[boost]]
when = { "partner.tier" = "bronze" }
factor = 1.2
"""


def _unused(root: Path, period: str) -> list[str]:
    shown = incentivectl("metrics", period, "-w", root, "--area", "clarity", "--no-trend").stdout
    table = shown.split("Rules that nobody uses\n")[1].split("\n\n")[0]
    return [" ".join(line.split()) for line in table.splitlines()]


def test_rewards_tiers_and_boosts_that_nobody_has(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", programs={"volume": PROGRAM})
    assert _unused(root, "2026-09")[1:4] == [
        "volume reward 1 (platinum): nobody takes it",
        "volume reward 2 (everybody else), tier 3, from 50,000 USD: nobody reaches it",
        "volume its boost: nobody has it",
    ]


def test_to_date_a_tier_may_still_be_reached(tmp_path: Path) -> None:
    """In July P1 alone has sold, 10,400; without a boost there is nothing else to use."""
    text = PROGRAM.split("[[boost]]", maxsplit=1)[0].replace("platinum", "gold", 1)
    root = write_workspace(tmp_path / "w", programs={"volume": text})
    told = _unused(root, "2026-07")
    assert told[1] == "volume reward 2 (everybody else): nobody takes it"
    assert told[-1].startswith("In the measurement periods that ended in the period")


def test_where_all_is_used_it_says_so(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w")
    assert _unused(root, "2026-09") == [
        "Every tier is reached, every reward taken, every boost given."
    ]
    assert _unused(root, "2026-10") == ["No program was running."]
