"""What is paid: held payees, minimums and currencies, points, adjustments."""

from decimal import Decimal
from pathlib import Path

from tests.posting.booked import (
    BOOKS,
    NO_SALES,
    REVERSE,
    accruals,
    add,
    asked,
    assert_computed_again,
    assert_whole,
    balances,
    earned,
    entries,
    payments,
    post,
    write,
)
from tests.small_workspace import CONFIG, incentivectl, read_csv, write_workspace

PARTNERS = "partner_id,name,status,payout_method\nP1,Alpha,active,\nP3,Gamma,active,\n"
FIFTIETH = """\
id = "{name}"
name = "2 % of each month"
kind = "rebate"
starts = 2026-07-01
ends = 2026-12-31
period = "month"
{more}
[reward]
rate = "{rate}"
"""
HEADER = "sale_id,line_id,sold_on,partner_id,product_id,amount,currency,return_of\n"
FX = "on,currency,rate\n2026-06-01,EUR,1.25\n2026-06-01,JPY,0.007\n2026-06-01,KWD,3.25\n"


def program(name: str = "loyal", rate: str = "2%", more: str = "") -> str:
    return FIFTIETH.format(name=name, rate=rate, more=more)


def in_currency(code: str, rate: str = "2%") -> str:
    """2 % of what was sold in that currency."""
    text = program(code.lower(), rate, f'currency = "{code}"\n')
    return text + f'\n[eligible]\n"sale.currency" = "{code}"\n'


def workspace(
    tmp_path: Path, *sales: str, programs: dict[str, str] | None = None, minimum: str = "0"
) -> Path:
    return write_workspace(
        tmp_path / "w",
        config=f"{BOOKS}minimum = {minimum}\n",
        programs=programs or {"loyal": program()},
        tables={
            "partners": PARTNERS,
            "fx": FX,
            "sales": HEADER + "".join(f"{sale}\n" for sale in sales),
        },
    )


def test_who_is_suspended_is_held_but_gives_back(tmp_path: Path) -> None:
    """20 booked; +10 while suspended are held; a return makes it 18: 2 are reversed."""
    root = workspace(tmp_path, "S1,1,2026-07-05,P3,A,1000,,")
    post(root, "2026-07")
    write(root, "partners", PARTNERS.replace("P3,Gamma,active", "P3,Gamma,suspended"))
    add(root, "sales", "S2,1,2026-07-06,P3,A,500,,")
    assert post(root, "2026-08") == "2026-08.1"
    assert entries(root, "2026-08.1") == []
    assert accruals(root, "2026-08.1") == ["loyal 2026-07-01 held 10 USD"]
    row = earned(root, "2026-08")[("loyal", "2026-07-01", "P3")]
    assert (row["status"], row["entitlement"], row["this_batch"]) == ("held", "30", "0")

    add(root, "sales", "R1,1,2026-08-07,P3,A,-600,,S1")
    post(root, "2026-08")
    assert entries(root, "2026-08.2") == ["clawback loyal P3 -2 USD"]
    write(root, "adjustments", "adjustment_id,payee_id,on,amount,reason\nA1,P3,2026-08-31,5,x\n")
    post(root, "2026-08")
    assert entries(root, "2026-08.3") == ["adjustment A1 P3 5 USD"]
    assert payments(root, "2026-08.3") == []  # 3 stand, and are held
    held = {row["payee_id"]: row for row in read_csv(root / "reports/2026-08/payouts.csv")}
    assert (held["P3"]["held"], held["P3"]["payable"]) == ("3", "0")

    write(root, "partners", PARTNERS)
    add(root, "sales", "S3,1,2026-07-08,P3,A,100,,")  # and 2 more
    post(root, "2026-09", *NO_SALES)
    assert entries(root, "2026-09.1") == ["true-up loyal P3 2 USD"]
    assert payments(root, "2026-09.1") == ["P3 5 USD reserved"]
    assert balances(root) == {}
    assert_computed_again(root)


def test_an_active_payee_again_is_paid_though_nothing_is_booked(tmp_path: Path) -> None:
    root = workspace(tmp_path)
    write(root, "partners", PARTNERS.replace("P3,Gamma,active", "P3,Gamma,suspended"))
    write(root, "adjustments", "adjustment_id,payee_id,on,amount,reason\nA1,P3,2026-07-31,5,x\n")
    post(root, "2026-07")
    assert payments(root, "2026-07.1") == []
    write(root, "partners", PARTNERS)
    post(root, "2026-08")
    assert (entries(root, "2026-08.1"), payments(root, "2026-08.1")) == ([], ["P3 5 USD reserved"])
    assert_whole(root)
    assert_computed_again(root)


def test_a_minimum_for_each_currency(tmp_path: Path) -> None:
    """USD 24.99 waits for 25 and EUR 20 is enough; JPY, unnamed, pays anything. KWD has fils."""
    root = workspace(
        tmp_path,
        "S1,1,2026-07-05,P1,A,1249.50,USD,",
        "S2,1,2026-07-05,P1,A,1000,EUR,",
        "S3,1,2026-07-05,P1,A,74,JPY,",  # 1.48 -> 1
        "S4,1,2026-07-05,P1,A,20,KWD,",  # 1.2345 % = 0.2469 -> 0.247
        programs={
            **{code: in_currency(code) for code in ("USD", "EUR", "JPY")},
            "KWD": in_currency("KWD", "1.2345%"),
        },
        minimum="{ USD = 25, EUR = 20, KWD = 0.248 }",
    )
    post(root, "2026-07")
    assert payments(root, "2026-07.1") == ["P1 20 EUR reserved", "P1 1 JPY reserved"]
    assert balances(root) == {
        ("P1", "USD", "cash"): Decimal("24.99"),
        ("P1", "KWD", "cash"): Decimal("0.247"),
    }
    assert asked(root, "SELECT amount_minor FROM entries WHERE currency IN ('JPY', 'KWD')") == [
        (1,),
        (247,),
    ]
    add(root, "sales", "S5,1,2026-08-05,P1,A,0.50,USD,", "S6,1,2026-08-05,P1,A,0.1,KWD,")
    post(root, "2026-08")  # 0.01 each in USD, 0.001 in KWD
    assert payments(root, "2026-08.1") == ["P1 0.248 KWD reserved", "P1 25 USD reserved"]
    assert_computed_again(root)


def test_a_minimum_as_a_number_is_in_the_workspace_currency(tmp_path: Path) -> None:
    """EUR 19.99 are 24.9875 at the last day's rate of 1.25; at 1.26 they are 25.1874."""
    root = workspace(
        tmp_path,
        "S1,1,2026-07-05,P1,A,999.50,EUR,",
        programs={"e": in_currency("EUR")},
        minimum="25",
    )
    post(root, "2026-07")
    assert payments(root, "2026-07.1") == []
    add(root, "fx", "2026-08-31,EUR,1.26")
    post(root, "2026-08")
    assert (entries(root, "2026-08.1"), payments(root, "2026-08.1")) == (
        [],
        ["P1 19.99 EUR reserved"],
    )


def test_points_are_rounded_when_they_are_paid(tmp_path: Path) -> None:
    """10.02 and 10.02 at 12.5 points each are 250.5: 251, not 2 x 125 (125.25 each)."""
    points = program(more="") + '\n[payout]\nmethods = ["points"]\npoints_per_unit = 12.5\n'
    root = workspace(
        tmp_path, "S1,1,2026-07-05,P1,A,501,,", programs={"loyal": points}, minimum="20"
    )
    post(root, "2026-07")
    assert payments(root, "2026-07.1") == []
    add(root, "sales", "S2,1,2026-08-05,P1,A,501,,")
    post(root, "2026-08")
    assert payments(root, "2026-08.1") == ["P1 20.04 USD reserved"]
    shown = incentivectl("batch", "show", "2026-08.1", "-w", root, "--format", "json")
    assert "251" in shown.stdout
    assert [Decimal(str(row[0])) for row in asked(root, "SELECT points FROM payments")] == [
        Decimal("250.5")
    ]
    add(root, "sales", "R1,1,2026-09-05,P1,A,-100,,S1")  # -2: 25 points less
    post(root, "2026-09")
    assert balances(root) == {("P1", "USD", "points"): Decimal(-2)}
    assert_computed_again(root)


def test_an_adjustment_is_booked_once_and_again_after_a_void(tmp_path: Path) -> None:
    """7.005 is rounded half up; in the program's currency where it names a program."""
    root = workspace(
        tmp_path,
        "S1,1,2026-07-05,P1,A,1000,EUR,",
        programs={"eur": in_currency("EUR")},
    )
    write(
        root,
        "adjustments",
        "adjustment_id,program_id,payee_id,on,amount,reason\n"
        "A1,,P1,2026-07-31,7.005,late\nA2,eur,P3,2026-07-31,-3,wrong\nA3,,P1,2026-08-01,1,later\n",
    )
    post(root, "2026-07")
    first = ["earning eur P1 20 EUR", "adjustment A1 P1 7.01 USD", "adjustment eur P3 -3 EUR"]
    assert entries(root, "2026-07.1") == first
    assert payments(root, "2026-07.1") == ["P1 20 EUR reserved", "P1 7.01 USD reserved"]
    assert post(root, "2026-07") is None
    assert incentivectl("batch", "void", "2026-07.1", *REVERSE, "-w", root).exit_code == 0
    assert balances(root) == {}
    assert post(root, "2026-07") == "2026-07.3"
    assert entries(root, "2026-07.3") == first
    post(root, "2026-08")
    assert entries(root, "2026-08.1") == ["adjustment A3 P1 1 USD"]
    assert balances(root) == {("P3", "EUR", "cash"): Decimal(-3)}
    assert_computed_again(root)


def test_the_method_is_set_when_an_entry_is_booked(tmp_path: Path) -> None:
    """The clawback of what was paid in cash is booked by the method of its own day."""
    both = program() + '\n[payout]\nmethods = ["cash", "gift_card"]\n'
    root = workspace(tmp_path, "S1,1,2026-07-05,P1,A,1000,,", programs={"loyal": both})
    post(root, "2026-07")
    write(root, "partners", PARTNERS.replace("P1,Alpha,active,", "P1,Alpha,active,gift_card"))
    add(root, "sales", "S2,1,2026-08-05,P1,A,500,,")
    post(root, "2026-08")
    methods = asked(root, "SELECT method, amount_minor FROM entries ORDER BY id")
    assert methods == [("cash", 2000), ("gift_card", 1000)]


def test_nothing_can_begin_without_a_first_period(tmp_path: Path) -> None:
    root = write_workspace(tmp_path / "w", config=CONFIG)
    assert incentivectl("run", "2026-09", "-w", root).exit_code == 0
    result = incentivectl("batch", "post", "2026-09", "-w", root)
    assert result.exit_code == 3
    assert "first_period" in result.stderr
    assert asked(root, "SELECT * FROM batches") == []
