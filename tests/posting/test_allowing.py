"""Guards are overruled by source, program or payee, and say amounts in their currency."""

import json
import re
from pathlib import Path

import pytest

from tests.posting.booked import BOOKS, PAYOUT, add, batch_ids, post, write
from tests.posting.test_guards import STRICT, overrule, refusing
from tests.posting.test_payouts import FX, HEADER, in_currency, program
from tests.small_workspace import CONFIG, incentivectl, write_workspace

PARTNERS = "partner_id,name\nP1,Alpha\nP2,Beta\n"
SOURCES = "".join(
    f'[[sources.sales]]\nname = "{name}"\npath = "sample_data/{name}*.csv"\n'
    for name in ("alpha", "beta")
)


def two_sources(tmp_path: Path) -> Path:
    """Both sources have lines in June, July and August, and none in September."""
    root = write_workspace(
        tmp_path / "w",
        config=STRICT + SOURCES,
        programs={"loyal": program()},
        tables={"partners": PARTNERS},
    )
    (root / "sample_data/sales.csv").unlink()
    for name in ("alpha", "beta"):
        for month in ("06", "07", "08"):
            row = f"{name}-{month},1,2026-{month}-05,P1,A,1000,,\n"
            (root / f"sample_data/{name}-{month}.csv").write_text(HEADER + row)
    post(root, "2026-08")
    row = "gamma,1,2026-09-05,P2,A,1000,,\n"
    (root / "sample_data/alpha-late.csv").write_text(HEADER + "late,1,2026-08-06,P1,A,1000,,\n")
    (root / "sample_data/other.csv").write_text(HEADER + row)
    config = (root / "incentivectl.toml").read_text()
    other = '[[sources.sales]]\nname = "other"\npath = "sample_data/other.csv"\n'
    (root / "incentivectl.toml").write_text(config + other)
    return root


def test_one_source_is_not_let_pass_for_another(tmp_path: Path) -> None:
    root = two_sources(tmp_path)
    _, text = refusing(root, "2026-09")
    for name in ("alpha", "beta"):
        assert f"To post anyway: --allow missing-lines:{name}" in text
    _, text = refusing(root, "2026-09", "--allow", "missing-lines:alpha", run=False)
    assert "source beta" in text
    assert "source alpha" not in text
    _, text = refusing(root, "2026-09", "--allow", "missing-lines", run=False)
    assert "`--allow missing-lines` is ambiguous: several are blocked" in text
    overrule(root, "2026-09", "missing-lines:alpha", "missing-lines:beta")


def test_a_guard_alone_overrules_the_only_subject(tmp_path: Path) -> None:
    """The batch records what was given."""
    root = two_sources(tmp_path)
    (root / "sample_data/beta-09.csv").write_text(HEADER + "b9,1,2026-09-05,P1,A,1000,,\n")
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    newest = overrule(root, "2026-09", "missing-lines")
    shown = json.loads(incentivectl("batch", "show", newest, "-w", root, "--format", "json").stdout)
    assert shown["overruled"] == "missing-lines"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("foo", "Unknown guard `foo`; guards are clawbacks, missing-lines"),
        ("changed-inputs:x", "`changed-inputs` judges the batch as a whole"),
        ("surge:", "`surge:` needs the program after the colon"),
    ],
)
def test_what_is_no_guard_is_told(tmp_path: Path, given: str, said: str) -> None:
    root = write_workspace(tmp_path / "w", config=BOOKS)
    result = incentivectl("batch", "post", "2026-09", "-w", root, "--allow", given)
    assert result.exit_code == 2
    text = " ".join(result.stderr.replace("│", " ").split())
    assert said in text
    assert batch_ids(root) == []


def test_surges_and_clawbacks_are_overruled_by_program(tmp_path: Path) -> None:
    """July pays 20 and 10; August 2,000 and 1,000."""
    root = write_workspace(
        tmp_path / "w",
        config=STRICT,
        programs={"loyal": program(), "other": program("other", "1%")},
        tables={"partners": PARTNERS, "sales": HEADER + "S1,1,2026-07-05,P1,A,1000,,\n"},
    )
    post(root, "2026-07")
    add(root, "sales", "S2,1,2026-08-05,P1,A,100000,,")
    _, text = refusing(root, "2026-08")
    assert set(re.findall(r"--allow (\S+)", text)) == {"surge:loyal", "surge:other"}
    overrule(root, "2026-08", "surge:loyal", "surge:other")
    write(root, "sales", HEADER + "S2,1,2026-08-05,P1,A,100000,,\n")
    _, text = refusing(root, "2026-09")
    options = set(re.findall(r"--allow (\S+)", text))
    assert options == {
        "clawbacks:loyal",
        "clawbacks:other",
        "clawbacks:total",
        "missing-lines:sales",
    }
    overrule(root, "2026-09", *sorted(options))


@pytest.mark.parametrize(
    ("code", "first", "second", "surge", "back"),
    [
        ("JPY", "1000", "100000", "2,000 JPY are more than 3 times 20,", "2,000 JPY"),
        ("KWD", "1000", "100000", "2,000.000 KWD are more than 3 times 20.000,", "2,000.000 KWD"),
    ],
)
def test_amounts_have_the_decimals_of_their_currency(
    tmp_path: Path, code: str, first: str, second: str, surge: str, back: str
) -> None:
    root = write_workspace(
        tmp_path / "w",
        config=STRICT + "[payout]\nmaximum = { JPY = 1_999, KWD = 1_999 }\n",
        programs={code.lower(): in_currency(code)},
        tables={
            "partners": PARTNERS,
            "fx": FX,
            "sales": HEADER + f"S1,1,2026-07-05,P1,A,{first},{code},\n",
        },
    )
    post(root, "2026-07")
    add(root, "sales", f"S2,1,2026-08-05,P1,A,{second},{code},")
    _, text = refusing(root, "2026-08")
    assert surge in text
    assert f"a payment of {back} exceeds the maximum of" in text
    most = {"JPY": "1,999 JPY", "KWD": "1,999.000 KWD"}[code]
    assert f"the maximum of {most}" in text
    overrule(root, "2026-08", f"surge:{code.lower()}", "maximum:P1")
    write(root, "sales", HEADER + f"S1,1,2026-07-05,P1,A,{first},{code},\n")
    _, text = refusing(root, "2026-09")
    assert f"clawbacks of {back} are more than 20 % of the {back.split(maxsplit=1)[0]} that" in text


def test_a_budget_says_amounts_in_its_currency(tmp_path: Path) -> None:
    limited = in_currency("JPY") + '\n[limits]\nbudget = 10\nover_budget = "prorate"\n'
    root = write_workspace(
        tmp_path / "w",
        config=CONFIG + PAYOUT,
        programs={"jpy": limited},
        tables={
            "partners": PARTNERS,
            "fx": FX,
            "sales": HEADER + "S1,1,2026-07-05,P1,A,1000,JPY,\n",
        },
    )
    printed = incentivectl("run", "2026-07", "-w", root).stdout
    assert "jpy: the budget of 10 JPY is used up; prorate cut 10 JPY" in printed
