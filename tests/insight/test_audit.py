"""`audit` names the mistake of eight payout files, each made by a script with one of them."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.insight.payout_scripts import payouts
from tests.small_workspace import as_json, incentivectl, write_workspace

PROGRAM = """
id = "volume"
name = "Volume rebate"
kind = "rebate"
starts = 2026-07-01
ends = 2026-09-30
period = "quarter"
settle = "monthly"

[reward]
tiers = [
  { from = 0, rate = "3.5%" },
  { from = 1_000, rate = "5%" },
  { from = 5_000, rate = "8%" },
]
"""
PARTNERS = "partner_id,name\nP1,Alpha\nP2,Beta\nP3,Gamma\nP4,Delta\n"
FX = "on,currency,rate\n2026-01-01,EUR,1.1\n2026-08-15,EUR,1.2\n2026-09-20,EUR,1.25\n"
# Every partner has a line in July or August, several of odd cents, a return, euros and a duplicate.
SALES = """\
sale_id,line_id,sold_on,partner_id,quantity,amount,currency
A1,1,2026-07-03,P1,1,700.17,USD
A2,1,2026-08-03,P1,1,1300.13,EUR
A3,1,2026-09-03,P1,1,3900.19,USD
A4,1,2026-09-10,P1,-1,-210.11,USD
A1,1,2026-07-03,P1,1,700.17,USD
B1,1,2026-07-04,P2,1,500.31,USD
B2,1,2026-08-20,P2,1,333.33,USD
B3,1,2026-09-02,P2,1,444.47,EUR
B4,1,2026-09-12,P2,-1,-101.07,USD
B3,1,2026-09-02,P2,1,444.47,EUR
C1,1,2026-08-30,P3,1,4100.71,USD
C2,1,2026-09-15,P3,1,2207.77,EUR
C3,1,2026-09-25,P3,1,90.33,USD
C4,1,2026-09-26,P3,-1,-55.51,EUR
C3,1,2026-09-25,P3,1,90.33,USD
D1,1,2026-07-30,P4,1,120.41,EUR
D2,1,2026-09-07,P4,1,77.73,USD
D2,2,2026-09-07,P4,1,99.91,USD
D3,1,2026-09-08,P4,-1,-13.37,USD
D2,1,2026-09-07,P4,1,77.73,USD
"""
MISTAKES = (
    "rounded-per-line",
    "tier-per-line",
    "returns-ignored",
    "marginal-tiers",
    "currency-unconverted",
    "duplicates-counted",
    "earlier-not-deducted",
    "fx-of-period-end",
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit") / "w"
    tables = {"partners": PARTNERS, "fx": FX, "sales": SALES}
    return write_workspace(folder, programs={"volume": PROGRAM}, tables=tables)


def _file(folder: Path, amounts: dict[str, Decimal]) -> Path:
    file = folder / "payouts.csv"
    rows = "".join(f"{partner};{amount}\n" for partner, amount in amounts.items())
    file.write_text("Partner;Betrag\n" + rows.replace(".", ","))
    return file


def _audit(root: Path, file: Path, *arguments: str) -> dict[str, Any]:
    mapped = ("--map", "payee_id=Partner", "--map", "amount=Betrag")
    dialect = ("--delimiter", ";", "--decimal", ",", "--period", "2026-09")
    told: dict[str, Any] = as_json("audit", file, *mapped, *dialect, *arguments, "-w", root)
    return told


def test_a_file_without_mistakes_agrees(root: Path, tmp_path: Path) -> None:
    told = _audit(root, _file(tmp_path, payouts(root / "sample_data")))
    assert (told["agree"], told["differ"]) == (4, 0)
    assert not (root / "reports").exists()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_mistake_of_a_file_is_named(root: Path, tmp_path: Path, mistake: str) -> None:
    right = payouts(root / "sample_data")
    wrong = payouts(root / "sample_data", mistake)
    differing = {partner for partner in right if right[partner] != wrong[partner]}
    assert len(differing) >= 2
    told = _audit(root, _file(tmp_path, wrong))
    assert {row["payee"]: row["code"] for row in told["differences"]} == dict.fromkeys(
        differing, mistake
    )
    for row in told["differences"]:
        difference = wrong[row["payee"]] - right[row["payee"]]
        assert Decimal(row["difference"]) == difference
    assert told["unexplained"] == 0


def test_what_nothing_explains(root: Path, tmp_path: Path) -> None:
    """A cent too much, somebody unknown, and somebody left out."""
    amounts = payouts(root / "sample_data")
    amounts["P1"] += Decimal("0.01")
    amounts["P9"] = Decimal(5)
    del amounts["P3"]
    told = _audit(root, _file(tmp_path, amounts), "--program", "volume")
    causes = {row["payee"]: row["code"] for row in told["differences"]}
    assert causes == {"P1": "unexplained", "P3": "missing-in-file", "P9": "unknown-payee"}


def test_who_is_not_in_the_file_is_missing_there(tmp_path: Path) -> None:
    """P2's two lines of 600 reach 1,000 only together: judged line by line they would earn 0."""
    program = PROGRAM.replace('{ from = 0, rate = "3.5%" },', "")
    sales = """\
sale_id,line_id,sold_on,partner_id,quantity,amount
A1,1,2026-09-03,P1,1,2000.00
B1,1,2026-09-04,P2,1,600.00
B2,1,2026-09-05,P2,1,600.00
"""
    tables = {"partners": PARTNERS, "sales": sales}
    root = write_workspace(tmp_path / "w", programs={"volume": program}, tables=tables)
    told = _audit(root, _file(tmp_path, {"P1": Decimal(100)}))
    assert {row["payee"]: row["code"] for row in told["differences"]} == {"P2": "missing-in-file"}
    assert (told["agree"], told["unexplained"]) == (1, 0)


def test_tiers_taken_as_retroactive(root: Path, tmp_path: Path) -> None:
    marginal = PROGRAM.replace("[reward]", '[reward]\ntier_mode = "marginal"')
    tables = {"partners": PARTNERS, "fx": FX, "sales": SALES}
    other = write_workspace(tmp_path / "w", programs={"volume": marginal}, tables=tables)
    told = _audit(other, _file(tmp_path, payouts(root / "sample_data")))
    assert {row["code"] for row in told["differences"]} == {"retroactive-tiers"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--map", "payee=Partner"], "did you mean `payee_id`?"),
        (["--map", "payee_id=Partnr", "--map", "amount=Betrag"], "did you mean `Partner`?"),
        (["--map", "payee_id"], "expected OUR=THEIRS"),
        (["--delimiter", ";;"], "another single character"),
        (["--map", "payee_id=Partner", "--map", "amount=Betrag", "--program", "x"], "volume"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(
    root: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    file = _file(tmp_path, {"P1": Decimal("1.5")})
    dialect = () if "--delimiter" in arguments else ("--delimiter", ";", "--decimal", ",")
    result = incentivectl("audit", file, *arguments, *dialect, "--period", "2026-09", "-w", root)
    assert result.exit_code == 2
    assert message in result.stderr


def test_all_bad_rows_at_once(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("payee_id,amount\nP1,ten\n,5\nP2,1\n")
    result = incentivectl("audit", file, "--period", "2026-09", "-w", root)
    assert result.exit_code == 4
    assert "bad.csv:2" in result.stderr
    assert "bad.csv:3" in result.stderr
    assert "`ten` is not an amount" in result.stderr
