"""`check` tells everything in one round: config, types, conditions, examples and data."""

import io
import sys
from pathlib import Path

import pytest

from incentivectl.cli.app import app
from tests.small_workspace import CONFIG, PARTNERS, REBATE, SALES, incentivectl, write_workspace

STRICT = CONFIG.replace("100%", "1%").replace("[data]", "[data]\nmin_rejects = 0")
BAD_SALES = SALES + "S4,1,2026-02-30,P1,SKU-1,C1,1,5\n"
EXAMPLE = '\n[[example]]\nname = "{}"\nsales = [{{ amount = {} }}]\nexpect = {}\n'


def _checked(root: Path, code: int) -> str:
    result = incentivectl("check", "-w", root)
    assert result.exit_code == code, result.output
    return " ".join(result.stderr.split())


def _program(name: str, rules: str = "") -> str:
    return REBATE.replace('"volume"', f'"{name}"') + rules


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("on_screen", ["both", "stdout", "stderr"])
def test_each_reader_is_told_a_warning_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, on_screen: str
) -> None:
    """Two streams on one terminal have one reader, others have their own."""
    root = write_workspace(tmp_path / "w")
    streams = {}
    for name in ("stdout", "stderr"):
        streams[name] = Terminal() if on_screen in ("both", name) else io.StringIO()
        monkeypatch.setattr(sys, name, streams[name])
    app(["check", "-w", str(root)], standalone_mode=False)
    told = {name: stream.getvalue() for name, stream in streams.items()}
    jumps = {name: text.count("the reward jumps at a tier") for name, text in told.items()}
    assert jumps == {"stdout": 1, "stderr": 0 if on_screen == "both" else 1}


def test_types_conditions_examples_and_data_in_one_round(tmp_path: Path) -> None:
    programs = {
        "types": _program(
            "types",
            '\n[limits]\nbudget = "much"\n\n[eligible]\n"partner.teir" = "gold"\n"sale.month" = 13\n',
        ),
        "conditions": _program("conditions", '\n[eligible]\n"product.categroy" = "x"\n'),
        "examples": _program("examples", EXAMPLE.format("pays 5 %", 100, 6)),
    }
    root = write_workspace(
        tmp_path / "w",
        config=STRICT,
        programs=programs,
        tables={"partners": PARTNERS, "sales": BAD_SALES},
    )
    said = _checked(root, 3)
    for part in (
        "types.toml:12: error: `budget`",
        "types.toml:15: error: unknown field `partner.teir`",
        "types.toml:16: error: invalid month 13",
        "conditions.toml:12: error: unknown field `product.categroy`",
        "example `pays 5 %`: A: expected 6, got 5",
        "source sales: 1 of 5 rows (20.0 %) are rejected",
        "bad-date in `sold_on`",
    ):
        assert part in said, part


def test_an_error_in_the_config_hides_neither_programs_nor_data(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w",
        config=STRICT + '\n[payout]\nminimum = "25"\n',
        programs={"examples": _program("examples", EXAMPLE.format("pays 5 %", 100, 6))},
        tables={"sales": BAD_SALES},
    )
    said = _checked(root, 3)
    assert "`minimum`" in said
    assert "expected 6, got 5" in said
    assert "source sales: 1 of 5 rows (20.0 %) are rejected" in said


def test_a_broken_example_does_not_keep_the_others_from_being_run(tmp_path: Path) -> None:
    broken = EXAMPLE.format("broken", 100, 5).replace("amount", "amuont")
    program = _program("volume", broken + EXAMPLE.format("wrong", 100, 6))
    said = _checked(write_workspace(tmp_path / "w", programs={"volume": program}), 3)
    assert "amuont" in said
    assert "example `wrong`: A: expected 6, got 5" in said
    assert "example `broken`" not in said


def test_a_config_without_a_currency_makes_up_no_examples(tmp_path: Path) -> None:
    root = write_workspace(
        tmp_path / "w",
        config=CONFIG.replace('"USD"', '"DOLLAR"'),
        programs={"volume": _program("volume", EXAMPLE.format("wrong", 100, 6))},
    )
    said = _checked(root, 3)
    assert "DOLLAR" in said
    assert "example" not in said


def test_a_source_that_is_wrong_makes_no_field_unknown(tmp_path: Path) -> None:
    sources = '\n[sources.partners]\nattributes = ["badge"]\ndelimter = ";"\n'
    program = _program("volume", '\n[eligible]\n"partner.badge" = "x"\n')
    root = write_workspace(tmp_path / "w", config=CONFIG + sources, programs={"volume": program})
    said = _checked(root, 3)
    assert "delimter" in said
    assert "there is no field" not in said
